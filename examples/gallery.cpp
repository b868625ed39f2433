// Every kind of picture, drawn from two small networks that learn in seconds: docs/gallery.md shows them.
#include <hebb/hebb.h>

#include <cmath>
#include <cstdio>
using namespace hebb;

int main() {
  set_random_seed(1);
  auto [train, test] = data::digits({.train = 6000, .test = 1000});
  const Tensor images = test.x(), truth = test.y();

  // A convolutional network, with a branch around its second convolution.
  auto input = Input({28, 28, 1});
  Tensor x = Conv2D(16, 5, {.activation = "relu", .name = "first"})(Rescaling(1.0 / 255)(input));
  x = MaxPooling2D(2)(x);
  Tensor y = Conv2D(16, 3, {.padding = "same", .activation = "relu", .name = "second"})(x);
  x = Flatten()(MaxPooling2D(2)(Add()(Tensors{x, y})));
  x = Dense(64, {.activation = "relu", .name = "hidden"})(Dropout(0.3)(x));
  Model cnn(input, Dense(10, {.activation = "softmax", .name = "digit"})(x), "cnn");
  cnn.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const History history = cnn.fit(train, {.epochs = 3, .verbose = 0, .validation_data = test});
  const Tensor outputs = cnn.predict(images);

  viz::model_graph(cnn, {.show_shapes = true, .show_layer_names = true, .show_layer_activations = true})
      .save("model_graph.png");
  viz::learning_curves(history, {.title = "a convolutional network reads digits"}).save("learning_curves.png");
  viz::confusion_matrix(viz::judge(outputs, truth)).save("confusion.png");
  viz::roc(outputs, truth).save("roc.png");
  viz::precision_recall(outputs, truth).save("precision_recall.png");
  viz::images(images, outputs, truth, {.most = 30, .mistakes_only = true}).save("mistakes.png");
  viz::filters(cnn, {.layer = "first"}).save("filters.png");
  viz::filters(cnn, {.layer = "second"}).save("filters_second.png");
  const Tensor image = images.shape()[0] > 3 ? viz::select_images(images, {3}) : images;
  viz::activations(cnn, image, {.layer = "first"}).save("activations.png");
  viz::activations(cnn, image, {.layer = "hidden"}).save("activations_hidden.png");
  viz::saliency(cnn, image).save("saliency.png");
  viz::grad_cam(cnn, image).save("grad_cam.png");
  viz::histograms(viz::weight_values(cnn), {.title = "weights"}).save("weight_histograms.png");
  const data::Dataset some = train.take(256);
  viz::histograms(viz::gradient_values(cnn, some.x(), some.y(), true), {.title = "gradients"})
      .save("gradient_histograms.png");
  const Tensor features = viz::layer_features(cnn, images);
  viz::embedding(features, truth).save("pca.png");
  viz::embedding(features, truth, {.title = "the hidden layer's view of 1,000 digits (t-SNE)", .method = "t-sne"})
      .save("t_sne.png");

  // A dense network whose neurons can be looked at.
  Sequential mlp({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten(), Dense(20, {.activation = "relu"}),
                  Dense(10, {.activation = "softmax"})});
  mlp.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  mlp.fit(train, {.epochs = 5, .verbose = 0});
  viz::weights(mlp).save("weights.png");
  viz::neuron_patterns(mlp, 5).save("neuron_patterns.png");

  // Decision regions.
  auto [points, classes] = data::moons({.samples = 600, .noise = 0.2, .seed = 1});
  Sequential moons({Input({2}), Dense(16, {.activation = "tanh"}), Dense(16, {.activation = "tanh"}),
                    Dense(2, {.activation = "softmax"})});
  moons.compile({.optimizer = Adam({.learning_rate = 0.01}), .loss = "sparse_categorical_crossentropy"});
  moons.fit(points, classes, {.epochs = 40, .verbose = 0});
  viz::decision_regions(moons, points, classes, {.x_label = "x1", .y_label = "x2"}).save("regions.png");

  // Functions and bars.
  viz::function_plot({{"tanh x", [](double v) { return std::tanh(v); }},
                      {"derivative", [](double v) { return 1 - std::tanh(v) * std::tanh(v); }, true}},
                     {.title = "hyperbolic tangent", .range = {-4, 4}})
      .save("function.png");
  viz::bars({0.8911, 0.9380, 0.9437, 0.9462, 0.9529}, {.title = "accuracy by hidden neurons",
                                                       .x_label = "hidden neurons",
                                                       .y_label = "test accuracy",
                                                       .labels = {"none", "50", "200", "1000", "500-500"},
                                                       .errors = {0.002, 0.003, 0.002, 0.002, 0.002},
                                                       .percent = true,
                                                       .low = 0.85,
                                                       .high = 0.97})
      .save("bars.png");
  std::printf("accuracy %.3f: pictures in this folder\n", viz::judge(outputs, truth).accuracy());
}
