/// The table that `summary()` shows: layers, output shapes, parameters.
#pragma once

#include <string>
#include <vector>

#include "hebb/tensor/shape.h"

namespace hebb {

class ModelBase;

/// One row of a model's summary.
struct LayerSummary {
  std::string name, class_name;
  std::vector<Shape> output_shapes;  ///< empty: not built
  int64_t params = 0;
  bool trainable = true;
  std::vector<std::string> connected_to;  ///< "dense[0][0]": the layer, its call, which of its outputs
};
std::vector<LayerSummary> layer_summaries(const ModelBase& model);

/// Counts of a model's parameters; the optimizer's state once it has been built.
struct ParameterCounts {
  int64_t trainable = 0, non_trainable = 0, optimizer = 0;
};
ParameterCounts parameter_counts(const ModelBase& model);

/// Keras's table, as wide as its content needs.
std::string summary_text(const ModelBase& model);

}  // namespace hebb
