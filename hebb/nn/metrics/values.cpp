// Metrics of numbers that nothing is compared with: Mean and Sum.

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/metrics/mean.h"
#include "hebb/nn/metrics/metrics.h"
#include "hebb/ops/op.h"

namespace hebb::metrics {

namespace {

/// Takes values and their weights where other metrics take targets and predictions, as in Keras.
template <class Tracker>
class ValuesMetric final : public MetricBase, public MeasuresValues {
 public:
  ValuesMetric(const char* class_name, const std::string& name)
      : MetricBase(name), class_name_(class_name), tracker_(name) {}
  std::string class_name() const override { return class_name_; }

  using MetricBase::update;
  void update(const Tensor& values, const Tensor& weights, const Tensor& sample_weight) override {
    if (sample_weight.defined()) throw InvalidArgument(no_comparison(name(), class_name_));
    const NoTape no_tape;
    state();
    tracker_.update(values, weights);
  }
  double result() const override { return tracker_.result(); }

 protected:
  Tensors make_state() const override { return tracker_.state(); }

 private:
  const char* class_name_;
  Tracker tracker_;
};

}  // namespace

Metric Mean(const MeanOptions& options) { return std::make_shared<ValuesMetric<MeanTracker>>("Mean", options.name); }

Metric Sum(const SumOptions& options) { return std::make_shared<ValuesMetric<SumTracker>>("Sum", options.name); }

}  // namespace hebb::metrics

namespace hebb {

std::string MeasuresValues::no_comparison(const std::string& name, const std::string& class_name) {
  return message("metric '", name, "' (", class_name,
                 "): expected values and their weights, got targets and predictions. It compares nothing: give "
                 "compile() a metric that does, such as \"mse\", and call this one's update(values, weights) in a loop "
                 "of your own.");
}

}  // namespace hebb
