// What Trainer says of an epoch: the loss and the metrics over the batches seen.

#include <algorithm>

#include "hebb/nn/trainer.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

void Trainer::reset_metrics() {
  loss_.reset();
  for (MeasuredOutput& output : outputs_) {
    if (output.tracker) output.tracker->reset();
    for (MeasuredOutput::Measured& measured : output.metrics) measured.metric->reset();
  }
}

Tensors Trainer::metric_state() const {
  Tensors all = loss_.state();
  const auto add = [&](const Tensors& some) { all.insert(all.end(), some.begin(), some.end()); };
  for (const MeasuredOutput& output : outputs_) {
    if (output.tracker) add(output.tracker->state());
    for (const MeasuredOutput::Measured& measured : output.metrics) add(measured.metric->state());
  }
  return all;
}

void Trainer::set_metric_state(const Tensors& values) {
  const Tensors state = metric_state();
  const bool fits = std::equal(values.begin(), values.end(), state.begin(), state.end(),
                               [](const Tensor& a, const Tensor& b) { return a.spec() == b.spec(); });
  for (size_t i = 0; fits && i < state.size(); ++i) write_variable(state[i], values[i]);
}

Logs Trainer::results() const {
  Logs logs;
  logs.set("loss", loss_.result());
  for (const MeasuredOutput& output : outputs_) {
    if (output.tracker) logs.set(output.tracker->name(), output.tracker->result());
    for (const MeasuredOutput::Measured& measured : output.metrics) {
      const std::vector<double> numbers = measured.metric->results();
      for (size_t i = 0; i < numbers.size(); ++i) logs.set(measured.name_of(i, numbers.size()), numbers[i]);
    }
  }
  return logs;
}

std::vector<std::string> Trainer::result_names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : results()) names.push_back(name);
  return names;
}

Direction Trainer::direction_of(const std::string& result) const {
  for (const MeasuredOutput& output : outputs_) {
    for (const MeasuredOutput::Measured& measured : output.metrics) {
      const size_t numbers = measured.metric->results().size();
      for (size_t i = 0; i < numbers; ++i) {
        if (measured.name_of(i, numbers) == result) return measured.metric->direction();
      }
    }
  }
  return Direction::down;  // a loss
}

}  // namespace hebb
