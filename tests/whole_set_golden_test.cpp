// Optimizers of the whole set against SciPy's minimisers on the same net from the same weights
// (tests/goldens/make_whole_set.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/whole_set.h"

namespace hebb {
namespace {

std::vector<double> numbers(const Json& json) {
  std::vector<double> out;
  for (const Json& item : json.items()) out.push_back(item.as_double());
  return out;
}

struct Found {
  double loss = 0, evaluations = 0;
};

Found train(const Json& golden, const Optimizer& optimizer) {
  constexpr DType dtype = DType::float64;
  Sequential model(
      {Input({1}, {.dtype = dtype}), Dense(2, {.activation = "tanh", .dtype = dtype}), Dense(1, {.dtype = dtype})});
  const std::vector<double> start = numbers(golden.at("start")), x = numbers(golden.at("x")),
                            y = numbers(golden.at("y"));
  Tensors weights;
  size_t at = 0;
  for (const Tensor& weight : model.weights()) {
    const auto count = static_cast<size_t>(weight.size());
    weights.push_back(Tensor::from(
        std::vector<double>(start.begin() + static_cast<long>(at), start.begin() + static_cast<long>(at + count)),
        weight.shape()));
    at += count;
  }
  model.set_weights(weights);
  model.compile({.optimizer = optimizer, .loss = "mse"});
  const auto rows = static_cast<int64_t>(x.size());
  const History history =
      model.fit(Tensor::from(x, {rows, 1}), Tensor::from(y, {rows, 1}), {.epochs = 2000, .verbose = 0});
  return {history["loss"].back(), history["evaluations"].back()};
}

TEST(WholeSetGolden, ReachesSciPysMinimumInAsManyEvaluations) {
  double ours = 0, theirs = 0;
  for (const Json& golden : goldens::cases("whole_set")) {
    for (const auto& [name, optimizer] : std::vector<std::pair<std::string, Optimizer>>{
             {"conjugate_gradient", ConjugateGradient({.gradient_tolerance = 1e-4})},
             {"lbfgs", LBFGS({.gradient_tolerance = 1e-4})},
             {"levenberg_marquardt", LevenbergMarquardt({.gradient_tolerance = 1e-7})}}) {
      SCOPED_TRACE(golden.at("name").as_string() + " " + name);
      const Json& expected = golden.at(name);
      const Found found = train(golden, optimizer);
      // MINPACK stays in a flat valley once, where ours finds the way out.
      EXPECT_LE(found.loss, 1.01 * expected.at("loss").as_double());
      EXPECT_LE(found.evaluations, 2 * expected.at("evaluations").as_double() + 10);
      ours += found.evaluations;
      theirs += expected.at("evaluations").as_double();
    }
  }
  EXPECT_LE(ours, 1.3 * theirs);
}

}  // namespace
}  // namespace hebb
