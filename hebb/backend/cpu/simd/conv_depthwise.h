/// Depthwise convolutions, a kernel for each channel alone, float32, along one or two spatial axes. Each number of the
/// input is read from memory once: what time they take is memory's.
#pragma once

#include <memory>

#include "hebb/ops/conv.h"
#include "hebb/plan/kernel.h"

namespace hebb::simd {

/// Whether that is what a convolution is; with several outputs for each channel it is not.
bool is_depthwise(const ConvOptions& options, const Shape& kernel);

std::unique_ptr<Kernel> make_depthwise_conv(const Call& call);
/// For an activation that has a block function.
std::unique_ptr<Kernel> make_depthwise_fused_conv(const Call& call);
std::unique_ptr<Kernel> make_depthwise_backward_input(const Call& call);
std::unique_ptr<Kernel> make_depthwise_backward_kernel(const Call& call);

}  // namespace hebb::simd
