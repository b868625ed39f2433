/// Bars: one number for each of some names.
///
///     viz::bars({0.8911, 0.9380, 0.9437}, {.title = "accuracy", .labels = {"0", "50", "200"}}).save("bars.svg");
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/viz/canvas.h"

namespace hebb::viz {

struct BarsOptions {
  std::string title = {}, x_label = {}, y_label = {};
  std::vector<std::string> labels = {};           ///< below the bars; empty: numbers from `first` on
  int64_t first = 0;                              ///< what the first bar stands for, where there are no labels
  std::vector<double> errors = {};                ///< half the length of the error bars, such as the spread of seeds
  std::vector<std::optional<Color>> colors = {};  ///< fewer leave the rest as it is
  bool by_sign = false;                           ///< green above zero, red below it
  bool percent = false;                           ///< values are fractions, shown in percent
  bool horizontal = false;  ///< from the left to the right, first on top: for many bars, or long names
  std::optional<double> low = {}, high = {};  ///< of the axis; unset: as the values need, zero included
  double width = 640, height = 360;
};

/// Vertical bars from zero (or from the axis's lower end, where zero is not on it), with their numbers above them where
/// there is room. Values that are not finite have no bar.
/// Horizontal ones, without ticks, have as much height as they need where `height` is 0.
Picture bars(const std::vector<double>& values, const BarsOptions& options = {});
void draw_bars(Picture& picture, Rectangle area, const std::vector<double>& values, const BarsOptions& options = {});

}  // namespace hebb::viz
