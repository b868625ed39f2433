/// Convolutions with fewer multiplications (winograd_matrices.h): 3x3 with 2.25 for each output instead of 9, 5x5 with
/// 4 instead of 25, for all three passes.
///
/// The pictures are cut into tiles. A block of tiles is transformed, multiplied with the transformed weights (a small
/// product for each of the n x n places of a tile) and transformed back while it is in the core's own cache.
///
/// Sums are made in another order and of other numbers than in a direct convolution: results differ from the exact ones
/// by up to 1e-5 of the largest one (a direct convolution's: some 1e-7). A NaN or an infinity in the input shows in all
/// outputs of its tiles. `HEBB_WINOGRAD=off` leaves all convolutions to the direct kernels.
#pragma once

#include <memory>

#include "hebb/plan/kernel.h"

namespace hebb {

/// Which convolutions are computed this way: those that take less time by an estimate, all that can be, or none.
/// `HEBB_WINOGRAD` (on, always, off) says so at the start; default: on.
enum class WinogradUse { on, always, off };
/// How it is. InvalidArgument when `HEBB_WINOGRAD` says something else.
WinogradUse winograd_use();
/// For kernels made from now on.
void set_winograd_use(WinogradUse use);

std::unique_ptr<Kernel> make_winograd_conv(const Call& call, Refusal& why);
/// Bias, and any elementwise operation of one argument.
std::unique_ptr<Kernel> make_winograd_fused_conv(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_winograd_conv_backward_input(const Call& call, Refusal& why);
std::unique_ptr<Kernel> make_winograd_conv_backward_kernel(const Call& call, Refusal& why);

}  // namespace hebb
