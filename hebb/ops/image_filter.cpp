#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/shaping.h"

namespace hebb::image {

Tensor filter(const Tensor& images, const Tensor& kernel, bool same) {
  if (images.rank() != 4 || !is_floating(images.dtype()))
    throw InvalidArgument(message("filter: expected a batch of images (batch, height, width, channels) of floats, got ",
                                  images.spec(), ". Give one image a batch axis, and bring whole numbers to float32."));
  if (kernel.rank() != 2)
    throw InvalidArgument(message("filter: expected a kernel (rows, columns), got ", kernel.spec(), "."));
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
