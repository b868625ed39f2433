#include "hebb/backend/cpu/simd/block.h"

#include <array>
#include <initializer_list>

#include "hebb/backend/cpu/simd/block_tables.h"

namespace hebb::simd {

namespace {

BlockFunction find(std::initializer_list<BlockRows> tables, std::string_view name) {
  for (const BlockRows& rows : tables) {
    for (const BlockRow& row : rows) {
      if (row.name == name) return row.function;
    }
  }
  return nullptr;
}

}  // namespace

BlockFunction find_block_function(std::string_view name, DType dtype) {
  switch (dtype) {
    case DType::float32: return find({float_arithmetic_rows(), float_math_rows()}, name);
    case DType::float64: return find({double_arithmetic_rows(), plain_rows(dtype)}, name);
    case DType::boolean: return find({logical_rows(), plain_rows(dtype)}, name);
    default: return find({plain_rows(dtype)}, name);
  }
}

BlockFunction find_cast_function(DType from, DType to) {
  const BlockFunction fast = vector_cast(from, to);
  return fast ? fast : plain_cast(from, to);
}

double block_function_cost(std::string_view name, DType dtype) {
  if (dtype == DType::float64 && find({plain_rows(dtype)}, name)) return 100;
  if (dtype == DType::float32 && find({float_math_rows()}, name)) return name == "power" ? 40 : 10;
  return dtype == DType::float32 ? 1 : 3;
}

}  // namespace hebb::simd
