#include "hebb/backend/cpu/int8/tile.h"
#include "hwy/base.h"

#if HWY_ARCH_X86
#include <immintrin.h>

#include <cstring>

HWY_PUSH_ATTRIBUTES("avx2")  // without FMA: the compiler cannot make one operation of a multiplication and an addition
namespace hebb::int8 {
namespace {

/// Eight columns to a vector. Products of bytes are added in pairs as 16-bit numbers by `maddubs`, which saturates; so
/// bytes are widened first, those with even and those with odd numbers, and multiplied by `madd`, which is exact.
struct Isa {
  using Integers = __m256i;
  using Floats = __m256;
  struct Terms {
    __m256i even, odd;
  };
  static constexpr int64_t lanes = 8;
  static constexpr int tile_rows = 3, tile_vectors = 2;

  static Integers zero() { return _mm256_setzero_si256(); }
  static Floats no_floats() { return _mm256_setzero_ps(); }
  static Integers load_weights(const int8_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  static Integers load_integers(const int32_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  static Floats load(const float* from) { return _mm256_loadu_ps(from); }
  static void store(Floats y, float* to) { _mm256_storeu_ps(to, y); }
  static Terms spread(int32_t word) {
    const __m256i all = _mm256_set1_epi32(word);
    return {_mm256_and_si256(all, _mm256_set1_epi16(255)), _mm256_srli_epi16(all, 8)};
  }
  static Floats set(float value) { return _mm256_set1_ps(value); }
  static Integers dot(Integers sum, Terms terms, Integers weights) {
    const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(weights, 8), 8), odd = _mm256_srai_epi16(weights, 8);
    return _mm256_add_epi32(sum,
                            _mm256_add_epi32(_mm256_madd_epi16(terms.even, even), _mm256_madd_epi16(terms.odd, odd)));
  }
  static Integers subtract(Integers a, Integers b) { return _mm256_sub_epi32(a, b); }
  static Floats to_float(Integers x) { return _mm256_cvtepi32_ps(x); }
  static Floats multiply(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
  static Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
  static Floats relu(Floats y) { return _mm256_andnot_ps(_mm256_cmp_ps(y, no_floats(), _CMP_LE_OQ), y); }
  static Floats larger_size(Floats x, Floats most) { return _mm256_max_ps(_mm256_andnot_ps(set(-0.f), x), most); }
  static void store_bytes(Floats y, const ToBytes& how, uint8_t* to) {
    const Floats low = set(-static_cast<float>(how.zero_point)), high = set(255.f - static_cast<float>(how.zero_point));
    // Of NaN and a number the maximum is the second.
    const Floats steps = _mm256_min_ps(_mm256_max_ps(_mm256_mul_ps(y, set(how.scale)), low), high);
    const Integers bytes = _mm256_add_epi32(_mm256_cvtps_epi32(steps), _mm256_set1_epi32(how.zero_point));
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(words, words));
  }
};

#include "hebb/backend/cpu/int8/tile-inl.h"

const Functions* table() { return functions(); }

}  // namespace
}  // namespace hebb::int8
HWY_POP_ATTRIBUTES

namespace hebb::int8 {
const Functions* find_avx2() {
  static const bool has = __builtin_cpu_supports("avx2");
  return has ? table() : nullptr;
}
}  // namespace hebb::int8

#else
namespace hebb::int8 {
const Functions* find_avx2() { return nullptr; }
}  // namespace hebb::int8
#endif
