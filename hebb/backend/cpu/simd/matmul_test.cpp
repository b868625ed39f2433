#include <gtest/gtest.h>

#include "hebb/backend/cpu/product_testing.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/backend/cpu/simd/simd_testing.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"

namespace hebb::simd {

namespace {

struct Sizes {
  int64_t m, k, n;
};

Tensors operands(const Sizes& s, const MatmulOptions& options, DType dtype) {
  return {sample({options.transpose_a ? Shape{s.k, s.m} : Shape{s.m, s.k}, dtype}, 1, {-1, 1}),
          sample({options.transpose_b ? Shape{s.n, s.k} : Shape{s.k, s.n}, dtype}, 2, {-1, 1})};
}

/// As a plan that is made to predict often asks.
template <MakeKernel make>
std::unique_ptr<Kernel> with_lasting_weights(const Call& call, Refusal& why) {
  Call asked = call;
  asked.lasting_in.assign(call.in.size(), true);
  asked.lasting_in[0] = false;
  asked.runs_often = true;
  return make(asked, why);
}

}  // namespace

TEST(SimdMatmul, AgreesInTheSharedCases) {
  for_each_target([] { expect_matmuls(make_simd_matmul, make_simd_fused_matmul); });
}

TEST(SimdMatmul, AgreesInAllWaysAroundTheEdgesOfTiles) {
  for (const Sizes& s : {Sizes{1, 1, 1},
                         {1, 20, 70},
                         {2, 3, 49},
                         {7, 64, 48},
                         {8, 5, 47},
                         {9, 17, 16},
                         {17, 600, 33},
                         {50, 10, 97},
                         {13, 1200, 1},
                         {1, 1200, 13},
                         {97, 50, 50},
                         {300, 7, 20},
                         {30, 0, 5},
                         {64, 65, 66},
                         {250, 520, 60},
                         {150, 140, 131},
                         {40, 1024, 200},
                         {50, 784, 50},
                         {20, 5000, 35}}) {
    for (const MatmulOptions& options : {MatmulOptions{false, false}, {true, false}, {false, true}, {true, true}}) {
      const double error = 1e-6 * static_cast<double>(s.k + 4);
      expect_agrees(make_simd_matmul, Matmul(options), operands(s, options, DType::float32), 0, error);
      if (s.m * s.n < 3000)
        expect_agrees(make_simd_matmul, Matmul(options), operands(s, options, DType::float64), 0, error * 1e-8);
    }
  }
}

TEST(SimdMatmul, AddsUpPartsOfDeepProducts) {
  for (const Sizes& s : {Sizes{1, 1024, 1}, {3, 1300, 5}, {33, 2000, 100}, {128, 1024, 48}, {256, 1100, 20}}) {
    for (const MatmulOptions& options : {MatmulOptions{false, false}, {true, false}}) {
      if (!options.transpose_a && (s.m == 1 || s.n == 1)) continue;
      const double error = 1e-6 * static_cast<double>(s.k);
      Tensors in = operands(s, options, DType::float32);
      expect_agrees(make_simd_deep_matmul, Matmul(options), in, 0, error);
      in.push_back(sample({{s.n}, DType::float32}, 3));
      for (const char* activation : {"", "relu", "sigmoid"}) {
        const FusedProduct op(std::make_shared<Matmul>(options), true, activation);
        expect_agrees(make_simd_deep_fused_matmul, op, in, 4, error);
      }
    }
  }
}

TEST(SimdMatmul, TakesForDeepWhatIsSmallBesideItsDepth) {
  const auto reason = [](const Shape& a, const Shape& b, MatmulOptions options) {
    const std::vector<Spec> in = {{a, DType::float32}, {b, DType::float32}};
    const Matmul op(options);
    const std::vector<Spec> out = op.infer(in);
    Refusal why;
    const auto kernel = make_simd_deep_matmul({op, in, out}, why);
    return kernel ? std::string(kernel->implementation()) : why.reason();
  };
  EXPECT_EQ(reason({50, 784}, {784, 50}, {}), "deep");
  EXPECT_NE(reason({50, 784}, {784, 500}, {}).find("not deep"), std::string::npos);
  EXPECT_NE(reason({300, 784}, {784, 10}, {}).find("not stay near"), std::string::npos);
  EXPECT_NE(reason({50, 784}, {784, 1}, {}).find("vector"), std::string::npos);
  EXPECT_NE(reason({1, 784}, {784, 50}, {}).find("vector"), std::string::npos);
  EXPECT_EQ(reason({1024, 50}, {1024, 1}, {.transpose_a = true}), "deep");
  EXPECT_NE(reason({5, 256}, {256, 10}, {}).find("not deep"), std::string::npos);
  EXPECT_NE(reason({50, 784}, {50, 784}, {.transpose_b = true}).find("transposed"), std::string::npos);
}

TEST(SimdMatmul, KeepsFewPartialResultsOfLargeDeepProducts) {
  const std::vector<Spec> in = {{{256, 100'000}, DType::float32}, {{100'000, 256}, DType::float32}};
  const Matmul op(MatmulOptions{});
  const std::vector<Spec> out = op.infer(in);
  Refusal why;
  const auto kernel = make_simd_deep_matmul({op, in, out}, why);
  ASSERT_NE(kernel, nullptr);
  EXPECT_LE(kernel->scratch_bytes(), int64_t{8} << 20);
  EXPECT_GE(kernel->pieces(0), 8);
}

TEST(PackedMatmul, AgreesForAnyNumberOfColumnsAndTerms) {
  for (const Sizes& s :
       {Sizes{1, 1, 1}, {1, 3, 16}, {1, 7, 17}, {1, 20, 33}, {1, 784, 500}, {1, 501, 64}, {1, 9, 129}}) {
    const double error = 1e-6 * static_cast<double>(s.k + 8);
    Tensors in = operands(s, {}, DType::float32);
    expect_agrees(with_lasting_weights<make_packed_matmul>, Matmul(MatmulOptions{}), in, 0, error);
    in.push_back(sample({{s.n}, DType::float32}, 3));
    for (const char* activation : {"", "relu", "sigmoid"}) {
      const FusedProduct op(std::make_shared<Matmul>(MatmulOptions{}), true, activation);
      expect_agrees(with_lasting_weights<make_packed_fused_matmul>, op, in, 4, error);
    }
  }
}

TEST(PackedMatmul, IsForOneRowAndWeightsThatStay) {
  const auto reason = [](const Shape& a, const Shape& b, MatmulOptions options, bool lasts, bool often) {
    const std::vector<Spec> in = {{a, DType::float32}, {b, DType::float32}};
    const Matmul op(options);
    const std::vector<Spec> out = op.infer(in);
    Refusal why;
    const auto kernel =
        make_packed_matmul({.op = op, .in = in, .out = out, .lasting_in = {false, lasts}, .runs_often = often}, why);
    return kernel ? std::string(kernel->implementation()) : why.reason();
  };
  EXPECT_EQ(reason({1, 5}, {5, 3}, {}, true, true), "packed");
  EXPECT_NE(reason({2, 5}, {5, 3}, {}, true, true).find("one row"), std::string::npos);
  EXPECT_NE(reason({1, 5}, {3, 5}, {.transpose_b = true}, true, true).find("plain"), std::string::npos);
  EXPECT_NE(reason({1, 5}, {5, 3}, {}, false, true).find("stay"), std::string::npos);
  EXPECT_NE(reason({1, 5}, {5, 3}, {}, true, false).find("often"), std::string::npos);
}

TEST(SimdMatmul, FinishesWithBiasAndAnyActivation) {
  for (const Sizes& s : {Sizes{50, 30, 100}, {1, 40, 60}, {33, 20, 1}, {20, 700, 200}}) {
    for (const MatmulOptions& options : {MatmulOptions{false, false}, {true, false}, {false, true}, {true, true}}) {
      for (const char* activation : {"", "relu", "sigmoid", "softplus", "negative"}) {
        const FusedProduct op(std::make_shared<Matmul>(options), true, activation);
        Tensors in = operands(s, options, DType::float32);
        in.push_back(sample({{s.n}, DType::float32}, 3));
        expect_agrees(make_simd_fused_matmul, op, in, 4, 1e-6 * static_cast<double>(s.k + 8));
      }
    }
  }
}

TEST(SimdMatmul, RefusesIntegersAndConditions) {
  const std::vector<Spec> in = {Spec{{2, 2}, DType::float32}, Spec{{2, 2}, DType::float32}}, out = {in[0]};
  Refusal why;
  const FusedProduct op(std::make_shared<Matmul>(MatmulOptions{}), false, "isnan");
  EXPECT_EQ(make_simd_fused_matmul({op, in, out}, why), nullptr);
  EXPECT_NE(why.reason().find("isnan"), std::string::npos);
}

}  // namespace hebb::simd
