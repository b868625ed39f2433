// More examples out of those there are: digits moved, turned and zoomed at random while they are loaded.
#include <hebb/hebb.h>

#include <iostream>
using namespace hebb;

int main() {
  auto [train, test] = data::digits();
  const data::Dataset few = train.take(500);
  for (const bool augmented : {false, true}) {
    set_random_seed(1);
    Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Conv2D(16, 5, {.activation = "relu"}), MaxPooling2D(2),
                      Flatten(), Dense(32, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
    model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    const data::Dataset seen =
        augmented
            ? augment(few,
                      {RandomTranslation(0.08, 0.08, {.fill_mode = "constant"}),
                       RandomRotation(0.03, {.fill_mode = "constant"}), RandomZoom(0.1, {.fill_mode = "constant"})},
                      {.seed = 1})
            : few;
    model.fit(seen, {.epochs = 12, .verbose = 0});
    std::cout << (augmented ? "augmented: " : "as they are: ") << model.evaluate(test)["accuracy"] << '\n';
  }
}
