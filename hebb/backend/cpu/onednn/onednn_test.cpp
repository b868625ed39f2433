#include "hebb/backend/cpu/onednn/onednn.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "hebb/backend/cpu/onednn/conv_slices.h"
#include "hebb/backend/cpu/onednn/weights.h"
#include "hebb/backend/cpu/product_testing.h"
#include "hebb/ops/fused.h"

namespace hebb {
namespace {

/// Without AVX2 the library has plain loops for some; groups of few filters have only those anywhere.
bool may_refuse(const ConvCase& c) { return !__builtin_cpu_supports("avx2") || c.options.groups > 2; }

TEST(Onednn, Convolutions) {
  expect_convolutions(
      {make_onednn_conv, make_onednn_fused_conv, make_onednn_conv_backward_input, make_onednn_conv_backward_kernel},
      may_refuse);
}

TEST(Onednn, Matmuls) { expect_matmuls(make_onednn_matmul, make_onednn_fused_matmul); }

ConvOptions plain_options() { return {.strides = {1, 1}, .low = {0, 0}, .high = {0, 0}, .dilations = {1, 1}}; }
ConvOptions padded_options() { return {.strides = {1, 1}, .low = {1, 1}, .high = {1, 1}, .dilations = {1, 1}}; }

TEST(Onednn, PassesAgreeOnALayout) {
  const ConvOptions options = padded_options();
  const std::vector<Spec> x = {{{8, 8, 8, 32}}}, kernel = {{{3, 3, 32, 160}}}, y = {{{8, 8, 8, 160}}};
  Refusal why;
  const auto make = [&](MakeKernel maker, const Op& op, const std::vector<Spec>& in, const std::vector<Spec>& out) {
    return maker(Call{op, in, out, {false, true}, {true}}, why);
  };
  const auto forward = make(make_onednn_conv, Conv(options), {x[0], kernel[0]}, y);
  const auto input =
      make(make_onednn_conv_backward_input, ConvBackwardInput(options, x[0].shape), {y[0], kernel[0]}, x);
  const auto weights =
      make(make_onednn_conv_backward_kernel, ConvBackwardKernel(options, kernel[0].shape), {x[0], y[0]}, kernel);
  ASSERT_TRUE(forward && input && weights);
  EXPECT_TRUE(same_layout(forward->input_layout(1), input->input_layout(1)));
  EXPECT_TRUE(same_layout(forward->input_layout(1), weights->output_layout(0)));
  // A batch of another size wants the same.
  const std::vector<Spec> x1 = {{{1, 8, 8, 32}}}, y1 = {{{1, 8, 8, 160}}};
  const auto single = make(make_onednn_conv, Conv(options), {x1[0], kernel[0]}, y1);
  EXPECT_TRUE(same_layout(forward->input_layout(1), single->input_layout(1)));
}

TEST(Onednn, LayoutsRoundTrip) {
  for (const ConvCase& c : conv_cases()) {
    for (const auto pass :
         {onednn::ConvPass::forward, onednn::ConvPass::backward_input, onednn::ConvPass::backward_kernel}) {
      const auto format = onednn::find_weights_format(onednn::problem_of(c.options, c.x, c.kernel, c.y().shape), pass);
      if (!format) continue;
      const onednn::WeightsLayout layout(c.kernel, onednn::placement(*format));
      const Floats plain = random_floats(c.kernel, 1);
      Floats packed(static_cast<size_t>(layout.bytes()) / sizeof(float), NAN), back(plain.size());
      layout.pack(plain.data(), packed.data());
      layout.unpack(packed.data(), back.data());
      EXPECT_TRUE(same_bits(plain, back)) << layout.name();
      double sum = 0, packed_sum = 0;
      for (float value : plain) sum += value;
      for (float value : packed) packed_sum += value;
      EXPECT_NEAR(sum, packed_sum, 1e-3) << layout.name();
    }
  }
}

TEST(Onednn, RefusesWhatItCannot) {
  Refusal why;
  const Conv op(plain_options());
  const std::vector<Spec> doubles = {{{2, 8, 8, 16}, DType::float64}, {{3, 3, 16, 16}, DType::float64}};
  const std::vector<Spec> out = op.infer(doubles);
  EXPECT_EQ(make_onednn_conv({op, doubles, out}, why), nullptr);
  EXPECT_EQ(why.reason(), "float32 only");
  const std::vector<Spec> empty = {{{0, 8, 8, 16}}, {{3, 3, 16, 16}}}, no_out = {{{0, 6, 6, 16}}};
  EXPECT_EQ(make_onednn_conv({op, empty, no_out}, why), nullptr);
  const FusedProduct fused(std::make_shared<Conv>(plain_options()), false, "softplus");
  const std::vector<Spec> in = {{{2, 8, 8, 16}}, {{3, 3, 16, 16}}}, good_out = {{{2, 6, 6, 16}}};
  EXPECT_EQ(make_onednn_fused_conv({fused, in, good_out}, why), nullptr);
}

TEST(Onednn, ActivationsPassNanOn) {
  for (const std::string activation : {"relu", "tanh", "sigmoid"}) {
    const FusedProduct op(std::make_shared<Conv>(plain_options()), false, activation);
    const std::vector<Spec> in = {{{1, 4, 4, 16}}, {{1, 1, 16, 16}}}, out = op.infer(in);
    Refusal why;
    const auto kernel = make_onednn_fused_conv({op, in, out}, why);
    if (!kernel) continue;
    Floats x(256, 1.0f);
    x[3] = NAN;
    const Floats y = run_product(*kernel, {x, Floats(256, 1.0f)}, 256);
    EXPECT_TRUE(std::isnan(y[0])) << activation;
    EXPECT_FALSE(std::isnan(y[16])) << activation;
  }
}

// One kernel serves plans that run on several threads of the user's at the same time.
TEST(Onednn, RunsOnSeveralThreadsAtOnce) {
  const Conv op(padded_options());
  const std::vector<Spec> in = {{{32, 8, 8, 16}}, {{3, 3, 16, 160}}}, out = op.infer(in);
  Refusal why;
  const auto kernel = make_onednn_conv({op, in, out}, why);
  ASSERT_TRUE(kernel);
  std::vector<std::vector<Floats>> inputs;
  std::vector<Floats> expected;
  for (unsigned i = 0; i < 4; ++i) {
    inputs.push_back({random_floats(in[0].shape, 10 + i), random_floats(in[1].shape, 20 + i)});
    expected.push_back(run_product(*kernel, inputs.back(), out[0].shape.elements()));
  }
  std::vector<int> wrong(4);
  std::vector<std::thread> users;
  for (size_t i = 0; i < 4; ++i) {
    users.emplace_back([&, i] {
      for (int repeat = 0; repeat < 20; ++repeat) {
        wrong[i] += !same_bits(run_product(*kernel, inputs[i], out[0].shape.elements()), expected[i]);
      }
    });
  }
  for (std::thread& user : users) user.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

}  // namespace
}  // namespace hebb
