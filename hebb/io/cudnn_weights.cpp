#include "hebb/io/cudnn_weights.h"

#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb::io {

namespace {

/// Each gate's part of a kernel, (rows, units), by `change`.
template <class Change>
Tensor each_gate(const Tensor& kernel, int64_t units, Change change) {
  const int64_t rows = kernel.shape()[0], columns = kernel.shape()[1];
  Tensors gates;
  for (int64_t at = 0; at < columns; at += units) gates.push_back(change(slice(kernel, {0, at}, {rows, at + units})));
  return concatenate(gates, 1);
}

}  // namespace

bool is_of_cudnn(const Spec& bias, const Shape& stored) {
  if (stored.rank() != 1) return false;
  const bool of_lstm = bias.shape.rank() == 1 && stored[0] == 2 * bias.shape[0];
  const bool of_gru = bias.shape.rank() == 2 && bias.shape[0] == 2 && stored[0] == bias.shape.elements();
  return of_lstm || of_gru;
}

Tensors from_cudnn(const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias, const Spec& wanted_bias) {
  const int64_t units = recurrent_kernel.shape()[0], features = kernel.shape()[0];
  const auto turned = [](const Tensor& gate) { return transpose(gate); };
  const auto reread = [&](const Tensor& gate) { return transpose(reshape(gate, {units, features})); };
  const Tensor both = reshape(bias, {2, bias.size() / 2});
  const int64_t half = both.shape()[1];
  return {each_gate(kernel, units, reread), each_gate(recurrent_kernel, units, turned),
          wanted_bias.shape.rank() == 2
              ? both
              : reshape(slice(both, {0, 0}, {1, half}) + slice(both, {1, 0}, {2, half}), {half})};
}

}  // namespace hebb::io
