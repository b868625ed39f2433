/// Tracing: running a function on placeholders so that its operations are recorded instead of computed.
///
///     Graph graph = trace([&](const Tensors& in) { return Tensors{matmul(in[0], w)}; }, {Spec{{32, 784}}});
///
/// Variables become inputs of the graph, what is assigned to them its updates, other concrete tensors constants.
#pragma once

#include <string>
#include <vector>

#include "hebb/base/function_ref.h"
#include "hebb/graph/graph.h"

namespace hebb {

/// The graph of `f` on parameters of these specs.
Graph trace(FunctionRef<Tensors(const Tensors&)> f, const std::vector<Spec>& parameters);

/// The specs of what `f` returns, without a graph; assignments to variables are forgotten.
std::vector<Spec> infer_specs(FunctionRef<Tensors(const Tensors&)> f, const std::vector<Spec>& parameters);

}  // namespace hebb
