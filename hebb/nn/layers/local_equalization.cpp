// ContrastLimitedAdaptiveHistogramEqualization of nn/layers/tone_augmentation.h.
#include <algorithm>
#include <cmath>

#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/tone_augmentation.h"
#include "hebb/nn/layers/tones.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/rounding.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// Keras's number of tones, whatever the range of values.
constexpr int64_t tones = 256;

/// How many tables of tones an image may have: 64 MiB of them.
constexpr int64_t most_tables = int64_t{1} << 16;

/// The tiles along one axis, and for each place the two whose middles lie around it.
struct Tiles {
  int64_t size;                         ///< of a tile
  std::vector<int64_t> own, low, high;  ///< for each place the tile that it lies in, and the tiles around
  std::vector<float> weight;            ///< of `high`

  Tiles(int64_t places, int64_t count) : size((places + count - 1) / count) {
    for (int64_t place = 0; place < size * count; ++place) {
      const double at = (static_cast<double>(place) - static_cast<double>(size) / 2) / static_cast<double>(size);
      const auto tile = static_cast<int64_t>(std::floor(at));
      own.push_back(place / size);
      low.push_back(std::clamp<int64_t>(tile, 0, count - 1));
      high.push_back(std::clamp<int64_t>(tile + 1, 0, count - 1));
      weight.push_back(static_cast<float>(at - std::floor(at)));
    }
  }
  int64_t places() const { return static_cast<int64_t>(own.size()); }
};

/// As many places along an axis, the image mirrored at its end.
Tensor extended(const Tensor& x, int axis, int64_t places) {
  Tensor y = x;
  while (y.shape()[axis] < places) {
    const int64_t size = y.shape()[axis], missing = std::min(places - size, size);
    std::vector<int64_t> begin(4, 0);
    begin[static_cast<size_t>(axis)] = size - missing;
    y = concatenate({y, reverse(slice(y, begin, y.shape().to_vector()), {axis})}, axis);
  }
  return y;
}

using LocalOptions = ContrastLimitedAdaptiveHistogramEqualizationOptions;

class LocalEqualizationLayer final : public ImageLayer<LocalEqualizationLayer, LocalOptions> {
 public:
  static constexpr const char* keras_name = "ContrastLimitedAdaptiveHistogramEqualization";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("value_range", a.value_range);
    visit("clip_limit", a.clip_limit);
    visit("tile_grid_size", a.tile_grid_size);
  }

  explicit LocalEqualizationLayer(LocalOptions given) : ImageLayer(std::move(given)) {
    check_values();
    check_pair(*this, "a tile_grid_size", arguments().tile_grid_size);
    autocast_ = false;  // whole numbers stay so
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const auto& grid = arguments().tile_grid_size;
    const int64_t channels = std::max<int64_t>(1, inputs.front()[axes_.channels]);
    const bool fits = grid.height <= most_tables && grid.width <= most_tables / grid.height &&
                      grid.height * grid.width <= most_tables / channels;
    require(fits, message("expected a tile_grid_size of at most ", most_tables / channels, " tiles for images of ",
                          channels, " channels, got ", grid.height, " x ", grid.width,
                          ", with 256 numbers for each. Give fewer, such as 8 x 8."));
  }

  using ImageLayer::call;
  Tensor call(const Tensor& x) override {
    const ValueRange& values = arguments().value_range;
    const bool whole = !is_floating(x.dtype());
    const Tensor given = whole ? x : rounded(cast(x, dtype()), dtype_policy().rounding());
    const Tensor wide = cast(axes_.to_last(given), DType::float32);
    const Tensor spread = between_ranges(equalized(between_ranges(wide, values, byte_tones)), byte_tones, values);
    // Keras gives images of whole numbers in their own type, which cuts off.
    return axes_.from_last(whole ? cast(floor(spread), x.dtype()) : cast(spread, dtype()));
  }

 private:
  Tensor equalized(const Tensor& images) const {
    const auto& a = arguments();
    const int64_t batch = images.shape()[0], height = images.shape()[1], width = images.shape()[2];
    const int64_t channels = images.shape()[3], grid_rows = a.tile_grid_size.height,
                  grid_columns = a.tile_grid_size.width;
    const Tiles rows(height, grid_rows), columns(width, grid_columns);
    const Tensor x = extended(extended(images, 1, rows.places()), 2, columns.places());
    const Tensor tone = cast(clip(x, 0, 255), DType::int64);

    // One table of tones for each image, tile and channel, one behind the other.
    const auto number = [](int64_t value) { return Tensor::scalar(static_cast<double>(value), DType::int64); };
    const Tensor image = reshape(arange(batch, DType::int64), {batch, 1, 1, 1}),
                 channel = arange(channels, DType::int64);
    const auto place = [&](const std::vector<int64_t>& row_tiles, const std::vector<int64_t>& column_tiles) {
      const Tensor row = Tensor::from(row_tiles, {1, rows.places(), 1, 1});
      const Tensor column = Tensor::from(column_tiles, {1, 1, columns.places(), 1});
      const Tensor tile = (image * number(grid_rows) + row) * number(grid_columns) + column;
      return (tile * number(channels) + channel) * number(tones) + tone;
    };
    const int64_t tables = batch * grid_rows * grid_columns * channels;
    const Tensor counts =
        reshape(scatter_add(reshape(place(rows.own, columns.own), {x.size()}), ones({x.size(), 1}), tables * tones),
                {tables, tones});
    const Tensor table = reshape(levels(counts, static_cast<double>(rows.size * columns.size)), {tables * tones, 1});

    const auto of = [&](const std::vector<int64_t>& row_tiles, const std::vector<int64_t>& column_tiles) {
      return reshape(gather(table, place(row_tiles, column_tiles)), x.shape());
    };
    const Tensor down = Tensor::from(rows.weight, {1, rows.places(), 1, 1});
    const Tensor right = Tensor::from(columns.weight, {1, 1, columns.places(), 1});
    const auto along = [&](const std::vector<int64_t>& row_tiles) {
      return of(row_tiles, columns.low) * (1.0 - right) + of(row_tiles, columns.high) * right;
    };
    const Tensor spread = along(rows.low) * (1.0 - down) + along(rows.high) * down;
    return slice(spread, {0, 0, 0, 0}, images.shape().to_vector());
  }

  /// What becomes of each tone: the share of darker pixels, from 0 to 255.
  Tensor levels(const Tensor& counts, double pixels) const {
    Tensor limited = counts;
    if (const double limit = arguments().clip_limit * pixels / tones; arguments().clip_limit > 0) {
      const Tensor clipped = clip(counts, 0, limit);
      limited = clipped + sum(counts - clipped, {.axes = {1}, .keepdims = true}) / static_cast<double>(tones);
    }
    const Tensor so_far = running_sums(limited);
    const Tensor lowest = min(so_far, {.axes = {1}, .keepdims = true});
    const Tensor others = pixels - lowest;
    return clip((so_far - lowest) * 255.0 / select(equal(others, 0.0), 1.0, others), 0, 255);
  }
};

}  // namespace

Layer ContrastLimitedAdaptiveHistogramEqualization(const LocalOptions& options) {
  return make_layer<LocalEqualizationLayer>(options);
}

Layer detail::contrast_limited_adaptive_histogram_equalization_from_config(const Json& config) {
  return LocalEqualizationLayer::from_config(config);
}

}  // namespace hebb
