// The templates behind gemm.h, for each instruction set. gemm_float.cpp and gemm_double.cpp include them.

#if defined(HEBB_BACKEND_CPU_SIMD_GEMM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HEBB_BACKEND_CPU_SIMD_GEMM_INL_H_
#undef HEBB_BACKEND_CPU_SIMD_GEMM_INL_H_
#else
#define HEBB_BACKEND_CPU_SIMD_GEMM_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "hebb/backend/cpu/simd/across-inl.h"
#include "hebb/backend/cpu/simd/gemm.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

// Accumulators fill the registers up to what vectors of B and one element of A need: 8 x 3 of 32, 6 x 2 of 16.
#if HWY_TARGET <= HWY_AVX3
constexpr int tile_rows = 8, tile_vectors = 3;
#elif HWY_TARGET <= HWY_AVX2
constexpr int tile_rows = 6, tile_vectors = 2;
#else
constexpr int tile_rows = 4, tile_vectors = 2;
#endif

/// Bytes of the packed part of B that the tiles of rows share.
constexpr int64_t panel_bytes = 64 * 1024;
/// Rows of A that are multiplied with a part of B before the next part: with the depth of a panel some 400 KiB, which
/// stay in the second-level cache.
constexpr int64_t most_rows = 240;

template <class T>
struct Tile {
  const T* a;
  int64_t a_row, a_column;
  const T* b;         ///< rows of B, or the panel
  int64_t b_step;
  T* panel;           ///< where rows of B are left packed, or null
  T* c;
  int64_t c_step;
  int64_t depth;
  int64_t last;       ///< columns of the last vector
  bool add;           ///< to what C holds, instead of 0
  const T* column_bias;
  const T* row_bias;
  bool relu;
};

/// One register tile. `in_place`: B's last vector may reach beyond its row and is read under a mask.
template <class T, int rows, int vectors, bool in_place>
HWY_NOINLINE void compute_tile(const Tile<T>& t) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t lanes = hn::MaxLanes(d);
  const auto mask = hn::FirstN(d, static_cast<size_t>(t.last));

  V sum[rows][vectors];
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sum[i][v] = hn::Zero(d);
  }

  const T* a = t.a;
  const T* b = t.b;
  T* panel = t.panel;
  const int64_t a_row = t.a_row, a_column = t.a_column, b_step = t.b_step;
  for (int64_t p = t.depth; p > 0; --p) {
    V row[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      row[v] = in_place && v == vectors - 1 ? hn::MaskedLoad(mask, d, b + v * lanes) : hn::LoadU(d, b + v * lanes);
    }
    if (in_place && panel) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) hn::Store(row[v], d, panel + v * lanes);
      panel += vectors * lanes;
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
      const V element = hn::Set(d, a[i * a_row]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[i][v] = hn::MulAdd(element, row[v], sum[i][v]);
    }
    a += a_column;
    b += b_step;
  }

  // Each question is asked once for the whole tile.
  const auto for_all = [&](auto body) HWY_ATTR {
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) body(i, v);
    }
  };
  const auto load = [&](const T* from, int v) HWY_ATTR {
    return v == vectors - 1 ? hn::MaskedLoad(mask, d, from + v * lanes) : hn::LoadU(d, from + v * lanes);
  };
  if (t.add) for_all([&](int i, int v) HWY_ATTR { sum[i][v] = hn::Add(sum[i][v], load(t.c + i * t.c_step, v)); });
  if (t.column_bias) for_all([&](int i, int v) HWY_ATTR { sum[i][v] = hn::Add(sum[i][v], load(t.column_bias, v)); });
  if (t.row_bias) for_all([&](int i, int v) HWY_ATTR { sum[i][v] = hn::Add(sum[i][v], hn::Set(d, t.row_bias[i])); });
  if (t.relu) for_all([&](int i, int v) HWY_ATTR { sum[i][v] = hn::IfThenZeroElse(hn::Le(sum[i][v], hn::Zero(d)), sum[i][v]); });
  for_all([&](int i, int v) HWY_ATTR {
    T* to = t.c + i * t.c_step + v * lanes;
    if (v == vectors - 1) {
      hn::BlendedStore(sum[i][v], mask, d, to);
    } else {
      hn::StoreU(sum[i][v], d, to);
    }
  });
}

template <class T>
using TileFunction = void (*)(const Tile<T>&);

/// The tile function for a number of rows and vectors.
template <class T, bool in_place>
TileFunction<T> tile_function(int64_t rows, int64_t vectors) {
#define HEBB_ROWS(r)                                                          \
  {                                                                           \
    compute_tile<T, HWY_MIN(r, tile_rows), 1, in_place>,                      \
        compute_tile<T, HWY_MIN(r, tile_rows), HWY_MIN(2, tile_vectors), in_place>, \
        compute_tile<T, HWY_MIN(r, tile_rows), HWY_MIN(3, tile_vectors), in_place>, \
  }
  static constexpr TileFunction<T> functions[8][3] = {HEBB_ROWS(1), HEBB_ROWS(2), HEBB_ROWS(3), HEBB_ROWS(4),
                                                      HEBB_ROWS(5), HEBB_ROWS(6), HEBB_ROWS(7), HEBB_ROWS(8)};
#undef HEBB_ROWS
  return functions[rows - 1][vectors - 1];
}

#if HWY_TARGET <= HWY_AVX2
/// 8 x 8 floats: neighbours are interleaved in pairs, then in fours, then halves are put together.
HWY_INLINE void transpose_8x8(const float* in, int64_t in_step, float* out, int64_t out_step) {
  const hn::CappedTag<float, 8> d;
  const hn::Repartition<uint64_t, decltype(d)> d64;
  using V = hn::Vec<decltype(d)>;
  V row[8], pairs[8], fours[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) row[i] = hn::LoadU(d, in + i * in_step);
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    pairs[i] = hn::InterleaveLower(d, row[i], row[i + 1]);
    pairs[i + 1] = hn::InterleaveUpper(d, row[i], row[i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4) {
#pragma GCC unroll 2
    for (int k = 0; k < 2; ++k) {
      const auto a = hn::BitCast(d64, pairs[i + k]), b = hn::BitCast(d64, pairs[i + k + 2]);
      fours[i + 2 * k] = hn::BitCast(d, hn::InterleaveLower(d64, a, b));
      fours[i + 2 * k + 1] = hn::BitCast(d, hn::InterleaveUpper(d64, a, b));
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    hn::StoreU(hn::ConcatLowerLower(d, fours[i + 4], fours[i]), d, out + i * out_step);
    hn::StoreU(hn::ConcatUpperUpper(d, fours[i + 4], fours[i]), d, out + (i + 4) * out_step);
  }
}
#endif

/// out (columns x rows) = the transpose of in (rows x columns).
template <class T>
void transpose(const T* in, int64_t in_step, T* out, int64_t out_step, int64_t rows, int64_t columns) {
  int64_t i = 0;
#if HWY_TARGET <= HWY_AVX2
  if constexpr (std::is_same_v<T, float>) {
    const int64_t whole = columns / 8 * 8;
    for (; i + 8 <= rows; i += 8) {
      for (int64_t j = 0; j < whole; j += 8) transpose_8x8(in + i * in_step + j, in_step, out + j * out_step + i, out_step);
      for (int64_t j = whole; j < columns; ++j) {
        for (int64_t k = i; k < i + 8; ++k) out[j * out_step + k] = in[k * in_step + j];
      }
    }
  }
#endif
  for (; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) out[j * out_step + i] = in[i * in_step + j];
  }
}

/// One row of A: B is streamed over once, four of its rows at a time.
template <class T>
void multiply_row(const GemmBlock<T>& g) {
  const hn::ScalableTag<T> d;
  constexpr int64_t lanes = hn::MaxLanes(d);
  const auto for_columns = [&](auto body) HWY_ATTR {
    int64_t j = 0;
    for (; j + lanes <= g.columns; j += lanes) {
      hn::StoreU(body(hn::LoadU(d, g.c + j), [&](const T* from) HWY_ATTR { return hn::LoadU(d, from + j); }), d, g.c + j);
    }
    if (j < g.columns) {
      const auto mask = hn::FirstN(d, static_cast<size_t>(g.columns - j));
      const auto load = [&](const T* from) HWY_ATTR { return hn::MaskedLoad(mask, d, from + j); };
      hn::BlendedStore(body(load(g.c), load), mask, d, g.c + j);
    }
  };
  std::fill_n(g.c, g.columns, T(0));
  int64_t p = 0;
  for (; p + 4 <= g.depth; p += 4) {
    const T* b = g.b + p * g.b_step;
    const T* a = g.a + p * g.a_column;
    const auto a0 = hn::Set(d, a[0]), a1 = hn::Set(d, a[g.a_column]);
    const auto a2 = hn::Set(d, a[2 * g.a_column]), a3 = hn::Set(d, a[3 * g.a_column]);
    for_columns([&](auto sum, auto load) HWY_ATTR {
      sum = hn::MulAdd(a0, load(b), sum);
      sum = hn::MulAdd(a1, load(b + g.b_step), sum);
      sum = hn::MulAdd(a2, load(b + 2 * g.b_step), sum);
      return hn::MulAdd(a3, load(b + 3 * g.b_step), sum);
    });
  }
  for (; p < g.depth; ++p) {
    const auto a0 = hn::Set(d, g.a[p * g.a_column]);
    for_columns([&](auto sum, auto load) HWY_ATTR { return hn::MulAdd(a0, load(g.b + p * g.b_step), sum); });
  }
  if (!g.column_bias && !g.row_bias && !g.relu) return;
  for_columns([&](auto sum, auto load) HWY_ATTR {
    if (g.column_bias) sum = hn::Add(sum, load(g.column_bias));
    if (g.row_bias) sum = hn::Add(sum, hn::Set(d, *g.row_bias));
    return g.relu ? hn::IfThenZeroElse(hn::Le(sum, hn::Zero(d)), sum) : sum;
  });
}

/// B has one column: products of rows with it, with vectors along the depth.
template <class T>
void dot_rows(const GemmBlock<T>& g) {
  const hn::ScalableTag<T> d;
  constexpr int64_t lanes = hn::MaxLanes(d);
  using V = hn::Vec<decltype(d)>;
  constexpr int together = 4;
  for (int64_t row = 0; row < g.rows; row += together) {
    const int64_t count = std::min<int64_t>(together, g.rows - row);
    const T* a[together];
    for (int64_t i = 0; i < together; ++i) a[i] = g.a + (row + std::min(i, count - 1)) * g.a_row;
    V sum[together][2];
    for (auto& pair : sum) pair[0] = pair[1] = hn::Zero(d);
    int64_t p = 0;
    for (; p + 2 * lanes <= g.depth; p += 2 * lanes) {
      const V b0 = hn::LoadU(d, g.b + p), b1 = hn::LoadU(d, g.b + p + lanes);
#pragma GCC unroll 4
      for (int i = 0; i < together; ++i) {
        sum[i][0] = hn::MulAdd(hn::LoadU(d, a[i] + p), b0, sum[i][0]);
        sum[i][1] = hn::MulAdd(hn::LoadU(d, a[i] + p + lanes), b1, sum[i][1]);
      }
    }
    for (; p < g.depth; p += lanes) {
      const int64_t left = std::min(lanes, g.depth - p);
      const V b0 = load_or(d, g.b + p, left, hn::Zero(d));
#pragma GCC unroll 4
      for (int i = 0; i < together; ++i) sum[i][0] = hn::MulAdd(load_or(d, a[i] + p, left, hn::Zero(d)), b0, sum[i][0]);
    }
    for (int64_t i = 0; i < count; ++i) {
      T value = across<SumOf>(d, hn::Add(sum[i][0], sum[i][1]));
      if (g.column_bias) value += *g.column_bias;
      if (g.row_bias) value += g.row_bias[row + i];
      if (g.relu && value <= T(0)) value = T(0);
      g.c[(row + i) * g.c_step] = value;
    }
  }
}

template <class T>
void multiply(const GemmBlock<T>& g) {
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  constexpr int64_t width = tile_vectors * lanes;
  constexpr int64_t deepest = panel_bytes / static_cast<int64_t>(sizeof(T)) / width;
  if (g.rows == 1 && !g.b_transposed) return multiply_row(g);

  alignas(64) std::byte panel_memory[panel_bytes];
  T* const panel = reinterpret_cast<T*>(panel_memory);
  const int64_t depth_parts = std::max<int64_t>(1, (g.depth + deepest - 1) / deepest);
  const int64_t row_parts = (g.rows + most_rows - 1) / most_rows;
  for (int64_t row_part = 0; row_part < row_parts; ++row_part) {
    const int64_t first_row = g.rows * row_part / row_parts, end_row = g.rows * (row_part + 1) / row_parts;
    const int64_t tiles = (end_row - first_row + tile_rows - 1) / tile_rows;
    for (int64_t depth_part = 0; depth_part < depth_parts; ++depth_part) {
      const int64_t first = g.depth * depth_part / depth_parts, end = g.depth * (depth_part + 1) / depth_parts;
      const bool is_last = depth_part == depth_parts - 1;
      for (int64_t column = 0; column < g.columns; column += width) {
        const int64_t columns = std::min(width, g.columns - column);
        const int64_t vectors = (columns + lanes - 1) / lanes, panel_step = vectors * lanes;
        Tile<T> tile{};
        tile.a_row = g.a_row;
        tile.a_column = g.a_column;
        tile.c_step = g.c_step;
        tile.depth = end - first;
        tile.last = columns - (vectors - 1) * lanes;
        tile.add = depth_part > 0;
        tile.column_bias = is_last && g.column_bias ? g.column_bias + column : nullptr;
        tile.relu = is_last && g.relu;
        if (g.b_transposed) {
          transpose(g.b + column * g.b_step + first, g.b_step, panel, panel_step, columns, end - first);
          for (int64_t p = 0; columns < panel_step && p < end - first; ++p) {
            std::fill(panel + p * panel_step + columns, panel + (p + 1) * panel_step, T(0));
          }
          tile.b = panel;
          tile.b_step = panel_step;
        } else {
          tile.b = g.b + first * g.b_step + column;
          tile.b_step = g.b_step;
          tile.panel = tiles > 1 ? panel : nullptr;
        }
        bool in_place = !g.b_transposed;
        // Tiles of nearly equal numbers of rows: a last one of one row would be slow.
        for (int64_t k = 0; k < tiles; ++k) {
          const int64_t count = end_row - first_row;
          const int64_t row = first_row + count * k / tiles, end_of_tile = first_row + count * (k + 1) / tiles;
          tile.a = g.a + row * g.a_row + first * g.a_column;
          tile.c = g.c + row * g.c_step + column;
          tile.row_bias = is_last && g.row_bias ? g.row_bias + row : nullptr;
          const int64_t rows = end_of_tile - row;
          (in_place ? tile_function<T, true>(rows, vectors) : tile_function<T, false>(rows, vectors))(tile);
          if (in_place) {
            in_place = false;
            tile.b = panel;
            tile.b_step = panel_step;
          }
        }
      }
    }
  }
}

template <class T>
GemmFunctions<T> make_functions() {
  return {multiply<T>, dot_rows<T>, transpose<T>, static_cast<int64_t>(hn::MaxLanes(hn::ScalableTag<T>()))};
}

}  // namespace
}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HEBB_BACKEND_CPU_SIMD_GEMM_INL_H_
