// Products that take in what stands behind them, and elementwise operations that become one loop.
#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/passes_testing.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

// ---------------------------------------------------------------------------------------------------------- products

TEST(FuseProducts, TakesBiasAndActivationIn) {
  const Tensor w = variable(ones({4, 5})), b = variable(ones({5}));
  auto f = [&](const Tensors& in) { return Tensors{relu(matmul(in[0], w) + b)}; };
  const Graph graph = after(fuse_products, f, {matrix});
  ASSERT_EQ(operations(graph), Names{"fused_matmul"});
  const auto& fused = static_cast<const FusedProduct&>(*graph.nodes[0].op);
  EXPECT_TRUE(fused.has_bias());
  EXPECT_EQ(fused.activation(), "relu");
  const Tensor x = random::normal({3, 4}, {.seed = 3});
  expect_same(run(graph, {x}), run(trace(f, {matrix}), {x}), "fused");
}

TEST(FuseProducts, EitherAloneAndInEitherOrder) {
  const Tensor w = variable(ones({4, 5})), b = variable(ones({5})), k = variable(ones({2, 2, 3, 6}));
  EXPECT_EQ(
      operations(after(fuse_products, [&](const Tensors& in) { return Tensors{b + matmul(in[0], w)}; }, {matrix})),
      Names{"fused_matmul"});
  EXPECT_EQ(
      operations(after(fuse_products, [&](const Tensors& in) { return Tensors{tanh(matmul(in[0], w))}; }, {matrix})),
      Names{"fused_matmul"});
  EXPECT_EQ(operations(after(fuse_products, [&](const Tensors& in) { return Tensors{sigmoid(conv(in[0], k))}; },
                             {Spec{{1, 5, 5, 3}}})),
            Names{"fused_conv"});
}

// A residual block: what goes around the layers is added in the convolution that ends them. Of two convolutions that
// meet in an addition one takes the other's result.
TEST(FuseProducts, TakesAnAdditionIn) {
  const Tensor k = variable(random::normal({3, 3, 6, 6}, {.seed = 1})), b = variable(random::normal({6}, {.seed = 2})),
               side = variable(random::normal({1, 1, 6, 6}, {.seed = 3}));
  const Spec picture{{2, 7, 5, 6}};
  const ConvOptions same{.low = {1, 1}, .high = {1, 1}};
  const Tensor x = random::normal(picture.shape, {.seed = 4});
  const auto addends = [](const Graph& graph) {
    return std::count_if(graph.nodes.begin(), graph.nodes.end(), [](const Graph::Operation& node) {
      const auto* fused = dynamic_cast<const FusedProduct*>(node.op.get());
      return fused && fused->has_addend();
    });
  };
  auto block = [&](const Tensors& in) { return Tensors{relu(in[0] + (conv(in[0], k, same) + b))}; };
  const Graph graph = after(fuse_products, block, {picture});
  EXPECT_EQ(operations(graph), Names{"fused_conv"});
  EXPECT_EQ(addends(graph), 1);
  expect_same(run(graph, {x}), run(trace(block, {picture}), {x}), "block");

  auto two = [&](const Tensors& in) {
    const Tensor first = conv(in[0], k, same) + b, second = conv(in[0], side);
    return Tensors{relu(first + second)};
  };
  const Graph meeting = after(fuse_products, two, {picture});
  EXPECT_EQ(operations(meeting), (Names{"conv", "fused_conv"}));
  EXPECT_EQ(addends(meeting), 1);
  expect_same(run(meeting, {x}), run(trace(two, {picture}), {x}), "two convolutions");

  auto itself = [&](const Tensors& in) {
    const Tensor y = conv(in[0], k, same);
    return Tensors{y + y};
  };
  expect_same(run(after(fuse_products, itself, {picture}), {x}), run(trace(itself, {picture}), {x}), "itself");
}

TEST(FuseProducts, LeavesAProductThatOthersNeed) {
  const Tensor w = variable(ones({4, 5})), b = variable(ones({5}));
  auto by_a_reader = [&](const Tensors& in) {
    const Tensor y = matmul(in[0], w);
    return Tensors{relu(y + b), exp(y)};
  };
  EXPECT_EQ(operations(after(fuse_products, by_a_reader, {matrix})), (Names{"add", "exp", "matmul", "relu"}));
  auto by_an_output = [&](const Tensors& in) {
    const Tensor y = matmul(in[0], w);
    return Tensors{relu(y + b), y};
  };
  EXPECT_EQ(operations(after(fuse_products, by_an_output, {matrix})), (Names{"add", "matmul", "relu"}));
  // The sum before the activation is needed: the bias goes in, the activation does not.
  auto by_the_gradient = [&](const Tensors& in) {
    const Tensor y = matmul(in[0], w) + b;
    return Tensors{relu(y), y};
  };
  EXPECT_EQ(operations(after(fuse_products, by_the_gradient, {matrix})), (Names{"fused_matmul", "relu"}));
  const Tensor x = random::normal({3, 4}, {.seed = 3});
  for (const Function& f : {Function(by_a_reader), Function(by_an_output), Function(by_the_gradient)}) {
    expect_same(run(after(fuse_products, f, {matrix}), {x}), run(trace(f, {matrix}), {x}), "shared");
  }
}

TEST(FuseProducts, LeavesSumsThatAreNoBias) {
  const Tensor w = variable(ones({4, 3}));
  auto unfused = [&](const Function& f) {
    const Graph graph = after(fuse_products, f, {matrix});
    return std::none_of(graph.nodes.begin(), graph.nodes.end(),
                        [](const auto& node) { return node.op->name() == "fused_matmul"; });
  };
  const Tensor column = variable(ones({3, 1})), full_ = variable(ones({3, 3})), higher = variable(ones({2, 3, 3})),
               one = variable(ones({1}));
  EXPECT_TRUE(unfused([&](const Tensors& in) { return Tensors{matmul(in[0], w) + column}; }));
  EXPECT_TRUE(unfused([&](const Tensors& in) { return Tensors{matmul(in[0], w) + full_}; }));
  EXPECT_TRUE(unfused([&](const Tensors& in) { return Tensors{matmul(in[0], w) + higher}; }));
  EXPECT_TRUE(unfused([&](const Tensors& in) { return Tensors{matmul(in[0], w) + one}; }));
  EXPECT_TRUE(unfused([&](const Tensors& in) {
    const Tensor y = matmul(in[0], w);
    return Tensors{y + y};
  }));
  EXPECT_TRUE(unfused([&](const Tensors& in) { return Tensors{isnan(matmul(in[0], w))}; }))
      << "its result has another type";
}

TEST(FuseProducts, WaitsForABiasThatIsComputedLater) {
  const Tensor w = variable(ones({4, 4})), b = variable(Tensor{1, 2, 3, 4});
  auto f = [&](const Tensors& in) {
    const Tensor y = matmul(in[0], w);
    return Tensors{tanh(y + b * sum(in[0]))};
  };
  const Graph graph = after(fuse_products, f, {matrix});
  EXPECT_EQ(graph.nodes.size(), 3u) << graph.to_string();
  EXPECT_EQ(graph.nodes.back().op->name(), "fused_matmul") << "it stands where all that it needs has been made";
  const Tensor x = random::normal({3, 4}, {.stddev = 0.1, .seed = 3});
  expect_same(run(graph, {x}), run(trace(f, {matrix}), {x}), "late bias");
}

// -------------------------------------------------------------------------------------------------------- elementwise

TEST(FuseElementwise, JoinsAChain) {
  auto f = [](const Tensors& in) { return Tensors{tanh(exp(in[0]) * 2.0 + in[1])}; };
  const Graph graph = after(fuse_elementwise, f, {matrix, vector_of_4});
  EXPECT_EQ(operations(graph), Names{"fused_elementwise"});
  const Tensors x = {random::normal({3, 4}, {.seed = 1}), random::normal({4}, {.seed = 2})};
  expect_same(run(graph, x), run(trace(f, {matrix, vector_of_4}), x), "chain");
}

TEST(FuseElementwise, KeepsWhatOthersNeed) {
  auto f = [](const Tensors& in) {
    const Tensor y = exp(in[0]);
    return Tensors{y * 2.0, sum(y), y};
  };
  const Graph graph = after(fuse_elementwise, f, {matrix});
  EXPECT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.nodes[0].outputs.size(), 2u);
  const Tensor x = random::normal({3, 4}, {.seed = 1});
  expect_same(run(graph, {x}), run(trace(f, {matrix}), {x}), "shared");
}

TEST(FuseElementwise, MakesNoCycle) {
  // exp(x) and the product stand on both sides of the sum: they cannot be one loop.
  auto f = [](const Tensors& in) {
    const Tensor y = exp(in[0]);
    return Tensors{y * sum(y)};
  };
  const Graph graph = after(fuse_elementwise, f, {matrix});
  EXPECT_EQ(graph.nodes.size(), 3u);
  const Tensor x = random::normal({3, 4}, {.seed = 1});
  expect_same(run(graph, {x}), run(trace(f, {matrix}), {x}), "softmax by hand");
}

TEST(FuseElementwise, LeavesOtherTypes) {
  const Spec doubles{{4}, DType::float64}, integers{{4}, DType::int32};
  const Graph graph = after(fuse_elementwise,
                            [](const Tensors& in) {
                              return Tensors{exp(in[0]) * 2.0, in[1] * in[1] + in[1]};
                            },
                            {doubles, integers});
  EXPECT_EQ(graph.nodes.size(), 4u);
}

TEST(FuseElementwise, TakesBytesAndConditionsIn) {
  const Spec bytes{{3, 4}, DType::uint8};
  auto f = [](const Tensors& in) {
    const Tensor x = cast(in[0], DType::float32) / 255.0;
    return Tensors{select(greater(x, 0.5), x, in[1])};
  };
  const Graph graph = after(fuse_elementwise, f, {bytes, matrix});
  EXPECT_EQ(operations(graph), Names{"fused_elementwise"});
  const Tensors x = {cast(random::uniform({3, 4}, {.low = 0, .high = 256, .seed = 1}), DType::uint8),
                     random::normal({3, 4}, {.seed = 2})};
  expect_same(run(graph, x), run(trace(f, {bytes, matrix}), x), "bytes");
}

// What one loop computes for another, with a sum of the first one's between them.
Tensors on_both_sides(const Tensor& middle) { return {sum(square(middle)) * middle}; }

size_t stored_arrays(const Graph& graph, const Shape& shape) {
  size_t count = 0;
  for (const Graph::Operation& node : graph.nodes) {
    for (int output : node.outputs) count += graph.values[static_cast<size_t>(output)].spec.shape == shape;
  }
  return count;
}

TEST(FuseElementwise, ComputesMoreAgainWhereTheArrayIsLarge) {
  auto f = [](const Tensors& in) { return on_both_sides(erf(in[0] * 0.7) + 1.0); };
  EXPECT_EQ(stored_arrays(after(fuse_elementwise, f, {matrix}), {3, 4}), 3u);
  const Spec large{{512, 512}};
  const Graph graph = after(fuse_elementwise, f, {large});
  EXPECT_EQ(stored_arrays(graph, {512, 512}), 2u);
  const Tensor x = random::normal({512, 512}, {.seed = 1});
  expect_same(run(graph, {x}), run(trace(f, {large}), {x}), "error function");
}

TEST(FuseElementwise, ReadsTwoArraysRatherThanThree) {
  // Computed again, the sum would have to be read as two arrays.
  auto f = [](const Tensors& in) { return on_both_sides(in[0] + in[1]); };
  EXPECT_EQ(stored_arrays(after(fuse_elementwise, f, {matrix, matrix}), {3, 4}), 3u);
}

TEST(FuseElementwise, CutsWhatIsTooLong) {
  auto f = [](const Tensors& in) {
    Tensor x = in[0];
    for (int i = 0; i < 200; ++i) x = x * 0.99 + in[1];
    return Tensors{x};
  };
  const Graph graph = after(fuse_elementwise, f, {matrix, vector_of_4});
  EXPECT_GT(graph.nodes.size(), 1u);
  EXPECT_LT(graph.nodes.size(), 40u);
  const Tensors x = {random::normal({3, 4}, {.seed = 1}), random::normal({4}, {.seed = 2})};
  expect_same(run(graph, x), run(trace(f, {matrix, vector_of_4}), x), "long chain");
}

}  // namespace
}  // namespace hebb
