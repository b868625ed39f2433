#include "hebb/nn/layers/blur_augmentation.h"

#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/image.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

struct RandomSharpnessArguments : RandomSharpnessOptions {
  Factor factor;
};

class RandomSharpnessLayer final : public ImageLayer<RandomSharpnessLayer, RandomSharpnessArguments> {
 public:
  static constexpr const char* keras_name = "RandomSharpness";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit.required("factor", a.factor);
    visit("value_range", a.value_range);
    visit("seed", a.seed);
  }

  explicit RandomSharpnessLayer(const RandomSharpnessArguments& given) : ImageLayer(with_range(given)) {
    check_overlap("a factor", given.factor, 0, 1);
    check_values();
  }

  Tensor changed(const Tensor& x) {
    const auto& a = arguments();
    const Tensor sharpness = drawn(x, a.factor) * 2.0;
    constexpr double side = 1.0 / 13, middle = 5.0 / 13;
    const Tensor kernel =
        Tensor::from(std::vector<double>{side, side, side, side, middle, side, side, side, side}, {3, 3});
    return clip(x + (1.0 - sharpness) * (image::filter(x, kernel, true) - x), a.value_range.low, a.value_range.high);
  }

 private:
  static RandomSharpnessArguments with_range(RandomSharpnessArguments given) {
    given.factor = given.factor.as_range(0);
    return with_sorted_values(std::move(given));
  }
};

struct RandomGaussianBlurArguments : RandomGaussianBlurOptions {
  Factor factor = 1.0;
};

class RandomGaussianBlurLayer final : public ImageLayer<RandomGaussianBlurLayer, RandomGaussianBlurArguments> {
 public:
  static constexpr const char* keras_name = "RandomGaussianBlur";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("factor", a.factor);
    visit("kernel_size", a.kernel_size);
    visit("sigma", a.sigma);
    visit("value_range", a.value_range);
    visit("seed", a.seed);
  }

  explicit RandomGaussianBlurLayer(const RandomGaussianBlurArguments& given) : ImageLayer(with_ranges(given)) {
    const auto& a = arguments();
    check_overlap("a factor", given.factor, 0, 1);
    check_overlap("a sigma", given.sigma, 0, 1);
    check_values();
    check_pair(*this, "a kernel_size", a.kernel_size);
    require(a.kernel_size.height % 2 == 1 && a.kernel_size.width % 2 == 1,
            message("expected an odd kernel_size, got ", a.kernel_size, ". Give one more, so that there is a middle."));
  }

  Tensor changed(const Tensor& x) {
    const auto& a = arguments();
    const Tensor blurred = chosen(x, a.factor);
    const Tensor sigma = random_uniform(next_random_state(), {2}) * (a.sigma.high - a.sigma.low) + a.sigma.low + 1e-6;
    const Tensor first = gaussian(a.kernel_size.height, slice(sigma, {0}, {1}));
    const Tensor second = gaussian(a.kernel_size.width, slice(sigma, {1}, {2}));
    const Tensor products = reshape(second, {a.kernel_size.width, 1}) * reshape(first, {1, a.kernel_size.height});
    const Tensor kernel = reshape(products, {a.kernel_size.height, a.kernel_size.width});
    return clip(select(blurred, image::filter(x, kernel, true), x), a.value_range.low, a.value_range.high);
  }

 private:
  static RandomGaussianBlurArguments with_ranges(RandomGaussianBlurArguments given) {
    given.factor = given.factor.as_range(0);
    given.sigma = given.sigma.as_range(0);
    return given;
  }
  /// `size` values of a Gaussian about their middle, of sum 1.
  static Tensor gaussian(int64_t size, const Tensor& sigma) {
    const Tensor bell = exp(square((arange(size) - static_cast<double>(size - 1) / 2) / sigma) * -0.5);
    return bell / sum(bell);
  }
};

}  // namespace

Layer RandomSharpness(Factor factor, const RandomSharpnessOptions& options) {
  return make_layer<RandomSharpnessLayer>(RandomSharpnessArguments{options, factor});
}
Layer RandomGaussianBlur(Factor factor, const RandomGaussianBlurOptions& options) {
  return make_layer<RandomGaussianBlurLayer>(RandomGaussianBlurArguments{options, factor});
}

Layer detail::random_gaussian_blur_from_config(const Json& config) {
  return RandomGaussianBlurLayer::from_config(config);
}
Layer detail::random_sharpness_from_config(const Json& config) { return RandomSharpnessLayer::from_config(config); }

}  // namespace hebb
