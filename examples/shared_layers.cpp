// A graph of layers: two inputs, one layer that both go through with the same weights.
#include <hebb/hebb.h>

#include <cstdio>
using namespace hebb;

int main() {
  auto left = Input({16}, {.name = "left"}), right = Input({16}, {.name = "right"});
  auto encode = Dense(8, {.activation = "tanh"});  // one layer, called twice: shared weights
  auto joined = Concatenate()({encode(left), encode(right)});
  Model model({left, right}, Dense(1, {.activation = "sigmoid"})(joined));
  model.summary();

  // Which of two vectors has the larger sum?
  Tensor a = random::normal({2000, 16}, {.seed = 1}), b = random::normal({2000, 16}, {.seed = 2});
  Tensor larger = cast(greater(sum(a, {.axes = {1}}), sum(b, {.axes = {1}})), DType::float32);
  model.compile({.optimizer = Adam({.learning_rate = 0.01}), .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.fit(Tensors{a, b}, Tensors{larger}, {.epochs = 20, .verbose = 0});
  Tensor answer = model.predict({a, b});
  std::printf("predictions %s, accuracy on what it learnt %.3f\n", answer.shape().to_string().c_str(),
              model.evaluate(Tensors{a, b}, Tensors{larger})["accuracy"]);
}
