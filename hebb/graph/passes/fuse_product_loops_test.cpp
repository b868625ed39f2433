#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/passes_testing.h"
#include "hebb/ops/ops.h"

namespace hebb {
namespace {

// x and the gradient behind the layer, the weight and its velocity: 64 examples, 512 x 500 weights.
const std::vector<Spec> layer = {{{64, 512}}, {{64, 500}}, {{512, 500}}, {{512, 500}}};

Graph all_passes(const Function& f, const std::vector<Spec>& parameters) {
  return apply_passes(trace(f, parameters), {});
}

Tensors numbers(const std::vector<Spec>& specs) {
  Tensors out;
  for (const Spec& spec : specs) out.push_back(random::normal(spec.shape, {.seed = static_cast<int64_t>(out.size())}));
  return out;
}

Tensors momentum(const Tensor& gradient, const Tensors& in) {
  const Tensor velocity = in[3] * 0.9 - gradient * 0.1;
  return {velocity, in[2] + velocity};
}

TEST(FuseProductLoops, UsesTheGradientWhereItIsComputed) {
  const Function f = [](const Tensors& in) { return momentum(matmul(in[0], in[1], {.transpose_a = true}), in); };
  const Graph graph = all_passes(f, layer);
  EXPECT_EQ(operations(graph), Names{"matmul_loop"});
  const Tensors x = numbers(layer);
  expect_same(run(graph, x), run(apply_passes(trace(f, layer), {"fuse_product_loops"}), x), "momentum");
}

TEST(FuseProductLoops, LeavesAGradientThatOthersNeed) {
  const Function f = [](const Tensors& in) {
    const Tensor gradient = matmul(in[0], in[1], {.transpose_a = true});
    const Tensor norm = sqrt(sum(square(gradient)));
    return momentum(gradient / maximum(norm, 1.0), in);
  };
  const Names found = operations(all_passes(f, layer));
  EXPECT_EQ(std::count(found.begin(), found.end(), "matmul_loop"), 0);
  EXPECT_EQ(std::count(found.begin(), found.end(), "matmul"), 1);
}

TEST(FuseProductLoops, LeavesSmallAndDeepProducts) {
  const Function f = [](const Tensors& in) { return momentum(matmul(in[0], in[1], {.transpose_a = true}), in); };
  const std::vector<Spec> small = {{{64, 100}}, {{64, 50}}, {{100, 50}}, {{100, 50}}};
  const std::vector<Spec> deep = {{{2048, 512}}, {{2048, 500}}, {{512, 500}}, {{512, 500}}};
  for (const std::vector<Spec>& specs : {small, deep})
    EXPECT_EQ(operations(all_passes(f, specs)), (Names{"fused_elementwise", "matmul"}));
}

TEST(FuseProductLoops, LeavesLoopsWithRowsOrSums) {
  const Function row = [](const Tensors& in) {
    return Tensors{matmul(in[0], in[1], {.transpose_a = true}) * in[2] + in[2]};
  };
  EXPECT_EQ(operations(all_passes(row, {{{64, 512}}, {{64, 500}}, {{500}}})), (Names{"fused_elementwise", "matmul"}));
  const Function sums = [](const Tensors& in) {
    const Tensor moved = matmul(in[0], in[1], {.transpose_a = true}) * 0.5 + in[2];
    return Tensors{moved, sum(moved)};
  };
  EXPECT_EQ(operations(all_passes(sums, {layer[0], layer[1], layer[2]})), (Names{"fused_elementwise", "matmul"}));
}

// A layer of 512 units on 32 sequences of 64 steps, and an activation of several operations.
const std::vector<Spec> sequence_layer = {{{2048, 128}}, {{128, 512}}, {{512}}, {{32, 64, 512}}};

TEST(FuseProductLoops, LooksThroughAnotherShape) {
  const Function f = [](const Tensors& in) {
    const Tensor x = reshape(matmul(in[0], in[1]) + in[2], {32, 64, 512});
    return Tensors{x * sigmoid(x)};
  };
  const Graph graph = all_passes(f, sequence_layer);
  EXPECT_EQ(operations(graph), Names{"matmul_loop"});
  const Tensors x = numbers(sequence_layer);
  expect_same(run(graph, x), run(apply_passes(trace(f, sequence_layer), {"fuse_product_loops"}), x), "swish");
}

TEST(FuseProductLoops, KeepsAProductThatIsReadLater) {
  const Function f = [](const Tensors& in) {
    const Tensor x = reshape(matmul(in[0], in[1]) + in[2], {32, 64, 512});
    const Tensor y = x * sigmoid(x);
    const Tensor normal = in[3] - max(y, {.axes = {1}, .keepdims = true});
    return Tensors{y, normal * x};
  };
  const Graph graph = all_passes(f, sequence_layer);
  EXPECT_EQ(operations(graph), (Names{"fused_elementwise", "matmul_loop", "reduce_max", "reshape"}));
  const Tensors x = numbers(sequence_layer);
  expect_same(run(graph, x), run(apply_passes(trace(f, sequence_layer), {"fuse_product_loops"}), x), "swish");
}

TEST(FuseProductLoops, LeavesAProductThatIsReadBefore) {
  const Function f = [](const Tensors& in) {
    const Tensor x = matmul(in[0], in[1]);
    const Tensor largest = max(x);
    return Tensors{x * sigmoid(x) * largest};
  };
  const Names found = operations(all_passes(f, sequence_layer));
  EXPECT_EQ(std::count(found.begin(), found.end(), "matmul_loop"), 0);
  EXPECT_EQ(std::count(found.begin(), found.end(), "matmul"), 1);
}

}  // namespace
}  // namespace hebb
