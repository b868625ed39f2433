/// Direct convolutions with vectors of output channels, float32, along one or two spatial axes.
///
/// Weights and activations are read where they lie, in their plain orders: nothing is packed, padded or unrolled into
/// columns, nothing is allocated, and the three passes share the plain layout of the weights. On AVX-512 the inner
/// loops come within some ten percent of oneDNN's generated code, and pass it for the few channels of a first layer.
#pragma once

#include <memory>

#include "hebb/plan/kernel.h"

namespace hebb {

std::unique_ptr<Kernel> make_simd_conv(const Call& call, Refusal& why);
/// Bias, and any elementwise operation of one argument.
std::unique_ptr<Kernel> make_simd_fused_conv(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_conv_backward_input(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_simd_conv_backward_kernel(const Call& call, Refusal& why);

}  // namespace hebb
