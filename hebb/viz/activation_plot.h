/// A plot of an activation function and its derivative.
///
///     viz::activation_plot("gelu", {.title = "gelu"}).save("gelu.svg");
#pragma once

#include <optional>
#include <string>

#include "hebb/nn/activations.h"
#include "hebb/viz/canvas.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

struct ActivationPlotOptions {
  std::string title = {};
  Range x = {-5, 5};
  Range y = {-3, 5};  ///< more is not shown; less is where the function takes less
  /// For a function that takes the elements of a row together, such as softmax: it is given rows (x, beside), and the
  /// first element of what it gives is drawn.
  std::optional<double> beside = {};
  bool legend = true;  ///< which line is which; several plots side by side need it once
  double width = 360, height = 240;
};

/// The function (a line) and its derivative (dashed), as the library computes both; gaps where they jump.
/// InvalidArgument when the result is not of the input's shape (for rows: not as many rows).
Picture activation_plot(const ActivationFunction& function, const ActivationPlotOptions& options = {});

}  // namespace hebb::viz
