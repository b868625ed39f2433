#include "hebb/nn/layers/reshaping.h"

#include <algorithm>
#include <numeric>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/whole_numbers.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

class FlattenLayer final : public ConfiguredLayer<FlattenLayer, FlattenOptions>, public TakesWholeNumbers {
 public:
  static constexpr const char* keras_name = "Flatten";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
  }

  explicit FlattenLayer(FlattenOptions given) : ConfiguredLayer(std::move(given)) {
    channels_last_ = SpatialAxes(*this, arguments().data_format, 2).are_last();
    input_rule_ = {.min_rank = 1, .axes = "(batch, ...)"};
  }

  using LayerBase::call;
  Tensor call(const Tensor& given) override {
    Tensor x = given;
    if (!channels_last_ && x.rank() > 2) {
      std::vector<int64_t> order(static_cast<size_t>(x.rank()));
      std::iota(order.begin(), order.end(), 0);
      std::rotate(order.begin() + 1, order.begin() + 2, order.end());
      x = transpose(x, order);
    }
    return x.rank() == 2 ? x : reshape(x, {x.shape().front(), x.shape().sub(1, x.rank()).elements()});
  }

 private:
  bool channels_last_ = true;
};

class SameLayer final : public ConfiguredLayer<SameLayer, LayerOptions>, public TakesWholeNumbers {
 public:
  static constexpr const char* keras_name = "Identity";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor&, A&) {}

  using ConfiguredLayer::ConfiguredLayer;
  using LayerBase::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions&) override { return xs; }
  Tensors compute_masks(const Tensors&, const Tensors& masks, const Tensors&) override { return masks; }
};

struct ReshapeArguments : LayerOptions {
  Shape target_shape;
};

class ReshapeLayer final : public ConfiguredLayer<ReshapeLayer, ReshapeArguments>, public TakesWholeNumbers {
 public:
  static constexpr const char* keras_name = "Reshape";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("target_shape", a.target_shape);
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
    const Shape shape = resolved(x.shape().sub(1, x.rank())).with(0, x.shape().front());
    // The same shape would be the same tensor, with the mask that this layer does not hand on.
    return shape.is_known() && shape == x.shape() ? apply_one(std::make_shared<ReshapeOp>(shape), {x})
                                                  : reshape(x, shape);
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

struct PermuteArguments : LayerOptions {
  Axes dims = std::vector<int64_t>();
};

class PermuteLayer final : public ConfiguredLayer<PermuteLayer, PermuteArguments>, public TakesWholeNumbers {
 public:
  static constexpr const char* keras_name = "Permute";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("dims", a.dims);
  }

  explicit PermuteLayer(PermuteArguments given) : ConfiguredLayer(std::move(given)) {
    const std::vector<int64_t>& dims = arguments().dims.values;
    std::vector<int64_t> sorted = dims, all(dims.size());
    std::sort(sorted.begin(), sorted.end());
    std::iota(all.begin(), all.end(), 1);
    require(sorted == all, message("expected dims that hold each number from 1 to ", dims.size(), " once, got ",
                                   Shape(dims), ". Leave the batch out, and count the axes from 1."));
    input_rule_ = {.rank = static_cast<int>(dims.size()) + 1,
                   .axes = message("(batch, ", dims.size(), " more axes)"),
                   .remedy = "Give dims as many numbers as an example has axes."};
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    std::vector<int64_t> order = {0};
    order.insert(order.end(), arguments().dims.values.begin(), arguments().dims.values.end());
    return transpose(x, order);
  }
};

struct RepeatVectorArguments : LayerOptions {
  int64_t n = 1;
};

class RepeatVectorLayer final : public ConfiguredLayer<RepeatVectorLayer, RepeatVectorArguments>,
                                public TakesWholeNumbers {
 public:
  static constexpr const char* keras_name = "RepeatVector";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("n", a.n);
  }

  explicit RepeatVectorLayer(RepeatVectorArguments given) : ConfiguredLayer(std::move(given)) {
    require(arguments().n > 0,
            message("expected n of at least 1, got ", arguments().n, ". Give the number of steps to make."));
    input_rule_ = {.rank = 2, .axes = "(batch, features)", .remedy = "Add Flatten() before it."};
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const int64_t batch = x.shape()[0], features = x.shape()[1];
    return broadcast_to(expand_dims(x, 1), {batch, arguments().n, features});
  }
};

}  // namespace

Layer IdentityLayer(const LayerOptions& options) { return make_layer<SameLayer>(options); }

Layer Flatten(const FlattenOptions& options) { return make_layer<FlattenLayer>(options); }

Layer Reshape(const Shape& target_shape, const LayerOptions& options) {
  return make_layer<ReshapeLayer>(ReshapeArguments{options, target_shape});
}

Layer Permute(const std::vector<int64_t>& dims, const LayerOptions& options) {
  return make_layer<PermuteLayer>(PermuteArguments{options, dims});
}

Layer RepeatVector(int64_t n, const LayerOptions& options) {
  return make_layer<RepeatVectorLayer>(RepeatVectorArguments{options, n});
}

Layer detail::identity_from_config(const Json& config) { return SameLayer::from_config(config); }
Layer detail::flatten_from_config(const Json& config) { return FlattenLayer::from_config(config); }
Layer detail::reshape_from_config(const Json& config) { return ReshapeLayer::from_config(config); }
Layer detail::permute_from_config(const Json& config) { return PermuteLayer::from_config(config); }
Layer detail::repeat_vector_from_config(const Json& config) { return RepeatVectorLayer::from_config(config); }

}  // namespace hebb
