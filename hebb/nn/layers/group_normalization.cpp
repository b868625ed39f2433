#include "hebb/nn/layers/group_normalization.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

class GroupNormalizationLayer final : public ConfiguredLayer<GroupNormalizationLayer, GroupNormalizationOptions> {
 public:
  static constexpr const char* keras_name = "GroupNormalization";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("groups", a.groups);
    visit("axis", a.axis);
    visit("epsilon", a.epsilon);
    visit("center", a.center);
    visit("scale", a.scale);
    visit("beta_initializer", a.beta_initializer);
    visit("gamma_initializer", a.gamma_initializer);
    visit("beta_regularizer", a.beta_regularizer);
    visit("gamma_regularizer", a.gamma_regularizer);
    visit("beta_constraint", a.beta_constraint);
    visit("gamma_constraint", a.gamma_constraint);
  }

  explicit GroupNormalizationLayer(GroupNormalizationOptions given) : ConfiguredLayer(std::move(given)) {
    rounded_.inputs = rounded_.weights = false;
    require(arguments().groups > 0 || arguments().groups == -1,
            message("expected groups of at least 1, or -1, got ", arguments().groups,
                    ". Give a number that divides the channels; -1 takes each by itself."));
    input_rule_ = {.min_rank = 2, .axes = "(batch, ..., channels)"};
  }

  /// Keras writes the number of channels for -1, once it knows it.
  Json config() const override {
    Json json = ConfiguredLayer::config();
    if (groups_ > 0) json.set("groups", groups_);
    return json;
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const int64_t channels = inputs.front()[check_axis(*this, arguments().axis, inputs.front())];
    const int64_t groups = arguments().groups;
    require(groups == -1 || channels == Shape::unknown || (channels >= groups && channels % groups == 0),
            message("expected groups that divide the channels, ", groups, " groups, got ", inputs.front(),
                    ". Give a number that divides ", channels, "."));
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    const Shape channels{input[static_cast<int>(a.axis)]};
    if (a.scale)
      gamma_ = add_weight("gamma", channels, a.gamma_initializer,
                          {.regularizer = a.gamma_regularizer, .constraint = a.gamma_constraint});
    if (a.center)
      beta_ = add_weight("beta", channels, a.beta_initializer,
                         {.regularizer = a.beta_regularizer, .constraint = a.beta_constraint});
    groups_ = a.groups == -1 ? channels.front() : a.groups;
    input_rule_.rank = input.rank();
    input_rule_.axis = static_cast<int>(a.axis);
    input_rule_.size = channels.front();
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const int axis = normalize_axis(arguments().axis, x.rank(), "axis");
    // The channels' axis in two: groups, and the channels of a group.
    const int64_t size = x.shape()[axis] / groups_;
    Shape split = x.shape(), weights(std::vector<int64_t>(static_cast<size_t>(x.rank()), 1));
    split[axis] = weights[axis] = size;
    split = split.with(axis, groups_);
    weights = weights.with(axis, groups_);
    std::vector<int64_t> axes;
    for (int i = 1; i < split.rank(); ++i) {
      if (i != axis) axes.push_back(i);
    }
    const Tensor grouped = reshape(x, split);
    const Tensor centred = grouped - mean(grouped, {.axes = axes, .keepdims = true});
    Tensor factor = rsqrt(mean(square(centred), {.axes = axes, .keepdims = true}) + arguments().epsilon);
    if (gamma_.defined()) factor = factor * reshape(gamma_, weights);
    Tensor y = centred * factor;
    if (beta_.defined()) y = y + reshape(beta_, weights);
    return reshape(y, x.shape());
  }

 private:
  int64_t groups_ = 0;  ///< 0 before it is built
  Tensor gamma_, beta_;
};

}  // namespace

Layer GroupNormalization(const GroupNormalizationOptions& options) {
  return make_layer<GroupNormalizationLayer>(options);
}

Layer detail::group_normalization_from_config(const Json& config) {
  return GroupNormalizationLayer::from_config(config);
}

}  // namespace hebb
