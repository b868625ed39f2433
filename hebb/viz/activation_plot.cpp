#include "hebb/viz/activation_plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::viz {

namespace {

using Values = std::vector<double>;

/// Keeps of the points [first, last] those that the line needs to stay as near as `tolerance` (Ramer 1972; Douglas and
/// Peucker 1973), without the last.
void keep_needed(const std::vector<Point>& points, size_t first, size_t last, double tolerance,
                 std::vector<Point>& kept) {
  double farthest = tolerance;
  size_t needed = first;
  for (size_t i = first + 1; i < last; ++i) {
    const double t = (points[i].x - points[first].x) / (points[last].x - points[first].x);
    const double away = std::abs(points[i].y - (points[first].y + t * (points[last].y - points[first].y)));
    if (away > farthest) {
      farthest = away;
      needed = i;
    }
  }
  if (needed == first) {
    kept.push_back(points[first]);
    return;
  }
  keep_needed(points, first, needed, tolerance, kept);
  keep_needed(points, needed, last, tolerance, kept);
}

/// The curve in few points, with gaps where neighbours lie far apart.
std::vector<Point> curve(const Values& x, const Values& y, double jump, double tolerance) {
  std::vector<Point> points, out;
  for (size_t i = 0; i < x.size(); ++i) points.push_back({x[i], y[i]});
  for (size_t first = 0; first < points.size();) {
    size_t last = first;
    while (last + 1 < points.size() && std::abs(points[last + 1].y - points[last].y) < jump) ++last;
    if (last > first) {
      keep_needed(points, first, last, tolerance, out);
      out.push_back(points[last]);
      if (last + 1 < points.size()) out.push_back({points[last].x, std::numeric_limits<double>::quiet_NaN()});
    }
    first = last + 1;
  }
  return out;
}

}  // namespace

Picture activation_plot(const ActivationFunction& function, const ActivationPlotOptions& options) {
  constexpr int64_t samples = 4000;
  Values at;
  // Between round numbers: a kink belongs to neither side.
  for (int64_t i = 0; i < samples; ++i)
    at.push_back(options.x.low + (static_cast<double>(i) + 0.5) * options.x.length() / static_cast<double>(samples));
  const Tensor x = variable(Tensor::from(at));
  Tensor y;
  if (options.beside) {
    const Tensor column = reshape(x, {samples, 1});
    y = function(concatenate({column, zeros_like(column) + *options.beside}, 1));
    if (y.rank() == 2 && y.shape().front() == samples) y = reshape(slice(y, {0, 0}, {samples, 1}), {samples});
  } else {
    y = function(x);
  }
  if (y.shape() != x.shape()) {
    throw InvalidArgument(message("activation_plot: expected '", function.name(), "' to give ", x.shape(), " for ",
                                  x.shape(), ", got ", y.shape(), ". Of one that takes rows together, say .beside."));
  }
  const Values values = y.to_vector<double>(), slopes = gradient(sum(y), x).to_vector<double>();

  Range shown{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const Values* all : {&values, &slopes}) {
    for (const double value : *all) shown = {std::min(shown.low, value), std::max(shown.high, value)};
  }
  const double room = 0.06 * std::min(shown.length(), options.y.length());
  shown = {std::max(shown.low - room, options.y.low), std::min(shown.high + room, options.y.high)};
  // Smooth functions go up and down by far less from one sample to the next; in points of the page lines are true to a
  // tenth.
  const double jump = 0.05, tolerance = 0.1 * shown.length() / options.height;

  Picture picture(options.width, options.height);
  const LineStyle value_style{.color = palette(0), .width = 2.4},
      slope_style{.color = palette(1), .width = 2, .dashed = true};
  const Axes axes(picture, {10, 8, options.width - 16, options.height - 14}, options.x, shown,
                  {.title = options.title, .x_label = "x", .grid_x = true},
                  options.legend ? std::vector<LegendEntry>{{"f(x)", value_style.color},
                                                            {"f′(x)", slope_style.color, slope_style.dashed}}
                                 : std::vector<LegendEntry>());
  picture.clip(axes.inner());
  // The dashes on top: where both are the same (the exponential, ReLU below zero), both are seen.
  for (const auto& [heights, style] : {std::pair{&values, value_style}, std::pair{&slopes, slope_style}}) {
    std::vector<Point> line;
    for (const Point& p : curve(at, *heights, jump, tolerance)) line.push_back(axes.at(p.x, p.y));
    picture.line(line, style);
  }
  picture.unclip();
  return picture;
}

}  // namespace hebb::viz
