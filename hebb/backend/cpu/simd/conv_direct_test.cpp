#include "hebb/backend/cpu/simd/conv_direct.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "hebb/backend/cpu/product_testing.h"
#include "hebb/backend/cpu/simd/conv_axis.h"
#include "hebb/backend/cpu/simd/conv_tiles.h"
#include "hebb/backend/cpu/simd/simd_testing.h"
#include "hebb/ops/fused.h"

namespace hebb {
namespace {

bool may_refuse(const ConvCase& c) {
  const bool depthwise = c.kernel[-2] == 1 && c.kernel.back() == c.options.groups;
  return simd::conv_tiles().lanes < 8 || c.x.rank() > 4 ||
         (!depthwise && (c.kernel.back() < 4 * c.options.groups || c.x.back() < 4 * c.options.groups));
}

TEST(ConvDirect, Convolutions) {
  simd::for_each_target([] {
    expect_convolutions(
        {make_simd_conv, make_simd_fused_conv, make_simd_conv_backward_input, make_simd_conv_backward_kernel},
        may_refuse);
  });
}

TEST(ConvDirect, ActivationsPassNanOn) {
  const ConvOptions options{.strides = {1, 1}, .low = {0, 0}, .high = {0, 0}, .dilations = {1, 1}};
  for (const std::string activation : {"relu", "tanh", "sigmoid", "softplus"}) {
    const FusedProduct op(std::make_shared<Conv>(options), false, activation);
    const std::vector<Spec> in = {{{1, 4, 4, 16}}, {{1, 1, 16, 16}}}, out = op.infer(in);
    Refusal why;
    const auto kernel = make_simd_fused_conv({op, in, out}, why);
    if (!kernel) continue;
    Floats x(256, 1.0f);
    x[3] = NAN;
    const Floats y = run_product(*kernel, {x, Floats(256, 1.0f)}, 256);
    EXPECT_TRUE(std::isnan(y[0])) << activation;
    EXPECT_FALSE(std::isnan(y[16])) << activation;
  }
}

// Every position and every tap of it appears once, at its place.
void expect_axis(const simd::ConvAxis& axis) {
  for (const bool backward : {false, true}) {
    std::vector<int> seen(static_cast<size_t>(backward ? axis.input : axis.output));
    int64_t met = 0, expected = 0;
    for (int64_t o = 0; o < axis.output; ++o) {
      for (int64_t tap = 0; tap < axis.window; ++tap) {
        const int64_t i = o * axis.stride - axis.low + tap * axis.dilation;
        expected += i >= 0 && i < axis.input;
      }
    }
    for (const simd::AxisGroup& group : backward ? backward_groups(axis) : forward_groups(axis)) {
      for (int64_t n = 0; n < group.count; ++n) {
        const int64_t position = group.first + n * group.step;
        ++seen[static_cast<size_t>(position)];
        for (const simd::AxisTap& tap : group.taps) {
          const int64_t source = group.source + n * group.source_step + tap.offset;
          const int64_t input = backward ? position : source, output = backward ? source : position;
          EXPECT_GE(source, 0);
          EXPECT_LT(source, backward ? axis.output : axis.input);
          EXPECT_EQ(input, output * axis.stride - axis.low + tap.tap * axis.dilation);
          ++met;
        }
      }
    }
    EXPECT_EQ(seen, std::vector<int>(seen.size(), 1));
    EXPECT_EQ(met, expected);
  }
}

TEST(ConvDirect, AxesAreCutIntoGroups) {
  for (int64_t input = 1; input < 9; ++input) {
    for (int64_t window = 1; window < 5; ++window) {
      for (int64_t stride = 1; stride < 4; ++stride) {
        for (int64_t dilation = 1; dilation < 3; ++dilation) {
          for (int64_t low = 0; low < 4; ++low) {
            const int64_t output = window_positions(input, window, stride, dilation, low, 2);
            if (output > 0) expect_axis({input, window, output, stride, dilation, low});
          }
        }
      }
    }
  }
  EXPECT_EQ(simd::forward_groups({.input = 8, .window = 3, .output = 8, .low = 1}).size(), 3u);
}

}  // namespace
}  // namespace hebb
