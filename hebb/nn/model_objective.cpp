#include "hebb/nn/model_objective.h"

#include <algorithm>
#include <cstring>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/text_stage.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

template <class Use>
void with_elements(const Tensor& tensor, const Use& use) {
  if (tensor.dtype() == DType::float64) {
    use(tensor.data<double>());
  } else {
    use(tensor.data<float>());
  }
}

/// Adds factor * tensor to the numbers from `place` on.
void add_to(std::vector<double>& sum, size_t place, const Tensor& tensor, double factor) {
  with_elements(tensor, [&](const auto* values) {
    for (int64_t i = 0; i < tensor.size(); ++i)
      sum[place + static_cast<size_t>(i)] += factor * static_cast<double>(values[i]);
  });
}

}  // namespace

ModelObjective::ModelObjective(Trainer& trainer, ModelBase& model, const data::Dataset& data, int64_t chunk)
    : trainer_(trainer),
      model_(model),
      data_(data),
      feed_(data.shared(), chunk),
      variables_(model.trainable_weights()),
      evaluation_([this](const Tensors& parameters) { return loss_and_gradient(parameters); }),
      products_([this](const Tensors& parameters) { return product(parameters, true); }),
      directions_([this](const Tensors& parameters) { return product(parameters, false); }) {
  for (const Tensor& variable : variables_) {
    size_ += variable.size();
    if (!variable.body()->constraint) continue;
    throw NotSupported(message(model_.where(), "its weight '", variable.name(), "' has a constraint, which an ",
                               "optimizer of the whole set does not keep. Leave the constraint out, or take another ",
                               "optimizer, such as \"adam\"."));
  }
  if (has_texts(model_)) {
    throw NotSupported(message(model_.where(), "takes texts, which an optimizer of the whole set does not see. Take ",
                               "another optimizer, such as \"adam\"."));
  }
  if (size_ == 0)
    throw InvalidArgument(message(model_.where(), "expected weights to train, got none. Add a layer that has some."));
}

std::vector<double> ModelObjective::weights() const {
  std::vector<double> out(static_cast<size_t>(size_), 0.0);
  size_t place = 0;
  for (const Tensor& variable : variables_) {
    add_to(out, place, variable, 1);
    place += static_cast<size_t>(variable.size());
  }
  return out;
}

Tensors ModelObjective::as_weights(const std::vector<double>& vector) const {
  Tensors out;
  size_t place = 0;
  for (const Tensor& variable : variables_) {
    Tensor value = Tensor::empty(variable.spec());
    for (int64_t i = 0; i < variable.size(); ++i) {
      const double number = vector[place++];
      if (variable.dtype() == DType::float64) {
        value.mutable_data<double>()[i] = number;
      } else {
        value.mutable_data<float>()[i] = static_cast<float>(number);
      }
    }
    out.push_back(std::move(value));
  }
  return out;
}

Tensors ModelObjective::loss_and_gradient(const Tensors& parameters) {
  const auto x_end = parameters.begin() + data_.source().inputs(), y_end = x_end + data_.source().targets();
  const Tensors y(x_end, y_end), weights(y_end, parameters.end());
  const Tensors outputs = model_.apply_to(Tensors(parameters.begin(), x_end), {.training = true});
  const Tensor loss = trainer_.total_loss(outputs, y, weights);
  Tensors results = {loss};
  for (const Tensor& g : gradient(loss, variables_)) results.push_back(g);
  trainer_.update_metrics(outputs, y, weights);
  return results;
}

Tensors ModelObjective::product(const Tensors& parameters, bool back) {
  const auto x_end = parameters.begin() + data_.source().inputs();
  const auto v = parameters.end() - static_cast<std::ptrdiff_t>(variables_.size());
  const Tensor output = model_.apply_to(Tensors(parameters.begin(), x_end), {.training = true}).front();
  // J'u is linear in u, whatever u is: its derivative along v is J v.
  const Tensor u = ones_like(output);
  const Tensors transposed = vector_jacobian({output}, {u}, variables_);
  Tensor along;
  for (size_t i = 0; i < variables_.size(); ++i) {
    if (!transposed[i].defined()) continue;
    const Tensor part = sum(transposed[i] * v[static_cast<std::ptrdiff_t>(i)]);
    along = along.defined() ? along + part : part;
  }
  const Tensor jv = gradient(along, u);
  if (!back) return {reshape(jv, {jv.size()})};
  Tensors results = vector_jacobian({output}, {jv}, variables_);
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i].defined()) results[i] = zeros_like(read(variables_[i]));
  }
  return results;
}

void ModelObjective::each_chunk(PlanCache& plans, const Tensors& more,
                                const std::function<void(const Tensors& outputs, int64_t count)>& use) {
  const data::Source& source = data_.source();
  feed_.start();
  while (const data::Feed::View* batch = feed_.next()) {
    std::vector<Spec> specs;
    for (const Spec& component : source.components())
      specs.push_back({component.shape.with(0, batch->count), component.dtype});
    std::vector<const void*> in(batch->pointers.begin(), batch->pointers.end());
    for (const Tensor& parameter : more) {
      specs.push_back(parameter.spec());
      in.push_back(parameter.raw());
    }
    Plan& plan = plans.plan_for(specs);
    Tensors outputs;
    std::vector<void*> out;
    for (const Spec& spec : plan.outputs()) {
      outputs.push_back(Tensor::empty(spec));
      out.push_back(outputs.back().mutable_raw());
    }
    plan.run(in, out);
    use(outputs, batch->count);
  }
}

void ModelObjective::write_weights(const std::vector<double>& weights) {
  const Tensors values = as_weights(weights);
  for (size_t i = 0; i < values.size(); ++i) write_variable(variables_[i], values[i]);
}

double ModelObjective::evaluate(std::vector<double>& weights, std::vector<double>& gradient) {
  write_weights(weights);
  weights = this->weights();
  gradient.assign(weights.size(), 0.0);
  const Tensors fixed = model_.non_trainable_weights();
  std::vector<uint64_t> versions;
  for (const Tensor& weight : fixed) versions.push_back(weight.body()->version);
  trainer_.reset_metrics();
  double loss = 0;
  each_chunk(evaluation_, {}, [&](const Tensors& outputs, int64_t count) {
    // Of a chunk's mean over its examples the share in the mean over all.
    const double share = static_cast<double>(count) / static_cast<double>(data_.size());
    loss += share * outputs[0].item();
    size_t place = 0;
    for (size_t i = 1; i < outputs.size(); ++i) {
      add_to(gradient, place, outputs[i], share);
      place += static_cast<size_t>(outputs[i].size());
    }
  });
  ++evaluations_;
  for (size_t i = 0; i < fixed.size(); ++i) {
    if (fixed[i].body()->version == versions[i]) continue;
    throw InvalidArgument(message(model_.where(), "'", fixed[i].name(),
                                  "' changes in training, so that the loss is no "
                                  "function of the weights alone. Freeze that layer, or take SGD or Adam."));
  }
  check_is_function();
  return loss;
}

void ModelObjective::check_is_function() const {
  const auto check = [&](auto&& self, const LayerBase& layer) -> void {
    if (layer.random_state().defined()) {
      throw InvalidArgument(message(layer.where(),
                                    "draws random numbers in training, so that the loss is no function of "
                                    "the weights alone. Leave it out, or take SGD or Adam."));
    }
    for (const auto& [attribute, sublayer] : layer.sublayers()) self(self, *sublayer);
  };
  check(check, model_);
}

void ModelObjective::require_least_squares() const {
  const auto& outputs = trainer_.outputs_;
  const bool fits = outputs.size() == 1 && outputs[0].loss && outputs[0].loss->class_name() == "MeanSquaredError" &&
                    outputs[0].weight == 1 && data_.source().weights() == 0;
  if (fits) return;
  throw InvalidArgument(message(model_.where(),
                                "LevenbergMarquardt is for least squares: expected one output with the "
                                "loss mean_squared_error and no sample weights. Take LBFGS for others."));
}

std::vector<double> ModelObjective::curvature_times(const std::vector<double>& vector) {
  std::vector<double> out(vector.size(), 0.0);
  int64_t residuals = 0;
  each_chunk(products_, as_weights(vector), [&](const Tensors& outputs, int64_t count) {
    size_t place = 0;
    for (const Tensor& part : outputs) {
      add_to(out, place, part, 1);
      place += static_cast<size_t>(part.size());
    }
    residuals += count;
  });
  // The loss is the mean of squares over examples and the outputs of each.
  const double scale =
      2 / (static_cast<double>(residuals) *
           static_cast<double>(model_.outputs()[0].shape().sub(1, model_.outputs()[0].rank()).elements()));
  for (double& value : out) value *= scale;
  return out;
}

std::vector<double> ModelObjective::curvature() {
  const auto n = static_cast<size_t>(size_);
  // The columns of J, each as a row: one product with a unit vector, over all chunks.
  std::vector<double> jacobian, unit(n, 0.0);
  size_t rows = 0;
  for (size_t i = 0; i < n; ++i) {
    unit[i] = 1;
    each_chunk(directions_, as_weights(unit), [&](const Tensors& outputs, int64_t) {
      const size_t place = jacobian.size();
      jacobian.resize(place + static_cast<size_t>(outputs[0].size()), 0.0);
      add_to(jacobian, place, outputs[0], 1);
    });
    unit[i] = 0;
    if (i == 0) rows = jacobian.size();
  }
  const WithRecorder at_once(nullptr);
  const NoTape no_tape;
  const Tensor transposed = Tensor::from(jacobian, {size_, static_cast<int64_t>(rows)});
  return (matmul(transposed, transposed, {.transpose_b = true}) * (2 / static_cast<double>(rows))).to_vector<double>();
}

}  // namespace hebb
