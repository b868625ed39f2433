// Activation functions: each with its derivative, and how well one small network learns with each of them.
#include <cmath>

#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

/// Small plots side by side, as one picture; the first says which line is which.
viz::Picture plots_of(const std::vector<const ActivationRecord*>& records) {
  const double width = 250, height = 195;  // the site shows a row of three as wide as its text
  const size_t columns = records.size() == 4 ? 2 : std::min<size_t>(3, records.size()),
               rows = (records.size() + columns - 1) / columns;
  viz::Picture all(width * static_cast<double>(columns) + 20, height * static_cast<double>(rows) + 20);
  for (size_t i = 0; i < records.size(); ++i) {
    const ActivationRecord& record = *records[i];
    viz::ActivationPlotOptions look{.title = record.name, .legend = i == 0, .width = width, .height = height};
    if (!record.elementwise) look.beside = 0;
    if (record.name == "relu6") look.x = {-4, 9}, look.y = {-1, 7};  // where it is cut off
    all.place(
        viz::activation_plot(ActivationFunction(record.function, record.name), look),
        {10 + width * static_cast<double>(i % columns), 10 + height * static_cast<double>(i / columns), width, height});
  }
  return all;
}

/// The plots in figures of at most six, as many as a slide holds. The first one has the caption, the others say whose
/// they are.
void figures(Page& page, const std::vector<const ActivationRecord*>& records, const std::string& file,
             const std::string& what, const std::string& more) {
  constexpr size_t most = 6;
  const size_t count = (records.size() + most - 1) / most;
  for (size_t i = 0; i < count; ++i) {
    const auto at = [&](size_t figure) {
      return records.begin() + static_cast<std::ptrdiff_t>(figure * records.size() / count);
    };
    page.figure(plots_of({at(i), at(i + 1)}), i == 0 ? file : message(file, "-", i + 1),
                message(what, count > 1 ? message(" (", i + 1, " of ", count, ")") : "", i == 0 ? more : "."));
  }
}

/// So many neurons with the activation of that name, which may be a layer with weights of its own.
void add_neurons(Sequential& model, int64_t units, const std::string& activation) {
  if (activation == "Maxout") return model.add(Maxout(units));
  const bool learned = activation == "PReLU" || activation == "SoftExponential" || activation == "PiecewiseLinear";
  model.add(learned ? Dense(units) : Dense(units, {.activation = activation}));
  if (activation == "PReLU") model.add(PReLU());
  if (activation == "SoftExponential") model.add(SoftExponential());
  if (activation == "PiecewiseLinear") model.add(PiecewiseLinear());
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
  std::vector<const ActivationRecord*> steps, bounded, unbounded, rows, learned;
  for (const ActivationRecord& record : learned_activation_records()) learned.push_back(&record);
  for (const ActivationRecord& record : activation_records()) {
    if (record.same_as != nullptr) continue;
    const bool is_bounded = std::isfinite(record.range.low) && std::isfinite(record.range.high);
    (!record.elementwise             ? rows
     : record.continuity.order == -1 ? steps
     : is_bounded                    ? bounded
                                     : unbounded)
        .push_back(&record);
  }
  figures(page, unbounded, "unbounded", "Functions with no bound on at least one side",
          ": value (line) and derivative (dashed). Where the derivative is 1 an error passes undiminished.");
  figures(page, bounded, "bounded", "Bounded functions",
          ". Far from zero most of them are flat: they saturate, and errors do not pass.");
  figures(page, steps, "steps", "Functions that jump",
          ". The derivative says nothing of the jump: of a step it is zero wherever there is one, and no error passes; "
          "hard_shrink has slopes of 1 beside its gap.");
  figures(page, learned, "learned", "Functions with weights of their own",
          ", which are learned like all others; here at some weights that show what they are like. They are layers: "
          "`PReLU()`, `SoftExponential()`, `PiecewiseLinear()`, `Maxout(8)`.");
  figures(page, rows, "rows", "Functions of all neurons of a layer together",
          ", here of (x, 0). Softmax and its kin are for the last layer of a classifier; glu is a gate within a "
          "network, which lets the first half of the neurons pass as far as the second half says.");

  std::vector<std::vector<std::string>> table;
  for (const auto* records : {&activation_records(), &learned_activation_records()}) {
    for (const ActivationRecord& record : *records) {
      if (record.same_as == nullptr)
        table.push_back({message("`", record.name, "`"), record.formula, record.range.text, record.continuity.text(),
                         record.monotonic ? "yes" : "no", record.origin});
    }
  }
  page.table("Continuity: C0 has kinks, C1 a continuous derivative, and so on.",
             {"name", "formula", "range", "continuity", "monotonic", "origin"}, table);

  page.section("Learning with each");
  page.text(
      "Two moons again, by a network of two hidden layers of eight neurons, 30 epochs with Adam and a learning rate "
      "of 0.01: all that changes is the activation. Behind a step nothing is learned: the hidden layers stay as they "
      "were, and only the last one fits what they happen to say.");
  const auto [x, y] = data::moons({.samples = 600, .noise = 0.2, .seed = 42});
  const data::Split split = data::train_test_split(x, y, {.test_size = 0.25, .seed = 42});
  std::vector<Number> numbers;
  for (const auto* kind : {&unbounded, &bounded, &steps, &learned}) {
    for (const ActivationRecord* record : *kind) {
      Number number{.what = record->name};
      for (const int64_t seed : page.seeds()) {
        set_random_seed(seed);
        Sequential model({Input({2})});
        for (int layer = 0; layer < 2; ++layer) add_neurons(model, 8, record->name);
        model.add(Dense(2, {.activation = "softmax"}));
        model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                       .loss = "sparse_categorical_crossentropy",
                       .metrics = {"accuracy"}});
        model.fit(split.x_train, split.y_train, {.batch_size = 32, .epochs = page.epochs(30), .verbose = 0});
        number.here.push_back(model.evaluate(split.x_test, split.y_test)["accuracy"]);
      }
      numbers.push_back(number);
    }
  }
  std::stable_sort(numbers.begin(), numbers.end(),
                   [](const Number& a, const Number& b) { return a.mean() > b.mean(); });
  for (const char* name : {"linear", "sigmoid", "tanh", "relu"}) {
    Number shown = *std::find_if(numbers.begin(), numbers.end(), [&](const Number& n) { return n.what == name; });
    shown.what = message("test accuracy, ", name);
    shown.on_index = shown.what.ends_with("linear") || shown.what.ends_with("relu");
    page.number(shown);
  }
  const auto half = numbers.begin() + static_cast<std::ptrdiff_t>((numbers.size() + 1) / 2);
  for (const bool better : {true, false}) {
    const std::vector<Number> part(better ? numbers.begin() : half, better ? half : numbers.end());
    std::vector<std::string> names;
    for (const Number& number : part) names.push_back(number.what);
    page.bars(part, names,
              {.title = better ? "Test accuracy: the better half" : "The other half",
               .y_label = "accuracy",
               .percent = true,
               .horizontal = true,
               .low = 0.5,
               .high = 1,
               .width = 400,
               .height = 0},
              better ? "accuracies" : "accuracies-2", "Test accuracy on two moons by activation function.");
  }
}

}  // namespace hebb::lectures
