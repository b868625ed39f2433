#include "hebb/nn/activation_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "hebb/autograd/gradient.h"
#include "hebb/data/data.h"
#include "hebb/nn/activations.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

using Values = std::vector<double>;

/// From -10 to 10, so close together that a slope is not taken for a jump; kinks are hit exactly.
Values points() {
  Values x;
  for (int i = -5000; i <= 5000; ++i) x.push_back(i / 500.0);
  return x;
}

/// The function and its first two derivatives at the points.
std::vector<Values> derivatives(const ActivationRecord& record, const Values& at) {
  const Tensor x = variable(Tensor::from(at));
  const Tensor y = record.function(x);
  const Tensor first = gradient(sum(y), x);
  std::vector<Values> out{y.to_vector<double>(), first.to_vector<double>()};
  // A constant derivative was not computed from x.
  const bool constant = !first.body()->producer;
  out.push_back(constant ? Values(at.size(), 0) : gradient(sum(first), x).to_vector<double>());
  return out;
}

double largest_jump(const Values& values) {
  double largest = 0;
  for (size_t i = 1; i < values.size(); ++i) largest = std::max(largest, std::abs(values[i] - values[i - 1]));
  return largest;
}

/// Those of one element, whose properties can be seen in a plot.
std::vector<ActivationRecord> of_one_element() {
  std::vector<ActivationRecord> all;
  for (const ActivationRecord& record : activation_records()) {
    if (record.elementwise) all.push_back(record);
  }
  return all;
}

TEST(ActivationTable, RangesAreRight) {
  Values at = points();
  for (const double far : {20., 50., 100., 300., 1e4, 1e6}) at.insert(at.end(), {far, -far});
  for (const ActivationRecord& record : of_one_element()) {
    SCOPED_TRACE(record.name);
    const Values y = record.function(Tensor::from(at)).to_vector<double>();
    double low = INFINITY, high = -INFINITY;
    for (const double value : y) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
    EXPECT_GE(low, record.range.low - 1e-6);
    EXPECT_LE(high, record.range.high + 1e-6);
    if (std::isfinite(record.range.low)) {
      EXPECT_NEAR(low, record.range.low, 1e-4);
    } else {
      EXPECT_LT(low, -10);
    }
    if (std::isfinite(record.range.high)) {
      EXPECT_NEAR(high, record.range.high, 1e-4);
    } else {
      EXPECT_GT(high, 10);
    }
  }
}

TEST(ActivationTable, ContinuityIsRight) {
  for (const ActivationRecord& record : of_one_element()) {
    if (record.name == "exponential") continue;  // so steep that nothing can be told from its steps
    SCOPED_TRACE(record.name);
    // Between the kinks: what a gradient is at a kink itself is a convention.
    Values at = points();
    for (double& x : at) x += 1e-4;
    const std::vector<Values> all = derivatives(record, at);
    for (int order = 0; order <= 2; ++order) {
      const double jump = largest_jump(all[static_cast<size_t>(order)]);
      if (order <= record.continuity.order) {
        EXPECT_LT(jump, 0.03) << "of derivative " << order;
      } else if (order == record.continuity.order + 1) {
        EXPECT_GT(jump, 0.1) << "of derivative " << order;
      }
    }
  }
}

TEST(ActivationTable, MonotonicityIsRight) {
  for (const ActivationRecord& record : of_one_element()) {
    SCOPED_TRACE(record.name);
    const Values y = record.function(Tensor::from(points())).to_vector<double>();
    double fall = 0;
    for (size_t i = 1; i < y.size(); ++i) fall = std::max(fall, y[i - 1] - y[i]);
    if (record.monotonic) {
      EXPECT_LT(fall, 1e-12);
    } else {
      EXPECT_GT(fall, 1e-6);
    }
  }
}

/// Derivatives against central differences, away from kinks and from 0 alone, where sinc and its kind have a value by
/// definition.
TEST(ActivationTable, GradientsAreDerivatives) {
  const Values at = {-7.3, -2.6, -1.21, -0.51, -0.49, -0.013, 0.013, 0.31, 0.49, 0.51, 1.21, 2.6, 7.3};
  const double h = 1e-6;
  std::vector<ActivationRecord> all = of_one_element();
  for (const ActivationRecord& record : learned_activation_records()) all.push_back(record);
  for (const ActivationRecord& record : all) {
    SCOPED_TRACE(record.name);
    Values left, right;
    for (const double x : at) {
      left.push_back(x - h);
      right.push_back(x + h);
    }
    const std::vector<Values> here = derivatives(record, at), below = derivatives(record, left),
                              above = derivatives(record, right);
    for (size_t i = 0; i < at.size(); ++i) {
      const double scale = 1 + std::abs(here[1][i]);
      EXPECT_NEAR(here[1][i], (above[0][i] - below[0][i]) / (2 * h), 1e-7 * scale) << "at " << at[i];
      EXPECT_NEAR(here[2][i], (above[1][i] - below[1][i]) / (2 * h), 1e-7 * scale) << "at " << at[i];
    }
  }
}

TEST(ActivationTable, SincIsExactNearZero) {
  const Values at = {0, 1e-8, 1e-3, 0.1, 0.4999, 0.5001};
  const std::vector<Values> got = derivatives({.name = "",
                                               .function = sinc,
                                               .doc = "",
                                               .formula = "",
                                               .range = {0, 1, ""},
                                               .continuity = {0},
                                               .monotonic = false},
                                              at);
  EXPECT_EQ(got[0][0], 1);
  EXPECT_EQ(got[1][0], 0);
  EXPECT_NEAR(got[2][0], -1. / 3, 1e-15);
  EXPECT_NEAR(got[1][1], -1e-8 / 3, 1e-20);
  EXPECT_NEAR(got[1][2], -3.3333330000000119e-4, 1e-17);  // -x/3 + x^3/30 - ...
  EXPECT_NEAR(got[0][4], std::sin(0.4999) / 0.4999, 1e-15);
  EXPECT_NEAR(got[0][5], std::sin(0.5001) / 0.5001, 1e-15);
}

TEST(ActivationTable, SoftExponentialGoesFromLogarithmToExponential) {
  const Tensor x = Tensor::from(Values{0.25, 0.5, 1.5});
  const Values logarithm = soft_exponential(x, -1).to_vector<double>(),
               identity = soft_exponential(x, 0).to_vector<double>(),
               exponential = soft_exponential(x, 1).to_vector<double>();
  for (size_t i = 0; i < 3; ++i) {
    const double at = x.to_vector<double>()[i];
    EXPECT_NEAR(logarithm[i], std::log(at), 1e-12);
    EXPECT_EQ(identity[i], at);
    EXPECT_NEAR(exponential[i], std::exp(at), 1e-12);
  }
  // The derivative by alpha, also where both formulas are 0 / 0: 1 + x^2 / 2.
  for (const double alpha_value : {-0.8, -0.3, -1e-3, -1e-7, 0.0, 1e-7, 1e-3, 0.3, 0.8}) {
    const Tensor alpha = variable(Tensor::scalar(alpha_value, DType::float64));
    const double h = 1e-5;
    for (const double at : {-0.4, 0.3, 0.7}) {
      const Tensor point = Tensor::scalar(at, DType::float64);
      const double by_alpha = gradient(sum(soft_exponential(point, alpha)), alpha).item();
      const double difference =
          (soft_exponential(point, alpha_value + h).item() - soft_exponential(point, alpha_value - h).item()) / (2 * h);
      // At alpha = 0 the two formulas meet with different second derivatives, which the difference sees.
      EXPECT_NEAR(by_alpha, difference, 1e-5) << "alpha " << alpha_value << ", x " << at;
    }
  }
  // Beyond the logarithm's end everything stays finite.
  const Tensor far = variable(Tensor::from(Values{-5, -50})), alpha = variable(Tensor::scalar(-1, DType::float64));
  const Tensor y = soft_exponential(far, alpha);
  EXPECT_NEAR(y.to_vector<double>()[0], std::log(1e-6), 1e-9);
  for (const Tensor& g : gradient(sum(y), {far, alpha})) {
    for (const double value : g.to_vector<double>()) EXPECT_TRUE(std::isfinite(value));
  }
  EXPECT_EQ(gradient(sum(y), far).to_vector<double>(), (Values{0, 0}));
}

TEST(ActivationTable, StepsHaveNoGradient) {
  const Tensor x = variable(Tensor::from({-1, 0, 2}, {1, 3}));
  EXPECT_EQ(binary_step(x).to_vector<float>(), (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(one_hot_argmax(x).to_vector<float>(), (std::vector<float>{0, 0, 1}));
  EXPECT_EQ(one_hot_argmax(zeros({2, 2})).to_vector<float>(), (std::vector<float>{1, 0, 1, 0}));
  for (const char* name : {"binary_step", "sign", "argmax"}) {
    EXPECT_EQ(gradient(sum(ActivationFunction(name)(x)), x).to_vector<float>(), (std::vector<float>{0, 0, 0})) << name;
  }
}

TEST(ActivationTable, NamesAreAliasesOrSaidNotToBeKerass) {
  std::set<std::string> names;
  for (const ActivationRecord& record : activation_records()) {
    EXPECT_TRUE(names.insert(record.name).second) << record.name << " stands twice";
    EXPECT_FALSE(record.doc.empty() || record.formula.empty() || record.range.text.empty()) << record.name;
    const Json written = ActivationFunction(record.name).to_json();
    EXPECT_EQ(written.as_string(), record.same_as != nullptr ? record.same_as : record.name);
    if (record.same_as == nullptr) continue;
    const Tensor x = Tensor::from({-2, -0.5, 0.5, 2}, {2, 2});
    EXPECT_EQ(record.function(x).to_vector<float>(), ActivationFunction(record.same_as)(x).to_vector<float>());
  }
  EXPECT_EQ(Continuity{-1}.text(), "jumps");
  EXPECT_EQ(Continuity{1}.text(), "C1");
  EXPECT_EQ(Continuity{Continuity::infinite}.text(), "C-infinity");
}

/// Each by its name in a hidden layer, learned through.
TEST(ActivationTable, EveryOneTrains) {
  const auto [x, y] = data::moons({.samples = 256, .noise = 0.1, .seed = 3});
  for (const ActivationRecord& record : activation_records()) {
    SCOPED_TRACE(record.name);
    set_random_seed(5);
    const Layer hidden = Dense(16, {.activation = record.name});
    Sequential model({Input({2}), hidden, Dense(2, {.activation = "softmax"})});
    model.compile({.optimizer = SGD({.learning_rate = 0.05}), .loss = "sparse_categorical_crossentropy"});
    const std::vector<float> kernel = hidden.get_weights()[0].to_vector<float>();
    const History history = model.fit(x, y, {.batch_size = 32, .epochs = 5, .verbose = 0});
    const std::vector<double>& losses = history["loss"];
    EXPECT_LT(losses.back(), losses.front());
    const bool step = record.name == "binary_step" || record.name == "sign" || record.name == "argmax";
    EXPECT_EQ(hidden.get_weights()[0].to_vector<float>() == kernel, step);  // nothing is learned before a step
  }
}

}  // namespace
}  // namespace hebb
