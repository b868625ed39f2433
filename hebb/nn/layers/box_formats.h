/// Boxes around objects, in Keras's formats ("xyxy", "rel_center_xywh", ...). Internal.
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/layers/image_mover.h"

namespace hebb {

/// Keras's words.
const std::vector<std::string>& box_formats();

/// boxes (batch, boxes, 4) as left, top, right and bottom edges, in shares of the image's size.
Tensor edges_of_boxes(const Tensor& boxes, const std::string& format, int64_t height, int64_t width);

/// Back.
Tensor boxes_of_edges(const Tensor& edges, const std::string& format, int64_t height, int64_t width);

/// {width, height, width, height}: what makes pixels of edges in shares.
Tensor pixels_of_edges(int64_t height, int64_t width);

/// Edge `which` of edges (batch, boxes, 4): (batch, boxes, 1).
Tensor edge_of(const Tensor& edges, int64_t which);

/// Number `which` of the matrix that is drawn for each image, of drawn[0] (batch, numbers): (batch, 1, 1).
Tensor entry_of(const Tensors& drawn, int64_t which);

/// The corners of edges (batch, boxes, 4), and the smallest box around four points.
struct Corners {
  Tensor x, y;  ///< (batch, boxes, 4)
};
Corners corners_of(const Tensor& edges);
Tensor edges_around(const Corners& points);

/// Edges in shares, cut off at 0 and at `most` (1: the image's border), as boxes. Where no area is left the label is
/// -1.
LabelledBoxes cut_boxes(const Tensor& edges, const Tensor& labels, const std::string& format, int64_t height,
                        int64_t width, const Tensor& most = {});

}  // namespace hebb
