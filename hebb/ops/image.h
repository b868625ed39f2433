/// Images as a whole: moved, turned and zoomed, resized, and in other colour spaces. Composed of the elementary
/// operations, so that they run at once or in a plan, on any number of threads to the same bits, and have gradients
/// (that of affine_transform is the true one; TensorFlow's is not).
///
///     Tensor half = image::resize(images, 14, 14);                              // (batch, 28, 28, c) -> (batch, 14, 14, c)
///     Tensor moved = image::affine_transform(images, matrices, {.fill_mode = "constant"});
///     Tensor green = image::hsv_to_rgb(image::rgb_to_hsv(images));
///
/// Images are (batch, height, width, channels) of float32 or float64. The numbers are those of Keras 3 on TensorFlow.
#pragma once

#include <string>

#include "hebb/ops/op.h"

namespace hebb::image {

struct AffineOptions {
  std::string interpolation = "bilinear";  ///< "bilinear" or "nearest"
  /// What lies beyond the edge, of an image abcd: "reflect" dcba|abcd|dcba, "wrap" abcd|abcd|abcd, "nearest"
  /// aaaa|abcd|dddd, "constant" vvvv|abcd|vvvv.
  std::string fill_mode = "constant";
  double fill_value = 0;
  int64_t height = 0, width = 0;  ///< of the result; 0: as the images
};

/// The pixel (x, y) of a result is that of the image at (a0 x + a1 y + a2, b0 x + b1 y + b2), where x counts columns
/// and y rows. `transforms`: float32 (batch, 6), {a0, a1, a2, b0, b1, b2} for each image. InvalidArgument for other
/// shapes and unknown words. Rows of eight, {..., c0, c1}, are projective: coordinates are divided by c0 x + c1 y + 1
/// (Keras's perspective_transform).
Tensor affine_transform(const Tensor& images, const Tensor& transforms, const AffineOptions& options = {});

struct CoordinateOptions {
  std::string interpolation = "bilinear";  ///< "bilinear" or "nearest", halves to the even pixel
  /// As of AffineOptions, and "mirror" dcb|abcd|cba. What is bent back inside is the neighbours of a point, not the
  /// point.
  std::string fill_mode = "constant";
  double fill_value = 0;
};

/// The pixel of a result is that of the image at column x and row y, both float32 (batch, rows, columns). The numbers
/// are those of Keras's map_coordinates on JAX, whose fill modes are SciPy's; TensorFlow's bend a border otherwise.
Tensor map_coordinates(const Tensor& images, const Tensor& x, const Tensor& y, const CoordinateOptions& options = {});

struct ResizeOptions {
  /// "nearest", "bilinear", "bicubic" (Keys 1981, a = -0.5), "area", "lanczos3", "lanczos5".
  std::string interpolation = "bilinear";
  bool antialias = false;  ///< when made smaller, average over all pixels that a new one covers
};

/// Images of another size. Pixels are little squares: the corners of images stay where they are.
Tensor resize(const Tensor& images, int64_t height, int64_t width, const ResizeOptions& options = {});

/// Three channels red, green, blue in [0, 1] as hue, saturation and value, all in [0, 1], and back (Smith 1978).
/// Without colour the hue is 0. InvalidArgument for other channels and whole numbers, here and below.
Tensor rgb_to_hsv(const Tensor& images);
Tensor hsv_to_rgb(const Tensor& images);

/// One channel of what red, green and blue weigh for the eye (ITU-R BT.601 in four places, as Keras has it).
Tensor rgb_to_gray(const Tensor& images);

/// Each channel by itself under one kernel (rows, columns); `same`: with zeros around, so that the size stays.
/// InvalidArgument for images of other axes or of whole numbers.
Tensor filter(const Tensor& images, const Tensor& kernel, bool same = false);

}  // namespace hebb::image
