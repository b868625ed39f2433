#include "hebb/classic/linear_neurons.h"

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/philox.h"
#include "hebb/base/text.h"

namespace hebb::classic {

namespace {

void check_sizes(const char* owner, int64_t inputs, int64_t outputs) {
  if (inputs >= 1 && outputs >= 1) return;
  throw InvalidArgument(
      message(owner, ": expected at least 1 input and 1 output, got ", inputs, " and ", outputs, "."));
}

int64_t examples_of(const char* owner, const Tensor& x, int64_t inputs) {
  if (x.rank() == 2 && x.shape().back() == inputs) return x.shape().front();
  throw InvalidArgument(
      message(owner, ": expected examples of ", inputs, " numbers, (examples, ", inputs, "), got ", x.spec(), "."));
}

Tensor as_float32(const std::vector<double>& values, const Shape& shape) {
  return Tensor::from(std::vector<float>(values.begin(), values.end()), shape);
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------- ADALINE

Adaline::Adaline(const AdalineOptions& options) : options_(options) {
  check_sizes("Adaline", options.inputs, options.outputs);
  weights_.assign(static_cast<size_t>(options.inputs * options.outputs), 0);
  biases_.assign(static_cast<size_t>(options.outputs), 0);
}

double Adaline::output(const double* x, int64_t neuron) const {
  double sum = biases_[static_cast<size_t>(neuron)];
  for (int64_t i = 0; i < options_.inputs; ++i)
    sum += x[i] * weights_[static_cast<size_t>(i * options_.outputs + neuron)];
  return sum;
}

AdalineRun Adaline::fit(const Tensor& x, const Tensor& y, const AdalineFitOptions& options) {
  const int64_t examples = examples_of("Adaline", x, options_.inputs);
  if (examples == 0 || y.size() != examples * options_.outputs) {
    throw InvalidArgument(message("Adaline: expected ", options_.outputs, " targets for each of ", examples,
                                  " examples, got ", y.spec(), "."));
  }
  const std::vector<double> inputs = x.to_vector<double>(), targets = y.to_vector<double>();
  AdalineRun run;
  for (int64_t epoch = 0; epoch < options.epochs && !run.diverged; ++epoch) {
    double squares = 0;
    for (int64_t example = 0; example < examples; ++example) {
      const double* values = inputs.data() + example * options_.inputs;
      for (int64_t neuron = 0; neuron < options_.outputs; ++neuron) {
        const double error = targets[static_cast<size_t>(example * options_.outputs + neuron)] - output(values, neuron);
        squares += error * error;
        const double step = options.learning_rate * error;
        for (int64_t i = 0; i < options_.inputs; ++i)
          weights_[static_cast<size_t>(i * options_.outputs + neuron)] += step * values[i];
        biases_[static_cast<size_t>(neuron)] += step;
      }
    }
    run.errors.push_back(squares / static_cast<double>(examples * options_.outputs));
    run.diverged = !std::isfinite(run.errors.back());
  }
  return run;
}

Tensor Adaline::predict(const Tensor& x) const {
  const int64_t examples = examples_of("Adaline", x, options_.inputs);
  const std::vector<double> inputs = x.to_vector<double>();
  std::vector<double> out;
  for (int64_t example = 0; example < examples; ++example) {
    for (int64_t neuron = 0; neuron < options_.outputs; ++neuron)
      out.push_back(output(inputs.data() + example * options_.inputs, neuron));
  }
  return as_float32(out, options_.outputs == 1 ? Shape{examples} : Shape{examples, options_.outputs});
}

Tensor Adaline::classify(const Tensor& x) const {
  const Tensor sums = predict(x);
  std::vector<float> classes = sums.to_vector<float>();
  for (float& value : classes) value = value >= 0 ? 1.f : -1.f;
  return Tensor::from(classes, sums.shape());
}

Tensor Adaline::weights() const { return as_float32(weights_, {options_.inputs, options_.outputs}); }
Tensor Adaline::biases() const { return as_float32(biases_, {options_.outputs}); }

// ------------------------------------------------------------------------------------------------------ Hebb's rule

Hebbian::Hebbian(const HebbianOptions& options) : options_(options) {
  check_sizes("Hebbian", options.inputs, options.outputs);
  const std::vector<std::string> rules = {"hebb", "oja", "sanger"};
  if (options.rule != rules[0] && options.rule != rules[1] && options.rule != rules[2])
    throw InvalidArgument(message("Hebbian: ", unknown_name("rule", options.rule, rules)));
  PhiloxStream random(static_cast<uint64_t>(options.seed));
  for (int64_t neuron = 0; neuron < options.outputs; ++neuron) {
    std::vector<double>& w = weights_.emplace_back();
    for (int64_t i = 0; i < options.inputs; ++i) w.push_back(0.1 * random.normal());
  }
}

std::vector<double> Hebbian::fit(const Tensor& x, const HebbianFitOptions& options) {
  const int64_t examples = examples_of("Hebbian", x, options_.inputs);
  const std::vector<double> all = x.to_vector<double>();
  const auto size = static_cast<size_t>(options_.inputs);
  std::vector<double> lengths, left(size);
  for (int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    for (int64_t example = 0; example < examples; ++example) {
      const double* values = all.data() + example * options_.inputs;
      for (size_t i = 0; i < size; ++i) left[i] = values[i];  // of x, what no neuron explains yet
      for (std::vector<double>& w : weights_) {
        double y = 0;
        for (size_t i = 0; i < size; ++i) y += w[i] * values[i];
        for (size_t i = 0; i < size; ++i) {
          const double explained = options_.rule == "hebb" ? 0 : y * w[i];
          const double rest = (options_.rule == "sanger" ? left[i] : values[i]) - explained;
          if (options_.rule == "sanger") left[i] = rest;
          w[i] += options.learning_rate * y * rest;
        }
      }
    }
    double total = 0;
    for (const std::vector<double>& w : weights_) {
      double squares = 0;
      for (const double value : w) squares += value * value;
      total += std::sqrt(squares);
    }
    lengths.push_back(total / static_cast<double>(options_.outputs));
    if (!std::isfinite(lengths.back())) break;
  }
  return lengths;
}

Tensor Hebbian::predict(const Tensor& x) const {
  const int64_t examples = examples_of("Hebbian", x, options_.inputs);
  const std::vector<double> all = x.to_vector<double>();
  std::vector<double> out;
  for (int64_t example = 0; example < examples; ++example) {
    for (const std::vector<double>& w : weights_) {
      double y = 0;
      for (size_t i = 0; i < w.size(); ++i) y += w[i] * all[static_cast<size_t>(example * options_.inputs) + i];
      out.push_back(y);
    }
  }
  return as_float32(out, {examples, options_.outputs});
}

Tensor Hebbian::weights() const {
  std::vector<double> out;
  for (int64_t i = 0; i < options_.inputs; ++i) {
    for (const std::vector<double>& w : weights_) out.push_back(w[static_cast<size_t>(i)]);
  }
  return as_float32(out, {options_.inputs, options_.outputs});
}

}  // namespace hebb::classic
