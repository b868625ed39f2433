#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/gemm_double.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/gemm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {

GemmFunctions<double> gemm_of_double() { return make_functions<double>(); }

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(gemm_of_double);
template <>
GemmFunctions<double> find_gemm_functions() {
  return HEBB_DISPATCH(gemm_of_double)();
}
}  // namespace hebb::simd
#endif
