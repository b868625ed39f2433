/// Weights of Keras 2's CuDNNLSTM and CuDNNGRU, which lie otherwise than those of LSTM and GRU. Internal.
#pragma once

#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb::io {

/// Where a list of a recurrent layer's weights, as the model has them, begins with a kernel, a recurrent kernel and a
/// bias of which the file has the biases of both products one behind the other: as many as LSTM has twice, or those
/// of GRU as one row. `stored`: the bias's shape in the file.
bool is_of_cudnn(const Spec& bias, const Shape& stored);

/// Kernel, recurrent kernel and bias in the order of LSTM and GRU. Every gate's kernels are transposed there: the first
/// one's numbers are (units, features) in a matrix of (features, units).
Tensors from_cudnn(const Tensor& kernel, const Tensor& recurrent_kernel, const Tensor& bias, const Spec& wanted_bias);

}  // namespace hebb::io
