/// One axis of a tensor or several, as an option.
///
///     BatchNormalization({.axis = -1});
///     BinaryCrossentropy({.axis = {1, 2}});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace hebb {

/// One axis or several; made without: the last.
struct Axes {
  std::vector<int64_t> values = {-1};
  bool is_list = false;

  Axes() = default;
  Axes(int64_t axis) : values{axis} {}
  Axes(std::initializer_list<int64_t> list) : values(list), is_list(true) {}
  Axes(std::vector<int64_t> list) : values(std::move(list)), is_list(true) {}

  friend bool operator==(const Axes&, const Axes&) = default;
};

}  // namespace hebb
