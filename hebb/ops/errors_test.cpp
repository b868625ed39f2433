// What operations say when their inputs do not fit: where, what was expected, what came, what to do.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "hebb/base/error.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/pool.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

Tensor floats(const Shape& shape) { return zeros(shape); }
Tensor ints(const Shape& shape) { return zeros(shape, DType::int32); }

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "no error";
}

/// Applies an operation as it is, without what its function does to the operands first.
std::string infer_error(const Op& op, const std::vector<Spec>& in) {
  return error_of([&] { op.infer(in); });
}

TEST(OpErrors, Elementwise) {
  EXPECT_EQ(error_of([] {
              floats({2, 3}) + floats({4, 3});
            }),
            "add: shapes (2, 3) and (4, 3) do not broadcast: axis -2 is 2 in one and 4 in the other.");
  const Elementwise add(elementwise_record("add")), exp(elementwise_record("exp")),
      logical_and(elementwise_record("logical_and")), select(elementwise_record("select"));
  EXPECT_EQ(infer_error(add, {{{2}, DType::float32}, {{2}, DType::float64}}),
            "add: expected operands of one type, got float32 and float64. Use cast().");
  EXPECT_EQ(infer_error(exp, {{{2}, DType::int32}}), "exp: expected float32 or float64, got int32. Use cast().");
  EXPECT_EQ(infer_error(logical_and, {{{2}, DType::int32}, {{2}, DType::int32}}),
            "logical_and: expected bool, got int32. Compare with zero first.");
  EXPECT_EQ(infer_error(select, {{{2}, DType::int32}, {{2}, DType::int32}, {{2}, DType::int32}}),
            "select: expected a condition of type bool, got int32.");
  EXPECT_THROW(add.infer(std::vector<Spec>{{{2}, DType::float32}}), InternalError);
  EXPECT_THROW(elementwise_record("addd"), InternalError);
}

TEST(OpErrors, Reduce) {
  EXPECT_EQ(error_of([] { sum(floats({2, 3}), {.axes = {2}}); }), "sum: axis 2 is out of range for 2 axes.");
  EXPECT_EQ(error_of([] { sum(floats({2, 3}), {.axes = {1, -1}}); }), "sum: an axis is named twice.");
  EXPECT_EQ(error_of([] {
              max(floats({0, 3}));
            }),
            "reduce_max: axis 0 of float32(0, 3) is empty, so it has no extreme.");
  EXPECT_EQ(error_of([] { argmin(floats({3, 0})); }), "argmin: axis 1 of float32(3, 0) is empty.");
  EXPECT_EQ(error_of([] { softmax(ints({3})); }), "softmax: expected float32 or float64, got int32. Use cast().");
  EXPECT_EQ(error_of([] { log_softmax(floats({})); }), "log_softmax: axis -1 is out of range for 0 axes.");
}

TEST(OpErrors, Shaping) {
  EXPECT_EQ(error_of([] {
              reshape(floats({2, 3}), {4});
            }),
            "reshape: expected a shape of 6 elements for float32(2, 3), got (4,).");
  EXPECT_EQ(error_of([] {
              reshape(floats({2, 3}), {-1, 4});
            }),
            "reshape: float32(2, 3) does not divide into (None, 4).");
  EXPECT_EQ(error_of([] { reshape(floats({2, 3}), {-1, -1}); }), "reshape: expected at most one -1, got (None, None).");
  EXPECT_EQ(error_of([] {
              reshape(floats({0, 3}), {-1, 0});
            }),
            "reshape: float32(0, 3) does not divide into (None, 0).");
  EXPECT_EQ(error_of([] {
              broadcast_to(floats({2, 3}), {3});
            }),
            "broadcast_to: float32(2, 3) does not broadcast to (3,).");
  EXPECT_EQ(error_of([] {
              transpose(floats({2, 3}), {0});
            }),
            "transpose: expected one number for each of the 2 axes of float32(2, 3), got 1.");
  EXPECT_EQ(error_of([] { transpose(floats({2, 3}), {1, 1}); }), "transpose: axis 1 is named twice.");
  EXPECT_EQ(error_of([] { concatenate({}); }), "concatenate: expected at least one tensor, got none.");
  EXPECT_EQ(error_of([] {
              concatenate({floats({2, 3}), floats({3, 3})}, 1);
            }),
            "concatenate: expected tensors that differ in axis 1 alone, got float32(2, 3) and float32(3, 3).");
  EXPECT_EQ(error_of([] {
              concatenate({floats({2, 3}), floats({2})}, 0);
            }),
            "concatenate: expected tensors that differ in axis 0 alone, got float32(2, 3) and float32(2,).");
  EXPECT_EQ(error_of([] { slice(floats({4}), {1}, {6}); }),
            "slice: [1, 6) in steps of 1 is outside axis 0 of float32(4,).");
  EXPECT_EQ(error_of([] { slice(floats({4}), {1}, {3}, {0}); }),
            "slice: [1, 3) in steps of 0 is outside axis 0 of float32(4,).");
  EXPECT_EQ(error_of([] { slice(floats({4}), {3}, {2}); }),
            "slice: [3, 2) in steps of 1 is outside axis 0 of float32(4,).");
  EXPECT_EQ(error_of([] {
              slice(floats({4}), {0, 0}, {2, 2});
            }),
            "slice: expected a begin and an end for at most 1 axes, got 2 and 2.");
  EXPECT_NE(error_of([] { pad(floats({4}), {1, 1}, {1, 1}); }), "no error");
  EXPECT_NE(error_of([] { pad(floats({4}), {-1}, {1}); }), "no error");
  EXPECT_EQ(error_of([] { reverse(floats({4}), {1}); }), "reverse: axis 1 is out of range for 1 axis.");
  EXPECT_EQ(error_of([] { squeeze(floats({4, 1}), 0); }), "squeeze: expected axis 0 of float32(4, 1) to be 1.");
  EXPECT_NE(error_of([] { expand_dims(floats({4}), 3); }), "no error");
}

TEST(OpErrors, Indexing) {
  EXPECT_EQ(infer_error(Gather(), {{{5, 2}, DType::float32}, {{3}, DType::float32}}),
            "gather: expected integer indices, got float32(3,). Use cast().");
  EXPECT_EQ(error_of([] { gather(floats({}), ints({2})); }),
            "gather: expected a table of rank 1 or more, got float32().");
  EXPECT_EQ(error_of([] {
              scatter_add(ints({2, 3}), floats({3, 2}), 4);
            }),
            "scatter_add: expected values whose first axes are those of the indices int32(2, 3), got float32(3, 2).");
  EXPECT_EQ(error_of([] { scatter_add(ints({2}), floats({2}), -1); }),
            "scatter_add: expected a number of rows of at least 0, got -1.");
  EXPECT_EQ(error_of([] { one_hot(ints({2}), -1); }), "one_hot: expected a depth of at least 0, got -1.");
}

TEST(OpErrors, Matmul) {
  EXPECT_EQ(error_of([] {
              matmul(floats({2, 3}), floats({4, 5}));
            }),
            "matmul: expected the columns of the first to be as many as the rows of the second, got float32(2, 3) and "
            "float32(4, 5).");
  EXPECT_EQ(error_of([] {
              matmul(floats({2, 3}), floats({3, 5}), {.transpose_a = true});
            }),
            "matmul: expected the columns of the first to be as many as the rows of the second, got float32(2, 3) "
            "(transposed) and "
            "float32(3, 5).");
  EXPECT_EQ(error_of([] {
              matmul(floats({}), floats({3, 5}));
            }),
            "matmul: expected matrices or vectors, got float32() and float32(3, 5). Use * for numbers.");
  EXPECT_NE(error_of([] { matmul(floats({2, 4, 3}), floats({5, 3, 2})); }), "no error");
}

TEST(OpErrors, Conv) {
  EXPECT_EQ(error_of([] {
              conv(floats({1, 5, 5, 3}), floats({3, 3, 2, 4}));
            }),
            "conv: expected an input (batch, spatial..., channels) and a kernel (spatial..., channels / groups, "
            "filters) of the same "
            "rank, got (1, 5, 5, 3) and (3, 3, 2, 4) with 1 groups.");
  EXPECT_EQ(error_of([] {
              conv(floats({1, 5, 5, 3}), floats({7, 3, 3, 4}));
            }),
            "conv: the kernel (7, 3, 3, 4) does not fit into the input (1, 5, 5, 3) along spatial axis 0. Use a "
            "smaller kernel or "
            "padding \"same\".");
  EXPECT_EQ(error_of([] {
              conv(floats({1, 5, 5, 3}), floats({3, 3, 3, 4}), {.strides = {1}});
            }),
            "conv: expected 2 strides, one for each spatial axis, got 1.");
  EXPECT_EQ(error_of([] {
              conv(floats({1, 5, 5, 3}), floats({3, 3, 3, 4}), {.strides = {1, 0}});
            }),
            "conv: expected strides of at least 1, got 0.");
  EXPECT_EQ(error_of([] {
              conv(floats({1, 5, 5, 3}), floats({3, 3, 3, 4}), {.groups = 0});
            }),
            "conv: expected at least 1 group, got 0.");
  EXPECT_NE(error_of([] { conv(floats({1, 5, 5, 4}), floats({3, 3, 2, 3}), {.groups = 2}); }), "no error");
  EXPECT_NE(error_of([] { conv(floats({5}), floats({3})); }), "no error");
  EXPECT_EQ(error_of([] {
              conv(ints({1, 5, 1}), ints({3, 1, 1}));
            }),
            "conv: expected two tensors of one floating type, got int32(1, 5, 1) and int32(3, 1, 1). Use cast().");
  EXPECT_EQ(error_of([] {
              conv_backward_input(floats({1, 5, 1}), floats({3, 1, 1}), {1, 5, 1});
            }),
            "conv_backward_input: expected an output gradient of shape (1, 3, 1), got float32(1, 5, 1).");
  EXPECT_EQ(error_of([] {
              conv_backward_kernel(floats({1, 5, 1}), floats({1, 5, 1}), {3, 1, 1});
            }),
            "conv_backward_kernel: expected an output gradient of shape (1, 3, 1), got float32(1, 5, 1).");
}

TEST(OpErrors, Pool) {
  EXPECT_EQ(error_of([] {
              max_pool(floats({1, 3, 3, 2}), {.window = {4, 4}});
            }),
            "max_pool: a window of 4 does not fit into axis 1 of float32(1, 3, 3, 2). Use a smaller window or padding "
            "\"same\".");
  EXPECT_EQ(error_of([] {
              max_pool(floats({1, 3, 3, 2}), {.window = {2}});
            }),
            "max_pool: expected 2 numbers for window, one for each spatial axis, got 1.");
  EXPECT_EQ(error_of([] {
              average_pool(floats({1, 3, 2}), {.window = {2}, .low = {2}});
            }),
            "average_pool: expected less padding than the window has places, 2.");
  EXPECT_EQ(error_of([] {
              average_pool(ints({1, 3, 2}), {.window = {2}});
            }),
            "average_pool: expected float32 or float64, got int32. Use cast().");
  EXPECT_EQ(error_of([] {
              max_pool_backward(floats({1, 4, 1}), floats({1, 3, 1}), {.window = {2}});
            }),
            "max_pool_backward: expected float32(1, 2, 1), got float32(1, 3, 1).");
  EXPECT_NE(error_of([] { max_pool_pick(floats({1, 4, 1}), floats({1, 3, 1}), {.window = {2}}); }), "no error");
  EXPECT_NE(error_of([] { average_pool_backward(floats({1, 3, 1}), {1, 4, 1}, {.window = {2}}); }), "no error");
}

TEST(OpErrors, Random) {
  EXPECT_EQ(error_of([] { random_uniform(floats({2}), {3}); }),
            "random_uniform: expected a state int64(2,) {seed, counter}, got float32(2,).");
  EXPECT_EQ(error_of([] { random_bernoulli(random_state(1), {3}, 1.5); }),
            "random_bernoulli: expected a probability from 0 to 1, got 1.5.");
  EXPECT_NE(error_of([] { random_bernoulli(random_state(1), {3}, std::numeric_limits<double>::quiet_NaN()); }),
            "no error");
  EXPECT_EQ(error_of([] { random::permutation(-1, 0); }), "permutation: expected a count of at least 0, got -1.");
}

}  // namespace
}  // namespace hebb
