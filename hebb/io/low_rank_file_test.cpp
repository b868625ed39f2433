// LoRA in files: `.keras` has the product in the weight, as Keras writes it, `.h5` all weights as they are.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/layers/low_rank_adaptation.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/random_seed.h"
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

/// Keras takes the rank for lora_alpha where it reads a Dense; what such a file predicts stays the same.
TEST(LowRankFile, H5KeepsWhatAnAlphaMakesOfTheProduct) {
  Trained trained;
  Sequential model{Input({6}), Dense(5, {.activation = "tanh"}), Dense(2)};
  enable_lora(model.get_layer(0), 2, 6.0);
  model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse"});
  model.fit(trained.x, trained.y, {.epochs = 5, .verbose = 0});
  for (const char* ending : {".h5", ".keras"}) {
    model.save(path_of(ending));
    Model read = load_and_remove(path_of(ending));
    expect_near(read.predict(trained.x), model.predict(trained.x));
    EXPECT_EQ(read.get_layer(0).trainable_weights().size(), 3u);
  }
}

/// Goes on to the same bits, as without LoRA.
TEST(LowRankFile, ABackupHasTheProductBesideTheKernel) {
  const std::string folder = path_of("_backup");
  std::filesystem::remove_all(folder);
  const auto made = [] {
    set_random_seed(3);
    Sequential model{Input({6}), Dense(5, {.activation = "tanh", .lora_rank = 2}), Dense(2)};
    model.compile({.optimizer = "adam", .loss = "mse"});
    return model;
  };
  const Tensor x = random::normal({8, 6}, {.seed = 1}), y = random::normal({8, 2}, {.seed = 2});
  const auto fit = [&](Model model, int epochs, bool keeps) {
    model.fit(x, y,
              {.batch_size = 4,
               .epochs = epochs,
               .verbose = 0,
               .callbacks = {BackupAndRestore(folder, {.delete_checkpoint = !keeps})},
               .shuffle = false});
    return model.get_weights();
  };
  const Tensors whole = fit(made(), 6, false);
  fit(made(), 3, true);
  const Tensors parts = fit(made(), 6, false);
  ASSERT_EQ(parts.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i)
    EXPECT_EQ(parts[i].to_vector<float>(), whole[i].to_vector<float>()) << whole[i].name();
  std::filesystem::remove_all(folder);
}

/// The same numbers as with `lora_rank` from the start.
TEST(LowRank, IsEnabledForLayersThatAreThere) {
  const Tensor x = random::normal({8, 6}, {.seed = 1}), y = random::normal({8, 2}, {.seed = 2});
  Sequential from_start{Input({6}), Dense(5, {.lora_rank = 2}), Dense(2)};
  Sequential later{Input({6}), Dense(5), Dense(2)};
  later.compile({.optimizer = "sgd", .loss = "mse"});
  later.fit(x, y, {.verbose = 0});
  const Tensor before = later.predict(x);
  enable_lora(later.get_layer(0), 2);
  EXPECT_EQ(later.get_layer(0)->config(), [&] {
    Json config = from_start.get_layer(0)->config();
    config.set("name", later.get_layer(0).name());
    return config;
  }());
  later.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_EQ(later.predict(x).to_vector<float>(), before.to_vector<float>()) << "it begins as zero";
  from_start.set_weights(later.get_weights());
  from_start.compile({.optimizer = "sgd", .loss = "mse"});
  for (Sequential* model : {&from_start, &later}) model->fit(x, y, {.epochs = 3, .verbose = 0, .shuffle = false});
  const Tensors some = from_start.get_weights(), others = later.get_weights();
  ASSERT_EQ(some.size(), others.size());
  for (size_t i = 0; i < some.size(); ++i)
    EXPECT_EQ(some[i].to_vector<float>(), others[i].to_vector<float>()) << some[i].name();
}

TEST(LowRank, IsEnabledOnceWhereItCanBe) {
  const Sequential model{Input({6}), Dense(5, {.kernel_constraint = "non_neg"}), LayerNormalization(), Dense(2)};
  const std::string text = model.get_layer(0)->config().dump();
  EXPECT_THROW(enable_lora(model.get_layer(0), 2), InvalidArgument);
  EXPECT_EQ(model.get_layer(0)->config().dump(), text);
  EXPECT_THROW(enable_lora(model.get_layer(1), 2), InvalidArgument);
  EXPECT_THROW(enable_lora(model.get_layer(2), 0), InvalidArgument);
  EXPECT_THROW(enable_lora(Dense(3), 2), InvalidArgument) << "not built";
  enable_lora(model.get_layer(2), 1);
  EXPECT_THROW(enable_lora(model.get_layer(2), 1), InvalidArgument);
  Model quantized = Sequential{Input({6}), Dense(5)};
  quantized.quantize("int8");
  EXPECT_THROW(enable_lora(quantized.get_layer(0), 2), NotSupported);
}

TEST(LowRank, RefusesConstraintsAndQuantization) {
  EXPECT_THROW(Sequential({Input({6}), Dense(5, {.kernel_constraint = "non_neg", .lora_rank = 2})}), InvalidArgument);
  EXPECT_THROW(Dense(5, {.lora_rank = 0}), InvalidArgument);
  Trained trained;
  EXPECT_THROW(trained.model.quantize("int8"), NotSupported);
}

}  // namespace
}  // namespace hebb
