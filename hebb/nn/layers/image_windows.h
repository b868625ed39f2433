/// Windows of images: the largest centred one of given proportions. What cropping layers share; internal.
#pragma once

#include <algorithm>
#include <cstdint>

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

}  // namespace hebb
