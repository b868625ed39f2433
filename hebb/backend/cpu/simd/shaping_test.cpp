#include <gtest/gtest.h>

#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/backend/cpu/simd/simd_testing.h"
#include "hebb/ops/shaping.h"

namespace hebb::simd {

namespace {
constexpr DType types[] = {DType::float32, DType::float64, DType::uint8};
}

TEST(SimdShaping, BroadcastsEveryWay) {
  struct Case {
    Shape from, to;
  };
  for (const auto& [from, to] : {Case{{}, {7, 5}},
                                 {{5}, {7, 5}},
                                 {{7, 1}, {7, 5}},
                                 {{3, 1, 4}, {3, 6, 4}},
                                 {{1, 9, 1}, {40, 9, 33}},
                                 {{}, {100000}},
                                 {{4, 0}, {4, 0}},
                                 {{2, 3}, {2, 3}}}) {
    for (DType dtype : types)
      expect_agrees(make_simd_broadcast_to, BroadcastTo(to), {sample({from, dtype}, 1, {0, 200})});
  }
}

TEST(SimdShaping, Transposes) {
  struct Case {
    Shape shape;
    std::vector<int64_t> axes;
  };
  for (const auto& [shape, axes] : {Case{{3, 5}, {1, 0}},
                                    {{8, 8}, {1, 0}},
                                    {{100, 37}, {1, 0}},
                                    {{129, 300}, {1, 0}},
                                    {{2, 28, 31, 3}, {0, 3, 1, 2}},
                                    {{2, 3, 28, 31}, {0, 2, 3, 1}},
                                    {{4, 5, 6}, {2, 1, 0}},
                                    {{4, 50, 60}, {1, 0, 2}},
                                    {{4, 50, 60}, {2, 0, 1}},
                                    {{3, 4, 5, 2, 6}, {4, 2, 0, 3, 1}},
                                    {{0, 3}, {1, 0}},
                                    {{1, 7, 1}, {2, 1, 0}}}) {
    for (DType dtype : types)
      expect_agrees(make_simd_transpose, Transpose(axes), {sample({shape, dtype}, 1, {0, 200})});
  }
}

TEST(SimdShaping, SlicesAndReverses) {
  for (DType dtype : types) {
    const Tensor x = sample({{6, 50, 20}, dtype}, 1, {0, 200});
    expect_agrees(make_simd_slice, Slice({1, 3, 0}, {5, 47, 20}, {1, 1, 1}), {x});
    expect_agrees(make_simd_slice, Slice({0, 0, 2}, {6, 50, 19}, {2, 3, 5}), {x});
    expect_agrees(make_simd_slice, Slice({2, 0, 0}, {2, 50, 20}, {1, 1, 1}), {x});
    expect_agrees(make_simd_reverse, Reverse({0}), {x});
    expect_agrees(make_simd_reverse, Reverse({2}), {x});
    expect_agrees(make_simd_reverse, Reverse({1, 2}), {x});
    expect_agrees(make_simd_reverse, Reverse({-1, 0}), {x});
  }
}

TEST(SimdShaping, Concatenates) {
  for (DType dtype : types) {
    expect_agrees(make_simd_concatenate, ConcatenateOp(1),
                  {sample({{4, 3, 7}, dtype}, 1, {0, 200}), sample({{4, 1, 7}, dtype}, 2, {0, 200}),
                   sample({{4, 0, 7}, dtype}, 3, {0, 200})});
    expect_agrees(make_simd_concatenate, ConcatenateOp(0),
                  {sample({{300, 1000}, dtype}, 1, {0, 200}), sample({{211, 1000}, dtype}, 2, {0, 200})});
    expect_agrees(make_simd_concatenate, ConcatenateOp(2),
                  {sample({{4, 3000, 1}, dtype}, 1, {0, 200}), sample({{4, 3000, 2}, dtype}, 2, {0, 200})});
  }
}

TEST(SimdShaping, Pads) {
  for (DType dtype : types) {
    const Tensor x = sample({{3, 14, 15, 4}, dtype}, 1, {0, 200});
    expect_agrees(make_simd_pad, Pad({0, 1, 2, 0}, {0, 2, 1, 0}, {0, 0, 0, 0}), {x});
    expect_agrees(make_simd_pad, Pad({0, 1, 0, 0}, {0, 0, 0, 0}, {0, 1, 2, 0}), {x});
    expect_agrees(make_simd_pad, Pad({1, 0, 0, 3}, {0, 0, 0, 1}, {0, 0, 0, 1}), {x});
    expect_agrees(make_simd_pad, Pad({0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}), {x});
    expect_agrees(make_simd_pad, Pad({2, 1}, {2, 1}, {0, 0}), {sample({{0, 4}, dtype}, 1)});
    expect_agrees(make_simd_pad, Pad({}, {}, {}), {sample({{}, dtype}, 1)});
  }
}

TEST(SimdShaping, CopiesInPlaceOnlyWhereNothingMoves) {
  const Tensor x = sample({{30, 40}, DType::float32}, 1);
  expect_same(run_in_place(make_simd_copy, ReshapeOp(Shape{1200}), {x}, 0),
              run_reference(ReshapeOp(Shape{1200}), {x})[0]);
  const std::vector<Spec> in = {x.spec()};
  const Transpose op({1, 0});
  const std::vector<Spec> out = op.infer(in);
  Refusal why;
  EXPECT_FALSE(make_simd_transpose({op, in, out}, why)->may_overwrite(0, 0));
}

}  // namespace hebb::simd
