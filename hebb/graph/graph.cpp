#include "hebb/graph/graph.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

int Graph::add_value(const Spec& spec, Source source, int index, int output) {
  values.push_back({spec, source, index, output});
  return static_cast<int>(values.size()) - 1;
}

int Graph::add_constant(const Tensor& tensor) {
  const int value = add_value(tensor.spec(), Source::constant, static_cast<int>(constants.size()));
  constants.push_back({tensor, value});
  return value;
}

int Graph::add_node(OpPtr op, std::vector<int> inputs) {
  std::vector<Spec> specs;
  for (int input : inputs) specs.push_back(values[static_cast<size_t>(input)].spec);
  const std::vector<Spec> inferred = op->infer(specs);
  Operation node{std::move(op), std::move(inputs), {}};
  for (size_t i = 0; i < inferred.size(); ++i) {
    node.outputs.push_back(add_value(inferred[i], Source::node, static_cast<int>(nodes.size()), static_cast<int>(i)));
  }
  nodes.push_back(std::move(node));
  return nodes.back().outputs.front();
}

std::vector<std::vector<int>> Graph::readers() const {
  std::vector<std::vector<int>> out(values.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (int input : nodes[i].inputs) out[static_cast<size_t>(input)].push_back(static_cast<int>(i));
  }
  return out;
}

std::vector<bool> Graph::needed_at_end() const {
  std::vector<bool> out(values.size(), false);
  for (int output : outputs) out[static_cast<size_t>(output)] = true;
  for (const Update& update : updates) out[static_cast<size_t>(update.value)] = true;
  return out;
}

std::vector<bool> Graph::lasting_values() const {
  std::vector<bool> lasting(values.size(), false);
  for (const Outside& constant : constants) lasting[static_cast<size_t>(constant.value)] = true;
  for (const Outside& variable : variables) lasting[static_cast<size_t>(variable.value)] = true;
  for (const Update& update : updates)
    lasting[static_cast<size_t>(variables[static_cast<size_t>(update.variable)].value)] = false;
  for (const Operation& node : nodes) {
    const bool lasts = std::all_of(node.inputs.begin(), node.inputs.end(),
                                   [&](int input) { return lasting[static_cast<size_t>(input)]; });
    for (int output : node.outputs) lasting[static_cast<size_t>(output)] = lasts;
  }
  return lasting;
}

void Graph::verify() const {
  std::vector<bool> made(values.size(), false);
  auto check = [&](bool holds, const auto&... parts) {
    if (!holds) throw InternalError(message("graph: ", parts..., "\n", to_string()));
  };
  auto define = [&](int value, Source source, size_t index, const Spec& spec) {
    check(value >= 0 && static_cast<size_t>(value) < values.size(), "there is no value %", value, ".");
    const Value& known = values[static_cast<size_t>(value)];
    check(!made[static_cast<size_t>(value)], "%", value, " is made twice.");
    check(known.source == source && known.index == static_cast<int>(index), "%", value,
          " says it comes from elsewhere.");
    check(known.spec == spec, "%", value, " says it is ", known.spec, ", but is ", spec, ".");
    made[static_cast<size_t>(value)] = true;
  };
  for (size_t i = 0; i < parameters.size(); ++i) {
    define(parameters[i], Source::parameter, i, values[static_cast<size_t>(parameters[i])].spec);
  }
  for (size_t i = 0; i < variables.size(); ++i)
    define(variables[i].value, Source::variable, i, variables[i].tensor.spec());
  for (size_t i = 0; i < constants.size(); ++i)
    define(constants[i].value, Source::constant, i, constants[i].tensor.spec());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Operation& node = nodes[i];
    std::vector<Spec> specs;
    for (int input : node.inputs) {
      check(input >= 0 && static_cast<size_t>(input) < values.size() && made[static_cast<size_t>(input)], "node ", i,
            " (", node.op->name(), ") reads %", input, " before it is made.");
      specs.push_back(values[static_cast<size_t>(input)].spec);
    }
    const std::vector<Spec> inferred = node.op->infer(specs);
    check(inferred.size() == node.outputs.size(), "node ", i, " (", node.op->name(), ") has ", node.outputs.size(),
          " outputs instead of ", inferred.size(), ".");
    for (size_t k = 0; k < inferred.size(); ++k) define(node.outputs[k], Source::node, i, inferred[k]);
  }
  for (int output : outputs) check(made[static_cast<size_t>(output)], "output %", output, " is never made.");
  for (const Update& update : updates) {
    check(made[static_cast<size_t>(update.value)], "update %", update.value, " is never made.");
    check(
        values[static_cast<size_t>(update.value)].spec == variables[static_cast<size_t>(update.variable)].tensor.spec(),
        "the update of variable ", update.variable, " does not fit it.");
    check(!update.in_place || values[static_cast<size_t>(update.value)].source == Source::node,
          "the update of variable ", update.variable, " is not computed, so it cannot be computed in place.");
  }
}

std::string Graph::to_string() const {
  std::string out;
  auto name = [&](int value) { return message("%", value, ":", values[static_cast<size_t>(value)].spec); };
  for (size_t i = 0; i < parameters.size(); ++i) out += message(name(parameters[i]), " = parameter ", i, "\n");
  for (const Outside& variable : variables)
    out += message(name(variable.value), " = variable '", variable.tensor.name(), "'\n");
  for (const Outside& constant : constants) {
    out += message(name(constant.value), " = constant",
                   constant.tensor.size() <= 4 ? " " + constant.tensor.to_string() : "", "\n");
  }
  for (const Operation& node : nodes) {
    std::string left, right;
    for (int value : node.outputs) left += (left.empty() ? "" : ", ") + name(value);
    for (int value : node.inputs) right += message(right.empty() ? "%" : ", %", value);
    out += message(left, " = ", node.op->name(), "(", right, ") ", node.op->attributes().to_string(), "\n");
  }
  for (int output : outputs) out += message("output %", output, "\n");
  for (const Update& update : updates) {
    out += message("update '", variables[static_cast<size_t>(update.variable)].tensor.name(), "' <- %", update.value,
                   "\n");
  }
  return out;
}

Graph compacted(const Graph& graph) {
  std::vector<bool> needed = graph.needed_at_end();
  std::vector<bool> keep(graph.nodes.size(), false);
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    for (int output : graph.nodes[i].outputs) keep[i] = keep[i] || needed[static_cast<size_t>(output)];
    if (!keep[i]) continue;
    for (int input : graph.nodes[i].inputs) needed[static_cast<size_t>(input)] = true;
  }
  Graph out;
  std::vector<int> moved(graph.values.size(), -1);
  auto move = [&](int value, Graph::Source source, size_t index, int output = 0) {
    return moved[static_cast<size_t>(value)] =
               out.add_value(graph.values[static_cast<size_t>(value)].spec, source, static_cast<int>(index), output);
  };
  for (int parameter : graph.parameters) {
    out.parameters.push_back(move(parameter, Graph::Source::parameter, out.parameters.size()));
  }
  // A variable that is only written stays: its update needs it.
  std::vector<bool> written(graph.variables.size(), false);
  for (const Graph::Update& update : graph.updates) written[static_cast<size_t>(update.variable)] = true;
  std::vector<int> variable_index(graph.variables.size(), -1);
  for (size_t i = 0; i < graph.variables.size(); ++i) {
    const Graph::Outside& variable = graph.variables[i];
    if (!written[i] && !needed[static_cast<size_t>(variable.value)]) continue;
    variable_index[i] = static_cast<int>(out.variables.size());
    const int value = move(variable.value, Graph::Source::variable, out.variables.size());
    out.variables.push_back({variable.tensor, value});
  }
  for (const Graph::Outside& constant : graph.constants) {
    if (!needed[static_cast<size_t>(constant.value)]) continue;
    const int value = move(constant.value, Graph::Source::constant, out.constants.size());
    out.constants.push_back({constant.tensor, value});
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!keep[i]) continue;
    Graph::Operation node{graph.nodes[i].op, {}, {}};
    for (int input : graph.nodes[i].inputs) node.inputs.push_back(moved[static_cast<size_t>(input)]);
    for (size_t k = 0; k < graph.nodes[i].outputs.size(); ++k) {
      node.outputs.push_back(
          move(graph.nodes[i].outputs[k], Graph::Source::node, out.nodes.size(), static_cast<int>(k)));
    }
    out.nodes.push_back(std::move(node));
  }
  for (int output : graph.outputs) out.outputs.push_back(moved[static_cast<size_t>(output)]);
  for (const Graph::Update& update : graph.updates) {
    out.updates.push_back(
        {variable_index[static_cast<size_t>(update.variable)], moved[static_cast<size_t>(update.value)]});
  }
  return out;
}

}  // namespace hebb
