#include "hebb/nn/layers/pooling.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/pool.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

enum class Kind { maximum, average };

/// Keras's name of a layer, by kind and number of axes.
using Names = const char* [2][3];

/// x: (batch, spatial..., channels). A volume is pooled over height and width, and what comes of it over depth: the
/// largest of the largest, and, since windows are boxes, the mean of means. Of equal values the first one stays first.
Tensor pooled(const Tensor& x, const PoolOptions& options, Kind kind) {
  if (x.rank() != 5) return kind == Kind::maximum ? max_pool(x, options) : average_pool(x, options);
  const auto behind_depth = [](const std::vector<int64_t>& all) { return std::vector(all.begin() + 1, all.end()); };
  const Shape& shape = x.shape();
  const int64_t batch = shape[0], depth = shape[1], channels = shape[4];
  const Tensor planes = pooled(reshape(x, {batch * depth, shape[2], shape[3], channels}),
                               {behind_depth(options.window), behind_depth(options.strides), behind_depth(options.low),
                                behind_depth(options.high)},
                               kind);
  const int64_t rows = planes.shape()[1], columns = planes.shape()[2];
  const Tensor y = pooled(reshape(planes, {batch, depth, rows * columns * channels}),
                          {{options.window[0]}, {options.strides[0]}, {options.low[0]}, {options.high[0]}}, kind);
  return reshape(y, {batch, y.shape()[1], rows, columns, channels});
}

template <class Sizes>
struct PoolingArguments : PoolingLayerOptions<Sizes> {
  Sizes pool_size = 2;
};

constexpr Names pooling_names = {{"MaxPooling1D", "MaxPooling2D", "MaxPooling3D"},
                                 {"AveragePooling1D", "AveragePooling2D", "AveragePooling3D"}};

template <Kind kind, class Sizes>
class PoolingLayer final : public ConfiguredLayer<PoolingLayer<kind, Sizes>, PoolingArguments<Sizes>> {
  using Base = ConfiguredLayer<PoolingLayer<kind, Sizes>, PoolingArguments<Sizes>>;

 public:
  static constexpr const char* keras_name = pooling_names[static_cast<int>(kind)][Sizes::axes - 1];

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    // Keras has a default for the one and none for the other.
    if constexpr (kind == Kind::average) {
      visit.required("pool_size", a.pool_size);
    } else {
      visit("pool_size", a.pool_size);
    }
    visit("padding", a.padding);
    visit("strides", a.strides);
    visit("data_format", a.data_format);
  }

  explicit PoolingLayer(PoolingArguments<Sizes> given)
      : Base(with_strides(std::move(given))), axes_(*this, this->arguments().data_format, Sizes::axes) {
    const auto& a = this->arguments();
    check_sizes(*this, "a pool_size", a.pool_size);
    check_sizes(*this, "strides", a.strides);
    windows_ = {a.pool_size, a.strides, Sizes(1), checked_padding(*this, a.padding)};
    this->input_rule_ = {.rank = Sizes::axes + 2, .axes = axes_.text, .remedy = axes_.remedy()};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    windows_.check_fits(*this, axes_, inputs.front(), "window");
  }

  using LayerBase::call;
  Tensor call(const Tensor& given) override {
    const Tensor x = axes_.to_last(given);
    const ConvOptions places = windows_.conv_options(x.shape());
    const PoolOptions options{windows_.window, places.strides, places.low, places.high};
    return axes_.from_last(pooled(x, options, kind));
  }

 private:
  static PoolingArguments<Sizes> with_strides(PoolingArguments<Sizes> a) {
    if (a.strides == Sizes()) a.strides = a.pool_size;
    return a;
  }

  SpatialAxes axes_;
  SpatialWindows windows_;
};

constexpr Names global_names = {{"GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D"},
                                {"GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D"}};

template <Kind kind, int spatial>
class GlobalPoolingLayer final : public ConfiguredLayer<GlobalPoolingLayer<kind, spatial>, GlobalPoolingLayerOptions> {
  using Base = ConfiguredLayer<GlobalPoolingLayer<kind, spatial>, GlobalPoolingLayerOptions>;

 public:
  static constexpr const char* keras_name = global_names[static_cast<int>(kind)][spatial - 1];
  static constexpr bool supports_masks = kind == Kind::average && spatial == 1;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("keepdims", a.keepdims);
  }

  explicit GlobalPoolingLayer(GlobalPoolingLayerOptions given)
      : Base(std::move(given)), axes_(*this, this->arguments().data_format, spatial) {
    this->input_rule_ = {.rank = spatial + 2, .axes = axes_.text, .remedy = axes_.remedy()};
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    ReduceOptions reduction{.axes = {}, .keepdims = this->arguments().keepdims};
    for (int i = 0; i < spatial; ++i) reduction.axes.push_back(axes_.first + i);
    if constexpr (kind == Kind::maximum) return max(x, reduction);
    const Tensor mask = options.mask();
    if (!supports_masks || !mask.defined()) return mean(x, reduction);
    const Tensor counts = expand_dims(cast(mask, DType::boolean), axes_.channels);
    // Selected, not multiplied: a step that does not count may hold anything.
    return sum(select(counts, x, 0.0), reduction) / sum(cast(counts, x.dtype()), reduction);
  }

  /// There are no steps any more.
  Tensors compute_masks(const Tensors&, const Tensors&, const Tensors&) override { return {Tensor()}; }

 private:
  SpatialAxes axes_;
};

template <class Sizes>
struct AdaptivePoolingArguments : AdaptivePoolingOptions {
  Sizes output_size = 1;
};

constexpr Names adaptive_names = {{"AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D"},
                                  {"AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D"}};

/// Along one axis: as windows are boxes, a mean is the mean of means, a maximum that of maxima.
Tensor adaptively_pooled(const Tensor& x, int axis, int64_t count, Kind kind) {
  Shape result = x.shape();
  const int64_t size = result[axis];
  const int64_t many = result.sub(0, axis).elements(), rest = result.sub(axis + 1, x.rank()).elements();
  result[axis] = count;
  const auto begin = [&](int64_t i) { return i * size / count; };
  const auto end = [&](int64_t i) { return ((i + 1) * size + count - 1) / count; };
  const Tensor rows = reshape(x, {many, size, rest});
  if (size % count == 0) return reshape(pooled(rows, {.window = {size / count}}, kind), result);
  Tensors windows;
  for (int64_t i = 0; i < count; ++i) {
    const Tensor window = slice(rows, {0, begin(i), 0}, {many, end(i), rest});
    windows.push_back(pooled(window, {.window = {end(i) - begin(i)}}, kind));
  }
  return reshape(concatenate(windows, 1), result);
}

template <Kind kind, class Sizes>
class AdaptivePoolingLayer final
    : public ConfiguredLayer<AdaptivePoolingLayer<kind, Sizes>, AdaptivePoolingArguments<Sizes>> {
  using Base = ConfiguredLayer<AdaptivePoolingLayer<kind, Sizes>, AdaptivePoolingArguments<Sizes>>;

 public:
  static constexpr const char* keras_name = adaptive_names[static_cast<int>(kind)][Sizes::axes - 1];

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("output_size", a.output_size);
    visit("data_format", a.data_format);
  }

  explicit AdaptivePoolingLayer(AdaptivePoolingArguments<Sizes> given)
      : Base(std::move(given)), axes_(*this, this->arguments().data_format, Sizes::axes) {
    check_sizes(*this, "an output_size", this->arguments().output_size);
    this->input_rule_ = {.rank = Sizes::axes + 2, .axes = axes_.text, .remedy = axes_.remedy()};
  }

  using LayerBase::call;
  Tensor call(const Tensor& given) override {
    Tensor x = axes_.to_last(given);
    for (int i = 0; i < Sizes::axes; ++i) {
      x = adaptively_pooled(x, i + 1, this->arguments().output_size.each()[static_cast<size_t>(i)], kind);
    }
    return axes_.from_last(x);
  }

 private:
  SpatialAxes axes_;
};

}  // namespace

Layer MaxPooling1D(Single pool_size, const Pooling1DOptions& options) {
  return make_layer<PoolingLayer<Kind::maximum, Single>>(PoolingArguments<Single>{options, pool_size});
}
Layer AveragePooling1D(Single pool_size, const Pooling1DOptions& options) {
  return make_layer<PoolingLayer<Kind::average, Single>>(PoolingArguments<Single>{options, pool_size});
}
Layer MaxPooling2D(Pair pool_size, const Pooling2DOptions& options) {
  return make_layer<PoolingLayer<Kind::maximum, Pair>>(PoolingArguments<Pair>{options, pool_size});
}
Layer AveragePooling2D(Pair pool_size, const Pooling2DOptions& options) {
  return make_layer<PoolingLayer<Kind::average, Pair>>(PoolingArguments<Pair>{options, pool_size});
}
Layer MaxPooling3D(Triple pool_size, const Pooling3DOptions& options) {
  return make_layer<PoolingLayer<Kind::maximum, Triple>>(PoolingArguments<Triple>{options, pool_size});
}
Layer AveragePooling3D(Triple pool_size, const Pooling3DOptions& options) {
  return make_layer<PoolingLayer<Kind::average, Triple>>(PoolingArguments<Triple>{options, pool_size});
}

Layer GlobalMaxPooling1D(const GlobalPooling1DOptions& options) {
  return make_layer<GlobalPoolingLayer<Kind::maximum, 1>>(options);
}
Layer GlobalAveragePooling1D(const GlobalPooling1DOptions& options) {
  return make_layer<GlobalPoolingLayer<Kind::average, 1>>(options);
}
Layer GlobalMaxPooling2D(const GlobalPooling2DOptions& options) {
  return make_layer<GlobalPoolingLayer<Kind::maximum, 2>>(options);
}
Layer GlobalAveragePooling2D(const GlobalPooling2DOptions& options) {
  return make_layer<GlobalPoolingLayer<Kind::average, 2>>(options);
}
Layer GlobalMaxPooling3D(const GlobalPooling3DOptions& options) {
  return make_layer<GlobalPoolingLayer<Kind::maximum, 3>>(options);
}
Layer GlobalAveragePooling3D(const GlobalPooling3DOptions& options) {
  return make_layer<GlobalPoolingLayer<Kind::average, 3>>(options);
}

Layer AdaptiveMaxPooling1D(Single output_size, const AdaptivePoolingOptions& options) {
  return make_layer<AdaptivePoolingLayer<Kind::maximum, Single>>(
      AdaptivePoolingArguments<Single>{options, output_size});
}
Layer AdaptiveAveragePooling1D(Single output_size, const AdaptivePoolingOptions& options) {
  return make_layer<AdaptivePoolingLayer<Kind::average, Single>>(
      AdaptivePoolingArguments<Single>{options, output_size});
}
Layer AdaptiveMaxPooling2D(Pair output_size, const AdaptivePoolingOptions& options) {
  return make_layer<AdaptivePoolingLayer<Kind::maximum, Pair>>(AdaptivePoolingArguments<Pair>{options, output_size});
}
Layer AdaptiveAveragePooling2D(Pair output_size, const AdaptivePoolingOptions& options) {
  return make_layer<AdaptivePoolingLayer<Kind::average, Pair>>(AdaptivePoolingArguments<Pair>{options, output_size});
}
Layer AdaptiveMaxPooling3D(Triple output_size, const AdaptivePoolingOptions& options) {
  return make_layer<AdaptivePoolingLayer<Kind::maximum, Triple>>(
      AdaptivePoolingArguments<Triple>{options, output_size});
}
Layer AdaptiveAveragePooling3D(Triple output_size, const AdaptivePoolingOptions& options) {
  return make_layer<AdaptivePoolingLayer<Kind::average, Triple>>(
      AdaptivePoolingArguments<Triple>{options, output_size});
}

Layer detail::max_pooling_1d_from_config(const Json& config) {
  return PoolingLayer<Kind::maximum, Single>::from_config(config);
}
Layer detail::global_max_pooling_1d_from_config(const Json& config) {
  return GlobalPoolingLayer<Kind::maximum, 1>::from_config(config);
}
Layer detail::adaptive_max_pooling_1d_from_config(const Json& config) {
  return AdaptivePoolingLayer<Kind::maximum, Single>::from_config(config);
}
Layer detail::average_pooling_1d_from_config(const Json& config) {
  return PoolingLayer<Kind::average, Single>::from_config(config);
}
Layer detail::global_average_pooling_1d_from_config(const Json& config) {
  return GlobalPoolingLayer<Kind::average, 1>::from_config(config);
}
Layer detail::adaptive_average_pooling_1d_from_config(const Json& config) {
  return AdaptivePoolingLayer<Kind::average, Single>::from_config(config);
}
Layer detail::max_pooling_2d_from_config(const Json& config) {
  return PoolingLayer<Kind::maximum, Pair>::from_config(config);
}
Layer detail::global_max_pooling_2d_from_config(const Json& config) {
  return GlobalPoolingLayer<Kind::maximum, 2>::from_config(config);
}
Layer detail::adaptive_max_pooling_2d_from_config(const Json& config) {
  return AdaptivePoolingLayer<Kind::maximum, Pair>::from_config(config);
}
Layer detail::average_pooling_2d_from_config(const Json& config) {
  return PoolingLayer<Kind::average, Pair>::from_config(config);
}
Layer detail::global_average_pooling_2d_from_config(const Json& config) {
  return GlobalPoolingLayer<Kind::average, 2>::from_config(config);
}
Layer detail::adaptive_average_pooling_2d_from_config(const Json& config) {
  return AdaptivePoolingLayer<Kind::average, Pair>::from_config(config);
}
Layer detail::max_pooling_3d_from_config(const Json& config) {
  return PoolingLayer<Kind::maximum, Triple>::from_config(config);
}
Layer detail::global_max_pooling_3d_from_config(const Json& config) {
  return GlobalPoolingLayer<Kind::maximum, 3>::from_config(config);
}
Layer detail::adaptive_max_pooling_3d_from_config(const Json& config) {
  return AdaptivePoolingLayer<Kind::maximum, Triple>::from_config(config);
}
Layer detail::average_pooling_3d_from_config(const Json& config) {
  return PoolingLayer<Kind::average, Triple>::from_config(config);
}
Layer detail::global_average_pooling_3d_from_config(const Json& config) {
  return GlobalPoolingLayer<Kind::average, 3>::from_config(config);
}
Layer detail::adaptive_average_pooling_3d_from_config(const Json& config) {
  return AdaptivePoolingLayer<Kind::average, Triple>::from_config(config);
}

}  // namespace hebb
