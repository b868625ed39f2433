/// The text of a CSV file taken apart into records and fields, and what a field says. Internal.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::data::detail {

inline constexpr char quote = '"';

/// Throws an IoError of a line.
[[noreturn]] inline void fail(std::string_view where, int64_t line, std::string_view what) {
  throw IoError(message(where, ": line ", line, ": ", what));
}

/// Takes a text apart into records, and those into fields.
class Scanner {
 public:
  Scanner(std::string_view text, std::string_view where, char delimiter)
      : text_(text), where_(where), delimiter_(delimiter) {}

  /// Reads the next record, skipping blank lines; false at the end. `fields` stay valid until the next call.
  bool next(std::vector<std::string_view>& fields) {
    fields.clear();
    unquoted_count_ = 0;
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) {
      if (text_[at_] == '\n') ++line_;
      ++at_;
    }
    if (at_ >= text_.size()) return false;
    record_line_ = line_;
    while (field(fields)) {
    }
    return true;
  }

  /// The line on which the last record began, counted from 1.
  int64_t record_line() const { return record_line_; }
  /// Where the scanner stands in the text.
  size_t position() const { return at_; }

 private:
  /// Reads a field; true when another one follows in the record.
  bool field(std::vector<std::string_view>& fields) {
    if (at_ < text_.size() && text_[at_] == quote) {
      fields.push_back(quoted());
    } else {
      size_t end = at_;
      while (end < text_.size() && text_[end] != delimiter_ && text_[end] != '\n') ++end;
      std::string_view content = text_.substr(at_, end - at_);
      at_ = end;
      // The CR of a CRLF.
      if ((at_ >= text_.size() || text_[at_] == '\n') && !content.empty() && content.back() == '\r')
        content.remove_suffix(1);
      fields.push_back(content);
    }
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '\r') ++at_;  // behind a closing quote
    const char stop = at_ < text_.size() ? text_[at_++] : '\n';
    if (stop == '\n') ++line_;
    return stop == delimiter_;
  }

  /// The content of a quoted field, with doubled quotes made single.
  std::string_view quoted() {
    const int64_t opened = line_;
    const size_t start = ++at_;
    bool doubled = false;
    for (;; ++at_) {
      at_ = text_.find(quote, at_);
      if (at_ == std::string_view::npos) {
        at_ = text_.size();
        fail(where_, opened, "a quote is opened here and never closed. Close it, or double it to mean the character.");
      }
      if (at_ + 1 >= text_.size() || text_[at_ + 1] != quote) break;
      doubled = true;
      ++at_;
    }
    const std::string_view raw = text_.substr(start, at_ - start);
    line_ += std::count(raw.begin(), raw.end(), '\n');
    ++at_;
    const bool ends = at_ >= text_.size() || text_[at_] == delimiter_ || text_[at_] == '\n' ||
                      (text_[at_] == '\r' && (at_ + 1 >= text_.size() || text_[at_ + 1] == '\n'));
    if (!ends)
      fail(where_, line_, message("expected '", delimiter_, "' or the end of the line after a closing quote."));
    if (!doubled) return raw;
    if (unquoted_.size() <= unquoted_count_) unquoted_.push_back(std::make_unique<std::string>());
    std::string& content = *unquoted_[unquoted_count_];
    ++unquoted_count_;
    content.clear();
    for (size_t i = 0; i < raw.size(); ++i) {
      content += raw[i];
      if (raw[i] == quote) ++i;
    }
    return content;
  }

  std::string_view text_;
  std::string_view where_;
  char delimiter_;
  size_t at_ = 0;
  int64_t line_ = 1;
  int64_t record_line_ = 1;
  std::vector<std::unique_ptr<std::string>> unquoted_;  // storage of fields with doubled quotes
  size_t unquoted_count_ = 0;
};

/// Without blanks at both ends.
inline std::string_view trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Whether a field says that there is no value.
inline bool is_missing(std::string_view trimmed) {
  static constexpr std::array<std::string_view, 9> words = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"};
  return trimmed.size() <= 4 && std::find(words.begin(), words.end(), trimmed) != words.end();
}

/// The number that a whole field is, its decimals behind this character; nothing for another text.
inline std::optional<double> number_of(std::string_view trimmed, char decimal) {
  // Short plain integers, of which tables of images consist.
  constexpr size_t short_integer = 9;
  if (trimmed.size() <= short_integer && !trimmed.empty()) {
    int32_t value = 0;
    size_t at = 0;
    while (at < trimmed.size() && trimmed[at] >= '0' && trimmed[at] <= '9') value = value * 10 + (trimmed[at++] - '0');
    if (at == trimmed.size()) return value;
  }
  std::array<char, 64> changed;
  if (decimal == ',' && trimmed.find(',') != std::string_view::npos) {
    if (trimmed.size() > changed.size() || trimmed.find('.') != std::string_view::npos) return std::nullopt;
    std::replace_copy(trimmed.begin(), trimmed.end(), changed.begin(), ',', '.');
    trimmed = {changed.data(), trimmed.size()};
  }
  if (trimmed.size() > 1 && trimmed[0] == '+' && trimmed[1] != '-') trimmed.remove_prefix(1);
  double value = 0;
  const char* end = trimmed.data() + trimmed.size();
  const auto [stopped, error] = std::from_chars(trimmed.data(), end, value);
  if (stopped != end || trimmed.empty()) return std::nullopt;
  if (error == std::errc()) return value;
  if (error != std::errc::result_out_of_range) return std::nullopt;
  // Too large or too small for a double: what strtod makes of it.
  return std::strtod(std::string(trimmed).c_str(), nullptr);
}

}  // namespace hebb::data::detail
