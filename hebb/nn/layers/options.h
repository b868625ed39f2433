/// Small types that the options of layers are made of.
///
///     Conv2D(32, 5, {.strides = 2});              // a number for both axes
///     Conv2D(32, {5, 3}, {.strides = {2, 1}});    // height and width
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "hebb/nn/activations.h"
#include "hebb/nn/initializers.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/regularizers.h"

namespace hebb {

/// A number for height and one for width. Made from a number: both. Without: not given.
struct Pair {
  int64_t height = 0;
  int64_t width = 0;

  constexpr Pair() = default;
  constexpr Pair(int64_t both) : height(both), width(both) {}
  constexpr Pair(int64_t height, int64_t width) : height(height), width(width) {}

  std::string to_string() const { return "(" + std::to_string(height) + ", " + std::to_string(width) + ")"; }
  friend constexpr bool operator==(const Pair&, const Pair&) = default;
};

/// What is added at the four sides of an image: everywhere the same, one number for height and one for width, or two
/// for each: `{{top, bottom}, {left, right}}`.
struct Borders {
  Pair vertical;    ///< top and bottom
  Pair horizontal;  ///< left and right

  constexpr Borders() = default;
  constexpr Borders(int64_t everywhere) : vertical(everywhere), horizontal(everywhere) {}
  /// From two numbers: above and below the first, left and right the second.
  constexpr Borders(Pair vertical, Pair horizontal) : vertical(vertical), horizontal(horizontal) {}

  friend constexpr bool operator==(const Borders&, const Borders&) = default;
};

/// One number, or a list of them that is broadcast along the last axis.
struct Numbers {
  std::vector<double> values = {0.0};
  bool is_list = false;

  Numbers(double value) : values{value} {}
  Numbers(std::initializer_list<double> list) : values(list), is_list(true) {}
  Numbers(std::vector<double> list) : values(std::move(list)), is_list(true) {}

  friend bool operator==(const Numbers&, const Numbers&) = default;
};

/// One axis or several.
struct Axes {
  std::vector<int64_t> values = {-1};
  bool is_list = false;

  Axes(int64_t axis) : values{axis} {}
  Axes(std::initializer_list<int64_t> list) : values(list), is_list(true) {}
  Axes(std::vector<int64_t> list) : values(std::move(list)), is_list(true) {}

  friend bool operator==(const Axes&, const Axes&) = default;
};

/// The options that a layer without any of its own takes.
struct LayerOptions {
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};  ///< empty: the class's name in snake_case, counted
};

}  // namespace hebb
