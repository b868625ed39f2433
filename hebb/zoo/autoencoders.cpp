#include "hebb/zoo/autoencoders.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/optimizers/optimizers.h"

namespace hebb::zoo {

namespace {

Tensor through(const std::vector<Layer>& layers, Tensor x) {
  for (const Layer& layer : layers) x = layer(x);
  return x;
}

/// What disturbs the inputs in training.
std::vector<Layer> disturbances(double noise, double dropped) {
  std::vector<Layer> layers;
  if (noise > 0) layers.push_back(GaussianNoise(noise));
  if (dropped > 0) layers.push_back(Dropout(dropped));
  return layers;
}

Regularizer penalty(double sparsity) { return sparsity > 0 ? Regularizer(L1(sparsity)) : Regularizer(); }

void compile(const Model& model, const std::string& output_activation) {
  Model(model).compile({.optimizer = Adam(), .loss = output_activation == "sigmoid" ? "binary_crossentropy" : "mse"});
}

/// The three models that these layers make.
Autoencoder joined(const Shape& input_shape, const std::vector<Layer>& encoder, const std::vector<Layer>& decoder,
                   const std::string& output_activation, const std::string& name) {
  const Tensor input = Input(input_shape, {.name = "input"});
  const Tensor code = through(encoder, input);
  const Tensor code_input = Input(code.shape().sub(1, code.rank()), {.name = "code_input"});
  Autoencoder out{Model(input, through(decoder, code), name), Model(input, code, name + "_encoder"),
                  Model(code_input, through(decoder, code_input), name + "_decoder")};
  compile(out.model, output_activation);
  return out;
}

void check_units(const std::string& name, const char* what, const std::vector<int64_t>& units, bool may_be_empty) {
  const bool positive = std::all_of(units.begin(), units.end(), [](int64_t n) { return n >= 1; });
  if (positive && (may_be_empty || !units.empty())) return;
  throw InvalidArgument(message(name, ": expected ", what, " of at least 1 for each layer, and at least one layer."));
}

/// From a code or a hidden layer back to examples of this shape.
void add_output(std::vector<Layer>& layers, const Shape& shape, const std::string& activation) {
  layers.push_back(Dense(shape.elements(), {.activation = activation, .name = "restored"}));
  if (shape.rank() > 1) layers.push_back(Reshape(shape));
}

}  // namespace

Autoencoder autoencoder(const AutoencoderOptions& o) {
  check_units(o.name, "units", o.units, false);
  std::vector<Layer> encoder = disturbances(o.noise, o.dropped), decoder;
  if (o.input_shape.rank() > 1) encoder.push_back(Flatten());
  for (size_t i = 0; i + 1 < o.units.size(); ++i) encoder.push_back(Dense(o.units[i], {.activation = o.activation}));
  encoder.push_back(
      Dense(o.units.back(), {.activation = o.activation, .activity_regularizer = penalty(o.sparsity), .name = "code"}));
  for (size_t i = o.units.size() - 1; i-- > 0;) decoder.push_back(Dense(o.units[i], {.activation = o.activation}));
  add_output(decoder, o.input_shape, o.output_activation);
  return joined(o.input_shape, encoder, decoder, o.output_activation, o.name);
}

Autoencoder convolutional_autoencoder(const ConvolutionalAutoencoderOptions& o) {
  check_units(o.name, "filters", o.filters, false);
  const std::vector<std::string> ways = {"transposed", "nearest", "bilinear"};
  if (std::find(ways.begin(), ways.end(), o.up) == ways.end())
    throw InvalidArgument(message(o.name, ": ", unknown_name("way up", o.up, ways)));
  const int64_t times = int64_t{1} << o.filters.size();
  if (o.input_shape.rank() != 3 || o.input_shape[0] % times != 0 || o.input_shape[1] % times != 0) {
    throw InvalidArgument(message(o.name, ": expected images (height, width, channels) whose sides ", times,
                                  " divides, since each of ", o.filters.size(), " layers halves them, got ",
                                  o.input_shape, ". Pad them, or use fewer layers."));
  }
  std::vector<Layer> encoder = disturbances(o.noise, o.dropped), decoder;
  for (size_t i = 0; i < o.filters.size(); ++i) {
    const bool is_code = i + 1 == o.filters.size();
    encoder.push_back(Conv2D(o.filters[i], o.kernel_size,
                             {.strides = 2,
                              .padding = "same",
                              .activation = o.activation,
                              .activity_regularizer = penalty(is_code ? o.sparsity : 0)}));
  }
  for (size_t i = o.filters.size(); i-- > 0;) {
    if (o.up == "transposed") {
      decoder.push_back(
          Conv2DTranspose(o.filters[i], o.kernel_size, {.strides = 2, .padding = "same", .activation = o.activation}));
      continue;
    }
    decoder.push_back(Conv2D(o.filters[i], o.kernel_size, {.padding = "same", .activation = o.activation}));
    decoder.push_back(UpSampling2D(2, {.interpolation = o.up}));
  }
  decoder.push_back(Conv2D(o.input_shape[2], o.kernel_size,
                           {.padding = "same", .activation = o.output_activation, .name = "restored"}));
  return joined(o.input_shape, encoder, decoder, o.output_activation, o.name);
}

Autoencoder variational_autoencoder(const VariationalAutoencoderOptions& o) {
  check_units(o.name, "units", o.units, true);
  check_units(o.name, "a latent size", {o.latent}, false);
  const Tensor input = Input(o.input_shape, {.name = "input"});
  std::vector<Layer> down, up;
  if (o.input_shape.rank() > 1) down.push_back(Flatten());
  for (const int64_t units : o.units) down.push_back(Dense(units, {.activation = o.activation}));
  for (size_t i = o.units.size(); i-- > 0;) up.push_back(Dense(o.units[i], {.activation = o.activation}));
  add_output(up, o.input_shape, o.output_activation);

  const Tensor hidden = through(down, input);
  const Tensor mean = Dense(o.latent, {.name = "mean"})(hidden);
  // Zero at first: codes begin with the deviation 1 that they are pulled to.
  const Tensor log_variance = Dense(o.latent, {.kernel_initializer = "zeros", .name = "log_variance"})(hidden);
  // The loss is a mean over the elements of an example; so the divergence is weighed like one of them.
  const double weight = o.kl_weight / static_cast<double>(o.input_shape.elements());
  const Tensor code = GaussianSampling({.kl_weight = weight, .name = "code"})({mean, log_variance});
  const Tensor code_input = Input({o.latent}, {.name = "code_input"});
  Autoencoder out{Model(input, through(up, code), o.name), Model(input, {mean, log_variance}, o.name + "_encoder"),
                  Model(code_input, through(up, code_input), o.name + "_decoder")};
  compile(out.model, o.output_activation);
  return out;
}

}  // namespace hebb::zoo
