/// What `compile` asked for, output by output: the loss with its weight, and the metrics with their names in the logs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hebb/nn/model.h"

namespace hebb {

/// What is measured at one output.
struct MeasuredOutput {
  std::string name;
  Loss loss;
  double weight = 1;
  std::unique_ptr<MeanTracker> tracker;  // only where there are several outputs
  struct Measured {
    Metric metric;
    bool weighted;
    std::string name;

    /// The name in the logs of one of the metric's numbers: its own, with the number's position where there are
    /// several.
    std::string name_of(size_t index, size_t count) const {
      return count == 1 ? name : name + "_" + std::to_string(index);
    }
  };
  std::vector<Measured> metrics;
};

/// InvalidArgument when losses, weights or metrics name outputs that do not exist, or are lists that do not fit these.
void check_outputs(const CompileOptions& options, const std::vector<std::string>& outputs);

/// One for each output of a model whose outputs are known; open metrics ("accuracy") are chosen by the targets'
/// shapes. InvalidArgument for names of outputs that do not exist and lists that do not fit.
std::vector<MeasuredOutput> resolve_outputs(const CompileOptions& options, const ModelBase& model,
                                            const std::vector<Spec>& targets);

}  // namespace hebb
