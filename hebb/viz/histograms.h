/// Histograms of weights and gradients, layer by layer.
///
///     viz::histograms(viz::weight_values(model)).save("weights.svg");
///     viz::histograms(viz::gradient_values(model, x, y), {.title = "gradients"}).save("gradients.svg");
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/nn/model.h"
#include "hebb/viz/canvas.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

/// Numbers with a name, such as a layer's weights.
struct NamedValues {
  std::string name;
  std::vector<double> values;
};

/// Where a histogram's bars begin and end, and how many values each holds.
struct Histogram {
  double low = 0, high = 1;
  std::vector<int64_t> counts;
  int64_t not_finite = 0;  ///< values that no bar holds
};

/// Bars of equal width between the smallest and the largest value: as many as the rule of Freedman and Diaconis (1981)
/// gives, from 1 to `most`.
Histogram histogram(const std::vector<double>& values, int64_t most = 60);

/// The trainable weights of each layer that has some, "dense/kernel" and "dense/bias" apart. With `kernels_only`, of
/// each layer the weights of two axes and more.
std::vector<NamedValues> weight_values(const Model& model, bool kernels_only = false);

/// The gradients of the model's own loss on one batch, named as `weight_values` does, as training computes them but for
/// dropout, with moments as learned. InvalidArgument when the model is not compiled with one loss, or the batch does
/// not fit.
std::vector<NamedValues> gradient_values(const Model& model, const Tensor& x, const Tensor& y,
                                         bool kernels_only = false);

struct HistogramsOptions {
  std::string title = {};
  std::string x_label = "value";
  bool same_x = false;               ///< one axis for all, so that their widths can be compared
  int64_t columns = 3;               ///< plots in a row, at most
  double width = 320, height = 220;  ///< of one plot
};

/// A histogram for each, with mean and standard deviation.
Picture histograms(const std::vector<NamedValues>& all, const HistogramsOptions& options = {});
/// `x`: what the axis shows; unset: from the smallest value to the largest.
void draw_histogram(Picture& picture, Rectangle area, const NamedValues& values, const std::string& x_label = "value",
                    std::optional<Range> x = {});

}  // namespace hebb::viz
