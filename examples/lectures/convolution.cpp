// The convolutional network: its training log, what its filters look for, and what a shift of the image does.
#include "examples/lectures/page.h"

namespace hebb::lectures {

namespace {

/// Images (n, 28, 28, 1), all moved by so many pixels to the right; what leaves them is lost.
Tensor shifted(const Tensor& x, int64_t pixels) {
  const int64_t n = x.shape().front(), left = std::max<int64_t>(-pixels, 0), right = std::max<int64_t>(pixels, 0);
  return pad(slice(x, {0, 0, left, 0}, {n, 28, 28 - right, 1}), {0, 0, right, 0}, {0, 0, left, 0});
}

/// Writes down the epochs as a training log.
struct Log : CallbackBase {
  std::string text;
  void on_epoch_end(int64_t epoch, Logs& logs) override {
    char line[200];
    std::snprintf(line, sizeof line, "Epoch %2lld/10  loss: %.4f  accuracy: %.4f  val_loss: %.4f  val_accuracy: %.4f\n",
                  static_cast<long long>(epoch + 1), logs["loss"], logs["accuracy"], logs["val_loss"],
                  logs["val_accuracy"]);
    text += line;
  }
};

}  // namespace

void convolution(Page& page) {
  page.text(
      "Two convolutions of 32 filters of 5x5, max-pooling, dropout, a dense layer of 128 and a softmax: a filter is "
      "looked for everywhere in the image with the same few weights. Trained with Adadelta on all images for ten "
      "epochs, batches of 32.");
  const Images& images = page.images();
  set_random_seed(1);
  Sequential model({Input({28, 28, 1}), Rescaling(1.0 / 255),
                    Conv2D(32, 5, {.activation = "relu", .name = "convolution 1"}),
                    Conv2D(32, 5, {.activation = "relu", .name = "convolution 2"}), MaxPooling2D(2), Dropout(0.25),
                    Flatten(), Dense(128, {.activation = "relu"}), Dropout(0.5), Dense(10, {.activation = "softmax"})});
  model.compile({.optimizer = Adadelta({.learning_rate = 1.0}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  const auto log = std::make_shared<Log>();
  const History history = model.fit(
      images.train,
      {.batch_size = 32, .epochs = page.epochs(10), .verbose = 0, .callbacks = {log}, .validation_data = images.test});
  page.output(log->text);
  page.number({.what = "test accuracy after 10 epochs",
               .lecture = 0.992,
               .here = {model.evaluate(images.test, {.batch_size = 500})["accuracy"]},
               .lecture_decimals = 3,
               .on_index = true});
  page.figure(viz::filters(model), "filters", "The 32 filters of the first layer: 5x5 weights each.");
  page.curves(history, "curves", "Loss and accuracy over the ten epochs.");

  page.section("What the layers see");
  const Tensor image = images.test.take(1).x();
  page.figure(viz::activations(model, image), "activations-1",
              "What the filters of the first layer find in the first test image.");
  page.figure(viz::activations(model, image, {.layer = model.layers()[2]->name()}), "activations-2",
              "The second layer: larger patterns, put together from those of the first.");

  page.section("Shift invariance");
  page.text(
      "Convolution and pooling find a pattern wherever it is. The same images are moved to the left and to the right: "
      "the convolutional network is still right for most of them some pixels away, where a dense network is not.");
  const int64_t digit = static_cast<int64_t>(images.test.take(1).y().to_vector<double>()[0]);
  set_random_seed(1);
  Sequential dense({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten(), Dense(128, {.activation = "relu"}),
                    Dense(10, {.activation = "softmax"})});
  dense.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  dense.fit(images.train, {.batch_size = 32, .epochs = page.epochs(3), .verbose = 0});
  // Over many images: one alone can be lucky.
  const int64_t count = std::min<int64_t>(500, images.test.size());
  const data::Dataset some = images.test.take(count);
  viz::Series by_convolution{.label = "convolutional network"}, by_dense{.label = "dense network"};
  Tensors moved;
  for (int64_t pixels = -8; pixels <= 8; ++pixels) {
    const data::Dataset set(shifted(some.x(), pixels), some.y());
    by_convolution.points.push_back({static_cast<double>(pixels), model.evaluate(set, {.verbose = 0})["accuracy"]});
    by_dense.points.push_back({static_cast<double>(pixels), dense.evaluate(set, {.verbose = 0})["accuracy"]});
    if (pixels % 4 == 0) moved.push_back(shifted(image, pixels));
  }
  viz::Picture picture(760, 440);
  viz::PlotOptions look;
  look.title = "Accuracy on shifted images";
  look.x_label = "pixels to the right";
  look.y_label = "accuracy";
  look.percent_y = true;
  viz::draw_plot(picture, {20, 16, 720, 408}, {by_convolution, by_dense}, look);
  page.figure(picture, "shift", message("Accuracy on ", count, " test images, all moved by so many pixels."));
  page.figure(viz::image_grid(concatenate(moved, 0), {.captions = {"-8", "-4", "0", "4", "8"}, .columns = 5}),
              "shifted", message("One image (a ", digit, "), moved."));
}

}  // namespace hebb::lectures
