#include "hebb/nn/layers/tokens.h"

#include <gtest/gtest.h>

#include <utility>

namespace hebb {
namespace {

using Words = std::vector<std::string>;

/// What is no UTF-8 cannot stand in goldens; expected is what TensorFlow's unicode_split gives.
TEST(Tokens, OfWhatIsNoUtf8AreReplacementCharacters) {
  const std::string bad = "\xEF\xBF\xBD";
  const std::vector<std::pair<std::string, Words>> expected = {
      {"a\xFF"
       "b",
       {"a", bad, "b"}},
      {"\xC3", {bad}},
      {"\xE2\x82", {bad}},
      {"\xE2\x82"
       "a",
       {bad, "a"}},
      {"\xED\xA0\x80", {bad, bad, bad}},
      {"\xF0\x9F\x98", {bad}},
      {"\xC0\x80", {bad, bad}},
      {"\xF8\x88\x80\x80\x80", {bad, bad, bad, bad, bad}},
      {"\xF4\x90\x80\x80", {bad, bad, bad, bad}},
      {"\xE0\x80\x80", {bad, bad, bad}},
      {"\xF0\x80\x80\x80x", {bad, bad, bad, bad, "x"}},
      {"\x80\x80", {bad, bad}},
      {"\xEF\xBB\xBF"
       "a",
       {"\xEF\xBB\xBF", "a"}},
      {"\xE2(\xA1", {bad, "(", bad}},
      {"\xF0\x9F(\x80", {bad, "(", bad}},
      {std::string("a\0b", 3), {"a", std::string(1, '\0'), "b"}},
      {"a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}},
  };
  for (const auto& [text, tokens] : expected) EXPECT_EQ(split_text(text, {.split = "character"}), tokens) << text;
}

TEST(Tokens, KeepBytesThatAreNoUtf8) {
  const TokenRules rules{.standardize = "strip_punctuation", .split = "whitespace"};
  EXPECT_EQ(tokens_of("a\xFF.b,\xC3 c!", rules), (Words{"a\xFF"
                                                        "b\xC3",
                                                        "c"}));
}

TEST(Tokens, AreJoinedToNgrams) {
  TokenRules rules{.standardize = "lower_and_strip_punctuation", .split = "whitespace", .ngrams = {1, 2}};
  EXPECT_EQ(tokens_of("It's a Dog.", rules), (Words{"its", "a", "dog", "its a", "a dog"}));
  rules.ngrams = {3, 1};
  EXPECT_EQ(tokens_of("a b c d", rules), (Words{"a b c", "b c d", "a", "b", "c", "d"}));
  EXPECT_EQ(tokens_of("a", rules), Words{"a"});
  EXPECT_TRUE(tokens_of("", rules).empty());
}

}  // namespace
}  // namespace hebb
