/// Windows of images: the largest centred one of given proportions. What cropping layers share; internal.
#pragma once

#include <algorithm>
#include <cstdint>

#include "hebb/nn/layers/box_formats.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/shaping.h"

namespace hebb {

struct ImageWindow {
  int64_t top = 0, left = 0, height = 0, width = 0;
};

/// Of an image rows x columns the largest centred window with the proportions height : width, rounded down as Keras
/// does.
inline ImageWindow centred_window(int64_t rows, int64_t columns, int64_t height, int64_t width) {
  ImageWindow window;
  window.height = std::clamp<int64_t>(columns * height / width, 1, rows);
  window.width = std::clamp<int64_t>(rows * width / height, 1, columns);
  window.top = (rows - window.height) / 2;
  window.left = (columns - window.width) / 2;
  return window;
}

/// That window, resized (Keras's smart_resize).
inline Tensor smart_resized(const Tensor& x, int64_t height, int64_t width, const image::ResizeOptions& options = {}) {
  const ImageWindow window = centred_window(x.shape()[1], x.shape()[2], height, width);
  const Tensor cut =
      slice(x, {0, window.top, window.left, 0},
            {x.shape().front(), window.top + window.height, window.left + window.width, x.shape().back()});
  return image::resize(cut, height, width, options);
}

/// Boxes of images (batch, rows, columns, ...) in the window, which is given the size height x width; cut off at it.
inline LabelledBoxes boxes_in_window(const LabelledBoxes& given, const std::string& format, const Shape& images,
                                     const ImageWindow& window, int64_t height, int64_t width) {
  const int64_t rows = images[1], columns = images[2];
  const auto top = static_cast<float>(window.top), left = static_cast<float>(window.left);
  const Tensor edges = edges_of_boxes(given.boxes, format, rows, columns) * pixels_of_edges(rows, columns) -
                       Tensor::from(std::vector<float>{left, top, left, top});
  return cut_boxes(edges / pixels_of_edges(window.height, window.width), given.labels, format, height, width);
}

}  // namespace hebb
