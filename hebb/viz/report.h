/// The report of a training: one picture for a slide.
///
///     History history = model.fit(train, {.epochs = 3, .validation_data = test});
///     viz::train_report({.title = "mnist-cnn on digits",
///                        .history = history,
///                        .images = test.x(),
///                        .truth = test.y(),
///                        .outputs = model.predict(test)}).save("report.png");
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/history.h"
#include "hebb/tensor/tensor.h"
#include "hebb/viz/canvas.h"

namespace hebb::viz {

struct ReportOptions {
  std::string title = "training";
  /// Empty: the accuracy and the number of examples, where they are known, else the last loss and metrics.
  std::string subtitle = {};
  History history = {};
  /// Which part of the data images, classes and outputs are of: "test", "validation", or "training", which says
  /// nothing about new data.
  std::string part = "test";
  Tensor images = {};   ///< images as `image_grid` takes them; undefined: no grid
  Tensor truth = {};    ///< their classes, as `judge` takes them; undefined: curves only
  Tensor outputs = {};  ///< what the model says of them, (n, classes); undefined: curves only
  std::vector<std::string> class_names = {};
};

/// The curves of loss and metrics; images with what they were taken for, mistakes first and marked; the confusion
/// matrix and the most common mistakes. 1600 by 900, the shape of a slide. Parts that are not given are left out.
/// InvalidArgument when images, classes and outputs do not go together.
Picture train_report(const ReportOptions& options);

}  // namespace hebb::viz
