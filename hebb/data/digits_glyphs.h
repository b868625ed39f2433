/// How people write the ten digits: strokes of a pen, several ways for each digit.
///
/// A stroke is a row of knots that a smooth curve runs through, bending sharply at knots marked as corners. x runs to
/// the right and y down; a digit is one unit high and about 0.65 wide. Only the digits generator reads this.
#pragma once

#include <vector>

namespace hebb::data::detail {

struct Knot {
  float x = 0, y = 0;
  bool corner = false;
};

/// One way of writing a digit.
struct Glyph {
  int digit;
  float weight;  ///< how often it is seen among the writings of its digit
  std::vector<std::vector<Knot>> strokes;
};

/// All glyphs, ordered by digit.
const std::vector<Glyph>& digit_glyphs();

}  // namespace hebb::data::detail
