/// Decision regions: how a classifier divides the plane.
///
///     auto [x, y] = data::moons({.samples = 1000, .noise = 0.2, .seed = 42});
///     model.fit(x, y, {.epochs = 50});
///     viz::decision_regions(model, x, y).save("regions.png");
#pragma once

#include <string>
#include <vector>

#include "hebb/base/function_ref.h"
#include "hebb/nn/model.h"
#include "hebb/tensor/tensor.h"
#include "hebb/viz/canvas.h"

namespace hebb::viz {

struct RegionsOptions {
  std::string title = {};
  std::string x_label = {}, y_label = {};
  std::vector<std::string> class_names = {};  ///< empty: class 0, class 1, ...
  double width = 640, height = 520;           ///< of the picture
  int64_t resolution = 200;                   ///< the model is asked for this many points along the longer side
};

/// Shades each class's region, the stronger the surer the model is, draws the lines where it changes its mind, and the
/// points (n, 2) in the colors of their true classes, those that it gets wrong with a cross. `y` as `judge` takes it;
/// the model's output likewise. InvalidArgument for points that are not in the plane.
Picture decision_regions(const Model& model, const Tensor& x, const Tensor& y, const RegionsOptions& options = {});

/// The same for any function from points (n, 2) to outputs (n, classes), (n, 1) or (n,).
Picture decision_regions(FunctionRef<Tensor(const Tensor&)> predict, const Tensor& x, const Tensor& y,
                         const RegionsOptions& options = {});

}  // namespace hebb::viz
