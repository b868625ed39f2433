#include "hebb/nn/layers/preprocessing.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

struct RescalingArguments : RescalingOptions {
  Numbers scale = 1.0;
};

class RescalingLayer final : public ConfiguredLayer<RescalingLayer, RescalingArguments> {
 public:
  static constexpr const char* keras_name = "Rescaling";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("scale", a.scale);
    visit("offset", a.offset);
  }

  explicit RescalingLayer(RescalingArguments given) : ConfiguredLayer(std::move(given)) {
    for (const Numbers* numbers : {&arguments().scale, &arguments().offset}) {
      require(!numbers->values.empty(),
              "expected at least one number as scale and as offset, got none. Leave the offset out for 0.");
    }
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    for (const Numbers* numbers : {&arguments().scale, &arguments().offset}) {
      const auto count = static_cast<int64_t>(numbers->values.size());
      const Shape& shape = inputs.front();
      const bool fits = count == 1 || (shape.rank() > 0 && (shape.back() == count || shape.back() == Shape::unknown));
      require(fits, message("expected the last axis of its input to be ", count, ", one for each number it has, got ",
                            shape, ". Give it one number for all, or one for each place of the last axis."));
    }
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const Numbers &scale = arguments().scale, &offset = arguments().offset;
    const Tensor y = scale.is_list ? x * constant(scale) : x * scale.values.front();
    if (offset.is_list) return y + constant(offset);
    return offset.values.front() == 0 ? y : y + offset.values.front();
  }

 private:
  Tensor constant(const Numbers& numbers) const {
    if (dtype() == DType::float64) return Tensor::from(numbers.values);
    return Tensor::from(std::vector<float>(numbers.values.begin(), numbers.values.end()));
  }
};

}  // namespace

Layer Rescaling(Numbers scale, const RescalingOptions& options) {
  return make_layer<RescalingLayer>(RescalingArguments{options, std::move(scale)});
}

Layer detail::rescaling_from_config(const Json& config) { return RescalingLayer::from_config(config); }

}  // namespace hebb
