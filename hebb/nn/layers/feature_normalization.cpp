#include "hebb/nn/layers/feature_normalization.h"

#include <algorithm>

#include "hebb/nn/adapt.h"
#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// Keras's epsilon().
constexpr double keras_epsilon = 1e-7;

Json nested(const std::vector<double>& values, const Shape& shape, int axis, size_t& at) {
  if (axis == shape.rank()) return values[at++];
  Json list = Json::array();
  for (int64_t i = 0; i < shape[axis]; ++i) list.push_back(nested(values, shape, axis + 1, at));
  return list;
}

/// Appends the numbers of nested lists; InvalidArgument unless the lists have the sizes of `sizes`.
void collect(const Json& json, const std::vector<int64_t>& sizes, size_t depth, std::vector<double>& values) {
  const bool fits =
      depth < sizes.size() ? json.is_array() && static_cast<int64_t>(json.size()) == sizes[depth] : json.is_number();
  if (!fits)
    throw InvalidArgument(message("expected a number, or lists of equal length of them, got ", json.dump(), "."));
  if (depth == sizes.size()) {
    values.push_back(json.as_double());
    return;
  }
  for (const Json& item : json.items()) collect(item, sizes, depth + 1, values);
}

class NormalizationLayer final : public ConfiguredLayer<NormalizationLayer, NormalizationOptions>, public Adaptable {
 public:
  static constexpr const char* keras_name = "Normalization";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("axis", a.axis);
    visit("invert", a.invert);
    visit("mean", a.mean);
    visit("variance", a.variance);
  }

  explicit NormalizationLayer(NormalizationOptions given) : ConfiguredLayer(with_list(std::move(given))) {
    const auto& a = arguments();
    require(a.mean.is_given() == a.variance.is_given(),
            message("expected both mean and variance, got ", a.mean.is_given() ? "the mean" : "the variance",
                    " alone. Give the other one too, or none and call adapt()."));
    if (!a.mean.is_given()) return;
    require(a.mean.values.shape() == a.variance.values.shape(),
            message("expected mean and variance of one shape, got ", a.mean.values.shape(), " and ",
                    a.variance.values.shape(), ". Give both for the same places."));
    require(a.mean.values.rank() <= static_cast<int>(a.axis.values.size()),
            message("expected a mean of at most ", a.axis.values.size(), " axes, as many as axis has, got ",
                    a.mean.values.shape(), ". Give one number, or an array for these axes."));
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const Shape& input = inputs.front();
    for (const int64_t axis : arguments().axis.values) check_axis(*this, axis, input);
    const Shape sizes = kept_sizes(input);
    if (kept_.is_known() && is_built() && sizes != kept_) {
      throw InvalidArgument(message(where(), "expected ", kept_, " along its axes, for which it was built, got ", sizes,
                                    ". Make another layer for this input."));
    }
    const Tensor& mean = arguments().mean.values;
    if (!mean.defined() || mean.rank() == 0) return;
    const Shape last = sizes.sub(sizes.rank() - mean.rank(), sizes.rank());
    bool fits = true;
    for (int i = 0; i < last.rank(); ++i)
      fits = fits && (mean.shape()[i] == 1 || last[i] == Shape::unknown || mean.shape()[i] == last[i]);
    require(fits, message("expected ", mean.shape(), " along the last of its axes, as its mean has, got ", input,
                          ". Give it a mean and a variance for this input."));
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    kept_ = kept_sizes(input);
    if (arguments().mean.is_given()) return;
    mean_ = add_weight("mean", kept_, "zeros", {.trainable = false});
    variance_ = add_weight("variance", kept_, "ones", {.trainable = false});
    // Keras keeps it for the files of older versions; nobody counts.
    add_weight("count", {}, "zeros", {.trainable = false, .dtype = DType::int64});
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const auto& a = arguments();
    const Tensor mean = along(a.mean.is_given() ? cast(a.mean.values, dtype()) : mean_, x);
    const Tensor variance = along(a.mean.is_given() ? cast(a.variance.values, dtype()) : variance_, x);
    const Tensor deviation = maximum(sqrt(variance), keras_epsilon);
    return a.invert ? mean + x * deviation : (x - mean) / deviation;
  }

  void reset_state() override {
    require(!arguments().mean.is_given(),
            "adapt: expected a layer that learns its mean, got one that was given it. Leave mean and variance out.");
    seen_ = 0;
    seen_mean_ = seen_variance_ = Tensor();
  }

  void update_state(const Tensor& batch) override {
    build_for({batch.shape()});
    const NoTape no_tape;
    const std::vector<int64_t> kept = kept_axes(batch.rank());
    ReduceOptions others{.axes = {}, .keepdims = false};
    int64_t count = 1;
    for (int i = 0; i < batch.rank(); ++i) {
      if (std::find(kept.begin(), kept.end(), i) != kept.end()) continue;
      others.axes.push_back(i);
      count *= batch.shape()[i];
    }
    // In float64: the mean of many numbers keeps its digits.
    const Tensor values = cast(batch, DType::float64);
    const Tensor batch_mean = others.axes.empty() ? values : mean(values, others);
    const Tensor batch_variance = others.axes.empty() ? values * 0.0 : variance(values, others);
    if (seen_ == 0) {
      seen_mean_ = batch_mean;
      seen_variance_ = batch_variance;
    } else {
      // What both parts vary about the mean of both.
      const double share = static_cast<double>(count) / static_cast<double>(seen_ + count);
      const Tensor both = seen_mean_ * (1 - share) + batch_mean * share;
      seen_variance_ = (seen_variance_ + square(seen_mean_ - both)) * (1 - share) +
                       (batch_variance + square(batch_mean - both)) * share;
      seen_mean_ = both;
    }
    seen_ += count;
  }

  void finalize_state() override {
    if (seen_ == 0) return;
    write_variable(mean_, cast(seen_mean_, mean_.dtype()));
    write_variable(variance_, cast(seen_variance_, variance_.dtype()));
    reset_state();
  }

 private:
  static NormalizationOptions with_list(NormalizationOptions given) {
    given.axis.is_list = true;  // as Keras writes it
    return given;
  }
  /// The axes whose places have numbers of their own, in order.
  std::vector<int64_t> kept_axes(int rank) const {
    std::vector<int64_t> axes;
    for (const int64_t axis : arguments().axis.values) axes.push_back(axis < 0 ? axis + rank : axis);
    std::sort(axes.begin(), axes.end());
    return axes;
  }
  Shape kept_sizes(const Shape& input) const {
    std::vector<int64_t> sizes;
    for (const int64_t axis : kept_axes(input.rank())) sizes.push_back(input[static_cast<int>(axis)]);
    return Shape(sizes);
  }
  /// Numbers for the last of the kept axes, in a shape that broadcasts to x's.
  Tensor along(const Tensor& numbers, const Tensor& x) const {
    const std::vector<int64_t> kept = kept_axes(x.rank());
    std::vector<int64_t> sizes(static_cast<size_t>(x.rank()), 1);
    const size_t first = kept.size() - static_cast<size_t>(numbers.rank());
    for (int i = 0; i < numbers.rank(); ++i)
      sizes[static_cast<size_t>(kept[first + static_cast<size_t>(i)])] = numbers.shape()[i];
    return reshape(numbers, Shape(sizes));
  }

  Shape kept_;
  Tensor mean_, variance_;
  int64_t seen_ = 0;  // values for each place
  Tensor seen_mean_, seen_variance_;
};

}  // namespace

NumberArray::NumberArray(const Tensor& array) : values(cast(array, DType::float64)) {}

Json to_json(const NumberArray& array) {
  if (!array.is_given()) return nullptr;
  size_t at = 0;
  return nested(array.values.to_vector<double>(), array.values.shape(), 0, at);
}

void from_json(const Json& json, NumberArray& array) {
  array.values = Tensor();
  if (json.is_null()) return;
  std::vector<int64_t> sizes;
  for (const Json* inner = &json; inner->is_array(); inner = &inner->at(size_t{0})) {
    sizes.push_back(static_cast<int64_t>(inner->size()));
    if (inner->size() == 0) break;
  }
  std::vector<double> values;
  collect(json, sizes, 0, values);
  array.values = Tensor::from(values, Shape(sizes));
}

Layer Normalization(const NormalizationOptions& options) { return make_layer<NormalizationLayer>(options); }

Layer detail::normalization_from_config(const Json& config) { return NormalizationLayer::from_config(config); }

}  // namespace hebb
