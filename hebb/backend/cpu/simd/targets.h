/// Which instruction sets the kernels here are compiled for: AVX-512 (Highway's AVX3), AVX2 with FMA, and one element
/// at a time for processors older than those. Included before anything of Highway's, in every source of this folder:
///
///     #include "hebb/backend/cpu/simd/targets.h"
///     #undef HWY_TARGET_INCLUDE
///     #define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/x.cpp"
///     #include "hwy/foreach_target.h"
///     #include "hwy/highway.h"
///
/// and outside of HWY_NAMESPACE:
///
///     HEBB_EXPORT(functions);
///     Functions find_functions() { return HEBB_DISPATCH(functions)(); }
///
/// A maker looks up the functions of the best set once and the kernel holds on to them.
///
/// The two macros are Highway's HWY_EXPORT and HWY_DYNAMIC_DISPATCH, with the processor asked here: Highway's library
/// measures a clock for 3 ms when it is loaded, a tenth of what `hebb predict` takes from start to end.
#pragma once

// x86-64 processors with SSSE3 or SSE4 and without AVX2 are not worth compiling everything twice more.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#endif

#include <cstdint>

#include "hwy/targets.h"

namespace hebb::simd {

/// The sets of this processor as Highway's bits (HWY_AVX2, ...), or those that a test has chosen.
int64_t supported_targets();
/// For tests: only these from now on; 0 for all of the processor's. Kernels that exist keep their functions.
void set_supported_targets(int64_t targets);
/// What `HEBB_DISPATCH` goes by.
const hwy::ChosenTarget& chosen_target();

}  // namespace hebb::simd

#if (HWY_TARGETS & (HWY_TARGETS - 1)) == 0  // compiled for one set alone
#define HEBB_EXPORT(NAME) static_assert(true)
#define HEBB_DISPATCH(NAME) HWY_STATIC_DISPATCH(NAME)
#else
#define HEBB_EXPORT(NAME)                                                                                         \
  static constexpr decltype(&HWY_STATIC_DISPATCH(NAME)) HWY_DISPATCH_TABLE(NAME)[HWY_MAX_DYNAMIC_TARGETS + 2] = { \
      nullptr, HWY_CHOOSE_TARGET_LIST(NAME), HWY_CHOOSE_FALLBACK(NAME)}
#define HEBB_DISPATCH(NAME) (*HWY_DISPATCH_TABLE(NAME)[::hebb::simd::chosen_target().GetIndex()])
#endif
