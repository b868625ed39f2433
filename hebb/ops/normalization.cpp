#include "hebb/ops/normalization.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

Tensor mean_of_rows(const Tensor& x) { return mean(x, {.axes = {-1}, .keepdims = true}); }

/// Over all axes but the last.
Tensor sum_of_rows(const Tensor& x) {
  std::vector<int64_t> axes;
  for (int64_t axis = 0; axis < x.rank() - 1; ++axis) axes.push_back(axis);
  return axes.empty() ? x : sum(x, {.axes = axes});
}

}  // namespace

std::vector<Spec> LayerNormalizationOp::infer(std::span<const Spec> inputs) const {
  const auto fits = [&] {
    if (inputs.size() != 3) return false;
    const Spec& x = inputs[0];
    if (x.shape.rank() == 0 || !is_floating(x.dtype)) return false;
    const Spec weights{{x.shape.back()}, x.dtype};
    return inputs[1] == weights && inputs[2] == weights;
  };
  if (!fits()) {
    std::string specs;
    for (const Spec& spec : inputs) specs += message(specs.empty() ? "" : ", ", spec);
    throw InvalidArgument(message("layer_normalization: expected x (..., n), gamma (n,) and beta (n,) of one floating ",
                                  "type, got ", specs, ". Reshape() or cast() them."));
  }
  return {inputs[0]};
}

Tensors LayerNormalizationOp::gradient(const GradientArgs& args) const {
  return apply_op(std::make_shared<LayerNormalizationBackward>(epsilon_),
                  {args.inputs[0], args.inputs[1], args.output_gradients[0]});
}

std::vector<Spec> LayerNormalizationBackward::infer(std::span<const Spec> inputs) const {
  if (inputs.size() != 3 || inputs[0] != inputs[2])
    throw InternalError("layer_normalization_backward: expected x, gamma and a gradient of x's shape.");
  return {inputs[0], inputs[1], inputs[1]};
}

/// With n = (x - m) r, where r = 1 / sqrt(v + epsilon), and P(a) = a - mean(a) - n mean(a n), the results are dx = r
/// P(g gamma) and the sums over the rows of g n and of g. P is symmetric, and n changes by r P(the change of x).
Tensors LayerNormalizationBackward::gradient(const GradientArgs& args) const {
  const Tensor &x = args.inputs[0], &gamma = args.inputs[1], &g = args.inputs[2];
  const Tensor &u = args.output_gradients[0], &v = args.output_gradients[1], &w = args.output_gradients[2];
  const Tensor centred = x - mean_of_rows(x);
  const Tensor r = rsqrt(mean_of_rows(square(centred)) + epsilon_);
  const Tensor n = centred * r;
  const auto project = [&](const Tensor& a) { return a - mean_of_rows(a) - n * mean_of_rows(a * n); };
  const auto add_to = [](Tensor& total, const Tensor& more) { total = total.defined() ? total + more : more; };

  Tensor of_x, of_gamma, of_g, of_n;
  if (u.defined()) {
    const Tensor h = g * gamma, projected = project(u);
    add_to(of_g, gamma * r * projected);
    of_gamma = sum_of_rows(g * r * projected);
    add_to(of_n, -(r * (mean_of_rows(u * n) * h + mean_of_rows(h * n) * u)));
    add_to(of_x, -(square(r) * mean_of_rows(h * projected) * n));
  }
  if (v.defined()) {
    add_to(of_g, v * n);
    add_to(of_n, v * g);
  }
  if (w.defined()) add_to(of_g, w + g * 0.0);
  if (of_n.defined()) add_to(of_x, r * project(of_n));
  return {of_x, of_gamma, of_g};
}

std::vector<Spec> MomentsOp::infer(std::span<const Spec> inputs) const {
  const Spec& x = inputs[0];
  if (!is_floating(x.dtype))
    throw InvalidArgument(message("moments: expected float32 or float64, got ", x.dtype, ". Use cast()."));
  const Spec channels{{x.shape[normalize_axis(axis_, x.shape.rank(), "moments")]}, x.dtype};
  return {channels, channels};
}

/// The variance does not change with the mean: the deviations from it add up to 0.
Tensors MomentsOp::gradient(const GradientArgs& args) const {
  const Tensor &x = args.inputs[0], &mean = args.outputs[0];
  const Tensor &of_mean = args.output_gradients[0], &of_variance = args.output_gradients[1];
  const double share = static_cast<double>(mean.size()) / static_cast<double>(x.size());
  Shape shape(std::vector<int64_t>(static_cast<size_t>(x.rank()) - static_cast<size_t>(axis_), 1));
  shape[0] = mean.size();
  const auto along = [&](const Tensor& channels) { return reshape(channels, shape); };
  Tensor of_x;
  if (of_variance.defined()) of_x = (x - along(mean)) * along(of_variance * (2 * share));
  if (of_mean.defined()) {
    const Tensor more = along(of_mean * share);
    of_x = of_x.defined() ? of_x + more : broadcast_to(more, x.shape());
  }
  return {of_x};
}

Tensor layer_normalization(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon) {
  return apply_one(std::make_shared<LayerNormalizationOp>(epsilon), {x, gamma, beta});
}

Moments moments(const Tensor& x, int64_t axis) {
  const Tensors both = apply_op(std::make_shared<MomentsOp>(normalize_axis(axis, x.rank(), "moments")), {x});
  return {both[0], both[1]};
}

}  // namespace hebb
