// Keras's operations on windows of images: patches and what is made of them, filters, cuts and borders
// (keras/src/ops/image.py, nn.py).

#include <algorithm>
#include <cmath>

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

using Pair = std::array<int64_t, 2>;

/// An option that is one number for both axes, or two.
Pair pair(const OperationCall& call, const char* name, Pair otherwise) {
  const Json* value = call.config.find(name);
  if (!value || value->is_null()) return otherwise;
  const std::vector<int64_t> given = numbers(*value);
  if (given.empty() || given.size() > 2)
    call.refuse(message("hebb has it with two numbers as ", name, ", got ", value->dump(), "."));
  for (const int64_t each : given) {
    constexpr int64_t most = 1'000'000;
    if (each < 0 || each > most)
      call.refuse(message("expected numbers from 0 to ", most, " as ", name, ", got ", each, "."));
  }
  return {given.front(), given.back()};
}

Pair positive_pair(const OperationCall& call, const char* name, Pair otherwise) {
  const Pair given = pair(call, name, otherwise);
  if (given[0] < 1 || given[1] < 1) call.refuse(message("expected numbers of at least 1 as ", name, "."));
  return given;
}

// --------------------------------------------------------------------------------------------------------- windows

struct Windows {
  Pair size, strides = {1, 1}, dilations = {1, 1}, low = {0, 0}, high = {0, 0};
  Pair counts = {0, 0};  // of their positions
};

/// A file may say anything: larger windows than these nobody looks through.
void check_places(const OperationCall& call, const char* name, const Pair& size) {
  constexpr int64_t most = 65'536;
  if (size[0] * size[1] > most)
    call.refuse(message("expected at most ", most, " places as ", name, ", got ", size[0], " x ", size[1], "."));
}

Windows with_counts(const OperationCall& call, Windows windows, const Tensor& x, int first_axis) {
  for (size_t i = 0; i < 2; ++i) {
    windows.counts[i] = window_positions(x.shape()[first_axis + static_cast<int>(i)], windows.size[i],
                                         windows.strides[i], windows.dilations[i], windows.low[i], windows.high[i]);
    if (windows.counts[i] < 1)
      call.refuse(message("its windows of ", windows.size[i], " do not fit in ", x.spec(), "."));
  }
  return windows;
}

/// What each place of the windows sees: x (batch, height, width, channels) -> (batch, rows, columns, places, channels).
Tensor patches(const Tensor& x, const Windows& w) {
  const int64_t batch = x.shape().front(), channels = x.shape().back();
  const bool side_by_side =
      w.strides == w.size && w.dilations == Pair{1, 1} && w.low == Pair{0, 0} && w.high == Pair{0, 0};
  if (side_by_side) {
    const Tensor inside = slice(x, {0, 0, 0}, {batch, w.counts[0] * w.size[0], w.counts[1] * w.size[1]});
    const Tensor blocks = reshape(inside, {batch, w.counts[0], w.size[0], w.counts[1], w.size[1], channels});
    return reshape(transpose(blocks, {0, 1, 3, 2, 4, 5}),
                   {batch, w.counts[0], w.counts[1], w.size[0] * w.size[1], channels});
  }
  const bool has_border = w.low != Pair{0, 0} || w.high != Pair{0, 0};
  const Tensor padded = has_border ? pad(x, {0, w.low[0], w.low[1], 0}, {0, w.high[0], w.high[1], 0}) : x;
  Tensors places;
  for (int64_t i = 0; i < w.size[0]; ++i) {
    for (int64_t j = 0; j < w.size[1]; ++j) {
      const int64_t row = i * w.dilations[0], column = j * w.dilations[1];
      const Tensor seen = slice(
          padded, {0, row, column, 0},
          {batch, row + (w.counts[0] - 1) * w.strides[0] + 1, column + (w.counts[1] - 1) * w.strides[1] + 1, channels},
          {1, w.strides[0], w.strides[1], 1});
      places.push_back(expand_dims(seen, 3));
    }
  }
  return concatenate(places, 3);
}

Pair half(const std::array<std::pair<int64_t, int64_t>, 2>& borders, bool low) {
  return {low ? borders[0].first : borders[0].second, low ? borders[1].first : borders[1].second};
}

Windows padded_windows(const OperationCall& call, Windows w, const Tensor& x) {
  const std::string padding = lower_case(call.config.get("padding", "valid"));
  if (padding == "same") {
    std::array<std::pair<int64_t, int64_t>, 2> borders;
    for (size_t i = 0; i < 2; ++i)
      borders[i] = same_padding(x.shape()[1 + static_cast<int>(i)], w.size[i], w.strides[i], w.dilations[i]);
    w.low = half(borders, true);
    w.high = half(borders, false);
  } else if (padding != "valid") {
    call.refuse(message("expected the padding valid or same, got ", padding, "."));
  }
  return with_counts(call, w, x, 1);
}

Tensors patches_of_images(const OperationCall& call) {
  const Json& given = call.config.at("size");
  if (given.is_array() && given.size() != 2) call.refuse("hebb has it for images of two axes.");
  return with_channels_last(call, call.tensor(0, "images"), [&](const Tensor& x) {
    Windows w{.size = positive_pair(call, "size", {1, 1})};
    check_places(call, "size", w.size);
    w.strides = positive_pair(call, "strides", w.size);
    w.dilations = positive_pair(call, "dilation_rate", {1, 1});
    w = padded_windows(call, w, x);
    return reshape(patches(x, w),
                   {x.shape().front(), w.counts[0], w.counts[1], w.size[0] * w.size[1] * x.shape().back()});
  });
}

Windows windows_of_columns(const OperationCall& call) {
  Windows w{.size = positive_pair(call, "kernel_size", {1, 1})};
  check_places(call, "kernel_size", w.size);
  w.strides = positive_pair(call, "stride", {1, 1});
  w.dilations = positive_pair(call, "dilation", {1, 1});
  w.low = w.high = pair(call, "padding", {0, 0});
  return w;
}

/// Windows as columns: (batch, channels, height, width) -> (batch, channels * places, windows).
Tensors unfolded(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  if (x.rank() != 4) call.refuse(message("expected images (batch, channels, height, width), got ", x.spec(), "."));
  const Windows w = with_counts(call, windows_of_columns(call), x, 2);
  const int64_t batch = x.shape().front(), channels = x.shape()[1], places = w.size[0] * w.size[1];
  const Tensor seen = patches(transpose(x, {0, 2, 3, 1}), w);
  return {reshape(transpose(seen, {0, 4, 3, 1, 2}), {batch, channels * places, w.counts[0] * w.counts[1]})};
}

/// Columns as windows again, which are added up where they lie upon each other.
Tensors folded(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  if (x.rank() != 3) call.refuse(message("expected columns (batch, channels * places, windows), got ", x.spec(), "."));
  const Pair whole = positive_pair(call, "output_size", {1, 1});
  Windows w = windows_of_columns(call);
  const int64_t batch = x.shape().front(), places = w.size[0] * w.size[1], channels = x.shape()[1] / places;
  w = with_counts(call, w, zeros({1, whole[0], whole[1]}), 1);
  if (channels * places != x.shape()[1] || w.counts[0] * w.counts[1] != x.shape()[2])
    call.refuse(message("expected columns of windows of ", w.size[0], " x ", w.size[1], ", ", w.counts[0] * w.counts[1],
                        " of them, got ", x.spec(), "."));
  const Tensor seen = reshape(x, {batch, channels, w.size[0], w.size[1], w.counts[0], w.counts[1]});
  const Pair size = {whole[0] + 2 * w.low[0], whole[1] + 2 * w.low[1]};
  Tensor sum;
  for (int64_t i = 0; i < w.size[0]; ++i) {
    for (int64_t j = 0; j < w.size[1]; ++j) {
      const Tensor one =
          reshape(part(part(seen, 2, i, i + 1), 3, j, j + 1), {batch, channels, w.counts[0], w.counts[1]});
      const int64_t row = i * w.dilations[0], column = j * w.dilations[1];
      const int64_t below = size[0] - row - (w.counts[0] - 1) * w.strides[0] - 1;
      const int64_t behind = size[1] - column - (w.counts[1] - 1) * w.strides[1] - 1;
      const Tensor spread =
          pad(one, {0, 0, row, column}, {0, 0, below, behind}, {0, 0, w.strides[0] - 1, w.strides[1] - 1});
      sum = sum.defined() ? sum + spread : spread;
    }
  }
  return {part(part(sum, 2, w.low[0], w.low[0] + whole[0]), 3, w.low[1], w.low[1] + whole[1])};
}

// --------------------------------------------------------------------------------------------------------- filters

/// `size` values of a Gaussian about their middle, of sum 1.
std::vector<double> bell(int64_t size, double sigma) {
  std::vector<double> values;
  double total = 0;
  for (int64_t i = 0; i < size; ++i) {
    const double place = (static_cast<double>(i) - static_cast<double>(size - 1) / 2) / sigma;
    values.push_back(std::exp(-0.5 * place * place));
    total += values.back();
  }
  for (double& value : values) value /= total;
  return values;
}

/// In Keras's order: the products of the second bell's values with the first's, row by row, as (first, second).
Tensor bell_kernel(const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<double> products;
  for (const double row : second) {
    for (const double column : first) products.push_back(row * column);
  }
  return Tensor::from(products, {static_cast<int64_t>(first.size()), static_cast<int64_t>(second.size())});
}

Tensors blurred(const OperationCall& call) {
  const Pair size = positive_pair(call, "kernel_size", {3, 3});
  check_places(call, "kernel_size", size);
  const Json* given = call.config.find("sigma");
  std::array<double, 2> sigma = {1, 1};
  if (given && given->is_number()) sigma = {given->as_double(), given->as_double()};
  if (given && given->is_array() && given->size() == 2)
    sigma = {given->at(size_t{0}).as_double(), given->at(1).as_double()};
  const Tensor kernel = bell_kernel(bell(size[0], sigma[0]), bell(size[1], sigma[1]));
  return with_channels_last(call, call.tensor(0, "images"),
                            [&](const Tensor& x) { return image::filter(x, kernel, true); });
}

/// How steep images are downwards and to the right, in an axis of its own.
Tensors edges(const OperationCall& call) {
  Tensor x = call.tensor(0, "images");
  if (x.rank() != 4) call.refuse(message("expected a batch of images, got ", x.spec(), "."));
  const bool is_first = call.config.get("data_format", "") == "channels_first";
  if (is_first) x = transpose(x, {0, 2, 3, 1});
  x = mirrored(call, x, {0, 1, 1, 0}, {0, 1, 1, 0}, 1);
  const Tensor downwards = Tensor::from(std::vector<double>{-1, -2, -1, 0, 0, 0, 1, 2, 1}, {3, 3});
  const Tensor y = concatenate(
      {expand_dims(image::filter(x, downwards), 4), expand_dims(image::filter(x, transpose(downwards)), 4)}, 4);
  return {is_first ? transpose(y, {0, 3, 1, 2, 4}) : y};
}

/// How alike two images are in their structure (Wang et al. 2004).
Tensors likeness(const OperationCall& call) {
  const auto images = [&](size_t position, const char* name) {
    Tensor x = floating(call.tensor(position, name));
    if (x.rank() != 3 && x.rank() != 4)
      call.refuse(message("expected images of three axes, or a batch of them, got ", x.spec(), "."));
    if (x.rank() == 3) x = expand_dims(x, 0);
    return call.config.get("data_format", "") == "channels_first" ? transpose(x, {0, 2, 3, 1}) : x;
  };
  const Tensor a = images(0, "image1"), b = images(1, "image2");
  const int64_t size = call.whole("filter_size", 11);
  if (!(a.shape() == b.shape()) || size < 1 || size > std::min(a.shape()[1], a.shape()[2]))
    call.refuse(message("expected images of one shape and at least ", size, " pixels each way, got ", a.spec(), " and ",
                        b.spec(), "."));
  const std::vector<double> around = bell(size, call.real("filter_sigma", 1.5));
  const Tensor kernel = bell_kernel(around, around);
  const auto smooth = [&](const Tensor& x) { return image::filter(x, kernel); };
  const double range = call.real("max_val", 1);
  const double c1 = std::pow(call.real("k1", 0.01) * range, 2), c2 = std::pow(call.real("k2", 0.03) * range, 2);
  const Tensor mean_a = smooth(a), mean_b = smooth(b), means = mean_a * mean_b;
  const Tensor variance_a = smooth(a * a) - mean_a * mean_a, variance_b = smooth(b * b) - mean_b * mean_b;
  const Tensor common = smooth(a * b) - means;
  const Tensor each = (means * 2.0 + c1) * (common * 2.0 + c2) /
                      ((mean_a * mean_a + mean_b * mean_b + c1) * (variance_a + variance_b + c2));
  const Tensor y = mean(each, {.axes = {1, 2, 3}});
  return {call.tensor(0, "image1").rank() == 3 ? squeeze(y, 0) : y};
}

// ------------------------------------------------------------------------------------------------- cuts and borders

/// Of three numbers that add up with the size to another two are given; the first two of them.
Pair sides(const OperationCall& call, const char* first, const char* second, const char* whole, int64_t size,
           int64_t sign) {
  const auto given = [&](const char* name) -> std::optional<int64_t> {
    const Json* value = call.config.find(name);
    if (!value || value->is_null()) return std::nullopt;
    constexpr int64_t most = 1'000'000;
    if (std::abs(value->as_int()) > most)
      call.refuse(message("expected at most ", most, " as ", name, ", got ", value->dump(), "."));
    return value->as_int();
  };
  const std::optional<int64_t> a = given(first), b = given(second), target = given(whole);
  if (static_cast<int>(a.has_value()) + static_cast<int>(b.has_value()) + static_cast<int>(target.has_value()) != 2)
    call.refuse(message("expected two of ", first, ", ", second, " and ", whole, "."));
  const int64_t both = target ? sign * (*target - size) : 0;
  const Pair out = {a ? *a : both - *b, b ? *b : both - *a};
  if (out[0] < 0 || out[1] < 0)
    call.refuse(message("expected a ", first, " and a ", second, " of at least 0, got ", out[0], " and ", out[1], "."));
  return out;
}

Tensors cropped(const OperationCall& call) {
  return with_channels_last(call, call.tensor(0, "images"), [&](const Tensor& x) {
    const int64_t height = x.shape()[1], width = x.shape()[2];
    const Pair rows = sides(call, "top_cropping", "bottom_cropping", "target_height", height, -1);
    const Pair columns = sides(call, "left_cropping", "right_cropping", "target_width", width, -1);
    if (rows[0] + rows[1] > height || columns[0] + columns[1] > width)
      call.refuse(message("it cuts off more than there is of ", x.spec(), "."));
    return part(part(x, 1, rows[0], height - rows[1]), 2, columns[0], width - columns[1]);
  });
}

Tensors bordered(const OperationCall& call) {
  return with_channels_last(call, call.tensor(0, "images"), [&](const Tensor& x) {
    const Pair rows = sides(call, "top_padding", "bottom_padding", "target_height", x.shape()[1], 1);
    const Pair columns = sides(call, "left_padding", "right_padding", "target_width", x.shape()[2], 1);
    return pad(x, {0, rows[0], columns[0], 0}, {0, rows[1], columns[1], 0});
  });
}

/// Images under maps of their coordinates, a row of eight numbers for all of them or for each.
Tensors mapped(const OperationCall& call) {
  Tensor rows = cast(call.tensor(1, "transform"), DType::float32);
  if (rows.rank() == 1) rows = expand_dims(rows, 0);
  const image::AffineOptions options{.interpolation = call.config.get("interpolation", "bilinear"),
                                     .fill_mode = call.config.get("fill_mode", "constant"),
                                     .fill_value = call.real("fill_value", 0)};
  return with_channels_last(call, floating(call.tensor(0, "images")), [&](const Tensor& x) {
    if (rows.rank() != 2 || rows.shape()[1] != 8 || (rows.shape()[0] != 1 && rows.shape()[0] != x.shape().front()))
      call.refuse(message("expected a transform of eight numbers, or one for each image, got ", rows.spec(), "."));
    return image::affine_transform(x, broadcast_to(rows, {x.shape().front(), 8}), options);
  });
}

/// Images under the map that brings four points of the result to four of the image (Hartley and Zisserman 2004, 4.1).
Tensors seen_from_elsewhere(const OperationCall& call) {
  const auto points = [&](size_t position, const char* name) {
    Tensor x = cast(call.tensor(position, name), DType::float32);
    if (x.rank() == 2) x = expand_dims(x, 0);
    if (x.rank() != 3 || x.shape()[1] != 4 || x.shape()[2] != 2)
      call.refuse(message("expected four points, or four for each image, as ", name, ", got ", x.spec(), "."));
    return x;
  };
  const Tensor from = points(1, "start_points"), to = points(2, "end_points");
  if (!(from.shape() == to.shape()))
    call.refuse(message("expected as many end_points as start_points, got ", to.spec(), " and ", from.spec(), "."));
  const int64_t count = from.shape().front();
  const Tensor one = ones({count, 1}), none = zeros({count, 3});
  Tensors rows, places;
  for (int64_t i = 0; i < 4; ++i) {
    const Tensor corner = reshape(part(to, 1, i, i + 1), {count, 2});
    for (int64_t j = 0; j < 2; ++j) {
      const Tensor place = reshape(part(part(from, 1, i, i + 1), 2, j, j + 1), {count, 1});
      const Tensor whole = concatenate({corner, one}, 1);
      const Tensor row = concatenate({j == 0 ? whole : none, j == 0 ? none : whole, negative(place) * corner}, 1);
      rows.push_back(expand_dims(row, 1));
      places.push_back(expand_dims(place, 1));
    }
  }
  const Tensor maps = squeeze(solved(concatenate(rows, 1), concatenate(places, 1)), 2);
  const image::AffineOptions options{.interpolation = call.config.get("interpolation", "bilinear"),
                                     .fill_value = call.real("fill_value", 0)};
  return with_channels_last(call, floating(call.tensor(0, "images")), [&](const Tensor& x) {
    if (count != 1 && count != x.shape().front())
      call.refuse(message("expected points for all images or for each, got ", from.spec(), "."));
    return image::affine_transform(x, broadcast_to(maps, {x.shape().front(), 8}), options);
  });
}

}  // namespace

const std::vector<OperationRecord>& window_operations() {
  static const std::vector<OperationRecord> rows = {
      {"ExtractPatches", "image", patches_of_images},
      {"Unfold", "nn", unfolded},
      {"Fold", "nn", folded},
      {"GaussianBlur", "image", blurred},
      {"SobelEdges", "image", edges},
      {"SSIM", "image", likeness},
      {"CropImages", "image", cropped},
      {"PadImages", "image", bordered},
      {"AffineTransform", "image", mapped},
      {"PerspectiveTransform", "image", seen_from_elsewhere},
  };
  return rows;
}

}  // namespace hebb::detail
