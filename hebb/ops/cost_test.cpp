#include "hebb/ops/cost.h"

#include <gtest/gtest.h>

#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/pool.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/samples.h"

namespace hebb {
namespace {

Cost cost(const Op& op, const std::vector<Spec>& in) { return cost_of(op, in, op.infer(in)); }

ConvOptions two_axes(int64_t stride, int64_t padding, int64_t groups = 1) {
  return {.strides = {stride, stride},
          .low = {padding, padding},
          .high = {padding, padding},
          .dilations = {1, 1},
          .groups = groups};
}

TEST(Cost, Products) {
  // (50, 784) x (784, 1000), whichever way round the operands lie.
  const double flops = 2.0 * 50 * 784 * 1000, bytes = 4.0 * (50 * 784 + 784 * 1000 + 50 * 1000);
  EXPECT_EQ(cost(Matmul({}), {Spec{{50, 784}}, Spec{{784, 1000}}}).flops, flops);
  EXPECT_EQ(cost(Matmul({.transpose_a = true}), {Spec{{784, 50}}, Spec{{784, 1000}}}).flops, flops);
  EXPECT_EQ(cost(Matmul({.transpose_b = true}), {Spec{{50, 784}}, Spec{{1000, 784}}}).flops, flops);
  EXPECT_EQ(cost(Matmul({}), {Spec{{50, 784}}, Spec{{784, 1000}}}).bytes, bytes);
  EXPECT_EQ(cost(Matmul({}), {Spec{{3, 50, 784}}, Spec{{3, 784, 1000}}}).flops, 3 * flops);
}

TEST(Cost, TheThreePassesOfAConvolutionCostTheSame) {
  // The second layer of the MNIST network.
  const Spec x{{32, 24, 24, 32}}, kernel{{5, 5, 32, 32}}, y{{32, 20, 20, 32}};
  const ConvOptions options = two_axes(1, 0);
  const double flops = 2.0 * (32 * 20 * 20) * (5 * 5 * 32) * 32;
  EXPECT_EQ(cost(Conv(options), {x, kernel}).flops, flops);
  EXPECT_EQ(cost(ConvBackwardInput(options, x.shape), {y, kernel}).flops, flops);
  EXPECT_EQ(cost(ConvBackwardKernel(options, kernel.shape), {x, y}).flops, flops);
}

TEST(Cost, StridesAndGroupsDivideAConvolution) {
  // Padding counts: 16 x 16 places, each with all of its 3 x 3 taps.
  const Spec x{{1, 32, 32, 16}};
  EXPECT_EQ(cost(Conv(two_axes(2, 1)), {x, Spec{{3, 3, 16, 32}}}).flops, 2.0 * 16 * 16 * 9 * 16 * 32);
  EXPECT_EQ(cost(Conv(two_axes(2, 1, 16)), {x, Spec{{3, 3, 1, 16}}}).flops, 2.0 * 16 * 16 * 9 * 16);
}

TEST(Cost, FusingAddsBiasAndActivation) {
  const std::vector<Spec> in = {Spec{{50, 784}}, Spec{{784, 10}}, Spec{{10}}};
  const FusedProduct fused(std::make_shared<Matmul>(MatmulOptions{}), true, "relu");
  EXPECT_EQ(cost(fused, in).flops, 2.0 * 50 * 784 * 10 + 2 * 50 * 10);
}

TEST(Cost, EveryStepOfAFusedLoopCountsOnceButCasts) {
  const auto add = std::make_shared<Elementwise>(elementwise_record("add"));
  const auto square = std::make_shared<Elementwise>(elementwise_record("square"));
  const auto widen = std::make_shared<Cast>(DType::float32);
  const FusedElementwise fused(2, {{widen, {1}}, {add, {0, 2}}, {square, {3}}}, {4}, Shape{6, 7});
  const Cost found = cost(fused, {Spec{{6, 7}}, Spec{{7}, DType::uint8}});
  EXPECT_EQ(found.flops, 2 * 42);
  EXPECT_EQ(found.bytes, 42 * 4 + 7 + 42 * 4);
}

TEST(Cost, WindowsAndReductions) {
  const PoolOptions options{.window = {2, 2}, .strides = {2, 2}, .low = {0, 0}, .high = {0, 0}};
  EXPECT_EQ(cost(MaxPool(options), {Spec{{1, 4, 6, 8}}}).flops, 4 * 6 * 8);
  EXPECT_EQ(cost(MaxPoolBackward(options), {Spec{{1, 4, 6, 8}}, Spec{{1, 2, 3, 8}}}).flops, 4 * 6 * 8);
  EXPECT_EQ(cost(Reduce(Reduce::Kind::sum, {0}, false), {Spec{{30, 7}}}).flops, 210);
  EXPECT_EQ(cost(SoftmaxOp(false, 1), {Spec{{30, 7}}}).flops, 1050);
}

TEST(Cost, OnlyWhatIsReadCounts) {
  // Three rows of a large table.
  const Cost rows = cost(Gather(), {Spec{{100000, 16}}, Spec{{3}, DType::int32}});
  EXPECT_EQ(rows.flops, 0);
  EXPECT_EQ(rows.bytes, 2 * 3 * 16 * 4 + 3 * 4);
}

/// An operation whose arithmetic nobody wrote down would disappear from the profile's rates.
TEST(Cost, IsKnownOfEveryOperation) {
  for (const OperationRecord& record : operation_records()) {
    for (const Sample& sample : record.samples()) {
      EXPECT_TRUE(has_known_cost(*sample.op)) << "add a row for '" << sample.op->name() << "' to hebb/ops/cost.cpp";
      if (!has_known_cost(*sample.op)) break;
      std::vector<Spec> in;
      for (const Tensor& input : sample.inputs) in.push_back(input.spec());
      const std::vector<Spec> out = sample.op->infer(in);
      const Cost found = cost_of(*sample.op, in, out);
      EXPECT_GE(found.flops, 0) << record.name;
      EXPECT_GE(found.bytes, 0) << record.name;
    }
  }
}

}  // namespace
}  // namespace hebb
