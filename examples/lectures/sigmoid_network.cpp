// A network of sigmoids in the plane, 2-100-100-1, with the mean squared error: how its border bends epoch by epoch.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

constexpr int64_t epochs_shown[] = {1, 5, 10, 20};

/// One training: what it came to, its epochs, and its border on the way.
struct Run {
  double accuracy = 0;
  History history = {};
  std::vector<std::pair<int64_t, viz::Picture>> borders = {};
};

Run train(const Page& page, const data::Split& split, int64_t seed) {
  set_random_seed(seed);
  Sequential model({Input({2}), Dense(100, {.activation = "sigmoid"}), Dense(100, {.activation = "sigmoid"}),
                    Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = Adam({.learning_rate = 0.02}), .loss = "mse", .metrics = {"binary_accuracy"}});
  Run run;
  int64_t from = 0;
  for (const int64_t wanted : epochs_shown) {
    const int64_t until = page.epochs(wanted);
    if (until == from) break;
    const History part = model.fit(split.x_train, split.y_train,
                                   {.batch_size = 16,
                                    .epochs = until,
                                    .verbose = 0,
                                    .validation_data = data::Dataset(split.x_test, split.y_test),
                                    .initial_epoch = from});
    from = until;
    for (size_t i = 0; i < part.epochs().size(); ++i) {
      Logs logs;
      for (const auto& [name, values] : part) logs.set(name, values[i]);
      run.history.add(part.epochs()[i], logs);
    }
    run.borders.emplace_back(
        until, viz::decision_regions(model, split.x_test, split.y_test,
                                     {.title = message("After ", until, until == 1 ? " epoch" : " epochs"),
                                      .x_label = "x₁",
                                      .y_label = "x₂",
                                      .width = pair_width,
                                      .height = pair_height}));
  }
  run.accuracy = run.history["val_binary_accuracy"].back();
  return run;
}

}  // namespace

void sigmoid_network(Page& page) {
  page.text(
      "Two inputs, two layers of 100 sigmoid neurons and one sigmoid output, trained with the mean squared error for "
      "20 epochs with batches of 16, by Adam with a learning rate of 0.02. The output is read as the probability of "
      "the second class.");
  page.text(
      "What is easy is learned at once: after one epoch a straight border is right for nine of ten points. There the "
      "error surface is flat, since all neurons of a layer do nearly the same, and nothing seems to happen for epochs. "
      "Then some become different, and within an epoch or two the border bends around the half circles. When, and "
      "whether within 20 epochs, depends on where the weights start.");
  const auto [x, y] = data::moons({.samples = 2000, .noise = 0.15, .seed = 7});
  const auto split = data::train_test_split(x, y, {.test_size = 0.25, .seed = 7});
  Number accuracy{.what = "test accuracy after 20 epochs", .on_index = true};
  std::vector<Run> runs;
  std::vector<viz::Series> curves;
  double bent_borders = 0;
  for (int64_t seed : page.seeds()) {
    runs.push_back(train(page, split, seed));
    accuracy.here.push_back(runs.back().accuracy);
    if (runs.back().accuracy > 0.95) ++bent_borders;  // no straight line comes to that
    curves.push_back(line_of(message("training ", seed), runs.back().history["val_binary_accuracy"]));
  }
  const Run& median = runs[median_of(accuracy.here)];
  for (const auto& [until, picture] : median.borders) {
    page.figure(picture, message("regions-", until),
                message("The median training: the two classes after ", until, until == 1 ? " epoch." : " epochs."));
  }
  page.number(accuracy);
  page.number({.what = message("of ", runs.size(), " trainings, border bent (above 0.95)"),
               .here = {bent_borders},
               .decimals = 0});
  viz::PlotOptions look{{.title = "Test accuracy", .x_label = "epoch", .y_label = "accuracy", .whole_x = true}};
  look.percent_y = true;
  page.plot(
      curves, look, "trainings",
      "Each training stays at what a straight border gets right, and then jumps, if it does so within 20 epochs.");
  page.curves(median.history, "curves", "Loss and accuracy of the median training.");
}

}  // namespace hebb::lectures
