#include <gtest/gtest.h>

#include "hebb/autograd/gradient.h"
#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/passes_testing.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/ops.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

/// A chain of so many equal layers, its loss, and the gradients of all weights.
struct Chain {
  Tensors weights;
  explicit Chain(int64_t layers) {
    for (int64_t i = 0; i < layers; ++i) weights.push_back(variable(random::normal({64, 64}, {.seed = i}) * 0.1));
  }
  Tensors operator()(const Tensors& in) const {
    Tensor x = in[0];
    for (const Tensor& w : weights) x = tanh(matmul(x, w));
    const Tensor loss = mean(square(x));
    Tensors results = {loss};
    for (const Tensor& g : gradient(loss, weights)) results.push_back(g);
    return results;
  }
};

const std::vector<Spec> batch = {{{256, 64}}};

Plan plan_of(const Chain& chain, bool recompute) {
  return Plan::compile(trace(chain, batch), {.recompute_activations = recompute});
}

std::vector<std::vector<float>> run(Plan& plan, const Tensor& x) {
  const void* in[] = {x.raw()};
  std::vector<std::vector<float>> results;
  std::vector<void*> out;
  for (const Spec& spec : plan.outputs()) results.emplace_back(static_cast<size_t>(spec.shape.elements()));
  for (std::vector<float>& result : results) out.push_back(result.data());
  plan.run(in, out);
  return results;
}

TEST(RecomputeActivations, TakesMuchLessMemoryForTheSameBits) {
  const Chain chain(64);
  Plan all = plan_of(chain, false), some = plan_of(chain, true);
  // 64 activations of 64 KiB against about 8 kept and 8 computed again.
  EXPECT_GT(all.arena_bytes(), 64 * 64 * 1024);
  EXPECT_LT(some.arena_bytes(), all.arena_bytes() / 2);
  const Tensor x = random::normal({256, 64}, {.seed = 99});
  EXPECT_EQ(run(all, x), run(some, x));
}

TEST(RecomputeActivations, ComputesNothingMoreThanTwice) {
  const Chain chain(30);
  Plan all = plan_of(chain, false), some = plan_of(chain, true);
  EXPECT_GT(some.steps(), all.steps());
  EXPECT_LE(some.steps(), all.steps() + 30);
}

TEST(RecomputeActivations, LeavesAloneWhatHasNoWayBack) {
  const auto forward = [](const Tensors& in) { return Tensors{tanh(matmul(in[0], ones({64, 64})))}; };
  const Graph before = trace(forward, batch);
  EXPECT_EQ(recompute_activations(before).nodes.size(), before.nodes.size());
}

/// Convolutions with shortcuts, batch normalisation and dropout, trained for a few steps.
std::vector<float> trained(bool remat) {
  set_random_seed(7);
  const Tensor x = random::normal({16, 12, 12, 3}, {.seed = 1});
  const Tensor y = cast(floor(random::uniform({16}, {.low = 0, .high = 4, .seed = 2})), DType::int32);
  const Tensor input = Input({12, 12, 3});
  Tensor h = Conv2D(8, 3, {.padding = "same"})(input);
  for (int block = 0; block < 6; ++block) {
    Tensor side = Activation("relu")(BatchNormalization()(Conv2D(8, 3, {.padding = "same"})(h)));
    side = Dropout(0.25)(side);
    h = Add()({h, side});
  }
  Model model(input, Dense(4, {.activation = "softmax"})(GlobalAveragePooling2D()(h)));
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .remat = remat});
  for (int step = 0; step < 3; ++step) model.train_on_batch(x, y);
  std::vector<float> weights;
  for (const Tensor& weight : model.weights()) {
    for (float number : weight.to_vector<float>()) weights.push_back(number);
  }
  return weights;
}

TEST(RecomputeActivations, TrainsToTheSameBitsWithShortcutsDropoutAndStatistics) {
  EXPECT_EQ(trained(false), trained(true));
}

}  // namespace
}  // namespace hebb
