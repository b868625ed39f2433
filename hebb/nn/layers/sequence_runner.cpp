#include <algorithm>
#include <functional>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/recurrent.h"
#include "hebb/nn/layers/recurrent_cell.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// Step t of (batch, steps, ...).
Tensor step_of(const Tensor& x, int64_t t) {
  std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), end = x.shape().to_vector();
  begin[1] = t;
  end[1] = t + 1;
  return squeeze(slice(x, begin, end), 1);
}

/// (batch, steps) -> true from the first step on that the mask does not leave out.
Tensor begun(const Tensor& mask) {
  const int64_t steps = mask.shape()[1];
  std::vector<float> before(static_cast<size_t>(steps * steps));
  for (int64_t i = 0; i < steps; ++i) {
    for (int64_t j = i; j < steps; ++j) before[static_cast<size_t>(i * steps + j)] = 1;
  }
  return greater(matmul(cast(mask, DType::float32), Tensor::from(before, {steps, steps})), 0.0);
}

/// Whether two shapes are the same wherever both are known.
bool may_be(const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) return false;
  for (int i = 0; i < a.rank(); ++i) {
    if (a[i] != b[i] && a[i] != Shape::unknown && b[i] != Shape::unknown) return false;
  }
  return true;
}

/// A mask of a step, (batch), for outputs and states of any rank.
Tensor mask_for(const Tensor& counts, const Tensor& values) {
  Shape shape = {counts.shape().front()};
  while (shape.rank() < values.rank()) shape = shape.with_back(1);
  return reshape(counts, shape);
}

}  // namespace

SequenceRunner::SequenceRunner(Layer cell, SequenceFlags flags)
    : cell_(std::move(cell)), steps_(dynamic_cast<RnnCell*>(cell_.shared().get())), flags_(flags) {
  if (!steps_) {
    throw InvalidArgument(message("RNN: expected a cell, got ", cell_ ? cell_.class_name() : "nothing",
                                  ". Give it LSTMCell(units), GRUCell(units), SimpleRNNCell(units), StackedRNNCells() "
                                  "or a layer of your own that is an RnnCell too."));
  }
}

void SequenceRunner::check_shapes(const LayerBase& layer, const std::vector<Shape>& inputs) const {
  const Shape& x = inputs.front();
  if (x.rank() < 3) {
    throw InvalidArgument(message(layer.where(), "expected an input (batch, steps, features), got ", x,
                                  ". Add Reshape() before it, to give its input the axes that are missing."));
  }
  if (!batch_ && x[0] != Shape::unknown) batch_ = x[0];
  const Shape features = x.without(0).without(0);
  if (features_ && features != *features_) {
    throw InvalidArgument(message(layer.where(), "expected steps of ", *features_, ", for which it was built, got ",
                                  features, ". Make another layer for this input."));
  }
  if (flags_.unroll && x[1] == Shape::unknown) {
    throw InvalidArgument(message(layer.where(), "expected a known number of steps for unroll = true, got ", x,
                                  ". Give Input() the number of steps, or leave unroll out."));
  }
  const std::vector<Shape> states = steps_->state_shapes(features);
  if (inputs.size() > 1 && inputs.size() != 1 + states.size()) {
    throw InvalidArgument(message(layer.where(), "expected ", states.size(),
                                  " initial states behind the sequence, got ", inputs.size() - 1,
                                  ". Give one for each state of the cell, or none."));
  }
  for (size_t i = 1; i < inputs.size(); ++i) {
    if (may_be(inputs[i], states[i - 1].with(0, Shape::unknown))) continue;
    std::string sizes;
    for (const int64_t size : states[i - 1]) sizes += size == Shape::unknown ? ", None" : message(", ", size);
    throw InvalidArgument(message(layer.where(), "expected an initial state (batch", sizes, "), got ", inputs[i],
                                  ". Make it with as many units as the layer has."));
  }
}

Json SequenceRunner::with_batch(Json build_config) const {
  if (!flags_.stateful || !batch_ || !build_config.is_object()) return build_config;
  const std::function<Json(const Json&)> sized = [&](const Json& json) {
    Json out = json.is_array() ? Json::array() : Json::object();
    if (json.is_object()) {
      for (const auto& [name, shape] : json.members()) out.set(name, sized(shape));
    } else if (json.size() > 0 && json.at(size_t{0}).is_array()) {
      for (const Json& shape : json.items()) out.push_back(sized(shape));
    } else {
      for (const Json& size : json.items()) out.push_back(out.size() == 0 ? Json(*batch_) : size);
    }
    return out;
  };
  return sized(build_config);
}

void SequenceRunner::build(const std::vector<Shape>& inputs) {
  features_ = inputs.front().without(0).without(0);
  cell_->build_for({inputs.front().without(1)});
}

Tensors SequenceRunner::initial_states(const Tensors& xs, int64_t batch) {
  if (xs.size() > 1) return {xs.begin() + 1, xs.end()};
  Tensors states;
  const DType dtype = cell_->dtype();
  for (const Shape& shape : steps_->state_shapes(xs.front().shape().without(0).without(0)))
    states.push_back(zeros(shape.with(0, batch), dtype));
  if (!flags_.stateful) return states;
  // The size of the batch is known when it comes; another one than before begins anew.
  if (kept_.empty() || kept_.front().shape().front() != batch) {
    const WithRecorder at_once(nullptr);
    kept_.clear();
    for (const Tensor& state : states) kept_.push_back(variable(state, "rnn_state", false));
  }
  states.clear();
  for (const Tensor& state : kept_) states.push_back(stop_gradient(read(state)));
  return states;
}

SequenceRunner::Result SequenceRunner::all_steps(const Recurrence& r, const Tensor& mask, bool from_zeros) const {
  Result result{r.sequence, r.last, {r.last}};
  if (r.last_cell.defined()) result.states.push_back(r.last_cell);
  const int64_t steps = r.sequence.shape()[1];
  if (!mask.defined() || steps == 0 || (from_zeros && !flags_.zero_output_for_mask)) return result;
  const Tensor shown = expand_dims(flags_.zero_output_for_mask ? mask : begun(mask), -1);
  result.sequence = select(shown, r.sequence, 0.0);
  result.last = step_of(result.sequence, steps - 1);
  return result;
}

SequenceRunner::Result SequenceRunner::step_by_step(const Tensor& x, Tensors states, const Tensor& mask) {
  Tensors outputs;
  for (int64_t t = 0; t < x.shape()[1]; ++t) {
    Tensors results = steps_->step(step_of(x, t), states);
    Tensor output = results.front();
    if (mask.defined()) {
      const Tensor counts = step_of(mask, t), shown = mask_for(counts, output);
      const bool zero = flags_.zero_output_for_mask || outputs.empty();
      output = zero ? select(shown, output, 0.0) : select(shown, output, outputs.back());
      for (size_t i = 0; i < states.size(); ++i)
        results[i + 1] = select(mask_for(counts, states[i]), results[i + 1], states[i]);
    }
    outputs.push_back(output);
    states.assign(results.begin() + 1, results.end());
  }
  const int64_t batch = x.shape().front();
  if (outputs.empty()) {
    const Shape output = steps_->state_shapes(x.shape().without(0).without(0)).front().with(0, batch);
    return {zeros(output.with(1, 0), x.dtype()), zeros(output, x.dtype()), states};
  }
  Tensor sequence;
  if (flags_.return_sequences) {
    Tensors rows;
    for (const Tensor& output : outputs) rows.push_back(expand_dims(output, 1));
    sequence = concatenate(rows, 1);
  }
  return {sequence, outputs.back(), states};
}

Tensors SequenceRunner::run(const Tensors& xs, const CallOptions& options) {
  Tensor x = xs.front(), mask = options.mask();
  const int64_t batch = x.shape().front();
  const Tensors states = initial_states(xs, batch);
  if (flags_.go_backwards) {
    x = reverse(x, {1});
    if (mask.defined()) mask = reverse(mask, {1});
  }
  if (mask.defined() && mask.dtype() != DType::boolean) mask = not_equal(mask, 0.0);
  steps_->begin({x.shape().without(1), x.dtype()}, options.training);
  std::optional<Recurrence> fused;
  if (!flags_.unroll) fused = steps_->all_steps(x, states, mask);
  const bool from_zeros = xs.size() == 1 && !flags_.stateful;
  const Result result = fused ? all_steps(*fused, mask, from_zeros) : step_by_step(x, states, mask);
  if (flags_.stateful) {
    for (size_t i = 0; i < kept_.size() && xs.size() == 1; ++i) assign(kept_[i], stop_gradient(result.states[i]));
  }
  Tensors out = {flags_.return_sequences ? result.sequence : result.last};
  if (flags_.return_state) out.insert(out.end(), result.states.begin(), result.states.end());
  return out;
}

Tensors SequenceRunner::masks(const Tensors& masks) const {
  return {flags_.return_sequences && !masks.empty() ? masks.front() : Tensor()};
}

std::vector<std::string> SequenceRunner::argument_names(size_t inputs) const {
  std::vector<std::string> names(inputs, "initial_state");
  names.front() = "";
  // As Keras passes them on, each cell has a list of its states, unless all have one.
  const std::vector<size_t> parts = steps_->states_of_parts();
  if (std::all_of(parts.begin(), parts.end(), [](size_t count) { return count == 1; })) return names;
  size_t at = 1;
  for (size_t part = 0; part < parts.size(); ++part) {
    for (size_t i = 0; i < parts[part] && at < inputs; ++i) names[at++] = message("initial_state/", part);
  }
  return names;
}

void SequenceRunner::reset_states() {
  for (const Tensor& state : kept_) write_variable(state, zeros(state.shape(), state.dtype()));
}

bool is_stateful(const LayerBase& layer) {
  const auto* recurrent = dynamic_cast<const RecurrentLayer*>(&layer);
  return (recurrent && recurrent->runner().flags().stateful) ||
         std::any_of(layer.sublayers().begin(), layer.sublayers().end(),
                     [](const auto& one) { return is_stateful(*one.second); });
}

void reset_states(const Layer& layer) {
  if (auto* recurrent = layer.as<RecurrentLayer>()) recurrent->runner().reset_states();
  for (const auto& [attribute, part] : layer->sublayers()) reset_states(Layer(part));
}

}  // namespace hebb
