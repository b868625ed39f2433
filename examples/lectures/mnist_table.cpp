// Logistic regression and four networks on every tenth training image, and what the neurons of one look for.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

struct Row {
  const char* hidden;
  std::vector<int64_t> units;
  double lecture;
  int64_t parameters;  // in the lecture
};

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
      "steps; a second hidden layer helps a little more. Where the weights start and when the training is stopped is "
      "chance: Keras, by the same recipe, came to 0.930 to 0.937 with 50 neurons and to 0.933 to 0.950 with 500 and "
      "500, where the lecture tells 0.938 and 0.953; its numbers are of one training each.");
  const Data data = tenth_of(page.images());
  const std::vector<Row> rows = {{"none", {}, 0.8911, 7850},
                                 {"50", {50}, 0.9380, 39760},
                                 {"200", {200}, 0.9437, 159010},
                                 {"1000", {1000}, 0.9462, 795010},
                                 {"500-500", {500, 500}, 0.9529, 648010}};
  std::optional<Sequential> fifty;
  std::vector<std::vector<std::string>> table;
  std::vector<double> means, spreads;
  for (const Row& row : rows) {
    Number number{.what = message("test accuracy, hidden neurons: ", row.hidden),
                  .lecture = row.lecture,
                  .on_index = std::string(row.hidden) == "500-500"};
    int64_t parameters = 0;
    for (int64_t seed : page.seeds()) {
      Sequential model = trained(page, row, seed, data.train);
      number.here.push_back(model.evaluate(data.test, {.batch_size = 500})["accuracy"]);
      parameters = model.count_params();
      if (row.units == std::vector<int64_t>{50} && !fifty) fifty = model;
    }
    page.number(number);
    table.push_back({row.hidden, std::to_string(row.parameters), std::to_string(parameters), number.lecture_text(),
                     number.here_text()});
    means.push_back(number.mean());
    const auto [least, most] = std::minmax_element(number.here.begin(), number.here.end());
    spreads.push_back((*most - *least) / 2);
  }
  page.figure(viz::bars(means, {.title = "Test accuracy",
                                .x_label = "hidden neurons",
                                .labels = {"none", "50", "200", "1000", "500-500"},
                                .errors = spreads,
                                .percent = true,
                                .low = 0.86,
                                .high = 0.96}),
              "accuracies", "Mean of the trainings; the lines show half the spread between the worst and the best.");
  page.table("Five networks", {"hidden neurons", "parameters, lecture", "here", "test accuracy, lecture", "here"},
             table);

  page.section("What the neurons look for");
  page.text(
      "The incoming weights of a hidden neuron are as many as the image has pixels, so they can be seen as an image: "
      "what is red adds to the neuron's activation, what is blue takes away from it.");
  page.figure(viz::weights(*fifty, {{.title = "Incoming weights of the 50 hidden neurons"}}), "weights",
              "The 50 hidden neurons' weights as images.");
  page.text(
      "The neuron for the digit 5 weighs what the hidden neurons say. Green bars are patterns that speak for a five, "
      "red ones speak against it.");
  page.figure(viz::neuron_patterns(*fifty, 5, {.class_name = "5"}), "five",
              "The output weights of the digit 5, and the patterns behind them, framed in the same colors.");
}

}  // namespace hebb::lectures
