/// Block functions: one elementwise operation on a short run of elements. A lone operation is a loop over blocks, and a
/// fused one runs its steps block by block, so that what one step writes the next reads from the first-level cache.
///
///     BlockFunction f = find_block_function("multiply", {DType::float32});
///     const BlockOperand operands[] = {{x, each_element}, {two, same_element}};
///     f(operands, out, count);
///
/// Every element gets the same bits wherever it stands in a block: the last few are computed by the same instructions
/// under a mask.
#pragma once

#include <cstddef>
#include <string_view>

#include "hebb/tensor/dtype.h"

namespace hebb::simd {

/// An operand of a block function: element i is data[i & mask].
struct BlockOperand {
  const void* data;
  size_t mask;
};

/// The mask of an operand with an element for each position.
inline constexpr size_t each_element = ~size_t{0};
/// The mask of an operand with one value for all positions: `splat_bytes` full of copies lie at `data`.
inline constexpr size_t same_element = 0;

/// The longest vector that a block function loads at once.
inline constexpr size_t splat_bytes = 64;

/// Computes `count` elements. `out` may be an operand of the same type.
using BlockFunction = void (*)(const BlockOperand* operands, void* out, size_t count);

/// The function that computes an elementwise operation on operands of `dtype` (for select: the type of what is
/// selected) with the best instructions of this processor; null when there is none.
BlockFunction find_block_function(std::string_view name, DType dtype);

/// The function that computes two operations on float32, each rounded, with the first one's operands and then the
/// second one's other operand; null when there is none. `first_is_left`: the first's result is the second's left
/// operand.
BlockFunction find_pair_function(std::string_view first, std::string_view second, bool first_is_left);

/// The function that converts elements to another type.
BlockFunction find_cast_function(DType from, DType to);

/// A rough cost for each element, in units of a simple operation: it decides into how many pieces a loop is cut.
double block_function_cost(std::string_view name, DType dtype);

}  // namespace hebb::simd
