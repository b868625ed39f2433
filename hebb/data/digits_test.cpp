#include "hebb/data/digits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "hebb/base/error.h"

namespace hebb::data {
namespace {

TEST(Digits, HasMnistsShapesAndTypes) {
  auto [train, test] = digits({.train = 600, .test = 100});
  EXPECT_EQ(train.x().spec(), (Spec{{600, 28, 28, 1}, DType::uint8}));
  EXPECT_EQ(train.y().spec(), (Spec{{600}, DType::uint8}));
  EXPECT_EQ(test.x().spec(), (Spec{{100, 28, 28, 1}, DType::uint8}));
  EXPECT_EQ(test.y().spec(), (Spec{{100}, DType::uint8}));
  const auto labels = train.y().to_vector<uint8_t>();
  EXPECT_EQ(std::set<uint8_t>(labels.begin(), labels.end()).size(), 10u);
}

TEST(Digits, ASmallerSetIsTheBeginningOfALargerOne) {
  const auto [small, small_test] = digits({.train = 50, .test = 20});
  const auto [large, large_test] = digits({.train = 80, .test = 30});
  const auto a = small.x().to_vector<uint8_t>(), b = large.x().to_vector<uint8_t>();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  const auto c = small_test.x().to_vector<uint8_t>(), d = large_test.x().to_vector<uint8_t>();
  EXPECT_TRUE(std::equal(c.begin(), c.end(), d.begin()));
  EXPECT_FALSE(std::equal(c.begin(), c.end(), b.begin()));
}

TEST(Digits, TheSeedDecides) {
  EXPECT_NE(digits({.train = 20, .test = 0, .seed = 1}).train.x().to_vector<uint8_t>(),
            digits({.train = 20, .test = 0, .seed = 2}).train.x().to_vector<uint8_t>());
  EXPECT_EQ(digits({.train = 20, .test = 0, .seed = -1}).train.x().to_vector<uint8_t>(),
            digits({.train = 20, .test = 0, .seed = -1}).train.x().to_vector<uint8_t>());
}

TEST(Digits, NumbersAreChecked) {
  EXPECT_EQ(digits({.train = 0, .test = 0}).train.size(), 0);
  EXPECT_THROW(digits({.train = -1}), InvalidArgument);
  EXPECT_THROW(digits({.test = -5}), InvalidArgument);
}

// No image of the test set is in the training set.
TEST(Digits, TrainingAndTestDoNotMeet) {
  const auto [train, test] = digits({.train = 5000, .test = 1000});
  std::set<std::string> seen;
  const auto* x = reinterpret_cast<const char*>(train.x().data<uint8_t>());
  for (int64_t i = 0; i < 5000; ++i) seen.emplace(x + i * 784, 784);
  EXPECT_EQ(seen.size(), 5000u);
  const auto* t = reinterpret_cast<const char*>(test.x().data<uint8_t>());
  for (int64_t i = 0; i < 1000; ++i) EXPECT_FALSE(seen.contains(std::string(t + i * 784, 784)));
}

}  // namespace
}  // namespace hebb::data
