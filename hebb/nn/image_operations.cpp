// Keras's operations on images (keras/src/ops/image.py, nn.py).

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

Tensor in_colours(const OperationCall& call, const Tensor& x, Tensor (*change)(const Tensor&)) {
  if (x.shape().back() != 3) call.refuse(message("expected images of three channels, got ", x.spec(), "."));
  return change(x);
}

Tensors to_hsv(const OperationCall& call) {
  return with_channels_last(call, call.tensor(0, "images"),
                            [&](const Tensor& x) { return in_colours(call, x, image::rgb_to_hsv); });
}
Tensors to_rgb(const OperationCall& call) {
  return with_channels_last(call, call.tensor(0, "images"),
                            [&](const Tensor& x) { return in_colours(call, x, image::hsv_to_rgb); });
}
Tensors to_gray(const OperationCall& call) {
  return with_channels_last(call, call.tensor(0, "images"), [&](const Tensor& x) {
    if (x.shape().back() == 1) return x;
    return cast(in_colours(call, floating(x), image::rgb_to_gray), x.dtype());
  });
}

/// Channels into blocks of pixels, in TensorFlow's order for both data formats. With the channels first, Keras's
/// backends JAX and PyTorch order them otherwise: by the channel that is made, then by the place in the block.
Tensors to_space(const OperationCall& call) {
  return with_channels_last(call, call.tensor(0, "x"), [&](const Tensor& x) {
    const int64_t n = call.whole("block_size", 1), rows = x.shape()[1], columns = x.shape()[2], channels = x.shape()[3];
    if (n < 1 || channels % (n * n) != 0)
      call.refuse(
          message("expected a number of channels that block_size ", n, " squared divides, got ", x.spec(), "."));
    const int64_t left = channels / (n * n), batch = x.shape()[0];
    const Tensor parts = transpose(reshape(x, {batch, rows, columns, n, n, left}), {0, 1, 3, 2, 4, 5});
    return reshape(parts, {batch, rows * n, columns * n, left});
  });
}

/// Blocks of pixels into channels.
Tensors to_depth(const OperationCall& call) {
  return with_channels_last(call, call.tensor(0, "x"), [&](const Tensor& x) {
    const int64_t n = call.whole("block_size", 1), channels = x.shape()[3], batch = x.shape()[0];
    if (n < 1 || x.shape()[1] % n != 0 || x.shape()[2] % n != 0)
      call.refuse(message("expected images that blocks of ", n, " divide, got ", x.spec(), "."));
    const int64_t rows = x.shape()[1] / n, columns = x.shape()[2] / n;
    const Tensor blocks = reshape(x, {batch, rows, n, columns, n, channels});
    const Tensor parts = transpose(blocks, {0, 1, 3, 2, 4, 5});
    return reshape(parts, {batch, rows, columns, channels * n * n});
  });
}

}  // namespace

Tensors with_channels_last(const OperationCall& call, const Tensor& x, FunctionRef<Tensor(const Tensor&)> change) {
  if (x.rank() != 3 && x.rank() != 4)
    call.refuse(message("expected images of three axes, or a batch of them, got ", x.spec(), "."));
  const bool is_first = call.config.get("data_format", "") == "channels_first";
  Tensor images = x.rank() == 3 ? expand_dims(x, 0) : x;
  if (is_first) images = transpose(images, {0, 2, 3, 1});
  Tensor y = change(images);
  if (is_first) y = transpose(y, {0, 3, 1, 2});
  return {x.rank() == 3 ? squeeze(y, 0) : y};
}

const std::vector<OperationRecord>& image_operations() {
  static const std::vector<OperationRecord> rows = {
      {"RGBToHSV", "image", to_hsv},    {"HSVToRGB", "image", to_rgb},    {"RGBToGrayscale", "image", to_gray},
      {"DepthToSpace", "nn", to_space}, {"SpaceToDepth", "nn", to_depth},
  };
  return rows;
}

}  // namespace hebb::detail
