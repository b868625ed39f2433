/// What layers that multiply by a kernel share, so that they can do so in fewer bits: a kernel kept as int8, with a
/// scale for each output channel, or as bfloat16.
///
///     class DenseLayer : public ConfiguredLayer<...>, public Quantizable { ... };
///
/// Models are quantised by `Model::quantize`; this is what it asks of the layers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/layer.h"
#include "hebb/ops/quantized.h"

namespace hebb {

/// What a layer's input is like: values seen while a model computes calibration data.
class RangeObserver {
 public:
  void see(const Tensor& x);
  bool has_seen() const { return seen_; }
  /// The range of bytes that loses least of what was seen: of ranges from 0.3 of the widest to all of it the one with
  /// the least mean squared error; what lies outside of it is cut off.
  ActivationRange best() const;

 private:
  /// Values kept, evenly spread over each batch; more would not change the choice.
  static constexpr size_t most_values = 1 << 18, most_of_batch = 1 << 14;
  bool seen_ = false;
  float low_ = 0, high_ = 0;
  std::vector<float> values_;
};

class Quantizable {
 public:
  virtual ~Quantizable() = default;

  /// Its kernel; undefined before the layer is built.
  virtual const Tensor& kernel() const = 0;
  /// Whether int8 kernels can do what the layer does.
  virtual bool can_be_int8() const { return kernel().defined() && kernel().dtype() == DType::float32; }

  /// Whether it needs a range of inputs for that, which calibration finds.
  virtual bool needs_input_range() const { return false; }

  /// Whether Keras's files have a form for it in int8.
  virtual bool keras_has_int8() const { return false; }

  bool is_int8() const { return kernel_scale_.defined(); }
  bool is_bfloat16() const { return kernel().defined() && kernel().dtype() == DType::bfloat16; }
  /// Keeps the kernel as round(kernel * scale), one scale for each output channel: those given, or as Keras has them,
  /// 127 / (max |kernel| + 1e-7).
  void make_int8(const std::vector<float>& scales = {});
  void make_bfloat16();

  /// One for each output channel; undefined unless int8.
  const Tensor& kernel_scale() const { return kernel_scale_; }
  /// How inputs become bytes; unset: each row (of a Dense) by its own largest value, as Keras does it.
  const std::optional<ActivationRange>& input_range() const { return input_range_; }
  void set_input_range(std::optional<ActivationRange> range) { input_range_ = range; }
  /// Shows the layer's inputs to an observer, from the next call on values on; null: no longer.
  void observe(std::shared_ptr<RangeObserver> observer) { observer_ = std::move(observer); }

 protected:
  /// The layer itself.
  virtual LayerBase& layer() = 0;
  void show(const Tensor& x) const {
    if (observer_) observer_->see(x);
  }
  /// 1 / (kernel_scale * scale of the input).
  Tensor output_scale() const;
  /// The kernel as real numbers.
  Tensor dequantized_kernel() const;
  /// For a kernel that was made int8: the scale's weight, behind the others.
  void add_kernel_scale(int64_t channels);

 private:
  Tensor kernel_scale_;
  std::optional<ActivationRange> input_range_;
  std::shared_ptr<RangeObserver> observer_;
};

/// Keras's dtype policy of a quantised layer, {"mode": "int8", "source_name": "float32"}; and its mode in a file, empty
/// for a policy that quantises nothing.
Json quantized_policy_to_json(const std::string& mode, DType dtype);
std::string quantization_mode(const Json& dtype_policy);

}  // namespace hebb
