/// The weighted mean that most metrics are. Internal.
#pragma once

#include <string>

#include "hebb/tensor/tensor.h"

namespace hebb {

/// A scalar variable of value 0.
Tensor make_sum(const char* name);

/// Adds values, (batch, ...) or a scalar, to the sums as Keras's Mean does: every example counts as the mean of its
/// values, weighted with the mean of its weights. `owner` is for messages.
void add_to_mean(const Tensor& total, const Tensor& count, const Tensor& values, const Tensor& weight,
                 const std::string& owner);

/// total / count in float32, as Keras; 0 when nothing was counted.
double mean_of(const Tensor& total, const Tensor& count);

/// A metric of values alone, which no model can compute from targets and predictions.
class MeasuresValues {
 public:
  virtual ~MeasuresValues() = default;
  /// What `compile` says of one.
  static std::string no_comparison(const std::string& name, const std::string& class_name);
};

}  // namespace hebb
