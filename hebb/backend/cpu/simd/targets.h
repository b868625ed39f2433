/// Which instruction sets the kernels here are compiled for: AVX-512 (Highway's AVX3), AVX2 with FMA, and one element
/// at a time for processors older than those. Included before anything of Highway's, in every source of this folder:
///
///     #include "hebb/backend/cpu/simd/targets.h"
///     #undef HWY_TARGET_INCLUDE
///     #define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/x.cpp"
///     #include "hwy/foreach_target.h"
///     #include "hwy/highway.h"
///
/// A maker looks up the functions of the best set once and the kernel holds on to them.
#pragma once

// x86-64 processors with SSSE3 or SSE4 and without AVX2 are not worth compiling everything twice more.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#endif
