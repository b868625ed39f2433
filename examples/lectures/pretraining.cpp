// Unsupervised pretraining: a deep net of sigmoids with and without it, what its first layer looks for and restores,
// and five kinds of autoencoders.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

/// Targets alone from here on: the same optimizer, the same order of the same examples.
History fine_tune(const Page& page, Sequential model, const data::Dataset& train, const data::Dataset& test,
                  int64_t seed) {
  model.compile({.optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  return model.fit(train,
                   {.batch_size = 32, .epochs = page.epochs(6), .verbose = 0, .validation_data = test, .seed = seed});
}

/// The grid's rows by their names, which stand below the first image of each.
std::vector<std::string> captions_of(const std::vector<std::string>& rows, int64_t columns) {
  std::vector<std::string> captions;
  for (const std::string& row : rows) {
    captions.push_back(row);
    captions.resize(captions.size() + static_cast<size_t>(columns) - 1);
  }
  return captions;
}

/// Rows of 784 numbers, several tensors one below the other, as images.
Tensor as_images(const Tensors& rows) { return reshape(concatenate(rows, 0), {-1, 28, 28}); }

}  // namespace

void pretraining(Page& page) {
  page.text(
      "A net of five sigmoid layers hardly learns from targets alone: the gradient has faded when it arrives at the "
      "first ones. Hinton, Osindero and Teh (2006) trained the layers one by one before, each as a restricted "
      "Boltzmann machine on what the one below makes of the images, without any target. Then the whole net is trained "
      "as usual, from weights that already say something about images. That is how deep learning began; ReLU, better "
      "initial weights and batch normalisation made it dispensable.");
  const Images& images = page.images();
  const auto flat = [](const data::Dataset& set, int64_t count) {
    const data::Dataset part = set.take(std::min(count, set.size()));
    return data::Dataset(reshape(cast(part.x(), DType::float32) / 255.0, {part.size(), 784}), part.y());
  };
  const data::Dataset train = flat(images.train, 5000), test = flat(images.test, 1000);
  const int64_t units = 128;
  page.text(message(
      "Of these the first ", train.size(), " train here and the first ", test.size(),
      " test, so that there is little to learn from. Five layers of 128 units. A machine learns for five epochs with "
      "batches of 20, a learning rate of 0.1 and a momentum of 0.5, by one step of contrastive divergence; the whole "
      "net then for six epochs with batches of 32 by gradient descent with a learning rate of 0.1 and a momentum of "
      "0.9."));

  Number without{.what = "test accuracy, five sigmoid layers", .on_index = true};
  Number with{.what = "test accuracy, pretrained", .on_index = true};
  std::vector<viz::Series> curves, restoring;
  std::optional<classic::DeepBeliefNetwork> first;
  for (const int64_t seed : page.seeds()) {
    page.progress(message("seed ", seed));
    set_random_seed(seed);
    classic::DeepBeliefNetwork network({.units = {784, units, units, units, units, units}, .seed = seed});
    const std::vector<History> layers =
        network.fit(train.x(), {.epochs = page.epochs(5), .batch_size = 20, .learning_rate = 0.1, .momentum = 0.5});
    const History pretrained = fine_tune(page, network.to_sequential({.classes = 10}), train, test, seed);
    Sequential fresh({Input({784})});
    for (int i = 0; i < 5; ++i) fresh.add(Dense(units, {.activation = "sigmoid"}));
    fresh.add(Dense(10, {.activation = "softmax"}));
    const History plain = fine_tune(page, fresh, train, test, seed);
    with.here.push_back(pretrained["val_accuracy"].back());
    without.here.push_back(plain["val_accuracy"].back());
    if (first) continue;
    first = network;
    curves = {line_of("pretrained", pretrained["val_accuracy"]), line_of("not pretrained", plain["val_accuracy"])};
    for (size_t i = 0; i < layers.size(); ++i)
      restoring.push_back(line_of(message("layer ", i + 1), layers[i]["reconstruction_error"]));
  }
  viz::PlotOptions look{
      {.title = "Five sigmoid layers: test accuracy", .x_label = "epoch", .y_label = "accuracy", .whole_x = true}};
  look.percent_y = true;
  look.y_range = viz::Range{0, 1};
  page.plot(curves, look, "accuracies", "The same network, optimizer and images; only the initial weights differ.");
  page.number(without);
  page.number(with);

  page.section("The restricted Boltzmann machine");
  classic::RestrictedBoltzmannMachine lowest = first->machines()[0];
  page.text(
      "A layer of visible and a layer of hidden units, connected only across. Contrastive divergence raises the "
      "probability of the images and lowers that of what the machine makes of them itself after one step of Gibbs "
      "sampling (Hinton, 2002). The weights of a hidden unit are again an image: strokes and their ends.");
  page.figure(
      viz::map_grid(reshape(transpose(lowest.weights()), {-1, 28, 28}),
                    {.title = "Weights of the first machine", .color_bar = false, .columns = 16, .cell = 56}),
      "filters",
      "What the 128 hidden units of the first machine look for: red is ink that speaks for the unit, blue against it.");
  page.plot(
      restoring,
      {{.title = "Error of the reconstruction", .x_label = "epoch", .y_label = "mean squared error", .whole_x = true}},
      "restoring", "Machine after machine, each restores what the one below gives it.");
  const Tensor some = test.take(std::min<int64_t>(10, test.size())).x();
  const int64_t columns = some.shape().front();
  page.figure(
      viz::image_grid(
          as_images({some, lowest.reconstruct(some), first->reconstruct(some)}),
          {.captions = captions_of({"digits", "1 machine", "5 layers"}, columns), .columns = columns, .cell = 70}),
      "reconstructions", "Digits, what is left of them in one machine, and after five layers up and five down.");

  page.section("Autoencoders");
  page.text(
      "An autoencoder learns to restore its input from a code in its middle. Plain: a code that is narrow. Denoising: "
      "the input is damaged, so that copying does not help (Vincent et al., 2008). Sparse: few units may be active. "
      "Convolutional: filters down to a small image of many channels, and up again. Variational: the code is drawn "
      "from a normal distribution, so that any draw decodes into something like an image (Kingma and Welling, 2014).");
  page.text(
      "Each learns for ten epochs with batches of 32, by Adam with its usual learning rate of 0.001. The loss is the "
      "binary cross-entropy of a pixel; to the sparse one's is added what its activities cost, to the variational "
      "one's how far its codes are from a normal distribution.");
  const int64_t epochs = page.epochs(10);
  const auto trained = [&](const std::string& name, zoo::Autoencoder net, const Tensor& x) {
    page.progress(name);
    const History history = net.model.fit(x, x, {.batch_size = 32, .epochs = epochs, .verbose = 0});
    page.number({.what = message("loss after the last epoch, ", name), .here = {history["loss"].back()}});
    return net;
  };
  set_random_seed(1);
  zoo::Autoencoder plain = trained("plain, code of 32", zoo::autoencoder(), train.x());
  zoo::Autoencoder denoising = trained("denoising, 128", zoo::autoencoder({.units = {128}, .noise = 0.4}), train.x());
  zoo::Autoencoder sparse = trained("sparse, 128", zoo::autoencoder({.units = {128}, .sparsity = 1e-4}), train.x());
  zoo::Autoencoder convolutional = trained("convolutional, code of 7x7x8", zoo::convolutional_autoencoder(),
                                           reshape(train.x(), {train.size(), 28, 28, 1}));
  zoo::Autoencoder variational = trained("variational, code of 2", zoo::variational_autoencoder(), train.x());
  const Tensor noisy = clip(some + random::normal(some.shape(), {.stddev = 0.4, .seed = 2}), 0, 1);
  page.figure(viz::image_grid(
                  as_images({some, plain.model.predict(some), sparse.model.predict(some),
                             reshape(convolutional.model.predict(reshape(some, {columns, 28, 28, 1})), {columns, 784}),
                             variational.model.predict(some)}),
                  {.captions = captions_of({"digits", "plain", "sparse", "convolution", "variational"}, columns),
                   .columns = columns,
                   .cell = 64}),
              "autoencoders",
              "From above: the digits, and restored by the plain, sparse, convolutional, variational one.");
  page.figure(viz::image_grid(
                  as_images({some, noisy, denoising.model.predict(noisy)}),
                  {.captions = captions_of({"digits", "noisy", "restored"}, columns), .columns = columns, .cell = 70}),
              "denoised", "The digits, with noise, and what the denoising autoencoder restores.");
  std::vector<float> codes;
  for (int row = 0; row < 10; ++row)
    for (int column = 0; column < 10; ++column)
      codes.insert(codes.end(), {static_cast<float>(column) / 2.25f - 2, static_cast<float>(row) / 2.25f - 2});
  page.figure(viz::image_grid(reshape(variational.decoder.predict(Tensor::from(codes, {100, 2})), {-1, 28, 28}),
                              {.columns = 10, .cell = 56}),
              "codes",
              "What the variational decoder makes of codes from (-2, -2) to (2, 2): one digit turns into another.");
}

}  // namespace hebb::lectures
