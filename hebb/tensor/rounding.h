/// Numbers of 16 bits that are computed with as float32: mixed precision rounds to them, and stores nothing in them.
///
///     rounded_to_bfloat16(3.14159f);     // 3.140625: 8 significant bits
///     rounded_to_float16(70000.f);       // infinity: float16 ends at 65504
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "hebb/tensor/dtype.h"

namespace hebb {

/// To which type numbers are rounded that are kept as float32.
enum class Rounding : uint8_t { none, bfloat16, float16 };

/// The nearest bfloat16, halves to even; NaN stays NaN.
constexpr float rounded_to_bfloat16(float value) { return static_cast<float>(Bfloat16(value)); }

/// The nearest float16 (IEEE 754 binary16: 11 significant bits, multiples of 2^-24 below 2^-14), halves to even;
/// infinity from 65520 on, NaN stays NaN.
inline float rounded_to_float16(float value) {
  const float magnitude = std::abs(value);
  if (!(magnitude >= 0x1p-14f)) return std::copysign((magnitude + 0.5f) - 0.5f, value);  // NaN comes here, too
  const auto bits = std::bit_cast<uint32_t>(magnitude);
  const auto nearest = std::bit_cast<float>((bits + 0xFFF + (bits >> 13 & 1)) & 0xFFFFE000);
  return std::copysign(nearest >= 0x1p16f ? HUGE_VALF : nearest, value);
}

}  // namespace hebb
