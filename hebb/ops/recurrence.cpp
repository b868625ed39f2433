#include "hebb/ops/recurrence.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

std::string_view name_of(RecurrentCell cell) {
  switch (cell) {
    case RecurrentCell::simple: return "simple";
    case RecurrentCell::lstm: return "lstm";
    case RecurrentCell::gru: return "gru";
    case RecurrentCell::gru_reset_before: return "gru_reset_before";
  }
  return "";
}

int64_t gates_of(RecurrentCell cell) { return cell == RecurrentCell::simple ? 1 : cell == RecurrentCell::lstm ? 4 : 3; }

int64_t saved_gates_of(RecurrentCell cell) {
  return cell == RecurrentCell::simple ? 0 : cell == RecurrentCell::gru_reset_before ? 3 : 4;
}

std::vector<Spec> RecurrenceOp::infer(std::span<const Spec> inputs) const {
  const bool lstm = cell_ == RecurrentCell::lstm;
  const Spec &x = inputs[0], &kernel = inputs[1];
  const auto refuse = [&] {
    std::string specs;
    for (const Spec& spec : inputs) specs += message(specs.empty() ? "" : ", ", spec);
    throw InvalidArgument(message("recurrence (", name_of(cell_), "): expected projections (batch, steps, ",
                                  gates_of(cell_), " * units), recurrent kernel (units, ", gates_of(cell_),
                                  " * units), bias, initial states (batch, units) and a mask (batch, steps), got ",
                                  specs, "."));
  };
  if (inputs.size() != size_t{4} + lstm + masked_ || kernel.shape.rank() != 2) refuse();
  const int64_t units = kernel.shape[0], width = gates_of(cell_) * units;
  if (x.shape.rank() != 3 || !is_floating(x.dtype)) refuse();
  const int64_t batch = x.shape[0], steps = x.shape[1];
  const Spec state{{batch, units}, x.dtype};
  bool fits = x.shape[2] == width && kernel == Spec{{units, width}, x.dtype} && inputs[2] == Spec{{width}, x.dtype} &&
              inputs[3] == state && (!lstm || inputs[4] == state);
  if (masked_) fits = fits && inputs.back() == Spec{{batch, steps}, DType::boolean};
  if (!fits) refuse();
  const Spec sequence{{batch, steps, units}, x.dtype};
  std::vector<Spec> out = {sequence, state};
  if (lstm) out.insert(out.end(), {sequence, state});
  if (const int64_t saved = saved_gates_of(cell_); saved > 0) out.push_back({{batch, steps, saved * units}, x.dtype});
  return out;
}

Tensors RecurrenceOp::gradient(const GradientArgs& args) const {
  const bool lstm = cell_ == RecurrentCell::lstm;
  const Tensors& given = args.output_gradients;
  Tensors in = {args.inputs[1], args.inputs[3]};
  if (lstm) in.push_back(args.inputs[4]);
  if (masked_) in.push_back(args.inputs.back());
  in.push_back(args.outputs[0]);
  if (lstm) in.push_back(args.outputs[2]);
  if (saved_gates_of(cell_) > 0) in.push_back(args.outputs.back());
  const RecurrenceGradients which{given[0].defined(), given[1].defined(), lstm && given[3].defined()};
  if (which.sequence) in.push_back(given[0]);
  if (which.last) in.push_back(given[1]);
  if (which.last_cell) in.push_back(given[3]);
  Tensors out = apply_op(std::make_shared<RecurrenceBackward>(cell_, masked_, which), in);
  if (masked_) out.emplace_back();
  return out;
}

Attributes RecurrenceBackward::attributes() const {
  return {{"cell", std::string(name_of(cell_))},
          {"masked", masked_},
          {"sequence", given_.sequence},
          {"last", given_.last},
          {"last_cell", given_.last_cell}};
}

std::vector<Spec> RecurrenceBackward::infer(std::span<const Spec> inputs) const {
  const bool lstm = cell_ == RecurrentCell::lstm;
  const size_t states = lstm ? 2 : 1, expected = 1 + 2 * states + masked_ + (saved_gates_of(cell_) > 0) +
                                                 given_.sequence + given_.last + given_.last_cell;
  if (inputs.size() != expected)
    throw InternalError(message("recurrence_backward: expected ", expected, " inputs, got ", inputs.size(), "."));
  const Spec &kernel = inputs[0], &sequence = inputs[1 + states + masked_];
  std::vector<Spec> out = {{sequence.shape.without(2).with_back(kernel.shape[1]), kernel.dtype},
                           kernel,
                           {{kernel.shape[1]}, kernel.dtype},
                           inputs[1]};
  if (lstm) out.push_back(inputs[2]);
  return out;
}

Tensors RecurrenceBackward::gradient(const GradientArgs&) const {
  throw NotSupported(
      "recurrence: gradients of gradients. Make the recurrent layer with unroll = true: its steps are single "
      "operations, which can be differentiated again.");
}

Recurrence recurrence(RecurrentCell cell, const Tensor& projections, const Tensor& recurrent_kernel, const Tensor& bias,
                      const Tensors& states, const Tensor& mask) {
  Tensors in = {projections, recurrent_kernel, bias};
  in.insert(in.end(), states.begin(), states.end());
  if (mask.defined()) in.push_back(mask);
  const Tensors out = apply_op(std::make_shared<RecurrenceOp>(cell, mask.defined()), in);
  return {out[0], out[1], cell == RecurrentCell::lstm ? out[3] : Tensor()};
}

}  // namespace hebb
