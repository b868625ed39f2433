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
              std::vector<Callback> callbacks = {}) {
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
                               .verbose = 0,
                               .callbacks = std::move(callbacks),
                               .validation_split = 0.1});
  return {model, history};
}

/// Training ends when the validation loss has not fallen by 0.0001 for five epochs.
Callback stop(int verbose = 0, bool restore_best_weights = false) {
  return EarlyStopping({.monitor = "val_loss",
                        .min_delta = 1e-4,
                        .patience = 5,
                        .verbose = verbose,
                        .restore_best_weights = restore_best_weights});
}

/// What the library writes while `work` runs, such as a callback's line.
std::string written_by(const std::function<void()>& work) {
  std::string text;
  set_console([&](std::string_view more) { text += more; });
  try {
    work();
  } catch (...) {
    set_console({});
    throw;
  }
  set_console({});
  return text;
}

/// A large network on few noisy examples, and what becomes of it with and without early stopping.
void overfitting(Page& page) {
  page.section("Overfitting, and stopping in time");
  page.text(
      "A network of 100 and 100 hidden neurons on 120 noisy examples learns their noise: the training loss goes on "
      "falling while the loss on 500 examples for validation rises again. Its border winds around single examples. "
      "Stopped when the validation loss has not fallen for five epochs, with the weights of the best one, the same "
      "network from the same weights keeps to what the classes have in common.");
  const int64_t training = 120, validation = 500, testing = 1000;
  const auto [x, y] = data::moons({.samples = training + validation + testing, .noise = 0.35, .seed = 4});
  const data::Dataset all(x, y), train = all.take(training), held_out = all.skip(training).take(validation),
                                 test = all.skip(training + validation);
  const auto fit = [&](int64_t seed, const std::vector<Callback>& callbacks) {
    set_random_seed(seed);
    Sequential model({Input({2}), Dense(100, {.activation = "relu"}), Dense(100, {.activation = "relu"}),
                      Dense(2, {.activation = "softmax"})});
    model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                   .loss = "sparse_categorical_crossentropy",
                   .metrics = {"accuracy"}});
    const History history = model.fit(train, {.batch_size = 32,
                                              .epochs = page.epochs(400),
                                              .verbose = 0,
                                              .callbacks = callbacks,
                                              .validation_data = held_out});
    return Outcome{model, history};
  };
  Number late_loss{.what = "test loss, 400 epochs", .on_index = true},
      early_loss{.what = "test loss, stopped early", .on_index = true}, late{.what = "test accuracy, 400 epochs"},
      early{.what = "test accuracy, stopped early"};
  for (const int64_t seed : page.seeds()) {
    Outcome over = fit(seed, {}), stopped = fit(seed, {stop(0, true)});
    const Logs at_end = over.model.evaluate(test), in_time = stopped.model.evaluate(test);
    late_loss.here.push_back(at_end["loss"]);
    early_loss.here.push_back(in_time["loss"]);
    late.here.push_back(at_end["accuracy"]);
    early.here.push_back(in_time["accuracy"]);
    if (seed > 1) continue;
    page.curves(over.history, "overfitting",
                "100 and 100 neurons on 120 noisy examples: the validation loss has a minimum, and rises.");
    for (const auto& [model, file, title] : {std::tuple{over.model, "overfitted", "After 400 epochs"},
                                             std::tuple{stopped.model, "stopped", "Stopped early"}}) {
      page.figure(viz::decision_regions(
                      model, train.x(), train.y(),
                      {.title = title, .x_label = "x₁", .y_label = "x₂", .width = pair_width, .height = pair_height}),
                  file, message(title, ": the border and the 120 examples that it was learned from."));
    }
  }
  for (const Number* number : {&late_loss, &early_loss, &late, &early}) page.number(*number);
}

}  // namespace

void two_classes(Page& page) {
  page.text(
      "Two classes that overlap, 100 epochs with batches of 32, a tenth of the examples for validation. Without "
      "hidden neurons the border is a line. Two ReLU neurons can bend it once or twice, but often come to lie so that "
      "they do no better than the line, or worse; twenty follow the half circles. A learning rate of 0.01 is too small "
      "to get there in 100 epochs; 0.3, momentum and Nesterov's form of it are much faster.");
  const auto [x, y] = data::moons({.samples = 1500, .noise = 0.25, .seed = 3});
  const data::Split split = data::train_test_split(x, y, {.test_size = 0.33, .seed = 3});
  const data::Dataset shown = data::Dataset(split.x_test, split.y_test).take(250);
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
    Number number{.what = "test accuracy, " + trial.name};
    std::vector<Outcome> outcomes;
    for (int64_t seed : page.seeds()) {
      outcomes.push_back(train(page, trial, split, seed));
      number.here.push_back(outcomes.back().model.evaluate(split.x_test, split.y_test)["accuracy"]);
    }
    const Outcome& median = outcomes[median_of(number.here)];
    losses.push_back(line_of(trial.name, median.history["loss"]));
    page.figure(
        viz::decision_regions(
            median.model, shown.x(), shown.y(),
            {.title = trial.name, .x_label = "x₁", .y_label = "x₂", .width = pair_width, .height = pair_height}),
        message("regions-", &trial - trials.data()),
        message("Border and test points, the training of the median accuracy: ", trial.name, "."));
    numbers.push_back(number);
  }
  for (const Number& number : numbers) page.number(number);
  const viz::PlotOptions look{
      {.title = "Training loss", .x_label = "epoch", .y_label = "cross-entropy", .whole_x = true}};
  page.plot({losses.begin(), losses.begin() + 6}, look, "losses",
            "How fast the loss falls, by hidden neurons and learning rate.");
  losses[7].dashed = true;  // it begins along the line of momentum
  page.plot(
      {losses[2], losses[5], losses[6], losses[7], losses[8]}, look, "losses-momentum",
      "Twenty hidden neurons: learning rate, momentum and Nesterov's form of it. With a learning rate of 0.01 the "
      "two forms of momentum (Nesterov's dashed) begin alike.");

  page.section("When to stop");
  page.text(
      "`EarlyStopping` with `min_delta=1e-4` and `patience=5` ends the training when the validation loss has not "
      "fallen by 0.0001 for five epochs, and says so. For the last network of this series:");
  page.output(written_by([&] { train(page, trials.back(), split, 1, {stop(1)}); }));
  page.text(
      "When that is depends on where the weights start, and on the examples: the lecture's own points are not known "
      "here.");
  Number epochs{.what = "early stopping after epoch", .lecture = 9, .decimals = 0, .on_index = true};
  for (int64_t seed = 1; seed <= 3 * page.options().trainings; ++seed) {
    const Outcome outcome = train(page, trials.back(), split, seed, {stop()});
    epochs.here.push_back(static_cast<double>(outcome.history.epochs().size()));
  }
  page.number(epochs);
  overfitting(page);
}

}  // namespace hebb::lectures
