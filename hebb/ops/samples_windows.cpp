// Samples of convolutions and pooling.
#include <limits>

#include "hebb/ops/conv.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/pool.h"
#include "hebb/ops/samples.h"

namespace hebb::detail {

namespace {

using Samples = std::vector<Sample>;

struct ConvCase {
  Shape x, kernel;
  ConvOptions options = {};
};

std::vector<ConvCase> conv_cases() {
  return {
      // one spatial axis
      {{1, 1, 1}, {1, 1, 1}},
      {{2, 7, 3}, {3, 3, 4}},
      {{2, 7, 3}, {3, 3, 4}, {.strides = {2}, .low = {2}, .high = {1}}},
      {{1, 9, 2}, {3, 2, 5}, {.low = {2}, .high = {2}, .dilations = {2}}},
      // two
      {{2, 5, 4, 1}, {3, 3, 1, 2}},
      {{2, 5, 6, 3}, {3, 2, 3, 4}, {.low = {1, 0}, .high = {1, 1}}},
      {{1, 7, 8, 2}, {3, 3, 2, 3}, {.strides = {2, 3}, .low = {0, 1}, .high = {1, 1}}},
      {{1, 8, 7, 2}, {2, 3, 2, 3}, {.strides = {1, 2}, .low = {1, 2}, .high = {1, 2}, .dilations = {3, 2}}},
      {{2, 4, 4, 4}, {3, 3, 2, 6}, {.low = {1, 1}, .high = {1, 1}, .groups = 2}},
      {{2, 5, 5, 3}, {3, 3, 1, 6}, {.strides = {2, 2}, .low = {1, 1}, .high = {1, 1}, .groups = 3}},
      {{1, 6, 6, 5}, {1, 1, 5, 7}},
      {{1, 6, 6, 5}, {1, 1, 5, 7}, {.strides = {2, 2}}},
      {{2, 5, 5, 2}, {5, 5, 2, 3}},
      {{2, 3, 3, 2}, {5, 5, 2, 3}, {.low = {2, 2}, .high = {2, 2}}},
      {{0, 5, 5, 2}, {3, 3, 2, 3}},
      // sizes of real layers
      {{3, 28, 28, 1}, {5, 5, 1, 32}, {.low = {2, 2}, .high = {2, 2}}},
      {{2, 14, 14, 32}, {5, 5, 32, 32}},
      {{5, 10, 10, 16}, {3, 3, 16, 32}, {.strides = {2, 2}, .low = {0, 0}, .high = {1, 1}}},
      {{2, 12, 12, 32}, {3, 3, 1, 32}, {.low = {1, 1}, .high = {1, 1}, .groups = 32}},
      {{2, 7, 6, 5}, {3, 3, 1, 5}, {.strides = {2, 1}, .low = {1, 1}, .high = {1, 1}, .groups = 5}},
      // three
      {{1, 3, 4, 5, 2}, {2, 3, 2, 2, 3}, {.strides = {1, 2, 1}, .low = {0, 1, 1}, .high = {1, 1, 0}}},
  };
}

/// Calls `make(case, dtype, x, kernel, the output's shape)`.
template <class Make>
Samples each_conv(Make&& make) {
  Samples samples;
  for (DType dtype : float_types) {
    for (const ConvCase& each : conv_cases()) {
      if (dtype == DType::float64 && each.x.elements() > 2000) continue;
      const Tensor x = draw(each.x, dtype, -1, 1, 1), kernel = draw(each.kernel, dtype, -1, 1, 2);
      const Sample forward = sample_of([&] { return conv(x, kernel, each.options); });
      const Spec specs[] = {x.spec(), kernel.spec()};
      const Tensor dout = draw(forward.op->infer(specs)[0].shape, dtype, -1, 1, 3);
      make(samples, each, forward, dout);
    }
  }
  return samples;
}

Samples conv_samples() {
  return each_conv([](Samples& out, const ConvCase&, const Sample& forward, const Tensor&) { out.push_back(forward); });
}

Samples conv_backward_input_samples() {
  return each_conv([](Samples& out, const ConvCase& each, const Sample& forward, const Tensor& dout) {
    out.push_back(sample_of([&] { return conv_backward_input(dout, forward.inputs[1], each.x, each.options); }));
  });
}

Samples conv_backward_kernel_samples() {
  return each_conv([](Samples& out, const ConvCase& each, const Sample& forward, const Tensor& dout) {
    out.push_back(sample_of([&] { return conv_backward_kernel(forward.inputs[0], dout, each.kernel, each.options); }));
  });
}

Samples fused_conv_samples() {
  return each_conv([](Samples& out, const ConvCase& each, const Sample& forward, const Tensor& dout) {
    for (const auto& [bias, activation] : std::vector<std::pair<bool, std::string>>{
             {true, ""}, {false, "relu"}, {true, "relu"}, {true, "tanh"}, {true, "sigmoid"}}) {
      Sample sample{std::make_shared<FusedProduct>(forward.op, bias, activation), forward.inputs,
                    std::make_shared<FusedProduct>(forward.op, bias, "")};
      if (each.x.elements() > 2000 && activation == "tanh") continue;
      if (bias) sample.inputs.push_back(draw({each.kernel.back()}, dout.dtype(), -1, 1, 4));
      out.push_back(std::move(sample));
      if (activation == "tanh") continue;
      Sample with_addend{std::make_shared<FusedProduct>(forward.op, bias, activation, true), out.back().inputs,
                         std::make_shared<FusedProduct>(forward.op, bias, "", true)};
      with_addend.inputs.push_back(draw(dout.shape(), dout.dtype(), -1, 1, 5));
      out.push_back(std::move(with_addend));
    }
  });
}

struct PoolCase {
  Shape x;
  PoolOptions options;
};

std::vector<PoolCase> pool_cases() {
  return {
      {{1, 1, 1}, {.window = {1}}},
      {{2, 7, 3}, {.window = {2}}},
      {{2, 7, 3}, {.window = {3}, .strides = {2}, .low = {1}, .high = {1}}},
      {{2, 4, 4, 1}, {.window = {2, 2}}},
      {{2, 5, 7, 3}, {.window = {2, 2}}},
      {{2, 5, 7, 3}, {.window = {2, 2}, .high = {1, 1}}},
      {{1, 6, 5, 4}, {.window = {3, 3}, .strides = {1, 1}, .low = {1, 1}, .high = {1, 1}}},
      {{1, 6, 5, 4}, {.window = {3, 2}, .strides = {2, 3}, .low = {0, 1}, .high = {2, 0}}},
      {{1, 4, 4, 2}, {.window = {4, 4}}},
      {{1, 7, 7, 2}, {.window = {2, 2}, .strides = {3, 3}}},
      {{0, 4, 4, 2}, {.window = {2, 2}}},
      {{3, 12, 12, 32}, {.window = {2, 2}}},
      {{2, 9, 9, 17}, {.window = {3, 3}, .strides = {2, 2}, .low = {1, 1}, .high = {1, 1}}},
      {{1, 4, 5, 6, 2}, {.window = {2, 3, 2}, .strides = {1, 2, 2}, .low = {0, 1, 0}, .high = {1, 1, 0}}},
  };
}

/// Calls `make(samples, case, x, the output's shape)`.
template <class Make>
Samples each_pool(Make&& make) {
  Samples samples;
  for (DType dtype : float_types) {
    for (const PoolCase& each : pool_cases()) {
      const Tensor x = draw(each.x, dtype, -1, 1, 1);
      const Sample forward = sample_of([&] { return average_pool(x, each.options); });
      const Spec spec = x.spec();
      make(samples, each, x, forward.op->infer({&spec, 1})[0].shape);
    }
  }
  return samples;
}

/// Whole numbers, so that windows hold the maximum twice; and NaN.
Tensor with_ties(const Tensor& x) {
  std::vector<float> values = draw(x.shape(), DType::int32, 0, 2, 9).to_vector<float>();
  for (size_t i = 5; i < values.size(); i += 23) values[i] = std::numeric_limits<float>::quiet_NaN();
  for (size_t i = 2; i < values.size(); i += 7) values[i] = -std::numeric_limits<float>::infinity();
  return Tensor::from(values, x.shape());
}

Samples max_pool_samples() {
  return each_pool([](Samples& out, const PoolCase& each, const Tensor& x, const Shape&) {
    out.push_back(sample_of([&] { return max_pool(x, each.options); }));
    if (x.dtype() == DType::float32) out.push_back(sample_of([&] { return max_pool(with_ties(x), each.options); }));
  });
}

Samples max_pool_backward_samples() {
  return each_pool([](Samples& out, const PoolCase& each, const Tensor& x, const Shape& y) {
    const Tensor dout = draw(y, x.dtype(), -1, 1, 2);
    out.push_back(sample_of([&] { return max_pool_backward(x, dout, each.options); }));
    if (x.dtype() == DType::float32)
      out.push_back(sample_of([&] { return max_pool_backward(with_ties(x), dout, each.options); }));
  });
}

Samples max_pool_pick_samples() {
  return each_pool([](Samples& out, const PoolCase& each, const Tensor& x, const Shape&) {
    const Tensor values = draw(x.shape(), x.dtype(), -1, 1, 2);
    out.push_back(sample_of([&] { return max_pool_pick(x, values, each.options); }));
    if (x.dtype() == DType::float32)
      out.push_back(sample_of([&] { return max_pool_pick(with_ties(x), values, each.options); }));
  });
}

Samples average_pool_samples() {
  return each_pool([](Samples& out, const PoolCase& each, const Tensor& x, const Shape&) {
    out.push_back(sample_of([&] { return average_pool(x, each.options); }));
  });
}

Samples average_pool_backward_samples() {
  return each_pool([](Samples& out, const PoolCase& each, const Tensor& x, const Shape& y) {
    out.push_back(sample_of([&] { return average_pool_backward(draw(y, x.dtype(), -1, 1, 2), each.x, each.options); }));
  });
}

}  // namespace

std::vector<OperationRecord> window_operation_records() {
  using enum GradientRule;
  constexpr Tolerance exact{};
  constexpr Tolerance summed{.magnitude = 2e-6};
  constexpr Tolerance product{.magnitude = 1e-5};
  return {
      {"conv", "a convolution over the spatial axes, channels last", differentiable, product, conv_samples},
      {"conv_backward_input", "the gradient of conv with respect to its input; the transposed convolution",
       differentiable, product, conv_backward_input_samples},
      {"conv_backward_kernel", "the gradient of conv with respect to its kernel", differentiable, product,
       conv_backward_kernel_samples},
      {"fused_conv", "a convolution with bias and activation", internal, product, fused_conv_samples},
      {"max_pool", "the largest element of each window", differentiable, exact, max_pool_samples},
      {"max_pool_backward",
       "sends each gradient to the place of its window's maximum",
       differentiable,
       {.absolute = 1e-6},
       max_pool_backward_samples},
      {"max_pool_pick", "of a second tensor the elements at the places of the maxima", differentiable, exact,
       max_pool_pick_samples},
      {"average_pool", "the mean of each window", differentiable, summed, average_pool_samples},
      {"average_pool_backward", "spreads each gradient over its window", differentiable, summed,
       average_pool_backward_samples},
  };
}

}  // namespace hebb::detail
