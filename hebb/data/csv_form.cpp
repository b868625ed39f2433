#include "hebb/data/csv_form.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "hebb/data/csv_scanner.h"

namespace hebb::data::detail {

namespace {

/// The first records, to tell how the file is made. Damage is reported when the file is read.
std::vector<std::vector<std::string>> first_records(std::string_view text, char delimiter, size_t most) {
  std::vector<std::vector<std::string>> out;
  Scanner scanner(text, "", delimiter);
  std::vector<std::string_view> fields;
  try {
    while (out.size() < most && scanner.next(fields)) out.emplace_back(fields.begin(), fields.end());
  } catch (const IoError&) {
  }
  return out;
}

}  // namespace

char detect_decimal(std::string_view text, char delimiter) {
  // Between commas or tabs, 1,234 is as likely a thousand.
  if (delimiter != ';') return '.';
  constexpr size_t enough = 1000;
  bool commas = false;
  for (const auto& record : first_records(text, delimiter, enough)) {
    for (const std::string& field : record) {
      const bool has_comma = field.find(',') != std::string::npos;
      if (!has_comma && field.find('.') != std::string::npos && number_of(trim(field), '.')) return '.';
      commas |= has_comma && number_of(trim(field), ',');
    }
  }
  return commas ? ',' : '.';
}

char detect_delimiter(std::string_view text, char decimal) {
  struct Rating {
    bool consistent = false;
    double numbers = 0;
    size_t fields = 1;
  };
  char best = ',';
  Rating most;
  for (const char candidate : {',', ';', '\t'}) {
    const auto records = first_records(text, candidate, 10);
    if (records.empty() || records.front().size() == 1) continue;
    Rating rating{.consistent = true, .fields = records.front().size()};
    const char mark = decimal ? decimal : detect_decimal(text, candidate);
    size_t numbers = 0, all = 0;
    for (const auto& record : records) {
      rating.consistent &= record.size() == rating.fields;
      all += record.size();
      numbers += static_cast<size_t>(std::count_if(record.begin(), record.end(), [&](const std::string& field) {
        return number_of(trim(field), mark).has_value();
      }));
    }
    rating.numbers = static_cast<double>(numbers) / static_cast<double>(all);
    const auto key = [](const Rating& r) { return std::tuple(r.consistent, r.numbers, r.fields); };
    if (key(rating) <= key(most)) continue;
    best = candidate;
    most = rating;
  }
  return best;
}

bool detect_header(std::string_view text, char delimiter, char decimal) {
  const auto records = first_records(text, delimiter, 2);
  if (records.empty()) return false;
  auto is_number = [&](const std::string& field) { return number_of(trim(field), decimal).has_value(); };
  const auto& first = records[0];
  if (std::none_of(first.begin(), first.end(), is_number)) return true;
  if (records.size() < 2 || records[1].size() != first.size()) return false;
  for (size_t i = 0; i < first.size(); ++i) {
    if (!is_missing(trim(first[i])) && !is_number(first[i]) && is_number(records[1][i])) return true;
  }
  return false;
}

}  // namespace hebb::data::detail
