#include "hebb/zoo/zoo.h"

#include <algorithm>
#include <charconv>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/optimizers/optimizers.h"

namespace hebb::zoo {

namespace {

std::vector<Layer> start(const MakeOptions& options) {
  std::vector<Layer> layers = {Input(options.input_shape)};
  if (options.bytes) layers.push_back(Rescaling(1.0 / 255));
  return layers;
}

/// Puts the last layer on top, and compiles with the loss that goes with it.
Model finished(std::vector<Layer> layers, const std::string& name, const Optimizer& optimizer,
               const MakeOptions& options) {
  CompileOptions compile{.optimizer = optimizer};
  std::string activation = "softmax";
  switch (options.head) {
    case Head::labels:
      compile.loss = "sparse_categorical_crossentropy";
      compile.metrics = {"accuracy"};
      break;
    case Head::one_hot:
      compile.loss = "categorical_crossentropy";
      compile.metrics = {"accuracy"};
      break;
    case Head::flags:
      activation = "sigmoid";
      compile.loss = "binary_crossentropy";
      compile.metrics = {"binary_accuracy"};
      break;
    case Head::numbers:
      activation = "linear";
      compile.loss = "mse";
      // Quantities come in any size, at which the classifiers' large steps diverge.
      compile.optimizer = Adam();
      break;
  }
  layers.push_back(Dense(options.classes, {.activation = activation}));
  Sequential model(layers, name);
  model.compile(compile);
  return model;
}

/// The lectures' optimizer for plain networks.
Optimizer lecture_sgd() { return SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}); }

void check_image(const char* name, const MakeOptions& options, int64_t least) {
  const Shape& shape = options.input_shape;
  if (shape.rank() != 3 || shape[0] < least || shape[1] < least) {
    throw InvalidArgument(message(name, ": expected images (height, width, channels) of at least ", least, "x", least,
                                  ", got ", shape, ". Use mlp or logistic for other data."));
  }
}

void check_input(const std::string& name, const Shape& shape) {
  const bool empty = std::any_of(shape.begin(), shape.end(), [](int64_t size) { return size < 1; });
  if (shape.rank() > 0 && !empty) return;
  throw InvalidArgument(message(name, ": expected examples of at least one number each, got examples of shape ", shape,
                                ". Give every example a row of numbers, or an image."));
}

Model make_logistic(const MakeOptions& options) {
  std::vector<Layer> layers = start(options);
  if (options.input_shape.rank() > 1) layers.push_back(Flatten());
  return finished(layers, "logistic", lecture_sgd(), options);
}

std::vector<int64_t> hidden_units(const Json& options) {
  const Json* units = options.find("units");
  if (!units) return {50};
  const std::string text = units->is_string() ? units->as_string() : std::to_string(units->as_int());
  std::vector<int64_t> out;
  for (const std::string& part : split(text, '-')) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size() || value < 1) {
      throw InvalidArgument(message("mlp: units: expected numbers of neurons such as 500-500, got '", text, "'."));
    }
    out.push_back(value);
  }
  return out;
}

/// `units` once, or the whole list, as often as `layers` says.
std::vector<int64_t> hidden_layers(const Json& options) {
  const std::vector<int64_t> units = hidden_units(options);
  const Json* layers = options.find("layers");
  if (!layers) return units;
  const int64_t count = layers->is_number() ? layers->as_int() : -1;
  if (count < 0 || count > 1000) {
    throw InvalidArgument(
        message("mlp: layers: expected how often the hidden layers stand one behind the other, from 0 to "
                "1000, got '",
                layers->dump(), "'."));
  }
  std::vector<int64_t> out;
  for (int64_t i = 0; i < count; ++i) out.insert(out.end(), units.begin(), units.end());
  return out;
}

Model make_mlp(const MakeOptions& options) {
  std::vector<Layer> layers = start(options);
  if (options.input_shape.rank() > 1) layers.push_back(Flatten());
  const std::string activation = options.options.get("activation", "relu");
  for (int64_t units : hidden_layers(options.options)) layers.push_back(Dense(units, {.activation = activation}));
  return finished(layers, "mlp", lecture_sgd(), options);
}

Model make_mnist_cnn(const MakeOptions& options) {
  check_image("mnist-cnn", options, 10);
  std::vector<Layer> layers = start(options);
  for (const Layer& layer :
       {Conv2D(32, 5, {.activation = "relu"}), Conv2D(32, 5, {.activation = "relu"}), MaxPooling2D(2), Dropout(0.25),
        Flatten(), Dense(128, {.activation = "relu"}), Dropout(0.5)}) {
    layers.push_back(layer);
  }
  return finished(layers, "mnist_cnn", Adadelta({.learning_rate = 1.0}), options);
}

/// LeCun et al., Gradient-based learning applied to document recognition, 1998, with today's softmax at the end.
Model make_lenet5(const MakeOptions& options) {
  check_image("lenet5", options, 16);
  std::vector<Layer> layers = start(options);
  for (const Layer& layer : {Conv2D(6, 5, {.padding = "same", .activation = "tanh"}), AveragePooling2D(2),
                             Conv2D(16, 5, {.activation = "tanh"}), AveragePooling2D(2), Flatten(),
                             Dense(120, {.activation = "tanh"}), Dense(84, {.activation = "tanh"})}) {
    layers.push_back(layer);
  }
  return finished(layers, "lenet5", Adam(), options);
}

}  // namespace

const std::vector<ArchitectureRecord>& architecture_records() {
  static const std::vector<ArchitectureRecord> records = {
      {"logistic", make_logistic, "multi-class logistic regression: one dense softmax layer", {}},
      {"mlp",
       make_mlp,
       "dense ReLU layers and a softmax; mlp:units=500-500 says how many neurons (50); layers, activation",
       {"units", "layers", "activation"}},
      {"mnist-cnn", make_mnist_cnn, "two 5x5 convolutions of 32, max-pooling, dropout, dense 128: 99 % of MNIST", {}},
      {"lenet5",
       make_lenet5,
       "LeCun's network of 1998: two 5x5 convolutions with average-pooling, dense 120 and 84",
       {}},
  };
  return records;
}

Model make(const std::string& name, const MakeOptions& options) {
  std::vector<std::string> names;
  for (const ArchitectureRecord& record : architecture_records()) {
    names.push_back(record.name);
    if (record.name != name) continue;
    for (const auto& [key, value] : options.options.members()) {
      if (std::find(record.option_names.begin(), record.option_names.end(), key) == record.option_names.end()) {
        throw InvalidArgument(message(name, ": ",
                                      record.option_names.empty() ? message("takes no options, got '", key, "'.")
                                                                  : unknown_name("option", key, record.option_names)));
      }
    }
    check_input(name, options.input_shape);
    return record.make(options);
  }
  throw InvalidArgument(unknown_name("architecture", name, names));
}

}  // namespace hebb::zoo
