#include "hebb/backend/cpu/simd/recurrence_functions.h"

#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/recurrence_functions.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <array>
#include <utility>

#include "hebb/backend/cpu/simd/across-inl.h"
#include "hebb/backend/cpu/simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int64_t lanes = hn::MaxLanes(D());

// ------------------------------------------------------------------------------------------------------- products

/// Rows of a register tile of so many vectors: accumulators, a row of B and an element of A fill the registers.
constexpr int rows_of_tile(int vectors) {
#if HWY_TARGET <= HWY_AVX3
  return vectors == 4 ? 6 : vectors == 3 ? 8 : 12;
#else
  return vectors == 4 ? 2 : vectors == 3 ? 3 : 4;
#endif
}

void pack(const float* in, int64_t in_row, int64_t in_column, int64_t depth, int64_t units, int64_t gates,
          int64_t first, int64_t end, float* packed) {
  const int64_t tile = recurrence_tile(gates);
  for (; first < end; first += tile) {
    const int64_t vectors = std::min(tile, end - first);
    for (int64_t v = 0; v < vectors; ++v) {
      const int64_t gate = (first + v) % gates, unit = (first + v) / gates * lanes;
      const int64_t count = std::min(lanes, units - unit);
      const float* from = in + (gate * units + unit) * in_column;
      float* to = packed + (first * depth + v) * lanes;
      for (int64_t p = 0; p < depth; ++p, to += vectors * lanes) {
        for (int64_t i = 0; i < count; ++i) to[i] = from[p * in_row + i * in_column];
        for (int64_t i = count; i < lanes; ++i) to[i] = 0;
      }
    }
  }
}

struct Tile {
  const float* a;
  int64_t a_step, depth;
  const float* packed;
  float* c;
  int64_t c_step;
};

template <int rows, int vectors>
HWY_NOINLINE void multiply_tile(const Tile& t) {
  const D d;
  V sum[rows][vectors];
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sum[i][v] = hn::Zero(d);
  }
  // Four rows share a pointer, so that all addresses stay in registers.
  const float* a[(rows + 3) / 4];
  for (int i = 0; i < (rows + 3) / 4; ++i) a[i] = t.a + 4 * i * t.a_step;
  const int64_t a_rows[4] = {0, t.a_step, 2 * t.a_step, 3 * t.a_step};
  const float* b = t.packed;
  for (int64_t p = t.depth; p > 0; --p) {
    V row[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) row[v] = hn::LoadU(d, b + v * lanes);
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const V element = hn::Set(d, a[i / 4][a_rows[i % 4]]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[i][v] = hn::MulAdd(element, row[v], sum[i][v]);
    }
#pragma GCC unroll 4
    for (const float*& pointer : a) ++pointer;
    b += vectors * lanes;
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) hn::StoreU(sum[i][v], d, t.c + i * t.c_step + v * lanes);
  }
}

using TileFunction = void (*)(const Tile&);

TileFunction tile_function(int64_t rows, int64_t vectors) {
  constexpr int most = 12;
  static constexpr auto functions = []<int... r>(std::integer_sequence<int, r...>) {
    return std::array<std::array<TileFunction, 4>, most>{std::array<TileFunction, 4>{
        multiply_tile<HWY_MIN(r + 1, rows_of_tile(1)), 1>, multiply_tile<HWY_MIN(r + 1, rows_of_tile(2)), 2>,
        multiply_tile<HWY_MIN(r + 1, rows_of_tile(3)), 3>, multiply_tile<HWY_MIN(r + 1, rows_of_tile(4)), 4>}...};
  }
  (std::make_integer_sequence<int, most>());
  return functions[static_cast<size_t>(rows - 1)][static_cast<size_t>(vectors - 1)];
}

void multiply(const float* a, int64_t a_step, int64_t rows, int64_t depth, const float* packed, int64_t tile,
              int64_t first, int64_t end, float* c, int64_t c_step) {
  for (int64_t v = first; v < end; v += tile) {
    const int64_t vectors = std::min(tile, end - v), most = rows_of_tile(static_cast<int>(vectors));
    const int64_t tiles = (rows + most - 1) / most;
    // Of nearly equal height: a last one of one row would be slow.
    for (int64_t k = 0; k < tiles; ++k) {
      const int64_t row = rows * k / tiles, count = rows * (k + 1) / tiles - row;
      tile_function(count, vectors)({a + row * a_step, a_step, depth, packed + v * lanes * depth,
                                     c + row * c_step + (v - first) * lanes, c_step});
    }
  }
}

// ---------------------------------------------------------------------------------------------------------- cells

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

/// Calls `body(row, product of the block, unit, units in the block, whether the row's mask is true)`.
template <class Body>
HWY_INLINE void for_blocks(const CellRows& s, int64_t gates, Body body) {
  for (int64_t row = 0; row < s.rows; ++row) {
    const bool moves = !s.mask || s.mask[row * s.mask_step];
    for (int64_t block = s.first_block; block < s.end_block; ++block) {
      const float* product = s.product + row * s.product_step + (block - s.first_block) * gates * lanes;
      body(row, product, block * lanes, std::min(lanes, s.units - block * lanes), moves);
    }
  }
}

/// x + h R + b for a gate.
HWY_INLINE V before_gate(const CellRows& s, int64_t row, const float* product, int64_t gate, int64_t gate_of_product,
                         int64_t unit, int64_t count) {
  const D d;
  const int64_t at = gate * s.units + unit;
  const V u = hn::Add(hn::LoadU(d, product + gate_of_product * lanes), load(s.bias + at, count));
  return hn::Add(load(s.x + row * s.x_step + at, count), u);
}

HWY_INLINE void keep_state(const CellRows& s, int64_t row, int64_t unit, int64_t count, V h, V c, bool has_c) {
  store(h, s.h + row * s.result_step + unit, count);
  if (s.h_copy) store(h, s.h_copy + row * s.copy_step + unit, count);
  if (!has_c) return;
  store(c, s.c + row * s.result_step + unit, count);
  if (s.c_copy) store(c, s.c_copy + row * s.copy_step + unit, count);
}

void simple_rows(const CellRows& s) {
  const D d;
  for_blocks(s, 1, [&](int64_t row, const float* product, int64_t unit, int64_t count, bool moves) HWY_ATTR {
    V h = tanh(d, before_gate(s, row, product, 0, 0, unit, count));
    if (!moves) h = load(s.h_before + row * s.before_step + unit, count);
    keep_state(s, row, unit, count, h, h, false);
  });
}

void lstm_rows(const CellRows& s) {
  const D d;
  for_blocks(s, 4, [&](int64_t row, const float* product, int64_t unit, int64_t count, bool moves) HWY_ATTR {
    const V i = sigmoid(d, before_gate(s, row, product, 0, 0, unit, count));
    const V f = sigmoid(d, before_gate(s, row, product, 1, 1, unit, count));
    const V g = tanh(d, before_gate(s, row, product, 2, 2, unit, count));
    const V o = sigmoid(d, before_gate(s, row, product, 3, 3, unit, count));
    float* gates = s.gates + row * s.gates_step + unit;
    store(i, gates, count);
    store(f, gates + s.units, count);
    store(g, gates + 2 * s.units, count);
    store(o, gates + 3 * s.units, count);
    const V c_before = load(s.c_before + row * s.before_step + unit, count);
    V c = hn::MulAdd(f, c_before, hn::Mul(i, g));
    V h = hn::Mul(o, tanh(d, c));
    if (!moves) {
      c = c_before;
      h = load(s.h_before + row * s.before_step + unit, count);
    }
    keep_state(s, row, unit, count, h, c, true);
  });
}

void gru_rows(const CellRows& s) {
  const D d;
  for_blocks(s, 3, [&](int64_t row, const float* product, int64_t unit, int64_t count, bool moves) HWY_ATTR {
    const V z = sigmoid(d, before_gate(s, row, product, 0, 0, unit, count));
    const V r = sigmoid(d, before_gate(s, row, product, 1, 1, unit, count));
    const V inner = hn::Add(hn::LoadU(d, product + 2 * lanes), load(s.bias + 2 * s.units + unit, count));
    const V g = tanh(d, hn::MulAdd(r, inner, load(s.x + row * s.x_step + 2 * s.units + unit, count)));
    float* gates = s.gates + row * s.gates_step + unit;
    store(z, gates, count);
    store(r, gates + s.units, count);
    store(g, gates + 2 * s.units, count);
    store(inner, gates + 3 * s.units, count);
    const V before = load(s.h_before + row * s.before_step + unit, count);
    V h = hn::MulAdd(z, hn::Sub(before, g), g);
    if (!moves) h = before;
    keep_state(s, row, unit, count, h, h, false);
  });
}

void gru_reset_rows(const CellRows& s) {
  const D d;
  for_blocks(s, 2, [&](int64_t row, const float* product, int64_t unit, int64_t count, bool) HWY_ATTR {
    const V z = sigmoid(d, before_gate(s, row, product, 0, 0, unit, count));
    const V r = sigmoid(d, before_gate(s, row, product, 1, 1, unit, count));
    float* gates = s.gates + row * s.gates_step + unit;
    store(z, gates, count);
    store(r, gates + s.units, count);
    store(hn::Mul(r, load(s.h_before + row * s.before_step + unit, count)), s.h_copy + row * s.copy_step + unit, count);
  });
}

void gru_candidate_rows(const CellRows& s) {
  const D d;
  for_blocks(s, 1, [&](int64_t row, const float* product, int64_t unit, int64_t count, bool moves) HWY_ATTR {
    const V g = tanh(d, before_gate(s, row, product, 2, 0, unit, count));
    float* gates = s.gates + row * s.gates_step + unit;
    store(g, gates + 2 * s.units, count);
    const V before = load(s.h_before + row * s.before_step + unit, count);
    V h = hn::MulAdd(load(gates, count), hn::Sub(before, g), g);
    if (!moves) h = before;
    keep_state(s, row, unit, count, h, h, false);
  });
}

// ------------------------------------------------------------------------------------------------------ backwards

HWY_INLINE V one_minus_square(V x) { return hn::NegMulAdd(x, x, hn::Set(D(), 1.0f)); }
/// x (1 - x)
HWY_INLINE V slope_of_sigmoid(V x) { return hn::NegMulAdd(x, x, x); }

/// Calls `body(row, unit, units in the block, dh)` for rows that move; what others pass on is written here.
template <class Body>
HWY_INLINE void for_gradient_blocks(const CellGradientRows& s, int64_t gates, Body body) {
  const D d;
  for (int64_t row = 0; row < s.rows; ++row) {
    const bool moves = !s.mask || s.mask[row * s.mask_step];
    for (int64_t unit = 0; unit < s.units; unit += lanes) {
      const int64_t count = std::min(lanes, s.units - unit);
      V dh = hn::Add(load(s.dh + row * s.state_step + unit, count), load(s.carried + row * s.state_step + unit, count));
      if (s.d_sequence) dh = hn::Add(dh, load(s.d_sequence + row * s.d_sequence_step + unit, count));
      store(load(s.h_before + row * s.before_step + unit, count), s.h_kept + row * s.kept_step + unit, count);
      if (moves) {
        body(row, unit, count, dh);
        continue;
      }
      const V zero = hn::Zero(d);
      for (int64_t gate = 0; gate < gates; ++gate) {
        const int64_t at = gate * s.units + unit;
        store(zero, s.dx + row * s.dx_step + at, count);
        store(zero, s.du + row * s.du_step + at, count);
        if (s.du_kept) store(zero, s.du_kept + row * s.du_kept_step + at, count);
      }
      if (s.reset_kept) store(zero, s.reset_kept + row * s.kept_step + unit, count);
      store(dh, s.carried + row * s.state_step + unit, count);
    }
  }
}

HWY_INLINE void add_to(V v, float* sums, int64_t count) { store(hn::Add(load(sums, count), v), sums, count); }

/// A gate's gradient, where that of the projections is that of h R + b.
HWY_INLINE void keep_gate(const CellGradientRows& s, int64_t row, int64_t gate, int64_t unit, int64_t count, V dx) {
  const int64_t at = gate * s.units + unit;
  store(dx, s.dx + row * s.dx_step + at, count);
  store(dx, s.du + row * s.du_step + at, count);
  add_to(dx, s.bias_sums + at, count);
}

void simple_backward_rows(const CellGradientRows& s) {
  const D d;
  for_gradient_blocks(s, 1, [&](int64_t row, int64_t unit, int64_t count, V dh) HWY_ATTR {
    const V h = load(s.h + row * s.result_step + unit, count);
    keep_gate(s, row, 0, unit, count, hn::Mul(dh, one_minus_square(h)));
    store(hn::Zero(d), s.carried + row * s.state_step + unit, count);
  });
}

void lstm_backward_rows(const CellGradientRows& s) {
  const D d;
  for_gradient_blocks(s, 4, [&](int64_t row, int64_t unit, int64_t count, V dh) HWY_ATTR {
    const float* gates = s.gates + row * s.gates_step + unit;
    const V i = load(gates, count), f = load(gates + s.units, count), g = load(gates + 2 * s.units, count),
            o = load(gates + 3 * s.units, count);
    const V y = tanh(d, load(s.c + row * s.result_step + unit, count));
    float* dc = s.dc + row * s.state_step + unit;
    const V dc_here = hn::MulAdd(hn::Mul(dh, o), one_minus_square(y), load(dc, count));
    const V c_before = load(s.c_before + row * s.c_before_step + unit, count);
    keep_gate(s, row, 0, unit, count, hn::Mul(hn::Mul(dc_here, g), slope_of_sigmoid(i)));
    keep_gate(s, row, 1, unit, count, hn::Mul(hn::Mul(dc_here, c_before), slope_of_sigmoid(f)));
    keep_gate(s, row, 2, unit, count, hn::Mul(hn::Mul(dc_here, i), one_minus_square(g)));
    keep_gate(s, row, 3, unit, count, hn::Mul(hn::Mul(dh, y), slope_of_sigmoid(o)));
    store(hn::Mul(dc_here, f), dc, count);
    store(hn::Zero(d), s.carried + row * s.state_step + unit, count);
  });
}

void gru_backward_rows(const CellGradientRows& s) {
  const D d;
  for_gradient_blocks(s, 3, [&](int64_t row, int64_t unit, int64_t count, V dh) HWY_ATTR {
    const float* gates = s.gates + row * s.gates_step + unit;
    const V z = load(gates, count), r = load(gates + s.units, count), g = load(gates + 2 * s.units, count),
            inner = load(gates + 3 * s.units, count);
    const V before = load(s.h_before + row * s.before_step + unit, count);
    const V dg = hn::Mul(hn::Mul(dh, hn::Sub(hn::Set(d, 1.0f), z)), one_minus_square(g));
    const V d_inner = hn::Mul(dg, r);
    const V dz = hn::Mul(hn::Mul(dh, hn::Sub(before, g)), slope_of_sigmoid(z));
    const V dr = hn::Mul(hn::Mul(dg, inner), slope_of_sigmoid(r));
    keep_gate(s, row, 0, unit, count, dz);
    keep_gate(s, row, 1, unit, count, dr);
    const int64_t at = 2 * s.units + unit;
    store(dg, s.dx + row * s.dx_step + at, count);
    store(d_inner, s.du + row * s.du_step + at, count);
    add_to(d_inner, s.bias_sums + at, count);
    float* kept = s.du_kept + row * s.du_kept_step + unit;
    store(dz, kept, count);
    store(dr, kept + s.units, count);
    store(d_inner, kept + 2 * s.units, count);
    store(hn::Mul(dh, z), s.carried + row * s.state_step + unit, count);
  });
}

void gru_candidate_backward_rows(const CellGradientRows& s) {
  const D d;
  for_gradient_blocks(s, 3, [&](int64_t row, int64_t unit, int64_t count, V dh) HWY_ATTR {
    const float* gates = s.gates + row * s.gates_step + unit;
    const V z = load(gates, count), r = load(gates + s.units, count), g = load(gates + 2 * s.units, count);
    const V before = load(s.h_before + row * s.before_step + unit, count);
    keep_gate(s, row, 0, unit, count, hn::Mul(hn::Mul(dh, hn::Sub(before, g)), slope_of_sigmoid(z)));
    keep_gate(s, row, 2, unit, count, hn::Mul(hn::Mul(dh, hn::Sub(hn::Set(d, 1.0f), z)), one_minus_square(g)));
    store(hn::Mul(r, before), s.reset_kept + row * s.kept_step + unit, count);
    store(hn::Mul(dh, z), s.carried + row * s.state_step + unit, count);
  });
}

void gru_reset_backward_rows(const CellGradientRows& s) {
  for (int64_t row = 0; row < s.rows; ++row) {
    if (s.mask && !s.mask[row * s.mask_step]) continue;
    for (int64_t unit = 0; unit < s.units; unit += lanes) {
      const int64_t count = std::min(lanes, s.units - unit);
      const V r = load(s.gates + row * s.gates_step + s.units + unit, count);
      const V before = load(s.h_before + row * s.before_step + unit, count);
      const V d_reset = load(s.d_reset + row * s.state_step + unit, count);
      keep_gate(s, row, 1, unit, count, hn::Mul(hn::Mul(d_reset, before), slope_of_sigmoid(r)));
      add_to(hn::Mul(d_reset, r), s.carried + row * s.state_step + unit, count);
    }
  }
}

}  // namespace

RecurrenceFunctions recurrence_functions() {
  return {lanes,
          pack,
          multiply,
          simple_rows,
          lstm_rows,
          gru_rows,
          gru_reset_rows,
          gru_candidate_rows,
          simple_backward_rows,
          lstm_backward_rows,
          gru_backward_rows,
          gru_candidate_backward_rows,
          gru_reset_backward_rows};
}

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(recurrence_functions);
RecurrenceFunctions find_recurrence_functions() { return HEBB_DISPATCH(recurrence_functions)(); }
}  // namespace hebb::simd
#endif
