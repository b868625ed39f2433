// Keras's operations that activations are made of (keras/src/ops/nn.py).

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hebb/base/text.h"
#include "hebb/nn/activations.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

template <bool logarithm>
Tensors normalized_exponentials(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const auto along = [&](const Tensor& y, int64_t axis) { return logarithm ? log_softmax(y, axis) : softmax(y, axis); };
  const Json* axis = call.config.find("axis");
  if (axis && axis->is_array()) {
    // The axes one behind the other as one, the last.
    const std::vector<int64_t> axes = call.axes("axis", x.rank());
    if (axes.empty()) call.refuse("expected an axis or more, got [].");
    std::vector<int64_t> ends(axes.size());
    std::iota(ends.begin(), ends.end(), x.rank() - static_cast<int64_t>(axes.size()));
    const Tensor behind = with_order(x, axes, ends);
    const int others = x.rank() - static_cast<int>(axes.size());
    const Shape joined = behind.shape().sub(0, others).with(others, behind.shape().sub(others, x.rank()).elements());
    return {with_order(reshape(along(reshape(behind, joined), -1), behind.shape()), ends, axes)};
  }
  if (axis && axis->is_null()) return {reshape(along(reshape(x, {-1}), 0), x.shape())};
  return {along(x, axis ? axis->as_int() : -1)};
}

Tensors gelu(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  if (!call.flag("approximate", true)) return {ActivationFunction("gelu")(x)};
  return {0.5 * x * (tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * (x * x * x))) + 1.0)};
}

Tensors leaky_relu(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  return {select(greater(x, 0.0), x, call.real("negative_slope", 0.2) * x)};
}

Tensors elu(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  return {select(greater(x, 0.0), x, call.real("alpha", 1.0) * expm1(minimum(x, 0.0)))};
}

Tensors celu(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const double alpha = call.real("alpha", 1.0);
  return {maximum(x, 0.0) + alpha * expm1(minimum(x, 0.0) / alpha)};
}

/// Divided by the norm along an axis, which is at least epsilon.
Tensors unit_length(const OperationCall& call) {
  const Tensor x = floating(call.tensor(0, "x"));
  const ReduceOptions options{.axes = call.axes("axis", x.rank()), .keepdims = true};
  const double order = call.real("order", 2), epsilon = call.real("epsilon", 1e-7);
  if (order == 2) return {x * rsqrt(maximum(sum(square(x), options), epsilon * epsilon))};
  if (order == 1) return {x / maximum(sum(abs(x), options), epsilon)};
  if (!(order > 1) || options.axes.size() != 1)
    call.refuse(
        message("hebb has it with an order of at least 1, along one axis where it is above 2, got ", order, "."));
  const auto number = [&](double value) { return Tensor::scalar(value, x.dtype()); };
  return {x / maximum(power(sum(power(abs(x), number(order)), options), number(1 / order)), epsilon)};
}

Tensors squareplus_of(const OperationCall& call) {
  return {squareplus(floating(call.tensor(0, "x")), call.real("b", 4.0))};
}

Tensors sparsemax_of(const OperationCall& call) {
  const Tensor x = floating(call.tensor(0, "x"));
  return {sparsemax(x, call.counted(call.whole("axis", -1), x.rank()))};
}

/// Of one that has no options.
Tensors named_activation(const OperationCall& call) {
  return {ActivationFunction(snake_case(call.operation))(floating(call.tensor(0, "x")))};
}

}  // namespace

const std::vector<OperationRecord>& activation_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Softmax", "nn", normalized_exponentials<false>},
      {"LogSoftmax", "nn", normalized_exponentials<true>},
      {"Gelu", "nn", gelu},
      {"LeakyRelu", "nn", leaky_relu},
      {"Elu", "nn", elu},
      {"Celu", "nn", celu},
      {"Normalize", "nn", unit_length},
      {"HardSigmoid", "nn", named_activation},
      {"HardSilu", "nn", named_activation},
      {"HardTanh", "nn", named_activation},
      {"LogSigmoid", "nn", named_activation},
      {"Relu", "nn", named_activation},
      {"Relu6", "nn", named_activation},
      {"Selu", "nn", named_activation},
      {"Sigmoid", "nn", named_activation},
      {"Silu", "nn", named_activation},
      {"Softplus", "nn", named_activation},
      {"Softsign", "nn", named_activation},
      {"Sparsemax", "nn", sparsemax_of},
      {"Squareplus", "nn", squareplus_of},
      {"TanhShrink", "nn", named_activation},
  };
  return rows;
}

}  // namespace hebb::detail
