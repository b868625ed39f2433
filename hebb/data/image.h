/// Images from PNG and JPEG files.
///
///     Tensor probabilities = model.predict(data::read_image("seven.png", {.grayscale = true}));
#pragma once

#include <string>
#include <string_view>

#include "hebb/tensor/tensor.h"

namespace hebb::data {

struct ImageOptions {
  bool grayscale = false;  ///< one channel (luma, ITU-R 601) instead of three
};

/// A batch of one image: uint8 (1, height, width, channels), 0 black to 255 white; transparent places are black. What
/// the file is, its bytes say, not its ending. IoError when it is neither PNG nor JPEG, damaged, or larger than 100
/// megapixels.
Tensor read_image(const std::string& path, const ImageOptions& options = {});

/// A PNG file of an image: uint8 (1, height, width, channels), where channels are 1, 3 or, with opacity, 4.
/// InvalidArgument for anything else.
std::string png_bytes(const Tensor& image);

}  // namespace hebb::data
