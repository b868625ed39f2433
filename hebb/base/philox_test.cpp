#include "hebb/base/philox.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace hebb {
namespace {

using Words = std::array<uint32_t, 4>;

// The known answers that come with Random123 (tests/kat_vectors, "philox4x32 10").
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, IsComputedAtCompileTime) { static_assert(philox4x32({0, 0, 0, 0}, {0, 0})[0] == 0x6627e8d5); }

TEST(PhiloxStream, ReadsTheWordsOfSuccessiveCounters) {
  PhiloxStream random(0x0123456789abcdef, 42);
  for (uint32_t block = 0; block < 3; ++block) {
    const Words expected = philox4x32({block, 0, 42, 0}, {0x89abcdef, 0x01234567});
    for (const uint32_t word : expected) EXPECT_EQ(random.bits(), word);
  }
}

TEST(PhiloxStream, StreamsAndSeedsDiffer) {
  std::set<uint32_t> first_words;
  for (uint64_t seed = 0; seed < 10; ++seed)
    for (uint64_t stream = 0; stream < 10; ++stream) first_words.insert(PhiloxStream(seed, stream).bits());
  EXPECT_EQ(first_words.size(), 100u);
}

TEST(PhiloxStream, UniformStaysBelowOne) {
  EXPECT_EQ(uniform_from_bits(0), 0.f);
  EXPECT_LT(uniform_from_bits(0xffffffff), 1.f);
  PhiloxStream random(1);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) sum += random.uniform();
  EXPECT_NEAR(sum / 100000, 0.5, 0.004);
}

TEST(PhiloxStream, BelowHitsEveryValueAlike) {
  PhiloxStream random(2);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) {
    const uint32_t value = random.below(7);
    ASSERT_LT(value, 7u);
    ++counts[value];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10000, 450);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(PhiloxStream, NormalHasItsMoments) {
  PhiloxStream random(3);
  double sum = 0, squares = 0, fourth = 0;
  const int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double value = random.normal();
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
  }
  EXPECT_NEAR(sum / n, 0, 0.01);
  EXPECT_NEAR(squares / n, 1, 0.015);
  EXPECT_NEAR(fourth / n, 3, 0.1);
}

}  // namespace
}  // namespace hebb
