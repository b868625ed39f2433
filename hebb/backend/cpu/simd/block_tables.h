/// The tables that find_block_function looks into, one for each source that defines block functions.
#pragma once

#include <span>
#include <string_view>

#include "hebb/backend/cpu/simd/block.h"

namespace hebb::simd {

struct BlockRow {
  std::string_view name;
  BlockFunction function;
};
using BlockRows = std::span<const BlockRow>;

/// Two operations of float32, the second with the first's result as its left or right operand.
struct PairRow {
  std::string_view first, second;
  bool first_is_left;
  BlockFunction function;
};

// elementwise_math.cpp: exp, log, sin, ... of float32.
BlockRows float_math_rows();
// elementwise_arithmetic.cpp: what takes an instruction or two.
BlockRows float_arithmetic_rows();
BlockRows double_arithmetic_rows();
/// And, or, not.
BlockRows logical_rows();
// elementwise_plain.cpp: integers, booleans as numbers, and functions of float64.
BlockRows plain_rows(DType dtype);
// cast.cpp: conversions worth vectors; null for the others.
BlockFunction vector_cast(DType from, DType to);
/// Conversions between any two types.
BlockFunction plain_cast(DType from, DType to);

}  // namespace hebb::simd
