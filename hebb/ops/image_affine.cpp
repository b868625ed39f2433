// Images under affine maps: where a pixel of the result comes from is computed for all pixels at once, and the (up to)
// four neighbours are gathered.
#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/shaping.h"

namespace hebb::image {

namespace {

void check(const Tensor& images, const Tensor& transforms, const AffineOptions& options) {
  if (images.rank() != 4 || !is_floating(images.dtype())) {
    throw InvalidArgument(message("affine_transform: expected images (batch, height, width, channels) of floats, got ",
                                  images.spec(), ". Use cast() and expand_dims()."));
  }
  const Spec wanted{{images.shape().front(), 6}, DType::float32};
  if (transforms.spec() != wanted) {
    throw InvalidArgument(message("affine_transform: expected transforms ", wanted,
                                  ", one row {a0, a1, a2, b0, b1, b2} "
                                  "for each image, got ",
                                  transforms.spec(), "."));
  }
  const std::vector<std::string> modes = {"reflect", "wrap", "constant", "nearest"}, ways = {"nearest", "bilinear"};
  const auto known = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!known(modes, options.fill_mode)) throw InvalidArgument(unknown_name("fill_mode", options.fill_mode, modes));
  if (!known(ways, options.interpolation))
    throw InvalidArgument(unknown_name("interpolation", options.interpolation, ways));
}

/// x cut off behind the point.
Tensor truncated(const Tensor& x) { return select(less(x, 0.0), ceil(x), floor(x)); }

/// A coordinate as one inside [0, size - 1]; a constant fill leaves it where it is.
Tensor inside(const Tensor& x, int64_t size, const std::string& mode) {
  const auto n = static_cast<double>(size);
  if (mode == "constant") return x;
  if (mode == "nearest") return clip(x, 0, n - 1);
  if (size <= 1) return x * 0.0;
  if (mode == "wrap") {
    // A period is `size`, but it is counted in steps of size - 1: Keras's numbers are so.
    const Tensor below = x + (truncated(-x / (n - 1)) + 1.0) * n, above = x - truncated(x / (n - 1)) * n;
    return clip(select(less(x, 0.0), below, select(greater(x, n - 1), above, x)), 0, n - 1);
  }
  const double period = 2 * n;
  const Tensor from_below = x + truncated(-x / period) * period;
  const Tensor below = select(less(from_below, -n), from_below + period, -from_below - 1.0);
  const Tensor from_above = x - truncated(x / period) * period;
  const Tensor above = select(greater_equal(from_above, n), period - from_above - 1.0, from_above);
  return clip(select(less(x, 0.0), below, select(greater(x, n - 1), above, x)), 0, n - 1);
}

/// Halves away from zero.
Tensor rounded(const Tensor& x) { return select(less(x, 0.0), ceil(x - 0.5), floor(x + 0.5)); }

Tensor as_index(const Tensor& whole) { return cast(whole, DType::int64); }

Tensor index_constant(int64_t value) { return Tensor::scalar(static_cast<double>(value), DType::int64); }

/// Pixels by whole coordinates; zeros outside the images.
class Pixels {
 public:
  explicit Pixels(const Tensor& images)
      : height_(images.shape()[1]),
        width_(images.shape()[2]),
        table_(reshape(images, {images.shape().front() * height_ * width_, images.shape()[3]})),
        first_(reshape(arange(images.shape().front(), DType::int64), {images.shape().front(), 1, 1}) *
               index_constant(height_ * width_)) {}

  /// x, y: (batch, rows, columns) -> (batch, rows, columns, channels).
  Tensor at(const Tensor& x, const Tensor& y) const {
    const Tensor column = as_index(x), row = as_index(y);
    const Tensor zero = index_constant(0);
    const Tensor is_inside = logical_and(logical_and(greater_equal(column, zero), less(column, index_constant(width_))),
                                         logical_and(greater_equal(row, zero), less(row, index_constant(height_))));
    return gather(table_, select(is_inside, first_ + row * index_constant(width_) + column, index_constant(-1)));
  }

 private:
  int64_t height_, width_;
  Tensor table_, first_;
};

}  // namespace

Tensor affine_transform(const Tensor& images, const Tensor& transforms, const AffineOptions& options) {
  check(images, transforms, options);
  const int64_t batch = images.shape().front(), height = images.shape()[1], width = images.shape()[2];
  const int64_t rows = options.height > 0 ? options.height : height,
                columns = options.width > 0 ? options.width : width;
  const Tensor x = reshape(arange(columns), {1, 1, columns}), y = reshape(arange(rows), {1, rows, 1});
  const auto entry = [&](int64_t i) { return reshape(slice(transforms, {0, i}, {batch, i + 1}), {batch, 1, 1}); };
  const Tensor from_x = inside(entry(0) * x + entry(1) * y + entry(2), width, options.fill_mode);
  const Tensor from_y = inside(entry(3) * x + entry(4) * y + entry(5), height, options.fill_mode);

  // With the fill value as zero level, what lies outside needs no treatment of its own: the weights add up to one.
  const bool is_shifted = options.fill_mode == "constant" && options.fill_value != 0;
  const Pixels pixels(is_shifted ? images - options.fill_value : images);
  Tensor out;
  if (options.interpolation == "nearest") {
    out = pixels.at(rounded(from_x), rounded(from_y));
  } else {
    const Tensor left = floor(from_x), top = floor(from_y), right = left + 1.0, bottom = top + 1.0;
    const auto weight = [&](const Tensor& w) { return cast(expand_dims(w, -1), images.dtype()); };
    const Tensor to_left = weight(right - from_x), to_right = weight(from_x - left);
    const Tensor upper = to_left * pixels.at(left, top) + to_right * pixels.at(right, top);
    const Tensor lower = to_left * pixels.at(left, bottom) + to_right * pixels.at(right, bottom);
    out = weight(bottom - from_y) * upper + weight(from_y - top) * lower;
  }
  return is_shifted ? out + options.fill_value : out;
}

}  // namespace hebb::image
