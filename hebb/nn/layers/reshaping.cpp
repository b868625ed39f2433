#include "hebb/nn/layers/reshaping.h"

#include <algorithm>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

class FlattenLayer final : public ConfiguredLayer<FlattenLayer, FlattenOptions> {
 public:
  static constexpr const char* keras_name = "Flatten";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
  }

  explicit FlattenLayer(FlattenOptions given) : ConfiguredLayer(std::move(given)) {
    check_data_format(*this, arguments().data_format);
    input_rule_ = {.min_rank = 1, .axes = "(batch, ...)"};
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    return x.rank() == 2 ? x : reshape(x, {x.shape().front(), x.shape().sub(1, x.rank()).elements()});
  }
};

struct ReshapeArguments : LayerOptions {
  Shape target_shape;
};

class ReshapeLayer final : public ConfiguredLayer<ReshapeLayer, ReshapeArguments> {
 public:
  static constexpr const char* keras_name = "Reshape";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("target_shape", a.target_shape);
  }

  explicit ReshapeLayer(ReshapeArguments given) : ConfiguredLayer(std::move(given)) {
    const Shape& target = arguments().target_shape;
    require(std::all_of(target.begin(), target.end(), [](int64_t size) { return size >= -1; }) &&
                std::count(target.begin(), target.end(), -1) <= 1,
            message("expected a target_shape of sizes, one of them -1 at most, got ", text(target),
                    ". Leave the batch out, and give -1 for the axis that takes what is left."));
    input_rule_ = {.min_rank = 1, .axes = "(batch, ...)"};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const Shape sample = inputs.front().sub(1, inputs.front().rank());
    if (sample.is_known()) resolved(sample);
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    return reshape(x, resolved(x.shape().sub(1, x.rank())).with(0, x.shape().front()));
  }

 private:
  static std::string text(const Shape& target) {
    std::string out = target.to_string();
    for (size_t at; (at = out.find("None")) != std::string::npos;) out.replace(at, 4, "-1");
    return out;
  }

  /// The target with its -1 filled in.
  Shape resolved(const Shape& sample) const {
    Shape target = arguments().target_shape;
    const int64_t elements = sample.elements();
    int64_t given = 1;
    int open = -1;
    for (int axis = 0; axis < target.rank(); ++axis) {
      if (target[axis] == -1) {
        open = axis;
      } else {
        given *= target[axis];
      }
    }
    const bool fits = open < 0 ? given == elements : given > 0 && elements % given == 0;
    require(fits, message("expected examples of ", open < 0 ? "" : "a multiple of ", given, " values for the shape ",
                          text(target), ", got ", elements, ", of shape ", sample,
                          ". Change target_shape, or give it -1 for the axis that takes what is left."));
    if (open >= 0) target[open] = elements / given;
    return target;
  }
};

struct ZeroPadding2DArguments : ZeroPadding2DOptions {
  Borders padding = 1;
};

class ZeroPadding2DLayer final : public ConfiguredLayer<ZeroPadding2DLayer, ZeroPadding2DArguments> {
 public:
  static constexpr const char* keras_name = "ZeroPadding2D";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("padding", a.padding);
    visit("data_format", a.data_format);
  }

  explicit ZeroPadding2DLayer(ZeroPadding2DArguments given) : ConfiguredLayer(std::move(given)) {
    check_data_format(*this, arguments().data_format);
    check_pair(*this, "a padding", arguments().padding.vertical, 0);
    check_pair(*this, "a padding", arguments().padding.horizontal, 0);
    input_rule_ = {.rank = 4, .axes = "(batch, height, width, channels)", .remedy = image_remedy};
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const auto& [vertical, horizontal] = arguments().padding;
    return pad(x, {0, vertical.height, horizontal.height, 0}, {0, vertical.width, horizontal.width, 0});
  }
};

}  // namespace

Layer Flatten(const FlattenOptions& options) { return make_layer<FlattenLayer>(options); }

Layer Reshape(const Shape& target_shape, const LayerOptions& options) {
  return make_layer<ReshapeLayer>(ReshapeArguments{options, target_shape});
}

Layer ZeroPadding2D(Borders padding, const ZeroPadding2DOptions& options) {
  return make_layer<ZeroPadding2DLayer>(ZeroPadding2DArguments{options, padding});
}

Layer detail::flatten_from_config(const Json& config) { return FlattenLayer::from_config(config); }
Layer detail::reshape_from_config(const Json& config) { return ReshapeLayer::from_config(config); }
Layer detail::zero_padding_2d_from_config(const Json& config) { return ZeroPadding2DLayer::from_config(config); }

}  // namespace hebb
