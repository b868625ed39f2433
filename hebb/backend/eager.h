/// Running operations at once, outside any plan: what `apply_op` calls when nothing is being traced.
///
/// Choosing and setting up a kernel takes far longer than a small operation itself, so kernels are kept: the next call
/// of the same operation on the same specs finds its kernel made.
#pragma once

#include <cstddef>

namespace hebb {

/// How many kernels are kept at most; the one that was not used for the longest time goes first.
constexpr size_t kept_kernels = 1024;

/// How many are kept now.
size_t kept_kernel_count();

/// Forgets all kernels that are kept.
void forget_kernels();

}  // namespace hebb
