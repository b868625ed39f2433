#include "hebb/graph/passes/rewriter.h"

namespace hebb {

Rewriter::Rewriter(const Graph& old) : old_(old), moved_(old.values.size(), -1) {
  for (int parameter : old.parameters) {
    const auto index = static_cast<int>(new_.parameters.size());
    new_.parameters.push_back(
        new_.add_value(old.values[static_cast<size_t>(parameter)].spec, Graph::Source::parameter, index));
    forward(parameter, new_.parameters.back());
  }
  for (const Graph::Outside& variable : old.variables) {
    const int value =
        new_.add_value(variable.tensor.spec(), Graph::Source::variable, static_cast<int>(new_.variables.size()));
    new_.variables.push_back({variable.tensor, value});
    forward(variable.value, value);
  }
  for (const Graph::Outside& constant : old.constants) forward(constant.value, new_.add_constant(constant.tensor));
}

void Rewriter::keep(const Graph::Operation& node) {
  std::vector<int> inputs;
  for (int input : node.inputs) inputs.push_back((*this)[input]);
  replace(node, node.op, std::move(inputs));
}

void Rewriter::replace(const Graph::Operation& node, OpPtr op, std::vector<int> new_inputs) {
  new_.add_node(std::move(op), std::move(new_inputs));
  for (size_t i = 0; i < node.outputs.size(); ++i) forward(node.outputs[i], new_.nodes.back().outputs[i]);
}

Graph Rewriter::finish() {
  for (int output : old_.outputs) new_.outputs.push_back((*this)[output]);
  for (const Graph::Update& update : old_.updates) new_.updates.push_back({update.variable, (*this)[update.value]});
  return compacted(new_);
}

}  // namespace hebb
