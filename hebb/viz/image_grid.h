/// Grids of small images with captions, such as test digits with what a model takes them for.
///
///     viz::image_grid(images, {.captions = {"7", "4 → 9 (97 %)"}, .wrong = {false, true}}).save("digits.png");
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"
#include "hebb/viz/canvas.h"

namespace hebb::viz {

/// The first image of such a batch as bytes for `Picture::image`; its height and width are set.
std::vector<uint8_t> image_pixels(const Tensor& images, int64_t& height, int64_t& width);

struct ImageGridOptions {
  std::string title = {};
  std::vector<std::string> captions = {};         ///< below the images; fewer leave the rest without
  std::vector<bool> wrong = {};                   ///< marked with a frame, a red one
  std::vector<std::optional<Color>> frames = {};  ///< frames of other colors
  int64_t columns = 0;                            ///< 0: as many as make the grid about twice as wide as high
  double cell = 76;                               ///< side of an image on the page
};

/// Images (n, height, width) or (n, height, width, channels) with 1, 3 or 4 channels. uint8 is shown as it is; numbers
/// are taken as 0 to 1 or 0 to 255 where all are in there, and stretched over what they take otherwise. InvalidArgument
/// for other shapes.
Picture image_grid(const Tensor& images, const ImageGridOptions& options = {});

/// Draws as many images as there are into a part of a picture, each as large as fits.
void draw_image_grid(Picture& picture, Rectangle area, const Tensor& images, const ImageGridOptions& options);

}  // namespace hebb::viz
