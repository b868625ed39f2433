#include "hebb/nn/layers/tokens.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace hebb {

namespace {

constexpr std::string_view punctuation = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'";
constexpr std::string_view white_space = " \t\n\v\f\r";
constexpr const char* replacement = "\xEF\xBF\xBD";  // U+FFFD

unsigned byte_at(const std::string& text, size_t at) { return static_cast<unsigned char>(text[at]); }

/// How many bytes from `at` on belong together, and whether they are a character. What is none ends where no character
/// can go on (Unicode 15, table 3-7).
std::pair<size_t, bool> character_at(const std::string& text, size_t at) {
  const unsigned first = byte_at(text, at);
  if (first < 0x80) return {1, true};
  const size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                        : (first & 0xF0) == 0xE0         ? 3
                        : first >= 0xF0 && first <= 0xF4 ? 4
                                                         : 0;
  if (length == 0) return {1, false};
  for (size_t i = 1; i < length; ++i) {
    if (at + i == text.size()) return {i, false};
    const unsigned next = byte_at(text, at + i);
    unsigned low = 0x80, high = 0xBF;
    if (i == 1) {
      if (first == 0xE0) low = 0xA0;
      if (first == 0xED) high = 0x9F;
      if (first == 0xF0) low = 0x90;
      if (first == 0xF4) high = 0x8F;
    }
    if (next < low || next > high) return {i, false};
  }
  return {length, true};
}

}  // namespace

std::string standardized(const std::string& text, const TokenRules& rules) {
  if (!rules.standardize) return text;
  const bool lower = *rules.standardize != "strip_punctuation", strip = *rules.standardize != "lower";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (strip && punctuation.find(c) != std::string_view::npos) continue;
    out += lower && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::vector<std::string> split_text(const std::string& text, const TokenRules& rules) {
  if (!rules.split) return {text};
  std::vector<std::string> tokens;
  if (*rules.split == "character") {
    for (size_t at = 0; at < text.size();) {
      const auto [bytes, is_character] = character_at(text, at);
      tokens.push_back(is_character ? text.substr(at, bytes) : replacement);
      at += bytes;
    }
    return tokens;
  }
  for (size_t at = 0; (at = text.find_first_not_of(white_space, at)) != std::string::npos;) {
    const size_t end = std::min(text.find_first_of(white_space, at), text.size());
    tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

std::vector<std::string> ngrams_of(std::vector<std::string> tokens, const TokenRules& rules) {
  if (rules.ngrams.empty()) return tokens;
  std::vector<std::string> out;
  for (const int64_t width : rules.ngrams) {
    for (size_t first = 0; first + static_cast<size_t>(width) <= tokens.size(); ++first) {
      std::string& joined = out.emplace_back(tokens[first]);
      for (size_t i = 1; i < static_cast<size_t>(width); ++i) joined += ' ' + tokens[first + i];
    }
  }
  return out;
}

std::vector<std::string> tokens_of(const std::string& text, const TokenRules& rules) {
  return ngrams_of(split_text(standardized(text, rules), rules), rules);
}

}  // namespace hebb
