// What comes before training, and how well it will do: parts of the data, features of one size, classes as rows, and
// folds, so that every example is tested once.
#include <hebb/hebb.h>

#include <cmath>
#include <cstdio>
using namespace hebb;

int main() {
  // Two features of very different sizes, three classes.
  auto [x, labels] = data::blobs({.samples = 300, .centers = 3, .cluster_std = 1.5, .seed = 1});
  x = x * Tensor::from({1.f, 1000.f}, {1, 2});

  // A part is kept for the end; the scaler learns from the other one alone.
  const data::Split split = data::train_test_split(x, labels, {.test_size = 0.2, .seed = 1});
  data::StandardScaler scaler;
  const Tensor x_train = scaler.fit_transform(split.x_train), x_test = scaler.transform(split.x_test);
  std::printf("deviations: %s\n", scaler.scale().to_string().c_str());

  // Class numbers as rows with a single 1, for the loss that takes probabilities.
  const Tensor y_train = data::to_categorical(split.y_train, 3), y_test = data::to_categorical(split.y_test, 3);
  const auto trained = [](const data::Dataset& train) {
    set_random_seed(1);
    Sequential model({Dense(8, {.activation = "tanh"}), Dense(3, {.activation = "softmax"})});
    model.compile(
        {.optimizer = Adam({.learning_rate = 0.02}), .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
    model.fit(train, {.epochs = 20, .verbose = 0});
    return model;
  };

  // Five trainings, each tested on the fifth that it has not seen: their mean says what to expect.
  double sum = 0;
  for (const auto& [train, test] :
       data::k_fold(data::Dataset(x_train, y_train), {.folds = 5, .shuffle = true, .seed = 1})) {
    const double accuracy = trained(train).evaluate(test)["accuracy"];
    std::printf("fold: %.3f\n", accuracy);
    sum += accuracy;
  }
  const double expected = sum / 5, found = trained({x_train, y_train}).evaluate(x_test, y_test)["accuracy"];
  std::printf("expected %.3f, on the part that was kept %.3f\n", expected, found);
  return std::abs(expected - found) < 0.15 ? 0 : 1;
}
