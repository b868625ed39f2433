/// Functions of one variable as curves.
///
///     viz::function_plot({{"tanh", [](double x) { return std::tanh(x); }},
///                         {"derivative", [](double x) { return 1 - std::tanh(x) * std::tanh(x); }, true}},
///                        {.title = "tanh", .range = {-4, 4}}).save("tanh.svg");
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hebb/viz/canvas.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

struct PlottedFunction {
  std::string label = {};
  std::function<double(double)> function;
  bool dashed = false;
};

struct FunctionPlotOptions {
  std::string title = {}, x_label = "x", y_label = {};
  Range range = {-5, 5};              ///< of x
  std::optional<Range> y_range = {};  ///< unset: what the functions take
  std::vector<Point> points = {};     ///< marked with dots, such as the data behind a fit
  std::string points_label = {};
  bool through_zero = true;  ///< lines at x = 0 and y = 0
  int64_t resolution = 600;  ///< how many values of each function are computed
  double width = 480, height = 340;
};

/// The curves have gaps where a function is not finite or jumps. InvalidArgument for an empty range or fewer than two
/// values.
Picture function_plot(const std::vector<PlottedFunction>& functions, const FunctionPlotOptions& options = {});
void draw_function_plot(Picture& picture, Rectangle area, const std::vector<PlottedFunction>& functions,
                        const FunctionPlotOptions& options = {});

}  // namespace hebb::viz
