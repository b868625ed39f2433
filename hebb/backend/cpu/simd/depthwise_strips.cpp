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

/// So many vectors, as members and not an array: GCC keeps those in registers.
template <int count>
struct Sums : Sums<count - 1> {
  V last;
};
template <>
struct Sums<0> {};

/// Calls `body(number, sum)` for each of them, the number being a constant.
template <int count, class Body>
HWY_INLINE void each_sum(Sums<count>& sums, Body body) {
  if constexpr (count > 0) {
    each_sum<count - 1>(sums, body);
    body(std::integral_constant<int, count - 1>(), sums.last);
  }
}

/// `pixels` positions at once, so that a weight is loaded once for all of them and no sum waits for itself.
template <int pixels, bool whole>
HWY_INLINE void strip_tile(const DepthwiseStrip& s, int64_t first, int64_t c, int64_t count) {
  const D d;
  Sums<pixels> sums;
  const V start = s.bias ? load<whole>(s.bias + c, count) : hn::Zero(d);
  each_sum(sums, [&](auto, V& sum) HWY_ATTR { sum = start; });
  const float* x = s.x + first * s.x_step + c;
  const int64_t step = s.x_step;
  for (int64_t t = 0; t < s.tap_count; ++t) {
    const V weight = load<whole>(s.weights + s.taps[t].weights + c, count);
    const float* at = x + s.taps[t].x;
    const float* fourth = at + 4 * step;  // so that every address is one that an instruction can have
    each_sum(sums, [&](auto p, V& sum) HWY_ATTR {
      sum = hn::MulAdd(load<whole>((p < 4 ? at : fourth) + p % 4 * step, count), weight, sum);
    });
  }
  float* y = s.y + first * s.y_step + c;
  if (s.addend) {
    const float* addend = s.addend + first * s.y_step + c;
    each_sum(sums, [&](auto p, V& sum) HWY_ATTR { sum = hn::Add(sum, load<whole>(addend + p * s.y_step, count)); });
  }
  if (s.relu) {  // NaN stays
    each_sum(sums, [&](auto, V& sum) HWY_ATTR { sum = hn::IfThenZeroElse(hn::Lt(sum, hn::Zero(d)), sum); });
  }
  each_sum(sums, [&](auto p, V& sum) HWY_ATTR { store<whole>(sum, y + p * s.y_step, count); });
}

template <int pixels>
HWY_INLINE void strip_tiles(const DepthwiseStrip& s, int64_t& first) {
  for (; first + pixels <= s.pixels; first += pixels) {
    for_channels(s.channels,
                 [&](int64_t c, int64_t count, auto whole) HWY_ATTR { strip_tile<pixels, whole>(s, first, c, count); });
  }
}

/// All channels of some positions before the next positions: memory is read as it lies.
void strip(const DepthwiseStrip& s) {
  int64_t first = 0;
  strip_tiles<8>(s, first);
  strip_tiles<4>(s, first);
  strip_tiles<1>(s, first);
}

/// So many taps as there are sums in registers.
constexpr int most_taps = 9;

template <int taps, bool whole>
HWY_INLINE void sum_tile(const DepthwiseSum& s, int64_t first, int64_t c, int64_t count) {
  Sums<taps> sums;
  const DepthwiseTap* at = s.taps + first;
  each_sum(sums, [&](auto t, V& sum) HWY_ATTR { sum = load<whole>(s.weights + at[t].weights + c, count); });
  const float *dy = s.dy + c, *x = s.x + c;
  for (int64_t p = 0; p < s.pixels; ++p, dy += s.dy_step, x += s.x_step) {
    const V g = load<whole>(dy, count);
    each_sum(sums, [&](auto t, V& sum) HWY_ATTR { sum = hn::MulAdd(load<whole>(x + at[t].x, count), g, sum); });
  }
  each_sum(sums, [&](auto t, V& sum) HWY_ATTR { store<whole>(sum, s.weights + at[t].weights + c, count); });
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
HEBB_EXPORT(depthwise_functions);
DepthwiseFunctions find_depthwise_functions() { return HEBB_DISPATCH(depthwise_functions)(); }
}  // namespace hebb::simd
#endif
