/// What is done to the result of a product while it is in the cache.
#pragma once

#include <cstdint>
#include <optional>

#include "hebb/backend/cpu/simd/block.h"
#include "hebb/ops/fused.h"
#include "hebb/plan/kernel.h"

namespace hebb::simd {

struct Finish {
  bool has_bias = false;
  bool relu = false;
  BlockFunction activation = nullptr;  ///< other than relu

  /// The activation of `count` elements in their place.
  template <class T>
  void activate(T* c, int64_t count) const {
    const BlockOperand operand{c, each_element};
    if (activation) activation(&operand, c, static_cast<size_t>(count));
  }
};

/// Of a fused product whose results are of this type; none, with the reason in `why`, where it cannot be done so.
std::optional<Finish> finish_of(const FusedProduct& op, DType dtype, Refusal& why);

}  // namespace hebb::simd
