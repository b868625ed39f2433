// Samples of the operations on bytes: sums at the edges of what bytes can be, sizes around those of the kernels' blocks
// (16 columns, four terms), and everything that may stand behind a product.
#include <limits>

#include "hebb/ops/bfloat16_matmul.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/quantized.h"
#include "hebb/ops/samples.h"

namespace hebb::detail {

namespace {

using Samples = std::vector<Sample>;
using Options = QuantizedProduct::Options;

Samples quantize_samples() {
  Samples samples;
  for (const ActivationRange range :
       {ActivationRange{63.75, 0}, ActivationRange{42.5, 128}, ActivationRange{0.5, 255}}) {
    for (const Shape& shape : {Shape{1}, Shape{0, 3}, Shape{3, 5, 7}, Shape{2, 33}, Shape{70003}})
      samples.push_back({std::make_shared<Quantize>(range), {draw(shape, DType::float32, -5, 5, samples.size())}});
  }
  // Halves, which are rounded to even, what lies outside, and what is no number.
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> edges = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 254.5f, 255.5f, 1e30f, -1e30f, inf, -inf, nan, -0.f};
  for (int i = 0; i < 40; ++i) edges.push_back(static_cast<float>(i) + 0.5f);
  for (const int64_t zero_point : {0, 1, 128}) {
    samples.push_back({std::make_shared<Quantize>(ActivationRange{1, zero_point}), {Tensor::from(edges)}});
  }
  return samples;
}

Samples quantize_rows_samples() {
  Samples samples;
  for (const Shape& shape : {Shape{1, 1}, Shape{0, 3}, Shape{3, 0}, Shape{5, 7}, Shape{2, 33}, Shape{130, 600}})
    samples.push_back({std::make_shared<QuantizeRows>(), {draw(shape, DType::float32, -5, 5, samples.size())}});
  samples.push_back({std::make_shared<QuantizeRows>(), {zeros({2, 20})}});
  return samples;
}

Sample product(const OpPtr& op, const Options& options, const Tensor& x, const Tensor& kernel) {
  const int64_t channels = kernel.shape().back();
  Tensors inputs = {x, kernel, draw({channels}, DType::float32, 1e-4, 1e-3, 7)};
  if (options.has_row_scale) inputs.push_back(draw({x.shape().front()}, DType::float32, 0.5, 2, 8));
  if (options.has_bias) inputs.push_back(draw({channels}, DType::float32, -1, 1, 9));
  return {std::make_shared<QuantizedProduct>(op, options), inputs};
}

constexpr ActivationRange bytes_out{31.5, 3};

Samples quantized_matmul_samples() {
  const auto op = std::make_shared<Matmul>(MatmulOptions{});
  struct Sizes {
    int64_t rows, terms, columns;
  };
  Samples samples;
  uint64_t seed = 0;
  const auto add = [&](const Sizes& s, const Options& options) {
    ++seed;
    samples.push_back(product(op, options, draw({s.rows, s.terms}, DType::uint8, 0, 255, seed),
                              draw({s.terms, s.columns}, DType::int8, -127, 127, seed)));
  };
  for (const Sizes& sizes : {Sizes{1, 1, 1},
                             {1, 3, 5},
                             {1, 4, 16},
                             {1, 784, 500},
                             {1, 65, 10},
                             {2, 64, 33},
                             {3, 7, 15},
                             {5, 33, 65},
                             {6, 12, 64},
                             {7, 100, 17},
                             {13, 31, 130},
                             {64, 50, 40},
                             {3, 8200, 20},
                             {0, 4, 3},
                             {3, 0, 4},
                             {2, 5, 0}}) {
    add(sizes, {});
    add(sizes, {.zero_point = 128, .has_row_scale = true, .has_bias = true});
    add(sizes, {.zero_point = 17, .has_bias = true, .relu = true, .output = bytes_out});
  }
  add({4, 20, 9}, {.relu = true});
  add({4, 20, 9}, {.zero_point = 255, .output = bytes_out});
  // The largest sums: neighbours that saturate where a kernel adds them in 16 bits.
  samples.push_back(product(op, {}, full({3, 300}, 255, DType::uint8), full({300, 20}, 127, DType::int8)));
  samples.push_back(
      product(op, {.zero_point = 255}, full({3, 300}, 0, DType::uint8), full({300, 20}, -127, DType::int8)));
  return samples;
}

Samples quantized_conv_samples() {
  struct Geometry {
    Shape x, kernel;
    ConvOptions options;
  };
  const std::vector<Geometry> geometries = {
      {{1, 1, 1, 1}, {1, 1, 1, 1}, {}},
      {{2, 5, 6, 3}, {3, 3, 3, 5}, {}},
      {{1, 28, 28, 1}, {5, 5, 1, 32}, {}},
      {{2, 9, 8, 16}, {3, 3, 16, 20}, {.low = {1, 1}, .high = {1, 1}}},
      {{2, 9, 8, 4}, {3, 2, 4, 33}, {.strides = {2, 2}, .low = {0, 1}, .high = {1, 0}}},
      {{1, 10, 11, 5}, {3, 3, 5, 7}, {.low = {2, 2}, .high = {2, 2}, .dilations = {2, 2}}},
      {{3, 7, 7, 12}, {1, 1, 12, 18}, {}},
      {{3, 7, 7, 12}, {1, 1, 12, 18}, {.strides = {2, 2}}},
      {{2, 9, 3}, {4, 3, 6}, {.low = {1}, .high = {2}}},
      {{1, 4, 5, 6, 2}, {2, 2, 2, 2, 3}, {}},
  };
  Samples samples;
  for (const Geometry& g : geometries) {
    const auto op = std::make_shared<Conv>(complete(g.options, g.x.rank() - 2, "conv"));
    const Tensor x = draw(g.x, DType::uint8, 0, 255, samples.size() + 1),
                 kernel = draw(g.kernel, DType::int8, -127, 127, samples.size() + 2);
    samples.push_back(product(op, {.zero_point = 100}, x, kernel));
    samples.push_back(product(op, {.zero_point = 7, .has_bias = true, .relu = true, .output = bytes_out}, x, kernel));
  }
  return samples;
}

Samples bfloat16_matmul_samples() {
  struct Sizes {
    int64_t rows, terms, columns;
  };
  Samples samples;
  for (const Sizes& s : {Sizes{1, 1, 1},
                         {1, 7, 16},
                         {1, 784, 500},
                         {1, 500, 10},
                         {3, 33, 65},
                         {2, 64, 17},
                         {0, 4, 3},
                         {2, 0, 5},
                         {1, 40, 130}}) {
    for (const bool more : {false, true}) {
      Tensors inputs = {draw({s.rows, s.terms}, DType::float32, -1, 1, samples.size()),
                        draw({s.terms, s.columns}, DType::bfloat16, -1, 1, samples.size())};
      if (more) inputs.push_back(draw({s.columns}, DType::float32, -1, 1, 3));
      samples.push_back({std::make_shared<Bfloat16Matmul>(more, more), inputs});
    }
  }
  return samples;
}

}  // namespace

std::vector<OperationRecord> quantized_operation_records() {
  return {
      {"quantize", "numbers as bytes, with one scale and zero point", GradientRule::none, {}, quantize_samples},
      {"quantize_rows", "numbers as bytes, with a scale for each row", GradientRule::none, {}, quantize_rows_samples},
      {"bfloat16_matmul",
       "the product with a bfloat16 matrix, with bias and relu",
       GradientRule::none,
       {.ulp = 16, .absolute = 2e-5},
       bfloat16_matmul_samples},
      {"quantized_matmul", "the product of bytes and an int8 matrix", GradientRule::none, {}, quantized_matmul_samples},
      {"quantized_conv",
       "the convolution of bytes with an int8 kernel",
       GradientRule::none,
       {},
       quantized_conv_samples},
  };
}

}  // namespace hebb::detail
