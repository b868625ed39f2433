// What somebody else's program does with hebb: it sees the public header and one target, nothing more.
#include <hebb/hebb.h>

#include <cstdio>

using namespace hebb;

int main() {
  auto [x, y] = data::xor_problem({.samples = 200, .seed = 1});
  Sequential model({
      Input({2}),
      Dense(8, {.activation = "tanh"}),
      Dense(2, {.activation = "softmax"}),
  });
  model.compile(
      {.optimizer = Adam({.learning_rate = 0.05}), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.fit(x, y, {.batch_size = 20, .epochs = 20, .verbose = 0});
  const double accuracy = model.evaluate(x, y, {.verbose = 0})["accuracy"];
  std::printf("accuracy %.3f\n", accuracy);

  model.save("outside.keras");
  const bool same = load_model("outside.keras").count_params() == model.count_params();
  return accuracy > 0.9 && same ? 0 : 1;
}
