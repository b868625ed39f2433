#include "hebb/ops/op.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;

TEST(Attributes, TextAndKey) {
  const Attributes attributes = {
      {"axes", std::vector<int64_t>{1, 0}}, {"keepdims", true}, {"rate", 0.5}, {"kind", std::string("a")}};
  EXPECT_EQ(attributes.to_string(), "axes=[1, 0], keepdims=true, rate=0.5, kind=a");
  EXPECT_EQ(attributes.key(), "axes=[1, 0];keepdims=true;rate=0.5;kind=a;");
  EXPECT_EQ(Attributes().to_string(), "");
}

TEST(Attributes, ConstantTensorsAreShownAndKeyedByAddress) {
  const Tensor a = zeros({2}), b = zeros({2});
  const Attributes with_a = {{"table", a}}, with_b = {{"table", b}};
  EXPECT_EQ(with_a.to_string(), "table=float32(2,) [0, 0]");
  EXPECT_NE(with_a.key(), with_b.key());
  EXPECT_EQ(with_a.key(), (Attributes{{"table", a}}.key()));
}

TEST(Apply, SymbolicTensorsBelongIntoLayers) {
  auto body = std::make_shared<TensorBody>();
  body->spec = {{Shape::unknown, 3}, DType::float32};
  body->symbol = std::make_shared<Symbol>();
  EXPECT_THROW(exp(Tensor(body)), NotSupported);
}

TEST(Apply, TracedTensorsEndWithTheirTrace) {
  auto body = std::make_shared<TensorBody>();
  body->spec = {{3}, DType::float32};
  EXPECT_THROW(exp(Tensor(body)), InvalidArgument);
}

TEST(Apply, OnlyWhatDependsOnVariablesIsOnTheTape) {
  const Tensor x = ones({2}), v = variable(ones({2}));
  EXPECT_EQ(exp(x).body()->producer, nullptr);
  const Tensor y = exp(v);
  ASSERT_NE(y.body()->producer, nullptr);
  EXPECT_EQ((x + y).body()->producer->op->name(), "add");
  const NoTape no_tape;
  EXPECT_EQ(exp(v).body()->producer, nullptr);
}

TEST(Apply, ManyOperationsCanBeForgotten) {
  Tensor x = variable(zeros({}));
  Tensor y = x;
  for (int i = 0; i < 200'000; ++i) y = reshape(y, i % 2 == 0 ? Shape{1} : Shape{});
  y = Tensor();  // must not overflow the stack
  EXPECT_EQ(x.body().use_count(), 1);
}

TEST(Assign, WritesVariablesAlone) {
  Tensor v = variable(zeros({2}));
  assign(v, Tensor{1.f, 2.f});
  EXPECT_EQ(v.to_vector<float>(), (Floats{1, 2}));
  v += 1.0;
  v *= Tensor{2.f, 3.f};
  v -= 1.0;
  v /= 3.0;
  EXPECT_EQ(v.to_vector<float>(), (Floats{1, 8.f / 3}));
  EXPECT_THROW(assign(zeros({2}), zeros({2})), InvalidArgument);
  EXPECT_THROW(assign(v, zeros({3})), InvalidArgument);
}

TEST(Assign, OtherTensorsKeepTheirValues) {
  Tensor x = ones({2});
  const Tensor before = x;
  x += 1.0;
  EXPECT_EQ(x.to_vector<float>(), (Floats{2, 2}));
  EXPECT_EQ(before.to_vector<float>(), (Floats{1, 1}));
}

TEST(Promotion, OperandsMeetInTheLargerType) {
  const Tensor u = ones({2}, DType::uint8), i = ones({2}, DType::int32), f = ones({2}), d = ones({2}, DType::float64);
  EXPECT_EQ((u + i).dtype(), DType::int32);
  EXPECT_EQ((i + f).dtype(), DType::float32);
  EXPECT_EQ((f + d).dtype(), DType::float64);
  EXPECT_EQ((u / u).dtype(), DType::float32);
  EXPECT_EQ(exp(i).dtype(), DType::float32);
  EXPECT_EQ(logical_and(i, f).dtype(), DType::boolean);
  EXPECT_EQ(mean(i).dtype(), DType::float32);
  EXPECT_EQ(sum(greater(i, 0.0)).dtype(), DType::int32);
  EXPECT_EQ(matmul(ones({2, 2}, DType::int32), ones({2, 2}, DType::uint8)).dtype(), DType::float32);
}

TEST(Promotion, NumbersTakeTheTensorsType) {
  const Tensor i = ones({2}, DType::int32), d = ones({2}, DType::float64);
  EXPECT_EQ((i + 1.0).dtype(), DType::int32);
  EXPECT_EQ((i + 0.5).dtype(), DType::float32);
  EXPECT_EQ((d * 0.1).dtype(), DType::float64);
  EXPECT_EQ((d * 0.1).data<double>()[0], 0.1);
  EXPECT_EQ((ones({2}, DType::boolean) + 1.0).dtype(), DType::int32);
}

TEST(Derived, MeanAndVariance) {
  const Tensor x = Tensor::from({1.f, 2.f, 3.f, 4.f, 5.f, 9.f}, {2, 3});
  EXPECT_EQ(mean(x).item(), 4);
  EXPECT_EQ(mean(x, {.axes = {1}}).to_vector<float>(), (Floats{2, 6}));
  EXPECT_EQ(variance(x, {.axes = {0}}).to_vector<float>(), (Floats{2.25f, 2.25f, 9}));
  EXPECT_EQ(mean(x, {.axes = {0}, .keepdims = true}).shape(), (Shape{1, 3}));
  EXPECT_EQ(sum(Tensor::scalar(3)).item(), 3);
}

TEST(Derived, SumToUndoesBroadcasting) {
  const Tensor x = ones({2, 3, 4});
  EXPECT_EQ(sum_to(x, {3, 1}).to_vector<float>(), (Floats{8, 8, 8}));
  EXPECT_EQ(sum_to(x, {}).item(), 24);
  EXPECT_EQ(sum_to(x, {2, 3, 4}).shape(), (Shape{2, 3, 4}));
  EXPECT_EQ(sum_to(ones({1, 1}), {1}).shape(), (Shape{1}));
}

TEST(Derived, MatmulOfVectorsAndBatches) {
  const Tensor a = Tensor::from({1.f, 2.f, 3.f, 4.f}, {2, 2}), v = Tensor{1.f, 10.f};
  EXPECT_EQ(matmul(v, v).item(), 101);
  EXPECT_EQ(matmul(v, v).rank(), 0);
  EXPECT_EQ(matmul(a, v).to_vector<float>(), (Floats{21, 43}));
  EXPECT_EQ(matmul(v, a).to_vector<float>(), (Floats{31, 42}));
  EXPECT_EQ(matmul(v, a, {.transpose_b = true}).to_vector<float>(), (Floats{21, 43}));
  EXPECT_EQ(matmul(a, v, {.transpose_a = true}).to_vector<float>(), (Floats{31, 42}));
  EXPECT_EQ(matmul(ones({2, 3, 4}), ones({4, 5})).shape(), (Shape{2, 3, 5}));
  EXPECT_EQ(matmul(ones({4, 5}), ones({2, 5, 3})).shape(), (Shape{2, 4, 3}));
  EXPECT_EQ(matmul(ones({7, 1, 4, 5}), ones({2, 5, 3})).shape(), (Shape{7, 2, 4, 3}));
}

TEST(Derived, ShapingShortCuts) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(reshape(x, {-1}).shape(), (Shape{6}));
  EXPECT_EQ(reshape(x, {3, -1}).shape(), (Shape{3, 2}));
  EXPECT_EQ(reshape(x, {2, 3}).body(), x.body());
  EXPECT_EQ(broadcast_to(x, {2, 3}).body(), x.body());
  EXPECT_EQ(transpose(x, {0, 1}).body(), x.body());
  EXPECT_EQ(transpose(x).shape(), (Shape{3, 2}));
  EXPECT_EQ(expand_dims(x, -1).shape(), (Shape{2, 3, 1}));
  EXPECT_EQ(expand_dims(x, 0).shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(squeeze(zeros({2, 1, 3}), 1).shape(), (Shape{2, 3}));
  EXPECT_EQ(slice(arange(6), {-4}, {-1}).to_vector<float>(), (Floats{2, 3, 4}));
  EXPECT_EQ(concatenate({x}).body(), x.body());
}

TEST(SamePadding, IsTensorFlows) {
  using Pair = std::pair<int64_t, int64_t>;
  EXPECT_EQ(same_padding(28, 5, 1), (Pair{2, 2}));
  EXPECT_EQ(same_padding(28, 3, 2), (Pair{0, 1}));
  EXPECT_EQ(same_padding(27, 3, 2), (Pair{1, 1}));
  EXPECT_EQ(same_padding(5, 2, 1), (Pair{0, 1}));
  EXPECT_EQ(same_padding(4, 1, 2), (Pair{0, 0}));
  EXPECT_EQ(same_padding(10, 3, 1, 3), (Pair{3, 3}));
  for (int64_t size = 1; size < 20; ++size) {
    for (int64_t window = 1; window < 6; ++window) {
      for (int64_t stride = 1; stride < 4; ++stride) {
        const auto [low, high] = same_padding(size, window, stride);
        EXPECT_EQ(window_positions(size, window, stride, 1, low, high), (size + stride - 1) / stride);
      }
    }
  }
}

TEST(RandomNumbers, DependOnTheStateAlone) {
  const Tensor a = random_uniform(random_state(1, 2), {100}), b = random_uniform(random_state(1, 2), {10, 10});
  EXPECT_EQ(a.to_vector<float>(), b.to_vector<float>());
  EXPECT_NE(a.to_vector<float>(), random_uniform(random_state(1, 3), {100}).to_vector<float>());
  EXPECT_NE(a.to_vector<float>(), random_uniform(random_state(2, 2), {100}).to_vector<float>());
  // A longer draw begins with the shorter one.
  const Floats longer = random_uniform(random_state(1, 2), {1000}).to_vector<float>();
  EXPECT_TRUE(std::equal(longer.begin(), longer.begin() + 100, a.to_vector<float>().begin()));
}

TEST(RandomNumbers, HaveTheirDistribution) {
  const int64_t count = 200000;
  const Tensor normal = random::normal({count}, {.mean = 2, .stddev = 3, .seed = 5});
  EXPECT_NEAR(mean(normal).item(), 2, 0.03);
  EXPECT_NEAR(std::sqrt(variance(normal).item()), 3, 0.03);
  EXPECT_NEAR(mean(cast(less(abs(normal - 2.0), 3.0), DType::float32)).item(), 0.6827, 0.005);
  const Tensor uniform = random::uniform({count}, {.low = -1, .high = 3, .seed = 5});
  EXPECT_NEAR(mean(uniform).item(), 1, 0.02);
  EXPECT_NEAR(variance(uniform).item(), 16.0 / 12, 0.02);
  EXPECT_GE(min(uniform).item(), -1);
  EXPECT_LT(max(uniform).item(), 3);
  EXPECT_NEAR(mean(random_bernoulli(random_state(3), {count}, 0.3)).item(), 0.3, 0.005);
  EXPECT_EQ(sum(random_bernoulli(random_state(3), {count}, 0)).item(), 0);
  EXPECT_EQ(sum(random_bernoulli(random_state(3), {count}, 1)).item(), count);
}

TEST(RandomNumbers, APermutationHasEveryNumberOnce) {
  std::vector<int64_t> order = random::permutation(1000, 7).to_vector<int64_t>();
  EXPECT_NE(order, random::permutation(1000, 8).to_vector<int64_t>());
  EXPECT_NE(order, random::permutation(1000, 7, 1).to_vector<int64_t>());
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, arange(1000, DType::int64).to_vector<int64_t>());
  EXPECT_EQ(random::permutation(0, 1).size(), 0);
  EXPECT_EQ(random::permutation(1, 1).item(), 0);
}

}  // namespace
}  // namespace hebb
