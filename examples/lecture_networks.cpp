// The lectures' table: logistic regression and four networks on every tenth training image of MNIST (of the embedded
// digits where MNIST is not installed), scaled to [0, 1] and mean-centred, with early stopping on a tenth of it.
//
//   lecture_networks [MNIST_FOLDER]
#include <hebb/hebb.h>

#include <cstdio>
#include <numeric>
using namespace hebb;

struct Row {
  const char* name;
  std::vector<int64_t> hidden;
};

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
  const Tensor x = centre.fit_transform(flat(subset)), x_test = centre.transform(flat(test));

  std::printf("%s, %lld training images\n%-12s %10s %8s %12s\n", has_mnist ? "MNIST" : "digits",
              static_cast<long long>(subset.size()), "network", "parameters", "epochs", "test accuracy");
  for (const Row& row :
       {Row{"logistic", {}}, Row{"50", {50}}, Row{"200", {200}}, Row{"1000", {1000}}, Row{"500-500", {500, 500}}}) {
    set_random_seed(1);
    Sequential model({Input({784})});
    for (int64_t units : row.hidden) model.add(Dense(units, {.activation = "relu"}));
    model.add(Dense(10, {.activation = "softmax"}));
    model.compile({.optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}),
                   .loss = "sparse_categorical_crossentropy",
                   .metrics = {"accuracy"}});
    History history = model.fit(x, subset.y(),
                                {.batch_size = 50,
                                 .epochs = 100,
                                 .verbose = 0,
                                 .callbacks = {EarlyStopping({.monitor = "val_accuracy", .patience = 5})},
                                 .validation_split = 0.1});
    const double accuracy = model.evaluate(x_test, test.y(), {.batch_size = 500})["accuracy"];
    std::printf("%-12s %10lld %8zu %12.4f\n", row.name, static_cast<long long>(model.count_params()),
                history.epochs().size(), accuracy);
  }
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
