/// Boxes at random places of images: what layers share that erase or exchange a part. Internal.
#pragma once

#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/shaping.h"

namespace hebb {

/// Whether a row (or column) lies inside the box of each image, of the shape `along` with the batch in front: a box
/// `share` (batch, 1, 1, 1) of `size` long, which begins anywhere that leaves it inside, not at whole pixels.
inline Tensor inside_side(const Tensor& share, const Tensor& state, int64_t size, const Shape& along) {
  const Tensor length = share * static_cast<double>(size);
  const Tensor begin = random_uniform(state, share.shape()) * (static_cast<double>(size) - length);
  const Tensor at = reshape(arange(size), along);
  return logical_and(greater_equal(at, begin), less(at, begin + length));
}

/// Whether pixels lie inside, (batch, height, width, 1): first the columns' state is drawn, then the rows'.
inline Tensor inside_boxes(const Tensor& images, const Tensor& share_of_width, const Tensor& share_of_height,
                           const Tensor& columns_state, const Tensor& rows_state) {
  const int64_t height = images.shape()[1], width = images.shape()[2];
  return logical_and(inside_side(share_of_width, columns_state, width, {1, 1, width, 1}),
                     inside_side(share_of_height, rows_state, height, {1, height, 1, 1}));
}

}  // namespace hebb
