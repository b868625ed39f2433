#include "hebb/nn/augmentation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "hebb/base/error.h"
#include "hebb/base/threads.h"
#include "hebb/data/synthetic.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

constexpr CallOptions training{.training = true};

std::vector<Layer> every_layer() {
  return {RandomFlip("horizontal"),
          RandomTranslation(0.2, 0.2, {.fill_mode = "wrap"}),
          RandomRotation(0.1),
          RandomZoom({-0.3, 0.2}, {.width_factor = 0.1}),
          RandomCrop(6, 5),
          RandomBrightness(0.2),
          RandomContrast(0.3),
          RandomHue(0.4),
          RandomSaturation({0.3, 0.6}),
          GaussianNoise(0.1),
          RandomColorJitter({.brightness_factor = 0.1, .hue_factor = 0.2}),
          RandomInvert(),
          RandomPosterization({3, 7}),
          Equalization(),
          RandomSharpness(1.0),
          RandomGaussianBlur(),
          RandomErasing(),
          RandomShear(0.3, 0.2),
          RandomPerspective(1.0, {.scale = 0.5}),
          RandomElasticTransform(),
          RandomColorDegeneration(0.5),
          RandAugment({.factor = 0.3}),
          Pipeline({RandomFlip("vertical"), RandomInvert()}),
          ContrastLimitedAdaptiveHistogramEqualization({.tile_grid_size = {2, 2}}),
          SpatialDropout2D(0.1)};
}

data::Dataset photos(int64_t count) {
  return data::Dataset(random::uniform({count, 8, 7, 3}, {.low = 0, .high = 255, .seed = 5}),
                       arange(count, DType::int32));
}

std::vector<float> loaded(const data::Dataset& data, int64_t batch_size, int64_t pass) {
  std::vector<float> out;
  for (auto [x, y] : data.batches({.batch_size = batch_size, .epoch = pass})) {
    const auto values = x.to_vector<float>();
    out.insert(out.end(), values.begin(), values.end());
  }
  return out;
}

TEST(Augment, FollowsFromSeedPassAndExampleAlone) {
  const data::Dataset plain = photos(50), more = augment(plain, every_layer(), {.seed = 3});
  EXPECT_EQ(more.source().components()[0].shape, (Shape{6, 5, 3}));
  const std::vector<float> first = loaded(more, 7, 0);
  EXPECT_EQ(loaded(more, 50, 0), first);  // in other batches
  EXPECT_EQ(loaded(augment(plain, every_layer(), {.seed = 3}), 1, 0), first);
  EXPECT_NE(loaded(more, 7, 1), first);
  EXPECT_NE(loaded(augment(plain, every_layer(), {.seed = 4}), 7, 0), first);
  // in another order, and a single one
  const std::vector<int64_t> numbers = {31, 4};
  const std::vector<float> picked = more.gather(numbers).inputs[0].to_vector<float>();
  const size_t size = 6 * 5 * 3;
  EXPECT_TRUE(std::equal(picked.begin(), picked.begin() + size, first.begin() + 31 * size));
  EXPECT_TRUE(std::equal(picked.begin() + size, picked.end(), first.begin() + 4 * size));
  EXPECT_EQ(more.y().to_vector<int>(), plain.y().to_vector<int>());
  const int before = threads();
  for (const int count : {1, 2, 5}) {
    set_threads(count);
    EXPECT_EQ(loaded(more, 20, 0), first);
  }
  set_threads(before);
}

TEST(Augment, ExamplesDiffer) {
  const data::Dataset same(ones({40, 4, 4, 1}), zeros({40}));
  const std::vector<float> noise = loaded(augment(same, {GaussianNoise(0.5)}, {.seed = 1}), 8, 0);
  for (size_t i = 1; i < 40; ++i) EXPECT_NE(noise[i * 16], noise[0]);
}

TEST(Augment, TrainsAsInOneGoWhenInterrupted) {
  const auto train = [](int64_t first, int64_t last, const std::vector<Tensor>& start) {
    set_random_seed(1);
    Sequential model({Input({8, 7, 3}), Rescaling(1.0 / 255), Flatten(), Dense(1)});
    if (!start.empty()) model.set_weights(start);
    model.compile({.optimizer = "sgd", .loss = "mse"});
    model.fit(augment(photos(40), {RandomFlip(), RandomTranslation(0.2, 0.2)}, {.seed = 9}),
              {.batch_size = 8, .epochs = last, .verbose = 0, .initial_epoch = first, .seed = 2});
    return model.get_weights();
  };
  const Tensors whole = train(0, 3, {}), parts = train(1, 3, train(0, 1, {}));
  ASSERT_EQ(whole.size(), parts.size());
  for (size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(whole[i].to_vector<float>(), parts[i].to_vector<float>());
}

data::Dataset labelled_photos(int64_t count) {
  const Tensor classes = one_hot(arange(count, DType::int64), count);
  return data::Dataset(random::uniform({count, 8, 7, 3}, {.low = 0, .high = 255, .seed = 5}), classes);
}

TEST(Augment, MixesExamplesAndTheirTargets) {
  constexpr int64_t count = 40;
  const data::Dataset plain = labelled_photos(count);
  const std::vector<float> pixels = plain.x().to_vector<float>();
  for (const Layer& layer : {MixUp(1.0), CutMix()}) {
    SCOPED_TRACE(layer.class_name());
    const data::Dataset mixed = augment(plain, {layer}, {.seed = 3});
    const std::vector<float> x = mixed.x().to_vector<float>(), y = mixed.y().to_vector<float>();
    const size_t size = 8 * 7 * 3;
    int between = 0;
    std::set<size_t> partners;
    for (size_t i = 0; i < count; ++i) {
      // The own example is known; the other one is that with the rest of the label.
      size_t other = i;
      double total = 0;
      for (size_t j = 0; j < count; ++j) {
        total += y[i * count + j];
        if (j != i && y[i * count + j] > 0) other = j;
      }
      EXPECT_NEAR(total, 1, 1e-6);
      partners.insert(other);
      const double own = other == i ? 1 : y[i * count + i];
      between += own > 0.01 && own < 0.99;
      int from_own = 0, from_other = 0;
      for (size_t at = 0; at < size; ++at) {
        const double a = pixels[i * size + at], b = pixels[other * size + at], is = x[i * size + at];
        if (layer.class_name() == "MixUp") {
          EXPECT_NEAR(is, own * a + (1 - own) * b, 1e-3);
        } else {
          EXPECT_TRUE(is == a || is == b);
          from_own += is == a;
          from_other += is != a;
        }
      }
      if (layer.class_name() == "CutMix") {
        EXPECT_NEAR(from_own / double(from_own + from_other), own, 0.27);  // a row and a column at most
      }
    }
    EXPECT_GT(between, count / 5);
    EXPECT_GT(partners.size(), count / 3);
  }
}

TEST(Augment, MixesByWhatStandsInFrontAndFollowsFromTheSeed) {
  const data::Dataset plain = labelled_photos(30);
  const std::vector<Layer> steps = {RandomFlip(), MixUp(0.5), RandomBrightness(0.1), CutMix()};
  const data::Dataset more = augment(plain, steps, {.seed = 3});
  const std::vector<float> first = loaded(more, 7, 0);
  EXPECT_EQ(loaded(more, 30, 0), first);
  EXPECT_EQ(loaded(augment(plain, steps, {.seed = 3}), 4, 0), first);
  EXPECT_NE(loaded(more, 7, 1), first);
  const int before = threads();
  set_threads(before == 1 ? 2 : 1);
  EXPECT_EQ(loaded(more, 20, 0), first);
  set_threads(before);
  // Mixed are examples as the layer in front has left them: all white.
  const data::Dataset white =
      augment(plain, {RandomErasing({1.0, 1.0}, {.scale = {1.0, 1.0}, .fill_value = 255}), MixUp(1.0)});
  EXPECT_NEAR(min(white.x()).item(), 255, 1e-4);
}

TEST(Augment, TrainsOnMixedExamples) {
  Sequential model({Input({8, 7, 3}), Rescaling(1.0 / 255), Flatten(), Dense(30, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "categorical_crossentropy"});
  const History history = model.fit(augment(labelled_photos(30), {MixUp(), RandomFlip("horizontal")}),
                                    {.batch_size = 8, .epochs = 2, .verbose = 0});
  EXPECT_TRUE(std::isfinite(history.find("loss")->back()));
}

TEST(Augment, WhatMixingRefuses) {
  EXPECT_THROW(augment(photos(5), {MixUp()}), InvalidArgument);  // classes' numbers
  const Tensor x = zeros({4, 2, 2, 1}), y = zeros({4, 2});
  EXPECT_THROW(augment(data::Dataset(Tensors{x}, Tensors{y, y}), {MixUp()}), InvalidArgument);
  EXPECT_THROW(augment(data::Dataset(zeros({4, 3}), y), {CutMix()}), InvalidArgument);
}

TEST(Augment, WhatIsRefused) {
  EXPECT_THROW(augment(photos(5), {Dense(3)}), InvalidArgument);
  EXPECT_THROW(augment(photos(5), {RandomFlip()}, {.input = 1}), InvalidArgument);
  EXPECT_THROW(augment(data::Dataset(zeros({5, 3}), zeros({5})), {RandomFlip()}), InvalidArgument);
  EXPECT_THROW(augment(photos(5).take(0), {RandomFlip()}), InvalidArgument);
}

TEST(RandomFlip, MirrorsSomeAndKeepsOthers) {
  const Tensor x = random::uniform({64, 3, 4, 2}, {.seed = 1});
  for (const auto& [mode, axes] : std::vector<std::pair<std::string, std::vector<int64_t>>>{
           {"horizontal", {2}}, {"vertical", {1}}, {"horizontal_and_vertical", {1, 2}}}) {
    const std::vector<float> y = RandomFlip(mode, {.seed = 4})(x, training).to_vector<float>();
    const std::vector<float> kept = x.to_vector<float>(), mirrored = reverse(x, axes).to_vector<float>();
    int flips = 0;
    for (size_t i = 0; i < 64; ++i) {
      const auto same = [&](const std::vector<float>& other) {
        return std::equal(y.begin() + static_cast<long>(i) * 24, y.begin() + static_cast<long>(i + 1) * 24,
                          other.begin() + static_cast<long>(i) * 24);
      };
      EXPECT_TRUE(same(kept) || same(mirrored));
      flips += same(mirrored);
    }
    EXPECT_GT(flips, 20);
    EXPECT_LT(flips, 44);
  }
}

TEST(RandomCrop, IsAWindowOfTheImage) {
  const Tensor x = reshape(arange(9 * 8), {1, 9, 8, 1});
  const Layer crop = RandomCrop(4, 3, {.seed = 1});
  std::set<float> corners;
  for (int i = 0; i < 40; ++i) {
    const std::vector<float> y = crop(x, training).to_vector<float>();
    ASSERT_EQ(y.size(), 12u);
    corners.insert(y[0]);
    for (size_t row = 0; row < 4; ++row) {
      for (size_t column = 0; column < 3; ++column)
        ASSERT_EQ(y[row * 3 + column], y[0] + static_cast<float>(row * 8 + column));
    }
    EXPECT_LE(y[0], 5 * 8 + 5);
  }
  EXPECT_GT(corners.size(), 15u);
  EXPECT_EQ(crop(x).shape(), (Shape{1, 4, 3, 1}));  // not training: the middle, of the same size
}

TEST(RandomImages, PlannedAsEagerAndOnlyInTraining) {
  const Tensor x = random::uniform({3, 8, 7, 3}, {.low = 0, .high = 255, .seed = 2});
  const auto with_seeds = [] {
    set_random_seed(7);
    return every_layer();
  };
  const std::vector<Layer> eager = with_seeds(), planned = with_seeds();
  for (size_t i = 0; i < eager.size(); ++i) {
    SCOPED_TRACE(eager[i].class_name());
    auto step = compiled([&](const Tensor& in) { return planned[i](in, training); });
    for (int k = 0; k < 2; ++k) {
      const auto a = step(x).to_vector<float>(), b = eager[i](x, training).to_vector<float>();
      ASSERT_EQ(a.size(), b.size());
      for (size_t at = 0; at < a.size(); ++at) ASSERT_NEAR(a[at], b[at], 2e-3);
    }
    const std::string name = eager[i].class_name();
    if (name != "RandomCrop" && name != "ContrastLimitedAdaptiveHistogramEqualization") {
      EXPECT_EQ(eager[i](x).to_vector<float>(), x.to_vector<float>());
    }
  }
}

TEST(RandomImages, WhatIsRefused) {
  EXPECT_THROW(RandomFlip("sideways"), InvalidArgument);
  EXPECT_THROW(RandomTranslation(1.5, 0), InvalidArgument);
  EXPECT_THROW(RandomTranslation(0.1, 0.1, {.fill_mode = "mirror"}), InvalidArgument);
  EXPECT_THROW(RandomRotation(0.1, {.interpolation = "cubic"}), InvalidArgument);
  EXPECT_THROW(RandomZoom({-1.0, 0.0}), InvalidArgument);
  EXPECT_THROW(RandomCrop(0, 3), InvalidArgument);
  EXPECT_THROW(RandomHue(2), InvalidArgument);
  EXPECT_THROW(RandomHue(0.1)(ones({1, 4, 4, 1}), {.training = true}), InvalidArgument);
  EXPECT_THROW(RandomContrast(0.1, {.value_range = {1, 0}}), InvalidArgument);
  EXPECT_THROW(RandomBrightness(0.1, {.data_format = "first"}), InvalidArgument);
  EXPECT_THROW(Resizing(4, 4, {.crop_to_aspect_ratio = true, .pad_to_aspect_ratio = true}), InvalidArgument);
  EXPECT_THROW(Resizing(4, 4, {.interpolation = "cubic"}), InvalidArgument);
}

// Hue by the definition, pixel by pixel: a turn of the colour circle, and back.
TEST(ImageColours, ThereAndBack) {
  const Tensor x = random::uniform({2, 3, 4, 3}, {.seed = 6});
  const Tensor hsv = image::rgb_to_hsv(x);
  EXPECT_GE(min(hsv).item(), 0);
  EXPECT_LE(max(hsv).item(), 1);
  const auto back = image::hsv_to_rgb(hsv).to_vector<float>(), as_it_was = x.to_vector<float>();
  for (size_t i = 0; i < back.size(); ++i) EXPECT_NEAR(back[i], as_it_was[i], 1e-6);
  // pure colours: red 0, green 1/3, blue 2/3; gray has none
  const Tensor pure = Tensor::from({1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0.5, 0.5, 0, 0, 0}, {1, 1, 5, 3});
  const std::vector<float> hue = image::rgb_to_hsv(pure).to_vector<float>();
  EXPECT_EQ(hue[0], 0);
  EXPECT_NEAR(hue[3], 1.0 / 3, 1e-6);
  EXPECT_NEAR(hue[6], 2.0 / 3, 1e-6);
  EXPECT_EQ(hue[9], 0);
  EXPECT_EQ(hue[10], 0);
  EXPECT_EQ(hue[14], 0);
}

}  // namespace
}  // namespace hebb
