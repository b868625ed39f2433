/// Tables of docs/keras.md.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "hebb/base/text.h"

namespace hebb {

inline std::string number_or_nothing(int64_t number) { return number == 0 ? std::string() : message(number); }

/// A table without the columns that are empty.
inline std::string table(const std::vector<std::string>& titles, const std::vector<std::vector<std::string>>& rows) {
  std::string head = "|", line = "|", body;
  std::vector<size_t> kept;
  for (size_t i = 0; i < titles.size(); ++i) {
    if (std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return !row[i].empty(); })) kept.push_back(i);
  }
  for (const size_t i : kept) {
    const bool numbers = std::all_of(rows.begin(), rows.end(), [&](const auto& row) {
      return row[i].find_first_not_of("0123456789") == std::string::npos || row[i] == "yes" ||
             row[i].starts_with("all ") || row[i].find(" of ") < 4;
    });
    head += " " + titles[i] + " |";
    line += numbers ? "--:|" : "---|";
  }
  for (const auto& row : rows) {
    body += "|";
    for (const size_t i : kept) body += " " + row[i] + " |";
    body += "\n";
  }
  return head + "\n" + line + "\n" + body;
}

/// Words in lines of about 140 letters.
inline std::string wrapped(const std::string& text) {
  std::string out;
  size_t in_line = 0;
  for (const char c : text) {
    const bool ends = c == ' ' && in_line > 140;
    out += ends ? '\n' : c;
    in_line = ends ? 0 : in_line + 1;
  }
  return out;
}

}  // namespace hebb
