#include "hebb/nn/layers/borders.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/whole_numbers.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// `Sizes`: for each spatial axis how much in front and behind.
template <class Sizes>
struct BordersArguments : BordersOptions {
  Sizes sizes = 1;
};

/// What both kinds of layers share.
template <class Derived, class Sizes>
class BordersLayer : public ConfiguredLayer<Derived, BordersArguments<Sizes>>, public TakesWholeNumbers {
 public:
  explicit BordersLayer(BordersArguments<Sizes> given)
      : ConfiguredLayer<Derived, BordersArguments<Sizes>>(std::move(given)),
        axes_(*this, this->arguments().data_format, Sizes::axes) {
    for (const Pair& ends : sizes()) check_sizes(*this, Derived::option, ends, 0);
    this->input_rule_ = {.rank = Sizes::axes + 2, .axes = axes_.text, .remedy = axes_.remedy()};
  }

 protected:
  /// Of each spatial axis, in front and behind.
  std::array<Pair, Sizes::axes> sizes() const { return this->arguments().sizes.each(); }

  SpatialAxes axes_;
};

constexpr const char* padding_names[] = {"ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"};

template <class Sizes>
class ZeroPaddingLayer final : public BordersLayer<ZeroPaddingLayer<Sizes>, Sizes> {
 public:
  static constexpr const char* keras_name = padding_names[Sizes::axes - 1];
  static constexpr const char* option = "a padding";
  using BordersLayer<ZeroPaddingLayer<Sizes>, Sizes>::BordersLayer;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("padding", a.sizes);
    visit("data_format", a.data_format);
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    std::vector<int64_t> low(static_cast<size_t>(x.rank()), 0), high = low;
    size_t axis = static_cast<size_t>(this->axes_.first);
    for (const auto& [front, behind] : this->sizes()) {
      low[axis] = front;
      high[axis++] = behind;
    }
    return pad(x, low, high);
  }
};

constexpr const char* cropping_names[] = {"Cropping1D", "Cropping2D", "Cropping3D"};

template <class Sizes>
class CroppingLayer final : public BordersLayer<CroppingLayer<Sizes>, Sizes> {
 public:
  static constexpr const char* keras_name = cropping_names[Sizes::axes - 1];
  static constexpr const char* option = "a cropping";
  using BordersLayer<CroppingLayer<Sizes>, Sizes>::BordersLayer;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("cropping", a.sizes);
    if constexpr (Sizes::axes > 1) visit("data_format", a.data_format);
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    int axis = 0;
    for (const auto& [front, behind] : this->sizes()) {
      const int64_t size = this->axes_.size(inputs.front(), axis++);
      this->require(size == Shape::unknown || size > front + behind,
                    message("expected ", this->axes_.kind(), " larger than what is cut off, ", front, " and ", behind,
                            " along spatial axis ", axis - 1, ", got ", inputs.front(), ". Cut off less."));
    }
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), end = x.shape().to_vector();
    size_t axis = static_cast<size_t>(this->axes_.first);
    for (const auto& [front, behind] : this->sizes()) {
      begin[axis] = front;
      end[axis++] -= behind;
    }
    return slice(x, begin, end);
  }
};

/// For the layer that has no data format.
BordersOptions with_channels_last(const LayerOptions& options) {
  return {.trainable = options.trainable, .dtype = options.dtype, .name = options.name};
}

}  // namespace

Layer ZeroPadding1D(Ends padding, const ZeroPadding1DOptions& options) {
  return make_layer<ZeroPaddingLayer<Ends>>(BordersArguments<Ends>{options, padding});
}
Layer ZeroPadding2D(Borders padding, const ZeroPadding2DOptions& options) {
  return make_layer<ZeroPaddingLayer<Borders>>(BordersArguments<Borders>{options, padding});
}
Layer ZeroPadding3D(VolumeBorders padding, const ZeroPadding3DOptions& options) {
  return make_layer<ZeroPaddingLayer<VolumeBorders>>(BordersArguments<VolumeBorders>{options, padding});
}

Layer Cropping1D(Ends cropping, const LayerOptions& options) {
  return make_layer<CroppingLayer<Ends>>(BordersArguments<Ends>{with_channels_last(options), cropping});
}
Layer Cropping2D(Borders cropping, const Cropping2DOptions& options) {
  return make_layer<CroppingLayer<Borders>>(BordersArguments<Borders>{options, cropping});
}
Layer Cropping3D(VolumeBorders cropping, const Cropping3DOptions& options) {
  return make_layer<CroppingLayer<VolumeBorders>>(BordersArguments<VolumeBorders>{options, cropping});
}

Layer detail::zero_padding_1d_from_config(const Json& config) { return ZeroPaddingLayer<Ends>::from_config(config); }
Layer detail::cropping_1d_from_config(const Json& config) { return CroppingLayer<Ends>::from_config(config); }
Layer detail::zero_padding_2d_from_config(const Json& config) { return ZeroPaddingLayer<Borders>::from_config(config); }
Layer detail::cropping_2d_from_config(const Json& config) { return CroppingLayer<Borders>::from_config(config); }
Layer detail::zero_padding_3d_from_config(const Json& config) {
  return ZeroPaddingLayer<VolumeBorders>::from_config(config);
}
Layer detail::cropping_3d_from_config(const Json& config) { return CroppingLayer<VolumeBorders>::from_config(config); }

}  // namespace hebb
