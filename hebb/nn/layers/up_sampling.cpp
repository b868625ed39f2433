#include "hebb/nn/layers/up_sampling.h"

#include <algorithm>

#include "hebb/base/text.h"
#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// x: (many, places, rest) -> (many, places * times, rest), each place repeated.
Tensor repeated(const Tensor& x, int64_t times) {
  const int64_t many = x.shape()[0], places = x.shape()[1], rest = x.shape()[2];
  const Tensor apart = reshape(x, {many, places, 1, rest});
  return reshape(broadcast_to(apart, {many, places, times, rest}), {many, places * times, rest});
}

/// x: (many, places, rest) -> (many, places * times, rest), interpolated linearly. Of the `times` new places that
/// share an old one, place p lies (p + 1/2) / times - 1/2 behind the old one's centre: between it and its neighbour
/// before or behind, with weights that depend on p alone. So it is sums of three shifted copies, without indices.
Tensor between(const Tensor& x, int64_t times) {
  const int64_t many = x.shape()[0], places = x.shape()[1], rest = x.shape()[2];
  std::vector<float> from_before, from_own, from_behind;
  for (int64_t p = 0; p < times; ++p) {
    const double offset = (static_cast<double>(p) + 0.5) / static_cast<double>(times) - 0.5;
    from_before.push_back(static_cast<float>(std::max(-offset, 0.0)));
    from_behind.push_back(static_cast<float>(std::max(offset, 0.0)));
    from_own.push_back(static_cast<float>(1 - std::abs(offset)));
  }
  auto weighted = [&](const Tensor& neighbour, const std::vector<float>& weights) {
    return reshape(neighbour, {many, places, 1, rest}) * cast(Tensor::from(weights, {times, 1}), x.dtype());
  };
  // At the ends a place is its own neighbour.
  const Tensor before = concatenate({slice(x, {0, 0}, {many, 1}), slice(x, {0, 0}, {many, places - 1})}, 1);
  const Tensor behind = concatenate({slice(x, {0, 1}, {many, places}), slice(x, {0, places - 1}, {many, places})}, 1);
  const Tensor y = weighted(before, from_before) + weighted(x, from_own) + weighted(behind, from_behind);
  return reshape(y, {many, places * times, rest});
}

struct UpSampling2DArguments : UpSampling2DOptions {
  Pair size = 2;
};

UpSampling2DArguments in_lower_case(UpSampling2DArguments a) {
  a.interpolation = lower_case(a.interpolation);
  return a;
}

class UpSampling2DLayer final : public ConfiguredLayer<UpSampling2DLayer, UpSampling2DArguments> {
 public:
  static constexpr const char* keras_name = "UpSampling2D";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("size", a.size);
    visit("data_format", a.data_format);
    visit("interpolation", a.interpolation);
  }

  explicit UpSampling2DLayer(UpSampling2DArguments given)
      : ConfiguredLayer(in_lower_case(std::move(given))), axes_(*this, arguments().data_format, 2) {
    const auto& a = arguments();
    check_sizes(*this, "a size", a.size);
    const std::vector<std::string> ways = {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"};
    if (std::find(ways.begin(), ways.end(), a.interpolation) == ways.end())
      throw InvalidArgument(where() + unknown_name("interpolation", a.interpolation, ways));
    input_rule_ = {.rank = 4, .axes = axes_.text, .remedy = image_remedy};
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override { return axes_.from_last(enlarged(axes_.to_last(x))); }

 private:
  Tensor enlarged(const Tensor& x) const {
    const auto& a = arguments();
    const int64_t batch = x.shape()[0], rows = x.shape()[1], columns = x.shape()[2], channels = x.shape()[3];
    const int64_t height = rows * a.size.height, width = columns * a.size.width;
    if (a.interpolation != "nearest" && a.interpolation != "bilinear")
      return image::resize(x, height, width, {.interpolation = a.interpolation});
    auto larger = a.interpolation == "nearest" ? repeated : between;
    // Columns first: the second step, the larger one, then moves whole rows.
    Tensor y = x;
    if (a.size.width > 1) y = larger(reshape(y, {batch * rows, columns, channels}), a.size.width);
    if (a.size.height > 1) y = larger(reshape(y, {batch, rows, width * channels}), a.size.height);
    return reshape(y, {batch, height, width, channels});
  }

  SpatialAxes axes_;
};

struct UpSampling1DArguments : LayerOptions {
  int64_t size = 2;
};

class UpSampling1DLayer final : public ConfiguredLayer<UpSampling1DLayer, UpSampling1DArguments> {
 public:
  static constexpr const char* keras_name = "UpSampling1D";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("size", a.size);
  }

  explicit UpSampling1DLayer(UpSampling1DArguments given) : ConfiguredLayer(std::move(given)) {
    const SpatialAxes axes(*this, "channels_last", 1);
    check_sizes(*this, "a size", Single(arguments().size));
    input_rule_ = {.rank = 3, .axes = axes.text, .remedy = axes.remedy()};
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override { return repeated(x, arguments().size); }
};

struct UpSampling3DArguments : UpSampling3DOptions {
  Triple size = 2;
};

class UpSampling3DLayer final : public ConfiguredLayer<UpSampling3DLayer, UpSampling3DArguments> {
 public:
  static constexpr const char* keras_name = "UpSampling3D";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("size", a.size);
    visit("data_format", a.data_format);
  }

  explicit UpSampling3DLayer(UpSampling3DArguments given)
      : ConfiguredLayer(std::move(given)), axes_(*this, arguments().data_format, 3) {
    check_sizes(*this, "a size", arguments().size);
    input_rule_ = {.rank = 5, .axes = axes_.text, .remedy = axes_.remedy()};
  }

  using LayerBase::call;
  Tensor call(const Tensor& given) override {
    Tensor x = axes_.to_last(given);
    // The last axis first: the later steps, the larger ones, then move whole rows.
    for (int axis = 3; axis >= 1; --axis) {
      const int64_t times = arguments().size.each()[static_cast<size_t>(axis - 1)];
      if (times == 1) continue;
      Shape larger = x.shape();
      larger[axis] *= times;
      const int64_t many = x.shape().sub(0, axis).elements(), rest = x.shape().sub(axis + 1, 5).elements();
      x = reshape(repeated(reshape(x, {many, x.shape()[axis], rest}), times), larger);
    }
    return axes_.from_last(x);
  }

 private:
  SpatialAxes axes_;
};

}  // namespace

Layer UpSampling1D(int64_t size, const LayerOptions& options) {
  return make_layer<UpSampling1DLayer>(UpSampling1DArguments{options, size});
}

Layer UpSampling3D(Triple size, const UpSampling3DOptions& options) {
  return make_layer<UpSampling3DLayer>(UpSampling3DArguments{options, size});
}

Layer UpSampling2D(Pair size, const UpSampling2DOptions& options) {
  return make_layer<UpSampling2DLayer>(UpSampling2DArguments{options, size});
}

Layer detail::up_sampling_1d_from_config(const Json& config) { return UpSampling1DLayer::from_config(config); }
Layer detail::up_sampling_3d_from_config(const Json& config) { return UpSampling3DLayer::from_config(config); }
Layer detail::up_sampling_2d_from_config(const Json& config) { return UpSampling2DLayer::from_config(config); }

}  // namespace hebb
