#include "hebb/nn/history.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {
template <class Pairs>
[[noreturn]] void no_such(std::string_view name, const Pairs& pairs) {
  std::vector<std::string> names;
  for (const auto& [known, value] : pairs) names.push_back(known);
  throw InvalidArgument(unknown_name("metric", name, names));
}
}  // namespace

const double* Logs::find(std::string_view name) const {
  const auto at = std::find_if(values_.begin(), values_.end(), [&](const auto& entry) { return entry.first == name; });
  return at == values_.end() ? nullptr : &at->second;
}

double Logs::operator[](std::string_view name) const {
  if (const double* value = find(name)) return *value;
  no_such(name, values_);
}

void Logs::set(std::string_view name, double value) {
  const auto known =
      std::find_if(values_.begin(), values_.end(), [&](const auto& entry) { return entry.first == name; });
  if (known != values_.end()) {
    known->second = value;
    return;
  }
  const auto at =
      sorts_ ? std::lower_bound(values_.begin(), values_.end(), name,
                                [](const auto& entry, std::string_view wanted) { return entry.first < wanted; })
             : values_.end();
  values_.insert(at, {std::string(name), value});
}

const std::vector<double>* History::find(std::string_view name) const {
  const auto at = std::find_if(series_.begin(), series_.end(), [&](const auto& entry) { return entry.first == name; });
  return at == series_.end() ? nullptr : &at->second;
}

const std::vector<double>& History::operator[](std::string_view name) const {
  if (const std::vector<double>* values = find(name)) return *values;
  no_such(name, series_);
}

void History::add(int64_t epoch, const Logs& logs) {
  epochs_.push_back(epoch);
  for (const auto& [name, value] : logs) {
    auto at = std::find_if(series_.begin(), series_.end(), [&](const auto& entry) { return entry.first == name; });
    if (at == series_.end()) at = series_.insert(series_.end(), {name, {}});
    at->second.push_back(value);
  }
}

Json History::to_json() const {
  Json out = Json::object();
  for (const auto& [name, values] : series_) out.set(name, values);
  return out;
}

}  // namespace hebb
