/// Counting what predictions above thresholds get right and wrong, by Keras's rules. Internal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/nn/layers/options.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// Keras's thresholds: those given, each from 0 to 1 (InvalidArgument, naming `owner`, for others), or the default.
std::vector<double> parsed_thresholds(const char* owner, const std::optional<Numbers>& given, double standard = 0.5);

/// From 0 to 1 in equal steps; of one the middle. InvalidArgument, naming `owner`, for fewer than one.
std::vector<double> even_thresholds(const char* owner, int64_t count);

struct ConfusionOptions {
  std::optional<int64_t> top_k = {};
  std::optional<int64_t> class_id = {};
  bool multi_label = false;                ///< count each column by itself
  std::vector<double> label_weights = {};  ///< of the columns
};

/// Each (thresholds,), with `multi_label` (thresholds, columns).
struct ConfusionCounts {
  Tensor true_positives, false_positives, true_negatives, false_negatives;
};

/// Of a batch. Where thresholds go from 0 to 1 in equal steps, a prediction counts by the step it falls into, which is
/// fast for many of them. InvalidArgument, naming `owner`, for shapes that do not fit.
ConfusionCounts confusion_counts(const std::string& owner, const Tensor& y_true, const Tensor& y_pred,
                                 const Tensor& sample_weight, const std::vector<double>& thresholds,
                                 const ConfusionOptions& options = {});

/// Sums of the four counts, in Keras's order, and adding a batch's to them.
Tensors make_confusion_sums(const Shape& shape);
void add_confusion(const Tensors& sums, const ConfusionCounts& counts);

}  // namespace hebb
