/// What the tests of passes share: a function's graph after one pass, what stands in it, and what it computes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "hebb/graph/graph.h"
#include "hebb/graph/trace.h"
#include "hebb/plan/plan.h"

namespace hebb {

using Function = std::function<Tensors(const Tensors&)>;

/// The names of a graph's operations, sorted.
inline std::vector<std::string> operations(const Graph& graph) {
  std::vector<std::string> out;
  for (const Graph::Operation& node : graph.nodes) out.emplace_back(node.op->name());
  std::sort(out.begin(), out.end());
  return out;
}

using Names = std::vector<std::string>;

inline const Spec vector_of_4{{4}}, matrix{{3, 4}};

/// The graph of a function after one pass.
inline Graph after(Graph (*pass)(Graph), const Function& f, const std::vector<Spec>& parameters) {
  Graph graph = pass(trace(f, parameters));
  graph.verify();
  return graph;
}

inline Tensors run(Graph graph, const Tensors& inputs) {
  Plan plan = Plan::compile(std::move(graph), {.skip_passes = {"all"}});
  std::vector<const void*> in;
  for (const Tensor& input : inputs) in.push_back(input.raw());
  Tensors results;
  std::vector<void*> out;
  for (const Spec& spec : plan.outputs()) {
    results.push_back(Tensor::empty(spec));
    out.push_back(results.back().mutable_raw());
  }
  plan.run(in, out);
  return results;
}

inline void expect_same(const Tensors& actual, const Tensors& expected, const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_EQ(actual[i].spec(), expected[i].spec()) << what;
    const auto a = actual[i].to_vector<double>(), b = expected[i].to_vector<double>();
    for (size_t k = 0; k < a.size(); ++k) {
      if (std::isnan(a[k]) && std::isnan(b[k])) continue;
      if (a[k] == b[k]) continue;
      ASSERT_NEAR(a[k], b[k], 2e-5 * (1 + std::abs(b[k]))) << what << ", output " << i << ", element " << k;
    }
  }
}

}  // namespace hebb
