// The default network of the guidelines: He's initialisation, ELU, batch normalisation, dropout, Nesterov's momentum.
#include "examples/lectures/page.h"

namespace hebb::lectures {

void guidelines(Page& page) {
  page.text(
      "Where nothing speaks for something else, begin with this: weights initialised after He, ELU as activation, "
      "batch normalisation between the layers, dropout against overfitting, and gradient descent with Nesterov's "
      "momentum and a falling learning rate.");
  const Images& images = page.images();
  Number accuracy{.what = "test accuracy after 10 epochs", .on_index = true};
  std::optional<Sequential> first;
  for (int64_t seed : page.seeds()) {
    set_random_seed(seed);
    Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten()});
    for (int64_t units : {300, 100}) {
      model.add(Dense(units, {.kernel_initializer = "he_normal"}));
      model.add(BatchNormalization());
      model.add(Activation("elu"));
      model.add(Dropout(0.2));
    }
    model.add(Dense(10, {.activation = "softmax"}));
    const int64_t steps = images.train.size() / 100;
    model.compile(
        {.optimizer = SGD({.learning_rate = ExponentialDecay(0.1, steps, 0.8), .momentum = 0.9, .nesterov = true}),
         .loss = "sparse_categorical_crossentropy",
         .metrics = {"accuracy"}});
    const History history = model.fit(
        images.train, {.batch_size = 100, .epochs = page.epochs(10), .verbose = 0, .validation_data = images.test});
    accuracy.here.push_back(model.evaluate(images.test, {.batch_size = 500})["accuracy"]);
    if (seed == 1) {
      first = model;
      page.curves(history, "curves", "Loss and accuracy over ten epochs.");
    }
  }
  page.number(accuracy);
  page.figure(viz::model_graph(*first), "network",
              "The network, layer by layer: 300 and 100 neurons with ELU, and ten with softmax.");
  const Tensor answers = first->predict(images.test, {.batch_size = 500});
  page.figure(viz::confusion_matrix(viz::judge(answers, images.test.y())), "confusion",
              "Which digits are taken for which.");
}

}  // namespace hebb::lectures
