#include "hebb/nn/layers/quantizable.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/keras_json.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

constexpr float epsilon = 1e-7f;  // Keras's backend.epsilon()
constexpr float largest_weight = 127;

/// Bytes for low <= 0 <= high; 0 has one that stands for it exactly.
ActivationRange range_of(float low, float high) {
  const double width = std::max(static_cast<double>(high) - static_cast<double>(low), 1e-6);
  const double scale = static_cast<float>(255 / width);
  return {scale, std::clamp<int64_t>(std::llround(-static_cast<double>(low) * scale), 0, 255)};
}

double squared_error(const std::vector<float>& values, const ActivationRange& range) {
  const auto scale = static_cast<float>(range.scale), step = 1 / scale;
  const auto low = -static_cast<float>(range.zero_point), high = 255 + low;
  double total = 0;
  for (const float x : values) {
    const float error = std::nearbyint(std::clamp(x * scale, low, high)) * step - x;
    total += static_cast<double>(error) * static_cast<double>(error);
  }
  return total;
}

}  // namespace

void RangeObserver::see(const Tensor& x) {
  if (x.size() == 0 || x.dtype() != DType::float32) return;
  seen_ = true;
  const float* values = x.data<float>();
  const auto count = static_cast<size_t>(x.size());
  for (size_t i = 0; i < count; ++i) {
    if (!std::isfinite(values[i])) continue;
    low_ = std::min(low_, values[i]);
    high_ = std::max(high_, values[i]);
  }
  const size_t kept = std::min({count, most_of_batch, most_values - values_.size()});
  for (size_t i = 0; i < kept; ++i) {
    const float value = values[i * count / kept];
    if (std::isfinite(value)) values_.push_back(value);
  }
}

ActivationRange RangeObserver::best() const {
  ActivationRange best = range_of(low_, high_);
  double least = squared_error(values_, best);
  constexpr int steps = 70, parts = 100;
  for (int i = 1; i <= steps; ++i) {
    const float part = static_cast<float>(parts - i) / parts;
    const ActivationRange range = range_of(low_ * part, high_ * part);
    const double error = squared_error(values_, range);
    if (error >= least) continue;
    least = error;
    best = range;
  }
  return best;
}

void Quantizable::add_kernel_scale(int64_t channels) {
  // Behind the others, where Keras has it: weights that are not trained stand behind those that are.
  for (const Tensor& weight : layer().own_weights()) weight.body()->trainable = false;
  kernel_scale_ = layer().add_weight("kernel_scale", {channels}, "ones", {.trainable = false, .dtype = DType::float32});
}

void Quantizable::make_int8(const std::vector<float>& scales) {
  const Shape& shape = kernel().shape();
  const auto channels = static_cast<size_t>(shape.back()), rows = static_cast<size_t>(shape.elements()) / channels;
  std::vector<float> weights = kernel().to_vector<float>(), chosen = scales;
  if (chosen.empty()) {
    chosen.assign(channels, 0);
    for (size_t i = 0; i < weights.size(); ++i)
      chosen[i % channels] = std::max(chosen[i % channels], std::abs(weights[i]));
    for (float& scale : chosen) scale = largest_weight / (scale + epsilon);
  }
  if (chosen.size() != channels || rows * channels != weights.size())
    throw InvalidArgument(
        message(layer().where(), "expected a scale for each of ", channels, " channels, got ", chosen.size(), "."));
  std::vector<int8_t> steps(weights.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    const float step = std::nearbyint(weights[i] * chosen[i % channels]);
    steps[i] = static_cast<int8_t>(std::clamp(step, -largest_weight, largest_weight));
  }
  replace_variable(kernel(), Tensor::from(steps, shape));
  add_kernel_scale(shape.back());
  write_variable(kernel_scale_, Tensor::from(chosen));
}

void Quantizable::make_bfloat16() { replace_variable(kernel(), cast(kernel(), DType::bfloat16)); }

Tensor Quantizable::output_scale() const {
  return reciprocal(input_range_ ? kernel_scale_ * input_range_->scale : kernel_scale_);
}

Tensor Quantizable::dequantized_kernel() const { return cast(kernel(), DType::float32) / kernel_scale_; }

Json quantized_policy_to_json(const std::string& mode, DType dtype) {
  return object_to_json("keras.dtype_policies", "QuantizedDTypePolicy",
                        Json::object({{"mode", mode}, {"source_name", name_of(dtype)}}));
}

std::string quantization_mode(const Json& dtype_policy) {
  if (dtype_policy.is_string()) {  // "int8_from_float32"
    const std::string name = dtype_policy.as_string();
    const size_t end = name.find("_from_");
    return end == std::string::npos ? "" : name.substr(0, end);
  }
  const Json* config = dtype_policy.is_object() ? dtype_policy.find("config") : nullptr;
  const Json* mode = config ? config->find("mode") : nullptr;
  return mode && mode->is_string() ? mode->as_string() : "";
}

}  // namespace hebb
