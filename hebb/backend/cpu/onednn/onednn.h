/// Kernels that compute products and convolutions with oneDNN, in float32.
///
/// The work is cut into fixed slices, each computed by one thread with a primitive that was created for one thread.
/// Activations are plain tensors, channels last. Weights are packed in the order that the library is fastest with:
/// once, where the call lets the kernel choose a parameter's layout, or else into scratch in a first phase of each run.
/// The three passes of one convolution ask for the same layout, that of the forward pass, so that an optimizer can work
/// on packed parameters and gradients.
///
/// The library allocates a few small objects in each execution (onednn_api.h), which nothing here can prevent.
#pragma once

#include <memory>

#include "hebb/plan/kernel.h"

namespace hebb {

std::unique_ptr<Kernel> make_onednn_conv(const Call& call, Refusal& why);
/// Bias and relu, tanh or sigmoid behind the convolution.
std::unique_ptr<Kernel> make_onednn_fused_conv(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_onednn_conv_backward_input(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_onednn_conv_backward_kernel(const Call& call, Refusal& why);

std::unique_ptr<Kernel> make_onednn_matmul(const Call& call, Refusal& why);
/// Bias and relu, tanh or sigmoid behind the product.
std::unique_ptr<Kernel> make_onednn_fused_matmul(const Call& call, Refusal& why);

}  // namespace hebb
