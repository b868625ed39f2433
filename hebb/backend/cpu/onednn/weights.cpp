#include "hebb/backend/cpu/onednn/weights.h"

#include <immintrin.h>

#include <cstring>
#include <type_traits>

#include "hebb/base/text.h"

namespace hebb::onednn {

namespace {

using Offsets = std::vector<int64_t>;

Offsets steps(int64_t count, int64_t step) {
  Offsets offsets(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) offsets[static_cast<size_t>(i)] = i * step;
  return offsets;
}

/// Whether the offsets come in runs of `size` neighbours.
bool in_runs(const Offsets& offsets, size_t size) {
  if (offsets.size() % size != 0) return false;
  for (size_t i = 0; i < offsets.size(); ++i) {
    if (i % size != 0 && offsets[i] != offsets[i - 1] + 1) return false;
  }
  return true;
}

constexpr size_t run = 16;  // the longest vector, and the block of most orders

/// Calls `body(source offset, target offset)` for the elements of rows [first, last): for each run of neighbouring
/// filters, or for each element.
template <class Body>
void each(const WeightsPlacement& from, const WeightsPlacement& to, int64_t first, int64_t last, size_t step,
          Body&& body) {
  const auto channels = static_cast<int64_t>(from.channels.size());
  for (int64_t row = first; row < last; ++row) {
    const auto tap = static_cast<size_t>(row / channels), channel = static_cast<size_t>(row % channels);
    const int64_t source = from.taps[tap] + from.channels[channel], target = to.taps[tap] + to.channels[channel];
    for (size_t f = 0; f < from.filters.size(); f += step) body(source + from.filters[f], target + to.filters[f]);
  }
}

/// Moves four channels of four filters, with filters neighbours at the source and channels at the target.
void transpose_block(const float* source, int64_t source_step, float* target, int64_t target_step) {
  __m128 a = _mm_loadu_ps(source), b = _mm_loadu_ps(source + source_step);
  __m128 c = _mm_loadu_ps(source + 2 * source_step), d = _mm_loadu_ps(source + 3 * source_step);
  _MM_TRANSPOSE4_PS(a, b, c, d);
  _mm_storeu_ps(target, a);
  _mm_storeu_ps(target + target_step, b);
  _mm_storeu_ps(target + 2 * target_step, c);
  _mm_storeu_ps(target + 3 * target_step, d);
}

/// For orders in which filters are neighbours at the source and channels at the target: four of each at a time.
void move_exchanged(const WeightsPlacement& from, const WeightsPlacement& to, const float* source, float* target,
                    int64_t first, int64_t last) {
  const auto channels = static_cast<int64_t>(from.channels.size());
  for (int64_t row = first; row < last;) {
    const auto tap = static_cast<size_t>(row / channels), channel = static_cast<size_t>(row % channels);
    const float* in = source + from.taps[tap] + from.channels[channel];
    float* out = target + to.taps[tap] + to.channels[channel];
    if (channel % 4 == 0 && row + 4 <= last) {
      const int64_t step = from.channels[channel + 1] - from.channels[channel];
      for (size_t f = 0; f < from.filters.size(); f += 4) {
        transpose_block(in + from.filters[f], step, out + to.filters[f], to.filters[f + 1] - to.filters[f]);
      }
      row += 4;
    } else {
      for (size_t f = 0; f < from.filters.size(); ++f) out[to.filters[f]] = in[from.filters[f]];
      row += 1;
    }
  }
}

/// Whether the offsets come in groups of four with equal steps.
bool in_equal_steps(const Offsets& offsets) {
  if (offsets.size() % 4 != 0) return false;
  for (size_t i = 0; i < offsets.size(); i += 4) {
    const int64_t step = offsets[i + 1] - offsets[i];
    if (offsets[i + 2] - offsets[i + 1] != step || offsets[i + 3] - offsets[i + 2] != step) return false;
  }
  return true;
}

bool can_transpose(const WeightsPlacement& from, const WeightsPlacement& to) {
  return in_runs(from.filters, 4) && in_equal_steps(from.channels) && in_runs(to.channels, 4) &&
         in_equal_steps(to.filters);
}

/// A short text that differs where the offsets do: the runs of equal steps.
std::string outline(const Offsets& offsets) {
  std::string text;
  for (size_t i = 0; i < offsets.size();) {
    const int64_t step = i + 1 < offsets.size() ? offsets[i + 1] - offsets[i] : 0;
    size_t end = i + 1;
    while (end < offsets.size() && offsets[end] - offsets[end - 1] == step) ++end;
    text += message(text.empty() ? "" : " ", offsets[i], "+", step, "x", end - i);
    i = end;
  }
  return text;
}

}  // namespace

WeightsPlacement plain_placement(const Shape& kernel) {
  const int64_t channels = kernel[-2], filters = kernel[-1];
  const int64_t taps = kernel.sub(0, kernel.rank() - 2).elements();
  return {steps(taps, channels * filters), steps(channels, filters), steps(filters, 1),
          taps * channels * filters * static_cast<int64_t>(sizeof(float))};
}

WeightsPlacement exchanged(const WeightsPlacement& placement, int64_t groups) {
  WeightsPlacement result;
  result.bytes = placement.bytes;
  result.taps.assign(placement.taps.rbegin(), placement.taps.rend());
  const size_t channels = placement.filters.size() / static_cast<size_t>(groups);  // of a group, originally
  for (size_t c = 0; c < channels; ++c) result.channels.push_back(placement.filters[c] - placement.filters[0]);
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t filter : placement.channels) {
      result.filters.push_back(placement.filters[static_cast<size_t>(g) * channels] + filter);
    }
  }
  return result;
}

bool same_placement(const WeightsPlacement& a, const WeightsPlacement& b) {
  return a.bytes == b.bytes && a.taps == b.taps && a.channels == b.channels && a.filters == b.filters;
}

bool has_gaps(const WeightsPlacement& placement) {
  const auto elements =
      static_cast<int64_t>(placement.taps.size() * placement.channels.size() * placement.filters.size());
  return placement.bytes != elements * static_cast<int64_t>(sizeof(float));
}

void move_weights(const WeightsPlacement& from, const WeightsPlacement& to, const float* source, float* target,
                  int64_t first, int64_t last) {
  if (in_runs(from.filters, run) && in_runs(to.filters, run)) {
    each(from, to, first, last, run,
         [&](int64_t at, int64_t place) { std::memcpy(target + place, source + at, run * sizeof(float)); });
  } else if (can_transpose(from, to)) {
    move_exchanged(from, to, source, target, first, last);
  } else {
    each(from, to, first, last, 1, [&](int64_t at, int64_t place) { target[place] = source[at]; });
  }
}

void add_weights(const WeightsPlacement& from, const WeightsPlacement& to, const float* source, int64_t count,
                 int64_t stride, float* target, int64_t first, int64_t last) {
  const auto add = [&](auto length) {
    constexpr size_t size = length;
    each(from, to, first, last, size, [&](int64_t at, int64_t place) {
      float sum[size];
      std::memcpy(sum, source + at, sizeof sum);
      for (int64_t i = 1; i < count; ++i) {
        const float* next = source + i * stride + at;
        for (size_t j = 0; j < size; ++j) sum[j] += next[j];
      }
      std::memcpy(target + place, sum, sizeof sum);
    });
  };
  if (in_runs(from.filters, run) && in_runs(to.filters, run)) {
    add(std::integral_constant<size_t, run>{});
  } else {
    add(std::integral_constant<size_t, 1>{});
  }
}

WeightsLayout::WeightsLayout(const Shape& kernel, WeightsPlacement placement)
    : plain_(plain_placement(kernel)), placement_(std::move(placement)) {
  name_ = message("blocked ", kernel, ": taps ", outline(placement_.taps), ", channels ", outline(placement_.channels),
                  ", filters ", outline(placement_.filters), ", ", placement_.bytes, " bytes");
}

void WeightsLayout::pack(const void* plain, void* packed) const {
  if (has_gaps(placement_)) std::memset(packed, 0, static_cast<size_t>(placement_.bytes));
  move_weights(plain_, placement_, static_cast<const float*>(plain), static_cast<float*>(packed), 0, rows(plain_));
}

void WeightsLayout::unpack(const void* packed, void* plain) const {
  move_weights(placement_, plain_, static_cast<const float*>(packed), static_cast<float*>(plain), 0, rows(plain_));
}

}  // namespace hebb::onednn
