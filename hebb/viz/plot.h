/// Plots: axes with round ticks, lines, a legend.
///
///     viz::Picture picture(480, 320);
///     viz::draw_plot(picture, {16, 16, 448, 288}, {{.label = "training", .points = {{1, 0.9}, {2, 0.4}, {3, 0.2}}}},
///                    {.title = "loss", .x_label = "epoch", .whole_x = true});
///     picture.save("loss.svg");
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/viz/canvas.h"

namespace hebb::viz {

struct Range {
  double low = 0, high = 1;
  double length() const { return high - low; }
};

/// Round numbers (1, 2, 2.5 or 5 times a power of ten apart) within the range, about as many as wanted, at least two
/// unless the range is empty. `whole`: only whole numbers.
std::vector<double> nice_ticks(Range range, int about, bool whole = false);

/// Texts of ticks, all with as many decimals as tell them apart: "0.98", "1.00". `percent`: times 100, with " %".
std::vector<std::string> tick_texts(const std::vector<double>& ticks, bool percent = false);

/// A power as a tick says it: "10⁻²"; of other bases than 10 the number itself, "8".
std::string power_text(int base, int exponent);

struct AxesOptions {
  std::string title = {}, x_label = {}, y_label = {};
  bool whole_x = false;    ///< x counts something: ticks at whole numbers only
  bool whole_y = false;    ///< y counts something
  bool percent_y = false;  ///< y is a fraction, shown in percent
  /// The axis holds logarithms to this base: ticks stand at whole powers, and say which (`power_text`). 0: it does not.
  int x_base = 0, y_base = 0;
  bool grid = true;
  bool grid_x = false;  ///< vertical grid lines as well
  bool frame = false;   ///< a line all around, not only below
  bool x_ticks = true;  ///< false: nothing below the axis, for those who write names there
  bool y_ticks = true;  ///< false: nothing beside the axis, whose numbers mean nothing
  /// One unit is as long on both axes.
  bool equal = false;
};

/// What the legend shows.
struct LegendEntry {
  std::string label;
  Color color;
  bool dashed = false;
  bool dot = false;  ///< a dot, not a line
};

/// Axes drawn into a part of a picture, and the way from numbers to points of the page.
class Axes {
 public:
  Axes(Picture& picture, Rectangle area, Range x, Range y, const AxesOptions& options,
       const std::vector<LegendEntry>& legend = {});

  Point at(double x, double y) const;
  /// Where the data goes.
  Rectangle inner() const { return inner_; }
  Range x() const { return x_; }
  Range y() const { return y_; }

 private:
  Rectangle inner_;
  Range x_, y_;
};

/// A line of a plot.
struct Series {
  std::string label = {};
  std::vector<Point> points = {};
  std::optional<Color> color = {};  ///< unset: of the palette, in order
  bool dashed = false;
  std::optional<size_t> highlight = {};  ///< the point that gets a ring and its y as text
};

struct PlotOptions : AxesOptions {
  std::optional<Range> x_range = {}, y_range = {};  ///< unset: what the points take, and a little more
};

/// Draws lines with their axes and legend; points that are not finite are left out.
void draw_plot(Picture& picture, Rectangle area, const std::vector<Series>& series, const PlotOptions& options = {});

/// A number for people: at most `digits` significant digits, "0.0312", "12.5", "1.2e-05".
std::string short_number(double value, int digits = 3);
/// A fraction in percent: "98.7 %", with two decimals above 99 %.
std::string percent_text(double fraction);

}  // namespace hebb::viz
