// LoRA in files: `.keras` has the product in the weight, as Keras writes it, `.h5` all weights as they are.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/ops/random.h"

namespace hebb {
namespace {

struct Trained {
  Tensor x = random::normal({8, 6}, {.seed = 1}), y = random::normal({8, 2}, {.seed = 2});
  Sequential model{Input({6}), Dense(5, {.activation = "tanh", .lora_rank = 2}), Dense(2)};
  Tensor kernel_before = model.get_weights()[0];

  Trained() {
    model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse"});
    model.fit(x, y, {.epochs = 5, .verbose = 0});
  }
};

std::string path_of(const std::string& ending) {
  return (std::filesystem::temp_directory_path() / message("hebb_lora_", ::getpid(), ending)).string();
}

Model load_and_remove(const std::string& path) {
  Model model = load_model(path);
  std::filesystem::remove(path);
  return model;
}

void expect_near(const Tensor& a, const Tensor& b) {
  const std::vector<float> x = a.to_vector<float>(), y = b.to_vector<float>();
  ASSERT_EQ(x.size(), y.size());
  for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], y[i], 1e-6);
}

TEST(LowRankFile, TheProductTrainsAndTheKernelDoesNot) {
  Trained trained;
  const Layer layer = trained.model.get_layer(0);
  EXPECT_EQ(layer.weights()[0].to_vector<float>(), trained.kernel_before.to_vector<float>());
  ASSERT_EQ(layer.trainable_weights().size(), 3u);
  EXPECT_EQ(layer.trainable_weights()[1].name(), "lora_kernel_a");
  for (const float b : layer.weights()[3].to_vector<float>()) EXPECT_NE(b, 0);
}

TEST(LowRankFile, KerasHasTheProductInTheKernelAndTrainsOn) {
  Trained trained;
  trained.model.save(path_of(".keras"));
  Model read = load_and_remove(path_of(".keras"));
  expect_near(read.predict(trained.x), trained.model.predict(trained.x));
  const Layer layer = read.get_layer(0);
  EXPECT_NE(layer.weights()[0].to_vector<float>(), trained.kernel_before.to_vector<float>());
  for (const float b : layer.weights()[3].to_vector<float>()) EXPECT_EQ(b, 0);
  const double before = read.evaluate(trained.x, trained.y)["loss"];
  read.fit(trained.x, trained.y, {.epochs = 5, .verbose = 0});
  EXPECT_LT(read.evaluate(trained.x, trained.y)["loss"], before);
  for (const float b : layer.weights()[3].to_vector<float>()) EXPECT_NE(b, 0);
}

TEST(LowRankFile, H5HasAllWeightsAsTheyAre) {
  Trained trained;
  trained.model.save(path_of(".h5"));
  Model read = load_and_remove(path_of(".h5"));
  const Tensors weights = read.get_weights(), expected = trained.model.get_weights();
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(weights[i].to_vector<float>(), expected[i].to_vector<float>()) << i;
}

TEST(LowRankFile, WeightsAreReadIntoAModelThatHasAProduct) {
  Trained trained, other;
  trained.model.save_weights(path_of(".weights.h5"));
  other.model.load_weights(path_of(".weights.h5"));
  std::filesystem::remove(path_of(".weights.h5"));
  expect_near(other.model.predict(trained.x), trained.model.predict(trained.x));
}

TEST(LowRank, RefusesConstraintsAndQuantization) {
  EXPECT_THROW(Sequential({Input({6}), Dense(5, {.kernel_constraint = "non_neg", .lora_rank = 2})}), InvalidArgument);
  EXPECT_THROW(Dense(5, {.lora_rank = 0}), InvalidArgument);
  Trained trained;
  EXPECT_THROW(trained.model.quantize("int8"), NotSupported);
}

}  // namespace
}  // namespace hebb
