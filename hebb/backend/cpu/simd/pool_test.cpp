#include <gtest/gtest.h>

#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/backend/cpu/simd/simd_testing.h"
#include "hebb/ops/pool.h"

namespace hebb::simd {

namespace {

struct Case {
  Shape x;
  PoolOptions options;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {{2, 8, 8, 32}, {{2, 2}, {2, 2}, {0, 0}, {0, 0}}},
      {{3, 9, 7, 6}, {{2, 2}, {2, 2}, {0, 0}, {0, 0}}},
      {{2, 9, 7, 17}, {{3, 3}, {2, 2}, {1, 1}, {1, 1}}},
      {{1, 5, 6, 1}, {{2, 3}, {1, 1}, {1, 2}, {1, 2}}},
      {{2, 10, 3}, {{3}, {2}, {1}, {0}}},
      {{2, 6, 6, 48}, {{2, 2}, {3, 3}, {0, 0}, {0, 0}}},
      {{2, 150, 140, 4}, {{2, 2}, {2, 2}, {0, 0}, {0, 0}}},
      {{0, 4, 4, 8}, {{2, 2}, {2, 2}, {0, 0}, {0, 0}}},
      {{9, 24, 24, 32}, {{3, 2}, {2, 2}, {1, 0}, {0, 1}}},
  };
  return all;
}

Shape pooled(const Case& c) {
  const std::vector<Spec> in = {{c.x, DType::float32}};
  return MaxPool(c.options).infer(in)[0].shape;
}

}  // namespace

TEST(SimdPool, AgreesWithTheReference) {
  for (const Case& c : cases()) {
    const Tensor x = sample({c.x, DType::float32}, 1), values = sample({c.x, DType::float32}, 2);
    const Tensor dout = sample({pooled(c), DType::float32}, 3);
    expect_agrees(make_simd_max_pool, MaxPool(c.options), {x});
    expect_agrees(make_simd_max_pool_pick, MaxPoolPick(c.options), {x, values});
    expect_agrees(make_simd_max_pool_backward, MaxPoolBackward(c.options), {x, dout}, 4, 1e-6);
    expect_agrees(make_simd_average_pool, AveragePool(c.options), {x}, 4, 1e-6);
    expect_agrees(make_simd_average_pool_backward, AveragePoolBackward(c.options, c.x), {dout}, 4, 1e-6);
  }
}

TEST(SimdPool, SendsGradientsToTheFirstMaximum) {
  for (const Case& c : cases()) {
    // Few different values: ties in most windows.
    const Tensor x = Tensor::from(sample({c.x, DType::int32}, 1, {0, 3}).to_vector<float>(), c.x);
    const Tensor dout = Tensor::from(sample({pooled(c), DType::int32}, 2, {-9, 9}).to_vector<float>(), pooled(c));
    expect_agrees(make_simd_max_pool_backward, MaxPoolBackward(c.options), {x, dout});
    expect_agrees(make_simd_max_pool_pick, MaxPoolPick(c.options), {x, sample({c.x, DType::float32}, 3)});
  }
}

TEST(SimdPool, TakesNaNForTheLargest) {
  for (const Case& c : cases()) {
    const Tensor x = sample({c.x, DType::float32}, 1, {}, true);
    expect_agrees(make_simd_max_pool, MaxPool(c.options), {x});
    expect_agrees(make_simd_max_pool_backward, MaxPoolBackward(c.options),
                  {x, Tensor::from(sample({pooled(c), DType::int32}, 2, {-9, 9}).to_vector<float>(), pooled(c))});
  }
}

TEST(SimdPool, RefusesOtherTypesAndThreeAxes) {
  for (const Spec& spec : {Spec{{1, 4, 4, 2}, DType::float64}, Spec{{1, 4, 4, 4, 2}, DType::float32}}) {
    const size_t axes = static_cast<size_t>(spec.shape.rank()) - 2;
    const std::vector<int64_t> two(axes, 2), zero(axes, 0);
    const MaxPool op({two, two, zero, zero});
    const std::vector<Spec> in = {spec}, out = op.infer(in);
    Refusal why;
    EXPECT_EQ(make_simd_max_pool({op, in, out}, why), nullptr);
    EXPECT_FALSE(why.reason().empty());
  }
}

}  // namespace hebb::simd
