#include "hebb/classic/stacked_autoencoder.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers.h"
#include "hebb/ops/elementwise.h"

namespace hebb::classic {

StackedAutoencoder::StackedAutoencoder(const StackedAutoencoderOptions& options) : options_(options) {
  if (options_.units.size() < 2) {
    throw InvalidArgument(
        message("StackedAutoencoder: expected the units of the input and of at least one hidden "
                "layer, got ",
                options_.units.size(), " numbers. Write {784, 256, 64}, for example."));
  }
  for (size_t i = 0; i + 1 < options_.units.size(); ++i) {
    const int64_t inputs = options_.units[i], units = options_.units[i + 1];
    encoders_.push_back(Dense(
        units, {.activation = options_.activation,
                .activity_regularizer = options_.sparsity > 0 ? Regularizer(L1(options_.sparsity)) : Regularizer()}));
    decoders_.push_back(Dense(inputs, {.activation = restoring_activation(i)}));
    encoders_.back()->build_for({Shape{Shape::unknown, inputs}});
    decoders_.back()->build_for({Shape{Shape::unknown, units}});
  }
}

std::string StackedAutoencoder::restoring_activation(size_t layer) const {
  if (layer == 0) return options_.output_activation;
  return options_.activation == "sigmoid" ? "sigmoid" : "linear";
}

std::vector<History> StackedAutoencoder::fit(const Tensor& x, const FitOptions& options) {
  if (x.rank() != 2 || x.shape().back() != options_.units.front()) {
    throw InvalidArgument(message("StackedAutoencoder: expected examples of ", options_.units.front(), " numbers, got ",
                                  x.spec(), ". Use reshape()."));
  }
  std::vector<History> histories;
  Tensor data = cast(x, DType::float32);
  Tensor validation = options.validation_data.empty() ? Tensor() : options.validation_data.x();
  for (size_t i = 0; i < encoders_.size(); ++i) {
    std::vector<Layer> layers = {Input({options_.units[i]})};
    if (options_.dropped > 0) layers.push_back(Dropout(options_.dropped));
    if (options_.noise > 0) layers.push_back(GaussianNoise(options_.noise));
    layers.push_back(encoders_[i]);
    layers.push_back(decoders_[i]);
    Sequential model(layers);
    const bool sigmoid = restoring_activation(i) == "sigmoid";
    model.compile({.optimizer = options_.optimizer(), .loss = sigmoid ? "binary_crossentropy" : "mse"});
    FitOptions own = options;
    if (validation.defined()) own.validation_data = data::Dataset(validation, validation);
    histories.push_back(model.fit(data, data, own));
    Sequential encoder({Input({options_.units[i]}), encoders_[i]});
    data = encoder.predict(data, {.batch_size = 256});
    if (validation.defined()) validation = encoder.predict(validation, {.batch_size = 256});
  }
  return histories;
}

Tensor StackedAutoencoder::hidden(const Tensor& x) const {
  return to_sequential({.classes = 0}).predict(x, {.batch_size = 256});
}

Sequential StackedAutoencoder::to_sequential(const ToSequentialOptions& options) const {
  std::vector<TrainedLayer> layers;
  for (const Layer& encoder : encoders_) {
    const Tensors weights = encoder.get_weights();
    layers.push_back({weights[0], weights[1], options_.activation});
  }
  return dense_stack(layers, options);
}

Sequential StackedAutoencoder::to_autoencoder() const {
  std::vector<TrainedLayer> layers;
  for (const Layer& encoder : encoders_) {
    const Tensors weights = encoder.get_weights();
    layers.push_back({weights[0], weights[1], options_.activation});
  }
  for (size_t i = decoders_.size(); i-- > 0;) {
    const Tensors weights = decoders_[i].get_weights();
    layers.push_back({weights[0], weights[1], restoring_activation(i)});
  }
  return dense_stack(layers, {.classes = 0});
}

}  // namespace hebb::classic
