#include "hebb/base/fingerprint.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace hebb {
namespace {

/// What TensorFlow's string hashes give for 2^62 buckets.
constexpr uint64_t buckets = uint64_t{1} << 62;

TEST(Fingerprint, IsThatOfTensorFlow) {
  const std::vector<std::pair<std::string, uint64_t>> expected = {
      {"0", 1363911219970409023},
      {"-1", 2722188246723688526},
      {"123", 1389097997109478219},
      {"-1234", 1412902530282851240},
      {"12345678", 3430003927990384362},
      {"-123456789012", 1601213576194309120},
      {"1234567890123456", 3404047305357624356},
      {"-1234567890123456", 3423126079723869195},
      {"-9223372036854775808", 1493431938208774112},
  };
  for (const auto& [text, hash] : expected) EXPECT_EQ(fingerprint64(text) % buckets, hash) << text;
}

TEST(Fingerprint, OfLongTextsIsThatOfTensorFlow) {
  std::string text;
  for (int i = 0; i < 5; ++i) text += "The quick brown fox jumps over the lazy dog, ";
  const std::vector<std::pair<size_t, uint64_t>> expected = {
      {33, 17464935208016327638u}, {40, 11893331242100975777u}, {64, 16560030244115058600u},
      {65, 13036947635078980753u}, {100, 6571643548839400310u}, {127, 12484310974519707612u},
      {128, 7439709865923847846u}, {129, 3683716896495627200u}, {200, 8649718970385374365u},
  };
  for (const auto& [length, hash] : expected) EXPECT_EQ(fingerprint64(text.substr(0, length)), hash) << length;
}

TEST(Fingerprint, OfAKeyIsThatOfTensorFlow) {
  EXPECT_EQ(siphash64("0", 5, 4) % buckets, 3917766164099784944u);
  EXPECT_EQ(siphash64("12345678", 5, 4) % buckets, 3959709108690705707u);
  EXPECT_EQ(siphash64("-9223372036854775808", 5, 4) % buckets, 1581225377544125257u);
}

TEST(Fingerprint, OfTwoIsThatOfTensorFlow) {
  constexpr uint64_t start = 956888297470;  // of sparse.cross_hashed
  EXPECT_EQ(fingerprint_cat64(fingerprint_cat64(start, 0), 1234567) % 1000003, 488962u);
}

}  // namespace
}  // namespace hebb
