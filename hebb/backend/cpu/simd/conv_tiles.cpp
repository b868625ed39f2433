#include "hebb/backend/cpu/simd/conv_tiles.h"

#include <utility>

#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/conv_tiles.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using Vector = hn::Vec<D>;

HWY_INLINE constexpr int64_t lanes() { return hn::MaxLanes(D()); }

/// Sixteen registers with AVX2, thirty-two with AVX-512: what is left for sums when weights and a factor have theirs.
template <int vectors>
constexpr int most_pixels() {
  constexpr int registers = HWY_TARGET <= HWY_AVX3 ? 32 : 16;
  constexpr int pixels = (registers - vectors - 1) / vectors;
  return pixels < max_pixels ? pixels : max_pixels;
}

/// One or two vectors of filters. Members and not an array: GCC keeps those in registers.
template <int vectors>
struct Row {
  Vector a, b;
};

template <int vectors>
HWY_INLINE Row<vectors> zero_row() {
  return {hn::Zero(D()), hn::Zero(D())};
}

template <int vectors>
HWY_INLINE Row<vectors> load_row(const float* from, hn::Mask<D> last) {
  const D d;
  if constexpr (vectors == 1) return {hn::MaskedLoad(last, d, from), hn::Zero(d)};
  return {hn::LoadU(d, from), hn::MaskedLoad(last, d, from + lanes())};
}

template <int vectors>
HWY_INLINE void store_row(const Row<vectors>& row, float* to, hn::Mask<D> last) {
  const D d;
  if constexpr (vectors == 1) {
    hn::BlendedStore(row.a, last, d, to);
  } else {
    hn::StoreU(row.a, d, to);
    hn::BlendedStore(row.b, last, d, to + lanes());
  }
}

template <int vectors>
HWY_INLINE void add_product(const float* factor, const Row<vectors>& row, Row<vectors>& sum) {
  const Vector x = hn::Set(D(), *factor);
  sum.a = hn::MulAdd(x, row.a, sum.a);
  if constexpr (vectors == 2) sum.b = hn::MulAdd(x, row.b, sum.b);
}

/// The rows of a tile, for the same reason.
template <int rows, int vectors>
struct Tile : Tile<rows - 1, vectors> {
  Row<vectors> last;
};
template <int vectors>
struct Tile<0, vectors> {};

/// Calls `body(constant, row)` for each row of a tile.
template <int rows, int vectors, class Body>
HWY_INLINE void each_row(Tile<rows, vectors>& tile, Body&& body) {
  if constexpr (rows > 0) {
    each_row<rows - 1, vectors>(tile, body);
    body(std::integral_constant<int, rows - 1>(), tile.last);
  }
}

/// Pointers to every third pixel: x, x + step and x + 2 * step are all addresses that an instruction can have.
template <int count>
struct Pointers : Pointers<count - 1> {
  const float* last;
};
template <>
struct Pointers<0> {};

template <int i, int count>
HWY_INLINE const float*& pointer(Pointers<count>& pointers) {
  return static_cast<Pointers<i + 1>&>(pointers).last;
}

template <int count>
HWY_INLINE void set_pointers(Pointers<count>& pointers, const float* x, int64_t step) {
  if constexpr (count > 0) {
    pointers.last = x + (count - 1) * step;
    set_pointers<count - 1>(pointers, x, step);
  }
}

/// tile[p][f] += sum over k of x[p * step + k] * weights[k * row + f].
template <int vectors, int pixels>
HWY_INLINE void add_products(const float* x, int64_t step, const float* weights, int64_t row, int64_t length,
                             hn::Mask<D> last, Tile<pixels, vectors>& tile) {
  using R = Row<vectors>;
  constexpr int count = (pixels + 2) / 3;
  Pointers<count> pointers;
  set_pointers<count>(pointers, x, 3 * step);
  for (int64_t k = 0; k < length; ++k) {
    const R w = load_row<vectors>(weights, last);
    weights += row;
    each_row(tile, [&](auto p, R& sum)
                       HWY_ATTR { add_product<vectors>(pointer<p / 3>(pointers) + k + p % 3 * step, w, sum); });
  }
}

template <int vectors, int pixels>
void strip(const ConvStrip& s) {
  using R = Row<vectors>;
  const hn::Mask<D> last = hn::FirstN(D(), static_cast<size_t>(s.filters - (vectors - 1) * lanes()));
  Tile<pixels, vectors> tile;
  const R start = s.bias ? load_row<vectors>(s.bias, last) : zero_row<vectors>();
  each_row(tile, [&](auto, R& sum) HWY_ATTR { sum = start; });
  const int64_t row = s.row, step = s.x_step;
  for (int64_t i = 0; i < s.run_count; ++i) {
    const ConvRun& run = s.runs[i];
    const float* weights = s.weights + run.weights;
    add_products(s.x + run.x, step, weights, row, run.length, last, tile);
  }
  float* y = s.y;
  if (s.addend) {
    const float* addend = s.addend;
    each_row(tile, [&](auto, R& sum) HWY_ATTR {
      const R more = load_row<vectors>(addend, last);
      sum.a = hn::Add(sum.a, more.a);
      sum.b = hn::Add(sum.b, more.b);
      addend += s.y_step;
    });
  }
  if (s.relu) {
    // The second operand is what comes out when one is NaN.
    const Vector zero = hn::Zero(D());
    each_row(tile, [&](auto, R& sum) HWY_ATTR {
      sum.a = hn::IfThenElse(hn::Lt(sum.a, zero), zero, sum.a);
      sum.b = hn::IfThenElse(hn::Lt(sum.b, zero), zero, sum.b);
    });
  }
  each_row(tile, [&](auto, R& sum) HWY_ATTR {
    store_row<vectors>(sum, y, last);
    y += s.y_step;
  });
}

template <int vectors, int pixels>
void planes(const ConvPlanes& s) {
  using R = Row<vectors>;
  const hn::Mask<D> last = hn::FirstN(D(), static_cast<size_t>(s.filters - (vectors - 1) * lanes()));
  const int64_t step = s.x_step, row = s.row, length = s.length, y_step = s.y_step;
  for (int64_t plane = 0; plane < s.planes; ++plane) {
    Tile<pixels, vectors> tile;
    each_row(tile, [&](auto, R& sum) HWY_ATTR { sum = zero_row<vectors>(); });
    add_products(s.x + plane * s.x_plane, step, s.weights + plane * s.weights_plane, row, length, last, tile);
    float* y = s.y + plane * s.y_plane;
    each_row(tile, [&](auto, R& sum) HWY_ATTR {
      store_row<vectors>(sum, y, last);
      y += y_step;
    });
  }
}

template <int vectors, int rows>
void sum(const ConvSum& s) {
  using R = Row<vectors>;
  const hn::Mask<D> last = hn::FirstN(D(), static_cast<size_t>(s.filters - (vectors - 1) * lanes()));
  Tile<rows, vectors> tile;
  each_row(tile, [&](auto r, R& sum) HWY_ATTR { sum = load_row<vectors>(s.weights + r * s.row, last); });
  const int64_t x_step = s.x_step, dy_step = s.dy_step;
  for (int64_t j = 0; j < s.rows; ++j) {
    const float* x = s.x + j * s.x_row;
    const float* dy = s.dy + j * s.dy_row;
    for (int64_t i = 0; i < s.columns; ++i) {
      const R g = load_row<vectors>(dy, last);
      each_row(tile, [&](auto r, R& sum) HWY_ATTR { add_product<vectors>(x + r, g, sum); });
      x += x_step;
      dy += dy_step;
    }
  }
  each_row(tile, [&](auto r, R& sum) HWY_ATTR { store_row<vectors>(sum, s.weights + r * s.row, last); });
}

void add(const float* arrays, int64_t count, int64_t stride, float* out, int64_t first, int64_t last) {
  const D d;
  const auto add_vectors = [&](int64_t i, auto load) HWY_ATTR {
    Vector sum = load(arrays + i);
    for (int64_t k = 1; k < count; ++k) sum = hn::Add(sum, load(arrays + k * stride + i));
    return sum;
  };
  int64_t i = first;
  for (; i + lanes() <= last; i += lanes()) {
    hn::StoreU(add_vectors(i, [&](const float* from) HWY_ATTR { return hn::LoadU(d, from); }), d, out + i);
  }
  if (i < last) {
    const hn::Mask<D> rest = hn::FirstN(d, static_cast<size_t>(last - i));
    hn::BlendedStore(add_vectors(i, [&](const float* from) HWY_ATTR { return hn::MaskedLoad(rest, d, from); }), rest, d,
                     out + i);
  }
}

template <int vectors, int... pixels>
void fill(ConvTiles& tiles, std::integer_sequence<int, pixels...>) {
  tiles.pixels[vectors] = sizeof...(pixels);
  ((tiles.strip[vectors][pixels + 1] = strip<vectors, pixels + 1>,
    tiles.planes[vectors][pixels + 1] = planes<vectors, pixels + 1>,
    tiles.sum[vectors][pixels + 1] = sum<vectors, pixels + 1>),
   ...);
}

ConvTiles make_tiles() {
  ConvTiles tiles;
  tiles.lanes = lanes();
  tiles.add = add;
  if constexpr (lanes() >= 8) {
    fill<1>(tiles, std::make_integer_sequence<int, most_pixels<1>()>());
    fill<2>(tiles, std::make_integer_sequence<int, most_pixels<2>()>());
  }
  return tiles;
}

const ConvTiles& tiles_of_target() {
  static const ConvTiles tiles = make_tiles();
  return tiles;
}

}  // namespace
}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {

HEBB_EXPORT(tiles_of_target);

const ConvTiles& conv_tiles() { return HEBB_DISPATCH(tiles_of_target)(); }

}  // namespace hebb::simd
#endif
