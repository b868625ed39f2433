#include "hebb/base/text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>

namespace hebb {

namespace {

/// Levenshtein's distance with transposition of neighbours counted once (optimal string alignment).
int64_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<int64_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int64_t>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int64_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

void detail::append(std::string& out, double value) { out += number_text(value); }

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  // Python's repr: the shortest digits, as a power of ten outside of [1e-4, 1e16).
  char buffer[64];
  const double size = std::fabs(value);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value, format);
  return std::string(buffer, result.ptr);
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i) out += separator;
    out += parts[i];
  }
  return out;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  for (;;) {
    const size_t at = text.find(separator);
    out.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

namespace {

/// More names than these nobody reads.
constexpr size_t most_listed = 48, listed_of_many = 5;

struct Ranked {
  int64_t distance;
  const std::string* name;
};

/// The nearest first.
std::vector<Ranked> by_distance(std::string_view wrong, std::span<const std::string> candidates) {
  const std::string wanted = lower_case(wrong);
  std::vector<Ranked> out;
  for (const std::string& candidate : candidates)
    out.push_back({edit_distance(wanted, lower_case(candidate)), &candidate});
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.distance < b.distance; });
  return out;
}

}  // namespace

std::string nearest_name(std::string_view wrong, std::span<const std::string> candidates) {
  const int64_t most = std::max<int64_t>(2, static_cast<int64_t>(wrong.size()) / 3);
  for (const auto& [distance, name] : by_distance(wrong, candidates)) {
    if (distance <= most && distance < static_cast<int64_t>(std::max(wrong.size(), name->size()))) return *name;
  }
  return "";
}

std::string unknown_name(std::string_view kind, std::string_view wrong, std::span<const std::string> candidates) {
  const std::string nearest = nearest_name(wrong, candidates);
  std::string out = message("unknown ", kind, " '", wrong, "'. ");
  if (!nearest.empty()) return out + message("Did you mean '", nearest, "'?");
  if (candidates.size() <= most_listed) return out + "Known are: " + join(candidates) + ".";
  std::vector<std::string> listed;
  const std::vector<Ranked> ranked = by_distance(wrong, candidates);
  for (size_t i = 0; i < listed_of_many; ++i) listed.push_back(*ranked[i].name);
  return out + message("Known are ", candidates.size(), ", the nearest: ") + join(listed) + ".";
}

size_t count_characters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string repeated(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string snake_case(std::string_view class_name) {
  // The two substitutions of Keras's to_snake_case: (.)([A-Z][a-z]+) and ([a-z])([A-Z]), each to \1_\2.
  auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  std::string word;
  for (char c : class_name)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') word += c;
  std::string first;
  for (size_t i = 0; i < word.size();) {
    if (i > 0 && is_upper(word[i]) && i + 1 < word.size() && is_lower(word[i + 1]) && !first.empty()) {
      first += '_';
      first += word[i++];
      while (i < word.size() && is_lower(word[i])) first += word[i++];
      // The regular expression consumes one character before the next match.
      if (i < word.size()) first += word[i++];
    } else {
      first += word[i++];
    }
  }
  std::string second;
  for (size_t i = 0; i < first.size(); ++i) {
    if (i > 0 && is_lower(first[i - 1]) && is_upper(first[i])) second += '_';
    second += first[i];
  }
  return lower_case(second);
}

}  // namespace hebb
