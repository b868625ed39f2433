#include "hebb/backend/cpu/simd/targets.h"

namespace hebb::simd {

namespace {

int64_t of_this_processor() {
#if HWY_ARCH_X86 && defined(__GNUC__)
  int64_t found = HWY_STATIC_TARGET | HWY_EMU128;
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2");
  if (avx2) found |= HWY_AVX2;
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd")) {
    found |= HWY_AVX3;
  }
  return found;
#else
  return hwy::SupportedTargets();
#endif
}

struct Targets {
  int64_t supported = of_this_processor();
  hwy::ChosenTarget chosen;
  Targets() { chosen.Update(supported); }
};

Targets& targets() {
  static Targets the_targets;
  return the_targets;
}

}  // namespace

int64_t supported_targets() { return targets().supported; }

void set_supported_targets(int64_t chosen) {
  targets().supported = chosen == 0 ? of_this_processor() : chosen;
  targets().chosen.Update(targets().supported);
}

const hwy::ChosenTarget& chosen_target() { return targets().chosen; }

}  // namespace hebb::simd
