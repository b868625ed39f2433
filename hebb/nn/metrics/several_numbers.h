/// Metrics that may have several numbers: one for each threshold, class or column. Internal.
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/metrics/metric.h"

namespace hebb {

class SeveralNumbers : public MetricBase {
 public:
  using MetricBase::MetricBase;
  /// The only one; 0 before the sums are made; InvalidArgument where there are several.
  double result() const final;
  std::vector<double> results() const override = 0;
};

/// A variable of zeros.
Tensor make_sums(const std::string& name, const Shape& shape, DType dtype = DType::float32);

/// Adds to a sum.
void add_to(const Tensor& variable, const Tensor& value);

/// a / b in float32, and 0 where b is 0.
float divided(float a, float b);

}  // namespace hebb
