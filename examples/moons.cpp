// Arrays, regularisers, schedules, callbacks, history, and two pictures: the learning curves and what the network says
// of every point of the plane.
#include <hebb/hebb.h>

#include <cstdio>
using namespace hebb;

int main() {
  auto [x, y] = data::moons({.samples = 1000, .noise = 0.2, .seed = 42});
  auto split = data::train_test_split(x, y, {.test_size = 0.25, .seed = 42});
  Sequential model(
      {Dense(20, {.activation = "relu", .kernel_initializer = "he_normal", .kernel_regularizer = L2(0.01)}),
       Dense(2, {.activation = "softmax"})});
  model.compile(
      {.optimizer = SGD({.learning_rate = ExponentialDecay(0.3, 1000, 0.96), .momentum = 0.9, .nesterov = true}),
       .loss = "sparse_categorical_crossentropy",
       .metrics = {"accuracy"}});
  History history =
      model.fit(split.x_train, split.y_train,
                {.batch_size = 32,
                 .epochs = 100,
                 .verbose = 0,
                 .callbacks = {EarlyStopping({.monitor = "val_loss", .min_delta = 1e-4, .patience = 5, .verbose = 1})},
                 .validation_split = 0.1});
  float accuracy = model.evaluate(split.x_test, split.y_test)["accuracy"];
  viz::learning_curves(history).save("curves.svg");
  viz::decision_regions(model, x, y).save("regions.png");
  std::printf("test accuracy %.3f; curves.svg, regions.png\n", accuracy);
}
