#include "hebb/classic/perceptron.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/classic/separation.h"

namespace hebb::classic {

Perceptron::Perceptron(const PerceptronOptions& options)
    : options_(options), low_(options.activation == "sign" ? -1.f : 0.f) {
  if (options.inputs < 1 || options.outputs < 1) {
    throw InvalidArgument(message("Perceptron: expected at least 1 input and 1 output, got ", options.inputs, " and ",
                                  options.outputs, "."));
  }
  if (options.activation != "heaviside" && options.activation != "sign") {
    const std::vector<std::string> known = {"heaviside", "sign"};
    throw InvalidArgument(message("Perceptron: ", unknown_name("activation", options.activation, known)));
  }
  weights_.assign(static_cast<size_t>(options.inputs * options.outputs), 0.f);
  biases_.assign(static_cast<size_t>(options.outputs), 0.f);
}

float Perceptron::output(const float* x, int64_t neuron) const {
  double sum = biases_[static_cast<size_t>(neuron)];
  for (int64_t i = 0; i < options_.inputs; ++i)
    sum +=
        static_cast<double>(x[i]) * static_cast<double>(weights_[static_cast<size_t>(i * options_.outputs + neuron)]);
  return sum >= 0 ? 1.f : low_;
}

PerceptronRun Perceptron::fit(const Tensor& x, const Tensor& y, const PerceptronFitOptions& options) {
  const int64_t examples = x.rank() > 0 ? x.shape().front() : 0;
  if (x.rank() != 2 || x.shape().back() != options_.inputs || y.size() != examples * options_.outputs) {
    throw InvalidArgument(message("Perceptron: expected examples of ", options_.inputs, " numbers and ",
                                  options_.outputs, " targets for each, got ", x.spec(), " and ", y.spec(), "."));
  }
  const std::vector<float> inputs = x.to_vector<float>(), targets = y.to_vector<float>();
  for (float target : targets) {
    if (target != 1.f && target != low_)
      throw InvalidArgument(message("Perceptron: expected targets ", low_, " and 1, got ", target, "."));
  }
  PerceptronRun run;
  run.updates_of.assign(biases_.size(), 0);
  for (int64_t epoch = 0; epoch < options.epochs && !run.converged; ++epoch) {
    int64_t mistakes = 0;
    for (int64_t example = 0; example < examples; ++example) {
      const float* values = inputs.data() + example * options_.inputs;
      for (int64_t neuron = 0; neuron < options_.outputs; ++neuron) {
        const float error = targets[static_cast<size_t>(example * options_.outputs + neuron)] - output(values, neuron);
        if (error == 0) continue;
        ++mistakes;
        ++run.updates_of[static_cast<size_t>(neuron)];
        const auto step = static_cast<float>(options.learning_rate * static_cast<double>(error));
        for (int64_t i = 0; i < options_.inputs; ++i)
          weights_[static_cast<size_t>(i * options_.outputs + neuron)] += step * values[i];
        biases_[static_cast<size_t>(neuron)] += step;
      }
    }
    run.updates += mistakes;
    run.mistakes.push_back(mistakes);
    ++run.epochs;
    run.converged = mistakes == 0;
  }
  for (int64_t neuron = 0; options.bounds && neuron < options_.outputs; ++neuron) {
    std::vector<float> own;
    for (int64_t example = 0; example < examples; ++example)
      own.push_back(targets[static_cast<size_t>(example * options_.outputs + neuron)]);
    run.bounds.push_back(examples == 0 ? 0 : separation(x, Tensor::from(own)).bound());
  }
  return run;
}

Tensor Perceptron::predict(const Tensor& x) const {
  if (x.rank() != 2 || x.shape().back() != options_.inputs) {
    throw InvalidArgument(
        message("Perceptron: expected examples of ", options_.inputs, " numbers, got ", x.spec(), "."));
  }
  const int64_t examples = x.shape().front();
  const std::vector<float> inputs = x.to_vector<float>();
  std::vector<float> out;
  for (int64_t example = 0; example < examples; ++example) {
    for (int64_t neuron = 0; neuron < options_.outputs; ++neuron)
      out.push_back(output(inputs.data() + example * options_.inputs, neuron));
  }
  return Tensor::from(out, options_.outputs == 1 ? Shape{examples} : Shape{examples, options_.outputs});
}

Tensor Perceptron::weights() const { return Tensor::from(weights_, {options_.inputs, options_.outputs}); }
Tensor Perceptron::biases() const { return Tensor::from(biases_, {options_.outputs}); }

void Perceptron::set_weights(const Tensor& weights, const Tensor& biases) {
  if (weights.shape() != Shape{options_.inputs, options_.outputs} || biases.shape() != Shape{options_.outputs}) {
    throw InvalidArgument(message("Perceptron: expected weights (", options_.inputs, ", ", options_.outputs,
                                  ") and biases (", options_.outputs, ",), got ", weights.shape(), " and ",
                                  biases.shape(), "."));
  }
  weights_ = weights.to_vector<float>();
  biases_ = biases.to_vector<float>();
}

}  // namespace hebb::classic
