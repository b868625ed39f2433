#include "hebb/classic/restricted_boltzmann_machine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>

#include "hebb/base/error.h"
#include "hebb/base/threads.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb::classic {
namespace {

using Machine = RestrictedBoltzmannMachine;

/// A small machine with weights large enough to matter.
Machine small_machine(int64_t visible, int64_t hidden, const std::string& units = "binary") {
  Machine machine({.visible = visible, .hidden = hidden, .visible_units = units, .seed = 1});
  machine.set_weights(random::normal({visible, hidden}, {.stddev = 0.8, .seed = 2}),
                      random::normal({visible}, {.stddev = 0.5, .seed = 3}),
                      random::normal({hidden}, {.stddev = 0.5, .seed = 4}));
  return machine;
}

/// All states of n units, a row each.
std::vector<std::vector<double>> states(int64_t n) {
  std::vector<std::vector<double>> out;
  for (int64_t code = 0; code < (int64_t{1} << n); ++code) {
    out.emplace_back();
    for (int64_t i = 0; i < n; ++i) out.back().push_back(static_cast<double>((code >> i) & 1));
  }
  return out;
}

Tensor as_tensor(const std::vector<std::vector<double>>& rows) {
  std::vector<float> flat;
  for (const auto& row : rows) flat.insert(flat.end(), row.begin(), row.end());
  return Tensor::from(flat, {static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows.front().size())});
}

/// -E(v, h), term by term.
double minus_energy(const Machine& machine, const std::vector<double>& v, const std::vector<double>& h) {
  const auto w = machine.weights().to_vector<double>(), b = machine.visible_biases().to_vector<double>(),
             c = machine.hidden_biases().to_vector<double>();
  const bool binary = machine.options().visible_units == "binary";
  double total = 0;
  for (size_t i = 0; i < v.size(); ++i) {
    total += binary ? b[i] * v[i] : -0.5 * (v[i] - b[i]) * (v[i] - b[i]);
    for (size_t j = 0; j < h.size(); ++j) total += v[i] * w[i * h.size() + j] * h[j];
  }
  for (size_t j = 0; j < h.size(); ++j) total += c[j] * h[j];
  return total;
}

double sum_over_hidden(const Machine& machine, const std::vector<double>& v) {
  double total = 0;
  for (const auto& h : states(machine.options().hidden)) total += std::exp(minus_energy(machine, v, h));
  return total;
}

TEST(RestrictedBoltzmannMachine, FreeEnergiesAreThoseOfTheirDefinition) {
  for (const std::string units : {"binary", "gaussian"}) {
    Machine machine = small_machine(4, 3, units);
    const auto rows = states(4);
    const std::vector<double> energies = machine.free_energy(as_tensor(rows)).to_vector<double>();
    for (size_t i = 0; i < rows.size(); ++i)
      EXPECT_NEAR(energies[i], -std::log(sum_over_hidden(machine, rows[i])), 2e-6) << units << " " << i;
  }
}

TEST(RestrictedBoltzmannMachine, PartitionFunctionByEitherLayer) {
  for (const auto& [visible, hidden] : {std::pair{4, 3}, std::pair{3, 5}, std::pair{1, 1}}) {
    Machine machine = small_machine(visible, hidden);
    double z = 0;
    for (const auto& v : states(visible)) z += sum_over_hidden(machine, v);
    EXPECT_NEAR(machine.log_partition(), std::log(z), 1e-9);
    EXPECT_NEAR(machine.log_likelihood(ones({2, visible})),
                -machine.free_energy(ones({1, visible})).item() - std::log(z), 1e-6);
  }
  // A Gaussian one's, by quadrature.
  const Machine machine = small_machine(1, 3, "gaussian");
  double z = 0;
  for (double v = -20; v < 20; v += 1e-3) z += 1e-3 * sum_over_hidden(machine, {v});
  EXPECT_NEAR(machine.log_partition(), std::log(z), 1e-6);
  EXPECT_THROW(Machine({.visible = 30, .hidden = 21}).log_partition(), NotSupported);
}

TEST(RestrictedBoltzmannMachine, ProbabilitiesFollowFromTheEnergy) {
  Machine machine = small_machine(4, 3);
  const auto rows = states(4);
  const std::vector<double> hidden = machine.hidden(as_tensor(rows)).to_vector<double>();
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<double> on(3, 0);
    for (const auto& h : states(3)) {
      for (size_t j = 0; j < 3; ++j) on[j] += h[j] * std::exp(minus_energy(machine, rows[i], h));
    }
    for (size_t j = 0; j < 3; ++j) EXPECT_NEAR(hidden[i * 3 + j], on[j] / sum_over_hidden(machine, rows[i]), 1e-6);
  }
}

/// <v_i h_j> of the data and of the model's distribution, exactly; their difference is the likelihood's gradient.
std::vector<double> exact_gradient(Machine machine, const std::vector<std::vector<double>>& data) {
  const auto all = states(machine.options().visible);
  const std::vector<double> energies = machine.free_energy(as_tensor(all)).to_vector<double>();
  const double log_z = machine.log_partition();
  const auto hidden = static_cast<size_t>(machine.options().hidden);
  std::vector<double> gradient(data.front().size() * hidden, 0);
  auto add = [&](const std::vector<std::vector<double>>& rows, auto weight) {
    const std::vector<double> on = machine.hidden(as_tensor(rows)).to_vector<double>();
    for (size_t row = 0; row < rows.size(); ++row) {
      for (size_t i = 0; i < rows[row].size(); ++i) {
        for (size_t j = 0; j < hidden; ++j)
          gradient[i * hidden + j] += weight(row) * rows[row][i] * on[row * hidden + j];
      }
    }
  };
  add(data, [&](size_t) { return 1.0 / static_cast<double>(data.size()); });
  add(all, [&](size_t row) { return -std::exp(-energies[row] - log_z); });
  return gradient;
}

/// The change of the weights in one step of learning rate 1 on many copies of the data.
std::vector<double> one_step(const std::vector<std::vector<double>>& data,
                             RestrictedBoltzmannMachineFitOptions options) {
  Machine machine = small_machine(4, 3);
  std::vector<std::vector<double>> many;
  while (many.size() < 40000) many.insert(many.end(), data.begin(), data.end());
  const std::vector<double> before = machine.weights().to_vector<double>();
  options.epochs = 1;
  options.batch_size = static_cast<int64_t>(many.size());
  options.learning_rate = 1;
  machine.fit(as_tensor(many), options);
  std::vector<double> change = machine.weights().to_vector<double>();
  for (size_t i = 0; i < change.size(); ++i) change[i] -= before[i];
  return change;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST(RestrictedBoltzmannMachine, ManyGibbsStepsGiveTheGradientOfTheLikelihood) {
  const std::vector<std::vector<double>> data = {{1, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 1, 1}, {1, 1, 1, 0}};
  const std::vector<double> exact = exact_gradient(small_machine(4, 3), data);
  const double one = distance(one_step(data, {.k = 1}), exact), many = distance(one_step(data, {.k = 60}), exact);
  EXPECT_LT(many, 0.01);     // the noise of 40,000 chains
  EXPECT_GT(one, 2 * many);  // contrastive divergence is biased
  EXPECT_LT(distance(one_step(data, {.k = 60, .persistent = true}), exact), 0.01);
  std::vector<double> decayed = one_step(data, {.weight_decay = 0.1, .k = 60});
  const std::vector<double> weights = small_machine(4, 3).weights().to_vector<double>();
  for (size_t i = 0; i < weights.size(); ++i) decayed[i] += 0.1 * weights[i];
  EXPECT_LT(distance(decayed, exact), 0.01);
}

TEST(RestrictedBoltzmannMachine, LearnsADistribution) {
  // How many units from the first on are on: the best log-likelihood is -log 5 = -1.61.
  std::vector<std::vector<double>> rows;
  for (int i = 0; i < 20; ++i)
    rows.insert(rows.end(), {{0, 0, 0, 0}, {1, 0, 0, 0}, {1, 1, 0, 0}, {1, 1, 1, 0}, {1, 1, 1, 1}});
  const Tensor data = as_tensor(rows);
  for (const bool persistent : {false, true}) {
    Machine machine({.visible = 4, .hidden = 3, .seed = 5});
    EXPECT_NEAR(machine.log_likelihood(data), -4 * std::numbers::ln2, 0.05);
    const History history = machine.fit(
        data, {.epochs = 1500, .batch_size = 50, .learning_rate = 0.05, .momentum = 0.5, .persistent = persistent});
    EXPECT_GT(machine.log_likelihood(data), -1.85) << persistent;
    EXPECT_GT(history["pseudo_likelihood"].back(), history["pseudo_likelihood"].front());
    // Samples follow the model's distribution.
    const auto all = states(4);
    const std::vector<double> energies = machine.free_energy(as_tensor(all)).to_vector<double>();
    const double log_z = machine.log_partition();
    std::vector<double> frequency(all.size(), 0);
    const int64_t count = 10000;
    const std::vector<float> samples = machine.sample(count, {.gibbs_steps = 200}).to_vector<float>();
    for (int64_t n = 0; n < count; ++n) {
      size_t code = 0;
      for (size_t i = 0; i < 4; ++i) code += samples[static_cast<size_t>(n) * 4 + i] > 0.5f ? size_t{1} << i : 0;
      frequency[code] += 1.0 / static_cast<double>(count);
    }
    for (size_t i = 0; i < all.size(); ++i)
      EXPECT_NEAR(frequency[i], std::exp(-energies[i] - log_z), 0.02) << persistent << " " << i;
  }
}

TEST(RestrictedBoltzmannMachine, PseudoLikelihoodIsThatOfSingleUnits) {
  // With no weights each unit is as likely as its bias says, whichever is drawn.
  Machine machine({.visible = 3, .hidden = 2});
  machine.set_weights(zeros({3, 2}), full({3}, 1.5), zeros({2}));
  EXPECT_NEAR(machine.pseudo_likelihood(ones({1, 3})).item(), 3 * std::log(1 / (1 + std::exp(-1.5))), 1e-5);
  EXPECT_THROW(Machine({.visible = 3, .hidden = 2, .visible_units = "gaussian"}).pseudo_likelihood(ones({1, 3})),
               NotSupported);
}

TEST(RestrictedBoltzmannMachine, GaussianUnitsLearnRealNumbers) {
  // Two clusters on a line through the origin: standardised data with one strong direction.
  const Tensor side = sign(random::normal({512, 1}, {.seed = 6}));
  const Tensor data =
      side * Tensor::from({0.95f, -0.95f, 0.95f}, {1, 3}) + random::normal({512, 3}, {.stddev = 0.3, .seed = 7});
  Machine machine({.visible = 3, .hidden = 4, .visible_units = "gaussian", .seed = 8});
  const double before = machine.log_likelihood(data);
  const History history =
      machine.fit(data, {.epochs = 60, .batch_size = 32, .learning_rate = 0.02, .validation_data = data});
  EXPECT_GT(machine.log_likelihood(data), before + 0.1);
  EXPECT_LT(history["reconstruction_error"].back(), 0.6 * history["reconstruction_error"].front());
  EXPECT_EQ(history["free_energy"], history["val_free_energy"]);
  EXPECT_EQ(history.find("pseudo_likelihood"), nullptr);
}

TEST(RestrictedBoltzmannMachine, SparsityHoldsUnitsDown) {
  const Tensor data = cast(less(random::uniform({256, 20}, {.seed = 9}), Tensor::scalar(0.5)), DType::float32);
  Machine machine({.visible = 20, .hidden = 10, .seed = 10});
  const History history = machine.fit(data, {.epochs = 40, .sparsity_target = 0.05, .sparsity_cost = 1});
  EXPECT_NEAR(history["hidden_activation"].back(), 0.05, 0.03);
}

TEST(RestrictedBoltzmannMachine, TheSameBitsOnAnyNumberOfThreadsAndGoingOn) {
  const Tensor data = random::uniform({100, 30}, {.seed = 11});
  auto trained = [&](int threads, bool in_two) {
    set_threads(threads);
    Machine machine({.visible = 30, .hidden = 20, .seed = 12});
    for (int part = 0; part < (in_two ? 2 : 1); ++part)
      machine.fit(data, {.epochs = in_two ? 2 : 4, .batch_size = 32, .k = 2});
    std::vector<float> numbers = machine.weights().to_vector<float>();
    const std::vector<float> samples = machine.sample(3, {.gibbs_steps = 5}).to_vector<float>();
    numbers.insert(numbers.end(), samples.begin(), samples.end());
    return numbers;
  };
  const int before = threads();
  const auto one = trained(1, false), two = trained(2, false), parts = trained(2, true);
  set_threads(before);
  EXPECT_EQ(one, two);
  EXPECT_EQ(std::vector<float>(one.begin(), one.begin() + 600), std::vector<float>(parts.begin(), parts.begin() + 600));
}

std::string error_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

TEST(RestrictedBoltzmannMachine, SaysWhatIsWrong) {
  EXPECT_EQ(error_of([] { Machine({.visible = 2, .hidden = 2, .visible_units = "gausian"}); }),
            "RestrictedBoltzmannMachine: unknown kind of visible units 'gausian'. Did you mean 'gaussian'?");
  Machine machine({.visible = 4, .hidden = 2});
  EXPECT_NE(error_of([&] { machine.fit(ones({3, 5})); }).find("training data of 4 numbers"), std::string::npos);
  EXPECT_NE(error_of([&] { machine.fit(full({3, 4}, 255)); }).find("Divide images of bytes by 255"), std::string::npos);
  EXPECT_NE(error_of([&] { machine.fit(full({3, 4}, NAN)); }).find("finite"), std::string::npos);
  EXPECT_NE(error_of([&] { machine.fit(ones({3, 4}), {.k = 0}); }).find("k"), std::string::npos);
  EXPECT_NE(error_of([&] { machine.visible(ones({3, 4})); }).find("2 hidden units"), std::string::npos);
  EXPECT_NE(error_of([&] { machine.sample(2, {.start = ones({3, 4})}); }).find("starting points"), std::string::npos);
}

}  // namespace
}  // namespace hebb::classic
