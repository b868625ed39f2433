#include "hebb/nn/random_seed.h"

#include <gtest/gtest.h>

#include <set>

namespace hebb {
namespace {

TEST(RandomSeed, SequenceRepeats) {
  set_random_seed(5);
  const int64_t first = next_seed(), second = next_seed();
  set_random_seed(5);
  EXPECT_EQ(next_seed(), first);
  EXPECT_EQ(next_seed(), second);
  set_random_seed(6);
  EXPECT_NE(next_seed(), first);
}

TEST(RandomSeed, DerivedSeedsDiffer) {
  std::set<int64_t> seeds;
  for (int64_t seed = -3; seed < 3; ++seed) {
    for (uint64_t index = 0; index < 50; ++index) {
      EXPECT_GE(derive_seed(seed, index), 0);
      seeds.insert(derive_seed(seed, index));
    }
  }
  EXPECT_EQ(seeds.size(), 6u * 50);
}

}  // namespace
}  // namespace hebb
