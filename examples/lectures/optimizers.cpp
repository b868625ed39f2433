// One deep and narrow network, trained for three epochs by several optimizers.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

struct Trial {
  std::string name;
  std::function<Optimizer()> optimizer;
  std::optional<double> lecture;
  int lecture_decimals = 2;
};

}  // namespace

void optimizers(Page& page) {
  page.text(
      "Seven hidden layers of 20, 50, 70, 100, 70, 50 and 20 ReLU neurons on all training images, three epochs with "
      "batches of 32. With a learning rate of 0.1 Adam's first steps throw the weights so far that the network "
      "guesses; with one that suits it, each optimizer comes to about the same accuracy.");
  const Images& images = page.images();
  const std::vector<Trial> trials = {
      {"Adam, 0.1", [] { return Adam({.learning_rate = 0.1}); }, 0.092, 3},
      {"Adam, 0.01", [] { return Adam({.learning_rate = 0.01}); }, {}},
      {"Adam, 0.001", [] { return Adam({.learning_rate = 0.001}); }, {}},
      {"Nadam, 0.002", [] { return Nadam({.learning_rate = 0.002}); }, 0.95},
      {"SGD, 0.01, Nesterov 0.9", [] { return SGD({.learning_rate = 0.01, .momentum = 0.9, .nesterov = true}); }, 0.95},
  };
  std::vector<Number> numbers;
  std::vector<std::string> names;
  for (const Trial& trial : trials) {
    Number number{.what = "test accuracy, " + trial.name,
                  .lecture = trial.lecture,
                  .lecture_decimals = trial.lecture_decimals,
                  .on_index = trial.lecture.has_value()};
    for (int64_t seed : page.seeds()) {
      set_random_seed(seed);
      Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten()});
      for (int64_t units : {20, 50, 70, 100, 70, 50, 20}) model.add(Dense(units, {.activation = "relu"}));
      model.add(Dense(10, {.activation = "softmax"}));
      model.compile(
          {.optimizer = trial.optimizer(), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
      model.fit(images.train, {.batch_size = 32, .epochs = page.epochs(3), .verbose = 0});
      number.here.push_back(model.evaluate(images.test, {.batch_size = 500})["accuracy"]);
    }
    page.number(number);
    numbers.push_back(number);
    names.push_back(trial.name);
  }
  page.bars(numbers, names,
            {.title = "Test accuracy after three epochs",
             .y_label = "accuracy",
             .percent = true,
             .low = 0,
             .high = 1,
             .width = 860},
            "accuracies", "The network 20-50-70-100-70-50-20 by optimizer.");
}

}  // namespace hebb::lectures
