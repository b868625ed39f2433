// The lectures' table: logistic regression and four networks on every tenth training image of MNIST (of the embedded
// digits where MNIST is not installed), scaled to [0, 1] and mean-centred, with early stopping on a tenth of it. Where
// the weights start and when training stops is chance: the table shows the mean of three trainings, and the worst and
// best.
//
//   lecture_networks [MNIST_FOLDER [TRAININGS]]
#include <hebb/hebb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
using namespace hebb;

struct Row {
  const char* name;
  std::vector<int64_t> hidden;
};

/// The test accuracy of one training.
double accuracy_of(const Row& row, int64_t seed, const data::Dataset& train, const data::Dataset& test) {
  set_random_seed(seed);
  Sequential model({Input({784})});
  for (int64_t units : row.hidden) model.add(Dense(units, {.activation = "relu"}));
  model.add(Dense(10, {.activation = "softmax"}));
  model.compile({.optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  model.fit(train, {.batch_size = 50,
                    .epochs = 100,
                    .verbose = 0,
                    .callbacks = {EarlyStopping({.monitor = "val_accuracy", .patience = 5})},
                    .validation_split = 0.1});
  return model.evaluate(test, {.batch_size = 500})["accuracy"];
}

int main(int argc, char** argv) try {
  const data::MnistOptions where{.path = argc > 1 ? argv[1] : ""};
  const bool has_mnist = argc > 1 || data::find_mnist(where).has_value();
  auto [train, test] = has_mnist ? data::mnist(where) : data::digits();

  // Every tenth image, as numbers from 0 to 1 less their mean.
  std::vector<int64_t> tenth(static_cast<size_t>(train.size() / 10));
  for (size_t i = 0; i < tenth.size(); ++i) tenth[i] = static_cast<int64_t>(i) * 10;
  const data::Dataset subset = train.select(tenth);
  data::StandardScaler centre({.with_mean = true, .with_std = false});
  auto flat = [](const data::Dataset& data) {
    return reshape(cast(data.x(), DType::float32), {data.size(), 784}) / 255.0;
  };
  const data::Dataset x(centre.fit_transform(flat(subset)), subset.y()), x_test(centre.transform(flat(test)), test.y());

  const int64_t trainings = argc > 2 ? std::atoll(argv[2]) : 3;
  if (trainings < 1) throw InvalidArgument("expected a number of trainings from 1 on as the second argument.");
  std::printf("%s, %lld training images\n%-10s %13s %s\n", has_mnist ? "MNIST" : "digits",
              static_cast<long long>(subset.size()), "network", "test accuracy", "(worst to best)");
  for (const Row& row :
       {Row{"logistic", {}}, Row{"50", {50}}, Row{"200", {200}}, Row{"1000", {1000}}, Row{"500-500", {500, 500}}}) {
    std::vector<double> accuracies;
    for (int64_t seed = 1; seed <= trainings; ++seed) accuracies.push_back(accuracy_of(row, seed, x, x_test));
    const auto [worst, best] = std::minmax_element(accuracies.begin(), accuracies.end());
    const double mean = std::accumulate(accuracies.begin(), accuracies.end(), 0.0) / static_cast<double>(trainings);
    std::printf("%-10s %13.4f (%.4f to %.4f)\n", row.name, mean, *worst, *best);
  }
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
