/// Reading goldens: what real Keras computed, written by the scripts in tests/goldens.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/base/text.h"
#include "hebb/tensor/tensor.h"
#include "hebb/tensor/texts.h"

namespace hebb::goldens {

/// The file tests/goldens/NAME.json, read once.
inline const Json& file(const std::string& name) {
  static std::map<std::string, Json> files;
  const auto found = files.find(name);
  if (found != files.end()) return found->second;
  const std::string path = std::string(HEBB_SOURCE_DIR) + "/tests/goldens/" + name + ".json";
  std::ifstream stream(path, std::ios::binary);
  if (!stream) ADD_FAILURE() << "cannot read " << path;
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  return files.emplace(name, Json::parse(text, path)).first->second;
}

inline const Json::Array& cases(const std::string& name) { return file(name).at("cases").items(); }

/// The cases of several files, one file's behind the other's.
inline std::vector<const Json*> cases_of(std::initializer_list<const char*> names) {
  std::vector<const Json*> all;
  for (const char* name : names) {
    for (const Json& each : cases(name)) all.push_back(&each);
  }
  return all;
}

/// A list of texts.
inline std::vector<std::string> strings(const Json& list) {
  std::vector<std::string> out;
  for (const Json& text : list.items()) out.push_back(text.as_string());
  return out;
}

/// {"shape", "dtype", "data"} as a tensor.
inline Tensor tensor(const Json& array) {
  std::vector<int64_t> sizes;
  for (const Json& size : array.at("shape").items()) sizes.push_back(size.as_int());
  const DType dtype = dtype_from_name(array.at("dtype").as_string());
  if (dtype == DType::string) return texts(strings(array.at("data")), Shape(sizes));
  Tensor out = Tensor::empty(Shape(sizes), dtype);
  const auto& data = array.at("data").items();
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    auto* values = static_cast<T*>(out.mutable_raw());
    for (size_t i = 0; i < data.size(); ++i) {
      values[i] = data[i].is_bool() ? static_cast<T>(data[i].as_bool()) : static_cast<T>(data[i].as_double());
    }
  });
  return out;
}

inline std::vector<Tensor> tensors(const Json& arrays) {
  std::vector<Tensor> out;
  for (const Json& array : arrays.items()) out.push_back(tensor(array));
  return out;
}

/// Equal shapes, and every value within `tolerance` times the largest finite magnitude (at least `floor`) of those
/// expected. NaN equals NaN, an infinity itself.
inline ::testing::AssertionResult near(const Tensor& actual, const Tensor& expected, double tolerance,
                                       double floor = 1e-30) {
  if (actual.shape() != expected.shape()) {
    return ::testing::AssertionFailure() << "shape " << actual.shape().to_string() << " instead of "
                                         << expected.shape().to_string();
  }
  const std::vector<double> a = actual.to_vector<double>(), b = expected.to_vector<double>();
  double largest = floor;
  for (const double value : b) largest = std::isfinite(value) ? std::max(largest, std::abs(value)) : largest;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    if (std::abs(a[i] - b[i]) <= tolerance * largest) continue;
    return ::testing::AssertionFailure() << "element " << i << " is " << number_text(a[i]) << " instead of "
                                         << number_text(b[i]) << " (largest magnitude " << number_text(largest) << ")";
  }
  return ::testing::AssertionSuccess();
}

/// Every value within `tolerance` of its own magnitude (or of `floor`, for small ones).
inline ::testing::AssertionResult near_each(const Tensor& actual, const Tensor& expected, double tolerance,
                                            double floor) {
  if (actual.shape() != expected.shape()) {
    return ::testing::AssertionFailure() << "shape " << actual.shape().to_string() << " instead of "
                                         << expected.shape().to_string();
  }
  const std::vector<double> a = actual.to_vector<double>(), b = expected.to_vector<double>();
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    if (std::abs(a[i] - b[i]) <= tolerance * std::max(floor, std::abs(b[i]))) continue;
    return ::testing::AssertionFailure() << "element " << i << " is " << number_text(a[i]) << " instead of "
                                         << number_text(b[i]);
  }
  return ::testing::AssertionSuccess();
}

/// Equal members in equal order, numbers by value: what Python wrote as 0 may be 0.0 here.
inline ::testing::AssertionResult same_json(const Json& actual, const Json& expected) {
  const auto differ = [&] {
    return ::testing::AssertionFailure() << actual.dump() << " instead of " << expected.dump();
  };
  if (actual.is_number() && expected.is_number()) {
    return actual.as_double() == expected.as_double() ? ::testing::AssertionSuccess() : differ();
  }
  if (actual.is_array() != expected.is_array() || actual.is_object() != expected.is_object()) return differ();
  if (actual.size() != expected.size()) return differ();
  if (actual.is_array()) {
    for (size_t i = 0; i < actual.size(); ++i) {
      if (auto result = same_json(actual.at(i), expected.at(i)); !result) return result;
    }
    return ::testing::AssertionSuccess();
  }
  if (actual.is_object()) {
    for (size_t i = 0; i < actual.size(); ++i) {
      const Json::Member &member = actual.members()[i], &wanted = expected.members()[i];
      if (member.first != wanted.first) return differ();
      if (auto result = same_json(member.second, wanted.second); !result)
        return result << " at '" << member.first << "'";
    }
    return ::testing::AssertionSuccess();
  }
  return actual == expected ? ::testing::AssertionSuccess() : differ();
}

/// A case's configuration as Keras writes it, with the arguments that Keras's `get_config` forgets.
inline Json whole_config(const Json& golden) {
  Json config = golden.at("config");
  for (const auto& [key, value] : golden.at("arguments").members()) {
    if (!config.contains(key)) config.set(key, value);
  }
  return config;
}

/// A case's name as GoogleTest wants names: letters, digits and underscores. The number keeps them apart.
inline std::string test_name(size_t index, const std::string& name) {
  std::string out = message(index, "_", name);
  for (char& c : out) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return out;
}

}  // namespace hebb::goldens
