// Images under maps: where a pixel of the result comes from is computed for all pixels at once, and the (up to) four
// neighbours are gathered.
#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/function_ref.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/shaping.h"

namespace hebb::image {

namespace {

void check_images(const char* operation, const Tensor& images) {
  if (images.rank() == 4 && is_floating(images.dtype())) return;
  throw InvalidArgument(message(operation, ": expected images (batch, height, width, channels) of floats, got ",
                                images.spec(), ". Use cast() and expand_dims()."));
}

void check_words(const std::string& interpolation, const std::string& fill_mode,
                 const std::vector<std::string>& modes) {
  const std::vector<std::string> ways = {"nearest", "bilinear"};
  const auto known = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!known(modes, fill_mode)) throw InvalidArgument(unknown_name("fill_mode", fill_mode, modes));
  if (!known(ways, interpolation)) throw InvalidArgument(unknown_name("interpolation", interpolation, ways));
}

void check(const Tensor& images, const Tensor& transforms, const AffineOptions& options) {
  check_images("affine_transform", images);
  const Spec wanted{{images.shape().front(), 6}, DType::float32};
  const Spec projective{{images.shape().front(), 8}, DType::float32};
  if (transforms.spec() != wanted && transforms.spec() != projective) {
    throw InvalidArgument(message("affine_transform: expected transforms ", wanted,
                                  ", one row {a0, a1, a2, b0, b1, b2} "
                                  "for each image, or rows of eight, got ",
                                  transforms.spec(), "."));
  }
  check_words(options.interpolation, options.fill_mode, {"reflect", "wrap", "constant", "nearest"});
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

Tensor index_constant(int64_t value) { return Tensor::scalar(static_cast<double>(value), DType::int64); }

/// Pixels by whole coordinates; zeros outside the images.
class Pixels {
 public:
  explicit Pixels(const Tensor& images)
      : batch_(images.shape().front()),
        height_(images.shape()[1]),
        width_(images.shape()[2]),
        table_(reshape(images, {batch_ * height_ * width_, images.shape()[3]})) {}

  /// x, y: whole numbers of float32, (batch, rows, columns) -> (batch, rows, columns, channels).
  Tensor at(const Tensor& x, const Tensor& y) const {
    const auto height = static_cast<double>(height_), width = static_cast<double>(width_);
    const Tensor is_inside = logical_and(logical_and(greater_equal(x, 0.0), less(x, width)),
                                         logical_and(greater_equal(y, 0.0), less(y, height)));
    // Up to here float32 has every whole number, and computing with it is faster.
    constexpr int64_t exact = int64_t{1} << 24;
    if (batch_ * height_ * width_ <= exact) {
      const Tensor index = arange_of(DType::float32) * (height * width) + y * width + x;
      return gather(table_, cast(select(is_inside, index, -1.0), DType::int32));
    }
    const auto whole = [&](const Tensor& coordinate) { return cast(select(is_inside, coordinate, 0.0), DType::int64); };
    const Tensor column = whole(x), row = whole(y);
    const Tensor index =
        arange_of(DType::int64) * index_constant(height_ * width_) + row * index_constant(width_) + column;
    return gather(table_, select(is_inside, index, index_constant(-1)));
  }

 private:
  /// The numbers of the images, (batch, 1, 1).
  Tensor arange_of(DType dtype) const { return reshape(arange(batch_, dtype), {batch_, 1, 1}); }

  int64_t batch_, height_, width_;
  Tensor table_;
};

/// x modulo a whole number of at least 1, never negative; both whole.
Tensor modulo(const Tensor& x, double n) { return x - floor(x / n) * n; }

/// A whole coordinate as one inside [0, size - 1], as SciPy does it; a constant fill leaves it where it is.
Tensor index_inside(const Tensor& i, int64_t size, const std::string& mode) {
  const auto n = static_cast<double>(size);
  if (mode == "constant") return i;
  if (mode == "nearest") return clip(i, 0, n - 1);
  if (size == 1) return i * 0.0;
  if (mode == "wrap") return modulo(i, n);
  if (mode == "mirror") return abs(modulo(i + (n - 1), 2 * (n - 1)) - (n - 1));
  return floor((abs(modulo(i * 2.0 + (2 * n + 1), 4 * n) - 2 * n) - 1.0) / 2.0);
}

using OnCoordinate = FunctionRef<Tensor(const Tensor&)>;

/// The pixels at (x, y), (batch, rows, columns) both. `nearest` gives the whole coordinate of a single neighbour;
/// `column`, `row` bring whole coordinates inside.
Tensor interpolated(const Tensor& images, const Tensor& x, const Tensor& y, const CoordinateOptions& options,
                    OnCoordinate nearest, OnCoordinate column, OnCoordinate row) {
  // With the fill value as zero level, what lies outside needs no treatment of its own: the weights add up to one.
  const bool is_shifted = options.fill_mode == "constant" && options.fill_value != 0;
  const Pixels pixels(is_shifted ? images - options.fill_value : images);
  Tensor out;
  if (options.interpolation == "nearest") {
    out = pixels.at(column(nearest(x)), row(nearest(y)));
  } else {
    const Tensor left = floor(x), top = floor(y), right = left + 1.0, bottom = top + 1.0;
    const auto weight = [&](const Tensor& w) { return cast(expand_dims(w, -1), images.dtype()); };
    const Tensor to_left = weight(right - x), to_right = weight(x - left);
    const Tensor first = column(left), second = column(right), above = row(top), below = row(bottom);
    const Tensor upper = to_left * pixels.at(first, above) + to_right * pixels.at(second, above);
    const Tensor lower = to_left * pixels.at(first, below) + to_right * pixels.at(second, below);
    out = weight(bottom - y) * upper + weight(y - top) * lower;
  }
  return is_shifted ? out + options.fill_value : out;
}

}  // namespace

Tensor affine_transform(const Tensor& images, const Tensor& transforms, const AffineOptions& options) {
  check(images, transforms, options);
  const int64_t batch = images.shape().front(), height = images.shape()[1], width = images.shape()[2];
  const int64_t rows = options.height > 0 ? options.height : height,
                columns = options.width > 0 ? options.width : width;
  const Tensor x = reshape(arange(columns), {1, 1, columns}), y = reshape(arange(rows), {1, rows, 1});
  const auto entry = [&](int64_t i) { return reshape(slice(transforms, {0, i}, {batch, i + 1}), {batch, 1, 1}); };
  Tensor free_x = entry(0) * x + entry(1) * y + entry(2), free_y = entry(3) * x + entry(4) * y + entry(5);
  if (transforms.shape()[1] == 8) {
    // Where the divisor is 0 nothing is seen; far outside of the image it does not matter how far.
    constexpr double far = 1e6;
    const Tensor divisor = entry(6) * x + entry(7) * y + 1.0, never = equal(divisor, 0.0);
    const auto divided = [&](const Tensor& coordinate) {
      return select(never, -far, clip(coordinate / select(never, 1.0, divisor), -far, far));
    };
    free_x = divided(free_x);
    free_y = divided(free_y);
  }
  const Tensor from_x = inside(free_x, width, options.fill_mode);
  const Tensor from_y = inside(free_y, height, options.fill_mode);
  const auto same = [](const Tensor& i) { return i; };
  return interpolated(
      images, from_x, from_y,
      {.interpolation = options.interpolation, .fill_mode = options.fill_mode, .fill_value = options.fill_value},
      [](const Tensor& i) { return rounded(i); }, same, same);
}

Tensor map_coordinates(const Tensor& images, const Tensor& x, const Tensor& y, const CoordinateOptions& options) {
  check_images("map_coordinates", images);
  check_words(options.interpolation, options.fill_mode, {"reflect", "wrap", "constant", "nearest", "mirror"});
  for (const Tensor& coordinates : {x, y}) {
    if (coordinates.rank() == 3 && coordinates.shape().front() == images.shape().front() &&
        coordinates.dtype() == DType::float32)
      continue;
    throw InvalidArgument(message("map_coordinates: expected coordinates float32 (batch, rows, columns) for images ",
                                  images.spec(), ", got ", coordinates.spec(), ". Give each image its own."));
  }
  return interpolated(
      images, x, y, options, [](const Tensor& i) { return round(i); },
      [&](const Tensor& i) { return index_inside(i, images.shape()[2], options.fill_mode); },
      [&](const Tensor& i) { return index_inside(i, images.shape()[1], options.fill_mode); });
}

}  // namespace hebb::image
