// Whether reading, decoding and changing images keeps ahead of training: the MNIST network, fed from memory, from a
// folder of PNG files and from the same with images moved and turned at random.
//
//     feeding FOLDER
//
// FOLDER has a sub-folder of images for each of ten classes. Prints one line of JSON: for each way of feeding the
// images that the feed alone gives in a second, how much of the time that training takes the loading thread is busy,
// and how much longer a step takes than on a few batches that lie in memory as the network wants them.
#include <hebb/hebb.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include "bench/timed_source.h"

using namespace hebb;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int64_t batch_size = 32;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

Model mnist_network() {
  Sequential model({Input({28, 28, 1}), Conv2D(32, 5, {.activation = "relu"}), Conv2D(32, 5, {.activation = "relu"}),
                    MaxPooling2D(2), Dropout(0.25), Flatten(), Dense(128, {.activation = "relu"}), Dropout(0.5),
                    Dense(10, {.activation = "softmax"})});
  model.compile({.optimizer = Adadelta({.learning_rate = 1.0}), .loss = "sparse_categorical_crossentropy"});
  return model;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Seconds of a training step, the median of some passes over the data.
double step_seconds(Model& model, const data::Dataset& data, int64_t passes) {
  std::vector<double> seconds;
  for (int64_t pass = 0; pass < passes; ++pass) {
    const Clock::time_point start = Clock::now();
    model.fit(data, {.batch_size = batch_size, .verbose = 0, .seed = 2});
    seconds.push_back(seconds_since(start) / static_cast<double>(data.size() / batch_size));
  }
  return median(seconds);
}

/// Examples a second of the batches alone.
double feed_rate(const data::Dataset& data) {
  const Clock::time_point start = Clock::now();
  int64_t examples = 0;
  for (const data::Batch& batch : data.batches({.batch_size = batch_size, .shuffle = true, .seed = 3}))
    examples += batch.inputs[0].shape()[0];
  return static_cast<double>(examples) / seconds_since(start);
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 2) throw InvalidArgument("expected the folder of images, one sub-folder for each of ten classes");
  data::Dataset files = data::image_folder(arguments[1], {.image_size = {28, 28}, .color_mode = "grayscale"});
  files = files.take(files.size() / batch_size * batch_size);
  const Tensor bytes = cast(files.x(), DType::uint8);
  const data::Dataset in_memory(bytes, files.y());
  const data::Dataset changed = augment(
      files, {RandomTranslation(0.1, 0.1, {.fill_mode = "constant"}), RandomRotation(0.05, {.fill_mode = "constant"})},
      {.seed = 1});

  set_random_seed(1);
  Model model = mnist_network();
  const data::Dataset plain(cast(bytes, DType::float32), files.y());
  (void)step_seconds(model, plain, 1);  // the plan is made, memory is warm
  Json rows = Json::array({});
  for (const auto& [name, data] :
       std::vector<std::pair<std::string, data::Dataset>>{{"memory, as bytes", in_memory},
                                                          {"a folder of PNG files", files},
                                                          {"a folder of PNG files, augmented", changed}}) {
    const auto timed = std::make_shared<TimedSource>(data.shared());
    const Clock::time_point start = Clock::now();
    const double fed = step_seconds(model, data::Dataset(timed), 3);
    const double busy = timed->busy_seconds() / seconds_since(start);
    const double computing = step_seconds(model, plain, 3);
    rows.push_back(Json::object({{"from", name},
                                 {"rate", feed_rate(data)},
                                 {"busy", 100 * busy},
                                 {"longer", 100 * std::max(0.0, fed / computing - 1)}}));
  }
  std::printf("%s\n", Json::object({{"rows", rows}}).dump().c_str());
} catch (const std::exception& error) {
  std::fprintf(stderr, "feeding: %s\n", error.what());
  return 1;
}
