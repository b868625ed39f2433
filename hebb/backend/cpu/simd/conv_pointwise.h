/// Convolutions with one tap, no strides and no padding: products of the pixels with a matrix. (The gradient with
/// respect to the kernel is left to the direct convolution, which cuts the long sum over all pixels for the threads.)
#pragma once

#include <memory>

#include "hebb/ops/conv.h"
#include "hebb/plan/kernel.h"

namespace hebb::simd {

/// Whether that is what a convolution is.
bool is_pointwise(const ConvOptions& options, const Shape& kernel);

std::unique_ptr<Kernel> make_pointwise_conv(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_pointwise_fused_conv(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_pointwise_backward_input(const Call& call, Refusal& why);

}  // namespace hebb::simd
