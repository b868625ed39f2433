#include "hebb/backend/cpu/simd/conv_winograd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "hebb/backend/cpu/product_testing.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/backend/cpu/simd/simd_testing.h"
#include "hebb/backend/cpu/simd/winograd_matrices.h"
#include "hebb/backend/cpu/simd/winograd_transforms.h"
#include "hebb/ops/conv.h"
#include "hebb/plan/tuning.h"

namespace hebb {
namespace {

// One dimension, in double: the matrices are right when outputs are exact to its precision.
template <int m, int r>
void expect_fast_filter() {
  constexpr int n = m + r - 1;
  const auto input = simd::winograd_input<n>();
  const auto filter = simd::winograd_filter<n, r>();
  const auto output = simd::winograd_output<m, n>();
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < r; ++k) {
      for (int y = 0; y < m; ++y) {
        // Input i and tap k alone: output y is one where i = y + k.
        double sum = 0;
        for (int p = 0; p < n; ++p) sum += output(y, p) * filter(p, k) * input(p, i);
        EXPECT_NEAR(sum, i == y + k ? 1 : 0, 1e-13) << m << ", " << r << ": " << i << ", " << k << ", " << y;
      }
    }
  }
}

TEST(Winograd, MatricesComputeFilters) {
  expect_fast_filter<4, 3>();
  expect_fast_filter<3, 4>();
  expect_fast_filter<4, 5>();
  expect_fast_filter<5, 4>();
  expect_fast_filter<2, 3>();
  expect_fast_filter<6, 3>();
}

/// Everything that has transforms, whether it pays or not.
bool may_refuse(const ConvCase& c) {
  const int64_t window = c.kernel[0];
  const auto all_one = [](const std::vector<int64_t>& values) { return values == std::vector<int64_t>{1, 1}; };
  return !simd::winograd_transforms(4, 3) || c.x.rank() != 4 || c.kernel[1] != window || (window != 3 && window != 5) ||
         !all_one(c.options.strides) || !all_one(c.options.dilations) || c.options.groups != 1;
}

TEST(Winograd, Convolutions) {
  set_winograd_use(WinogradUse::always);
  simd::for_each_target([] {
    expect_convolutions({make_winograd_conv, make_winograd_fused_conv, make_winograd_conv_backward_input,
                         make_winograd_conv_backward_kernel, 1e-5},
                        may_refuse);
  });
  set_winograd_use(WinogradUse::on);
}

std::string refusal(const Shape& x, const Shape& kernel) {
  const ConvOptions options{.strides = {1, 1}, .low = {1, 1}, .high = {1, 1}, .dilations = {1, 1}};
  const Conv op(options);
  const std::vector<Spec> in = {{x}, {kernel}}, out = op.infer(in);
  Refusal why;
  return make_winograd_conv({op, in, out}, why) ? "" : why.reason();
}

TEST(Winograd, IsUsedWhereItPays) {
  if (!simd::winograd_transforms(4, 3)) GTEST_SKIP() << "the processor has no AVX2";
  EXPECT_EQ(refusal({128, 32, 32, 16}, {3, 3, 16, 16}), "");
  EXPECT_EQ(refusal({32, 24, 24, 32}, {5, 5, 32, 32}), "");
  EXPECT_NE(refusal({128, 32, 32, 3}, {3, 3, 3, 16}), "");  // transforms cost more than they save
  EXPECT_NE(refusal({1, 4, 4, 64}, {3, 3, 64, 64}), "");    // so do those of the weights
  EXPECT_NE(refusal({8, 32, 32, 16}, {1, 1, 16, 16}), "");
  set_winograd_use(WinogradUse::off);
  EXPECT_NE(refusal({128, 32, 32, 16}, {3, 3, 16, 16}), "");
  set_winograd_use(WinogradUse::on);
}

// A training with it turned off must not decide for all that come later.
TEST(Winograd, TurnedOffItLeavesRememberedChoicesAlone) {
  if (!simd::winograd_transforms(4, 3)) GTEST_SKIP() << "the processor has no AVX2";
  const std::string folder = testing::TempDir() + "hebb_winograd_choices";
  std::filesystem::remove_all(folder);
  KernelChoices choices(folder + "/kernels.json");
  const Conv conv{{.strides = {1, 1}, .low = {1, 1}, .high = {1, 1}, .dilations = {1, 1}}};
  const std::vector<Spec> in = {{{8, 16, 16, 32}, DType::float32}, {{3, 3, 32, 32}, DType::float32}};
  const std::vector<Spec> out = conv.infer(in);
  set_winograd_use(WinogradUse::off);
  const std::optional<std::string> without = choices.choice({conv, in, out}, true);
  set_winograd_use(WinogradUse::on);
  EXPECT_NE(without, std::optional<std::string>("winograd"));
  EXPECT_FALSE(choices.choice({conv, in, out}, false));
  EXPECT_TRUE(choices.choice({conv, in, out}, true));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace hebb
