#include <gtest/gtest.h>

#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/backend/cpu/simd/simd_testing.h"
#include "hebb/ops/random.h"

namespace hebb::simd {

TEST(SimdRandom, HasTheBitsOfTheReference) {
  for (int64_t size : {0, 1, 15, 16, 63, 64, 65, 100, 1000, 40000}) {
    for (int64_t seed : {int64_t{0}, int64_t{42}, int64_t{-7}, int64_t{0x123456789abcdef}}) {
      const Tensor state = random_state(seed, seed * 3 + 1);
      expect_agrees(make_simd_random, Random(Random::Kind::uniform, Shape{size}), {state});
      expect_agrees(make_simd_random, Random(Random::Kind::normal, Shape{size}), {state});
      for (double p : {0.0, 0.1, 0.5, 0.99999999, 1.0}) {
        expect_agrees(make_simd_random, Random(Random::Kind::bernoulli, Shape{size}, p), {state});
      }
    }
  }
}

}  // namespace hebb::simd
