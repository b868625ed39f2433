// Samples of the operations on sequences.
#include "hebb/ops/attention.h"
#include "hebb/ops/ctc.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/normalization.h"
#include "hebb/ops/recurrence.h"
#include "hebb/ops/samples.h"

namespace hebb::detail {

namespace {

using Samples = std::vector<Sample>;

constexpr RecurrentCell all_cells[] = {RecurrentCell::simple, RecurrentCell::lstm, RecurrentCell::gru,
                                       RecurrentCell::gru_reset_before};

struct RecurrenceCase {
  int64_t batch, steps, units;
  bool masked = false;
};

constexpr RecurrenceCase recurrence_cases[] = {{1, 1, 1},       {2, 3, 2},   {2, 3, 2, true},   {3, 2, 5},
                                               {1, 4, 3, true}, {0, 2, 3},   {2, 0, 3},         {7, 3, 17, true},
                                               {1, 5, 64},      {33, 4, 40}, {19, 3, 33, true}, {2, 3, 130}};

Tensors recurrence_inputs(RecurrentCell cell, const RecurrenceCase& c, DType dtype) {
  const int64_t width = gates_of(cell) * c.units;
  const double scale = 1.0 / static_cast<double>(c.units > 16 ? 8 : 1);
  Tensors in = {draw({c.batch, c.steps, width}, dtype, -2, 2, 1), draw({c.units, width}, dtype, -scale, scale, 2),
                draw({width}, dtype, -1, 1, 3), draw({c.batch, c.units}, dtype, -1, 1, 4)};
  if (cell == RecurrentCell::lstm) in.push_back(draw({c.batch, c.units}, dtype, -1, 1, 5));
  if (c.masked) in.push_back(draw({c.batch, c.steps}, DType::boolean, 0, 1, 6));
  return in;
}

Samples recurrence_samples() {
  Samples samples;
  for (const RecurrentCell cell : all_cells) {
    for (const RecurrenceCase& c : recurrence_cases) {
      for (const DType dtype : float_types)
        samples.push_back({std::make_shared<RecurrenceOp>(cell, c.masked), recurrence_inputs(cell, c, dtype)});
    }
  }
  return samples;
}

/// With the states and gates that the cell itself has.
Samples recurrence_backward_samples() {
  Samples samples;
  const WithRecorder at_once(nullptr);
  for (const RecurrentCell cell : all_cells) {
    const bool lstm = cell == RecurrentCell::lstm;
    for (const RecurrenceCase& c : recurrence_cases) {
      for (const DType dtype : float_types) {
        const Tensors in = recurrence_inputs(cell, c, dtype);
        const Tensors out = apply_op(std::make_shared<RecurrenceOp>(cell, c.masked), in);
        const size_t kind = samples.size() / 2 % 3;
        const RecurrenceGradients given{kind != 1, kind != 0, lstm && kind == 2};
        Tensors back = {in[1], in[3]};
        if (lstm) back.push_back(in[4]);
        if (c.masked) back.push_back(in.back());
        back.push_back(out[0]);
        if (lstm) back.push_back(out[2]);
        if (saved_gates_of(cell) > 0) back.push_back(out.back());
        if (given.sequence) back.push_back(draw(out[0].shape(), dtype, -1, 1, 7));
        if (given.last) back.push_back(draw(out[1].shape(), dtype, -1, 1, 8));
        if (given.last_cell) back.push_back(draw(out[3].shape(), dtype, -1, 1, 9));
        samples.push_back({std::make_shared<RecurrenceBackward>(cell, c.masked, given), back});
      }
    }
  }
  return samples;
}

struct CtcCase {
  int64_t batch, steps, classes, length;
};

constexpr CtcCase ctc_cases[] = {{1, 1, 2, 1}, {2, 5, 3, 2}, {3, 7, 4, 3}, {0, 3, 2, 1},
                                 {2, 3, 2, 0}, {2, 9, 3, 4}, {5, 12, 6, 5}};

/// Labels of all classes, so that some examples are shorter (0 is the blank) and some repeat labels. All fit into the
/// steps: where a loss is infinite, no difference says what its slope is.
template <class Operation>
Samples ctc_samples() {
  Samples samples;
  for (const CtcCase& c : ctc_cases) {
    for (const DType dtype : float_types) {
      for (const DType labels : {DType::int32, DType::int64}) {
        samples.push_back(
            {std::make_shared<Operation>(0),
             {draw({c.batch, c.steps, c.classes}, dtype, -2, 2, 1),
              cast(draw({c.batch, c.length}, DType::float32, 0, static_cast<double>(c.classes), 2), labels)}});
      }
    }
  }
  samples.push_back(
      {std::make_shared<Operation>(2),
       {draw({2, 6, 3}, DType::float64, -2, 2, 3), Tensor::from(std::vector<int32_t>{0, 0, 1, 1, 2, 2}, {2, 3})}});
  return samples;
}

struct AttentionCase {
  Shape query;  // batch, steps, heads, depth
  int64_t sources, groups, width;
  bool causal = false;
  Shape mask = {};  // empty: none
};

const std::vector<AttentionCase>& attention_cases() {
  static const std::vector<AttentionCase> cases = {
      {{1, 1, 1, 1}, 1, 1, 1},
      {{2, 3, 2, 4}, 5, 2, 3},
      {{2, 3, 2, 4}, 3, 2, 4, true},
      {{2, 5, 4, 3}, 4, 2, 2, true},
      {{1, 2, 6, 2}, 3, 1, 5},
      {{2, 3, 2, 4}, 5, 2, 3, false, {2, 2, 3, 5}},
      {{2, 3, 2, 4}, 5, 2, 3, false, {2, 1, 1, 5}},
      {{2, 3, 2, 4}, 5, 2, 3, false, {1, 2, 3, 1}},
      {{2, 4, 2, 3}, 4, 1, 2, true, {2, 1, 4, 4}},
      {{2, 33, 3, 32}, 40, 3, 17, false, {2, 1, 33, 40}},
      {{1, 70, 2, 8}, 600, 2, 8, true},
      {{1, 70, 2, 8}, 600, 1, 8},
      {{0, 2, 2, 3}, 2, 2, 3},
      {{2, 0, 1, 3}, 2, 1, 3},
      {{2, 2, 1, 3}, 0, 1, 3},
  };
  return cases;
}

Tensors attention_inputs(const AttentionCase& c, DType dtype) {
  const int64_t batch = c.query[0];
  Tensors in = {draw(c.query, dtype, -1, 1, 1), draw({batch, c.sources, c.groups, c.query[3]}, dtype, -1, 1, 2),
                draw({batch, c.sources, c.groups, c.width}, dtype, -1, 1, 3)};
  if (!c.mask.empty()) in.push_back(draw(c.mask, DType::boolean, 0, 1, 4));
  return in;
}

Samples attention_samples() {
  Samples samples;
  for (const AttentionCase& c : attention_cases()) {
    const AttentionOptions options{.scale = 0.75, .causal = c.causal};
    for (const DType dtype : float_types)
      samples.push_back({std::make_shared<AttentionOp>(options, !c.mask.empty()), attention_inputs(c, dtype)});
  }
  return samples;
}

/// With the results that the attention itself has.
Samples attention_backward_samples() {
  Samples samples;
  const WithRecorder at_once(nullptr);
  for (const Sample& forward : attention_samples()) {
    const auto& op = static_cast<const AttentionOp&>(*forward.op);
    Tensors in = forward.inputs;
    for (const Tensor& out : apply_op(forward.op, in)) in.push_back(out);
    const Tensor& y = in[in.size() - 2];
    in.push_back(draw(y.shape(), y.dtype(), -1, 1, 5));
    samples.push_back({std::make_shared<AttentionBackward>(op.options(), op.is_masked()), in});
  }
  return samples;
}

std::vector<Shape> normalized_shapes() {
  return {{1}, {7}, {3, 5}, {2, 3, 4}, {3, 17}, {5, 128}, {2, 3, 1}, {0, 3}, {3, 0}, {70, 33}, {3, 1000}, {1200, 64}};
}

Samples layer_normalization_samples() {
  Samples samples;
  for (const DType dtype : float_types) {
    for (const Shape& shape : normalized_shapes()) {
      const Shape row{shape.back()};
      samples.push_back({std::make_shared<LayerNormalizationOp>(1e-3),
                         {draw(shape, dtype, -3, 5, 1), draw(row, dtype, -1, 2, 2), draw(row, dtype, -1, 1, 3)}});
    }
  }
  return samples;
}

Samples layer_normalization_backward_samples() {
  Samples samples;
  for (const DType dtype : float_types) {
    for (const Shape& shape : normalized_shapes())
      samples.push_back(
          {std::make_shared<LayerNormalizationBackward>(1e-3),
           {draw(shape, dtype, -3, 5, 1), draw({shape.back()}, dtype, -1, 2, 2), draw(shape, dtype, -1, 1, 3)}});
  }
  return samples;
}

Samples moments_samples() {
  struct Case {
    Shape shape;
    int64_t axis;
  };
  Samples samples;
  for (const DType dtype : float_types) {
    for (const auto& [shape, axis] : std::vector<Case>{{{5, 3}, 1},
                                                       {{2, 3, 4}, 1},
                                                       {{2, 3, 4}, 2},
                                                       {{2, 3, 4}, 0},
                                                       {{7}, 0},
                                                       {{3, 1, 17}, 2},
                                                       {{40, 9, 70}, 2},
                                                       {{70, 33}, 0},
                                                       {{300, 40, 16}, 2},
                                                       {{9, 200}, 1},
                                                       {{3, 5, 40, 50}, 1},
                                                       {{2, 0}, 1}})
      samples.push_back({std::make_shared<MomentsOp>(axis), {draw(shape, dtype, -3, 5, 1)}});
  }
  return samples;
}

}  // namespace

std::vector<OperationRecord> sequence_operation_records() {
  using enum GradientRule;
  return {
      {"recurrence",
       "a recurrent cell over all steps of a sequence",
       once,
       {.ulp = 16, .absolute = 2e-5},
       recurrence_samples},
      {"recurrence_backward",
       "the gradients of a recurrent cell over all steps",
       refused,
       {.ulp = 64, .absolute = 1e-4},
       recurrence_backward_samples},
      {"ctc_loss",
       "connectionist temporal classification: labels without places in a sequence",
       once,
       {},
       ctc_samples<CtcLoss>},
      {"ctc_loss_backward",
       "the slopes of connectionist temporal classification by the logits",
       refused,
       {},
       ctc_samples<CtcLossBackward>},
      {"layer_normalization",
       "each row's elements with mean 0 and variance 1, scaled and shifted",
       differentiable,
       {.ulp = 16, .absolute = 2e-6},
       layer_normalization_samples},
      {"layer_normalization_backward",
       "the gradients of layer_normalization",
       differentiable,
       {.ulp = 64, .absolute = 1e-4},
       layer_normalization_backward_samples},
      {"moments",
       "the means and the variances of channels",
       differentiable,
       {.ulp = 16, .absolute = 2e-6},
       moments_samples},
      {"attention", "scaled dot-product attention", once, {.ulp = 16, .absolute = 2e-5}, attention_samples},
      {"attention_backward",
       "the gradients of scaled dot-product attention",
       refused,
       {.ulp = 64, .absolute = 1e-4},
       attention_backward_samples},
  };
}

}  // namespace hebb::detail
