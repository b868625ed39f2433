// Two classes in the plane by networks without, with 2 and with 20 hidden neurons; learning rates, momentum, Nesterov,
// overfitting and early stopping.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

struct Trial {
  std::string name;
  int64_t hidden;
  double learning_rate, momentum = 0;
  bool nesterov = false;
};

struct Outcome {
  Sequential model;
  History history;
};

Outcome train(const Page& page, const Trial& trial, const data::Split& split, int64_t seed,
              std::vector<Callback> callbacks = {}, int verbose = 0) {
  set_random_seed(seed);
  Sequential model({Input({2})});
  if (trial.hidden > 0) model.add(Dense(trial.hidden, {.activation = "relu"}));
  model.add(Dense(2, {.activation = "softmax"}));
  model.compile(
      {.optimizer = SGD({.learning_rate = trial.learning_rate, .momentum = trial.momentum, .nesterov = trial.nesterov}),
       .loss = "sparse_categorical_crossentropy",
       .metrics = {"accuracy"}});
  History history = model.fit(split.x_train, split.y_train,
                              {.batch_size = 32,
                               .epochs = page.epochs(100),
                               .verbose = verbose,
                               .callbacks = std::move(callbacks),
                               .validation_split = 0.1});
  return {model, history};
}

}  // namespace

void two_classes(Page& page) {
  page.text(
      "Two classes that overlap, 100 epochs with batches of 32, a tenth of the examples for validation. Without "
      "hidden neurons the border is a line. Two ReLU neurons bend it, twenty follow the half circles. A learning rate "
      "of 0.01 is too small to get there in 100 epochs; 0.3, momentum and Nesterov's form of it are much faster.");
  const auto [x, y] = data::moons({.samples = 600, .noise = 0.25, .seed = 3});
  const data::Split split = data::train_test_split(x, y, {.test_size = 0.33, .seed = 3});
  const std::vector<Trial> trials = {{"no hidden neuron, 0.01", 0, 0.01},
                                     {"2 hidden neurons, 0.01", 2, 0.01},
                                     {"20 hidden neurons, 0.01", 20, 0.01},
                                     {"no hidden neuron, 0.3", 0, 0.3},
                                     {"2 hidden neurons, 0.3", 2, 0.3},
                                     {"20 hidden neurons, 0.3", 20, 0.3},
                                     {"20, 0.01, momentum 0.9", 20, 0.01, 0.9},
                                     {"20, 0.01, Nesterov 0.9", 20, 0.01, 0.9, true},
                                     {"20, 0.3, Nesterov 0.9", 20, 0.3, 0.9, true}};
  std::vector<viz::Series> losses;
  std::vector<Number> numbers;
  for (const Trial& trial : trials) {
    Number number{.what = "test accuracy, " + trial.name, .on_index = &trial == &trials.back()};
    for (int64_t seed : page.seeds()) {
      Outcome outcome = train(page, trial, split, seed);
      number.here.push_back(outcome.model.evaluate(split.x_test, split.y_test)["accuracy"]);
      if (seed > 1) continue;
      losses.push_back(line_of(trial.name, outcome.history["loss"]));
      page.figure(
          viz::decision_regions(outcome.model, split.x_test, split.y_test,
                                {.title = trial.name, .x_label = "x₁", .y_label = "x₂", .width = 480, .height = 400}),
          message("regions-", &trial - trials.data()), message("Border and test points: ", trial.name, "."));
    }
    numbers.push_back(number);
  }
  for (const Number& number : numbers) page.number(number);
  const viz::PlotOptions look{
      {.title = "Training loss", .x_label = "epoch", .y_label = "cross-entropy", .whole_x = true}};
  page.plot({losses.begin(), losses.begin() + 6}, look, "losses",
            "How fast the loss falls, by hidden neurons and learning rate.");
  page.plot({losses[2], losses[5], losses[6], losses[7], losses[8]}, look, "losses-momentum",
            "Twenty hidden neurons: learning rate, momentum and Nesterov's form of it.");

  page.section("Overfitting, and stopping in time");
  page.text(
      "A large network on few examples learns their noise: the training loss goes on falling while the validation "
      "loss rises. `EarlyStopping` with `min_delta=1e-4` and `patience=5` ends the training when the validation loss "
      "has not fallen by 0.0001 for five epochs.");
  const auto [noisy_x, noisy_y] = data::moons({.samples = 1000, .noise = 0.45, .seed = 4});
  const data::Split few = data::train_test_split(noisy_x, noisy_y, {.test_size = 0.88, .seed = 4});
  const Trial large{"400 hidden neurons", 400, 0.3, 0.9, true};
  const Outcome over = train(page, large, few, 1);
  page.figure(viz::learning_curves(over.history), "overfitting",
              "400 neurons on 120 noisy examples: loss and accuracy.");
  page.figure(
      viz::decision_regions(over.model, few.x_test, few.y_test,
                            {.title = "Overfitted", .x_label = "x₁", .y_label = "x₂", .width = 520, .height = 420}),
      "overfitted", "The border follows single examples.");
  const auto stop = [] {
    return EarlyStopping({.monitor = "val_loss", .min_delta = 1e-4, .patience = 5, .restore_best_weights = true});
  };
  const Outcome stopped = train(page, large, few, 1, {stop()});
  page.output(message("Epoch ", stopped.history.epochs().size(), ": early stopping"));
  Sequential model = stopped.model, overfitted = over.model;
  const Logs late = overfitted.evaluate(few.x_test, few.y_test), early = model.evaluate(few.x_test, few.y_test);
  page.number({.what = "test loss, overfitted", .here = {late["loss"]}});
  page.number({.what = "test loss, stopped early", .here = {early["loss"]}});
  page.number({.what = "test accuracy, overfitted", .here = {late["accuracy"]}});
  page.number({.what = "test accuracy, stopped early", .here = {early["accuracy"]}});
  page.text(
      "When training stops depends on where the weights start, and on the examples: the lecture's own points are not "
      "known here.");
  Number epochs{.what = "early stopping after epoch", .lecture = 9, .decimals = 0};
  for (int64_t seed = 1; seed <= 3 * page.options().trainings; ++seed)
    epochs.here.push_back(static_cast<double>(train(page, large, few, seed, {stop()}).history.epochs().size()));
  page.number(epochs);
}

}  // namespace hebb::lectures
