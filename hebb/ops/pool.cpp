#include "hebb/ops/pool.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/conv.h"

namespace hebb {

namespace {

PoolOptions complete(PoolOptions options, int spatial, std::string_view op) {
  if (options.strides.empty()) options.strides = options.window;
  auto check = [&](std::vector<int64_t>& values, int64_t least, std::string_view what) {
    if (values.empty() && least == 0) values.assign(options.window.size(), 0);
    if (values.size() != static_cast<size_t>(spatial)) {
      throw InvalidArgument(message(op, ": expected ", spatial, " numbers for ", what,
                                    ", one for each spatial axis, got ", values.size(), "."));
    }
    for (int64_t value : values) {
      if (value < least)
        throw InvalidArgument(message(op, ": expected ", what, " of at least ", least, ", got ", value, "."));
    }
  };
  check(options.window, 1, "window");
  check(options.strides, 1, "strides");
  check(options.low, 0, "padding");
  check(options.high, 0, "padding");
  for (size_t i = 0; i < options.window.size(); ++i) {
    if (options.low[i] >= options.window[i] || options.high[i] >= options.window[i]) {
      throw InvalidArgument(
          message(op, ": expected less padding than the window has places, ", options.window[i], "."));
    }
  }
  return options;
}

Spec pooled(const Spec& x, const PoolOptions& options, std::string_view op) {
  if (!is_floating(x.dtype))
    throw InvalidArgument(message(op, ": expected float32 or float64, got ", x.dtype, ". Use cast()."));
  Spec out = x;
  for (size_t i = 0; i < options.window.size(); ++i) {
    const int axis = static_cast<int>(i) + 1;
    const int64_t positions =
        window_positions(x.shape[axis], options.window[i], options.strides[i], 1, options.low[i], options.high[i]);
    if (positions <= 0) {
      throw InvalidArgument(message(op, ": a window of ", options.window[i], " does not fit into axis ", axis, " of ",
                                    x, ". Use a smaller window or padding \"same\"."));
    }
    out.shape[axis] = positions;
  }
  return out;
}

void check_same(const Spec& expected, const Spec& got, std::string_view op) {
  if (expected != got) throw InvalidArgument(message(op, ": expected ", expected, ", got ", got, "."));
}

}  // namespace

Attributes PoolBase::attributes() const {
  return {{"window", options_.window}, {"strides", options_.strides}, {"low", options_.low}, {"high", options_.high}};
}

std::vector<Spec> MaxPool::infer(std::span<const Spec> inputs) const { return {pooled(inputs[0], options_, name())}; }

Tensors MaxPool::gradient(const GradientArgs& args) const {
  return {max_pool_backward(args.inputs[0], args.output_gradients[0], options_)};
}

std::vector<Spec> MaxPoolBackward::infer(std::span<const Spec> inputs) const {
  check_same(pooled(inputs[0], options_, name()), inputs[1], name());
  return {inputs[0]};
}

Tensors MaxPoolBackward::gradient(const GradientArgs& args) const {
  // Linear in dout; as a function of x it is constant almost everywhere.
  return {Tensor(), max_pool_pick(args.inputs[0], args.output_gradients[0], options_)};
}

std::vector<Spec> MaxPoolPick::infer(std::span<const Spec> inputs) const {
  check_same(inputs[0], inputs[1], name());
  return {pooled(inputs[0], options_, name())};
}

Tensors MaxPoolPick::gradient(const GradientArgs& args) const {
  return {Tensor(), max_pool_backward(args.inputs[0], args.output_gradients[0], options_)};
}

std::vector<Spec> AveragePool::infer(std::span<const Spec> inputs) const {
  return {pooled(inputs[0], options_, name())};
}

Tensors AveragePool::gradient(const GradientArgs& args) const {
  return {average_pool_backward(args.output_gradients[0], args.inputs[0].shape(), options_)};
}

Attributes AveragePoolBackward::attributes() const {
  return {{"window", options_.window},
          {"strides", options_.strides},
          {"low", options_.low},
          {"high", options_.high},
          {"input_shape", input_shape_.to_vector()}};
}

std::vector<Spec> AveragePoolBackward::infer(std::span<const Spec> inputs) const {
  const Spec input{input_shape_, inputs[0].dtype};
  check_same(pooled(input, options_, name()), inputs[0], name());
  return {input};
}

Tensors AveragePoolBackward::gradient(const GradientArgs& args) const {
  return {average_pool(args.output_gradients[0], options_)};
}

Tensor max_pool(const Tensor& x, PoolOptions options) {
  return apply_one(std::make_shared<MaxPool>(complete(std::move(options), x.rank() - 2, "max_pool")), {x});
}

Tensor max_pool_backward(const Tensor& x, const Tensor& dout, PoolOptions options) {
  return apply_one(std::make_shared<MaxPoolBackward>(complete(std::move(options), x.rank() - 2, "max_pool_backward")),
                   {x, dout});
}

Tensor max_pool_pick(const Tensor& x, const Tensor& values, PoolOptions options) {
  return apply_one(std::make_shared<MaxPoolPick>(complete(std::move(options), x.rank() - 2, "max_pool_pick")),
                   {x, values});
}

Tensor average_pool(const Tensor& x, PoolOptions options) {
  return apply_one(std::make_shared<AveragePool>(complete(std::move(options), x.rank() - 2, "average_pool")), {x});
}

Tensor average_pool_backward(const Tensor& dout, const Shape& input_shape, PoolOptions options) {
  return apply_one(std::make_shared<AveragePoolBackward>(
                       complete(std::move(options), dout.rank() - 2, "average_pool_backward"), input_shape),
                   {dout});
}

}  // namespace hebb
