#include "hebb/nn/layers/merging.h"

#include <algorithm>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
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

/// The sum of inputs that broadcast.
template <class Derived>
class SumLayer : public ConfiguredLayer<Derived, LayerOptions> {
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

  Tensor call(const Tensors& xs, const CallOptions&) override { return sum_of(xs); }

  /// What counts in one input counts in the sum; no mask unless all inputs have one.
  Tensors compute_masks(const Tensors&, const Tensors& masks, const Tensors&) override {
    Tensor all;
    for (const Tensor& mask : masks) {
      if (!mask.defined()) return {};
      all = all.defined() ? logical_or(all, mask) : mask;
    }
    return {all};
  }

 protected:
  static Tensor sum_of(const Tensors& xs) {
    int rank = 0;
    for (const Tensor& x : xs) rank = std::max(rank, x.rank());
    Tensor total;
    for (const Tensor& x : xs) {
      const Tensor same_rank = x.rank() < rank ? reshape(x, lifted(x.shape(), rank)) : x;
      total = total.defined() ? total + same_rank : same_rank;
    }
    return total;
  }
};

class AddLayer final : public SumLayer<AddLayer> {
 public:
  static constexpr const char* keras_name = "Add";
  using SumLayer::SumLayer;
};

class AverageLayer final : public SumLayer<AverageLayer> {
 public:
  static constexpr const char* keras_name = "Average";
  using LayerBase::call;
  using SumLayer::SumLayer;
  Tensor call(const Tensors& xs, const CallOptions&) override { return sum_of(xs) / static_cast<double>(xs.size()); }
};

class ConcatenateLayer final : public ConfiguredLayer<ConcatenateLayer, ConcatenateOptions> {
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

Layer Concatenate(const ConcatenateOptions& options) { return make_layer<ConcatenateLayer>(options); }

Layer detail::add_from_config(const Json& config) { return AddLayer::from_config(config); }
Layer detail::average_from_config(const Json& config) { return AverageLayer::from_config(config); }
Layer detail::concatenate_from_config(const Json& config) { return ConcatenateLayer::from_config(config); }

}  // namespace hebb
