// Vanishing gradients: what arrives at the first layers of deep networks, before training and while they learn.
#include <memory>

#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

struct Kind {
  std::string name;
  SignalFlowOptions flow;
};

/// Ten hidden layers as `signal_flow` makes them, on digits.
Sequential deep(const SignalFlowOptions& flow) {
  Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten()});
  for (int64_t i = 0; i < flow.layers; ++i) {
    model.add(Dense(flow.units, {.kernel_initializer = flow.initializer}));
    if (flow.batch_normalization) model.add(BatchNormalization());
    model.add(Activation(flow.activation));
  }
  model.add(Dense(10, {.activation = "softmax"}));
  model.compile({.optimizer = SGD({.learning_rate = 0.01, .momentum = 0.9}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  return model;
}

}  // namespace

void vanishing_gradients(Page& page) {
  page.text(
      "An error signal is multiplied by a derivative in each layer on its way back. The sigmoid's is 0.25 at most: "
      "after ten layers a few millionths are left (Hochreiter, 1991). The derivative of tanh reaches 1, that of "
      "ReLU is 1 for all neurons that are active, and batch normalisation keeps sums where the derivative is large.");
  const std::vector<Kind> kinds = {
      {"sigmoid", {.activation = "sigmoid"}},
      {"tanh", {.activation = "tanh"}},
      {"ReLU, He", {.initializer = "he_normal", .activation = "relu"}},
      {"sigmoid, normalised", {.activation = "sigmoid", .batch_normalization = true}},
      {"tanh, normalised", {.activation = "tanh", .batch_normalization = true}},
      {"ReLU, normalised", {.initializer = "he_normal", .activation = "relu", .batch_normalization = true}}};

  page.section("Before training");
  std::vector<viz::Series> gradients;
  for (const Kind& kind : kinds) {
    std::vector<double> deviations;
    const std::vector<LayerFlow> flow = signal_flow(kind.flow);
    for (const LayerFlow& layer : flow) deviations.push_back(layer.gradient_deviation / flow.back().gradient_deviation);
    gradients.push_back(logarithm(line_of(kind.name, deviations)));
    page.number({.what = message("gradient, ratio of first layer to last, ", kind.name),
                 .here = {deviations.front()},
                 .scientific = true,
                 .on_index = kind.name == "sigmoid"});
  }
  page.plot(
      gradients,
      {{.title = "Gradients of ten hidden layers of 100",
        .x_label = "hidden layer",
        .y_label = "ratio to the last layer's",
        .whole_x = true,
        .y_base = 10}},
      "gradients",
      "Gradients by layer in fresh networks. Errors go from right to left: through sigmoids they fade, elsewhere they "
      "keep their size about. Normalised: batch normalisation before each activation.");

  page.section("While learning");
  page.text(
      "The same networks on a twentieth of the training images, ten epochs of gradient descent with momentum. "
      "`GradientStatistics` writes down after each epoch how large the gradients of each layer's weights are.");
  const Images& images = page.images();
  const data::Dataset few = images.train.take(std::max<int64_t>(1, images.train.size() / 20));
  std::vector<viz::Series> accuracies, first_layers;
  for (const Kind& kind : kinds) {
    page.progress(kind.name);
    set_random_seed(1);
    Sequential model = deep(kind.flow);
    const auto statistics = std::make_shared<GradientStatistics>();
    const History history =
        model.fit(few, {.batch_size = 32, .epochs = page.epochs(10), .verbose = 0, .callbacks = {statistics}});
    viz::Series norms{.label = kind.name};
    for (const GradientStatistics::Record& record : statistics->records()) {
      const auto first = std::find_if(record.layers.begin(), record.layers.end(),
                                      [](const LayerFlow& layer) { return layer.weight_norm > 0; });
      norms.points.push_back({static_cast<double>(record.epoch), first->weight_gradient_norm});
    }
    first_layers.push_back(logarithm(norms));
    accuracies.push_back(line_of(kind.name, history["accuracy"]));
    page.number({.what = "test accuracy, " + kind.name,
                 .here = {model.evaluate(images.test, {.batch_size = 500})["accuracy"]}});
  }
  viz::PlotOptions percent{{.title = "Training accuracy", .x_label = "epoch", .y_label = "accuracy", .whole_x = true}};
  percent.percent_y = true;
  page.plot(accuracies, percent, "accuracies", "Ten sigmoid layers learn nothing; the others do.");
  page.plot(first_layers,
            {{.title = "Gradient of the first layer's weights",
              .x_label = "epoch",
              .y_label = "norm",
              .whole_x = true,
              .y_base = 10}},
            "first-layer", "What arrives at the first layer's weights while the networks learn.");
}

}  // namespace hebb::lectures
