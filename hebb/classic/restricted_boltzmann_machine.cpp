#include "hebb/classic/restricted_boltzmann_machine.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/classic/boltzmann_enumeration.h"
#include "hebb/data/dataset.h"
#include "hebb/data/feed.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"
#include "hebb/plan/compiled.h"

namespace hebb::classic {

namespace {

using Options = RestrictedBoltzmannMachineOptions;
using FitOptions = RestrictedBoltzmannMachineFitOptions;

constexpr const char* where = "RestrictedBoltzmannMachine: ";

Tensor copy(const Tensor& x) { return Tensor::from(x.to_vector<float>(), x.shape()); }

void require(bool condition, const std::string& text) {
  if (!condition) throw InvalidArgument(where + text);
}

void check(const FitOptions& o) {
  require(o.epochs >= 0 && o.batch_size >= 1 && o.k >= 1 && o.measured_examples >= 1,
          message("expected epochs of at least 0, and batch_size, k and measured_examples of at least 1, got ",
                  o.epochs, ", ", o.batch_size, ", ", o.k, " and ", o.measured_examples, "."));
  require(std::isfinite(o.learning_rate) && o.learning_rate > 0,
          message("expected a learning_rate above 0, got ", o.learning_rate, "."));
  require(o.momentum >= 0 && o.momentum < 1,
          message("expected a momentum of at least 0 and below 1, got ", o.momentum, "."));
  require(o.weight_decay >= 0 && o.sparsity_cost >= 0,
          message("expected a weight_decay and a sparsity_cost of at least 0, got ", o.weight_decay, " and ",
                  o.sparsity_cost, "."));
  require(o.sparsity_target > 0 && o.sparsity_target < 1,
          message("expected a sparsity_target between 0 and 1, got ", o.sparsity_target, "."));
}

}  // namespace

/// Weights, and what is computed with them as plans.
struct RestrictedBoltzmannMachine::State {
  explicit State(const Options& given)
      : options(given), binary(given.visible_units != "gaussian"), seed(given.seed ? *given.seed : next_seed()) {
    require(options.visible >= 1 && options.hidden >= 1, message("expected at least 1 visible and 1 hidden unit, got ",
                                                                 options.visible, " and ", options.hidden, "."));
    const std::vector<std::string> known = {"binary", "gaussian"};
    if (std::find(known.begin(), known.end(), options.visible_units) == known.end())
      throw InvalidArgument(where + unknown_name("kind of visible units", options.visible_units, known));
    weights = variable(
        random::normal({options.visible, options.hidden}, {.stddev = 0.01, .seed = derive_seed(seed, 1)}), "weights");
    visible_biases = variable(zeros({options.visible}), "visible_biases");
    hidden_biases = variable(zeros({options.hidden}), "hidden_biases");
    random_state = variable(hebb::random_state(derive_seed(seed, 2)), "random_state", false);
  }

  // v: (n, visible), h: (n, hidden)
  Tensor hidden_inputs(const Tensor& v) const { return matmul(v, weights) + hidden_biases; }
  Tensor hidden_means(const Tensor& v) const { return sigmoid(hidden_inputs(v)); }
  Tensor visible_means(const Tensor& h) const {
    const Tensor inputs = matmul(h, weights, {.transpose_b = true}) + visible_biases;
    return binary ? sigmoid(inputs) : inputs;
  }
  Tensor free_energies(const Tensor& v) const {
    const Tensor hidden_part = sum(softplus(hidden_inputs(v)), {.axes = {1}});
    const Tensor visible_part =
        binary ? sum(v * visible_biases, {.axes = {1}}) * -1.0 : sum(square(v - visible_biases), {.axes = {1}}) * 0.5;
    return visible_part - hidden_part;
  }
  /// log p(v_i | others) = log sigmoid(F(v with i flipped) - F(v)), as if each of the units did as well as the drawn i.
  Tensor pseudo_likelihoods(const Tensor& v) {
    const int64_t n = v.shape()[0];
    const Tensor drawn = floor(random_uniform(next_state(), {n}) * static_cast<double>(options.visible));
    const Tensor chosen = one_hot(drawn, options.visible);
    const Tensor flipped = v + chosen * (1.0 - v * 2.0);
    return softplus(free_energies(v) - free_energies(flipped)) * -static_cast<double>(options.visible);
  }

  Tensor next_state() {
    static const Tensor one = hebb::random_state(0, 1);
    Tensor next = add(random_state, one);
    assign(random_state, next);
    return next;
  }
  /// 0 or 1, 1 with these probabilities.
  Tensor drawn(const Tensor& means) {
    return cast(less(random_uniform(next_state(), means.shape()), means), DType::float32);
  }
  Tensor drawn_visible(const Tensor& means) {
    return binary ? drawn(means) : means + random_normal(next_state(), means.shape());
  }

  /// x as (examples, visible) of float32.
  Tensor checked(const Tensor& x, const char* what) const {
    const int64_t n = x.rank() > 0 ? x.shape().front() : 0;
    require(x.rank() >= 2 && n > 0 && x.size() == n * options.visible,
            message("expected ", what, " of ", options.visible, " numbers for each of at least one example, got ",
                    x.spec(), ". Make the machine with as many visible units as an example has numbers."));
    const NoTape no_tape;
    const Tensor v = reshape(cast(x, DType::float32), {n, options.visible});
    const float* values = v.data<float>();
    for (int64_t i = 0; i < v.size(); ++i) {
      require(std::isfinite(values[i]), message("expected finite numbers, got ", values[i], " in example ",
                                                i / options.visible, ". Leave such examples out."));
      require(!binary || (values[i] >= 0 && values[i] <= 1),
              message("expected numbers from 0 to 1 for binary visible units, got ", values[i], " in example ",
                      i / options.visible, ". Divide images of bytes by 255, or use visible_units = \"gaussian\"."));
    }
    return v;
  }

  Options options;
  bool binary;
  int64_t seed, epochs_done = 0;
  Tensor weights, visible_biases, hidden_biases, random_state;

  // Each takes one tensor.
  PlanCache hidden_plan{[this](const Tensors& in) { return Tensors{hidden_means(in[0])}; }};
  PlanCache visible_plan{[this](const Tensors& in) { return Tensors{visible_means(in[0])}; }};
  PlanCache reconstruct_plan{[this](const Tensors& in) { return Tensors{visible_means(hidden_means(in[0]))}; }};
  PlanCache energy_plan{[this](const Tensors& in) { return Tensors{free_energies(in[0])}; }};
  PlanCache pseudo_plan{[this](const Tensors& in) { return Tensors{pseudo_likelihoods(in[0])}; }};
  /// v -> the next v and its means.
  PlanCache gibbs_plan{[this](const Tensors& in) {
    const Tensor means = visible_means(drawn(hidden_means(in[0])));
    return Tensors{drawn_visible(means), means};
  }};
  PlanCache measure_plan{[this](const Tensors& in) {
    const Tensor& v = in[0];
    Tensors out{mean(square(v - visible_means(hidden_means(v)))), mean(free_energies(v))};
    if (binary) out.push_back(mean(pseudo_likelihoods(v)));
    return out;
  }};

  void measure(const Tensor& v, const std::string& prefix, Logs& logs) {
    const Tensors numbers = measure_plan.run({v});
    logs.set(prefix + "reconstruction_error", numbers[0].item());
    logs.set(prefix + "free_energy", numbers[1].item());
    if (binary) logs.set(prefix + "pseudo_likelihood", numbers[2].item());
  }

  class Training;
};

/// One change of the weights, and what it needs besides them.
class RestrictedBoltzmannMachine::State::Training {
 public:
  Training(State& machine, const FitOptions& options)
      : m_(machine), o_(options), plans_([this](const Tensors& in) { return Tensors{step(in[0])}; }) {
    const Shape shape = m_.weights.shape();
    weight_speed_ = variable(zeros(shape), "weight_speed", false);
    visible_speed_ = variable(zeros({shape[0]}), "visible_speed", false);
    hidden_speed_ = variable(zeros({shape[1]}), "hidden_speed", false);
    if (o_.persistent) chains_ = variable(zeros({o_.batch_size, shape[1]}), "chains", false);
    if (o_.sparsity_cost > 0) activity_ = variable(full({shape[1]}, o_.sparsity_target), "activity", false);
  }

  /// Trains on n examples of a batch, in the feed's memory; returns the mean of their hidden probabilities.
  double train(const data::Feed::View& batch) {
    specs_.front() = Spec{{batch.count, m_.options.visible}, DType::float32};
    float activation = 0;
    void* const out = &activation;
    plans_.plan_for(specs_).run(batch.pointers, {&out, 1});
    return static_cast<double>(activation);
  }

 private:
  // v0: (n, visible) -> the mean hidden probability
  Tensor step(const Tensor& v0) {
    const Tensor h0 = m_.hidden_means(v0);
    Tensor h = o_.persistent ? read(chains_) : m_.drawn(h0);
    Tensor v, means;
    for (int64_t i = 0; i < o_.k; ++i) {
      v = m_.drawn_visible(m_.visible_means(h));
      means = m_.hidden_means(v);
      if (i + 1 < o_.k || o_.persistent) h = m_.drawn(means);
    }
    if (o_.persistent) assign(chains_, h);

    const double n = 1.0 / static_cast<double>(v0.shape()[0]), chains = 1.0 / static_cast<double>(v.shape()[0]);
    // The last hidden units enter as probabilities: the same gradient with less noise.
    Tensor weights = matmul(v0, h0, {.transpose_a = true}) * n - matmul(v, means, {.transpose_a = true}) * chains;
    const Tensor data_visible = mean(v0, {.axes = {0}}), data_hidden = mean(h0, {.axes = {0}});
    const Tensor visible = data_visible - mean(v, {.axes = {0}});
    Tensor hidden = data_hidden - mean(means, {.axes = {0}});
    if (o_.weight_decay > 0) weights = weights - m_.weights * o_.weight_decay;
    if (o_.sparsity_cost > 0) {
      // The cross-entropy between target and (smoothed) activity, whose derivative by a unit's input is their
      // difference.
      const Tensor activity = activity_ * 0.9 + data_hidden * 0.1;
      assign(activity_, activity);
      const Tensor push = (o_.sparsity_target - activity) * o_.sparsity_cost;
      hidden = hidden + push;
      weights = weights + expand_dims(data_visible, 1) * push;
    }
    change(m_.weights, weight_speed_, weights);
    change(m_.visible_biases, visible_speed_, visible);
    change(m_.hidden_biases, hidden_speed_, hidden);
    return mean(data_hidden);
  }

  void change(const Tensor& variable, const Tensor& speed, const Tensor& gradient) const {
    Tensor by = gradient;
    if (o_.momentum > 0) {
      by = speed * o_.momentum + gradient;
      assign(speed, by);
    }
    assign(variable, variable + by * o_.learning_rate);
  }

  State& m_;
  const FitOptions& o_;
  PlanCache plans_;
  std::vector<Spec> specs_{1};
  Tensor weight_speed_, visible_speed_, hidden_speed_, chains_, activity_;
};

RestrictedBoltzmannMachine::RestrictedBoltzmannMachine(const Options& options)
    : state_(std::make_shared<State>(options)) {}

History RestrictedBoltzmannMachine::fit(const Tensor& x, const FitOptions& options) {
  check(options);
  const Tensor v = state_->checked(x, "training data");
  const int64_t examples = v.shape().front();
  auto first = [&](const Tensor& data) {
    return slice(data, {0}, {std::min(data.shape().front(), options.measured_examples)});
  };
  const NoTape no_tape;
  const Tensor measured = first(v);
  const Tensor validation =
      options.validation_data.defined() ? first(state_->checked(options.validation_data, "validation data")) : Tensor();
  State::Training training(*state_, options);
  data::Feed feed(data::Dataset(v, Tensor()).shared(), options.batch_size);
  History history;
  for (int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    std::vector<int64_t> order;
    if (options.shuffle)
      order = random::permutation(examples, derive_seed(state_->seed, 3), state_->epochs_done).to_vector<int64_t>();
    feed.start(std::move(order));
    double activation = 0;
    while (const data::Feed::View* batch = feed.next())
      activation += training.train(*batch) * static_cast<double>(batch->count);
    ++state_->epochs_done;
    Logs logs;
    logs.set("hidden_activation", activation / static_cast<double>(examples));
    state_->measure(measured, "", logs);
    if (validation.defined()) state_->measure(validation, "val_", logs);
    history.add(epoch, logs);
    if (options.on_epoch) options.on_epoch(epoch, logs);
  }
  return history;
}

Tensor RestrictedBoltzmannMachine::hidden(const Tensor& x) {
  return state_->hidden_plan.run({state_->checked(x, "data")}).front();
}

Tensor RestrictedBoltzmannMachine::reconstruct(const Tensor& x) {
  return state_->reconstruct_plan.run({state_->checked(x, "data")}).front();
}

Tensor RestrictedBoltzmannMachine::visible(const Tensor& hidden) {
  require(hidden.rank() == 2 && hidden.shape().back() == state_->options.hidden,
          message("expected values of ", state_->options.hidden, " hidden units for each example, got ", hidden.spec(),
                  "."));
  return state_->visible_plan.run({cast(hidden, DType::float32)}).front();
}

Tensor RestrictedBoltzmannMachine::sample(int64_t count, const RestrictedBoltzmannMachineSampleOptions& options) {
  require(count >= 1 && options.gibbs_steps >= 1,
          message("expected a count and gibbs_steps of at least 1, got ", count, " and ", options.gibbs_steps, "."));
  const NoTape no_tape;
  State& m = *state_;
  Tensor v;
  if (options.start.defined()) {
    v = m.checked(options.start, "starting points");
    require(v.shape().front() == count, message("expected ", count, " starting points, got ", v.shape().front(), "."));
  } else {
    v = m.drawn_visible(m.binary ? full({count, m.options.visible}, 0.5) : zeros({count, m.options.visible}));
  }
  Tensors last;
  for (int64_t step = 0; step < options.gibbs_steps; ++step) {
    last = m.gibbs_plan.run({v});
    v = last[0];
  }
  return options.probabilities ? last[1] : v;
}

Tensor RestrictedBoltzmannMachine::free_energy(const Tensor& x) {
  return state_->energy_plan.run({state_->checked(x, "data")}).front();
}

Tensor RestrictedBoltzmannMachine::pseudo_likelihood(const Tensor& x) {
  if (!state_->binary) {
    throw NotSupported(std::string(where) +
                       "the pseudo-likelihood of Gaussian units. Compare free_energy() of training and other data.");
  }
  return state_->pseudo_plan.run({state_->checked(x, "data")}).front();
}

double RestrictedBoltzmannMachine::log_partition() const {
  return log_partition_by_enumeration(state_->weights.to_vector<double>(), state_->visible_biases.to_vector<double>(),
                                      state_->hidden_biases.to_vector<double>(), state_->binary);
}

double RestrictedBoltzmannMachine::log_likelihood(const Tensor& x) {
  double total = 0;
  const std::vector<double> energies = free_energy(x).to_vector<double>();
  for (const double energy : energies) total -= energy;
  return total / static_cast<double>(energies.size()) - log_partition();
}

Tensor RestrictedBoltzmannMachine::weights() const { return copy(state_->weights); }
Tensor RestrictedBoltzmannMachine::visible_biases() const { return copy(state_->visible_biases); }
Tensor RestrictedBoltzmannMachine::hidden_biases() const { return copy(state_->hidden_biases); }

void RestrictedBoltzmannMachine::set_weights(const Tensor& weights, const Tensor& visible_biases,
                                             const Tensor& hidden_biases) {
  const int64_t visible = state_->options.visible, hidden = state_->options.hidden;
  require(weights.shape() == Shape{visible, hidden} && visible_biases.shape() == Shape{visible} &&
              hidden_biases.shape() == Shape{hidden},
          message("expected weights (", visible, ", ", hidden, ") and biases (", visible, ",) and (", hidden,
                  ",), got ", weights.shape(), ", ", visible_biases.shape(), " and ", hidden_biases.shape(), "."));
  const NoTape no_tape;
  write_variable(state_->weights, cast(weights, DType::float32));
  write_variable(state_->visible_biases, cast(visible_biases, DType::float32));
  write_variable(state_->hidden_biases, cast(hidden_biases, DType::float32));
}

const Options& RestrictedBoltzmannMachine::options() const { return state_->options; }

}  // namespace hebb::classic
