// Two moons: a network with two small hidden layers learns a bent border, by Adam and by plain gradient descent.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

Sequential network() {
  return Sequential({Input({2}), Dense(3, {.activation = "tanh"}), Dense(5, {.activation = "relu"}),
                     Dense(2, {.activation = "softmax"})});
}

}  // namespace

void moons(Page& page) {
  page.text(
      "Two half circles that reach into each other cannot be separated by a line. A network with two inputs, three "
      "neurons with tanh, five with ReLU and a softmax of two can do it. What differs between the optimizers is how "
      "soon: Adam adapts the step of each weight, gradient descent takes the same one everywhere. With so few neurons "
      "it is chance whether they come to lie well: some initial weights end with an almost straight border.");
  const auto [x, y] = data::moons({.samples = 1000, .noise = 0.2, .seed = 42});
  const auto split = data::train_test_split(x, y, {.test_size = 0.25, .seed = 42});

  for (const auto& [name, optimizer] : {std::pair<std::string, Optimizer>{"Adam", Adam({.learning_rate = 0.1})},
                                        {"SGD", SGD({.learning_rate = 0.1})}}) {
    std::vector<double> accuracies;
    std::vector<Sequential> models;
    std::vector<History> histories;
    for (int64_t seed : page.seeds()) {
      set_random_seed(seed);
      Sequential model = network();
      model.compile({.optimizer = Optimizer::from_config(optimizer->class_name(), optimizer->config()),
                     .loss = "sparse_categorical_crossentropy",
                     .metrics = {"accuracy"}});
      const History run = model.fit(split.x_train, split.y_train,
                                    {.batch_size = 32,
                                     .epochs = page.epochs(50),
                                     .verbose = 0,
                                     .validation_data = data::Dataset(split.x_test, split.y_test)});
      accuracies.push_back(model.evaluate(split.x_test, split.y_test)["accuracy"]);
      models.push_back(model);
      histories.push_back(run);
    }
    const size_t median = median_of(accuracies);
    page.section(name + ", learning rate 0.1");
    page.number({.what = "test accuracy, " + name, .here = accuracies, .on_index = name == "Adam"});
    page.figure(viz::decision_regions(
                    models[median], split.x_test, split.y_test,
                    {.title = "Two moons, " + name, .x_label = "x₁", .y_label = "x₂", .width = 560, .height = 450}),
                "regions-" + name,
                "What the network of the median accuracy tells apart, and the test points; wrong ones are crossed.");
    page.curves(histories[median], "curves-" + name, "Its loss and accuracy over the epochs.");
  }
}

}  // namespace hebb::lectures
