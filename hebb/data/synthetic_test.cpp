#include "hebb/data/synthetic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "hebb/base/error.h"

namespace hebb::data {
namespace {

std::map<int32_t, int> class_counts(const Tensor& y) {
  std::map<int32_t, int> counts;
  for (const int32_t value : y.to_vector<int32_t>()) ++counts[value];
  return counts;
}
using Counts = std::map<int32_t, int>;

double radius(const Tensor& x, int64_t i) { return std::hypot(x.data<float>()[2 * i], x.data<float>()[2 * i + 1]); }

// sklearn.datasets.make_moons(7, shuffle=False)
TEST(Synthetic, MoonsWithoutNoiseAreScikitLearns) {
  const auto [x, y] = moons({.samples = 7, .shuffle = false});
  EXPECT_EQ(x.spec(), (Spec{{7, 2}, DType::float32}));
  EXPECT_EQ(y.spec(), (Spec{{7}, DType::int32}));
  const float expected[] = {1, 0, 0, 1, -1, 0, 0, 0.5f, 0.5f, -0.36602540f, 1.5f, -0.36602540f, 2, 0.5f};
  for (int i = 0; i < 14; ++i) EXPECT_NEAR(x.data<float>()[i], expected[i], 1e-6) << i;
  EXPECT_EQ(y.to_vector<int32_t>(), (std::vector<int32_t>{0, 0, 0, 1, 1, 1, 1}));
}

TEST(Synthetic, CirclesHaveTheirRadii) {
  const auto [x, y] = circles({.samples = 101, .factor = 0.5});
  EXPECT_EQ(class_counts(y), (Counts{{0, 50}, {1, 51}}));
  for (int64_t i = 0; i < 101; ++i) EXPECT_NEAR(radius(x, i), y.data<int32_t>()[i] == 0 ? 1 : 0.5, 1e-6);
  EXPECT_FLOAT_EQ(circles({.samples = 4, .shuffle = false}).x.data<float>()[4], 0.8f);
}

TEST(Synthetic, BlobsStandAroundTheirCentres) {
  const auto [x, y] = blobs({.samples = 3001, .cluster_std = 0.5, .seed = 3, .center_points = {{0, 5, 1}, {-5, 0, 2}}});
  EXPECT_EQ(x.shape(), (Shape{3001, 3}));
  EXPECT_EQ(class_counts(y), (Counts{{0, 1501}, {1, 1500}}));
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < 3001; ++i) {
    if (y.data<int32_t>()[i] != 0) continue;
    const double value = x.data<float>()[3 * i + 1] - 5;
    sum += value, squares += value * value;
  }
  EXPECT_NEAR(sum / 1501, 0, 0.05);
  EXPECT_NEAR(std::sqrt(squares / 1501), 0.5, 0.03);

  const auto drawn =
      blobs({.samples = 9, .features = 4, .centers = 5, .cluster_std = 0, .center_low = 2, .center_high = 3});
  EXPECT_EQ(drawn.x.shape(), (Shape{9, 4}));
  EXPECT_EQ(class_counts(drawn.y), (Counts{{0, 2}, {1, 2}, {2, 2}, {3, 2}, {4, 1}}));
  for (const float value : drawn.x.to_vector<float>()) EXPECT_TRUE(value >= 2 && value <= 3) << value;
}

TEST(Synthetic, SpiralsWindApart) {
  const auto [x, y] = spirals({.samples = 300, .shuffle = false, .classes = 3, .turns = 1});
  EXPECT_EQ(class_counts(y), (Counts{{0, 100}, {1, 100}, {2, 100}}));
  for (int64_t c = 0; c < 3; ++c) EXPECT_NEAR(radius(x, c * 100 + 99), 1, 1e-6);
  // The arms are one another's images under a third of a turn, so their ends are sqrt(3) apart.
  const float* p = x.data<float>();
  EXPECT_NEAR(std::hypot(p[198] - p[398], p[199] - p[399]), std::sqrt(3.), 1e-5);
}

TEST(Synthetic, XorIsItsTruthTable) {
  const auto [x, y] = xor_problem();
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{0, 0, 0, 1, 1, 0, 1, 1}));
  EXPECT_EQ(y.to_vector<int32_t>(), (std::vector<int32_t>{0, 1, 1, 0}));
  EXPECT_EQ(class_counts(xor_problem({.samples = 200, .shuffle = true, .noise = 0.1}).y), (Counts{{0, 100}, {1, 100}}));
}

TEST(Synthetic, TheSeedDecides) {
  const MoonsOptions one{.samples = 50, .noise = 0.1, .seed = 1}, two{.samples = 50, .noise = 0.1, .seed = 2};
  EXPECT_EQ(moons(one).x.to_vector<float>(), moons(one).x.to_vector<float>());
  EXPECT_NE(moons(one).x.to_vector<float>(), moons(two).x.to_vector<float>());
  EXPECT_NE(moons(one).y.to_vector<int32_t>(), moons(two).y.to_vector<int32_t>());
}

TEST(Synthetic, NoiseHasItsDeviation) {
  const auto clean = moons({.samples = 5000, .shuffle = false}),
             noisy = moons({.samples = 5000, .shuffle = false, .noise = 0.2});
  double squares = 0;
  for (int64_t i = 0; i < 10000; ++i) squares += std::pow(noisy.x.data<float>()[i] - clean.x.data<float>()[i], 2);
  EXPECT_NEAR(std::sqrt(squares / 10000), 0.2, 0.01);
}

TEST(Synthetic, OptionsAreChecked) {
  EXPECT_THROW(moons({.samples = 0}), InvalidArgument);
  EXPECT_THROW(moons({.noise = -1}), InvalidArgument);
  EXPECT_THROW(circles({.factor = 1}), InvalidArgument);
  EXPECT_THROW(blobs({.centers = 0}), InvalidArgument);
  EXPECT_THROW(blobs({.center_points = {{1, 2}, {3}}}), InvalidArgument);
  EXPECT_THROW(spirals({.classes = 0}), InvalidArgument);
  EXPECT_THROW(xor_problem({.noise = std::nan("")}), InvalidArgument);
  EXPECT_EQ(moons({.samples = 1}).x.shape(), (Shape{1, 2}));
}

}  // namespace
}  // namespace hebb::data
