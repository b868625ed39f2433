// Unsupervised pretraining: a net of five sigmoid layers hardly learns from targets alone, since the gradient fades on
// its way down. The same net whose layers were first trained one by one, without targets, learns at once (Hinton,
// Osindero and Teh, 2006).
//
// It writes pretraining.png (both trainings), filters.png (what the first layer's units look for), reconstructions.png
// (digits, and what is left of them after five layers up and five down) and denoised.png.

#include <hebb/hebb.h>

#include <cstdio>

using namespace hebb;

namespace {

/// Targets alone from here on: the same optimizer, the same order of the same examples.
History fine_tune(Sequential model, const Tensor& x, const Tensor& y, const data::Dataset& test) {
  model.compile({.optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  return model.fit(x, y, {.batch_size = 32, .epochs = 6, .verbose = 0, .validation_data = test, .seed = 1});
}

std::vector<viz::Point> curve(const std::vector<double>& values) {
  std::vector<viz::Point> points;
  for (size_t i = 0; i < values.size(); ++i) points.push_back({static_cast<double>(i + 1), values[i]});
  return points;
}

/// Rows of 784 numbers, several tensors one below the other, as images.
Tensor as_images(const Tensors& rows) { return reshape(concatenate(rows, 0), {-1, 28, 28}); }

}  // namespace

int main() {
  set_random_seed(1);
  const auto [train, test_bytes] = data::digits({.train = 5000, .test = 1000});
  auto flat = [](const Tensor& images) { return reshape(cast(images, DType::float32) / 255.0, {-1, 784}); };
  const Tensor x = flat(train.x()), x_test = flat(test_bytes.x());
  const data::Dataset test(x_test, test_bytes.y());

  // Layer by layer, without a single target.
  classic::DeepBeliefNetwork network({.units = {784, 128, 128, 128, 128, 128}, .seed = 1});
  const std::vector<History> layers =
      network.fit(x, {.epochs = 5, .batch_size = 20, .learning_rate = 0.1, .momentum = 0.5});
  std::printf("restricted Boltzmann machines: mean squared error of the reconstruction by epoch\n");
  for (size_t i = 0; i < layers.size(); ++i) {
    std::printf("  layer %zu:", i + 1);
    for (const double error : layers[i]["reconstruction_error"]) std::printf(" %.4f", error);
    std::printf("\n");
  }
  const Tensor some = slice(x_test, {0}, {12});
  viz::image_grid(reshape(transpose(network.machines()[0].weights()), {-1, 28, 28}),
                  {.title = "filters of the first layer", .columns = 16, .cell = 44})
      .save("filters.png");
  viz::image_grid(as_images({some, network.reconstruct(some)}),
                  {.title = "digits, and restored from 128 numbers five layers up", .columns = 12, .cell = 60})
      .save("reconstructions.png");

  // The same five layers with fresh weights, and with the learned ones.
  std::vector<Layer> fresh = {Input({784})};
  for (int i = 0; i < 5; ++i) fresh.push_back(Dense(128, {.activation = "sigmoid"}));
  fresh.push_back(Dense(10, {.activation = "softmax"}));
  const History without = fine_tune(Sequential(fresh), x, train.y(), test);
  const History with = fine_tune(network.to_sequential({.classes = 10}), x, train.y(), test);
  std::printf("test accuracy by epoch\n  without pretraining:");
  for (const double accuracy : without["val_accuracy"]) std::printf(" %.3f", accuracy);
  std::printf("\n  with pretraining:   ");
  for (const double accuracy : with["val_accuracy"]) std::printf(" %.3f", accuracy);
  std::printf("\n");
  viz::Picture picture(520, 340);
  viz::draw_plot(
      picture, {16, 16, 488, 308},
      {{.label = "with pretraining", .points = curve(with["val_accuracy"])},
       {.label = "without", .points = curve(without["val_accuracy"])}},
      {{.title = "five sigmoid layers: test accuracy", .x_label = "epoch", .whole_x = true, .percent_y = true},
       {},
       viz::Range{0, 1}});
  picture.save("pretraining.png");

  // An autoencoder that takes noise away.
  zoo::Autoencoder denoising = zoo::autoencoder({.units = {128}, .noise = 0.4});
  denoising.model.fit(x, x, {.batch_size = 32, .epochs = 5, .verbose = 0});
  const Tensor noisy = clip(some + random::normal(some.shape(), {.stddev = 0.4, .seed = 2}), 0, 1);
  viz::image_grid(as_images({some, noisy, denoising.model.predict(noisy)}),
                  {.title = "digits, with noise, and restored", .columns = 12, .cell = 60})
      .save("denoised.png");

  const bool learned = with["val_accuracy"].back() > 0.9 && without["val_accuracy"].back() < 0.5;
  if (!learned) std::printf("expected the pretrained net alone to learn\n");
  return learned ? 0 : 1;
}
