// One's own training loop: eager while writing it, one plan when it is right.
#include <hebb/hebb.h>

#include <iostream>
using namespace hebb;

int main() {
  auto [train, test] = data::digits({.train = 6400, .test = 1000});
  Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten(), Dense(64, {.activation = "relu"}),
                    Dropout(0.2), Dense(10, {.activation = "softmax"})});
  Optimizer optimizer = Adam();

  auto step = compiled([&](const Tensor& x, const Tensor& y) {
    Tensor loss = mean(sparse_categorical_crossentropy(y, model(x, {.training = true})));
    optimizer.apply(gradient(loss, model.trainable_variables()), model.trainable_variables());
    return loss;
  });
  for (auto [x, y] : train.batches({.batch_size = 64, .shuffle = true, .seed = 1}))
    std::cout << step(x, y).item() << '\n';

  Tensor right = equal(argmax(model.predict(test)), cast(test.y(), DType::int64));
  std::cout << "test accuracy " << mean(right).item() << '\n';
}
