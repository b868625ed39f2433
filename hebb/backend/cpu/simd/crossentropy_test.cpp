#include "hebb/ops/crossentropy.h"

#include <gtest/gtest.h>

#include <limits>

#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/backend/cpu/simd/simd_testing.h"

namespace hebb::simd {
namespace {

Tensor labels(int64_t rows, int64_t classes, DType dtype) {
  return sample({{rows}, dtype}, 2, {-1, static_cast<double>(classes)});  // the ends are no classes
}

}  // namespace

TEST(SimdCrossentropy, AgreesWithTheReferenceInAllLengths) {
  const SoftmaxCrossentropy forward(1);
  const SoftmaxCrossentropyBackward backward(1);
  for (int64_t classes : {1, 2, 10, 16, 17, 100, 1000, 5003}) {
    const Tensor x = sample({{70, classes}, DType::float32}, 1, {-10, 10}), p = sample(x.spec(), 3, {0, 1}),
                 g = sample({{70}, DType::float32}, 4);
    const Tensor shares = sample(x.spec(), 5, {0, 2 / static_cast<double>(classes)});  // of about 1 a row
    for (const Tensor& targets : {labels(70, classes, DType::int32), labels(70, classes, DType::int64), shares}) {
      expect_agrees(make_simd_softmax_crossentropy, forward, {x, targets}, 128, 4e-6);
      expect_agrees(make_simd_softmax_crossentropy_backward, backward, {p, targets, g}, 16, 4e-6);
    }
  }
}

TEST(SimdCrossentropy, HandlesLargeNumbersInfinitiesAndNaN) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x =
      Tensor::from({1000, 999, -1000, 0, -inf, 1, 2, 3, -inf, -inf, -inf, -inf, nan, 1, 2, 3, inf, 1, 2, 3}, {5, 4});
  for (int label = -1; label < 5; ++label) {
    const Tensor y = Tensor::from(std::vector<int32_t>(5, label));
    expect_agrees(make_simd_softmax_crossentropy, SoftmaxCrossentropy(1), {x, y}, 16, 1e-6);
  }
}

TEST(SimdCrossentropy, BackwardWritesOverProbabilitiesAndTargets) {
  const SoftmaxCrossentropyBackward op(1);
  const Tensor p = sample({{9, 137}, DType::float32}, 1, {0, 1}), t = sample(p.spec(), 2, {0, 1}),
               g = sample({{9}, DType::float32}, 3);
  const auto maker = make_simd_softmax_crossentropy_backward;
  for_each_target([&] {
    for (int in : {0, 1}) expect_same(run_in_place(maker, op, {p, t, g}, in), run(maker, op, {p, t, g})[0]);
    const Tensor y = labels(9, 137, DType::int32);
    expect_same(run_in_place(maker, op, {p, y, g}, 0), run(maker, op, {p, y, g})[0]);
  });
}

}  // namespace hebb::simd
