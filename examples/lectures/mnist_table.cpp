// Logistic regression and four networks on every tenth training image, and what the neurons of one look for.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

struct Row {
  const char* hidden;
  std::vector<int64_t> units;
  double lecture;
  int64_t parameters;  // in the lecture
  struct {
    double mean, least, most;
  } keras;  // of ten seeds on MNIST: tests/goldens/mnist_table.json
};

bool is_outside(double number, double least, double most) { return number < least || number > most; }

struct Data {
  data::Dataset train, test;
};

/// Every tenth image, as numbers from 0 to 1 less their mean.
Data tenth_of(const Images& images) {
  std::vector<int64_t> tenth(static_cast<size_t>(images.train.size() / 10));
  for (size_t i = 0; i < tenth.size(); ++i) tenth[i] = static_cast<int64_t>(i) * 10;
  const data::Dataset subset = images.train.select(tenth);
  data::StandardScaler centre({.with_mean = true, .with_std = false});
  const auto flat = [](const data::Dataset& data) {
    return reshape(cast(data.x(), DType::float32), {data.size(), 784}) / 255.0;
  };
  return {data::Dataset(centre.fit_transform(flat(subset)), subset.y()),
          data::Dataset(centre.transform(flat(images.test)), images.test.y())};
}

Sequential trained(const Page& page, const Row& row, int64_t seed, const data::Dataset& train) {
  set_random_seed(seed);
  Sequential model({Input({784})});
  for (int64_t units : row.units) model.add(Dense(units, {.activation = "relu"}));
  model.add(Dense(10, {.activation = "softmax"}));
  model.compile({.optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  model.fit(train, {.batch_size = 50,
                    .epochs = page.epochs(100),
                    .verbose = 0,
                    .callbacks = {EarlyStopping({.monitor = "val_accuracy", .patience = 5})},
                    .validation_split = 0.1});
  return model;
}

}  // namespace

void mnist_table(Page& page) {
  page.text(
      "Every tenth training image, pixels from 0 to 1 less their mean; gradient descent with Nesterov's momentum, "
      "batches of 50, and early stopping on a tenth of these images. More hidden neurons help, with ever smaller "
      "steps. Two layers of 500 can do better still, and differ most from one training to the next.");
  page.text(
      "Where the weights start and when the training is stopped is chance, and the lecture's numbers are of one "
      "training each.");
  const Data data = tenth_of(page.images());
  const std::vector<Row> rows = {{"none", {}, 0.8911, 7850, {0.8862, 0.8829, 0.8899}},
                                 {"50", {50}, 0.9380, 39760, {0.9349, 0.9310, 0.9373}},
                                 {"200", {200}, 0.9437, 159010, {0.9428, 0.9406, 0.9439}},
                                 {"1000", {1000}, 0.9462, 795010, {0.9455, 0.9441, 0.9473}},
                                 {"500-500", {500, 500}, 0.9529, 648010, {0.9471, 0.9425, 0.9515}}};
  std::optional<Sequential> fifty;
  std::vector<std::vector<std::string>> table;
  std::vector<std::string> names;
  std::vector<Number> numbers;
  std::vector<std::string> in_neither, in_keras;  // rows outside the spread here, and outside Keras's or within it
  for (const Row& row : rows) {
    Number number{
        .what = message("test accuracy, hidden neurons: ", row.hidden), .lecture = row.lecture, .on_index = true};
    int64_t parameters = 0;
    // Three times as many as elsewhere: the networks are told apart by less than the spread of a few.
    const auto trainings = 3 * static_cast<int64_t>(page.seeds().size());
    page.progress(message(trainings, " trainings, hidden neurons: ", row.hidden));
    for (int64_t seed = 1; seed <= trainings; ++seed) {
      Sequential model = trained(page, row, seed, data.train);
      number.here.push_back(model.evaluate(data.test, {.batch_size = 500})["accuracy"]);
      parameters = model.count_params();
      if (row.units == std::vector<int64_t>{50} && !fifty) fifty = model;
    }
    page.number(number);
    table.push_back({row.hidden, std::to_string(row.parameters), std::to_string(parameters), number.lecture_text(),
                     number.here_text()});
    if (page.has_mnist()) {
      const auto text = [](double accuracy) { return Number{.here = {accuracy}}.here_text(); };
      table.back().push_back(
          message(text(row.keras.mean), " (", text(row.keras.least), " to ", text(row.keras.most), ")"));
      const auto [least, most] = std::minmax_element(number.here.begin(), number.here.end());
      if (is_outside(row.lecture, *least, *most))
        (is_outside(row.lecture, row.keras.least, row.keras.most) ? in_neither : in_keras).push_back(row.hidden);
    }
    numbers.push_back(number);
    names.emplace_back(row.hidden);
  }
  page.bars(numbers, names,
            {.title = "Test accuracy",
             .x_label = "hidden neurons",
             .y_label = "accuracy",
             .percent = true,
             .low = 0.86,
             .high = 0.96},
            "accuracies", "Five networks.");
  std::vector<std::string> header = {"hidden neurons", "parameters, lecture", "here", "test accuracy, lecture", "here"};
  const std::string trainings =
      message("Five networks: the lecture's numbers, ", 3 * page.options().trainings, " trainings of each here");
  if (page.has_mnist()) header.emplace_back("Keras, same recipe");
  page.table(trainings + (page.has_mnist() ? ", ten by Keras" : ""), header, table);
  if (page.has_mnist()) {
    std::string judged =
        "Keras's numbers are those of ten seeds by this very recipe (`tests/goldens/make_mnist_table.py`).";
    if (!in_neither.empty())
      judged +=
          message(" The lecture's for ", join(in_neither), " hidden neurons", in_neither.size() > 1 ? " lie" : " lies",
                  " outside the spread here, and outside Keras's: something in its recipe was not told.");
    if (!in_keras.empty())
      judged += message(" The lecture's for ", join(in_keras), " hidden neurons",
                        in_keras.size() > 1 ? " lie" : " lies", " outside the spread here, and within Keras's.");
    page.text(judged);
  }

  page.section("What the neurons look for");
  page.text(
      "The incoming weights of a hidden neuron are as many as the image has pixels, so they can be seen as an image: "
      "what is red adds to the neuron's activation, what is blue takes away from it.");
  page.figure(viz::weights(*fifty, {{.title = "Incoming weights of the 50 hidden neurons"}}), "weights",
              "The 50 hidden neurons' weights as images.");
  page.text(
      "The neuron for the digit 5 weighs what the hidden neurons say. Green bars (+) are patterns that speak for a "
      "five, red ones (−) speak against it.");
  page.figure(viz::neuron_patterns(*fifty, 5, {.class_name = "5"}), "five",
              "The output weights of the digit 5, and the patterns behind them, framed in the same colors.");
}

}  // namespace hebb::lectures
