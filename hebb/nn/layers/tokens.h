/// Texts taken apart into tokens, as TensorFlow's string operations do it for Keras: bytes are looked at, but for
/// characters. What is not ASCII is neither a capital, nor punctuation, nor white space.
///
///     tokens_of("It's a Dog.", {.standardize = "lower_and_strip_punctuation", .split = "whitespace"});   // its a dog
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hebb {

struct TokenRules {
  /// "lower", "strip_punctuation", "lower_and_strip_punctuation"; unset: as it is.
  std::optional<std::string> standardize = {};
  /// "whitespace", "character" (of UTF-8; what is none becomes U+FFFD); unset: a text is one token.
  std::optional<std::string> split = {};
  /// Instead of tokens how many of them at a time, with a blank between, for each of these numbers in turn. Empty: one.
  std::vector<int64_t> ngrams = {};
};

std::string standardized(const std::string& text, const TokenRules& rules);
std::vector<std::string> split_text(const std::string& text, const TokenRules& rules);
std::vector<std::string> ngrams_of(std::vector<std::string> tokens, const TokenRules& rules);
/// One after the other.
std::vector<std::string> tokens_of(const std::string& text, const TokenRules& rules);

}  // namespace hebb
