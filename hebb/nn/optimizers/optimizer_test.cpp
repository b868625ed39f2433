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
