/// The operations that the processor can compute, and who computes them.
///
/// The table is in registry.cpp; `kernel_makers` and `choose_kernel` (plan/kernel.h) read it.
#pragma once

#include <string_view>
#include <vector>

namespace hebb {

/// The names of all operations that have kernels, the elementwise ones among them.
std::vector<std::string_view> kernel_operations();

}  // namespace hebb
