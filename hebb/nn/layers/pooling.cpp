#include "hebb/nn/layers/pooling.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/pool.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr const char* image_axes = "(batch, height, width, channels)";

struct Pooling2DArguments : Pooling2DOptions {
  Pair pool_size = 2;
};

template <class Derived>
class Pooling2DLayer : public ConfiguredLayer<Derived, Pooling2DArguments> {
 public:
  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("pool_size", a.pool_size);
    visit("padding", a.padding);
    visit("strides", a.strides);
    visit("data_format", a.data_format);
  }

  explicit Pooling2DLayer(Pooling2DArguments given)
      : ConfiguredLayer<Derived, Pooling2DArguments>(with_strides(std::move(given))) {
    check_pair(*this, "a pool_size", this->arguments().pool_size);
    check_pair(*this, "strides", this->arguments().strides);
    check_data_format(*this, this->arguments().data_format);
    same_ = checked_padding(*this, this->arguments().padding) == "same";
    this->input_rule_ = {.rank = 4, .axes = image_axes, .remedy = image_remedy};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const Shape& shape = inputs.front();
    const Pair size = this->arguments().pool_size;
    const bool fits = (shape[1] == Shape::unknown || shape[1] >= size.height) &&
                      (shape[2] == Shape::unknown || shape[2] >= size.width);
    this->require(same_ || fits, message("expected an image of at least ", size, " for its window, got ", shape,
                                         ". Use padding = \"same\"."));
  }

 protected:
  PoolOptions options_for(const Shape& input) const {
    const auto& a = this->arguments();
    PoolOptions options{.window = {a.pool_size.height, a.pool_size.width},
                        .strides = {a.strides.height, a.strides.width}};
    if (same_) {
      const auto rows = same_padding(input[1], a.pool_size.height, a.strides.height);
      const auto columns = same_padding(input[2], a.pool_size.width, a.strides.width);
      options.low = {rows.first, columns.first};
      options.high = {rows.second, columns.second};
    }
    return options;
  }

 private:
  static Pooling2DArguments with_strides(Pooling2DArguments a) {
    if (a.strides == Pair()) a.strides = a.pool_size;
    return a;
  }

  bool same_ = false;
};

class MaxPooling2DLayer final : public Pooling2DLayer<MaxPooling2DLayer> {
 public:
  static constexpr const char* keras_name = "MaxPooling2D";
  using LayerBase::call;
  using Pooling2DLayer::Pooling2DLayer;
  Tensor call(const Tensor& x) override { return max_pool(x, options_for(x.shape())); }
};

class AveragePooling2DLayer final : public Pooling2DLayer<AveragePooling2DLayer> {
 public:
  static constexpr const char* keras_name = "AveragePooling2D";
  using LayerBase::call;
  using Pooling2DLayer::Pooling2DLayer;
  Tensor call(const Tensor& x) override { return average_pool(x, options_for(x.shape())); }
};

template <class Derived>
class GlobalPooling2DLayer : public ConfiguredLayer<Derived, GlobalPooling2DOptions> {
 public:
  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("keepdims", a.keepdims);
  }

  explicit GlobalPooling2DLayer(GlobalPooling2DOptions given)
      : ConfiguredLayer<Derived, GlobalPooling2DOptions>(std::move(given)) {
    check_data_format(*this, this->arguments().data_format);
    this->input_rule_ = {.rank = 4, .axes = image_axes, .remedy = image_remedy};
  }

 protected:
  ReduceOptions reduction() const { return {.axes = {1, 2}, .keepdims = this->arguments().keepdims}; }
};

class GlobalMaxPooling2DLayer final : public GlobalPooling2DLayer<GlobalMaxPooling2DLayer> {
 public:
  static constexpr const char* keras_name = "GlobalMaxPooling2D";
  using GlobalPooling2DLayer::GlobalPooling2DLayer;
  using LayerBase::call;
  Tensor call(const Tensor& x) override { return max(x, reduction()); }
};

class GlobalAveragePooling2DLayer final : public GlobalPooling2DLayer<GlobalAveragePooling2DLayer> {
 public:
  static constexpr const char* keras_name = "GlobalAveragePooling2D";
  using GlobalPooling2DLayer::GlobalPooling2DLayer;
  using LayerBase::call;
  Tensor call(const Tensor& x) override { return mean(x, reduction()); }
};

}  // namespace

Layer MaxPooling2D(Pair pool_size, const Pooling2DOptions& options) {
  return make_layer<MaxPooling2DLayer>(Pooling2DArguments{options, pool_size});
}

Layer AveragePooling2D(Pair pool_size, const Pooling2DOptions& options) {
  return make_layer<AveragePooling2DLayer>(Pooling2DArguments{options, pool_size});
}

Layer GlobalMaxPooling2D(const GlobalPooling2DOptions& options) { return make_layer<GlobalMaxPooling2DLayer>(options); }

Layer GlobalAveragePooling2D(const GlobalPooling2DOptions& options) {
  return make_layer<GlobalAveragePooling2DLayer>(options);
}

Layer detail::max_pooling_2d_from_config(const Json& config) { return MaxPooling2DLayer::from_config(config); }
Layer detail::average_pooling_2d_from_config(const Json& config) { return AveragePooling2DLayer::from_config(config); }
Layer detail::global_max_pooling_2d_from_config(const Json& config) {
  return GlobalMaxPooling2DLayer::from_config(config);
}
Layer detail::global_average_pooling_2d_from_config(const Json& config) {
  return GlobalAveragePooling2DLayer::from_config(config);
}

}  // namespace hebb
