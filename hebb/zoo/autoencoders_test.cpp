#include "hebb/zoo/autoencoders.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/data/digits.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::zoo {
namespace {

Tensor images(int64_t count, bool flat) {
  const auto [train, test] = data::digits({.train = count, .test = 1});
  const Tensor x = cast(train.x(), DType::float32) / 255.0;
  return flat ? reshape(x, {count, 784}) : x;
}

/// Learns, restores through the parts what the whole does, and comes back from a file.
void check(Autoencoder made, const Tensor& x, const std::string& file) {
  const History history = made.model.fit(x, x, {.batch_size = 8, .epochs = 3, .verbose = 0});
  EXPECT_LT(history["loss"].back(), 0.8 * history["loss"].front()) << file;
  const Tensor whole = made.model.predict(x);
  ASSERT_EQ(whole.shape(), x.shape());
  const Tensor in_parts = made.decoder.predict(made.encoder.predict(x));
  EXPECT_LT(max(abs(in_parts - whole)).item(), 1e-5) << file;
  const std::string path = ::testing::TempDir() + file;
  made.model.save(path);
  Model loaded = load_model(path);
  EXPECT_EQ(loaded.predict(x).to_vector<float>(), whole.to_vector<float>()) << file;
  EXPECT_DOUBLE_EQ(loaded.evaluate(x, x)["loss"], made.model.evaluate(x, x)["loss"]) << file;
}

TEST(Autoencoders, LearnAndAreSaved) {
  set_random_seed(1);
  check(autoencoder({.units = {64, 16}}), images(320, true), "plain.keras");
  check(autoencoder({.input_shape = {28, 28, 1}, .units = {32}, .noise = 0.2, .dropped = 0.1}), images(320, false),
        "denoising.keras");
  check(autoencoder({.units = {64}, .activation = "sigmoid", .sparsity = 1e-4}), images(320, true), "sparse.keras");
  for (const std::string up : {"transposed", "nearest", "bilinear"})
    check(convolutional_autoencoder({.filters = {8, 4}, .up = up}), images(320, false),
          "convolutional_" + up + ".keras");
  check(variational_autoencoder({.units = {64}, .latent = 4}), images(320, true), "variational.keras");
  check(variational_autoencoder({.input_shape = {28, 28, 1}, .units = {}}), images(320, false), "variational_2.keras");
}

TEST(Autoencoders, SparsityEmptiesTheCode) {
  auto activity = [](double sparsity) {
    set_random_seed(2);
    Autoencoder made = autoencoder({.units = {32}, .activation = "sigmoid", .sparsity = sparsity});
    const Tensor x = images(640, true);
    made.model.fit(x, x, {.epochs = 5, .verbose = 0});
    double total = 0;
    for (const double a : made.encoder.predict(x).to_vector<double>()) total += a;
    return total / (640 * 32);
  };
  EXPECT_LT(activity(1e-2), 0.3 * activity(0));
}

TEST(Autoencoders, TheDivergencePullsTheCodeToTheStandardNormal) {
  // The mean square of the code: 1 for a standard normal one.
  auto spread = [](double kl_weight) {
    set_random_seed(3);
    Autoencoder made = variational_autoencoder({.units = {64}, .latent = 2, .kl_weight = kl_weight});
    const Tensor x = images(1000, true);
    made.model.fit(x, x, {.epochs = 10, .verbose = 0});
    const Tensors code = made.encoder.predict_all({x});
    EXPECT_EQ(made.decoder.predict(random::normal({5, 2})).shape(), (Shape{5, 784}));
    return mean(square(code[0]) + exp(code[1])).item();
  };
  const double pulled = spread(30), free = spread(0);
  EXPECT_NEAR(pulled, 1, 0.2);
  EXPECT_GT(free, 3);
  EXPECT_LT(spread(1), free);
}

TEST(Autoencoders, SayWhatIsWrong) {
  EXPECT_THROW(autoencoder({.units = {}}), InvalidArgument);
  EXPECT_THROW(convolutional_autoencoder({.input_shape = {30, 28, 1}}), InvalidArgument);
  EXPECT_THROW(convolutional_autoencoder({.up = "bicubic"}), InvalidArgument);
  EXPECT_THROW(variational_autoencoder({.latent = 0}), InvalidArgument);
}

}  // namespace
}  // namespace hebb::zoo
