// Resizing: every row (column) of the result is a weighted sum of a few rows (columns) of the image.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/shaping.h"

namespace hebb::image {

namespace {

/// Of which places of an axis each new place is made, and with which weights.
struct Taps {
  struct Tap {
    int64_t place;
    double weight;
  };
  std::vector<std::vector<Tap>> of;
};

/// TensorFlow computes scales and places in float32, and so do we: where a place lies on an edge, it decides.
Taps nearest_taps(int64_t from, int64_t to) {
  Taps taps;
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  for (int64_t i = 0; i < to; ++i) {
    const auto place = static_cast<int64_t>(std::floor((static_cast<float>(i) + 0.5f) * scale));
    taps.of.push_back({{std::clamp<int64_t>(place, 0, from - 1), 1.0}});
  }
  return taps;
}

Taps bilinear_taps(int64_t from, int64_t to) {
  Taps taps;
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  for (int64_t i = 0; i < to; ++i) {
    const float at = (static_cast<float>(i) + 0.5f) * scale - 0.5f;
    const float below = std::floor(at), share = at - below;
    const auto low = std::max<int64_t>(0, static_cast<int64_t>(below));
    const auto high = std::min<int64_t>(from - 1, static_cast<int64_t>(std::ceil(at)));
    taps.of.push_back({{low, 1.0 - static_cast<double>(share)}, {high, static_cast<double>(share)}});
  }
  return taps;
}

/// Keys's kernel for a = -0.5.
double keys(double x) {
  x = std::abs(x);
  if (x >= 2) return 0;
  return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : ((1.5 * x - 2.5) * x) * x + 1;
}

/// TensorFlow takes the weights from a table of 1024 steps to a pixel.
Taps bicubic_taps(int64_t from, int64_t to) {
  Taps taps;
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  for (int64_t i = 0; i < to; ++i) {
    const float at = (static_cast<float>(i) + 0.5f) * scale - 0.5f, below = std::floor(at);
    const double share = static_cast<double>(std::lrint((at - below) * 1024)) / 1024;
    std::vector<Taps::Tap> own;
    double sum = 0;
    for (int64_t k = -1; k <= 2; ++k) {
      const int64_t place = static_cast<int64_t>(below) + k;
      if (place < 0 || place >= from) continue;
      own.push_back({place, keys(static_cast<double>(k) - share)});
      sum += own.back().weight;
    }
    for (Taps::Tap& tap : own) tap.weight /= sum;
    taps.of.push_back(std::move(own));
  }
  return taps;
}

/// The mean over what the new pixel covers.
Taps area_taps(int64_t from, int64_t to) {
  Taps taps;
  const double scale = static_cast<double>(static_cast<float>(from) / static_cast<float>(to));
  for (int64_t i = 0; i < to; ++i) {
    const double begin = static_cast<double>(i) * scale, end = begin + scale;
    std::vector<Taps::Tap> own;
    for (auto place = static_cast<int64_t>(std::floor(begin)); static_cast<double>(place) < end; ++place) {
      const auto left = static_cast<double>(place);
      const double covered = std::min(end, left + 1) - std::max(begin, left);
      own.push_back({std::min(place, from - 1), covered / scale});
    }
    taps.of.push_back(std::move(own));
  }
  return taps;
}

double lanczos(double x, double radius) {
  x = std::abs(x);
  if (x > radius) return 0;
  if (x <= 1e-3) return 1;
  const double angle = std::numbers::pi * x;
  return radius * std::sin(angle) * std::sin(angle / radius) / (angle * angle);
}

/// A kernel of some radius laid over the image at each new place; with `antialias` it is widened to what that covers.
template <class Weight>
Taps kernel_taps(int64_t from, int64_t to, double radius, bool antialias, const Weight& weight) {
  Taps taps;
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double width = antialias ? std::max(scale, 1.0) : 1.0;
  for (int64_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const auto first = std::max<int64_t>(0, static_cast<int64_t>(std::ceil(centre - radius * width - 0.5)));
    const auto last = std::min<int64_t>(from - 1, static_cast<int64_t>(std::floor(centre + radius * width - 0.5)));
    std::vector<Taps::Tap> own;
    double sum = 0;
    for (int64_t place = first; place <= last; ++place) {
      own.push_back({place, weight((static_cast<double>(place) + 0.5 - centre) / width)});
      sum += own.back().weight;
    }
    for (Taps::Tap& tap : own) tap.weight /= sum;
    taps.of.push_back(std::move(own));
  }
  return taps;
}

Taps make_taps(int64_t from, int64_t to, const ResizeOptions& options) {
  const std::string& way = options.interpolation;
  if (way == "nearest") return nearest_taps(from, to);
  if (way == "area") return area_taps(from, to);
  if (way == "lanczos3" || way == "lanczos5") {
    const double radius = way == "lanczos3" ? 3 : 5;
    return kernel_taps(from, to, radius, options.antialias, [radius](double x) { return lanczos(x, radius); });
  }
  if (way == "bilinear") {
    if (!options.antialias) return bilinear_taps(from, to);
    return kernel_taps(from, to, 1, true, [](double x) { return std::max(0.0, 1 - std::abs(x)); });
  }
  if (!options.antialias) return bicubic_taps(from, to);
  return kernel_taps(from, to, 2, true, keys);
}

/// x: (many, from, rest) -> (many, to, rest).
Tensor resize_axis(const Tensor& x, const Taps& taps) {
  const int64_t many = x.shape()[0], from = x.shape()[1], rest = x.shape()[2];
  const auto to = static_cast<int64_t>(taps.of.size());
  size_t most = 0;
  for (const auto& own : taps.of) most = std::max(most, own.size());
  const Tensor table = reshape(x, {many * from, rest});
  const Tensor first =
      reshape(arange(many, DType::int64), {many, 1}) * Tensor::scalar(static_cast<double>(from), DType::int64);
  Tensor out;
  for (size_t t = 0; t < most; ++t) {
    std::vector<int64_t> places;
    std::vector<float> weights;
    for (const auto& own : taps.of) {
      places.push_back(t < own.size() ? own[t].place : own.back().place);
      weights.push_back(t < own.size() ? static_cast<float>(own[t].weight) : 0.f);
    }
    Tensor part = gather(table, first + Tensor::from(places, {1, to}));
    if (most > 1) part = part * cast(Tensor::from(weights, {1, to, 1}), x.dtype());
    out = out.defined() ? out + part : part;
  }
  return out;
}

}  // namespace

Tensor resize(const Tensor& images, int64_t height, int64_t width, const ResizeOptions& options) {
  const std::vector<std::string> ways = {"nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5"};
  if (std::find(ways.begin(), ways.end(), options.interpolation) == ways.end())
    throw InvalidArgument(unknown_name("interpolation", options.interpolation, ways));
  if (images.rank() != 4 || !is_floating(images.dtype()) || images.shape()[1] < 1 || images.shape()[2] < 1) {
    throw InvalidArgument(message("resize: expected images (batch, height, width, channels) of floats, got ",
                                  images.spec(), ". Use cast() and expand_dims()."));
  }
  if (height < 1 || width < 1) {
    throw InvalidArgument(message("resize: expected a height and width of at least 1, got ", height, " and ", width,
                                  ". Give the size of the result."));
  }
  const int64_t batch = images.shape().front(), rows = images.shape()[1], columns = images.shape()[2],
                channels = images.shape()[3];
  if (rows == height && columns == width) return images;
  const Tensor tall = resize_axis(reshape(images, {batch, rows, columns * channels}), make_taps(rows, height, options));
  const Tensor both =
      resize_axis(reshape(tall, {batch * height, columns, channels}), make_taps(columns, width, options));
  return reshape(both, {batch, height, width, channels});
}

}  // namespace hebb::image
