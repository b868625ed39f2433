/// Boxes around objects in images: as many for each image.
///
///     Tensors out = MaxNumBoundingBoxes(10).call_many({boxes, labels});     // (batch, 10, 4) and (batch, 10)
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct MaxNumBoundingBoxesOptions {
  int64_t fill_value = -1;               ///< of boxes and labels that are added
  std::string bounding_box_format = {};  ///< Keras's word for how boxes are given, such as "xyxy"; kept for files alone
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Leaves the first `max_number` boxes of each image, or adds boxes of fill_value until there are so many. Called with
/// boxes (batch, boxes, 4) and their labels (batch, boxes) it gives both, in training and otherwise; with {images,
/// boxes, labels} all three; images alone, as in a model, pass as they are: what Keras's layer does with the parts of a
/// dictionary. The parts of a dictionary by their names are called so: {.inputs = {"bounding_boxes/boxes",
/// "bounding_boxes/labels", "images", "labels"}}, by the alphabet. InvalidArgument for other shapes.
Layer MaxNumBoundingBoxes(int64_t max_number, const MaxNumBoundingBoxesOptions& options = {});

}  // namespace hebb
