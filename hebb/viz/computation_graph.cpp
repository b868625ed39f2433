#include "hebb/viz/computation_graph.h"

#include "hebb/base/text.h"
#include "hebb/viz/plot.h"

namespace hebb::viz {

DrawnGraph computation_graph(const Graph& graph, const std::vector<std::string>& parameters) {
  DrawnGraph drawn;
  std::vector<size_t> box_of(graph.values.size(), 0);
  auto add_box = [&](GraphBox box) {
    drawn.boxes.push_back(std::move(box));
    return drawn.boxes.size() - 1;
  };
  auto spec_of = [&](int value) { return message(graph.values[static_cast<size_t>(value)].spec); };
  const Color input = palette(0), constant = Color::hex(0x8a8f98), operation = Color::hex(0x4a5568),
              result = palette(2);

  for (size_t i = 0; i < graph.parameters.size(); ++i) {
    box_of[static_cast<size_t>(graph.parameters[i])] =
        add_box({.title = i < parameters.size() ? parameters[i] : message("parameter ", i),
                 .lines = {spec_of(graph.parameters[i])},
                 .color = input});
  }
  for (const Graph::Outside& variable : graph.variables) {
    box_of[static_cast<size_t>(variable.value)] =
        add_box({.title = "'" + variable.tensor.name() + "'", .lines = {spec_of(variable.value)}, .color = input});
  }
  for (const Graph::Operation& node : graph.nodes) {
    GraphBox box{.title = std::string(node.op->name()), .color = operation};
    if (!node.op->attributes().empty()) box.lines.push_back(node.op->attributes().to_string());
    for (const int output : node.outputs) box.lines.push_back(spec_of(output));
    const size_t at = add_box(std::move(box));
    for (const int value : node.outputs) box_of[static_cast<size_t>(value)] = at;
    for (const int value : node.inputs) {
      const Graph::Value& from = graph.values[static_cast<size_t>(value)];
      if (from.source != Graph::Source::constant) {
        drawn.arrows.emplace_back(box_of[static_cast<size_t>(value)], at);
        continue;
      }
      const Tensor& tensor = graph.constants[static_cast<size_t>(from.index)].tensor;
      const bool is_number = tensor.size() == 1;
      GraphBox own{.title = is_number ? short_number(tensor.item(), 6) : "constant", .color = constant};
      if (!is_number) own.lines = {spec_of(value)};
      drawn.arrows.emplace_back(add_box(std::move(own)), at);
    }
  }
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    const auto value = static_cast<size_t>(graph.outputs[i]);
    const size_t at = add_box({.title = message("output ", i), .color = result});
    if (graph.values[value].source != Graph::Source::constant) {
      drawn.arrows.emplace_back(box_of[value], at);
    } else {
      const Tensor& tensor = graph.constants[static_cast<size_t>(graph.values[value].index)].tensor;
      drawn.boxes[at].lines = {tensor.size() == 1 ? short_number(tensor.item(), 6) : spec_of(graph.outputs[i])};
    }
  }
  for (const Graph::Update& update : graph.updates) {
    const std::string name = graph.variables[static_cast<size_t>(update.variable)].tensor.name();
    const size_t at = add_box({.title = "new '" + name + "'", .color = result});
    if (graph.values[static_cast<size_t>(update.value)].source != Graph::Source::constant)
      drawn.arrows.emplace_back(box_of[static_cast<size_t>(update.value)], at);
  }
  return drawn;
}

}  // namespace hebb::viz
