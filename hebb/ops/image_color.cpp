#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::image {

namespace {

struct Channels {
  Tensor first, second, third;
};

void check_images(const char* what, const Tensor& images) {
  if (images.rank() >= 1 && images.shape().back() == 3 && is_floating(images.dtype())) return;
  throw InvalidArgument(message(what, ": expected images of three channels of floats, got ", images.spec(),
                                ". Bring red, green and blue into the last axis, and whole numbers to float32."));
}

/// (..., 3) as three of (..., 1).
Channels channels_of(const char* what, const Tensor& images) {
  check_images(what, images);
  const int rank = images.rank();
  const auto one = [&](int64_t i) {
    std::vector<int64_t> begin(static_cast<size_t>(rank), 0), end = images.shape().to_vector();
    begin.back() = i;
    end.back() = i + 1;
    return slice(images, begin, end);
  };
  return {one(0), one(1), one(2)};
}

}  // namespace

Tensor rgb_to_hsv(const Tensor& images) {
  const auto [r, g, b] = channels_of("rgb_to_hsv", images);
  const Tensor value = maximum(maximum(r, g), b), range = value - minimum(minimum(r, g), b);
  const Tensor has_colour = greater(range, 0.0), is_lit = greater(value, 0.0);
  // Divisors of one where there is nothing to divide, so that gradients stay finite.
  const Tensor saturation = select(is_lit, range / select(is_lit, value, 1.0), 0.0);
  const Tensor sixth = reciprocal(select(has_colour, range, 1.0) * 6.0);
  const Tensor from_red = sixth * (g - b), from_green = sixth * (b - r) + 2.0 / 6,
               from_blue = sixth * (r - g) + 4.0 / 6;
  Tensor hue = select(equal(r, value), from_red, select(equal(g, value), from_green, from_blue));
  hue = select(has_colour, hue, 0.0);
  hue = select(less(hue, 0.0), hue + 1.0, hue);
  return concatenate({hue, saturation, value}, -1);
}

Tensor hsv_to_rgb(const Tensor& images) {
  const auto [hue, saturation, value] = channels_of("hsv_to_rgb", images);
  const Tensor sixth = hue * 6.0;
  const Tensor red = clip(abs(sixth - 3.0) - 1.0, 0, 1), green = clip(2.0 - abs(sixth - 2.0), 0, 1),
               blue = clip(2.0 - abs(sixth - 4.0), 0, 1);
  const Tensor white = 1.0 - saturation;
  const auto mixed = [&](const Tensor& colour) { return (white + saturation * colour) * value; };
  return concatenate({mixed(red), mixed(green), mixed(blue)}, -1);
}

Tensor rgb_to_gray(const Tensor& images) {
  check_images("rgb_to_gray", images);
  const Tensor weights = cast(Tensor::from(std::vector<double>{0.2989, 0.5870, 0.1140}), images.dtype());
  return sum(images * weights, {.axes = {-1}, .keepdims = true});
}

}  // namespace hebb::image
