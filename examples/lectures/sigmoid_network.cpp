// A network of sigmoids in the plane, 2-100-100-1, with the mean squared error: how its border bends epoch by epoch.
#include "examples/lectures/page.h"

namespace hebb::lectures {

void sigmoid_network(Page& page) {
  page.text(
      "Two inputs, two layers of 100 sigmoid neurons and one sigmoid output, trained with the mean squared error for "
      "20 epochs with batches of 16. The output is read as the probability of the second class. The error surface is "
      "flat where sigmoids saturate, so that little happens at first.");
  const auto [x, y] = data::moons({.samples = 2000, .noise = 0.15, .seed = 7});
  const auto split = data::train_test_split(x, y, {.test_size = 0.25, .seed = 7});
  const auto network = [] {
    Sequential model({Input({2}), Dense(100, {.activation = "sigmoid"}), Dense(100, {.activation = "sigmoid"}),
                      Dense(1, {.activation = "sigmoid"})});
    model.compile({.optimizer = Adam({.learning_rate = 0.01}), .loss = "mse", .metrics = {"binary_accuracy"}});
    return model;
  };
  Number accuracy{.what = "test accuracy after 20 epochs", .on_index = true};
  for (int64_t seed : page.seeds()) {
    set_random_seed(seed);
    Sequential model = network();
    History history;
    int64_t from = 0;
    for (const int64_t wanted : {1, 5, 10, 20}) {
      const int64_t until = page.epochs(wanted);
      if (until == from) break;
      const History part = model.fit(split.x_train, split.y_train,
                                     {.batch_size = 16,
                                      .epochs = until,
                                      .verbose = 0,
                                      .validation_data = data::Dataset(split.x_test, split.y_test),
                                      .initial_epoch = from});
      from = until;
      if (seed > 1) continue;
      for (size_t i = 0; i < part.epochs().size(); ++i) {
        Logs logs;
        for (const auto& [name, values] : part) logs.set(name, values[i]);
        history.add(part.epochs()[i], logs);
      }
      page.figure(
          viz::decision_regions(
              model, split.x_test, split.y_test,
              {.title = message("After ", until, until == 1 ? " epoch" : " epochs"), .x_label = "x₁", .y_label = "x₂"}),
          message("regions-", until), message("The two classes after ", until, until == 1 ? " epoch." : " epochs."));
    }
    if (seed == 1) page.figure(viz::learning_curves(history), "curves", "Loss and accuracy over the 20 epochs.");
    accuracy.here.push_back(model.evaluate(split.x_test, split.y_test)["binary_accuracy"]);
  }
  page.number(accuracy);
}

}  // namespace hebb::lectures
