// Where weights start: zeros, ones, random, Glorot and He, by what becomes of activations and gradients on their way
// through ten layers, and by what a training makes of it.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

struct Start {
  std::string name;
  Initializer initializer;
};

std::vector<Start> starts() {
  return {{"zeros", "zeros"},
          {"ones", "ones"},
          {"normal, 0.01", RandomNormal({.stddev = 0.01})},
          {"normal, 1", RandomNormal({.stddev = 1})},
          {"Glorot", "glorot_uniform"},
          {"He", "he_normal"}};
}

}  // namespace

void initialization(Page& page) {
  page.text(
      "All weights equal: all neurons of a layer compute the same, get the same error and stay the same. Too small: "
      "signals die on their way through the layers, and gradients on their way back. Too large: tanh saturates, ReLU "
      "explodes. Glorot and Bengio (2010) chose the deviation so that the spread of activations and of gradients "
      "stays about the same from layer to layer, √(2 / (inputs + outputs)); He et al. (2015) √(2 / inputs) for "
      "ReLU, which takes half of the signal away. Normal, 0.01: drawn from a normal distribution of that deviation.");
  for (const char* activation : {"tanh", "relu"}) {
    const std::string name = activation[0] == 't' ? "tanh" : "ReLU";
    page.section("Ten hidden layers of 100 with " + name);
    std::vector<viz::Series> forward, back;
    std::vector<std::string> silent;  // starts whose gradients are zero before the last layer
    std::vector<std::vector<std::string>> rows;
    for (const Start& start : starts()) {
      const std::vector<LayerFlow> flow = signal_flow({.initializer = start.initializer, .activation = activation});
      std::vector<double> activations, gradients;
      for (const LayerFlow& layer : flow) {
        activations.push_back(layer.activation_deviation);
        gradients.push_back(layer.gradient_deviation);
      }
      // The legend names those alone that have a line; every start keeps its color in both plots.
      for (const auto& [lines, values] : {std::pair{&forward, &activations}, {&back, &gradients}}) {
        viz::Series line = logarithm(line_of(start.name, *values));
        line.color = viz::palette(static_cast<int64_t>(rows.size()));
        line.dashed = start.name == "normal, 1";  // of tanh it lies upon that of ones
        if (line.points.size() > 1) lines->push_back(line);
      }
      if (gradients.front() == 0) silent.push_back(start.name);
      const auto text = [](double value) { return Number{.here = {value}, .scientific = true}.here_text(); };
      rows.push_back({start.name, text(activations.front()), text(activations.back()), text(gradients.back()),
                      text(gradients.front())});
    }
    page.plot(
        forward,
        {{.title = "Activations, " + name,
          .x_label = "hidden layer",
          .y_label = "standard deviation",
          .whole_x = true,
          .y_base = 10}},
        std::string("activations-") + activation,
        "Spread of the activations from the first hidden layer to the last. From zeros it is zero everywhere: such a "
        "line has no place on this scale.");
    page.plot(back,
              {{.title = "Gradients, " + name,
                .x_label = "hidden layer",
                .y_label = "standard deviation",
                .whole_x = true,
                .y_base = 10}},
              std::string("gradients-") + activation,
              message("Spread of the gradients, which go from the last layer to the first. From ",
                      join(silent, " and "), " none comes further back than to the last layer."));
    page.table("Spread (standard deviation) in the first and the last hidden layer",
               {"weights", "activations, first", "last", "gradients, last", "first"}, rows);
  }

  page.section("What a training makes of it");
  page.text(
      "Five hidden layers of 100 ReLU neurons on a tenth of the training images, five epochs of gradient descent with "
      "momentum.");
  const Images& images = page.images();
  const data::Dataset few = images.train.take(std::max<int64_t>(1, images.train.size() / 10));
  std::vector<Number> numbers;
  std::vector<std::string> names;
  for (const Start& start : starts()) {
    Number number{.what = "test accuracy, " + start.name, .on_index = start.name == "He" || start.name == "zeros"};
    for (const int64_t seed : page.seeds()) {
      set_random_seed(seed);
      Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten()});
      for (int i = 0; i < 5; ++i)
        model.add(Dense(100, {.activation = "relu", .kernel_initializer = start.initializer}));
      model.add(Dense(10, {.activation = "softmax"}));
      model.compile({.optimizer = SGD({.learning_rate = 0.01, .momentum = 0.9}),
                     .loss = "sparse_categorical_crossentropy",
                     .metrics = {"accuracy"}});
      model.fit(few, {.batch_size = 32, .epochs = page.epochs(5), .verbose = 0});
      number.here.push_back(model.evaluate(images.test, {.batch_size = 500})["accuracy"]);
    }
    page.number(number);
    numbers.push_back(number);
    names.push_back(start.name);
  }
  page.bars(numbers, names,
            {.title = "Test accuracy after five epochs",
             .y_label = "accuracy",
             .percent = true,
             .low = 0,
             .high = 1,
             .width = 720},
            "accuracies", "The same network from six kinds of initial weights.");
}

}  // namespace hebb::lectures
