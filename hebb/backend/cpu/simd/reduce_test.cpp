#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/backend/cpu/simd/simd_testing.h"
#include "hebb/base/threads.h"
#include "hebb/ops/reduce.h"

namespace hebb::simd {

namespace {

struct Case {
  Shape shape;
  std::vector<int64_t> axes;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {{1}, {0}},
      {{10}, {0}},
      {{1000}, {0}},
      {{200003}, {0}},
      {{50, 10}, {1}},
      {{50, 10}, {0}},
      {{50, 1000}, {0}},
      {{50, 1000}, {1}},
      {{12800, 32}, {0}},
      {{12801, 10}, {0}},
      {{3, 100000}, {0}},
      {{3, 100000}, {1}},
      {{8, 30, 7}, {1}},
      {{2, 9, 130}, {1}},
      {{4, 5, 6, 3}, {0, 1, 2}},
      {{4, 3, 50, 20}, {0, 2, 3}},
      {{5, 1, 4}, {1}},
      {{6, 7, 8, 9}, {0, 2}},
      {{6, 7, 8, 9}, {1, 3}},
      {{20, 300, 40}, {1}},
      {{700, 257}, {0}},
      {{1, 1}, {0, 1}},
  };
  return all;
}

}  // namespace

TEST(SimdReduce, AgreesWithTheReferenceOverAnyAxes) {
  for (const Case& c : cases()) {
    const double count = static_cast<double>(c.shape.elements());
    const Tensor x = sample({c.shape, DType::float32}, 1), y = sample({c.shape, DType::float64}, 1);
    for (bool keepdims : {false, true}) {
      // Errors of a sum grow like the square root of the count, for numbers up to 2.
      expect_agrees(make_simd_reduce, Reduce(Reduce::Kind::sum, c.axes, keepdims), {x}, 4, 3e-6 * std::sqrt(count));
    }
    expect_agrees(make_simd_reduce, Reduce(Reduce::Kind::sum, c.axes, false), {y}, 4, 1e-13 * std::sqrt(count));
    for (Reduce::Kind kind : {Reduce::Kind::max, Reduce::Kind::min}) {
      expect_agrees(make_simd_reduce, Reduce(kind, c.axes, false), {x});
      expect_agrees(make_simd_reduce, Reduce(kind, c.axes, false), {y});
    }
    if (count < 100) expect_agrees(make_simd_reduce, Reduce(Reduce::Kind::prod, c.axes, false), {x}, 20);
  }
}

TEST(SimdReduce, LetsNaNAndInfinitiesThrough) {
  for (const Shape& shape : {Shape{40, 33}, Shape{9, 7}, Shape{2, 5000}}) {
    for (int64_t axis : {0, 1}) {
      for (Reduce::Kind kind : {Reduce::Kind::max, Reduce::Kind::min}) {
        expect_agrees(make_simd_reduce, Reduce(kind, {axis}, false), {sample({shape, DType::float32}, 3, {}, true)});
      }
      Tensor x = sample({shape, DType::float32}, 4);
      x.mutable_data<float>()[11] = std::numeric_limits<float>::quiet_NaN();
      x.mutable_data<float>()[3] = std::numeric_limits<float>::infinity();
      for (Reduce::Kind kind : {Reduce::Kind::sum, Reduce::Kind::max, Reduce::Kind::min}) {
        expect_agrees(make_simd_reduce, Reduce(kind, {axis}, false), {x}, 4, 1e-3);
      }
    }
  }
}

TEST(SimdReduce, GivesTheSameBitsOnAnyNumberOfThreads) {
  const int before = threads();
  for (const Case& c : cases()) {
    const Tensor x = sample({c.shape, DType::float32}, 1);
    const Reduce op(Reduce::Kind::sum, c.axes, false);
    set_threads(1);
    const Tensor one = run(make_simd_reduce, op, {x})[0];
    set_threads(3);
    expect_same(run(make_simd_reduce, op, {x})[0], one);
  }
  set_threads(before);
}

TEST(SimdReduce, RefusesIntegersAndEmptyTensors) {
  const Reduce op(Reduce::Kind::sum, {0}, false);
  for (const Spec& spec : {Spec{{4}, DType::int32}, Spec{{0, 4}, DType::float32}}) {
    const std::vector<Spec> in = {spec}, out = op.infer(in);
    Refusal why;
    EXPECT_EQ(make_simd_reduce({op, in, out}, why), nullptr);
    EXPECT_FALSE(why.reason().empty());
  }
}

TEST(SimdSoftmax, AgreesWithTheReferenceInAllLengths) {
  for (int64_t length : {1, 2, 10, 16, 17, 100, 1000, 5003}) {
    const Tensor x = sample({{7, length}, DType::float32}, 1, {-10, 10});
    expect_agrees(make_simd_softmax, SoftmaxOp(false, 1), {x}, 128, 1e-8);
    expect_agrees(make_simd_softmax, SoftmaxOp(true, 1), {x}, 16, 4e-6);
  }
  expect_agrees(make_simd_softmax, SoftmaxOp(false, 1), {sample({{0, 5}, DType::float32}, 1)});
  expect_agrees(make_simd_softmax, SoftmaxOp(false, 0), {sample({{40}, DType::float32}, 1)}, 16);
}

TEST(SimdSoftmax, HandlesLargeNumbersInfinitiesAndNaN) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x =
      Tensor::from({1000, 999, -1000, 0, -inf, 1, 2, 3, -inf, -inf, -inf, -inf, nan, 1, 2, 3, inf, 1, 2, 3}, {5, 4});
  expect_agrees(make_simd_softmax, SoftmaxOp(false, 1), {x}, 16, 1e-7);
  expect_agrees(make_simd_softmax, SoftmaxOp(true, 1), {x}, 16, 1e-6);
}

TEST(SimdSoftmax, WritesOverItsInput) {
  const Tensor x = sample({{9, 137}, DType::float32}, 1);
  for (bool logarithm : {false, true}) {
    const SoftmaxOp op(logarithm, 1);
    for_each_target(
        [&] { expect_same(run_in_place(make_simd_softmax, op, {x}, 0), run(make_simd_softmax, op, {x})[0]); });
  }
}

TEST(SimdArgReduce, FindsTheFirstExtremeAndTheFirstNaN) {
  for (int64_t length : {1, 5, 10, 16, 40, 1000}) {
    // Few different values, so that extremes come often.
    const Tensor x = Tensor::from(sample({{30, length}, DType::int32}, 1, {-5, 5}).to_vector<float>(), {30, length});
    const Tensor y = sample({{30, length}, DType::float32}, 2, {}, true);
    for (bool maximum : {true, false}) {
      expect_agrees(make_simd_arg_reduce, ArgReduce(maximum, 1), {x});
      expect_agrees(make_simd_arg_reduce, ArgReduce(maximum, 1), {y});
    }
  }
}

}  // namespace hebb::simd
