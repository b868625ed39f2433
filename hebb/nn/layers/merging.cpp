#include "hebb/nn/layers/merging.h"

#include <algorithm>

#include "hebb/nn/layers/attention_scores.h"
#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/whole_numbers.h"
#include "hebb/ops/einsum.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

std::string list_text(const std::vector<Shape>& shapes) {
  std::string out;
  for (const Shape& shape : shapes) out += (out.empty() ? "" : ", ") + shape.to_string();
  return out;
}

/// The shape with axes of size 1 behind the batch, so that it has `rank` axes.
Shape lifted(Shape shape, int rank) {
  while (shape.rank() > 0 && shape.rank() < rank) shape = shape.with(1, 1);
  return shape;
}

/// Inputs that broadcast, joined element by element.
template <class Derived>
class ElementwiseMergeLayer : public ConfiguredLayer<Derived, LayerOptions>, public TakesWholeNumbers {
 public:
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor&, A&) {}

  using ConfiguredLayer<Derived, LayerOptions>::ConfiguredLayer;
  using LayerBase::call;

  void check_shapes(const std::vector<Shape>& inputs) const override {
    this->require(!inputs.empty(), "expected at least one input, got none. Call it with the tensors to join.");
    int rank = 0;
    for (const Shape& shape : inputs) rank = std::max(rank, shape.rank());
    for (int axis = 0; axis < rank; ++axis) {
      int64_t size = 1;
      for (const Shape& shape : inputs) {
        if (shape.rank() == 0) continue;
        const int64_t here = lifted(shape, rank)[axis];
        if (here == 1 || here == Shape::unknown) continue;
        this->require(size == 1 || size == here,
                      message("expected inputs of shapes that broadcast, got ", list_text(inputs),
                              ". Bring them to one shape first, with Dense(), Conv2D() or Reshape()."));
        size = here;
      }
    }
  }

  /// Masks are looked at where all inputs have as many axes, as Keras does.
  Tensor call(const Tensors& xs, const CallOptions& options) override {
    int rank = 0;
    for (const Tensor& x : xs) rank = std::max(rank, x.rank());
    bool same_rank = true;
    Tensors all;
    for (const Tensor& given : xs) {
      const Tensor x = given.dtype() == DType::boolean ? cast(given, this->dtype()) : given;
      same_rank = same_rank && x.rank() == rank;
      all.push_back(x.rank() < rank ? reshape(x, lifted(x.shape(), rank)) : x);
    }
    Tensors masks(xs.size());
    for (size_t i = 0; same_rank && i < xs.size(); ++i) {
      if (const Tensor mask = options.mask(i); mask.defined())
        masks[i] = broadcast_to(expand_dims(as_boolean(mask), -1), xs[i].shape());
    }
    return joined(all, masks);
  }

  /// What counts in one input counts in the result; no mask unless all inputs have one.
  Tensors compute_masks(const Tensors&, const Tensors& masks, const Tensors&) override {
    Tensor all;
    for (const Tensor& mask : masks) {
      if (!mask.defined()) return {};
      all = all.defined() ? logical_or(all, mask) : mask;
    }
    return {all};
  }

 protected:
  /// Inputs of one rank, and for each a mask of its shape or nothing.
  virtual Tensor joined(const Tensors& xs, const Tensors& masks) const = 0;

  static Tensor sum_of(const Tensors& xs) {
    Tensor total;
    for (const Tensor& x : xs) total = total.defined() ? total + x : x;
    return total;
  }

  /// An input does not take part where its mask says so.
  static Tensor extreme_of(const Tensors& xs, const Tensors& masks, Tensor (*extreme)(const Tensor&, const Tensor&)) {
    Tensor y = xs.front(), counts = masks.front();
    for (size_t i = 1; i < xs.size(); ++i) {
      const Tensor x = masks[i].defined() ? select(masks[i], xs[i], y) : xs[i];
      if (counts.defined()) y = select(counts, y, x);
      counts = counts.defined() && masks[i].defined() ? logical_or(counts, masks[i]) : Tensor();
      y = extreme(y, x);
    }
    return y;
  }
};

class AddLayer final : public ElementwiseMergeLayer<AddLayer> {
 public:
  static constexpr const char* keras_name = "Add";
  using ElementwiseMergeLayer::ElementwiseMergeLayer;

 protected:
  Tensor joined(const Tensors& xs, const Tensors&) const override { return sum_of(xs); }
};

class AverageLayer final : public ElementwiseMergeLayer<AverageLayer> {
 public:
  static constexpr const char* keras_name = "Average";
  using ElementwiseMergeLayer::ElementwiseMergeLayer;

 protected:
  Tensor joined(const Tensors& xs, const Tensors&) const override {
    return cast(sum_of(xs), dtype()) / static_cast<double>(xs.size());
  }
};

class SubtractLayer final : public ElementwiseMergeLayer<SubtractLayer> {
 public:
  static constexpr const char* keras_name = "Subtract";
  using ElementwiseMergeLayer::ElementwiseMergeLayer;

  void check_shapes(const std::vector<Shape>& inputs) const override {
    require(inputs.size() == 2,
            message("expected two inputs, got ", inputs.size(), ". Call it with what to subtract from, and what."));
    ElementwiseMergeLayer::check_shapes(inputs);
  }

 protected:
  Tensor joined(const Tensors& xs, const Tensors&) const override { return xs[0] - xs[1]; }
};

class MultiplyLayer final : public ElementwiseMergeLayer<MultiplyLayer> {
 public:
  static constexpr const char* keras_name = "Multiply";
  using ElementwiseMergeLayer::ElementwiseMergeLayer;

 protected:
  /// What is masked in an input counts as 1, what is masked in all of them gives 0.
  Tensor joined(const Tensors& xs, const Tensors& masks) const override {
    Tensor product, counts;
    bool all_masked = true;
    for (size_t i = 0; i < xs.size(); ++i) {
      Tensor x = xs[i];
      all_masked = all_masked && masks[i].defined();
      if (masks[i].defined()) {
        x = select(masks[i], x, 1.0);
        counts = counts.defined() ? logical_or(counts, masks[i]) : masks[i];
      }
      product = product.defined() ? product * x : x;
    }
    return all_masked ? select(counts, product, 0.0) : product;
  }
};

class MaximumLayer final : public ElementwiseMergeLayer<MaximumLayer> {
 public:
  static constexpr const char* keras_name = "Maximum";
  using ElementwiseMergeLayer::ElementwiseMergeLayer;

 protected:
  Tensor joined(const Tensors& xs, const Tensors& masks) const override { return extreme_of(xs, masks, maximum); }
};

class MinimumLayer final : public ElementwiseMergeLayer<MinimumLayer> {
 public:
  static constexpr const char* keras_name = "Minimum";
  using ElementwiseMergeLayer::ElementwiseMergeLayer;

 protected:
  Tensor joined(const Tensors& xs, const Tensors& masks) const override { return extreme_of(xs, masks, minimum); }
};

struct DotArguments : DotOptions {
  Axes axes = -1;
};

class DotLayer final : public ConfiguredLayer<DotLayer, DotArguments> {
 public:
  static constexpr const char* keras_name = "Dot";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("axes", a.axes);
    visit("normalize", a.normalize);
  }

  explicit DotLayer(DotArguments given) : ConfiguredLayer(std::move(given)) {
    require(!arguments().axes.is_list || arguments().axes.values.size() == 2,
            message("expected axes of one number or two, got ", arguments().axes.values.size(),
                    ". Give the axis of each input."));
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    require(inputs.size() == 2, message("expected two inputs, got ", inputs.size(), ". Call it with {left, right}."));
    const auto [left, right] = axes_of(inputs[0], inputs[1]);
    const int64_t a = inputs[0][left], b = inputs[1][right];
    require(left > 0 && right > 0 && (a == b || a == Shape::unknown || b == Shape::unknown),
            message("expected inputs of one size along axes ", left, " and ", right, ", behind the batch, got ",
                    list_text(inputs), ". Give axes along which both are as long."));
  }

  using LayerBase::call;
  Tensor call(const Tensors& xs, const CallOptions&) override {
    const auto [left, right] = axes_of(xs[0].shape(), xs[1].shape());
    const Tensor a = arguments().normalize ? of_length_one(xs[0], left) : xs[0],
                 b = arguments().normalize ? of_length_one(xs[1], right) : xs[1];
    // Letters: 'a' the batch, 'z' what is summed over.
    std::string in_a = "a", in_b = "a", out = "a";
    char next = 'b';
    for (int axis = 1; axis < a.rank(); ++axis) in_a.push_back(axis == left ? 'z' : next++);
    for (int axis = 1; axis < b.rank(); ++axis) in_b.push_back(axis == right ? 'z' : next++);
    for (const char axis : in_a.substr(1) + in_b.substr(1)) {
      if (axis != 'z') out.push_back(axis);
    }
    const Tensor y = einsum(message(in_a, ",", in_b, "->", out), a, b);
    return y.rank() == 1 ? expand_dims(y, -1) : y;
  }

 private:
  std::pair<int, int> axes_of(const Shape& a, const Shape& b) const {
    const std::vector<int64_t>& axes = arguments().axes.values;
    return {check_axis(*this, axes.front(), a), check_axis(*this, axes.back(), b)};
  }

  static Tensor of_length_one(const Tensor& x, int axis) {
    return x * minimum(rsqrt(sum(square(x), {.axes = {axis}, .keepdims = true})), 1e7);
  }
};

class ConcatenateLayer final : public ConfiguredLayer<ConcatenateLayer, ConcatenateOptions>, public TakesWholeNumbers {
 public:
  static constexpr const char* keras_name = "Concatenate";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("axis", a.axis);
  }

  using ConfiguredLayer::ConfiguredLayer;

  void check_shapes(const std::vector<Shape>& inputs) const override {
    require(!inputs.empty(), "expected at least one input, got none. Call it with the tensors to join.");
    const Shape& first = inputs.front();
    const int along = check_axis(*this, arguments().axis, first);
    for (const Shape& shape : inputs) {
      bool fits = shape.rank() == first.rank();
      for (int axis = 0; fits && axis < first.rank(); ++axis) {
        fits = axis == along || shape[axis] == first[axis] || shape[axis] == Shape::unknown ||
               first[axis] == Shape::unknown;
      }
      require(fits, message("expected inputs of equal shapes but for axis ", arguments().axis, ", got ",
                            list_text(inputs), ". Reshape() them first, or join them along another axis."));
    }
  }

  using LayerBase::call;
  Tensor call(const Tensors& xs, const CallOptions&) override { return concatenate(xs, arguments().axis); }

  /// As Keras has it: the masks, spread over the features, side by side like the inputs; a step counts where any does.
  Tensors compute_masks(const Tensors& inputs, const Tensors& masks, const Tensors&) override {
    Tensors spread;
    bool none = true;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Shape& shape = inputs[i].shape();
      Tensor mask = i < masks.size() ? masks[i] : Tensor();
      none = none && !mask.defined();
      if (!mask.defined()) mask = equal(zeros({1}), 0.0);
      if (mask.rank() > 0 && mask.rank() < shape.rank() && mask.size() > 1) mask = expand_dims(mask, -1);
      spread.push_back(broadcast_to(mask, shape));
    }
    if (none) return {};
    return {max(concatenate(spread, arguments().axis), {.axes = {-1}})};
  }
};

}  // namespace

Layer Add(const LayerOptions& options) { return make_layer<AddLayer>(options); }

Layer Average(const LayerOptions& options) { return make_layer<AverageLayer>(options); }

Layer Subtract(const LayerOptions& options) { return make_layer<SubtractLayer>(options); }

Layer Multiply(const LayerOptions& options) { return make_layer<MultiplyLayer>(options); }

Layer Maximum(const LayerOptions& options) { return make_layer<MaximumLayer>(options); }

Layer Minimum(const LayerOptions& options) { return make_layer<MinimumLayer>(options); }

Layer Dot(const Axes& axes, const DotOptions& options) { return make_layer<DotLayer>(DotArguments{options, axes}); }

Layer Concatenate(const ConcatenateOptions& options) { return make_layer<ConcatenateLayer>(options); }

Layer detail::add_from_config(const Json& config) { return AddLayer::from_config(config); }
Layer detail::average_from_config(const Json& config) { return AverageLayer::from_config(config); }
Layer detail::concatenate_from_config(const Json& config) { return ConcatenateLayer::from_config(config); }
Layer detail::dot_from_config(const Json& config) { return DotLayer::from_config(config); }
Layer detail::maximum_from_config(const Json& config) { return MaximumLayer::from_config(config); }
Layer detail::minimum_from_config(const Json& config) { return MinimumLayer::from_config(config); }
Layer detail::multiply_from_config(const Json& config) { return MultiplyLayer::from_config(config); }
Layer detail::subtract_from_config(const Json& config) { return SubtractLayer::from_config(config); }

}  // namespace hebb
