/// Cutting a number of things into parts of nearly equal size.
#pragma once

#include <cstdint>

namespace hebb::simd {

struct Range {
  int64_t first, last;
  int64_t size() const { return last - first; }
};

/// Part number `index` of `parts`.
inline Range part(int64_t index, int64_t parts, int64_t size) {
  return {index * size / parts, (index + 1) * size / parts};
}

constexpr int64_t rounded_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace hebb::simd
