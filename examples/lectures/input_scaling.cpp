// What the scale of the inputs does to learning, and batch normalisation as the remedy inside the network.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

enum class Inputs { unscaled, normalised_inside, scaled };

double accuracy_of(Page& page, Inputs inputs, int64_t seed) {
  set_random_seed(seed);
  const Images& images = page.images();
  Sequential model({Input({28, 28, 1}), Flatten()});
  if (inputs == Inputs::scaled) model.add(Rescaling(1.0 / 255));
  if (inputs == Inputs::normalised_inside) model.add(BatchNormalization());
  model.add(Dense(50, {.activation = "relu"}));
  model.add(Dense(50, {.activation = "relu"}));
  model.add(Dense(10, {.activation = "softmax"}));
  model.compile(
      {.optimizer = SGD({.learning_rate = 0.1}), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(images.train, {.batch_size = 32, .epochs = page.epochs(3), .verbose = 0});
  return model.evaluate(images.test, {.batch_size = 500})["accuracy"];
}

}  // namespace

void input_scaling(Page& page) {
  page.text(
      "Pixels are numbers from 0 to 255. Fed to a network as they are, the sums of the first layer are hundreds of "
      "times too large for its initial weights: the first steps throw the weights far away, ReLU neurons die or "
      "numbers overflow, and what is left is guessing. Divided by 255, or normalised by the network itself (Ioffe and "
      "Szegedy, 2015), the same network learns in a few epochs. Guessing is right for the share of one digit in the "
      "test images, from 0.09 to 0.11: which one is left over is chance.");
  const bool has_mnist = page.images().name == "MNIST";
  std::vector<Number> numbers;
  for (const auto& [what, inputs, lecture, decimals] :
       {std::tuple{"unscaled", Inputs::unscaled, 0.095, 3},
        {"with batch normalisation", Inputs::normalised_inside, 0.96, 2},
        {"scaled to 0 to 1", Inputs::scaled, 0.96, 2}}) {
    Number number{
        .what = message("test accuracy, ", what), .lecture = lecture, .lecture_decimals = decimals, .on_index = true};
    for (int64_t seed : page.seeds()) number.here.push_back(accuracy_of(page, inputs, seed));
    page.number(number);
    numbers.push_back(number);
  }
  if (has_mnist && page.options().images == 0 && page.options().epochs == 0) {  // the whole recipe
    page.text(
        "Keras, by the same recipe with three seeds (`tests/goldens/make_input_scaling.py`), comes to 0.098 to 0.114 "
        "with inputs as they are, 0.963 to 0.966 with batch normalisation and 0.965 to 0.970 with scaled inputs, as "
        "here: how many epochs, and what weights, the lecture's two digits are of was not told.");
  }
  page.bars(numbers, {"unscaled", "batch normalisation", "scaled"},
            {.title = "Test accuracy after three epochs", .y_label = "accuracy", .percent = true, .low = 0, .high = 1},
            "accuracies", "The same network with three kinds of inputs.");
}

}  // namespace hebb::lectures
