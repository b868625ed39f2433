/// Small types that the options of layers are made of.
///
///     Conv2D(32, 5, {.strides = 2});              // a number for both axes
///     Conv2D(32, {5, 3}, {.strides = {2, 1}});    // height and width
///     Conv3D(8, {1, 3, 3});                       // depth, height and width
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "hebb/nn/activations.h"
#include "hebb/nn/axes.h"
#include "hebb/nn/constraints.h"
#include "hebb/nn/initializers.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/regularizers.h"

namespace hebb {

/// A number for the one axis of a sequence. Without: not given.
struct Single {
  static constexpr int axes = 1;
  int64_t steps = 0;

  constexpr Single() = default;
  constexpr Single(int64_t steps) : steps(steps) {}
  constexpr explicit Single(const std::array<int64_t, 1>& each) : steps(each[0]) {}

  constexpr std::array<int64_t, 1> each() const { return {steps}; }
  std::string to_string() const { return std::to_string(steps); }
  friend constexpr bool operator==(const Single&, const Single&) = default;
};

/// A number for height and one for width. Made from a number: both. Without: not given.
struct Pair {
  static constexpr int axes = 2;
  int64_t height = 0;
  int64_t width = 0;

  constexpr Pair() = default;
  constexpr Pair(int64_t both) : height(both), width(both) {}
  constexpr Pair(int64_t height, int64_t width) : height(height), width(width) {}
  constexpr explicit Pair(const std::array<int64_t, 2>& each) : height(each[0]), width(each[1]) {}

  constexpr std::array<int64_t, 2> each() const { return {height, width}; }
  std::string to_string() const { return "(" + std::to_string(height) + ", " + std::to_string(width) + ")"; }
  friend constexpr bool operator==(const Pair&, const Pair&) = default;
};

/// A number for each axis of a volume. Made from a number: all three. Without: not given.
struct Triple {
  static constexpr int axes = 3;
  int64_t depth = 0;
  int64_t height = 0;
  int64_t width = 0;

  constexpr Triple() = default;
  constexpr Triple(int64_t all) : depth(all), height(all), width(all) {}
  constexpr Triple(int64_t depth, int64_t height, int64_t width) : depth(depth), height(height), width(width) {}
  constexpr explicit Triple(const std::array<int64_t, 3>& each) : depth(each[0]), height(each[1]), width(each[2]) {}

  constexpr std::array<int64_t, 3> each() const { return {depth, height, width}; }
  std::string to_string() const {
    return "(" + std::to_string(depth) + ", " + std::to_string(height) + ", " + std::to_string(width) + ")";
  }
  friend constexpr bool operator==(const Triple&, const Triple&) = default;
};

/// What is added or cut off at both ends of a sequence: the same, or `{front, behind}`.
struct Ends {
  static constexpr int axes = 1;
  int64_t front = 0;
  int64_t behind = 0;

  constexpr Ends() = default;
  constexpr Ends(int64_t both) : front(both), behind(both) {}
  constexpr Ends(int64_t front, int64_t behind) : front(front), behind(behind) {}

  constexpr std::array<Pair, 1> each() const { return {Pair(front, behind)}; }
  friend constexpr bool operator==(const Ends&, const Ends&) = default;
};

/// What is added or cut off at the four sides of an image: everywhere the same, one number for height and one for
/// width, or two for each: `{{top, bottom}, {left, right}}`.
struct Borders {
  static constexpr int axes = 2;
  Pair vertical;    ///< top and bottom
  Pair horizontal;  ///< left and right

  constexpr Borders() = default;
  constexpr Borders(int64_t everywhere) : vertical(everywhere), horizontal(everywhere) {}
  /// From two numbers: above and below the first, left and right the second.
  constexpr Borders(Pair vertical, Pair horizontal) : vertical(vertical), horizontal(horizontal) {}

  constexpr std::array<Pair, 2> each() const { return {vertical, horizontal}; }
  friend constexpr bool operator==(const Borders&, const Borders&) = default;
};

/// The same for the six sides of a volume: one number, one for each of depth, height and width, or two for each.
struct VolumeBorders {
  static constexpr int axes = 3;
  Pair depth, height, width;

  constexpr VolumeBorders() = default;
  constexpr VolumeBorders(int64_t everywhere) : depth(everywhere), height(everywhere), width(everywhere) {}
  constexpr VolumeBorders(Pair depth, Pair height, Pair width) : depth(depth), height(height), width(width) {}

  constexpr std::array<Pair, 3> each() const { return {depth, height, width}; }
  friend constexpr bool operator==(const VolumeBorders&, const VolumeBorders&) = default;
};

/// One number, or a list of them that is broadcast along the last axis.
struct Numbers {
  std::vector<double> values = {0.0};
  bool is_list = false;

  Numbers() = default;
  Numbers(double value) : values{value} {}
  Numbers(std::initializer_list<double> list) : values(list), is_list(true) {}
  Numbers(std::vector<double> list) : values(std::move(list)), is_list(true) {}

  friend bool operator==(const Numbers&, const Numbers&) = default;
};

/// The options that a layer without any of its own takes.
struct LayerOptions {
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};  ///< empty: the class's name in snake_case, counted
};

}  // namespace hebb
