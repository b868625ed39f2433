/// Recurrent cells over whole sequences: one operation for all steps, whose gradient is one operation too.
///
///     Tensor x = matmul(reshape(input, {batch * steps, features}), kernel);      // all projections in one product
///     Recurrence r = recurrence(RecurrentCell::lstm, reshape(x, {batch, steps, 4 * units}), recurrent, bias, {h0, c0});
///     r.sequence;                                                                // (batch, steps, units)
///     r.last, r.last_cell;                                                       // (batch, units)
///
/// With h the state before a step, x the step's projections and s the sigmoid, gates in Keras's order:
///
///     simple            h' = tanh(x + h R + b)
///     lstm              i, f, g, o = x + h R + b;  c' = s(f) c + s(i) tanh(g);  h' = s(o) tanh(c')
///                       (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000)
///     gru               u = h R + b;  z = s(xz + uz);  r = s(xr + ur);  h' = z h + (1 - z) tanh(xh + r uh)
///                       (Cho et al. 2014, in the form that multiplies behind the product)
///     gru_reset_before  z, r = s(x + h R + b);  h' = z h + (1 - z) tanh(xh + bh + (r h) Rh)
///
/// Where a mask is false, a step leaves the states as they are.
#pragma once

#include "hebb/ops/op.h"

namespace hebb {

enum class RecurrentCell { simple, lstm, gru, gru_reset_before };

/// "simple", "lstm", "gru", "gru_reset_before".
std::string_view name_of(RecurrentCell cell);
/// How many times the units the projections of a step have: 1, 4, 3, 3.
int64_t gates_of(RecurrentCell cell);
/// How many times the units of each step are kept for the gradient beside the states: 0, 4, 4, 3.
int64_t saved_gates_of(RecurrentCell cell);

/// projections (batch, steps, gates * units), recurrent kernel (units, gates * units), bias (gates * units), h0 (batch,
/// units), for an lstm c0 (batch, units), where there is a mask a boolean (batch, steps) -> sequence (batch, steps,
/// units), last (batch, units), for an lstm cells (batch, steps, units) and the last cell (batch, units), and but for
/// the simple cell the gates behind their activations (batch, steps, saved gates * units): what the gradient needs.
/// Gradients are those of sequence, last and last cell; the others are the operation's own.
class RecurrenceOp : public Op {
 public:
  RecurrenceOp(RecurrentCell cell, bool masked) : cell_(cell), masked_(masked) {}
  RecurrentCell cell() const { return cell_; }
  bool is_masked() const { return masked_; }
  std::string_view name() const override { return "recurrence"; }
  Attributes attributes() const override { return {{"cell", std::string(name_of(cell_))}, {"masked", masked_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  RecurrentCell cell_;
  bool masked_;
};

/// Which gradients come in: of the sequence, of the last state, of the last cell.
struct RecurrenceGradients {
  bool sequence = false, last = false, last_cell = false;
};

/// recurrent kernel, h0, (c0), (mask), sequence, (cells), (gates), then the gradients that come in -> the gradients of
/// projections, recurrent kernel, bias, h0, (c0).
class RecurrenceBackward : public Op {
 public:
  RecurrenceBackward(RecurrentCell cell, bool masked, RecurrenceGradients given)
      : cell_(cell), masked_(masked), given_(given) {}
  RecurrentCell cell() const { return cell_; }
  bool is_masked() const { return masked_; }
  const RecurrenceGradients& given() const { return given_; }
  std::string_view name() const override { return "recurrence_backward"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  /// NotSupported: layers have `unroll`, whose steps are operations that can be differentiated any number of times.
  Tensors gradient(const GradientArgs& args) const override;

 private:
  RecurrentCell cell_;
  bool masked_;
  RecurrenceGradients given_;
};

struct Recurrence {
  Tensor sequence, last, last_cell;
};

/// `states`: h0, for an lstm c0 behind it. `mask`: undefined for none.
Recurrence recurrence(RecurrentCell cell, const Tensor& projections, const Tensor& recurrent_kernel, const Tensor& bias,
                      const Tensors& states, const Tensor& mask = {});

}  // namespace hebb
