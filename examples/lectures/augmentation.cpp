// More examples out of those there are: a small set of images, as it is and moved, turned and zoomed at random.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

std::vector<Layer> changes() {
  return {RandomTranslation(0.08, 0.08, {.fill_mode = "constant"}), RandomRotation(0.03, {.fill_mode = "constant"}),
          RandomZoom(0.1, {.fill_mode = "constant"})};
}

/// The same image again and again, each time changed by the layers.
Tensor variants(const Tensor& image, const std::vector<Layer>& layers, int64_t count) {
  const Tensor copies = concatenate(Tensors(static_cast<size_t>(count), image), 0);
  return augment(data::Dataset(copies, zeros({count})), layers, {.seed = 3}).x();
}

/// A grey image in colors: one where it is dark, another where it is light.
Tensor colored(const Tensor& image) {
  const Tensor dark = Tensor::from({0.15f, 0.3f, 0.6f}, {3}), light = Tensor::from({1.f, 0.75f, 0.2f}, {3});
  return image * light + (1.0 - image) * dark;
}

}  // namespace

void augmentation(Page& page) {
  page.text(
      "A five stays a five when it is moved a little, turned or enlarged. Images that are changed at random each time "
      "they are loaded tell a network so, as if there were many more of them. What may be changed depends on the "
      "task: mirrored digits are no digits. The changes follow from the seed, the epoch and the image's number, and "
      "are computed on other threads while the network learns.");
  const Images& images = page.images();
  const data::Dataset few = images.train.take(std::min<int64_t>(1000, images.train.size()));

  const Tensor image = cast(images.train.take(1).x(), DType::float32) / 255.0;
  const ColorOptions from_0_to_1{.value_range = {0, 1}};
  const std::vector<std::pair<std::string, std::vector<Layer>>> kinds = {
      {"moved", {RandomTranslation(0.15, 0.15, {.fill_mode = "constant"})}},
      {"turned", {RandomRotation(0.08, {.fill_mode = "constant"})}},
      {"zoomed", {RandomZoom(0.3, {.fill_mode = "constant"})}},
      {"cropped", {RandomCrop(20, 20), Resizing(28, 28)}},
      {"flipped or not", {RandomFlip("horizontal")}},
      {"bent", {RandomElasticTransform({1, 1}, {.scale = {0.7, 1}, .fill_mode = "constant", .value_range = {0, 1}})}},
      {"seen from elsewhere", {RandomPerspective({1, 1}, {.scale = 0.6})}},
      {"brightness", {RandomBrightness(0.5, from_0_to_1)}},
      {"contrast", {RandomContrast({0.9, 0.9}, from_0_to_1)}},
      {"noise", {GaussianNoise(0.2)}},
      {"color jitter",
       {RandomColorJitter({.value_range = {0, 1},
                           .brightness_factor = 0.2,
                           .contrast_factor = 0.3,
                           .saturation_factor = Factor(0.3, 0.7),
                           .hue_factor = 0.6})}},
      {"color taken out", {RandomColorDegeneration({0, 1}, from_0_to_1)}},
      {"RandAugment", {RandAugment({.value_range = {0, 1}, .factor = 0.4})}},
      {"AugMix", {AugMix({.value_range = {0, 1}, .factor = 0.5})}}};
  const size_t first_in_color = kinds.size() - 4;
  const int64_t each = 6;
  // Figures that a slide holds each: where the pixels come to lie, and what becomes of their values.
  const auto rows_of = [&](size_t first, size_t last) {
    Tensors shown;
    std::vector<std::string> captions;
    for (size_t i = first; i < last; ++i) {
      const auto& [name, layers] = kinds[i];
      const bool in_color = i >= first_in_color;
      const Tensor from = in_color ? colored(image) : image;
      const Tensor row = clip(concatenate({from, variants(from, layers, each)}, 0), 0, 1);
      shown.push_back(in_color ? row : concatenate({row, row, row}, 3));
      captions.push_back("as it is");
      captions.insert(captions.end(), static_cast<size_t>(each), name);
    }
    return viz::image_grid(concatenate(shown, 0), {.captions = captions, .columns = each + 1, .cell = 84});
  };
  page.figure(rows_of(0, 3), "kinds", "One image and what changes of its place make of it.");
  page.figure(rows_of(3, 5), "kinds-2",
              "Cut to 20x20 pixels and enlarged; a flip happens to one image in two on average.");
  page.figure(rows_of(5, 7), "kinds-3", "Bent like rubber, and with its corners elsewhere.");
  page.figure(rows_of(7, first_in_color + 2), "values", "The same image, and what changes of its values make of it.");
  page.figure(rows_of(first_in_color + 2, kinds.size()), "drawn",
              "Two ways that draw what they change, too: RandAugment two changes one after the other, AugMix chains of "
              "changes, of which it shows a mixture.");
  page.figure(viz::image_grid(augment(few.take(std::min<int64_t>(24, few.size())), changes(), {.seed = 1}).x(),
                              {.columns = 8, .cell = 84}),
              "augmented", "Training images as the network sees them in one epoch: moved, turned and zoomed a little.");

  page.section("With and without");
  page.text("A small convolutional network on 1,000 images, 30 epochs with Adam.");
  std::vector<viz::Series> curves;
  for (const bool augmented : {false, true}) {
    const std::string name = augmented ? "augmented" : "as they are";
    page.progress(name);
    Number number{.what = "test accuracy, " + name, .on_index = true};
    for (const int64_t seed : page.seeds()) {
      set_random_seed(seed);
      Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255), Conv2D(16, 5, {.activation = "relu"}),
                        MaxPooling2D(2), Conv2D(32, 3, {.activation = "relu"}), MaxPooling2D(2), Flatten(),
                        Dense(64, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
      model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
      const data::Dataset seen = augmented ? augment(few, changes(), {.seed = seed}) : few;
      const History history =
          model.fit(seen, {.batch_size = 32,
                           .epochs = page.epochs(30),
                           .verbose = 0,
                           .validation_data = images.test.take(std::min<int64_t>(1000, images.test.size()))});
      number.here.push_back(model.evaluate(images.test, {.batch_size = 500})["accuracy"]);
      if (seed > 1) continue;
      viz::Series training = line_of(name + ", training", history["accuracy"]);
      viz::Series test = line_of(name + ", test", history["val_accuracy"]);
      training.dashed = true;
      training.color = test.color = viz::palette(augmented ? 1 : 0);
      curves.push_back(training);
      curves.push_back(test);
    }
    page.number(number);
  }
  viz::PlotOptions look{{.title = "Accuracy", .x_label = "epoch", .y_label = "accuracy", .whole_x = true}};
  look.percent_y = true;
  look.y_range = viz::Range{0.8, 1.0};
  page.plot(curves, look, "curves",
            "Changed images are harder to learn (dashed), and what is learned from them holds for others (lines).");
}

}  // namespace hebb::lectures
