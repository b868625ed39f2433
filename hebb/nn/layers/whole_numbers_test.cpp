#include "hebb/nn/layers/whole_numbers.h"

#include <gtest/gtest.h>

#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

/// No float32 lies between 2^24 and 2^24 + 2, no bfloat16 between 256 and 258.
constexpr int32_t large = (1 << 24) + 1, above_bfloat16 = 257;

Tensor pairs(int32_t x) { return Tensor::from(std::vector<int32_t>{x, 0, 1, x}, {2, 2}); }

TEST(WholeNumbers, StayWhereValuesAreMovedAbout) {
  const Tensor steps = reshape(pairs(large), {2, 2, 1});
  for (const auto& [layer, x] : std::vector<std::pair<Layer, Tensor>>{{Flatten(), steps},
                                                                      {Reshape({1, 2}), pairs(large)},
                                                                      {Permute({2, 1}), steps},
                                                                      {RepeatVector(2), pairs(large)},
                                                                      {IdentityLayer(), pairs(large)},
                                                                      {ZeroPadding1D(1), steps},
                                                                      {Cropping1D(Ends{0, 1}), steps},
                                                                      {TimeDistributed(Flatten()), steps}}) {
    const Tensor y = layer(x);
    EXPECT_EQ(y.dtype(), DType::int32) << layer.class_name();
    EXPECT_EQ(max(y).item(), large) << layer.class_name();
  }
  const Tensor x = pairs(large), ones = pairs(1);
  for (const Layer& layer : {Add(), Subtract(), Multiply(), Maximum(), Minimum(), Concatenate()})
    EXPECT_EQ(layer(Tensors{x, ones}).dtype(), DType::int32) << layer.class_name();
  EXPECT_EQ(max(Multiply()(Tensors{x, ones})).item(), large);
  // Among real numbers they are such.
  EXPECT_EQ(Concatenate()(Tensors{x, cast(x, DType::float32)}).dtype(), DType::float32);
  EXPECT_EQ(Average()(Tensors{ones, pairs(2)}).to_vector<float>(), (std::vector<float>{1.5f, 0, 1, 1.5f}));
  EXPECT_EQ(Dense(1)(x).dtype(), DType::float32);
}

/// The number of a row, which a policy of 16 bits would round.
TEST(WholeNumbers, FindTheirRowsUnderMixedPolicies) {
  const Tensor x = reshape(pairs(above_bfloat16), {2, 2, 1});
  const auto row_of = [&](const Layer& table, const Layer& layer) {
    layer(x);
    std::vector<float> rows(300, 0);
    rows[above_bfloat16] = 1;
    assign(table.weights().front(), Tensor::from(rows, {300, 1}));
    return layer(x).to_vector<float>().front();
  };
  const Layer first = Embedding(300, 1), second = Embedding(300, 1), third = Embedding(300, 1);
  EXPECT_EQ(row_of(first, TimeDistributed(first, {.dtype = "mixed_bfloat16"})), 1);
  EXPECT_EQ(row_of(second,
                   Sequential({Input({2, 1}, {.dtype = DType::int32}), Flatten({.dtype = "mixed_bfloat16"}), second})),
            1);
  EXPECT_EQ(row_of(third, TimeDistributed(Sequential({Input({1}, {.dtype = DType::int32}), third}),
                                          {.dtype = "mixed_bfloat16"})),
            1);
}

/// As in Keras, whose result is of the type of the inputs.
TEST(WholeNumbers, ComeOutOfSpectralNormalization) {
  const Tensor x = pairs(1);
  EXPECT_EQ(SpectralNormalization(Embedding(2, 3))(x).dtype(), DType::int32);
  EXPECT_EQ(SpectralNormalization(Embedding(2, 3))(cast(x, DType::float32)).dtype(), DType::float32);
}

}  // namespace
}  // namespace hebb
