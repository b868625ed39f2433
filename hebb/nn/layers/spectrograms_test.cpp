#include "hebb/nn/layers/spectrograms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

/// A tone of so many turns in a sample, (1, samples, 1).
Tensor tone(double frequency, int64_t samples) {
  return reshape(sin(arange(samples) * (2 * std::numbers::pi * frequency)), {1, samples, 1});
}

TEST(STFTSpectrogram, FindsATone) {
  for (const double frequency : {0.125, 0.25, 0.375}) {
    const Tensor y = STFTSpectrogram({.mode = "psd", .frame_length = 64})(tone(frequency, 512));
    EXPECT_EQ(y.shape(), (Shape{1, 15, 33}));
    for (const int64_t at : argmax(y, -1).to_vector<int64_t>()) EXPECT_EQ(at, std::lround(frequency * 64));
  }
}

// Parseval: with both sides of the spectrum, energies are those of the samples under the window.
TEST(STFTSpectrogram, KeepsTheEnergy) {
  const Tensor x = random::normal({1, 32, 1}, {.seed = 1});
  const Layer layer = STFTSpectrogram({.mode = "psd", .frame_length = 32, .window = {}, .scaling = {}});
  EXPECT_NEAR(sum(layer(x)).item() / 32, sum(square(x)).item(), 1e-3);
}

TEST(STFTSpectrogram, AnglesAreThoseOfTheWholeCircle) {
  const Tensor x = random::normal({1, 200, 1}, {.seed = 1});
  const auto shown = [&](const char* which) {
    return STFTSpectrogram({.mode = which, .frame_length = 16})(x).to_vector<float>();
  };
  const std::vector<float> angle = shown("angle"), real = shown("real"), imag = shown("imag");
  for (size_t i = 0; i < angle.size(); ++i) {
    if (i % 9 == 0 || i % 9 == 8) continue;  // the ends of the spectrum are real
    EXPECT_NEAR(angle[i], std::atan2(imag[i], real[i]), 1e-5);
  }
}

TEST(STFTSpectrogram, HasWavesThatCanBeTrained) {
  const Layer layer = STFTSpectrogram({.frame_length = 8}),
              fixed = STFTSpectrogram({.frame_length = 8, .trainable = false});
  for (const Layer& each : {layer, fixed}) each(zeros({1, 20, 1}));
  EXPECT_EQ(layer.trainable_weights().size(), 2u);
  EXPECT_EQ(layer.weights()[0].shape(), (Shape{8, 1, 5}));
  EXPECT_TRUE(fixed.trainable_weights().empty());
  EXPECT_EQ(STFTSpectrogram({.mode = "real"}).count_params(), 0);
}

TEST(STFTSpectrogram, RefusesWordsItDoesNotKnow) {
  EXPECT_THROW(STFTSpectrogram({.mode = "power"}), InvalidArgument);
  EXPECT_THROW(STFTSpectrogram({.window = "tukey"}), InvalidArgument);
  EXPECT_THROW(STFTSpectrogram({.scaling = "power"}), InvalidArgument);
  EXPECT_THROW(STFTSpectrogram({.padding = "causal"}), InvalidArgument);
  EXPECT_THROW(MelSpectrogram({.window = "blackman"}), InvalidArgument);
}

// The sums of products against the definition in double precision, at Keras's default sizes.
TEST(MelSpectrogram, IsAsExactAsFloatsAre) {
  constexpr int64_t samples = 4000, length = 2048, stride = 512;
  const Tensor x = random::normal({1, samples}, {.seed = 2});
  const std::vector<double> sound = x.to_vector<double>();
  // Of one band that takes all frequencies around 4000 Hz equally wide, only the sum is compared.
  const std::vector<float> y = MelSpectrogram({.num_mel_bins = 1, .power_to_db = false})(x).to_vector<float>();
  const double low = 1127 * std::log(1 + 20.0 / 700), high = 1127 * std::log(1 + 8000.0 / 700);
  for (int64_t frame = 0; frame < static_cast<int64_t>(y.size()); ++frame) {
    double expected = 0;
    for (int64_t k = 1; k <= length / 2; k += 1) {
      const double hertz = 8000.0 * static_cast<double>(k) / (length / 2);
      const double at = (1127 * std::log(1 + hertz / 700) - low) / ((high - low) / 2);
      const double weight = std::max(0.0, 1 - std::abs(at - 1));
      double real = 0, imag = 0;
      for (int64_t i = 0; i < length; ++i) {
        int64_t from = frame * stride + i - length / 2;
        if (from < 0) from = -from;
        if (from >= samples) from = 2 * (samples - 1) - from;
        const double angle = 2 * std::numbers::pi * static_cast<double>(i * k % length) / length;
        const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / length);
        real += sound[static_cast<size_t>(from)] * window * std::cos(angle);
        imag += sound[static_cast<size_t>(from)] * window * std::sin(angle);
      }
      expected += weight * (real * real + imag * imag);
    }
    EXPECT_NEAR(y[static_cast<size_t>(frame)] / expected, 1, 2e-6);
    if (frame == 1) break;  // the others are alike
  }
}

TEST(MelSpectrogram, FindsATone) {
  const Layer layer = MelSpectrogram({.num_mel_bins = 40});
  std::vector<int64_t> bins;
  for (const double hertz : {300.0, 1000.0, 4000.0}) {
    const Tensor y = layer(reshape(tone(hertz / 16000, 8000), {1, 8000}));
    EXPECT_EQ(y.shape(), (Shape{1, 40, 16}));
    bins.push_back(argmax(mean(y, {.axes = {2}}), -1).to_vector<int64_t>()[0]);
    EXPECT_NEAR(max(y).item() - min(y).item(), 80, 1e-3);
  }
  // Band b lies about mel 31.7 + (b + 1) 68.5.
  EXPECT_EQ(bins, (std::vector<int64_t>{4, 13, 30}));
}

}  // namespace
}  // namespace hebb
