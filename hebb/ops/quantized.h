/// Products in eight bits: what a quantised model computes.
///
/// An activation x is kept as q = round(x * scale) + zero_point, from 0 to 255, so that 0 stands for itself exactly; a
/// weight w of column (or filter) c as round(w * kernel_scale[c]), from -127 to 127, which is Keras's own form. Sums of
/// q - zero_point times weight are whole numbers, exact in int32, and the same in every kernel; one multiplication by
/// 1 / (scale * kernel_scale[c]) leads back to real numbers (Jacob et al. 2018, "Quantization and Training of Neural
/// Networks for Efficient Integer-Arithmetic-Only Inference", arXiv:1712.05877).
///
///     const ActivationRange range = {.scale = 255 / 6.0, .zero_point = 0};
///     Tensor y = quantized_matmul(quantize(x, range), range.zero_point, kernel, 1.0 / (kernel_scale * range.scale));
#pragma once

#include <optional>

#include "hebb/ops/conv.h"
#include "hebb/ops/op.h"

namespace hebb {

/// How activations become bytes.
struct ActivationRange {
  double scale = 1;        ///< steps in a unit; used as a float32
  int64_t zero_point = 0;  ///< the byte that stands for 0: 0 to 255
  bool operator==(const ActivationRange&) const = default;
};

/// x: float32 -> uint8 of the same shape; halves are rounded to even, what lies outside becomes the nearest byte, and
/// NaN 0.
class Quantize : public Op {
 public:
  explicit Quantize(ActivationRange range) : range_(range) {}
  const ActivationRange& range() const { return range_; }
  std::string_view name() const override { return "quantize"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  ActivationRange range_;
};

/// x: float32 (rows, n) -> uint8 (rows, n) and float32 (rows,): each row with a scale of its own, 127 / (max |x| +
/// 1e-7), as Keras's `abs_max_quantize` has it, and the zero point 128. The second output is 1 / scale.
class QuantizeRows : public Op {
 public:
  static constexpr int64_t zero_point = 128;
  std::string_view name() const override { return "quantize_rows"; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;
};

/// `quantized_matmul`, `quantized_conv`: sums of (x - zero_point) * kernel, times `scale` for each channel, times
/// `row_scale` for each row, plus `bias`, then relu, then as bytes again: each step rounded to float32 by itself.
/// Inputs: x uint8, kernel int8 (for the product: a matrix not transposed, or a convolution's), scale float32
/// (channels,), and where there are, row_scale float32 (rows,) and bias float32 (channels,).
class QuantizedProduct : public Op {
 public:
  struct Options {
    int64_t zero_point = 0;
    bool has_row_scale = false;  ///< of matrices only
    bool has_bias = false;
    bool relu = false;
    std::optional<ActivationRange> output = {};  ///< unset: the result is float32
  };
  /// Sums of so many products of a byte and a weight stay below 2^31.
  static constexpr int64_t most_terms = ((int64_t{1} << 31) - 1) / (255 * 127);

  /// `product`: a Matmul or a Conv of one group.
  QuantizedProduct(OpPtr product, Options options) : product_(std::move(product)), options_(options) {}
  const Op& product() const { return *product_; }
  const OpPtr& product_pointer() const { return product_; }
  const Options& options() const { return options_; }
  /// Where the bias stands among the inputs.
  size_t bias_input() const { return options_.has_row_scale ? 4 : 3; }

  std::string_view name() const override;
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;
  bool takes_stored_types() const override { return true; }

 private:
  OpPtr product_;
  Options options_;
};

Tensor quantize(const Tensor& x, const ActivationRange& range);
/// The bytes and the rows' scales.
Tensors quantize_rows(const Tensor& x);

/// x: uint8 (rows, n), kernel: int8 (n, columns), scale: (columns,) -> float32 (rows, columns). `row_scale` (rows,) may
/// be left undefined.
Tensor quantized_matmul(const Tensor& x, int64_t zero_point, const Tensor& kernel, const Tensor& scale,
                        const Tensor& row_scale = {});
/// x: uint8 (batch, spatial..., channels), kernel: int8 (spatial..., channels, filters), scale: (filters,) -> float32.
/// Padding stands for 0.
Tensor quantized_conv(const Tensor& x, int64_t zero_point, const Tensor& kernel, const Tensor& scale,
                      ConvOptions options = {});

}  // namespace hebb
