// A search for hidden layers, as the lecture does for the network of its optimizers: how many, how wide, what
// optimizer.
#include "examples/lectures/page.h"

namespace hebb::lectures {

void search(Page& page) {
  page.text(
      "How many hidden layers, and of what width? Nobody can say beforehand, so one tries. The network "
      "20-50-70-100-70-50-20 of the optimizers' experiment is one row of this search; wider, narrower, shallower ones "
      "are the others, each with three optimizers. A fifth of the training images is trained on for three epochs; a "
      "part of them is held out and decides. The test images are asked once, at the end, for the winner: who chooses "
      "by them has learned from them.");
  const Images& images = page.images();
  const data::Dataset some = images.train.take(std::max<int64_t>(1, images.train.size() / 5));
  const data::TrainTest parts = data::train_test_split(some, {.test_size = 0.2, .seed = 1});
  const auto make = [&](const hebb::search::Trial& trial) {
    Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten()});
    for (const std::string& units : split(trial.text("hidden layers"), '-')) {
      if (units != "none") model.add(Dense(std::stoll(units), {.activation = "relu"}));
    }
    model.add(Dense(10, {.activation = "softmax"}));
    const std::string& by = trial.text("optimizer");
    model.compile({.optimizer = by == "Adam"    ? Adam({.learning_rate = 0.001})
                                : by == "Nadam" ? Nadam({.learning_rate = 0.002})
                                                : SGD({.learning_rate = 0.01, .momentum = 0.9, .nesterov = true}),
                   .loss = "sparse_categorical_crossentropy",
                   .metrics = {"accuracy"}});
    return model;
  };
  const hebb::search::Result found = hebb::search::run(
      {{"hidden layers",
        {"none", "20", "100", "300", "50-50", "100-100", "300-100", "20-50-20", "50-100-50", "20-50-70-100-70-50-20"}},
       {"optimizer", {"Adam", "Nadam", "Nesterov"}}},
      [&](const hebb::search::Trial& trial) {
        Sequential model = make(trial);
        const History history = model.fit(
            parts.train, {.batch_size = 32, .epochs = trial.epochs, .verbose = 0, .validation_data = parts.test});
        return hebb::search::Outcome{.score = history["val_accuracy"].back(), .model = model};
      },
      {.strategy = "grid", .epochs = page.epochs(3), .maximize = true, .seed = 1});

  std::vector<std::string> names;
  std::vector<double> best;
  std::vector<std::vector<std::string>> rows;
  for (const hebb::search::Row& row : found.rows) {
    const std::string &hidden = row.setting[0].second, &optimizer = row.setting[1].second;
    rows.push_back({hidden, optimizer, Number{.here = {row.score}}.here_text(), viz::short_number(row.seconds)});
    if (std::find(names.begin(), names.end(), hidden) != names.end()) continue;  // best first
    names.push_back(hidden);
    best.push_back(row.score);
  }
  page.figure(viz::bars(best, {.title = "Held-out accuracy by hidden layers, each with its best optimizer",
                               .y_label = "accuracy",
                               .labels = names,
                               .percent = true,
                               .horizontal = true,
                               .low = 0.8,
                               .high = 1,
                               .width = 760,
                               .height = 0}),
              "layers",
              "With so few images and epochs a layer of 20 neurons is too narrow, however deep the network is. "
              "Bars begin at 80 %.");
  page.table("All trainings, the best first", {"hidden layers", "optimizer", "held-out accuracy", "seconds"}, rows);

  page.section("The winner");
  const hebb::search::Row& winner = found.rows.front();
  Number number{
      .what = message("test accuracy, ", winner.setting[0].second, " by ", winner.setting[1].second, ", all images"),
      .on_index = true};
  for (const int64_t seed : page.seeds()) {
    set_random_seed(seed);
    Sequential model = make({.setting = winner.setting});
    model.fit(images.train, {.batch_size = 32, .epochs = page.epochs(3), .verbose = 0});
    number.here.push_back(model.evaluate(images.test, {.batch_size = 500})["accuracy"]);
  }
  page.number(number);
}

}  // namespace hebb::lectures
