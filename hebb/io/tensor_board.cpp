// TensorBoard: what Keras's callback of that name writes, with its tags.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/event_file.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/callbacks/save_frequency.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// A weight as images (images, height, width, channels), or undefined where it cannot be seen so.
Tensor as_images(const Tensor& weight) {
  std::vector<int64_t> axes;
  for (const int64_t size : weight.shape()) {
    if (size != 1) axes.push_back(size);
  }
  const Tensor squeezed = reshape(weight, Shape(axes));
  const Shape shape = squeezed.shape();
  switch (shape.rank()) {
    case 1: return reshape(squeezed, {1, shape[0], 1, 1});
    case 2: {
      const Tensor wide = shape[0] > shape[1] ? transpose(squeezed) : squeezed;
      return reshape(wide, {1, wide.shape()[0], wide.shape()[1], 1});
    }
    case 3:  // kernels of a convolution, each an image
      return reshape(transpose(squeezed, {2, 0, 1}), {shape[2], shape[0], shape[1], 1});
    case 4: return shape[3] == 1 || shape[3] == 3 || shape[3] == 4 ? squeezed : Tensor();
    default: return {};
  }
}

class TensorBoardCallback : public CallbackBase {
 public:
  TensorBoardCallback(const std::string& folder, const TensorBoardOptions& options)
      : folder_(folder), options_(options) {
    if (folder.empty()) throw InvalidArgument("TensorBoard: expected a folder for log_dir, got none. Name one.");
    if (options.histogram_freq < 0) {
      throw InvalidArgument(message("TensorBoard: histogram_freq: expected at least 0, got ", options.histogram_freq,
                                    ". 0 writes no histograms."));
    }
    if (options.embeddings_freq < 0) {
      throw InvalidArgument(message("TensorBoard: embeddings_freq: expected at least 0, got ", options.embeddings_freq,
                                    ". 0 shows no embeddings."));
    }
    frequency_.emplace("TensorBoard", options.update_freq == "batch" ? "1" : options.update_freq, "update_freq");
  }

  void on_train_begin() override {
    train_.emplace((folder_ / "train").string());
    validation_.reset();
    step_ = 0;
    frequency_->restart();
    if (options_.embeddings_freq > 0) write_projector();
    if (options_.write_graph) train_->keras_model("keras", model_to_json(model().base()).dump(), 0);
    train_->flush();
  }
  void on_epoch_begin(int64_t) override {
    epoch_begin_ = Clock::now();
    steps_of_epoch_ = 0;
  }
  void on_train_batch_begin(int64_t) override { batch_begin_ = Clock::now(); }
  void on_train_batch_end(int64_t, const BatchLogs& logs) override {
    ++step_;
    ++steps_of_epoch_;
    if (!frequency_->is_due_after_batch()) return;
    if (options_.write_steps_per_second)
      train_->scalar("batch_steps_per_second", 1 / seconds_since(batch_begin_), step_);
    for (const auto& [name, value] : logs()) train_->scalar("batch_" + name, value, step_);
  }
  void on_test_end(const Logs& logs) override {
    const auto iterations = static_cast<int64_t>(model().optimizer()->iterations().item());
    for (const auto& [name, value] : logs)
      validation().scalar("evaluation_" + name + "_vs_iterations", value, iterations);
  }
  void on_epoch_end(int64_t epoch, Logs& logs) override {
    for (const auto& [name, value] : logs) {
      if (name.starts_with("val_")) {
        validation().scalar("epoch_" + name.substr(4), value, epoch);
      } else if (name != "learning_rate") {
        train_->scalar("epoch_" + name, value, epoch);
      }
    }
    train_->scalar("epoch_learning_rate", model().optimizer().learning_rate(), epoch);
    if (options_.write_steps_per_second) {
      train_->scalar("epoch_steps_per_second", static_cast<double>(steps_of_epoch_) / seconds_since(epoch_begin_),
                     epoch);
    }
    if (options_.histogram_freq > 0 && epoch % options_.histogram_freq == 0) write_weights(epoch);
    if (options_.embeddings_freq > 0 && epoch % options_.embeddings_freq == 0) write_embeddings(epoch);
    train_->flush();
    if (validation_) validation_->flush();
  }
  void on_train_end() override {
    if (train_) train_->flush();
    train_.reset();
    validation_.reset();
  }

 private:
  io::EventFile& validation() {
    if (!validation_) validation_.emplace((folder_ / "validation").string());
    return *validation_;
  }

  /// The model's own layers that are embeddings, as Keras looks for them.
  std::vector<std::shared_ptr<LayerBase>> embeddings() const {
    std::vector<std::shared_ptr<LayerBase>> found;
    for (const auto& layer : model().base().layers()) {
      const std::string kind = layer->class_name();
      if (kind == "Embedding" || kind == "ReversibleEmbedding") found.push_back(layer);
    }
    return found;
  }
  /// The file with a layer's vectors, in the folder.
  static std::string table_of(const LayerBase& layer) { return "train/" + file_name(layer.name()) + ".tsv"; }
  static std::string file_name(std::string name) {
    std::replace(name.begin(), name.end(), '/', '_');
    return name;
  }

  /// What the projector is to show. Keras names the same tensor of a checkpoint for all layers, which is not there:
  /// here each has its own name, and a table.
  void write_projector() const {
    std::string text;
    std::vector<std::string> names;
    for (const auto& layer : embeddings()) {
      names.push_back(layer->name());
      text += "embeddings {\n  tensor_name: " + quoted(layer->name() + "/embeddings") + "\n";
      const auto& metadata = options_.embeddings_metadata;
      const auto own = metadata.find(layer->name()), of_all = metadata.find("");
      if (const auto file = own == metadata.end() ? of_all : own; file != metadata.end())
        text += "  metadata_path: " + quoted(file->second) + "\n";
      text += "  tensor_path: " + quoted(table_of(*layer)) + "\n}\n";
    }
    for (const auto& [layer, file] : options_.embeddings_metadata) {
      if (layer.empty() || std::find(names.begin(), names.end(), layer) != names.end()) continue;
      throw InvalidArgument(
          message("TensorBoard: embeddings_metadata: ", unknown_name("Embedding layer", layer, names)));
    }
    write_atomically((folder_ / "projector_config.pbtxt").string(), text);
  }
  static std::string quoted(const std::string& text) { return Json(text).dump(); }

  void write_embeddings(int64_t epoch) const {
    model().save_weights((folder_ / "train" / message("keras_embedding.ckpt-", epoch, ".weights.h5")).string());
    for (const auto& layer : embeddings()) {
      const Tensor rows = cast(read(layer->weights().front()), DType::float32);
      const int64_t columns = rows.shape()[1];
      const float* numbers = rows.data<float>();
      std::string text;
      for (int64_t i = 0; i < rows.size(); ++i) text += number_text(numbers[i]) + ((i + 1) % columns ? '\t' : '\n');
      write_atomically((folder_ / table_of(*layer)).string(), text);
    }
  }

  void write_weights(int64_t epoch) {
    for (const io::LayerWeights& layer : io::take_apart(model()).list) {
      for (size_t i = 0; i < layer.weights.size(); ++i) {
        const Tensor values = cast(read(layer.weights[i]), DType::float32);
        train_->histogram(layer.names[i] + "/histogram", values, epoch);
        if (!options_.write_images) continue;
        if (const Tensor images = as_images(values); images.defined())
          train_->images(layer.names[i] + "/image", images, epoch);
      }
    }
  }

  std::filesystem::path folder_;
  TensorBoardOptions options_;
  std::optional<SaveFrequency> frequency_;
  std::optional<io::EventFile> train_, validation_;
  int64_t step_ = 0, steps_of_epoch_ = 0;
  Clock::time_point epoch_begin_, batch_begin_;
};

}  // namespace

Callback TensorBoard(const std::string& log_dir, const TensorBoardOptions& options) {
  return make_callback<TensorBoardCallback>(log_dir, options);
}

}  // namespace hebb
