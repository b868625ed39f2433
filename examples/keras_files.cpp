// Keras's files: a model saved by Python predicts, learns on with its optimizer's state, and goes back. To run by
// itself, the example first makes the files that it reads.
#include <hebb/hebb.h>

#include <cstdio>
using namespace hebb;

static void make_files(const data::Dataset& train, const data::Dataset& test) {
  Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten(), Dense(64, {.activation = "relu"}),
                    Dense(10, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(train, {.epochs = 1, .verbose = 0});
  model.save("from_python.keras");
  int64_t seven = 0;
  while (test.y().to_vector<int64_t>()[static_cast<size_t>(seven)] != 7) ++seven;
  viz::Picture picture(14, 14);  // a PNG has two pixels for each point
  std::vector<uint8_t> pixels;
  for (uint8_t grey : test.slice(seven, seven + 1).x().to_vector<uint8_t>())
    pixels.insert(pixels.end(), {grey, grey, grey, 255});
  picture.image(pixels, 28, 28, {0, 0, 14, 14});
  picture.save("seven.png");
}

int main() {
  auto [train, test] = data::digits({.train = 12800, .test = 1000});
  make_files(train, test);

  Model model = load_model("from_python.keras");  // or .h5; throws IoError that says what, where and what to do
  Tensor probabilities = model.predict(data::read_image("seven.png", {.grayscale = true}));
  model.fit(train, {.epochs = 1});  // goes on with the saved optimizer state
  model.save("back_to_python.keras");

  std::printf("seven.png is a %d (%.0f %%); test accuracy %.3f\n", static_cast<int>(argmax(probabilities).item()),
              100 * max(probabilities).item(), model.evaluate(test)["accuracy"]);
}
