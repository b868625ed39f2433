#include "hebb/nn/initializers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/nn/constraints.h"
#include "hebb/nn/regularizers.h"

namespace hebb {
namespace {

TEST(Initializers, SeedsDecide) {
  for (const InitializerRecord& record : initializer_records()) {
    EXPECT_FALSE(record.doc.empty()) << record.class_name;
    const Initializer initializer(record.class_name);
    const Shape shape = record.class_name == "STFT" ? Shape{6, 1, 5} : Shape{6, 5};
    const auto a = initializer->make(shape, 1), b = initializer->make(shape, 1), c = initializer->make(shape, 2);
    EXPECT_EQ(a.dtype(), DType::float32);
    EXPECT_EQ(a.shape(), shape);
    EXPECT_EQ(a.to_vector<float>(), b.to_vector<float>()) << record.class_name;
    const bool constant = initializer->config().find("seed") == nullptr;
    EXPECT_EQ(a.to_vector<float>() == c.to_vector<float>(), constant) << record.class_name;
    for (const std::string& alias : record.aliases) EXPECT_EQ(Initializer(alias).to_json(), initializer.to_json());
  }
  // A seed of its own goes before the layer's.
  const Initializer own = TruncatedNormal({.seed = 4});
  EXPECT_EQ(own->make({9}, 1).to_vector<float>(), own->make({9}, 2).to_vector<float>());
}

TEST(Initializers, RoundTrip) {
  const std::vector<Initializer> all = {
      Constant(0.5),
      Identity(2),
      RandomNormal({.mean = 1, .stddev = 2, .seed = 3}),
      RandomUniform({.minval = -1, .maxval = 4}),
      VarianceScaling(
          {.scale = 3, .mode = "fan_out", .distribution = "uniform", .input_axes = {0}, .output_axes = {1}}),
      GlorotNormal({.seed = 8}),
      Orthogonal({.gain = 0.5, .seed = 2}),
      STFT({.side = "imag", .window = "flattop", .scaling = {}, .periodic = true}),
      STFT({.window_values = {0.25, 0.5, 1}})};
  for (const Initializer& initializer : all) {
    const Initializer again = Initializer::from_json(initializer.to_json());
    EXPECT_EQ(again.to_json(), initializer.to_json());
    const Shape shape = initializer->class_name() == "STFT" ? Shape{3, 1, 4} : Shape{4, 4};
    EXPECT_EQ(again->make(shape, 1).to_vector<float>(), initializer->make(shape, 1).to_vector<float>());
  }
  EXPECT_FALSE(Initializer::from_json(nullptr));
  EXPECT_TRUE(Initializer().to_json().is_null());
}

TEST(Initializers, TruncatedStaysInside) {
  const Tensor values = TruncatedNormal({.mean = 1, .stddev = 3})->make({100, 1000}, 7);
  double total = 0;
  for (const double v : values.to_vector<double>()) {
    ASSERT_LE(std::abs(v - 1), 6.00001);
    total += v;
  }
  EXPECT_NEAR(total / 1e5, 1, 0.05);
}

TEST(Initializers, FansByAxes) {
  // Inputs on axis 1 and 2, outputs on axis 0: variance 1 / 12.
  const Tensor values =
      VarianceScaling({.distribution = "uniform", .input_axes = {1, 2}, .output_axes = {0}})->make({500, 3, 4}, 1);
  double largest = 0;
  for (const double v : values.to_vector<double>()) largest = std::max(largest, std::abs(v));
  EXPECT_NEAR(largest, std::sqrt(3.0 / 12), 1e-3);
}

TEST(Initializers, Errors) {
  EXPECT_THROW(Initializer("glorot"), InvalidArgument);
  EXPECT_THROW(VarianceScaling({.scale = 0}), InvalidArgument);
  EXPECT_THROW(VarianceScaling({.mode = "fan"}), InvalidArgument);
  EXPECT_THROW(VarianceScaling({.distribution = "gauss"}), InvalidArgument);
  EXPECT_THROW(Orthogonal()->make({3}, 1), InvalidArgument);
  EXPECT_THROW(Identity()->make({3}, 1), InvalidArgument);
  EXPECT_THROW(RandomNormal({.stddev = -1}), InvalidArgument);
}

TEST(Initializers, STFTSaysWhatDoesNotFit) {
  EXPECT_THROW(STFT()->make({4, 5}, 1), InvalidArgument);
  EXPECT_THROW(STFT({.window_values = {1, 2}})->make({3, 1, 4}, 1), InvalidArgument);
  EXPECT_THROW(STFT({.window = "han"}), InvalidArgument);
  EXPECT_THROW(STFT({.side = "left"}), InvalidArgument);
  EXPECT_THROW(STFT({.scaling = "power"}), InvalidArgument);
}

/// As Keras does; regularizers and constraints as well.
TEST(Initializers, RefuseOptionsOfOthers) {
  const auto entry = [](const char* class_name, const char* options) {
    return Json::parse(std::string(R"({"class_name": ")") + class_name + R"(", "config": )" + options + "}");
  };
  EXPECT_THROW(Initializer::from_json(entry("HeNormal", R"({"seed": 1, "bogus": 2})")), InvalidArgument);
  EXPECT_THROW(Initializer::from_json(entry("Zeros", R"({"value": 1})")), InvalidArgument);
  EXPECT_TRUE(Initializer::from_json(entry("Zeros", R"({"dtype": "float32"})"))) << "as Keras 2 wrote it";
  EXPECT_THROW(Regularizer::from_json(entry("L2", R"({"l2": 0.1, "l1": 0.1})")), InvalidArgument);
  EXPECT_TRUE(Regularizer::from_json(entry("L1L2", R"({"l2": 0.1, "l1": 0.1})")));
  EXPECT_THROW(Constraint::from_json(entry("NonNeg", R"({"axis": 1})")), InvalidArgument);
}

}  // namespace
}  // namespace hebb
