/// What layers that go over a sequence with a cell share. Internal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/recurrent.h"
#include "hebb/nn/layers/recurrent_cell.h"

namespace hebb {

/// The fields of the flags that all such layers have.
template <class Visitor, class A>
void sequence_fields(Visitor& visit, A& a) {
  visit("return_sequences", a.return_sequences);
  visit("return_state", a.return_state);
  visit("go_backwards", a.go_backwards);
  visit("stateful", a.stateful);
  visit("unroll", a.unroll);
  visit("zero_output_for_mask", a.zero_output_for_mask);
}

template <class Options>
SequenceFlags flags_of(const Options& a) {
  return {a.return_sequences, a.return_state, a.go_backwards, a.stateful, a.unroll, a.zero_output_for_mask};
}

/// What all layers do with their runner.
template <class Base>
class WithRunner : public Base, public RecurrentLayer {
 public:
  using Base::Base;
  SequenceRunner& runner() override { return *runner_; }
  const SequenceRunner& runner() const override { return *runner_; }

  void check_shapes(const std::vector<Shape>& inputs) const override { runner_->check_shapes(*this, inputs); }
  Json build_config() const override { return runner_->with_batch(Base::build_config()); }
  using Base::build;
  void build(const std::vector<Shape>& inputs) override { runner_->build(inputs); }
  using Base::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override { return runner_->run(xs, options); }
  Tensors compute_masks(const Tensors&, const Tensors& masks, const Tensors&) override { return runner_->masks(masks); }
  std::vector<std::string> argument_names(size_t inputs) const override { return runner_->argument_names(inputs); }

 protected:
  void make_runner(const Layer& cell, const SequenceFlags& flags) {
    runner_.emplace(this->add_layer("cell", cell), flags);
    this->supports_masking_ = true;
  }

 private:
  std::optional<SequenceRunner> runner_;
};

}  // namespace hebb
