/// TensorBoard's event files: numbers, histograms, images and models by step.
///
///     io::EventFile events("logs/train");
///     events.scalar("epoch_loss", loss, epoch);
///     events.flush();
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "hebb/tensor/tensor.h"

namespace hebb::io {

class EventFile {
 public:
  /// A new file in this folder, which is made if need be, named as TensorFlow names them. IoError when that fails.
  explicit EventFile(const std::string& folder);

  void scalar(const std::string& tag, double value, int64_t step);
  /// The distribution of all elements of a float32 tensor, in 30 buckets of equal width.
  void histogram(const std::string& tag, const Tensor& values, int64_t step);
  /// At most three images of a float32 tensor (images, height, width, channels 1, 3 or 4), 0 black to 1 white.
  void images(const std::string& tag, const Tensor& images, int64_t step);
  /// Keras's JSON of a model, from which the tab "Graphs" draws the conceptual graph.
  void keras_model(const std::string& tag, const std::string& json, int64_t step);
  /// IoError when the disk is full or the file has gone.
  void flush();

  const std::string& path() const { return path_; }

 private:
  void write(const std::string& event);

  std::string path_;
  std::ofstream out_;
};

}  // namespace hebb::io
