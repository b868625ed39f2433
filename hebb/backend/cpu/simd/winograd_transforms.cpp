#include "hebb/backend/cpu/simd/winograd_transforms.h"

#include <algorithm>
#include <utility>

#include "hebb/backend/cpu/simd/targets.h"
#include "hebb/backend/cpu/simd/winograd_matrices.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/winograd_transforms.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using Vector = hn::Vec<D>;
using Mask = hn::Mask<D>;

HWY_INLINE constexpr int64_t lanes() { return hn::MaxLanes(D()); }

/// sum + factor * x, where the factor is a constant of the matrix: nothing for zero, no product for one.
template <auto matrix, int i, int j>
HWY_INLINE void add_term(Vector x, Vector& sum, bool& empty) {
  constexpr double factor = matrix()(i, j);
  if constexpr (factor != 0) {
    if (empty) {
      sum = factor == 1 ? x : hn::Mul(x, hn::Set(D(), static_cast<float>(factor)));
      empty = false;
    } else if constexpr (factor == 1) {
      sum = hn::Add(sum, x);
    } else if constexpr (factor == -1) {
      sum = hn::Sub(sum, x);
    } else {
      sum = hn::MulAdd(x, hn::Set(D(), static_cast<float>(factor)), sum);
    }
  }
}

/// The terms of row i with columns first, first + step, ...
template <auto matrix, int i, int first, int step, int... k>
HWY_INLINE Vector row_terms(const Vector* in, std::integer_sequence<int, k...>) {
  Vector sum = hn::Zero(D());
  bool empty = true;
  (add_term<matrix, i, first + k * step>(in[first + k * step], sum, empty), ...);
  return sum;
}

/// Whether row i + 1 is row i with the odd columns negated.
template <auto matrix>
constexpr bool is_pair(int i) {
  constexpr auto m = matrix();
  if (i + 1 >= m.rows) return false;
  bool differs = false;
  for (int j = 0; j < m.columns; ++j) {
    if (m(i + 1, j) != (j % 2 ? -m(i, j) : m(i, j))) return false;
    differs |= j % 2 == 1 && m(i, j) != 0;
  }
  return differs;
}

/// out = P in where rows of P stand in pairs: even and odd columns are summed once for both.
template <auto matrix, int i = 0>
HWY_INLINE void multiply_rows(const Vector* in, Vector* out) {
  constexpr auto m = matrix();
  if constexpr (i < m.rows) {
    if constexpr (is_pair<matrix>(i)) {
      const Vector even = row_terms<matrix, i, 0, 2>(in, std::make_integer_sequence<int, (m.columns + 1) / 2>());
      const Vector odd = row_terms<matrix, i, 1, 2>(in, std::make_integer_sequence<int, m.columns / 2>());
      out[i] = hn::Add(even, odd);
      out[i + 1] = hn::Sub(even, odd);
      multiply_rows<matrix, i + 2>(in, out);
    } else {
      out[i] = row_terms<matrix, i, 0, 1>(in, std::make_integer_sequence<int, m.columns>());
      multiply_rows<matrix, i + 1>(in, out);
    }
  }
}

/// out = A^T in: columns of A^T stand in pairs, so that even powers see the sum of both inputs and odd powers their
/// difference. The inputs are replaced: 0; sum, difference; sum, difference; ...; infinity.
template <auto matrix, int i, int... pair>
HWY_INLINE Vector power_terms(const Vector* in, std::integer_sequence<int, pair...>) {
  constexpr int n = matrix().columns;
  Vector sum = hn::Zero(D());
  bool empty = true;
  add_term<matrix, i, 0>(in[0], sum, empty);
  (add_term<matrix, i, 1 + 2 * pair>(in[1 + 2 * pair + i % 2], sum, empty), ...);
  add_term<matrix, i, n - 1>(in[n - 1], sum, empty);
  return sum;
}

template <auto matrix, int... i>
HWY_INLINE void multiply_powers(Vector* in, Vector* out, std::integer_sequence<int, i...>) {
  constexpr int pairs = (matrix().columns - 2) / 2;
  for (int k = 0; k < pairs; ++k) {
    const Vector a = in[1 + 2 * k], b = in[2 + 2 * k];
    in[1 + 2 * k] = hn::Add(a, b);
    in[2 + 2 * k] = hn::Sub(a, b);
  }
  ((out[i] = power_terms<matrix, i>(in, std::make_integer_sequence<int, pairs>())), ...);
}

template <auto matrix, bool powers>
HWY_INLINE void multiply(Vector* in, Vector* out) {
  if constexpr (powers) {
    multiply_powers<matrix>(in, out, std::make_integer_sequence<int, matrix().rows>());
  } else {
    multiply_rows<matrix>(in, out);
  }
}

struct LoadAll {
  HWY_INLINE Vector operator()(const float* from) const { return hn::LoadU(D(), from); }
};
struct LoadSome {
  Mask mask;
  HWY_INLINE Vector operator()(const float* from) const { return hn::MaskedLoad(mask, D(), from); }
};
struct StoreAll {
  HWY_INLINE void operator()(Vector x, float* to) const { hn::StoreU(x, D(), to); }
};
struct StoreSome {
  Mask mask;
  HWY_INLINE void operator()(Vector x, float* to) const { hn::BlendedStore(x, mask, D(), to); }
};

/// One vector of channels. Columns first, through memory in the first-level cache, then rows.
template <auto matrix, bool powers, class Load, class Store>
HWY_INLINE void transform_channels(const WinogradSquare& s, int64_t channel, Load load, Store store) {
  constexpr int n = matrix().columns, m = matrix().rows;
  const D d;
  HWY_ALIGN float between[m][n][static_cast<size_t>(lanes())];
  Vector in[n], out[m];
  for (int j = 0; j < n; ++j) {
    if (j < s.first_column || j >= s.last_column) {
      for (int i = 0; i < m; ++i) hn::Store(hn::Zero(d), d, between[i][j]);
      continue;
    }
    const float* from = s.in + j * s.in_column + channel;
    if (s.first_row == 0 && s.last_row == n) {
      for (int i = 0; i < n; ++i) in[i] = load(from + i * s.in_row);
    } else {
      for (int i = 0; i < n; ++i) in[i] = i < s.first_row || i >= s.last_row ? hn::Zero(d) : load(from + i * s.in_row);
    }
    multiply<matrix, powers>(in, out);
    for (int i = 0; i < m; ++i) hn::Store(out[i], d, between[i][j]);
  }
  const Vector bias = s.bias ? load(s.bias + channel) : hn::Zero(d);
  for (int i = 0; i < s.rows; ++i) {
    for (int j = 0; j < n; ++j) in[j] = hn::Load(d, between[i][j]);
    multiply<matrix, powers>(in, out);
    float* to = s.out + i * s.out_row + channel;
    if constexpr (powers) {
      // Only the last transforms of a convolution end in a picture, which may be smaller than the tiles.
      for (int j = 0; j < m; ++j) {
        if (j >= s.columns) break;
        Vector y = hn::Add(out[j], bias);
        if (s.addend) y = hn::Add(y, load(s.addend + i * s.out_row + j * s.out_column + channel));
        if (s.relu) y = hn::IfThenElse(hn::Lt(y, hn::Zero(d)), hn::Zero(d), y);  // a NaN stays one
        store(y, to + j * s.out_column);
      }
    } else {
      for (int j = 0; j < m; ++j) store(out[j], to + j * s.out_column);
    }
  }
}

template <auto matrix, bool powers>
void transform(const WinogradSquare& s) {
  int64_t channel = 0;
  for (; channel + lanes() <= s.channels; channel += lanes()) {
    transform_channels<matrix, powers>(s, channel, LoadAll(), StoreAll());
  }
  if (channel < s.channels) {
    const Mask rest = hn::FirstN(D(), static_cast<size_t>(s.channels - channel));
    transform_channels<matrix, powers>(s, channel, LoadSome{rest}, StoreSome{rest});
  }
}

template <int m, int r>
constexpr WinogradTransforms make_transforms() {
  constexpr int n = m + r - 1;
  return {m,
          r,
          n,
          transform<winograd_input<n>, false>,
          transform<winograd_filter<n, r>, false>,
          transform<winograd_output<m, n>, true>,
          transform<winograd_filter<n, m>, false>,
          transform<winograd_output<r, n>, true>};
}

const WinogradTransforms* find(int tile, int window) {
  if constexpr (lanes() >= 8) {
    // One row for each size of tile and kernel.
    static constexpr WinogradTransforms all[] = {make_transforms<4, 3>(), make_transforms<2, 3>(),
                                                 make_transforms<4, 5>()};
    for (const WinogradTransforms& transforms : all) {
      if (transforms.tile == tile && transforms.window == window) return &transforms;
    }
  }
  return nullptr;
}

}  // namespace
}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {

HEBB_EXPORT(find);

const WinogradTransforms* winograd_transforms(int tile, int window) { return HEBB_DISPATCH(find)(tile, window); }

}  // namespace hebb::simd
#endif
