#include "hebb/nn/metrics/several_numbers.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"

namespace hebb {

double SeveralNumbers::result() const {
  const std::vector<double> all = results();
  if (all.empty()) return 0;
  if (all.size() == 1) return all.front();
  throw InvalidArgument(message("metric '", name(), "' (", class_name(), "): expected one number, got ", all.size(),
                                ". Ask results() for all of them, or make a metric for each."));
}

Tensor make_sums(const std::string& name, const Shape& shape, DType dtype) {
  return variable(zeros(shape, dtype), name, false);
}

void add_to(const Tensor& variable, const Tensor& value) {
  assign(variable, read(variable) + cast(value, variable.dtype()));
}

float divided(float a, float b) { return b == 0 ? 0.f : a / b; }

}  // namespace hebb
