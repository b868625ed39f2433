// The templates behind gemm.h, for each instruction set. gemm_float.cpp and gemm_double.cpp include them.

#if defined(HEBB_BACKEND_CPU_SIMD_GEMM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HEBB_BACKEND_CPU_SIMD_GEMM_INL_H_
#undef HEBB_BACKEND_CPU_SIMD_GEMM_INL_H_
#else
#define HEBB_BACKEND_CPU_SIMD_GEMM_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "hebb/backend/cpu/simd/across-inl.h"
#include "hebb/backend/cpu/simd/gemm.h"
#include "hebb/backend/cpu/simd/transpose-inl.h"
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

/// A tile of one vector has twice as many rows: fewer would wait for each other's results.
constexpr int64_t rows_of_tile(int64_t vectors) { return vectors == 1 ? 2 * tile_rows : tile_rows; }

/// Bytes of the packed part of B that the tiles of rows share.
constexpr int64_t panel_bytes = 64 * 1024;
/// Rows of A that are multiplied with a part of B before the next part: with the depth of a panel some 400 KiB, which
/// stay in the second-level cache.
constexpr int64_t most_rows = 240;
/// The same where A is packed.
constexpr int64_t packed_rows = 96;

template <class T>
struct Tile {
  const T* a;
  int64_t a_row, a_column;
  const T* b;  ///< rows of B, or the panel
  int64_t b_step;
  T* panel;  ///< where rows of B are left packed, or null
  T* c;
  int64_t c_step;
  const T* next;      ///< what is needed next, or null: fetched into the second-level cache, one line with each
  int64_t next_step;  ///< element of the depth
  int64_t depth;
  int64_t last;  ///< columns of the last vector
  bool add;      ///< to what C holds, instead of 0
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
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sum[i][v] = hn::Zero(d);
  }

  // Four rows share a pointer, so that all addresses stay in registers.
  const T* a[(rows + 3) / 4];
  for (int i = 0; i < (rows + 3) / 4; ++i) a[i] = t.a + 4 * i * t.a_row;
  const int64_t a_rows[4] = {0, t.a_row, 2 * t.a_row, 3 * t.a_row};
  const T* b = t.b;
  T* panel = t.panel;
  const T* next = t.next;
  const int64_t a_column = t.a_column, b_step = t.b_step, next_step = t.next_step;
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
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const V element = hn::Set(d, a[i / 4][a_rows[i % 4]]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[i][v] = hn::MulAdd(element, row[v], sum[i][v]);
    }
#pragma GCC unroll 4
    for (const T*& pointer : a) pointer += a_column;
    b += b_step;
    if (next) {
      __builtin_prefetch(next, 0, 2);
      next += next_step;
    }
  }

  // Each question is asked once for the whole tile.
  const auto for_all = [&](auto body) HWY_ATTR {
#pragma GCC unroll 16
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
  if (t.relu)
    for_all([&](int i, int v) HWY_ATTR { sum[i][v] = hn::IfThenZeroElse(hn::Le(sum[i][v], hn::Zero(d)), sum[i][v]); });
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
#define HEBB_ROWS(r)                                                                \
  {                                                                                 \
    compute_tile<T, HWY_MIN(r, 2 * tile_rows), 1, in_place>,                        \
        compute_tile<T, HWY_MIN(r, tile_rows), HWY_MIN(2, tile_vectors), in_place>, \
        compute_tile<T, HWY_MIN(r, tile_rows), HWY_MIN(3, tile_vectors), in_place>, \
  }
  static constexpr TileFunction<T> functions[16][3] = {HEBB_ROWS(1),  HEBB_ROWS(2),  HEBB_ROWS(3),  HEBB_ROWS(4),
                                                       HEBB_ROWS(5),  HEBB_ROWS(6),  HEBB_ROWS(7),  HEBB_ROWS(8),
                                                       HEBB_ROWS(9),  HEBB_ROWS(10), HEBB_ROWS(11), HEBB_ROWS(12),
                                                       HEBB_ROWS(13), HEBB_ROWS(14), HEBB_ROWS(15), HEBB_ROWS(16)};
#undef HEBB_ROWS
  return functions[rows - 1][vectors - 1];
}

/// Up to 16 vectors of the columns of one row of A times B, summed in registers over the whole depth.
template <class T, int vectors>
HWY_NOINLINE void multiply_row_strip(const GemmBlock<T>& g, int64_t column, int64_t last) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t lanes = hn::MaxLanes(d);
  const auto mask = hn::FirstN(d, static_cast<size_t>(last));
  V sum[vectors];
#pragma GCC unroll 16
  for (int v = 0; v < vectors; ++v) sum[v] = hn::Zero(d);
  const T *a = g.a, *b = g.b + column;
  for (int64_t p = 0; p < g.depth; ++p) {
    const V x = hn::Set(d, *a);
#pragma GCC unroll 16
    for (int v = 0; v < vectors; ++v) {
      const V y = v + 1 < vectors ? hn::LoadU(d, b + v * lanes) : hn::MaskedLoad(mask, d, b + v * lanes);
      sum[v] = hn::MulAdd(x, y, sum[v]);
    }
    a += g.a_column;
    b += g.b_step;
  }
#pragma GCC unroll 16
  for (int v = 0; v < vectors; ++v) {
    const int64_t j = column + v * lanes;
    const auto load = [&](const T* from) HWY_ATTR {
      return v + 1 < vectors ? hn::LoadU(d, from + j) : hn::MaskedLoad(mask, d, from + j);
    };
    V y = sum[v];
    if (g.column_bias) y = hn::Add(y, load(g.column_bias));
    if (g.row_bias) y = hn::Add(y, hn::Set(d, *g.row_bias));
    if (g.relu) y = hn::IfThenZeroElse(hn::Le(y, hn::Zero(d)), y);
    if (v + 1 < vectors) {
      hn::StoreU(y, d, g.c + j);
    } else {
      hn::BlendedStore(y, mask, d, g.c + j);
    }
  }
}

/// One row of A: B is read once, some hundred columns at a time.
template <class T>
void multiply_row(const GemmBlock<T>& g) {
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  // Registers for the sums, an element of A and what is read of B.
  constexpr int most = HWY_TARGET <= HWY_AVX3 ? 16 : 8;
  using Strip = void (*)(const GemmBlock<T>&, int64_t, int64_t);
  static constexpr auto strips = []<int... i>(std::integer_sequence<int, i...>) {
    return std::array<Strip, sizeof...(i)>{multiply_row_strip<T, i + 1>...};
  }
  (std::make_integer_sequence<int, most>());
  const int64_t vectors = (g.columns + lanes - 1) / lanes, parts = (vectors + most - 1) / most;
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t first = part * vectors / parts, end = (part + 1) * vectors / parts;
    const int64_t last = std::min(lanes, g.columns - (end - 1) * lanes);
    strips[static_cast<size_t>(end - first - 1)](g, first * lanes, last);
  }
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

/// Whether A's elements lie so far apart that the caches hold few of them at a time, and B has enough columns to pay
/// for packing them.
template <class T>
bool is_worth_packing(const GemmBlock<T>& g, int64_t width) {
  const int64_t element = sizeof(T);
  // Strides of whole pages put all rows into the same places of the first-level cache.
  if (g.a_column == 1) return g.a_row * element % 4096 == 0 && g.depth >= 64 && g.rows >= 32 && g.columns >= 4 * width;
  return g.depth >= 128 && g.a_column * element >= 512 && g.rows >= 32 && g.columns >= 2 * width;
}

/// Packs tiles of A: for each tile and each column of it the tile's rows.
template <class T>
void pack_rows(const T* a, int64_t a_row, int64_t a_column, int64_t rows, int64_t depth, T* packed) {
  constexpr int64_t tiles_at_once = 4;
  for (int64_t row = 0; row < rows; row += tile_rows) {
    const int64_t count = std::min<int64_t>(tile_rows, rows - row);
    if (a_column == 1) {
      transpose(a + row * a_row, a_row, packed, count, count, depth);
    } else if (rows - row >= tiles_at_once * tile_rows) {
      // Together they are whole cache lines of what is read.
      const T* from = a + row * a_row;
      for (int64_t p = 0; p < depth; ++p, from += a_column) {
        for (int64_t tile = 0; tile < tiles_at_once; ++tile)
          std::copy_n(from + tile * tile_rows, tile_rows, packed + (tile * depth + p) * tile_rows);
      }
      row += (tiles_at_once - 1) * tile_rows;
      packed += (tiles_at_once - 1) * tile_rows * depth;
    } else if (count == tile_rows) {
      for (int64_t p = 0; p < depth; ++p)
        std::copy_n(a + row * a_row + p * a_column, tile_rows, packed + p * tile_rows);
    } else {
      for (int64_t p = 0; p < depth; ++p) std::copy_n(a + row * a_row + p * a_column, count, packed + p * count);
    }
    packed += count * depth;
  }
}

/// The loops around the tiles: a part of the rows, a part of the depth, a panel of columns, and the tiles of rows.
template <class T>
struct Multiplication {
  static constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  static constexpr int64_t width = tile_vectors * lanes;
  static constexpr int64_t deepest = panel_bytes / static_cast<int64_t>(sizeof(T)) / width;

  const GemmBlock<T>& g;
  T* panel;
  T* packed_a;  ///< null: A is read where it lies
  int64_t first_row = 0, end_row = 0, first = 0, end = 0;
  /// Where the next panel's rows of B begin, or null.
  const T* next = nullptr;
  int64_t next_bytes = 0;
  /// How much of what is needed behind the product has been fetched.
  size_t soon = 0;
  int64_t soon_bytes = 0;

  void run() {
    const int64_t depth_parts = std::max<int64_t>(1, (g.depth + deepest - 1) / deepest);
    const int64_t rows_in_part = packed_a ? packed_rows : most_rows,
                  row_parts = (g.rows + rows_in_part - 1) / rows_in_part;
    for (int64_t row_part = 0; row_part < row_parts; ++row_part) {
      first_row = g.rows * row_part / row_parts / tile_rows * tile_rows;
      end_row = row_part == row_parts - 1 ? g.rows : g.rows * (row_part + 1) / row_parts / tile_rows * tile_rows;
      for (int64_t depth_part = 0; depth_part < depth_parts; ++depth_part) {
        first = g.depth * depth_part / depth_parts;
        end = g.depth * (depth_part + 1) / depth_parts;
        if (packed_a)
          pack_rows(g.a + first_row * g.a_row + first * g.a_column, g.a_row, g.a_column, end_row - first_row,
                    end - first, packed_a);
        for (int64_t column = 0; column < g.columns; column += width) {
          const bool is_last_panel = column + width >= g.columns;
          const int64_t next_column = is_last_panel ? 0 : column + width;
          const bool has_next = !g.b_transposed && !(is_last_panel && end == g.depth && row_part == row_parts - 1);
          next = has_next ? g.b +
                                (!is_last_panel   ? first
                                 : end == g.depth ? 0
                                                  : end) *
                                    g.b_step +
                                next_column
                          : nullptr;
          next_bytes = std::min(width, g.columns - next_column) * static_cast<int64_t>(sizeof(T));
          run_panel(column);
        }
      }
    }
  }

  void run_panel(int64_t column) {
    const int64_t columns = std::min(width, g.columns - column);
    const int64_t vectors = (columns + lanes - 1) / lanes, panel_step = vectors * lanes;
    const int64_t rows_left = end_row - first_row, depth = end - first;
    const int64_t tallest = packed_a ? tile_rows : rows_of_tile(vectors);
    const int64_t tiles = (rows_left + tallest - 1) / tallest;
    Tile<T> tile{};
    tile.a_row = g.a_row;
    tile.a_column = g.a_column;
    tile.c_step = g.c_step;
    tile.depth = depth;
    tile.last = columns - (vectors - 1) * lanes;
    tile.add = first > 0 || g.add;
    const bool is_last = end == g.depth;
    tile.column_bias = is_last && g.column_bias ? g.column_bias + column : nullptr;
    tile.relu = is_last && g.relu;
    bool in_place = !g.b_transposed;
    if (in_place) {
      tile.b = g.b + first * g.b_step + column;
      tile.b_step = g.b_step;
      tile.panel = tiles > 1 ? panel : nullptr;
    } else {
      transpose(g.b + column * g.b_step + first, g.b_step, panel, panel_step, columns, depth);
      for (int64_t p = 0; columns < panel_step && p < depth; ++p) {
        std::fill(panel + p * panel_step + columns, panel + (p + 1) * panel_step, T(0));
      }
    }
    // Tiles of nearly equal numbers of rows: a last one of one row would be slow. Packed ones are as tall as can be.
    const int64_t most = (rows_left + tiles - 1) / tiles, larger = rows_left - tiles * (most - 1);
    int64_t fetched = 0;
    for (int64_t k = 0, row = 0; k < tiles; ++k) {
      const int64_t rows = packed_a ? std::min<int64_t>(tile_rows, rows_left - row) : k < larger ? most : most - 1;
      if (packed_a) {
        tile.a = packed_a + row * depth;
        tile.a_row = 1;
        tile.a_column = rows;
      } else {
        tile.a = g.a + (first_row + row) * g.a_row + first * g.a_column;
      }
      tile.c = g.c + (first_row + row) * g.c_step + column;
      tile.row_bias = is_last && g.row_bias ? g.row_bias + first_row + row : nullptr;
      tile.next = nullptr;
      if (soon < g.soon.size()) {
        fetch_soon(tile);
      } else if (!in_place && next && fetched < next_bytes + 63) {
        // The next panel's rows of B are fetched meanwhile, a cache line of each with every tile.
        tile.next = next + fetched / static_cast<int64_t>(sizeof(T));
        tile.next_step = g.b_step;
        fetched += 64;
      }
      if (in_place) {
        tile_function<T, true>(rows, vectors)(tile);
        in_place = false;
      } else {
        tile.b = panel;
        tile.b_step = panel_step;
        tile_function<T, false>(rows, vectors)(tile);
      }
      row += rows;
    }
  }

  /// As many lines as the tile is deep; a few beyond the end do no harm.
  void fetch_soon(Tile<T>& tile) {
    tile.next = static_cast<const T*>(g.soon[soon].data) + soon_bytes / static_cast<int64_t>(sizeof(T));
    tile.next_step = 64 / static_cast<int64_t>(sizeof(T));
    soon_bytes += 64 * tile.depth;
    if (soon_bytes < g.soon[soon].bytes) return;
    ++soon;
    soon_bytes = 0;
  }
};

template <class T>
HWY_NOINLINE void multiply_packed(const GemmBlock<T>& g) {
  alignas(64) std::byte panel[panel_bytes];
  alignas(64) std::byte packed_a[packed_rows * Multiplication<T>::deepest * static_cast<int64_t>(sizeof(T))];
  Multiplication<T>{g, reinterpret_cast<T*>(panel), reinterpret_cast<T*>(packed_a)}.run();
}

template <class T>
HWY_NOINLINE void multiply_in_place(const GemmBlock<T>& g) {
  alignas(64) std::byte panel[panel_bytes];
  Multiplication<T>{g, reinterpret_cast<T*>(panel), nullptr}.run();
}

template <class T>
void multiply(const GemmBlock<T>& g) {
  if (g.rows == 1 && !g.b_transposed && !g.add) return multiply_row(g);
  if (is_worth_packing(g, Multiplication<T>::width)) return multiply_packed(g);
  multiply_in_place(g);
}

template <class T>
GemmFunctions<T> make_functions() {
  return {multiply<T>, dot_rows<T>, transpose<T>, static_cast<int64_t>(hn::MaxLanes(hn::ScalableTag<T>())),
          tile_vectors};
}

}  // namespace
}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HEBB_BACKEND_CPU_SIMD_GEMM_INL_H_
