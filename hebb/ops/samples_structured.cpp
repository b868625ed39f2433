// Samples of the operations that move, choose, sum and multiply: everything but elementwise operations and windows.
#include <array>
#include <limits>

#include "hebb/ops/elementwise.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/samples.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

using Samples = std::vector<Sample>;

// ------------------------------------------------------------------------------------------------------- reductions

struct ReduceCase {
  Shape shape;
  std::vector<int64_t> axes;  // empty: all
  bool keepdims = false;
};

Samples reduce_samples(Tensor (*reduce)(const Tensor&, const ReduceOptions&), double low, double high,
                       bool of_nothing) {
  std::vector<ReduceCase> cases = {
      {{1}, {}},
      {{7}, {0}},
      {{3, 5}, {}},
      {{3, 5}, {0}},
      {{3, 5}, {1}, true},
      {{2, 1, 3}, {1}},
      {{2, 1, 3}, {0, 2}},
      {{2, 3, 4, 5}, {1, 3}},
      {{2, 3, 4, 5}, {0, 1, 2}},
      {{0, 4}, {1}},
      {{17, 33}, {0}},
      {{17, 33}, {1}},
      {{9, 1, 16}, {0, 1}},
      {{2, 65, 3}, {1}},
      {{4, 6, 8}, {2}, true},
  };
  if (of_nothing) {
    cases.push_back({{0}, {}});
    cases.push_back({{4, 0, 3}, {1}});
  }
  // Larger than what is done in one go; not for products, which overflow.
  if (low < 0) {
    cases.push_back({{5003}, {}});
    cases.push_back({{70, 1031}, {0}});
    cases.push_back({{70, 1031}, {1}});
    cases.push_back({{300001}, {}});
  }
  Samples samples;
  for (DType dtype : all_types) {
    for (const ReduceCase& each : cases) {
      if (dtype != DType::float32 && each.shape.elements() > 100000) continue;
      const Tensor x = draw(each.shape, dtype, low, high, samples.size());
      samples.push_back(sample_of([&] { return reduce(x, {.axes = each.axes, .keepdims = each.keepdims}); }));
    }
  }
  return samples;
}

/// Of the rows two hold a zero, one two of them, one three: their gradients are rules of their own.
Samples prod_samples() {
  Samples samples = reduce_samples(prod, 0.7, 1.4, true);
  for (DType dtype : float_types) {
    std::vector<double> values = draw({5, 4}, dtype, 0.7, 1.4, 1).to_vector<double>();
    for (size_t at : {1, 4, 8, 10, 12, 13, 15}) values[at] = 0;
    const WithRecorder at_once(nullptr);
    const Tensor x = cast(Tensor::from(values, {5, 4}), dtype);
    samples.push_back(sample_of([&] { return prod(x, {.axes = {1}}); }));
    samples.push_back(sample_of([&] { return prod(x); }));
  }
  return samples;
}

Samples arg_reduce_samples(Tensor (*reduce)(const Tensor&, int64_t)) {
  Samples samples;
  for (DType dtype : all_types) {
    for (const auto& [shape, axis] : std::vector<std::pair<Shape, int64_t>>{{{1}, 0},
                                                                            {{7}, 0},
                                                                            {{3, 5}, 0},
                                                                            {{3, 5}, 1},
                                                                            {{2, 1, 3}, 1},
                                                                            {{0, 4}, 1},
                                                                            {{17, 10}, 1},
                                                                            {{4, 33, 5}, 1},
                                                                            {{2, 1000}, 1}}) {
      // Few different numbers: the first of equal ones counts.
      const Tensor x = draw(shape, dtype, -3, 3, samples.size());
      samples.push_back(sample_of([&] { return reduce(x, axis); }));
    }
  }
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const Tensor special = Tensor::from({1, nan, 5, nan, inf, -inf, nan, -nan, -inf, -inf, inf, inf}, {3, 4});
  samples.push_back(sample_of([&] { return reduce(special, 0); }));
  samples.push_back(sample_of([&] { return reduce(special, 1); }));
  return samples;
}

Samples softmax_samples(Tensor (*softmax)(const Tensor&, int64_t)) {
  Samples samples;
  for (DType dtype : float_types) {
    for (const auto& [shape, axis] : std::vector<std::pair<Shape, int64_t>>{{{1}, 0},
                                                                            {{7}, 0},
                                                                            {{3, 5}, 0},
                                                                            {{3, 5}, 1},
                                                                            {{2, 4, 3}, 1},
                                                                            {{0, 4}, 1},
                                                                            {{32, 10}, 1},
                                                                            {{3, 17}, 1},
                                                                            {{5, 1000}, 1},
                                                                            {{4, 0}, 1}}) {
      samples.push_back(sample_of([&, x = draw(shape, dtype, -4, 4, samples.size())] { return softmax(x, axis); }));
    }
    // exp of these is infinite, or zero for all of a row.
    samples.push_back(sample_of([&, x = draw({3, 9}, dtype, 900, 1000, 1)] { return softmax(x, 1); }));
    samples.push_back(sample_of([&, x = draw({3, 9}, dtype, -1000, -800, 2)] { return softmax(x, 1); }));
  }
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor masked = Tensor::from({0, -inf, 1, 2, -inf, 3, -inf, -inf}, {2, 4});
  samples.push_back(sample_of([&] { return softmax(masked, 1); }));
  return samples;
}

// ---------------------------------------------------------------------------------------------------------- shaping

/// `make` gets a function that draws a tensor of the type in question.
Samples moving_samples(const std::function<void(Samples&, const std::function<Tensor(const Shape&)>&)>& make) {
  Samples samples;
  for (DType dtype : all_types) {
    uint64_t seed = 0;
    make(samples, [&](const Shape& shape) { return draw(shape, dtype, -100, 100, ++seed); });
  }
  return samples;
}

Samples reshape_samples() {
  return moving_samples([](Samples& out, const auto& x) {
    for (const auto& [from, to] : std::vector<std::pair<Shape, Shape>>{
             {{1}, {}}, {{}, {1, 1}}, {{3, 5}, {15}}, {{2, 1, 3}, {3, 2}}, {{0, 3}, {5, 0}}, {{34, 31}, {2, 17, 31}}}) {
      out.push_back(sample_of([&] { return reshape(x(from), to); }));
    }
  });
}

Samples stop_gradient_samples() {
  return moving_samples([](Samples& out, const auto& x) {
    for (const Shape& shape : {Shape{}, Shape{7}, Shape{0, 2}, Shape{3, 5}})
      out.push_back(sample_of([&] { return stop_gradient(x(shape)); }));
  });
}

Samples broadcast_samples() {
  return moving_samples([](Samples& out, const auto& x) {
    for (const auto& [from, to] : std::vector<std::pair<Shape, Shape>>{{{}, {7}},
                                                                       {{1}, {3, 5}},
                                                                       {{5}, {3, 5}},
                                                                       {{3, 1}, {3, 5}},
                                                                       {{2, 1, 3}, {2, 4, 3}},
                                                                       {{1, 4, 1}, {2, 4, 33}},
                                                                       {{1}, {0}},
                                                                       {{}, {1037}},
                                                                       {{17, 1, 1}, {17, 3, 31}}}) {
      out.push_back(sample_of([&] { return broadcast_to(x(from), to); }));
    }
  });
}

Samples transpose_samples() {
  return moving_samples([](Samples& out, const auto& x) {
    for (const auto& [shape, axes] :
         std::vector<std::pair<Shape, std::vector<int64_t>>>{{{3, 5}, {1, 0}},
                                                             {{1, 7}, {1, 0}},
                                                             {{33, 65}, {1, 0}},
                                                             {{2, 1, 3}, {2, 0, 1}},
                                                             {{2, 3, 4}, {0, 2, 1}},
                                                             {{2, 3, 4}, {1, 0, 2}},
                                                             {{2, 3, 4, 5}, {0, 3, 1, 2}},
                                                             {{2, 5, 5, 3}, {3, 1, 2, 0}},
                                                             {{0, 3}, {1, 0}},
                                                             {{2, 1, 2, 3, 1, 2}, {5, 3, 1, 4, 2, 0}}}) {
      out.push_back(sample_of([&] { return transpose(x(shape), axes); }));
    }
  });
}

Samples concatenate_samples() {
  return moving_samples([](Samples& out, const auto& x) {
    out.push_back(sample_of([&] { return concatenate({x({1}), x({7})}, 0); }));
    out.push_back(sample_of([&] { return concatenate({x({3, 5}), x({2, 5}), x({0, 5}), x({1, 5})}, 0); }));
    out.push_back(sample_of([&] { return concatenate({x({3, 5}), x({3, 1}), x({3, 17})}, 1); }));
    out.push_back(sample_of([&] { return concatenate({x({2, 3, 4}), x({2, 1, 4})}, 1); }));
    out.push_back(sample_of([&] { return concatenate({x({2, 4, 4, 3}), x({2, 4, 4, 8})}, -1); }));
    Tensors many;
    for (int i = 0; i < 20; ++i) many.push_back(x({2, 3}));
    out.push_back(sample_of([&] { return concatenate(many, 1); }));
  });
}

Samples slice_samples() {
  return moving_samples([](Samples& out, const auto& x) {
    out.push_back(sample_of([&] { return slice(x({7}), {2}, {5}); }));
    out.push_back(sample_of([&] { return slice(x({7}), {1}, {7}, {3}); }));
    out.push_back(sample_of([&] { return slice(x({7}), {3}, {3}); }));
    out.push_back(sample_of([&] { return slice(x({3, 5}), {1, 0}, {3, 5}, {1, 2}); }));
    out.push_back(sample_of([&] { return slice(x({3, 5}), {0, 2}, {3, 3}); }));
    out.push_back(sample_of([&] { return slice(x({4, 6, 7}), {1, 2, 3}, {3, 6, 7}, {1, 3, 2}); }));
    out.push_back(sample_of([&] { return slice(x({50, 31}), {10}, {40}); }));
    out.push_back(sample_of([&] { return slice(x({2, 9, 9, 3}), {0, 1, 1, 0}, {2, 9, 9, 3}, {1, 2, 2, 1}); }));
  });
}

Samples pad_samples() {
  return moving_samples([](Samples& out, const auto& x) {
    out.push_back(sample_of([&] { return pad(x({7}), {2}, {3}); }));
    out.push_back(sample_of([&] { return pad(x({1}), {0}, {0}, {4}); }));
    out.push_back(sample_of([&] { return pad(x({0}), {1}, {2}, {3}); }));
    out.push_back(sample_of([&] { return pad(x({3, 5}), {1, 0}, {0, 2}, {0, 1}); }));
    out.push_back(sample_of([&] { return pad(x({2, 4, 4, 3}), {0, 1, 2, 0}, {0, 1, 1, 0}); }));
    out.push_back(sample_of([&] { return pad(x({2, 3, 4}), {1, 1, 1}, {1, 1, 1}, {2, 1, 3}); }));
  });
}

Samples reverse_samples() {
  return moving_samples([](Samples& out, const auto& x) {
    for (const auto& [shape, axes] : std::vector<std::pair<Shape, std::vector<int64_t>>>{{{7}, {0}},
                                                                                         {{3, 5}, {0}},
                                                                                         {{3, 5}, {1}},
                                                                                         {{3, 5}, {0, 1}},
                                                                                         {{2, 1, 3}, {1}},
                                                                                         {{2, 3, 4, 5}, {1, 3}},
                                                                                         {{0, 2}, {0}},
                                                                                         {{1037}, {0}}}) {
      out.push_back(sample_of([&] { return reverse(x(shape), axes); }));
    }
  });
}

// --------------------------------------------------------------------------------------------------------- indexing

constexpr DType index_types[] = {DType::int32, DType::int64, DType::uint8};

Samples gather_samples() {
  Samples samples = moving_samples([](Samples& out, const auto& x) {
    for (DType index : index_types) {
      // Some indices lie outside.
      for (const auto& [table, indices] : std::vector<std::pair<Shape, Shape>>{
               {{5}, {7}}, {{4, 3}, {2, 3}}, {{6, 2, 2}, {}}, {{10, 33}, {17}}, {{3, 0}, {2}}, {{3, 2}, {0}}}) {
        out.push_back(sample_of(
            [&] { return gather(x(table), draw(indices, index, -1, static_cast<double>(table.front()), 3)); }));
      }
    }
  });
  // More than a kernel does in one piece.
  samples.push_back(sample_of([&] {
    return gather(draw({300, 65}, DType::float32, -5, 5, 1), draw({60, 40}, DType::int32, -1, 300, 3));
  }));
  return samples;
}

Samples scatter_add_samples() {
  Samples samples = moving_samples([](Samples& out, const auto& x) {
    for (DType index : index_types) {
      for (const auto& [indices, rest] : std::vector<std::pair<Shape, std::vector<int64_t>>>{
               {{7}, {}}, {{2, 3}, {3}}, {{}, {2, 2}}, {{40}, {33}}, {{0}, {2}}, {{300}, {}}}) {
        std::vector<int64_t> dims = indices.to_vector();
        dims.insert(dims.end(), rest.begin(), rest.end());
        out.push_back(sample_of([&] { return scatter_add(draw(indices, index, -1, 5, 3), x(Shape(dims)), 5); }));
      }
    }
  });
  // More than a kernel does in one piece: many rows, few wide ones, and rows of one number.
  for (const auto& [count, width, rows] :
       std::vector<std::array<int64_t, 3>>{{4000, 40, 700}, {4000, 40, 3}, {6, 70000, 5}, {100000, 1, 9}}) {
    samples.push_back(sample_of([&, count = count, width = width, rows = rows] {
      return scatter_add(draw({count}, DType::int32, -1, static_cast<double>(rows), 3),
                         draw({count, width}, DType::float32, -5, 5, 1), rows);
    }));
  }
  return samples;
}

Samples one_hot_samples() {
  Samples samples;
  for (DType index : index_types) {
    for (DType dtype : all_types) {
      for (const Shape& shape : {Shape{}, Shape{7}, Shape{3, 5}, Shape{0}, Shape{129}}) {
        samples.push_back(sample_of([&] { return one_hot(draw(shape, index, -1, 10, 3), 10, dtype); }));
      }
      samples.push_back(sample_of([&] { return one_hot(draw({4}, index, 0, 3, 3), 1, dtype); }));
    }
  }
  // More than a kernel does in one piece.
  samples.push_back(sample_of([] { return one_hot(draw({9000}, DType::int64, -1, 10, 3), 10); }));
  return samples;
}

// --------------------------------------------------------------------------------------------------------- products

struct MatmulCase {
  std::vector<int64_t> batch;
  int64_t m, k, n;
};

std::vector<MatmulCase> matmul_cases() {
  return {{{}, 1, 1, 1},     {{}, 3, 5, 7},     {{}, 1, 17, 9}, {{}, 17, 9, 1},    {{}, 2, 1, 3},  {{}, 17, 33, 9},
          {{}, 64, 128, 10}, {{}, 50, 784, 30}, {{2}, 3, 4, 5}, {{2, 3}, 5, 2, 3}, {{3}, 1, 7, 1}, {{}, 0, 3, 2},
          {{}, 3, 0, 2},     {{}, 3, 2, 0},     {{0}, 2, 2, 2}, {{}, 129, 65, 67}};
}

Shape matrix(const std::vector<int64_t>& batch, int64_t rows, int64_t columns, bool transposed) {
  const Shape lead(batch);
  return transposed ? lead.with_back(columns).with_back(rows) : lead.with_back(rows).with_back(columns);
}

Samples matmul_samples() {
  Samples samples;
  for (DType dtype : float_types) {
    for (const MatmulCase& each : matmul_cases()) {
      if (dtype == DType::float64 && each.k > 100) continue;
      for (bool transpose_a : {false, true}) {
        for (bool transpose_b : {false, true}) {
          const Tensor a = draw(matrix(each.batch, each.m, each.k, transpose_a), dtype, -1, 1, 1);
          const Tensor b = draw(matrix(each.batch, each.k, each.n, transpose_b), dtype, -1, 1, 2);
          samples.push_back(sample_of([&] { return matmul(a, b, {transpose_a, transpose_b}); }));
        }
      }
    }
  }
  // Deep beside its size: the gradient of a weight over many positions.
  const Tensor x = draw({1100, 33}, DType::float32, -1, 1, 1), g = draw({1100, 20}, DType::float32, -1, 1, 2);
  samples.push_back(sample_of([&] { return matmul(x, g, {.transpose_a = true}); }));
  return samples;
}

Samples fused_matmul_samples() {
  Samples samples;
  for (DType dtype : float_types) {
    for (const MatmulCase& each : matmul_cases()) {
      if (dtype == DType::float64 && each.k > 100) continue;
      for (bool transpose_b : {false, true}) {
        const Tensor a = draw(matrix(each.batch, each.m, each.k, false), dtype, -1, 1, 1);
        const Tensor b = draw(matrix(each.batch, each.k, each.n, transpose_b), dtype, -1, 1, 2);
        const Sample product = sample_of([&] { return matmul(a, b, {false, transpose_b}); });
        for (const auto& [bias, activation] : std::vector<std::pair<bool, std::string>>{
                 {true, ""}, {false, "relu"}, {true, "relu"}, {true, "tanh"}, {true, "sigmoid"}, {true, "softplus"}}) {
          Sample sample{std::make_shared<FusedProduct>(product.op, bias, activation),
                        {a, b},
                        std::make_shared<FusedProduct>(product.op, bias, "")};
          if (each.k > 100 && activation.size() > 4) continue;
          if (bias) sample.inputs.push_back(draw({each.n}, dtype, -1, 1, 3));
          samples.push_back(std::move(sample));
        }
      }
    }
  }
  return samples;
}

// ----------------------------------------------------------------------------------------------------------- random

Samples random_samples(const std::function<Tensor(const Tensor& state, const Shape& shape)>& random) {
  Samples samples;
  for (const Tensor& state : {random_state(0), random_state(7, 3), random_state(-1, int64_t{1} << 40)}) {
    for (const Shape& shape :
         {Shape{}, Shape{1}, Shape{0}, Shape{3, 5}, Shape{63}, Shape{64}, Shape{65}, Shape{1037}, Shape{32, 9, 9, 3}}) {
      samples.push_back(sample_of([&] { return random(state, shape); }));
    }
  }
  return samples;
}

Samples bernoulli_samples() {
  Samples samples;
  for (double probability : {0.0, 0.1, 0.25, 0.5, 0.9, 0.99999997, 1.0}) {
    for (Sample& sample : random_samples(
             [&](const Tensor&state, const Shape&shape) { return random_bernoulli(state, shape, probability); })) {
      samples.push_back(std::move(sample));
    }
  }
  return samples;
}

}  // namespace

std::vector<OperationRecord> structured_operation_records() {
  using enum GradientRule;
  constexpr Tolerance exact{};
  constexpr Tolerance summed{.magnitude = 2e-6};
  constexpr Tolerance product{.magnitude = 1e-5};
  return {
      {"reduce_sum", "the sum over axes", differentiable, summed, [] { return reduce_samples(sum, -2, 2, true); }},
      {"reduce_max", "the largest element over axes; NaN where one is", differentiable, exact,
       [] { return reduce_samples(max, -50, 50, false); }},
      {"reduce_min", "the smallest element over axes; NaN where one is", differentiable, exact,
       [] { return reduce_samples(min, -50, 50, false); }},
      {"reduce_prod", "the product over axes", differentiable, summed, prod_samples},
      {"argmax", "the first index of the largest element along an axis", none, exact,
       [] { return arg_reduce_samples(argmax); }},
      {"argmin", "the first index of the smallest element along an axis", none, exact,
       [] { return arg_reduce_samples(argmin); }},
      {"softmax",
       "exp(x) over its sum along an axis",
       differentiable,
       {.ulp = 16, .absolute = 1e-9},
       [] { return softmax_samples(softmax); }},
      {"log_softmax",
       "the logarithm of softmax",
       differentiable,
       {.ulp = 16, .absolute = 2e-6},
       [] { return softmax_samples(log_softmax); }},

      {"reshape", "the same elements in another shape", differentiable, exact, reshape_samples},
      {"stop_gradient", "the same elements, as a constant", none, exact, stop_gradient_samples},
      {"broadcast_to", "repeats elements along axes of size 1 and new axes in front", differentiable, exact,
       broadcast_samples},
      {"transpose", "the axes in another order", differentiable, exact, transpose_samples},
      {"concatenate", "tensors one behind the other along an axis", differentiable, exact, concatenate_samples},
      {"slice", "a part of each axis, in steps", differentiable, exact, slice_samples},
      {"pad", "zeros before, behind and between the elements", differentiable, exact, pad_samples},
      {"reverse", "the elements in reverse order along axes", differentiable, exact, reverse_samples},

      {"gather", "rows of a table by index; zeros for an index outside", differentiable, exact, gather_samples},
      {"scatter_add", "adds rows to places given by indices", differentiable, summed, scatter_add_samples},
      {"one_hot", "1 at the index, 0 elsewhere", none, exact, one_hot_samples},

      {"matmul", "the product of matrices, either of them transposed", differentiable, product, matmul_samples},
      {"fused_matmul", "a product with bias and activation", internal, product, fused_matmul_samples},

      {"random_uniform", "uniform numbers in [0, 1) from a state", none, exact,
       [] { return random_samples(random_uniform); }},
      {"random_normal",
       "normal numbers from a state",
       none,
       {.ulp = 16, .absolute = 2e-6},
       [] { return random_samples(random_normal); }},
      {"random_bernoulli", "true with a probability, from a state", none, exact, bernoulli_samples},
  };
}

}  // namespace hebb::detail
