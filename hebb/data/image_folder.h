/// Folders of images, one sub-folder for each class, as Keras's image_dataset_from_directory reads them.
///
///     data::Dataset train = data::image_folder("flowers", {.image_size = {128, 128}});
///     train.class_names();                                       // {"daisy", "rose", "tulip"}
///     auto [head, tail] = train.split(0.8);
///
/// Images are read and decoded when a batch needs them, by several threads; the folder may be larger than memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hebb/data/dataset.h"

namespace hebb::data {

struct ImageSize {
  int64_t height = 256, width = 256;
};

struct ImageFolderOptions {
  ImageSize image_size = {};                  ///< images of other sizes are resized, bilinearly
  std::string color_mode = "rgb";             ///< or "grayscale"
  std::vector<std::string> class_names = {};  ///< the order of the classes; empty: by the alphabet
  /// float32 from 0 to 255, as Keras has it, or uint8: rounded, and a quarter of the memory.
  DType dtype = DType::float32;
  /// Mixes the classes, in an order that follows from the seed alone, so that a part can be cut off; false: class by
  /// class, by the alphabet.
  bool shuffle = true;
  int64_t seed = 0;
  int64_t workers = 0;  ///< threads that decode; 0: as many as compute, at most 4
};

/// Images (n, height, width, 3 or 1) and their classes int32(n): the number of the sub-folder, by the alphabet or in
/// the order of `class_names`. PNG and JPEG files of all sub-folders are taken, by the alphabet of their paths; links
/// to folders and names that begin with a point are not followed. Examples come class by class: shuffle before cutting
/// off a part. IoError when there are no sub-folders or no images, and, while batches are read, for files that are no
/// images.
Dataset image_folder(const std::string& path, const ImageFolderOptions& options = {});

/// Resizes an image uint8 or float32 (1, height, width, channels) to float32, bilinearly and without smoothing, as
/// Keras's Resizing: pixels are squares, whose centres are interpolated.
Tensor resize_image(const Tensor& image, const ImageSize& size);

}  // namespace hebb::data
