// The random numbers of layers: a state for each, or one that is given.

#include "hebb/nn/layer.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"
#include "hebb/ops/random.h"

namespace hebb {

namespace {
thread_local WithRandomState* given_random_state = nullptr;
}  // namespace

WithRandomState::WithRandomState(const Tensor& state) : state_(state), outer_(given_random_state) {
  given_random_state = this;
}

WithRandomState::~WithRandomState() { given_random_state = outer_; }

Tensor WithRandomState::next() {
  static const Tensor step = hebb::random_state(0, 1);
  state_ = add(state_, step);
  return state_;
}

Tensor LayerBase::next_random_state() {
  const NoTape no_tape;
  if (given_random_state) return given_random_state->next();
  if (!random_state_.defined()) {
    const WithRecorder at_once(nullptr);
    random_state_ = variable(hebb::random_state(random_seed_.value_or(seed_)), "seed_generator_state", false);
  }
  static const Tensor step = hebb::random_state(0, 1);
  Tensor next = add(random_state_, step);
  assign(random_state_, next);
  return next;
}

void LayerBase::set_random_state(int64_t seed, int64_t counter) {
  const WithRecorder at_once(nullptr);
  const Tensor state = hebb::random_state(seed, counter);
  if (random_state_.defined()) {
    write_variable(random_state_, state);
  } else {
    random_state_ = variable(state, "seed_generator_state", false);
  }
}

}  // namespace hebb
