/// The inner loops of recurrent cells, float32, for the best instruction set of the processor: products with a matrix
/// that is packed once for a whole sequence, and what a cell does behind them.
///
/// Columns of a product are held as vectors: a cell's column (gate g, unit k) lies in vector (k / lanes) * gates + g,
/// so that all gates of a unit lie side by side. Vectors are filled up with zeros.
#pragma once

#include <cstdint>

namespace hebb::simd {

/// One step of some examples and blocks of `lanes` units. Of what has `step` the rows are so many numbers apart.
struct CellRows {
  int64_t rows, units;
  int64_t first_block, end_block;
  const float* product = nullptr;  ///< h R, for the blocks from the first on
  int64_t product_step = 0;
  const float* x = nullptr;  ///< the step's projections
  int64_t x_step = 0;
  const float* bias = nullptr;
  const bool* mask = nullptr;  ///< null: all true
  int64_t mask_step = 0;
  const float *h_before = nullptr, *c_before = nullptr;
  int64_t before_step = 0;
  float *h = nullptr, *c = nullptr;  ///< the step's results
  int64_t result_step = 0;
  float* gates = nullptr;
  int64_t gates_step = 0;
  float *h_copy = nullptr, *c_copy = nullptr;  ///< null: none; `reset` of a GRU that resets before the product
  int64_t copy_step = 0;
};

/// The same backwards, all units.
struct CellGradientRows {
  int64_t rows, units;
  const bool* mask = nullptr;
  int64_t mask_step = 0;
  const float *h_before = nullptr, *c_before = nullptr;
  int64_t before_step = 0, c_before_step = 0;
  const float *h = nullptr, *c = nullptr;
  int64_t result_step = 0;
  const float* gates = nullptr;
  int64_t gates_step = 0;
  const float* d_sequence = nullptr;  ///< added to dh first; null: none
  int64_t d_sequence_step = 0;
  const float* dh = nullptr;  ///< what came through the product of the step behind; all states are `state_step` apart
  float* carried = nullptr;   ///< what came past it, added to it; then what goes past this step's
  float* dc = nullptr;        ///< in and out
  float* d_reset = nullptr;   ///< of r h, for a GRU that resets before the product
  int64_t state_step = 0;
  float *dx = nullptr, *du = nullptr;  ///< of the projections; of h R + b, compact
  int64_t dx_step = 0, du_step = 0;
  float* du_kept = nullptr;  ///< a copy of du where it is not dx; null: none
  float* h_kept = nullptr;   ///< a copy of h_before, and of r h
  float* reset_kept = nullptr;
  int64_t kept_step = 0, du_kept_step = 0;
  float* bias_sums = nullptr;
};

struct RecurrenceFunctions {
  int64_t lanes;
  /// Vectors [first, end) of the packed matrix, the first one of a tile: row p of the column of gate g and unit k comes
  /// from `in[p * in_row + (g * units + k) * in_column]`.
  void (*pack)(const float* in, int64_t in_row, int64_t in_column, int64_t depth, int64_t units, int64_t gates,
               int64_t first, int64_t end, float* packed);
  /// c (rows x vectors [first, end) of the packed matrix) = a packed. first is a multiple of the tile.
  void (*multiply)(const float* a, int64_t a_step, int64_t rows, int64_t depth, const float* packed, int64_t tile,
                   int64_t first, int64_t end, float* c, int64_t c_step);
  void (*simple)(const CellRows& rows);
  void (*lstm)(const CellRows& rows);
  void (*gru)(const CellRows& rows);
  void (*gru_reset)(const CellRows& rows);      ///< z and r, and r h into h_copy
  void (*gru_candidate)(const CellRows& rows);  ///< the rest
  void (*simple_backward)(const CellGradientRows& rows);
  void (*lstm_backward)(const CellGradientRows& rows);
  void (*gru_backward)(const CellGradientRows& rows);
  void (*gru_candidate_backward)(const CellGradientRows& rows);  ///< z and the candidate, before d_reset is known
  void (*gru_reset_backward)(const CellGradientRows& rows);      ///< r
};

/// Vectors of a packed matrix that are multiplied together, for a cell of so many gates.
inline int64_t recurrence_tile(int64_t gates) { return gates == 3 ? 3 : 4; }

RecurrenceFunctions find_recurrence_functions();

}  // namespace hebb::simd
