#include "hebb/nn/metrics/mean.h"

#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/metrics/metric.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

void add_to(const Tensor& variable, const Tensor& value) {
  assign(variable, read(variable) + cast(value, variable.dtype()));
}

/// The axes from `first` on.
ReduceOptions axes_from(int first, int rank) {
  ReduceOptions options;
  for (int axis = first; axis < rank; ++axis) options.axes.push_back(axis);
  return options;
}

using Reduction = Tensor (*)(const Tensor&, const ReduceOptions&);

/// Values and weights, both reduced to one for each example, and multiplied.
struct Weighted {
  Tensor values;
  Tensor weights;
};

Weighted weighted(const Tensor& given_values, const Tensor& given_weights, Reduction reduce, const std::string& owner) {
  Tensor values = as_floating(given_values), weights = cast(given_weights, values.dtype());
  make_same_rank(values, weights);
  const int rank = weights.rank();
  weights = weights_for(weights, values.shape(), owner);
  // Values that share a weight are reduced first, so that they count as one.
  if (values.rank() > rank) {
    values = reduce(values, axes_from(rank, values.rank()));
    weights = reshape(weights, weights.shape().sub(0, rank));
  }
  weights = broadcast_to(weights, values.shape());
  values = values * weights;
  if (values.rank() > 1) {
    values = reduce(values, axes_from(1, values.rank()));
    weights = reduce(weights, axes_from(1, weights.rank()));
  }
  return {values, weights};
}

void clear(const Tensor& variable) { write_variable(variable, zeros(variable.shape(), variable.dtype())); }

}  // namespace

Tensor make_sum(const char* name) { return variable(zeros({}), name, false); }

void add_to_mean(const Tensor& total, const Tensor& count, const Tensor& values, const Tensor& weight,
                 const std::string& owner) {
  if (weight.defined()) {
    const Weighted sums = weighted(values, weight, mean, owner);
    add_to(total, sum(sums.values));
    add_to(count, sum(sums.weights));
    return;
  }
  const Tensor all = sum(as_floating(values));
  const int64_t examples = values.rank() == 0 ? 1 : values.shape().front();
  const int64_t each = examples == 0 ? 1 : values.size() / examples;
  add_to(total, each > 1 ? all / static_cast<double>(each) : all);
  assign(count, read(count) + static_cast<double>(examples));
}

double mean_of(const Tensor& total, const Tensor& count) {
  const auto divisor = static_cast<float>(count.item());
  return divisor == 0 ? 0.0 : static_cast<double>(static_cast<float>(total.item()) / divisor);
}

MeanTracker::MeanTracker(std::string name)
    : name_(std::move(name)), total_(make_sum("total")), count_(make_sum("count")) {}

void MeanTracker::update(const Tensor& values, const Tensor& weight) {
  add_to_mean(total_, count_, values, weight, name_);
}

double MeanTracker::result() const { return mean_of(total_, count_); }

void MeanTracker::reset() {
  clear(total_);
  clear(count_);
}

SumTracker::SumTracker(std::string name) : name_(std::move(name)), total_(make_sum("total")) {}

void SumTracker::update(const Tensor& values, const Tensor& weight) {
  add_to(total_, sum(weight.defined() ? weighted(values, weight, sum, name_).values : as_floating(values)));
}

double SumTracker::result() const { return total_.item(); }

void SumTracker::reset() { clear(total_); }

}  // namespace hebb
