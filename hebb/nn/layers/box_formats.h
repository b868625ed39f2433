/// Boxes around objects, in Keras's formats ("xyxy", "rel_center_xywh", ...). Internal.
#pragma once

#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb {

/// Keras's words.
const std::vector<std::string>& box_formats();

/// boxes (batch, boxes, 4) as left, top, right and bottom edges, in shares of the image's size.
Tensor edges_of_boxes(const Tensor& boxes, const std::string& format, int64_t height, int64_t width);

/// Back.
Tensor boxes_of_edges(const Tensor& edges, const std::string& format, int64_t height, int64_t width);

}  // namespace hebb
