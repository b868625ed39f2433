#include "hebb/nn/explanation.h"

#include <gtest/gtest.h>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

struct Case {
  std::vector<Layer> layers;
  Loss loss;
  Tensor target;
};

std::vector<Case> cases() {
  return {
      {{Input({2}), Dense(3, {.activation = "sigmoid"}), Dense(1, {.activation = "sigmoid"})},
       "mse",
       Tensor::from({1}, {1, 1})},
      {{Input({2}), Dense(3, {.activation = "tanh"}), Dense(1, {.activation = "sigmoid"})},
       "binary_crossentropy",
       Tensor::from({1}, {1, 1})},
      {{Input({2}), Dense(4), LeakyReLU(), Dense(3, {.use_bias = false}), Softmax()},
       "sparse_categorical_crossentropy",
       Tensor{2}},
      {{Input({2}), Dense(3, {.activation = "softmax"}), Dense(4, {.activation = "relu"}),
        Dense(2, {.activation = "softmax"})},
       "categorical_crossentropy",
       Tensor::from({0, 1}, {1, 2})},
  };
}

/// Every number against the library: what the model computes, the gradients that training uses, a step of SGD.
TEST(Explanation, NumbersAreTheLibrarys) {
  const Tensor x = Tensor::from({0.8, -0.5}, {1, 2});
  for (const Case& one : cases()) {
    set_random_seed(7);
    Sequential model(one.layers);
    model.compile({.optimizer = SGD({.learning_rate = 0.5}), .loss = one.loss});
    const Explanation got = explain(model, x, one.target, {.learning_rate = 0.5});
    SCOPED_TRACE(got.loss);
    const Tensor loss = mean(one.loss(one.target, model(x)));
    EXPECT_EQ(got.error, loss.item());
    EXPECT_EQ(got.layers.back().a, model(x).to_vector<double>());

    const Tensors weights = model.trainable_variables(), gradients = gradient(loss, weights);
    Tensors before;
    for (const Tensor& weight : weights) before.push_back(weight + 0.0);
    model.train_on_batch(x, one.target);
    size_t at = 0;
    for (size_t l = 0; l < got.layers.size(); ++l) {
      const ExplainedLayer& layer = got.layers[l];
      const std::vector<double> inputs = l == 0 ? got.x : got.layers[l - 1].a;
      const size_t units = layer.z.size();
      const auto w = before[at].to_vector<double>(), g = gradients[at].to_vector<double>(),
                 stepped = weights[at].to_vector<double>();
      ++at;
      for (size_t i = 0; i < units; ++i) {
        double z = layer.b.empty() ? 0 : layer.b[i];
        for (size_t j = 0; j < inputs.size(); ++j) {
          z += layer.w[i][j] * inputs[j];
          EXPECT_EQ(layer.w[i][j], w[j * units + i]);
          EXPECT_EQ(layer.w_gradient[i][j], g[j * units + i]);
          EXPECT_NEAR(layer.w_gradient[i][j], layer.delta[i] * inputs[j], 1e-6);  // what the page says it is
          EXPECT_NEAR(layer.w_after[i][j], stepped[j * units + i], 1e-6);
        }
        EXPECT_NEAR(layer.z[i], z, 1e-6);
        if (!layer.slope.empty()) {
          EXPECT_NEAR(layer.delta[i], layer.back[i] * layer.slope[i], 1e-5);
        }
      }
      if (layer.b.empty()) continue;
      EXPECT_EQ(layer.b_gradient, gradients[at].to_vector<double>());
      for (size_t i = 0; i < units; ++i) {
        EXPECT_NEAR(layer.b_gradient[i], layer.delta[i], 1e-7);
        EXPECT_NEAR(layer.b_after[i], weights[at].to_vector<double>()[i], 1e-6);
      }
      ++at;
    }
    EXPECT_EQ(at, weights.size());
    EXPECT_NEAR(got.error_after, mean(one.loss(one.target, model(x))).item(), 1e-5);  // the model has stepped meanwhile
    EXPECT_LT(got.error_after, got.error);
  }
}

TEST(Explanation, TextAndJson) {
  const Layer dense = Dense(1, {.activation = "relu", .name = "d"});
  Sequential model({Input({2}), dense}, "tiny");
  dense.set_weights({Tensor::from({0.5, -2}, {2, 1}), Tensor{0.25}});
  const Explanation got =
      explain(model, Tensor::from({3, 0.5}, {1, 2}), Tensor::from({1}, {1, 1}), {.loss = "mse", .learning_rate = 0.1});
  // z = 1.5 - 1 + 0.25 = 0.75, E = 1/16, dE/da = 2 (0.75 - 1).
  EXPECT_EQ(got.text(), R"(tiny: one step of gradient descent, loss mean_squared_error, learning rate 0.1
x = (3, 0.5), target t = (1)

1. Forward pass: z_i = sum of w_ij a_j + b_i, a_i = f(z_i), the input is layer 1
a^1_1 = x_1 = 3
a^1_2 = x_2 = 0.5
layer 2 ('d', relu)
  z^2_1 = w^2_11 a^1_1 + w^2_12 a^1_2 + b^2_1 = 0.5*3 + (-2)*0.5 + 0.25 = 0.75
  a^2_1 = relu(z^2_1) = 0.75
error E = mean_squared_error of a^2 and t = (1) = 0.0625

2. Error signals: delta_i = dE/dz_i, from the output back
layer 2 ('d', relu)
  delta^2_1 = (dE/da_1) f'(z^2_1) = (-0.5)*1 = -0.5

3. Gradients: dE/dw_ij = delta_i a_j, dE/db_i = delta_i
layer 2 ('d', relu)
  dE/dw^2_11 = delta^2_1 a^1_1 = (-0.5)*3 = -1.5
  dE/dw^2_12 = delta^2_1 a^1_2 = (-0.5)*0.5 = -0.25
  dE/db^2_1 = delta^2_1 = -0.5

4. Update: w minus learning rate times dE/dw
layer 2 ('d', relu)
  w^2_11 = 0.5 - 0.1*(-1.5) = 0.65
  w^2_12 = -2 - 0.1*(-0.25) = -1.975
  b^2_1 = 0.25 - 0.1*(-0.5) = 0.3
error E with the new weights = 0.068906 (before: 0.0625)
)");
  const Json json = got.to_json();
  EXPECT_EQ(json.at("layers").at(size_t{0}).at("dE_dw").dump(), "[[-1.5, -0.25]]");
  EXPECT_EQ(json.at("target").dump(), "[1.0]");
}

std::string refusal(const Sequential& model, const Tensor& x, const ExplainOptions& options = {.loss = "mse"}) {
  try {
    explain(model, x, zeros({1, 1}), options);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return {};
}

TEST(Explanation, RefusesWhatCannotBeRead) {
  const Tensor x = ones({1, 2});
  auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  EXPECT_TRUE(has(refusal(Sequential({Input({2}), Dense(13), Dense(1)}), x), "at most 12 neurons"));
  EXPECT_TRUE(has(refusal(Sequential({Input({13}), Dense(1)}), ones({1, 13})), "at most 12 inputs"));
  EXPECT_TRUE(
      has(refusal(Sequential({Input({2}), Dense(12), Dense(12), Dense(12), Dense(1)}), x), "at most 250 weights"));
  EXPECT_TRUE(has(refusal(Sequential({Input({2}), Dense(1), Dense(1), Dense(1), Dense(1), Dense(1), Dense(1)}), x),
                  "at most 6 layers"));
  EXPECT_TRUE(has(refusal(Sequential({Input({2}), Dropout(0.5), Dense(1)}), x), "(Dropout)"));
  EXPECT_TRUE(has(refusal(Sequential({Input({2}), ReLU(), Dense(1)}), x), "Dense layer first"));
  EXPECT_TRUE(has(refusal(Sequential({Input({2}), Dense(1)}), ones({2, 2})), "one sample of 2 numbers"));
  EXPECT_TRUE(has(refusal(Sequential({Input({2}), Dense(1)}), x, {}), "not compiled with a loss"));
}

}  // namespace
}  // namespace hebb
