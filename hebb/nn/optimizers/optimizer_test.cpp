#include <gtest/gtest.h>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Optimizer, UnknownNamesAndOptions) {
  EXPECT_EQ(refusal([] { Optimizer("adma"); }), "unknown optimizer 'adma'. Did you mean 'adam'?");
  EXPECT_EQ(refusal([] {
              Optimizer::from_config("sgd", Json::object({{"momentun", 0.9}}));
            }),
            "SGD: unknown option 'momentun'. Did you mean 'momentum'?");
  EXPECT_NE(refusal([] {
              Optimizer::from_config("adam", Json::object({{"beta_1", "much"}}));
            }).find("Adam: option 'beta_1'"),
            std::string::npos);
  EXPECT_THROW(LearningRate::from_json(Json::parse(R"({"class_name": "CosineDecey", "config": {}})")), InvalidArgument);
}

TEST(Optimizer, SettingsThatContradict) {
  EXPECT_THROW(SGD({.clipnorm = 1.0, .clipvalue = 1.0}), InvalidArgument);
  EXPECT_THROW(SGD({.momentum = 1.5}), InvalidArgument);
  EXPECT_THROW(Adam({.gradient_accumulation_steps = 1}), InvalidArgument);
  EXPECT_THROW(Adam({.use_ema = true, .ema_momentum = 2}), InvalidArgument);
  EXPECT_NO_THROW(SGD({.nesterov = true}));  // plain descent, as in Keras
}

TEST(Optimizer, NullIsNotGiven) {
  const Optimizer adamw = Optimizer::from_config("AdamW", Json::object({{"weight_decay", nullptr}}));
  EXPECT_FALSE(adamw->settings().weight_decay);
  EXPECT_EQ(*AdamW()->settings().weight_decay, 0.004);
}

TEST(Optimizer, LearningRateCanBeSet) {
  const Tensor w = variable(ones({2}), "w");
  const Optimizer optimizer = SGD({.learning_rate = 0.5});
  auto step = compiled([&](const Tensor& g) {
    optimizer.apply({g}, {w});
    return Tensors{};
  });
  step(ones({2}));
  EXPECT_EQ(w.to_vector<float>()[0], 0.5f);
  optimizer.set_learning_rate(0.25);  // between two runs of the same plan
  step(ones({2}));
  EXPECT_EQ(w.to_vector<float>()[0], 0.25f);
  EXPECT_THROW(SGD({.learning_rate = ExponentialDecay(0.1, 10, 0.5)}).set_learning_rate(1), InvalidArgument);
}

TEST(Optimizer, VariablesWithoutGradientStay) {
  const Tensor a = variable(ones({2}), "a"), b = variable(ones({2}), "b");
  const Optimizer optimizer = Adam();
  optimizer.apply({Tensor(), ones({2})}, {a, b});
  EXPECT_EQ(a.to_vector<float>()[0], 1.f);
  EXPECT_NE(b.to_vector<float>()[0], 1.f);
  EXPECT_EQ(optimizer->variables().size(), 6u);
}

TEST(Optimizer, RefusesOtherVariables) {
  const Tensor a = variable(ones({2}), "a"), b = variable(ones({2}), "b");
  const Optimizer optimizer = Adam();
  optimizer.apply({ones({2})}, {a});
  EXPECT_EQ(refusal([&] { optimizer.apply({ones({2})}, {b}); }),
            "optimizer 'adam': variable 'b' is not one of the 1 that it was built for. Use one optimizer for each set "
            "of variables.");
  EXPECT_THROW(optimizer.apply({}, {a}), InvalidArgument);
}

TEST(Optimizer, LossScaleLeavesTheStepAsItIs) {
  const Tensor a = variable(ones({2}), "a"), b = variable(ones({2}), "b");
  const Optimizer plain = SGD({.learning_rate = 0.5}),
                  scaled = SGD({.learning_rate = 0.5, .loss_scale_factor = 1024.0});
  plain.apply({gradient(sum(square(a)), a)}, {a});
  scaled.apply({gradient(scaled->scale_loss(sum(square(b))), b)}, {b});
  EXPECT_EQ(a.to_vector<float>(), b.to_vector<float>());
}

TEST(Optimizer, WeightDecayLeavesOutWhatItIsTold) {
  const Tensor kernel = variable(ones({2}), "dense/kernel"), bias = variable(ones({2}), "dense/bias"),
               gamma = variable(ones({2}), "norm/gamma");
  const Optimizer optimizer = SGD({.learning_rate = 0.5, .weight_decay = 0.1});
  optimizer->exclude_from_weight_decay({"bia.$"}, {gamma});
  optimizer.apply({zeros({2}), zeros({2}), zeros({2})}, {kernel, bias, gamma});
  EXPECT_FLOAT_EQ(kernel.to_vector<float>()[0], 0.95f);
  EXPECT_EQ(bias.to_vector<float>()[0], 1.f);
  EXPECT_EQ(gamma.to_vector<float>()[0], 1.f);
  EXPECT_THROW(optimizer->exclude_from_weight_decay({"bias"}), InvalidArgument);
  EXPECT_THROW(SGD()->exclude_from_weight_decay({"("}), InvalidArgument);
}

TEST(MultiOptimizer, FindsVariablesByNamesAndPatterns) {
  const Tensor kernel = variable(ones({2}), "encoder/kernel"), bias = variable(ones({2}), "encoder/bias"),
               other = variable(ones({2}), "decoder/kernel");
  const auto step = [&](const OptimizerMap& map) {
    for (const Tensor& one : {kernel, bias, other}) write_variable(one, ones({2}));
    MultiOptimizer(map).apply({ones({2}), ones({2}), ones({2})}, {kernel, bias, other});
    return std::vector<float>{kernel.to_vector<float>()[0], bias.to_vector<float>()[0], other.to_vector<float>()[0]};
  };
  const auto at = [](double rate) { return SGD({.learning_rate = rate}); };
  EXPECT_EQ(step({.default_optimizer = at(0.5), .optimizer_map = {{"encoder/.*", at(0.25)}}}),
            (std::vector<float>{0.75f, 0.75f, 0.5f}));
  // A part of a name is not enough; the name itself goes before patterns.
  EXPECT_EQ(step({.default_optimizer = at(0.5), .optimizer_map = {{"encoder", at(0.25)}}})[0], 0.5f);
  EXPECT_EQ(
      step({.default_optimizer = at(0.5), .optimizer_map = {{"encoder/.*", at(0.25)}, {"encoder/bias", at(0.75)}}}),
      (std::vector<float>{0.75f, 0.25f, 0.5f}));
  // As Keras names the variables of a Sequential.
  EXPECT_EQ(step({.default_optimizer = at(0.5), .optimizer_map = {{"sequential/decoder/.*", at(0.25)}}})[2], 0.75f);
  EXPECT_THROW(step({.default_optimizer = at(0.5), .optimizer_map = {{"e.*", at(0.25)}, {".*s", at(0.75)}}}),
               InvalidArgument);
  EXPECT_THROW(step({.default_optimizer = at(0.5), .optimizer_map = {{"(", at(0.25)}}}), InvalidArgument);
  EXPECT_THROW(MultiOptimizer({}), InvalidArgument);
  EXPECT_THROW(MultiOptimizer({.default_optimizer = LossScaleOptimizer(at(0.5))}), InvalidArgument);
  EXPECT_THROW(MultiOptimizer({.default_optimizer = at(0.5)}).set_learning_rate(1), InvalidArgument);
}

// As Keras's, and as every other optimizer.
TEST(MultiOptimizer, CountsNoStepWhereNothingIsTrained) {
  for (const Optimizer& optimizer : {MultiOptimizer({.default_optimizer = SGD()}), SGD()}) {
    optimizer.apply({}, {});
    EXPECT_EQ(optimizer->iterations().item(), 0) << optimizer->class_name();
  }
}

TEST(LossScaleOptimizer, DividesWhatItMultiplied) {
  const Tensor a = variable(ones({2}), "a"), b = variable(ones({2}), "b");
  const Optimizer plain = SGD({.learning_rate = 0.5}), scaled = LossScaleOptimizer(SGD({.learning_rate = 0.5}));
  plain.apply({gradient(sum(square(a)), a)}, {a});
  scaled->build({b});
  scaled.apply({gradient(scaled->scale_loss(sum(square(b))), b)}, {b});
  EXPECT_EQ(a.to_vector<float>(), b.to_vector<float>());
  EXPECT_THROW(LossScaleOptimizer({}), InvalidArgument);
  EXPECT_THROW(LossScaleOptimizer(SGD(), {.initial_scale = 0}), InvalidArgument);
  EXPECT_THROW(Optimizer("LossScaleOptimizer"), InvalidArgument);
}

TEST(Optimizer, RefusesOptionsOutOfRange) {
  EXPECT_THROW(Lion({.beta_1 = 0}), InvalidArgument);
  EXPECT_THROW(Ftrl({.learning_rate_power = 0.5}), InvalidArgument);
  EXPECT_THROW(Ftrl({.l1_regularization_strength = -1}), InvalidArgument);
  EXPECT_THROW(Muon({.ns_steps = -1}), InvalidArgument);
  EXPECT_THROW(Muon({.exclude_layers = {"["}}), InvalidArgument);
  EXPECT_THROW(
      Optimizer::from_config("MultiOptimizer", Json::object({{"optimizer_map", Json::object({{"lambda", 1}})}})),
      InvalidArgument);
}

TEST(Schedule, RefusesImpossibleSteps) {
  EXPECT_THROW(ExponentialDecay(0.1, 0, 0.5), InvalidArgument);
  EXPECT_THROW(PolynomialDecay(0.1, -1), InvalidArgument);
  EXPECT_THROW(CosineDecayRestarts(0.1, 10, {.t_mul = 0}), InvalidArgument);
  EXPECT_THROW(PiecewiseConstantDecay({1, 2}, {0.1, 0.2}), InvalidArgument);
}

TEST(Schedule, RestartsAtTheRightStep) {
  const LearningRate rate = CosineDecayRestarts(1, 1000);
  for (const int64_t start : {1000, 3000, 7000, 15000, 31000, 63000, 127000}) {
    EXPECT_NEAR(rate.at(start), 1, 1e-6) << start;
    EXPECT_LT(rate.at(start - 1), 1e-4) << start;
  }
}

}  // namespace
}  // namespace hebb
