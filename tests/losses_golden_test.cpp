// Losses against what real Keras computes (tests/goldens/make_losses.py).

#include <gtest/gtest.h>

#include <set>

#include "goldens.h"
#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/masking.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

using goldens::near;

class LossGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("losses")[GetParam()]; }
  Loss loss() const { return Loss::from_config(golden().at("class_name").as_string(), golden().at("arguments")); }
  Tensor y_true() const { return goldens::tensor(golden().at("y_true")); }
  Tensor y_pred() const { return goldens::tensor(golden().at("y_pred")); }
  Tensor sample_weight() const {
    const Json& weight = golden().at("sample_weight");
    return weight.is_null() ? Tensor() : goldens::tensor(weight);
  }

  /// The value, and the gradient of its sum with respect to the predictions.
  Tensors run(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) const {
    if (const Json* mask = golden().find("mask")) set_mask(y_pred, goldens::tensor(*mask));
    const Tensor value = loss()(y_true, y_pred, weight);
    return {value, gradient(sum(value), y_pred)};
  }

  void check(const Tensors& results) const {
    EXPECT_TRUE(near(results[0], goldens::tensor(golden().at("value")), 2e-6, 1e-1));
    EXPECT_TRUE(near(results[1], goldens::tensor(golden().at("gradient")), 4e-6, 1e-2)) << "gradient";
  }
};

TEST_P(LossGolden, Eager) { check(run(y_true(), variable(y_pred()), sample_weight())); }

TEST_P(LossGolden, Planned) {
  Tensors inputs = {y_true(), y_pred()};
  if (sample_weight().defined()) inputs.push_back(sample_weight());
  PlanCache plans([&](const Tensors& in) { return run(in[0], in[1], in.size() > 2 ? in[2] : Tensor()); });
  check(plans.run(inputs));
}

TEST_P(LossGolden, Configuration) {
  EXPECT_TRUE(goldens::same_json(loss()->config(), goldens::whole_config(golden())));
  const Loss again = Loss::from_json(Json::parse(loss().to_json().dump()));
  EXPECT_EQ(again.to_json().dump(), loss().to_json().dump());
  EXPECT_EQ(again.to_json().at("module").as_string(), "keras.losses");
}

TEST_P(LossGolden, TargetsFit) {
  Shape prediction = y_pred().shape();
  prediction[0] = Shape::unknown;
  EXPECT_NO_THROW(loss()->check_targets(y_true(), prediction));
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param, goldens::cases("losses")[info.param].at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, LossGolden, ::testing::Range(size_t{0}, goldens::cases("losses").size()), case_name);

// ------------------------------------------------------------------------------------------------- after an activation

/// A loss right after softmax or sigmoid is computed from what went into it, in training and in evaluation.
class LossAfterActivation : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::file("losses").at("after_activation").items()[GetParam()]; }
  Tensor x() const { return goldens::tensor(golden().at("x")); }
  Tensor y() const { return goldens::tensor(golden().at("y")); }
  std::string how() const {
    return golden().at("name").as_string().substr(golden().at("name").as_string().find('/') + 1);
  }
  std::string loss() const { return golden().at("loss").as_string(); }

  /// One layer whose kernel is the identity, and the activation as the case has it.
  Sequential model() const {
    const std::string activation = loss() == "binary_crossentropy" ? "sigmoid" : "softmax";
    const bool inside = how() == "dense" || how() == "two_softmax";
    std::vector<Layer> layers = {Input({3}), Dense(3, {.activation = inside ? activation : "linear"})};
    if (how() == "activation_layer") layers.push_back(Activation(activation));
    if (how() == "softmax_layer" || how() == "two_softmax") layers.push_back(Softmax());
    Sequential model(layers);
    model.set_weights({Tensor::from({1.f, 0.f, 0.f, 0.f, 1.f, 0.f, 0.f, 0.f, 1.f}, {3, 3}), zeros({3})});
    return model;
  }
};

TEST_P(LossAfterActivation, InTheModel) {
  Sequential model = this->model();
  model.compile({.optimizer = SGD({.learning_rate = 1.0}), .loss = loss()});
  const Tensors before = model.get_weights();
  EXPECT_TRUE(near(model.predict(x()), goldens::tensor(golden().at("predictions")), 2e-6));
  EXPECT_TRUE(
      near(Tensor::scalar(model.evaluate(x(), y())["loss"]), goldens::tensor(golden().at("evaluate_loss")), 2e-6));
  EXPECT_TRUE(
      near(Tensor::scalar(model.train_on_batch(x(), y())["loss"]), goldens::tensor(golden().at("train_loss")), 2e-6));
  const Tensors after = model.get_weights();
  EXPECT_TRUE(near(before[0] - after[0], goldens::tensor(golden().at("kernel_gradient")), 4e-6));
  EXPECT_TRUE(near(before[1] - after[1], goldens::tensor(golden().at("bias_gradient")), 4e-6, 1.0));
}

TEST_P(LossAfterActivation, Eager) {
  const Sequential model = this->model();
  const Tensor value = Loss(loss())(y(), model(x()));
  EXPECT_TRUE(near(value, goldens::tensor(golden().at("train_loss")), 2e-6));
  const Tensors gradients = gradient(value, model.trainable_weights());
  EXPECT_TRUE(near(gradients[0], goldens::tensor(golden().at("kernel_gradient")), 4e-6));
  EXPECT_TRUE(near(gradients[1], goldens::tensor(golden().at("bias_gradient")), 4e-6, 1.0));
}

std::string after_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param,
                            goldens::file("losses").at("after_activation").items()[info.param].at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, LossAfterActivation,
                         ::testing::Range(size_t{0}, goldens::file("losses").at("after_activation").size()),
                         after_name);

// --------------------------------------------------------------------------------------------------------- the table

TEST(LossTable, EveryLossHasGoldens) {
  std::set<std::string> with_goldens, in_table;
  for (const Json& golden : goldens::cases("losses")) with_goldens.insert(golden.at("class_name").as_string());
  for (const LossRecord& record : loss_records()) {
    in_table.insert(record.class_name);
    EXPECT_FALSE(record.doc.empty()) << record.class_name;
  }
  EXPECT_EQ(in_table, with_goldens);
}

TEST(LossTable, NamesAreKeras) {
  std::set<std::string> keras, known;
  for (const Json& name : goldens::file("metrics").at("loss_names").items()) keras.insert(name.as_string());
  for (const LossRecord& record : loss_records()) {
    known.insert(record.class_name);
    known.insert(record.names.begin(), record.names.end());
  }
  for (const std::string& name : known) {
    EXPECT_TRUE(keras.contains(name)) << name;
    const Loss loss = name;
    EXPECT_EQ(loss.to_json(), Json(name));  // written as it was given
    EXPECT_EQ(Loss::from_json(Json(name))->class_name(), loss->class_name());
  }
  for (const std::string& name : keras) {
    if (known.contains(name)) continue;
    EXPECT_THROW(Loss{name}, InvalidArgument) << name;
  }
}

/// "crossentropy" and "ce" are the one that the shapes ask for.
TEST(LossTable, OpenCrossentropyIsChosenAsKerasDoes) {
  for (const Json& found : goldens::file("metrics").at("resolved").items()) {
    if (!found.contains("loss_function")) continue;
    const auto shape = [&](const char* key) {
      std::vector<int64_t> sizes;
      for (const Json& size : found.at(key).items()) sizes.push_back(size.as_int());
      return Shape(sizes);
    };
    const Loss open = found.at("identifier").as_string(), expected = found.at("loss_function").as_string();
    const Tensor y_true = zeros(shape("y_true")), y_pred = full(shape("y_pred"), 0.25);
    EXPECT_TRUE(near(open(y_true, y_pred), expected(y_true, y_pred), 0)) << found.dump();
    EXPECT_EQ(open.to_json(), found.at("identifier"));
  }
}

}  // namespace
}  // namespace hebb
