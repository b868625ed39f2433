// Activation functions: each with its derivative, and how well one small network learns with each of them.
#include <cmath>

#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

/// Small plots side by side, as one picture.
viz::Picture plots_of(const std::vector<const ActivationRecord*>& records) {
  const double width = 300, height = 220;
  const size_t columns = 4, rows = (records.size() + columns - 1) / columns;
  viz::Picture all(width * columns + 20, height * static_cast<double>(rows) + 20);
  for (size_t i = 0; i < records.size(); ++i) {
    const ActivationRecord& record = *records[i];
    viz::ActivationPlotOptions look{.title = record.name, .width = width, .height = height};
    if (!record.elementwise) look.beside = 0;
    all.place(
        viz::activation_plot(ActivationFunction(record.function, record.name), look),
        {10 + width * static_cast<double>(i % columns), 10 + height * static_cast<double>(i / columns), width, height});
  }
  return all;
}

}  // namespace

void activations(Page& page) {
  page.text(
      "A network of linear neurons is a linear function, however many layers it has. What lets it bend is the "
      "activation function behind each sum. Training asks two things of it: a derivative that is not zero where the "
      "sums are, so that errors find their way back, and values that neither die out nor grow from layer to layer.");

  std::vector<viz::PlottedFunction> known;
  for (const ActivationRecord& record : activation_records()) {
    if (record.name == "sigmoid" || record.name == "tanh" || record.name == "relu" || record.name == "gelu")
      known.push_back({record.name, [&record](double at) { return record.function(Tensor::scalar(at)).item(); }});
  }
  page.figure(viz::function_plot(known, {.title = "Four of the best known",
                                         .range = {-4, 4},
                                         .y_range = viz::Range{-1.5, 3},
                                         .resolution = 300,
                                         .width = 620,
                                         .height = 400}),
              "known", "The sigmoid and tanh saturate on both sides; ReLU and GELU let large sums pass as they are.");

  // Those that jump have no derivative to learn by; those that saturate have one that fades.
  std::vector<const ActivationRecord*> steps, bounded, unbounded, rows;
  for (const ActivationRecord& record : activation_records()) {
    if (record.same_as != nullptr) continue;
    const bool is_bounded = std::isfinite(record.range.low) && std::isfinite(record.range.high);
    (!record.elementwise             ? rows
     : record.continuity.order == -1 ? steps
     : is_bounded                    ? bounded
                                     : unbounded)
        .push_back(&record);
  }
  page.figure(plots_of(unbounded), "unbounded",
              "Functions without an upper bound: value (line) and derivative (dashed). Where the derivative is 1 an "
              "error passes undiminished.");
  page.figure(plots_of(bounded), "bounded",
              "Bounded functions. Far from zero most of them are flat: they saturate, and errors do not pass.");
  page.figure(plots_of(steps), "steps", "Functions that jump: the derivative is zero wherever there is one.");
  page.figure(plots_of(rows), "rows",
              "Functions of all neurons of a layer together, here of (x, 0): for the last layer of a classifier.");

  std::vector<std::vector<std::string>> table;
  for (const ActivationRecord& record : activation_records()) {
    if (record.same_as == nullptr)
      table.push_back({message("`", record.name, "`"), record.formula, record.range.text, record.continuity.text(),
                       record.monotonic ? "yes" : "no", record.origin});
  }
  page.table("Continuity: C0 has kinks, C1 a continuous derivative, and so on.",
             {"name", "formula", "range", "continuity", "monotonic", "origin"}, table);

  page.section("Learning with each");
  page.text(
      "Two moons again, by a network of two hidden layers of eight neurons, 30 epochs with Adam and a learning rate "
      "of 0.01: all that changes is the activation. Functions that jump leave all but the last layer as it was.");
  const auto [x, y] = data::moons({.samples = 600, .noise = 0.2, .seed = 42});
  const data::Split split = data::train_test_split(x, y, {.test_size = 0.25, .seed = 42});
  std::vector<double> accuracies;
  std::vector<std::string> names;
  for (const auto* kind : {&unbounded, &bounded, &steps}) {
    for (const ActivationRecord* record : *kind) {
      double sum = 0;
      for (const int64_t seed : page.seeds()) {
        set_random_seed(seed);
        Sequential model({Input({2}), Dense(8, {.activation = record->name}), Dense(8, {.activation = record->name}),
                          Dense(2, {.activation = "softmax"})});
        model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                       .loss = "sparse_categorical_crossentropy",
                       .metrics = {"accuracy"}});
        model.fit(split.x_train, split.y_train, {.batch_size = 32, .epochs = page.epochs(30), .verbose = 0});
        sum += model.evaluate(split.x_test, split.y_test)["accuracy"];
      }
      accuracies.push_back(sum / static_cast<double>(page.seeds().size()));
      names.push_back(record->name);
    }
  }
  const size_t half = (names.size() + 1) / 2;
  for (const size_t from : {size_t{0}, half}) {
    const size_t until = std::min(from + half, names.size());
    const auto part = [&](const auto& all) {
      return std::vector(all.begin() + static_cast<std::ptrdiff_t>(from),
                         all.begin() + static_cast<std::ptrdiff_t>(until));
    };
    page.figure(viz::bars(part(accuracies), {.title = "Test accuracy on two moons",
                                             .labels = part(names),
                                             .percent = true,
                                             .low = 0.5,
                                             .high = 1,
                                             .width = 1300,
                                             .height = 340}),
                from == 0 ? "accuracies" : "accuracies-2", "Test accuracy by activation function.");
  }
}

}  // namespace hebb::lectures
