#include "hebb/graph/passes/passes.h"

#include <cstdlib>
#include <limits>
#include <set>
#include <string>

#include "hebb/base/error.h"
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

TEST(SkippedPasses, AreReadFromTheEnvironment) {
  const char* given = std::getenv("HEBB_SKIP_PASSES");
  const std::string before = given ? given : "";
  setenv("HEBB_SKIP_PASSES", "", 1);
  EXPECT_EQ(passes_skipped_by_environment(), Names{});
  setenv("HEBB_SKIP_PASSES", "fuse_sums,all", 1);
  EXPECT_EQ(passes_skipped_by_environment(), (Names{"fuse_sums", "all"}));
  setenv("HEBB_SKIP_PASSES", "fuse_sum", 1);
  try {
    (void)passes_skipped_by_environment();
    FAIL() << "there is no such pass";
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "HEBB_SKIP_PASSES: unknown pass 'fuse_sum'. Did you mean 'fuse_sums'?");
  }
  given ? setenv("HEBB_SKIP_PASSES", before.c_str(), 1) : unsetenv("HEBB_SKIP_PASSES");
}

// ------------------------------------------------------------------------------------------------------- constants

TEST(FoldConstants, ComputesWhatDependsOnConstantsAlone) {
  const Tensor c{1, 2, 3, 4};
  const Graph graph =
      after(fold_constants, [&](const Tensors& in) { return Tensors{in[0] * exp(c * 2.0 + 1.0)}; }, {vector_of_4});
  EXPECT_EQ(operations(graph), Names{"multiply"});
  expect_same(run(graph, {ones({4})}), {exp(c * 2.0 + 1.0)}, "folded");
}

TEST(FoldConstants, LeavesVariablesAndParameters) {
  const Tensor w = variable(ones({4}));
  const Graph graph = after(fold_constants,
                            [&](const Tensors& in) {
                              return Tensors{exp(w), exp(in[0])};
                            },
                            {vector_of_4});
  EXPECT_EQ(operations(graph), (Names{"exp", "exp"}));
}

TEST(FoldConstants, LeavesWhatWouldBeLarge) {
  const Tensor c = ones({1});
  const Graph graph = after(fold_constants,
                            [&](const Tensors&) {
                              return Tensors{broadcast_to(c * 2.0, {100, 100})};
                            },
                            {});
  EXPECT_EQ(operations(graph), Names{"broadcast_to"});
}

// ---------------------------------------------------------------------------------------------------------- simplify

TEST(Simplify, RemovesWhatChangesNothing) {
  const Graph graph = after(simplify,
                            [](const Tensors& in) {
                              Tensor x = (in[0] + 0.0) * 1.0;
                              x = (0.0 + x - 0.0) / 1.0;
                              x = 1.0 * x;
                              return Tensors{stop_gradient(reshape(cast(x, DType::float32), {4}))};
                            },
                            {vector_of_4});
  EXPECT_EQ(operations(graph), Names{});
  EXPECT_EQ(graph.outputs[0], graph.parameters[0]);
}

TEST(Simplify, KeepsWhatChangesTheShapeOrTheType) {
  const Tensor zero_row = zeros({3, 1});
  const Graph graph = after(simplify,
                            [&](const Tensors& in) {
                              return Tensors{in[0] + zero_row, cast(in[0], DType::float64), reshape(in[0], {4, 1})};
                            },
                            {vector_of_4});
  EXPECT_EQ(operations(graph), (Names{"add", "cast", "reshape"}));
  const Graph subtracted = after(simplify,
                                 [](const Tensors& in) {
                                   return Tensors{0.0 - in[0], 1.0 / in[0]};
                                 },
                                 {vector_of_4});
  EXPECT_EQ(subtracted.nodes.size(), 2u);
}

TEST(Simplify, ShortensChainsOfMoves) {
  auto f = [](const Tensors& in) {
    const Tensor there_and_back = transpose(transpose(in[0], {2, 0, 1}), {1, 2, 0});
    const Tensor twice = transpose(transpose(in[0], {2, 0, 1}), {2, 0, 1});
    const Tensor reshaped = reshape(reshape(reshape(in[0], {24}), {4, 6}), {2, 12});
    return Tensors{there_and_back, twice, reshaped};
  };
  const Graph graph = after(simplify, f, {Spec{{2, 3, 4}}});
  EXPECT_EQ(operations(graph), (Names{"reshape", "transpose"}));
  EXPECT_EQ(graph.outputs[0], graph.parameters[0]);
  const Tensor x = random::normal({2, 3, 4}, {.seed = 1});
  expect_same(run(graph, {x}), run(trace(f, {x.spec()}), {x}), "moves");
}

TEST(Simplify, AddsABiasBeforeTheProductIsReshaped) {
  const Tensor bias = variable(random::normal({2, 3}, {.seed = 1})),
               other = variable(random::normal({4, 2, 1}, {.seed = 2}));
  auto f = [&](const Tensors& in) {
    const Tensor heads = reshape(matmul(in[0], in[1]), {2, 4, 2, 3});
    return Tensors{heads + bias, bias + heads, heads + other};
  };
  const std::vector<Spec> specs = {Spec{{8, 5}}, Spec{{5, 6}}};
  const Graph graph = after(simplify, f, specs);
  std::vector<Shape> sums;
  for (const Graph::Operation& node : graph.nodes) {
    if (node.op->name() == "add") sums.push_back(graph.values[static_cast<size_t>(node.outputs[0])].spec.shape);
  }
  EXPECT_EQ(sums, (std::vector<Shape>{{8, 6}, {8, 6}, {2, 4, 2, 3}}));
  const Tensors inputs = {random::normal({8, 5}, {.seed = 3}), random::normal({5, 6}, {.seed = 4})};
  expect_same(run(graph, inputs), run(trace(f, specs), inputs), "bias");
}

TEST(Simplify, ReadsABroadcastOperandWhereItComesFrom) {
  auto f = [](const Tensors& in) {
    const Tensor wide = broadcast_to(in[1], {3, 4});
    return Tensors{in[0] * wide, wide + wide};
  };
  const Graph graph = after(simplify, f, {matrix, vector_of_4});
  EXPECT_EQ(operations(graph), (Names{"add", "broadcast_to", "multiply"}))
      << "the sum alone still needs it for its shape";
  const Tensors x = {random::normal({3, 4}, {.seed = 1}), random::normal({4}, {.seed = 2})};
  expect_same(run(graph, x), run(trace(f, {matrix, vector_of_4}), x), "broadcast");
}

// --------------------------------------------------------------------------------------------- common subexpressions

TEST(MergeCommonSubexpressions, ComputesTheSameThingOnce) {
  const Graph graph = after(merge_common_subexpressions,
                            [](const Tensors& in) {
                              return Tensors{exp(in[0] * 2.0) + exp(in[0] * 2.0), exp(in[0] * 3.0)};
                            },
                            {vector_of_4});
  EXPECT_EQ(operations(graph), (Names{"add", "exp", "exp", "multiply", "multiply"}));
}

TEST(MergeCommonSubexpressions, TellsAttributesApart) {
  const Graph graph = after(merge_common_subexpressions,
                            [](const Tensors& in) {
                              return Tensors{sum(in[0], {.axes = {0}}), sum(in[0], {.axes = {1}}),
                                             sum(in[0], {.axes = {0}, .keepdims = true}), sum(in[0], {.axes = {0}}),
                                             max(in[0], {.axes = {0}})};
                            },
                            {matrix});
  EXPECT_EQ(graph.nodes.size(), 4u);
  EXPECT_EQ(graph.outputs[0], graph.outputs[3]);
}

TEST(MergeCommonSubexpressions, TellsConstantsApart) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Graph graph = after(merge_common_subexpressions,
                            [&](const Tensors& in) {
                              return Tensors{in[0] * Tensor{1, 2, 3, 4},
                                             in[0] * Tensor{1, 2, 3, 4},
                                             in[0] * Tensor{1, 2, 3, 5},
                                             in[0] * nan,
                                             in[0] * nan,
                                             in[0] * 0.0,
                                             in[0] * -0.0};
                            },
                            {vector_of_4});
  EXPECT_EQ(graph.nodes.size(), 5u);
}

TEST(MergeCommonSubexpressions, RandomNumbersOfOneStateAreTheSame) {
  const Tensor state = random_state(1), other = random_state(2);
  const Graph graph = after(merge_common_subexpressions,
                            [&](const Tensors&) {
                              return Tensors{random_uniform(state, {4}), random_uniform(state, {4}),
                                             random_uniform(other, {4}), random_normal(state, {4})};
                            },
                            {});
  EXPECT_EQ(graph.nodes.size(), 3u);
}

TEST(MergeCommonSubexpressions, WorksItsWayUp) {
  // Two whole branches that are the same.
  auto branch = [](const Tensor& x) { return tanh(exp(x * 2.0 + 1.0) / 3.0); };
  const Graph graph = after(merge_common_subexpressions,
                            [&](const Tensors& in) { return Tensors{branch(in[0]) - branch(in[0])}; }, {vector_of_4});
  EXPECT_EQ(graph.nodes.size(), 6u);
}

// ------------------------------------------------------------------------------------------------------------- all

TEST(RemoveDeadCode, IsWhatCompactingDoes) {
  Graph graph = trace([](const Tensors& in) { return Tensors{in[0] * 2.0}; }, {vector_of_4});
  graph.add_node(graph.nodes[0].op, graph.nodes[0].inputs);
  EXPECT_EQ(remove_dead_code(graph).nodes.size(), 1u);
}

TEST(Passes, HaveNamesAndWords) {
  std::set<std::string_view> names;
  for (const PassRecord& record : pass_records()) {
    EXPECT_TRUE(names.insert(record.name).second) << record.name;
    EXPECT_FALSE(record.doc.empty()) << record.name;
  }
}

TEST(Passes, CanBeSkippedAndAreReported) {
  const Graph graph = trace([](const Tensors& in) { return Tensors{exp(in[0]) + 1.0}; }, {vector_of_4});
  std::vector<PassReport> reports;
  apply_passes(graph, {}, &reports);
  EXPECT_EQ(reports.size(), pass_records().size());
  reports.clear();
  EXPECT_EQ(operations(apply_passes(graph, {"fuse_elementwise"}, &reports)), (Names{"add", "exp"}));
  EXPECT_EQ(reports.size(), pass_records().size() - 1);
  reports.clear();
  apply_passes(graph, {"all"}, &reports);
  EXPECT_TRUE(reports.empty());
  try {
    apply_passes(graph, {"simplfy"});
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("'simplify'"), std::string::npos) << error.what();
  }
}

/// A random computation of float32 vectors and matrices, with updates of two variables.
class RandomComputation {
 public:
  explicit RandomComputation(uint32_t seed)
      : seed_(seed),
        w_(variable(random::normal({5, 6}, {.seed = 21}))),
        v_(variable(random::normal({6}, {.seed = 22}))) {}

  std::vector<Spec> parameters() const { return {Spec{{5, 6}}, Spec{{6}}, Spec{{5, 6}, DType::uint8}}; }

  Tensors operator()(const Tensors& in) {
    state_ = seed_ * 2654435761u + 99u;
    Tensors known = {in[0], broadcast_to(in[1], {5, 6}), cast(in[2], DType::float32) / 255.0, w_ * 1.0};
    auto any = [&]() -> const Tensor& { return known[number(static_cast<uint32_t>(known.size()))]; };
    Tensors results;
    for (int step = 0; step < 25; ++step) {
      const Tensor x = any(), y = any();
      switch (number(18)) {
        case 0: known.push_back(x + y); break;
        case 1: known.push_back(x - y * 0.5); break;
        case 2: known.push_back(tanh(x) * y); break;
        case 3: known.push_back(select(greater(x, y), x * 0.5, y)); break;
        case 4: known.push_back(x + in[1]); break;
        case 5: known.push_back(tanh(x) - mean(y)); break;
        case 6: known.push_back(x * 0.1 + sum(y, {.axes = {1}, .keepdims = true}) * 0.1); break;
        case 7:
          known.push_back(
              tanh(matmul(x, transpose(y)).rank() == 2 ? matmul(matmul(x, transpose(y)) * 0.1, x) * 0.1 : x));
          break;
        case 8: known.push_back(reshape(transpose(reshape(x, {6, 5})), {5, 6})); break;
        case 9: known.push_back(transpose(transpose(x))); break;
        case 10: known.push_back((x + 0.0) * 1.0); break;
        case 11: known.push_back(maximum(minimum(x, 2.0), y * 0.3)); break;
        case 12: known.push_back(softmax(x) * 1.0 + stop_gradient(y)); break;
        case 13: known.push_back(relu(matmul(x, ones({6, 6}) * 0.1) + v_)); break;
        case 14:
          assign(w_, tanh(x) + y * 0.1);
          known.push_back(w_ * 0.5);
          break;
        case 15: assign(v_, tanh(sum(x, {.axes = {0}}))); break;
        case 16: results.push_back(x); break;
        default: known.push_back(cast(cast(greater(x, 0.1), DType::boolean), DType::float32) * y); break;
      }
    }
    results.push_back(known.back());
    return results;
  }

  Tensors variables() const { return {w_, v_}; }

 private:
  uint32_t number(uint32_t below) {
    state_ = state_ * 1664525u + 1013904223u;
    return (state_ >> 16) % below;
  }
  uint32_t seed_, state_ = 0;
  Tensor w_, v_;
};

/// What a computation returns, and its variables afterwards.
Tensors run_with(uint32_t seed, const std::vector<std::string>& skip) {
  RandomComputation computation(seed);
  const std::vector<Spec> specs = computation.parameters();
  const Tensors inputs = {random::normal({5, 6}, {.seed = seed + 1}), random::normal({6}, {.seed = seed + 2}),
                          cast(random::uniform({5, 6}, {.low = 0, .high = 256, .seed = seed + 3}), DType::uint8)};
  Tensors results = run(apply_passes(trace([&](const Tensors& in) { return computation(in); }, specs), skip), inputs);
  for (const Tensor& variable : computation.variables()) results.push_back(variable * 1.0);
  return results;
}

TEST(Passes, ComputeTheSameEachAndTogether) {
  const NoTape no_tape;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    const Tensors expected = run_with(seed, {"all"});
    expect_same(run_with(seed, {}), expected, "all passes, computation " + std::to_string(seed));
    for (const PassRecord& only : pass_records()) {
      std::vector<std::string> others;
      for (const PassRecord& record : pass_records()) {
        if (record.name != only.name) others.emplace_back(record.name);
      }
      expect_same(run_with(seed, others), expected,
                  std::string(only.name) + " alone, computation " + std::to_string(seed));
      expect_same(run_with(seed, {std::string(only.name)}), expected,
                  "without " + std::string(only.name) + ", computation " + std::to_string(seed));
    }
  }
}

TEST(Passes, DoNotGrowAGraph) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    RandomComputation computation(seed);
    Graph graph = trace([&](const Tensors& in) { return computation(in); }, computation.parameters());
    for (const PassRecord& record : pass_records()) {
      if (record.on_request) continue;
      const size_t before = graph.nodes.size();
      graph = record.apply(std::move(graph));
      EXPECT_LE(graph.nodes.size(), before) << record.name;
      const Graph again = record.apply(graph);
      again.verify();
      EXPECT_LE(again.nodes.size(), graph.nodes.size()) << record.name;
    }
  }
}

}  // namespace
}  // namespace hebb
