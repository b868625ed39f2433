/// Learning curves: loss and metrics over the epochs, training and validation together.
///
///     History history = model.fit(train, {.epochs = 10, .validation_data = test});
///     viz::learning_curves(history).save("curves.svg");
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hebb/nn/history.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

struct LearningCurvesOptions {
  std::string title = {};
  int64_t columns = 3;                    ///< plots in a row, at most
  double width = 420, height = 300;       ///< of one plot
  std::vector<std::string> metrics = {};  ///< which ones, without `val_`; empty: all, the loss first
};

/// One plot for the loss and one for each metric, with the validation's curve (the name behind `val_`) beside the
/// training's and its best value marked.
Picture learning_curves(const History& history, const LearningCurvesOptions& options = {});

/// The plot of one metric, drawn into a part of a picture.
void draw_learning_curve(Picture& picture, Rectangle area, const History& history, const std::string& metric);

/// The names of what was measured, without `val_`: the loss, the metrics, then the rest.
std::vector<std::string> curve_names(const History& history);

/// A name for people: "sparse_categorical_accuracy" as "sparse categorical accuracy".
std::string spoken(std::string name);

}  // namespace hebb::viz
