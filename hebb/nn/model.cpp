#include "hebb/nn/model.h"

#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/quantize.h"
#include "hebb/nn/summary.h"
#include "hebb/nn/trainer.h"

namespace hebb {

namespace {

std::shared_ptr<ModelBase> make_functional(const Tensors& inputs, const Tensors& outputs, const std::string& name) {
  auto base = std::make_shared<ModelBase>(ModelBase::Kind::functional);
  base->set_name(name.empty() ? unique_layer_name("Functional") : name);
  base->connect(inputs, outputs);
  return base;
}

std::shared_ptr<ModelBase> make_sequential(const std::vector<Layer>& layers, const std::string& name) {
  auto base = std::make_shared<ModelBase>(ModelBase::Kind::sequential);
  base->set_name(name.empty() ? unique_layer_name("Sequential") : name);
  for (const Layer& layer : layers) base->append(layer);
  return base;
}

}  // namespace

Model::Model(const Tensor& input, const Tensor& output, const std::string& name)
    : Model(make_functional({input}, {output}, name)) {}
Model::Model(const Tensors& inputs, const Tensor& output, const std::string& name)
    : Model(make_functional(inputs, {output}, name)) {}
Model::Model(const Tensor& input, const Tensors& outputs, const std::string& name)
    : Model(make_functional({input}, outputs, name)) {}
Model::Model(const Tensors& inputs, const Tensors& outputs, const std::string& name)
    : Model(make_functional(inputs, outputs, name)) {}
Model::Model(std::shared_ptr<ModelBase> base) : Layer(std::move(base)) {}

ModelBase& Model::base() const {
  if (!base_) throw InvalidArgument("a model is used that was never made. Give it layers first.");
  return static_cast<ModelBase&>(*base_);
}

void Model::compile(const CompileOptions& options) { base().trainer().compile(options); }

History Model::fit(const data::Dataset& data, const FitOptions& options) { return base().trainer().fit(data, options); }
History Model::fit(const Tensor& x, const Tensor& y, const FitOptions& options) {
  return fit(data::Dataset(x, y), options);
}
History Model::fit(const Tensors& x, const Tensors& y, const FitOptions& options) {
  return fit(data::Dataset(x, y), options);
}

Logs Model::evaluate(const data::Dataset& data, const EvaluateOptions& options) {
  return base().trainer().evaluate(data, options);
}
Logs Model::evaluate(const Tensor& x, const Tensor& y, const EvaluateOptions& options) {
  return evaluate(data::Dataset(x, y), options);
}
Logs Model::evaluate(const Tensors& x, const Tensors& y, const EvaluateOptions& options) {
  return evaluate(data::Dataset(x, y), options);
}

Tensor Model::predict(const Tensor& x, const PredictOptions& options) {
  return predict_all(Tensors{x}, options).front();
}
Tensor Model::predict(const Tensors& xs, const PredictOptions& options) { return predict_all(xs, options).front(); }
Tensors Model::predict_all(const Tensors& xs, const PredictOptions& options) {
  return predict_all(data::Dataset(xs, Tensors{}), options);
}
Tensor Model::predict_on_batch(const Tensor& x) { return predict_on_batch(Tensors{x}); }
Tensor Model::predict_on_batch(const Tensors& xs) { return base().trainer().predict_on_batch(xs).front(); }
Tensors Model::predict_dataset(const data::Dataset& data, const PredictOptions& options) {
  return base().trainer().predict(data, options);
}

void Model::quantize(const std::string& mode, const QuantizeOptions& options) { quantize_model(*this, mode, options); }
bool Model::is_quantized() const { return hebb::is_quantized(base()); }
void Model::freeze(const FreezeOptions& options) { base().trainer().freeze(options.batch_size); }

Logs Model::train_on_batch(const Tensors& x, const Tensors& y, const PerOutput<Tensor>& weight,
                           const std::map<int64_t, double>& class_weight) {
  return base().trainer().run_on_batch(x, y, weight, class_weight, true);
}
Logs Model::train_on_batch(const Tensor& x, const Tensor& y, const PerOutput<Tensor>& weight,
                           const std::map<int64_t, double>& class_weight) {
  return train_on_batch(Tensors{x}, Tensors{y}, weight, class_weight);
}
Logs Model::test_on_batch(const Tensors& x, const Tensors& y, const PerOutput<Tensor>& weight) {
  return base().trainer().run_on_batch(x, y, weight, {}, false);
}
Logs Model::test_on_batch(const Tensor& x, const Tensor& y, const PerOutput<Tensor>& weight) {
  return test_on_batch(Tensors{x}, Tensors{y}, weight);
}

std::string Model::summary_text() const { return hebb::summary_text(base()); }
void Model::summary() const { write_console(summary_text()); }

std::vector<Layer> Model::layers() const {
  std::vector<Layer> out;
  for (const auto& layer : base().layers()) out.emplace_back(layer);
  return out;
}

Layer Model::get_layer(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& layer : base().layers()) {
    if (layer->name() == name) return Layer(layer);
    names.push_back(layer->name());
  }
  throw InvalidArgument(message(base().where(), unknown_name("layer", name, names)));
}

Layer Model::get_layer(int64_t index) const {
  const auto& layers = base().layers();
  if (index < 0 || index >= static_cast<int64_t>(layers.size())) {
    throw InvalidArgument(message(base().where(), "expected a layer's number below ", layers.size(), ", got ", index,
                                  ". summary() shows the layers."));
  }
  return Layer(layers[static_cast<size_t>(index)]);
}

namespace {
Shape first_shape(const ModelBase& base, const Tensors& tensors) {
  if (tensors.empty())
    throw InvalidArgument(message(base.where(), "its shapes are not known yet. Put Input() first, or call it."));
  return tensors.front().shape();
}
}  // namespace

Shape Model::input_shape() const { return first_shape(base(), base().inputs()); }
Shape Model::output_shape() const { return first_shape(base(), base().outputs()); }

Optimizer Model::optimizer() const {
  if (!base().trainer_if_any() || !base().trainer_if_any()->has_optimizer())
    throw InvalidArgument(message(base().where(), "is not compiled, so it has no optimizer. Call compile() first."));
  return base().trainer().optimizer();
}

bool Model::is_compiled() const { return base().trainer_if_any() && base().trainer_if_any()->is_compiled(); }
std::string Model::describe_step() const { return base().trainer().describe_step(); }
std::vector<Plan::Timing> Model::step_timings() const { return base().trainer().step_timings(); }
void Model::profile(bool on) { base().trainer().profile(on); }

Sequential::Sequential(std::initializer_list<Layer> layers, const std::string& name)
    : Model(make_sequential(std::vector<Layer>(layers), name)) {}
Sequential::Sequential(const std::vector<Layer>& layers, const std::string& name)
    : Model(make_sequential(layers, name)) {}
void Sequential::add(const Layer& layer) { base().append(layer); }

void CallbackBase::stop_training() const { model_->base().trainer().stop(); }
void CallbackBase::interrupt_training() const { model_->base().trainer().interrupt(); }
bool CallbackBase::is_interrupted() const { return model_->base().trainer().is_interrupted(); }
FitStart& CallbackBase::start() const { return model_->base().trainer().start(); }

}  // namespace hebb
