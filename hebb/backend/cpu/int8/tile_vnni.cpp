#include "hebb/backend/cpu/int8/tile.h"
#include "hwy/base.h"

#if HWY_ARCH_X86
// GCC's intrinsics hand on a value that is not set on purpose, and GCC 12 warns of it (GCC bug 105593).
#if HWY_COMPILER_GCC_ACTUAL
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <cstring>

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
namespace hebb::int8 {
namespace {

/// 16 columns to a vector, four terms in one instruction.
struct Isa {
  using Integers = __m512i;
  using Floats = __m512;
  using Terms = __m512i;
  static constexpr int64_t lanes = 16;
  static constexpr int tile_rows = 6, tile_vectors = 4;

  static Integers zero() { return _mm512_setzero_si512(); }
  static Floats no_floats() { return _mm512_setzero_ps(); }
  static Integers load_weights(const int8_t* from) { return _mm512_loadu_si512(from); }
  static Integers load_integers(const int32_t* from) { return _mm512_loadu_si512(from); }
  static Floats load(const float* from) { return _mm512_loadu_ps(from); }
  static void store(Floats y, float* to) { _mm512_storeu_ps(to, y); }
  static Terms spread(int32_t word) { return _mm512_set1_epi32(word); }
  static Floats set(float value) { return _mm512_set1_ps(value); }
  static Integers dot(Integers sum, Terms terms, Integers weights) { return _mm512_dpbusd_epi32(sum, terms, weights); }
  static Integers subtract(Integers a, Integers b) { return _mm512_sub_epi32(a, b); }
  static Floats to_float(Integers x) { return _mm512_cvtepi32_ps(x); }
  // With a rounding mode, which keeps the compiler from making one operation of a multiplication and an addition.
  static Floats multiply(Floats a, Floats b) { return _mm512_mul_round_ps(a, b, _MM_FROUND_CUR_DIRECTION); }
  static Floats add(Floats a, Floats b) { return _mm512_add_round_ps(a, b, _MM_FROUND_CUR_DIRECTION); }
  static Floats relu(Floats y) {
    return _mm512_mask_mov_ps(y, _mm512_cmp_ps_mask(y, no_floats(), _CMP_LE_OQ), no_floats());
  }
  static Floats larger_size(Floats x, Floats most) { return _mm512_max_ps(_mm512_abs_ps(x), most); }
  static void store_bytes(Floats y, const ToBytes& how, uint8_t* to) {
    const Floats low = set(-static_cast<float>(how.zero_point)), high = set(255.f - static_cast<float>(how.zero_point));
    // Of NaN and a number the maximum is the second.
    const Floats steps = _mm512_min_ps(_mm512_max_ps(multiply(y, set(how.scale)), low), high);
    const Integers bytes = _mm512_add_epi32(_mm512_cvtps_epi32(steps), _mm512_set1_epi32(how.zero_point));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtepi32_epi8(bytes));
  }
};

#include "hebb/backend/cpu/int8/tile-inl.h"

const Functions* table() { return functions(); }

}  // namespace
}  // namespace hebb::int8
HWY_POP_ATTRIBUTES

namespace hebb::int8 {
const Functions* find_vnni() {
  static const bool has = __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  return has ? table() : nullptr;
}
}  // namespace hebb::int8

#else
namespace hebb::int8 {
const Functions* find_vnni() { return nullptr; }
}  // namespace hebb::int8
#endif
