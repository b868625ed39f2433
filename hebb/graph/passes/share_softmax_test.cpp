#include <gtest/gtest.h>

#include <algorithm>

#include "hebb/autograd/gradient.h"
#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/passes_testing.h"
#include "hebb/ops/crossentropy.h"
#include "hebb/ops/ops.h"

namespace hebb {
namespace {

int64_t softmaxes(const Graph& graph) {
  const Names names = operations(graph);
  return std::count(names.begin(), names.end(), "softmax");
}

std::vector<Spec> specs_of(const Tensors& tensors) {
  std::vector<Spec> specs;
  for (const Tensor& tensor : tensors) specs.push_back(tensor.spec());
  return specs;
}

/// Logits that are computed, so that the probabilities may lie over them, and labels.
Tensors logits_and_labels(int64_t classes) {
  return {random::normal({9, classes}, {.seed = 1}), Tensor::from(std::vector<int32_t>{0, 1, 2, 0, 1, 2, -1, 1, 0})};
}

Tensors probabilities_and_losses(const Tensors& in) {
  const Tensor x = in[0] * 3.0, p = softmax(x);
  const Tensor losses = softmax_crossentropy(x, in[1])[0];
  return {sum(losses), p * 2.0};
}

TEST(ShareSoftmax, ReadsWhatTheLossComputes) {
  for (const int64_t classes : {3, 400}) {
    const Tensors in = logits_and_labels(classes);
    const Graph graph = after(share_softmax, probabilities_and_losses, specs_of(in));
    EXPECT_EQ(softmaxes(graph), 0);
    expect_same(run(graph, in), probabilities_and_losses(in), "by the loss");
  }
}

TEST(ShareSoftmax, LeavesWhatIsReadBefore) {
  const Tensors in = logits_and_labels(3);
  const Function f = [](const Tensors& x) {
    const Tensor p = softmax(x[0]);
    const Tensor labels = x[1] + cast(sum(p) * 0.0, DType::int32);
    return Tensors{softmax_crossentropy(x[0], labels)[0], p};
  };
  const Graph graph = after(share_softmax, f, specs_of(in));
  EXPECT_EQ(softmaxes(graph), 1);
  expect_same(run(graph, in), f(in), "by both");
}

TEST(ShareSoftmax, LeavesAnotherAxis) {
  const Function f = [](const Tensors& x) { return Tensors{softmax_crossentropy(x[0], x[1])[0], softmax(x[0], 0)}; };
  const Tensors in = logits_and_labels(3);
  EXPECT_EQ(softmaxes(after(share_softmax, f, specs_of(in))), 1);
}

/// Both results at once have the gradients of what they are made of.
TEST(SoftmaxCrossentropy, GradientsOfBothResults) {
  const Tensor x = variable(random::normal({4, 5}, {.seed = 1})), t = variable(random::uniform({4, 5}, {.seed = 2}));
  const Tensor weights = random::normal({4, 5}, {.seed = 3});
  const auto total = [&](const Tensor& losses, const Tensor& p) { return sum(square(losses)) + sum(p * weights); };
  const Tensors both = softmax_crossentropy(x, t);
  const Tensor losses = -sum(t * log_softmax(x), {.axes = {1}});
  expect_same(gradient(total(both[0], both[1]), {x, t}), gradient(total(losses, softmax(x)), {x, t}), "of both");
}

}  // namespace
}  // namespace hebb
