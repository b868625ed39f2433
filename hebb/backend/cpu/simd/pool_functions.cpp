#include "hebb/backend/cpu/simd/pool_functions.h"

#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/pool_functions.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>

#include "hebb/backend/cpu/simd/across-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using DI = hn::RebindToSigned<D>;
using V = hn::Vec<D>;
using VI = hn::Vec<DI>;
constexpr int64_t lanes = hn::MaxLanes(D());

/// The part of a window that lies inside the image: taps [top, bottom) x [left, right), and its first place.
struct Window {
  int64_t top, bottom, left, right;
  int64_t rows() const { return std::max<int64_t>(0, bottom - top); }
  int64_t columns() const { return std::max<int64_t>(0, right - left); }
  int64_t count() const { return rows() * columns(); }
};

/// Calls `body(window, channels from, how many of them, offset in the image, offset in the result)` for every position
/// and vector of channels.
template <class Body>
HWY_INLINE void for_positions(const PoolShape& s, int64_t begin, int64_t end, Body body) {
  for (int64_t row = begin; row < end; ++row) {
    const int64_t top = row * s.stride_height - s.low_height;
    for (int64_t column = 0; column < s.out_width; ++column) {
      const int64_t left = column * s.stride_width - s.low_width;
      const Window window{std::max<int64_t>(top, 0), std::min(top + s.window_height, s.height),
                          std::max<int64_t>(left, 0), std::min(left + s.window_width, s.width)};
      const int64_t in = (window.top * s.width + window.left) * s.channels,
                    out = (row * s.out_width + column) * s.channels;
      int64_t c = 0;
      for (; c + lanes <= s.channels; c += lanes) body(window, lanes, in + c, out + c);
      if (c < s.channels) body(window, s.channels - c, in + c, out + c);
    }
  }
}

/// Channels that are not there are zero.
HWY_INLINE V load(const float* from, int64_t count) {
  const D d;
  return count >= lanes ? hn::LoadU(d, from) : hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(count)), d, from);
}

HWY_INLINE void store(V v, float* to, int64_t count) {
  const D d;
  if (count >= lanes) {
    hn::StoreU(v, d, to);
  } else {
    store_part(v, d, to, count);
  }
}

/// Calls `body(tap, offset)` for the places of a window, in row-major order.
template <class Body>
HWY_INLINE void for_taps(const PoolShape& s, const Window& window, int64_t in, Body body) {
  int32_t tap = 0;
  for (int64_t i = 0; i < window.rows(); ++i) {
    for (int64_t j = 0; j < window.columns(); ++j) body(tap++, in + (i * s.width + j) * s.channels);
  }
}

/// Where x is larger than the best so far, or the first NaN.
HWY_INLINE auto is_better(V x, V best) { return hn::Or(hn::Gt(x, best), hn::AndNot(hn::IsNaN(best), hn::IsNaN(x))); }

void max_rows(const PoolShape& s, const float* x, float* y, int64_t begin, int64_t end) {
  const D d;
  for_positions(s, begin, end, [&](const Window& window, int64_t count, int64_t in, int64_t out) HWY_ATTR {
    V best = hn::Set(d, -std::numeric_limits<float>::infinity());
    for_taps(s, window, in, [&](int32_t, int64_t at) HWY_ATTR { best = MaxOf::apply(d, best, load(x + at, count)); });
    store(best, y + out, count);
  });
}

/// The tap of the first maximum in each channel.
HWY_INLINE VI find_maximum(const PoolShape& s, const float* x, const Window& window, int64_t in, int64_t count) {
  const DI di;
  VI tap_of_best = hn::Zero(di);
  V best = load(x + in, count);
  for_taps(s, window, in, [&](int32_t tap, int64_t at) HWY_ATTR {
    if (tap == 0) return;
    const V value = load(x + at, count);
    const auto better = is_better(value, best);
    best = hn::IfThenElse(better, value, best);
    tap_of_best = hn::IfThenElse(hn::RebindMask(di, better), hn::Set(di, tap), tap_of_best);
  });
  return tap_of_best;
}

void pick_rows(const PoolShape& s, const float* x, const float* values, float* y, int64_t begin, int64_t end) {
  const D d;
  const DI di;
  for_positions(s, begin, end, [&](const Window& window, int64_t count, int64_t in, int64_t out) HWY_ATTR {
    V picked = hn::Zero(d);
    if (window.count() > 0) {
      const VI best = find_maximum(s, x, window, in, count);
      for_taps(s, window, in, [&](int32_t tap, int64_t at) HWY_ATTR {
        const auto here = hn::RebindMask(d, hn::Eq(best, hn::Set(di, tap)));
        picked = hn::IfThenElse(here, load(values + at, count), picked);
      });
    }
    store(picked, y + out, count);
  });
}

void max_backward_rows(const PoolShape& s, const float* x, const float* dout, float* dx, int64_t begin, int64_t end) {
  const D d;
  const DI di;
  for_positions(s, begin, end, [&](const Window& window, int64_t count, int64_t in, int64_t out) HWY_ATTR {
    if (window.count() == 0) return;
    const VI best = find_maximum(s, x, window, in, count);
    const V gradient = load(dout + out, count);
    for_taps(s, window, in, [&](int32_t tap, int64_t at) HWY_ATTR {
      const V part = hn::IfThenElseZero(hn::RebindMask(d, hn::Eq(best, hn::Set(di, tap))), gradient);
      store(s.tiles ? part : hn::Add(load(dx + at, count), part), dx + at, count);
    });
  });
}

void average_rows(const PoolShape& s, const float* x, float* y, int64_t begin, int64_t end) {
  const D d;
  for_positions(s, begin, end, [&](const Window& window, int64_t count, int64_t in, int64_t out) HWY_ATTR {
    V sum = hn::Zero(d);
    for_taps(s, window, in, [&](int32_t, int64_t at) HWY_ATTR { sum = hn::Add(sum, load(x + at, count)); });
    store(hn::Div(sum, hn::Set(d, static_cast<float>(std::max<int64_t>(1, window.count())))), y + out, count);
  });
}

void average_backward_rows(const PoolShape& s, const float* dout, float* dx, int64_t begin, int64_t end) {
  const D d;
  for_positions(s, begin, end, [&](const Window& window, int64_t count, int64_t in, int64_t out) HWY_ATTR {
    if (window.count() == 0) return;
    const V part = hn::Div(load(dout + out, count), hn::Set(d, static_cast<float>(window.count())));
    for_taps(s, window, in, [&](int32_t, int64_t at) HWY_ATTR {
      store(s.tiles ? part : hn::Add(load(dx + at, count), part), dx + at, count);
    });
  });
}

}  // namespace

PoolFunctions pool_functions() { return {max_rows, average_rows, pick_rows, max_backward_rows, average_backward_rows}; }

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(pool_functions);
PoolFunctions find_pool_functions() { return HEBB_DISPATCH(pool_functions)(); }
}  // namespace hebb::simd
#endif
