#include "hebb/backend/cpu/simd/conv_axis.h"

#include <algorithm>

namespace hebb::simd {

namespace {

bool same_taps(const std::vector<AxisTap>& a, const std::vector<AxisTap>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const AxisTap& x, const AxisTap& y) { return x.tap == y.tap && x.offset == y.offset; });
}

/// `meets(position)`: the taps of a position, with sources instead of offsets.
template <class Meets>
std::vector<AxisGroup> make_groups(int64_t positions, int64_t step, int64_t source_step, Meets&& meets) {
  std::vector<AxisGroup> groups;
  for (int64_t residue = 0; residue < std::min(step, positions); ++residue) {
    AxisGroup group{residue, step, 0, 0, source_step, {}};
    for (int64_t position = residue; position < positions; position += step) {
      std::vector<AxisTap> taps = meets(position);
      const int64_t source = taps.empty() ? 0 : taps[0].offset;
      for (AxisTap& tap : taps) tap.offset -= source;
      if (group.count > 0 && !same_taps(taps, group.taps)) {
        groups.push_back(std::move(group));
        group = {position, step, 0, 0, source_step, {}};
      }
      if (group.count++ == 0) {
        group.source = source;
        group.taps = std::move(taps);
      }
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace

std::vector<AxisGroup> forward_groups(const ConvAxis& axis) {
  return make_groups(axis.output, 1, axis.stride, [&](int64_t position) {
    std::vector<AxisTap> taps;
    for (int64_t tap = 0; tap < axis.window; ++tap) {
      const int64_t source = position * axis.stride - axis.low + tap * axis.dilation;
      if (source >= 0 && source < axis.input) taps.push_back({tap, source});
    }
    return taps;
  });
}

std::vector<AxisGroup> backward_groups(const ConvAxis& axis) {
  return make_groups(axis.input, axis.stride, 1, [&](int64_t position) {
    std::vector<AxisTap> taps;
    for (int64_t tap = axis.window - 1; tap >= 0; --tap) {
      const int64_t from = position + axis.low - tap * axis.dilation;
      if (from >= 0 && from % axis.stride == 0 && from / axis.stride < axis.output)
        taps.push_back({tap, from / axis.stride});
    }
    return taps;
  });
}

}  // namespace hebb::simd
