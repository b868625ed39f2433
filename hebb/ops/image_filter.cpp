#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/shaping.h"

namespace hebb::image {

Tensor filter(const Tensor& images, const Tensor& kernel, bool same) {
  const int64_t rows = kernel.shape()[0], columns = kernel.shape()[1], channels = images.shape().back();
  const Tensor for_each =
      broadcast_to(reshape(cast(kernel, images.dtype()), {rows, columns, 1, 1}), {rows, columns, 1, channels});
  ConvOptions options;
  options.groups = channels;
  if (same) {
    const auto [top, bottom] = same_padding(images.shape()[1], rows, 1);
    const auto [left, right] = same_padding(images.shape()[2], columns, 1);
    options.low = {top, left};
    options.high = {bottom, right};
  }
  return conv(images, for_each, options);
}

}  // namespace hebb::image
