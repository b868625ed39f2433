/// What recurrent layers know of their cells, and how they go over a sequence with one.
#pragma once

#include "hebb/nn/layer.h"
#include "hebb/ops/recurrence.h"

namespace hebb {

/// A cell: what a layer must be besides to stand in `RNN`.
class RnnCell {
 public:
  virtual ~RnnCell() = default;
  virtual std::vector<int64_t> state_sizes() const = 0;
  virtual int64_t output_size() const { return state_sizes().front(); }
  /// The states of one example, whose steps have the shape `features` (axes may be unknown). The first one's is the
  /// output's.
  virtual std::vector<Shape> state_shapes([[maybe_unused]] const Shape& features) const {
    std::vector<Shape> shapes;
    for (const int64_t size : state_sizes()) shapes.push_back({size});
    return shapes;
  }
  /// How many of the states belong to each of the cells that it is made of, in order; empty: to it alone.
  virtual std::vector<size_t> states_of_parts() const { return {}; }
  /// Before the first step of a call: draws what is dropped in all of its steps. x: (batch, features...) of a step.
  virtual void begin(const Spec& x, bool training) = 0;
  /// x: (batch, features...), states: (batch, ...) each -> the output, then the new states.
  virtual Tensors step(const Tensor& x, const Tensors& states) = 0;

  /// The steps of a whole sequence in one operation, from x: (batch, steps, features); nothing when the cell, as
  /// `begin` left it, cannot.
  virtual std::optional<Recurrence> all_steps(const Tensor&, const Tensors&, const Tensor&) { return {}; }
};

/// How a layer goes over a sequence.
struct SequenceFlags {
  bool return_sequences = false, return_state = false, go_backwards = false, stateful = false, unroll = false,
       zero_output_for_mask = false;
};

/// Goes over sequences with a cell, and keeps the states between batches where the layer is stateful.
class SequenceRunner {
 public:
  SequenceRunner(Layer cell, SequenceFlags flags);

  /// InvalidArgument for what the cell cannot take.
  void check_shapes(const LayerBase& layer, const std::vector<Shape>& inputs) const;
  void build(const std::vector<Shape>& inputs);
  /// A layer's build_config with the size of the batch, where the layer is stateful and the size is known: Keras makes
  /// such a layer for that size alone.
  Json with_batch(Json build_config) const;
  /// The sequence, and behind it initial states if any -> the output, and the states where they are returned.
  Tensors run(const Tensors& xs, const CallOptions& options);
  Tensors masks(const Tensors& masks) const;
  void reset_states();
  /// As `LayerBase::argument_names` says it.
  std::vector<std::string> argument_names(size_t inputs) const;
  const Layer& cell() const { return cell_; }
  const SequenceFlags& flags() const { return flags_; }

 private:
  struct Result {
    Tensor sequence, last;
    Tensors states;
  };
  Tensors initial_states(const Tensors& xs, int64_t batch);
  Result all_steps(const Recurrence& r, const Tensor& mask, bool from_zeros) const;
  Result step_by_step(const Tensor& x, Tensors states, const Tensor& mask);

  Layer cell_;
  RnnCell* steps_;
  SequenceFlags flags_;
  std::optional<Shape> features_;         ///< of a step, once built
  mutable std::optional<int64_t> batch_;  // the first one's size that was known
  Tensors kept_;                          // the states of a stateful layer
};

/// A layer that has such a runner.
class RecurrentLayer {
 public:
  virtual ~RecurrentLayer() = default;
  virtual SequenceRunner& runner() = 0;
  virtual const SequenceRunner& runner() const = 0;
};

/// Whether it or a layer in it keeps states from batch to batch, one for each example.
bool is_stateful(const LayerBase& layer);

}  // namespace hebb
