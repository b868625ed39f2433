// Quantised models against the models they were made of, and what they refuse.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "hebb/base/error.h"
#include "hebb/base/threads.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/layers/quantizable.h"
#include "hebb/nn/model.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/plan/tuning.h"

namespace hebb {
namespace {

Model dense_network() {
  return Sequential({Input({40}), Dense(70, {.activation = "relu"}), Dense(33, {.activation = "tanh"}),
                     Dense(10, {.activation = "softmax"})});
}

/// With a batch normalisation behind a convolution, whose scale goes into that of the product.
Model image_network() {
  return Sequential({Input({12, 12, 3}), Conv2D(16, 3, {.padding = "same", .use_bias = false}), BatchNormalization(),
                     ReLU(), Conv2D(20, 3, {.strides = 2, .activation = "relu"}), Conv2D(6, 1), MaxPooling2D(2),
                     Flatten(), Dense(10, {.activation = "softmax"})});
}

data::Dataset inputs_of(const Tensor& x) { return data::Dataset(Tensors{x}, Tensors{}); }

std::vector<float> values(const Tensor& x) { return x.to_vector<float>(); }

double largest_difference(const Tensor& a, const Tensor& b) {
  const std::vector<float> x = values(a), y = values(b);
  double most = 0;
  for (size_t i = 0; i < x.size(); ++i) most = std::max(most, static_cast<double>(std::abs(x[i] - y[i])));
  return most;
}

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "(none)";
}

TEST(Quantize, StaysNearTheModelItWasMadeOf) {
  for (const bool images : {false, true}) {
    const Shape shape = images ? Shape{64, 12, 12, 3} : Shape{64, 40};
    const Tensor x = random::normal(shape, {.seed = 3});
    for (const char* mode : {"int8", "bfloat16"}) {
      Model model = images ? image_network() : dense_network();
      const Tensor before = model.predict(x);
      model.quantize(mode, {.calibration = inputs_of(x)});
      EXPECT_TRUE(model.is_quantized());
      const double difference = largest_difference(before, model.predict(x));
      EXPECT_GT(difference, 0) << mode;
      EXPECT_LT(difference, std::string(mode) == "int8" ? 0.03 : 0.006) << mode << (images ? ", images" : "");
    }
  }
}

TEST(Quantize, GivesTheSameBitsOnAnyNumberOfThreadsAndByTheReference) {
  const int before = threads();
  const Tensor x = random::normal({37, 12, 12, 3}, {.seed = 3});
  Model model = image_network();
  model.quantize("int8", {.calibration = inputs_of(x)});
  for (const int64_t batch : {1, 37}) {
    set_threads(1);
    const std::vector<float> one = values(model.predict(x, {.batch_size = batch}));
    set_threads(2);
    EXPECT_EQ(values(model.predict(x, {.batch_size = batch})), one);
    set_threads(4);
    EXPECT_EQ(values(model.predict(x, {.batch_size = batch})), one);
  }
  set_threads(before);
}

TEST(Quantize, WithoutCalibrationIsKerass) {
  Model model = image_network();
  const Tensor x = random::normal({5, 12, 12, 3}, {.seed = 3});
  const Tensor before = model.predict(x);
  model.quantize("int8");
  // A Dense finds the range of each example; a Conv2D stays.
  EXPECT_EQ(model.get_layer(0).weights()[0].dtype(), DType::float32);
  const Layer dense = model.layers().back();
  EXPECT_EQ(dense.weights()[0].dtype(), DType::int8);
  EXPECT_EQ(dense.weights()[2].name(), "kernel_scale");
  EXPECT_LT(largest_difference(before, model.predict(x)), 0.02);
}

// A kernel of whole steps, inputs of whole steps: nothing is lost.
TEST(Quantize, IsExactWhereBytesAre) {
  Model model = Sequential({Input({2}), Dense(2, {.use_bias = false})});
  model.get_layer(0).set_weights({Tensor::from({127.f, -1.f, 3.f, 127.f}, {2, 2})});
  const Tensor x = Tensor::from({255.f, 0.f, 7.f, 9.f}, {2, 2});
  model.quantize("int8", {.calibration = inputs_of(x)});
  const std::vector<float> y = values(model.predict(x));
  const std::vector<float> expected = {255 * 127.f, -255.f, 7 * 127.f + 27, -7 + 9 * 127.f};
  for (size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], expected[i], 0.01f);
}

TEST(Quantize, SaysWhatItRefuses) {
  const Tensor x = random::normal({8, 40}, {.seed = 3}), y = zeros({8}, DType::int32);
  Model model = dense_network();
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  EXPECT_NE(error_of([&] { model.quantize("int9"); }).find("Did you mean 'int8'"), std::string::npos);
  EXPECT_NE(error_of([&] {
              model.quantize("int8", {.calibration = data::Dataset(Tensors{x, x}, Tensors{})});
            }).find("expected calibration data with 1 inputs"),
            std::string::npos);
  EXPECT_FALSE(model.is_quantized());
  model.quantize("int8", {.calibration = inputs_of(x)});
  EXPECT_NE(error_of([&] { model.quantize("int8"); }).find("it is quantised already"), std::string::npos);
  EXPECT_NE(error_of([&] { model.fit(x, y, {.verbose = 0}); }).find("is quantised, and cannot be trained"),
            std::string::npos);
  EXPECT_NE(error_of([&] { model.train_on_batch(x, y); }).find("is quantised"), std::string::npos);
  EXPECT_GT(model.evaluate(x, y)["loss"], 0);

  Model no_product = Sequential({Input({4}), ReLU()});
  EXPECT_NE(error_of([&] { no_product.quantize("bfloat16"); }).find("no Dense and no Conv2D"), std::string::npos);
  Model not_built = Sequential({Dense(2)});
  EXPECT_NE(error_of([&] { not_built.quantize("int8"); }).find("put Input() in front"), std::string::npos);
}

TEST(Freeze, AsksForMeasuredKernels) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "hebb_freeze_choices";
  std::filesystem::remove_all(folder);
  setenv("HEBB_CACHE_DIR", folder.c_str(), 1);
  const Tuning usual = tuning();
  set_tuning(Tuning::on);
  Model model = Sequential({Input({16, 16, 32}), Conv2D(32, 3)});
  const Tensor x = random::normal({2, 16, 16, 32}, {.seed = 3}), before = model.predict_on_batch(x);
  EXPECT_FALSE(std::filesystem::exists(folder));
  model.freeze({.batch_size = 2});
  EXPECT_TRUE(std::filesystem::exists(folder));
  const std::vector<float> expected = values(before), got = values(model.predict_on_batch(x));
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-4f);
  set_tuning(usual);
  unsetenv("HEBB_CACHE_DIR");
  std::filesystem::remove_all(folder);
}

TEST(Freeze, PredictsAsBeforeAndTrainsNoMore) {
  const Tensor x = random::normal({8, 40}, {.seed = 3}), y = zeros({8}, DType::int32);
  Model model = dense_network();
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  model.train_on_batch(x, y);
  const std::vector<float> before = values(model.predict(x));
  model.freeze({.batch_size = 8});
  EXPECT_EQ(values(model.predict_on_batch(x)), before);
  EXPECT_LE(model.optimizer()->variables().size(), 2u) << "the slots are still there";
  EXPECT_NE(error_of([&] { model.fit(x, y, {.verbose = 0}); }).find("is frozen"), std::string::npos);
  EXPECT_NE(error_of([&] { model.freeze({.batch_size = 0}); }).find("batch_size of at least 1"), std::string::npos);
  Model open = Sequential({Input({Shape::unknown, 4}), Dense(2)});
  EXPECT_NE(error_of([&] { open.freeze(); }).find("inputs of known sizes"), std::string::npos);
}

// What is far from everything else is cut off where that loses less than coarser steps for all.
TEST(RangeObserver, CutsOffWhatIsRare) {
  RangeObserver observer;
  std::vector<float> many = values(random::uniform({20000}, {.low = 0, .high = 1, .seed = 4}));
  observer.see(Tensor::from(many));
  EXPECT_NEAR(observer.best().scale, 255, 3);
  EXPECT_EQ(observer.best().zero_point, 0);
  for (int i = 0; i < 20; ++i) observer.see(Tensor::from(many));
  many[0] = 1.6f;
  observer.see(Tensor::from(many));
  EXPECT_NEAR(observer.best().scale, 255, 12);
}

}  // namespace
}  // namespace hebb
