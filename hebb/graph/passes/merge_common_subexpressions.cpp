#include <cstring>
#include <unordered_map>

#include "hebb/base/text.h"
#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"

namespace hebb {

namespace {

/// Small constants of equal spec and bytes are one.
std::string constant_key(const Tensor& tensor) {
  std::string key = message(tensor.spec(), ":");
  if (tensor.spec().bytes() > 256) return key + message(reinterpret_cast<uintptr_t>(tensor.body().get()));
  key.append(static_cast<const char*>(tensor.raw()), static_cast<size_t>(tensor.spec().bytes()));
  return key;
}

}  // namespace

Graph merge_common_subexpressions(Graph graph) {
  Rewriter rewriter(graph);
  std::unordered_map<std::string, int> constants;
  for (const Graph::Outside& constant : graph.constants) {
    const auto [at, fresh] = constants.try_emplace(constant_key(constant.tensor), rewriter[constant.value]);
    if (!fresh) rewriter.forward(constant.value, at->second);
  }
  std::unordered_map<std::string, std::vector<int>> known;
  for (const Graph::Operation& node : graph.nodes) {
    std::string key = message(node.op->name(), "|", node.op->attributes().key(), "|");
    for (int input : node.inputs) key += message(rewriter[input], ",");
    const auto found = known.find(key);
    if (found == known.end()) {
      rewriter.keep(node);
      known.emplace(std::move(key), rewriter.graph().nodes.back().outputs);
    } else {
      for (size_t i = 0; i < node.outputs.size(); ++i) rewriter.forward(node.outputs[i], found->second[i]);
    }
  }
  return rewriter.finish();
}

}  // namespace hebb
