// The first program: a convolutional network learns to read the embedded digits, and is saved in a file that Keras
// opens.
#include <hebb/hebb.h>
using namespace hebb;

int main() {
  auto [train, test] = data::digits();
  Sequential model({
      Input({28, 28, 1}),
      Rescaling(1.0 / 255),
      Conv2D(32, 5, {.activation = "relu"}),
      Conv2D(32, 5, {.activation = "relu"}),
      MaxPooling2D(2),
      Dropout(0.25),
      Flatten(),
      Dense(128, {.activation = "relu"}),
      Dropout(0.5),
      Dense(10, {.activation = "softmax"}),
  });
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.summary();
  model.fit(train, {.batch_size = 32, .epochs = 3, .validation_data = test});
  model.save("digits.keras");  // opens in Keras
}
