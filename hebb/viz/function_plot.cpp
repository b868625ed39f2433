#include "hebb/viz/function_plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::viz {

namespace {

/// Whether the function jumps between two points: half-way down to rounding, nearly the whole difference stays on one
/// side. A steep line loses half of it with each halving.
bool jumps(const std::function<double(double)>& function, Point a, Point b) {
  const double whole = std::abs(b.y - a.y);
  for (int i = 0; i < 20; ++i) {
    const double x = (a.x + b.x) / 2, y = function(x);
    if (!std::isfinite(y)) return true;
    if (std::abs(y - a.y) > std::abs(b.y - y)) {
      b = {x, y};
    } else {
      a = {x, y};
    }
  }
  return std::abs(b.y - a.y) > 0.5 * whole;
}

std::vector<Point> sampled(const PlottedFunction& plotted, Range range, int64_t resolution) {
  std::vector<Point> points;
  for (int64_t i = 0; i < resolution; ++i) {
    const double x = range.low + range.length() * static_cast<double>(i) / static_cast<double>(resolution - 1);
    points.push_back({x, plotted.function(x)});
  }
  return points;
}

/// Gaps where it jumps; only steps that are large in the picture are looked at closely.
std::vector<Point> with_gaps(const PlottedFunction& plotted, const std::vector<Point>& points, double height) {
  std::vector<Point> out;
  for (size_t i = 0; i < points.size(); ++i) {
    if (i > 0 && std::abs(points[i].y - points[i - 1].y) > 0.02 * height &&
        jumps(plotted.function, points[i - 1], points[i]))
      out.push_back({points[i].x, std::nan("")});
    out.push_back(points[i]);
  }
  return out;
}

}  // namespace

void draw_function_plot(Picture& picture, Rectangle area, const std::vector<PlottedFunction>& functions,
                        const FunctionPlotOptions& options) {
  if (!(options.range.length() > 0) || !std::isfinite(options.range.length())) {
    throw InvalidArgument(message("function_plot: expected a range whose ends differ, got ", options.range.low, " to ",
                                  options.range.high, "."));
  }
  if (options.resolution < 2) {
    throw InvalidArgument(message("function_plot: expected a resolution of at least 2, got ", options.resolution, "."));
  }
  std::vector<std::vector<Point>> curves;
  Range y{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  auto widen = [&](const Point& p) {
    if (std::isfinite(p.y)) y = {std::min(y.low, p.y), std::max(y.high, p.y)};
  };
  for (const PlottedFunction& one : functions) {
    curves.push_back(sampled(one, options.range, options.resolution));
    for (const Point& p : curves.back()) widen(p);
  }
  for (const Point& p : options.points) widen(p);
  if (!(y.low <= y.high)) y = {0, 1};
  if (y.length() <= 0) y = {y.low - 1, y.high + 1};
  y = {y.low - 0.07 * y.length(), y.high + 0.07 * y.length()};
  y = options.y_range.value_or(y);

  AxesOptions axes_options;
  axes_options.title = options.title;
  axes_options.x_label = options.x_label;
  axes_options.y_label = options.y_label;
  axes_options.grid_x = true;
  std::vector<LegendEntry> legend;
  for (size_t i = 0; i < functions.size(); ++i) {
    if (!functions[i].label.empty() && (functions.size() > 1 || !options.points_label.empty()))
      legend.push_back({functions[i].label, palette(static_cast<int64_t>(i)), functions[i].dashed});
  }
  const Color dots = Color::hex(0x7a7f87);
  if (!options.points_label.empty()) legend.push_back({options.points_label, dots, false, true});
  const Axes axes(picture, area, options.range, y, axes_options, legend);
  const Rectangle inner = axes.inner();
  if (options.through_zero) {
    const LineStyle style{.color = Color::hex(0x9aa3af), .width = 1.2};
    if (y.low < 0 && y.high > 0) picture.line(axes.at(options.range.low, 0), axes.at(options.range.high, 0), style);
    if (options.range.low < 0 && options.range.high > 0) picture.line(axes.at(0, y.low), axes.at(0, y.high), style);
  }
  picture.clip(inner);
  const double radius = options.points.size() > 200 ? 2 : 3;
  for (const Point& p : options.points) {
    if (std::isfinite(p.x) && std::isfinite(p.y)) picture.circle(axes.at(p.x, p.y), radius, dots.with_alpha(0.7));
  }
  for (size_t i = 0; i < curves.size(); ++i) {
    std::vector<Point> line;
    for (const Point& p : with_gaps(functions[i], curves[i], y.length())) line.push_back(axes.at(p.x, p.y));
    picture.line(line, {.color = palette(static_cast<int64_t>(i)), .width = 2.4, .dashed = functions[i].dashed});
  }
  picture.unclip();
}

Picture function_plot(const std::vector<PlottedFunction>& functions, const FunctionPlotOptions& options) {
  Picture picture(options.width, options.height);
  draw_function_plot(picture, Rectangle{0, 0, picture.width(), picture.height()}.inside(24, 24, 24, 20), functions,
                     options);
  return picture;
}

}  // namespace hebb::viz
