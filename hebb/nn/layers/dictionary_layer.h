/// Layers that can be called with a dictionary, as Keras's layers of images are: with boxes, labels and masks beside
/// the images. Internal.
#pragma once

#include <string>
#include <vector>

namespace hebb {

/// In such a call `CallOptions::inputs` says what each input is, those of a dictionary in it by both keys, and all by
/// the alphabet, as Keras flattens dictionaries: {"bounding_boxes/boxes", "bounding_boxes/labels", "images", "labels",
/// "segmentation_masks"}. The outputs are the same parts in the same order; parts that the layer does not know pass.
/// Where no names are given, the layer takes its inputs as its own documentation says. A layer is built for its images
/// alone.
class DictionaryLayer {
 public:
  virtual ~DictionaryLayer() = default;
};

}  // namespace hebb
