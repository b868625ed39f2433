#include "hebb/nn/constraints.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/optimizers/whole_set.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

std::vector<float> kept(const Constraint& constraint, const Tensor& weight) {
  return constraint->constrained(weight).to_vector<float>();
}

TEST(Constraints, BringWeightsBack) {
  const Tensor w = Tensor::from({3, 0, 4, 0.5f}, {2, 2});  // columns of length 5 and 0.5
  const auto expect = [](const std::vector<float>& actual, const std::vector<float>& expected) {
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-5);
  };
  expect(kept(MaxNorm(), w), {1.2f, 0, 1.6f, 0.5f});
  expect(kept(MaxNorm({.max_value = 1, .axis = {0, 1}}), w), kept(UnitNorm({.axis = {0, 1}}), w));
  expect(kept(UnitNorm({.axis = 1}), Tensor::from({3, 4, 0, 0}, {2, 2})), {0.6f, 0.8f, 0, 0});
  expect(kept(MinMaxNorm({.min_value = 1, .max_value = 2.5}), w), {1.5f, 0, 2, 1});
  expect(kept(MinMaxNorm({.min_value = 1, .max_value = 2.5, .rate = 0.5}), w), {2.25f, 0, 3, 0.75f});
  expect(kept(NonNeg(), Tensor{-1, 0, 2}), {0, 0, 2});
}

TEST(Constraints, NamesAndConfigurations) {
  EXPECT_EQ(
      Constraint("max_norm").to_json().dump(),
      R"({"module": "keras.constraints", "class_name": "MaxNorm", "config": {"max_value": 2.0, "axis": 0}, "registered_name": null})");
  for (const Constraint& constraint : {MaxNorm({.axis = {0, 1}}), MinMaxNorm({.rate = 0.5}), NonNeg(), UnitNorm()})
    EXPECT_EQ(Constraint::from_json(constraint.to_json()).to_json(), constraint.to_json());
  for (const ConstraintRecord& record : constraint_records()) {
    EXPECT_FALSE(record.doc.empty());
    for (const std::string& alias : record.aliases)
      EXPECT_EQ(Constraint(alias).to_json(), Constraint(record.class_name).to_json());
  }
  EXPECT_TRUE(Constraint().to_json().is_null());
  EXPECT_FALSE(Constraint::from_json(nullptr));
  EXPECT_THROW(Constraint("max_nrm"), InvalidArgument);
  EXPECT_THROW(Constraint::from_json(Json::parse(R"({"class_name": "MaxNorm", "config": {"max_valu": 2}})")),
               InvalidArgument);
}

TEST(Constraints, HoldInLoopsOfOnesOwn) {
  const Tensor w = variable(Tensor{1, -1});
  NonNeg().attach_to(w);
  Optimizer optimizer = SGD({.learning_rate = 1.0});
  optimizer.apply({Tensor{3, -3}}, {w});
  EXPECT_EQ(w.to_vector<float>(), (std::vector<float>{0, 2}));
  Constraint().attach_to(w);
  optimizer.apply({Tensor{3, -3}}, {w});
  EXPECT_EQ(w.to_vector<float>(), (std::vector<float>{-3, 5}));
}

TEST(Constraints, OfEveryLayerThatHasThem) {
  const std::vector<std::pair<Layer, Shape>> layers = {
      {Dense(2, {.kernel_constraint = NonNeg(), .bias_constraint = MaxNorm()}), {4, 3}},
      {Conv2D(2, 2, {.kernel_constraint = NonNeg(), .bias_constraint = NonNeg()}), {1, 3, 3, 2}},
      {Conv2DTranspose(2, 2, {.kernel_constraint = NonNeg(), .bias_constraint = NonNeg()}), {1, 3, 3, 2}},
      {BatchNormalization({.beta_constraint = NonNeg(), .gamma_constraint = UnitNorm()}), {4, 3}},
      {LayerNormalization({.beta_constraint = NonNeg(), .gamma_constraint = UnitNorm()}), {4, 3}},
      {PReLU({.alpha_constraint = NonNeg()}), {4, 3}},
      {Embedding(5, 2, {.embeddings_constraint = UnitNorm({.axis = 1})}), {4, 3}},
      {LSTM(2, {.kernel_constraint = NonNeg(), .recurrent_constraint = NonNeg(), .bias_constraint = NonNeg()}),
       {2, 3, 2}},
      {GRUCell(2, {.kernel_constraint = NonNeg(), .recurrent_constraint = NonNeg(), .bias_constraint = NonNeg()}),
       {2, 3}},
  };
  for (const auto& [layer, shape] : layers) {
    layer->build_for({shape});
    for (const Tensor& weight : layer.trainable_weights())
      EXPECT_NE(weight.body()->constraint, nullptr) << layer.name() << " " << weight.name();
    const Json json = layer_to_json(layer);
    EXPECT_EQ(layer_to_json(layer_from_json(json)).dump(), json.dump());
    EXPECT_NE(json.dump().find("keras.constraints"), std::string::npos);
  }
}

TEST(Constraints, AreRefusedByOptimizersOfTheWholeSet) {
  Sequential model({Input({2}), Dense(1, {.kernel_constraint = NonNeg()})});
  model.compile({.optimizer = LevenbergMarquardt(), .loss = "mse"});
  EXPECT_THROW(model.fit(ones({4, 2}), ones({4, 1}), {.epochs = 1, .verbose = 0}), NotSupported);
}

}  // namespace
}  // namespace hebb
