#include "hebb/backend/cpu/simd/depthwise_strips.h"

#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/depthwise_strips.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>

#include "hebb/backend/cpu/simd/across-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int64_t lanes = hn::MaxLanes(D());

/// Channels that are not there are zero.
template <bool whole>
HWY_INLINE V load(const float* from, int64_t count) {
  const D d;
  if constexpr (whole) return hn::LoadU(d, from);
  return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(count)), d, from);
}

template <bool whole>
HWY_INLINE void store(V v, float* to, int64_t count) {
  const D d;
  if constexpr (whole) {
    hn::StoreU(v, d, to);
  } else {
    store_part(v, d, to, count);
  }
}

/// Calls `body(first channel, how many, whether that is a whole vector)`.
template <class Body>
HWY_INLINE void for_channels(int64_t channels, Body body) {
  int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) body(c, lanes, std::true_type());
  if (c < channels) body(c, channels - c, std::false_type());
}

/// `pixels` positions at once, so that a weight is loaded once for all of them and no sum waits for itself.
template <int pixels, bool whole>
HWY_INLINE void strip_tile(const DepthwiseStrip& s, int64_t first, int64_t c, int64_t count) {
  const D d;
  V sums[pixels];
  const V start = s.bias ? load<whole>(s.bias + c, count) : hn::Zero(d);
  for (int p = 0; p < pixels; ++p) sums[p] = start;
  const float* x = s.x + first * s.x_step + c;
  for (int64_t t = 0; t < s.tap_count; ++t) {
    const V weight = load<whole>(s.weights + s.taps[t].weights + c, count);
    const float* at = x + s.taps[t].x;
    for (int p = 0; p < pixels; ++p) sums[p] = hn::MulAdd(load<whole>(at + p * s.x_step, count), weight, sums[p]);
  }
  float* y = s.y + first * s.y_step + c;
  if (s.addend) {
    const float* addend = s.addend + first * s.y_step + c;
    for (int p = 0; p < pixels; ++p) sums[p] = hn::Add(sums[p], load<whole>(addend + p * s.y_step, count));
  }
  if (s.relu) {
    for (int p = 0; p < pixels; ++p) sums[p] = hn::IfThenZeroElse(hn::Lt(sums[p], hn::Zero(d)), sums[p]);  // NaN stays
  }
  for (int p = 0; p < pixels; ++p) store<whole>(sums[p], y + p * s.y_step, count);
}

void strip(const DepthwiseStrip& s) {
  for_channels(s.channels, [&](int64_t c, int64_t count, auto whole) HWY_ATTR {
    int64_t p = 0;
    for (; p + 8 <= s.pixels; p += 8) strip_tile<8, whole>(s, p, c, count);
    for (; p + 4 <= s.pixels; p += 4) strip_tile<4, whole>(s, p, c, count);
    for (; p < s.pixels; ++p) strip_tile<1, whole>(s, p, c, count);
  });
}

/// So many taps as there are sums in registers.
constexpr int most_taps = 9;

template <int taps, bool whole>
HWY_INLINE void sum_tile(const DepthwiseSum& s, int64_t first, int64_t c, int64_t count) {
  V sums[taps];
  const float* x[taps];
  for (int t = 0; t < taps; ++t) {
    sums[t] = load<whole>(s.weights + s.taps[first + t].weights + c, count);
    x[t] = s.x + s.taps[first + t].x + c;
  }
  const float* dy = s.dy + c;
  for (int64_t p = 0; p < s.pixels; ++p) {
    const V g = load<whole>(dy + p * s.dy_step, count);
    for (int t = 0; t < taps; ++t) sums[t] = hn::MulAdd(load<whole>(x[t] + p * s.x_step, count), g, sums[t]);
  }
  for (int t = 0; t < taps; ++t) store<whole>(sums[t], s.weights + s.taps[first + t].weights + c, count);
}

void sum(const DepthwiseSum& s) {
  for_channels(s.channels, [&](int64_t c, int64_t count, auto whole) HWY_ATTR {
    int64_t t = 0;
    for (; t + most_taps <= s.tap_count; t += most_taps) sum_tile<most_taps, whole>(s, t, c, count);
    for (; t + 3 <= s.tap_count; t += 3) sum_tile<3, whole>(s, t, c, count);
    for (; t < s.tap_count; ++t) sum_tile<1, whole>(s, t, c, count);
  });
}

}  // namespace

DepthwiseFunctions depthwise_functions() { return {strip, sum}; }

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HWY_EXPORT(depthwise_functions);
DepthwiseFunctions find_depthwise_functions() { return HWY_DYNAMIC_DISPATCH(depthwise_functions)(); }
}  // namespace hebb::simd
#endif
