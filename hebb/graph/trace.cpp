#include "hebb/graph/trace.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/variable_values.h"

namespace hebb {

namespace {

Tensor placeholder(const Spec& spec, const std::string& name) {
  auto body = std::make_shared<TensorBody>();
  body->spec = spec;
  body->placeholder = true;
  body->name = name;
  return Tensor(std::move(body));
}

class Trace : public Recorder, public VariableValues {
 public:
  explicit Trace(const std::vector<Spec>& parameters) {
    for (const Spec& spec : parameters)
      parameters_.push_back(placeholder(spec, message("parameter ", parameters_.size())));
  }

  const Tensors& parameters() const { return parameters_; }

  Tensors record(const OpPtr& op, const Tensors& inputs, std::vector<Spec> outputs) override {
    auto node = std::make_shared<Node>();
    node->op = op;
    for (const Tensor& input : inputs) node->inputs.push_back(read(input));
    node->output_specs = std::move(outputs);
    node->sequence = next_++;
    Tensors out;
    for (size_t i = 0; i < node->output_specs.size(); ++i) out.push_back(output_of(node, static_cast<int>(i)));
    return out;
  }

  Tensor read(const Tensor& tensor) override {
    if (!tensor.is_concrete()) return tensor;
    auto [at, fresh] = current_.try_emplace(tensor.body().get());
    if (fresh) {
      Outside outside{tensor, placeholder(tensor.spec(), tensor.name())};
      at->second = outside.value;
      (tensor.is_variable() ? variables_ : constants_).push_back(std::move(outside));
    }
    return at->second;
  }

  void assign(const Tensor& variable, const Tensor& value) override {
    // Reading it puts the variable among the graph's inputs.
    earlier_[variable.body().get()].push_back(read(variable));
    current_[variable.body().get()] = read(value);
    if (std::find(assigned_.begin(), assigned_.end(), variable.body()) == assigned_.end())
      assigned_.push_back(variable.body());
  }

  Tensors values_of(const Tensor& variable) override {
    const auto found = earlier_.find(variable.body().get());
    Tensors out = found == earlier_.end() ? Tensors{} : found->second;
    out.push_back(read(variable));
    return out;
  }

  Graph graph(const Tensors& results) {
    Tensors ends;  // first of all: a result may be a variable or a constant that nothing has read so far
    for (const Tensor& result : results) ends.push_back(read(result));
    for (const auto& body : assigned_) ends.push_back(current_.at(body.get()));
    Graph graph;
    for (const Tensor& parameter : parameters_) {
      const auto index = static_cast<int>(graph.parameters.size());
      graph.parameters.push_back(graph.add_value(parameter.spec(), Graph::Source::parameter, index));
      leaves_[parameter.body().get()] = graph.parameters.back();
    }
    for (const Outside& variable : variables_) {
      const auto index = static_cast<int>(graph.variables.size());
      const int value = graph.add_value(variable.tensor.spec(), Graph::Source::variable, index);
      graph.variables.push_back({variable.tensor, value});
      leaves_[variable.value.body().get()] = value;
    }
    for (const Outside& constant : constants_)
      leaves_[constant.value.body().get()] = graph.add_constant(constant.tensor);
    for (const std::shared_ptr<Node>& node : reachable(ends)) {
      Graph::Operation operation{node->op, {}, {}};
      for (const Tensor& input : node->inputs) operation.inputs.push_back(value_of(input));
      for (size_t i = 0; i < node->output_specs.size(); ++i) {
        operation.outputs.push_back(graph.add_value(node->output_specs[i], Graph::Source::node,
                                                    static_cast<int>(graph.nodes.size()), static_cast<int>(i)));
      }
      outputs_[node.get()] = operation.outputs;
      graph.nodes.push_back(std::move(operation));
    }
    for (size_t i = 0; i < results.size(); ++i) graph.outputs.push_back(value_of(ends[i]));
    for (size_t i = 0; i < assigned_.size(); ++i) {
      const auto variable = std::find_if(variables_.begin(), variables_.end(),
                                         [&](const Outside& outside) { return outside.tensor.body() == assigned_[i]; });
      graph.updates.push_back({static_cast<int>(variable - variables_.begin()), value_of(ends[results.size() + i])});
    }
    return graph;
  }

 private:
  struct Outside {
    Tensor tensor;  // the concrete one
    Tensor value;   // what stands for it
  };

  static std::vector<std::shared_ptr<Node>> reachable(const Tensors& ends) {
    std::vector<std::shared_ptr<Node>> open, found;
    std::unordered_set<const Node*> seen;
    auto reach = [&](const Tensor& tensor) {
      const auto& producer = tensor.body()->producer;
      if (producer && seen.insert(producer.get()).second) open.push_back(producer);
    };
    for (const Tensor& end : ends) reach(end);
    while (!open.empty()) {
      found.push_back(std::move(open.back()));
      open.pop_back();
      for (const Tensor& input : std::shared_ptr<Node>(found.back())->inputs) reach(input);
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a->sequence < b->sequence; });
    return found;
  }

  int value_of(const Tensor& tensor) const {
    const TensorBody& body = *tensor.body();
    if (body.producer) {
      const auto found = outputs_.find(body.producer.get());
      if (found != outputs_.end()) return found->second[static_cast<size_t>(body.output_index)];
    }
    const auto leaf = leaves_.find(&body);
    if (leaf == leaves_.end()) {
      throw InvalidArgument(message("a traced tensor ", tensor.spec(),
                                    " comes from another trace. Pass it to the traced function as an argument."));
    }
    return leaf->second;
  }

  Tensors parameters_;
  std::vector<Outside> variables_, constants_;
  std::unordered_map<const TensorBody*, Tensor> current_;
  std::unordered_map<const TensorBody*, Tensors> earlier_;  // what variables were before each assignment
  std::vector<std::shared_ptr<TensorBody>> assigned_;
  std::unordered_map<const TensorBody*, int> leaves_;
  std::unordered_map<const Node*, std::vector<int>> outputs_;
  uint64_t next_ = 1;
};

}  // namespace

Graph trace(FunctionRef<Tensors(const Tensors&)> f, const std::vector<Spec>& parameters) {
  Trace recorder(parameters);
  Tensors results;
  {
    const WithRecorder tracing(&recorder);
    results = f(recorder.parameters());
  }
  Graph graph = compacted(recorder.graph(results));
  graph.verify();
  return graph;
}

std::vector<Spec> infer_specs(FunctionRef<Tensors(const Tensors&)> f, const std::vector<Spec>& parameters) {
  Trace recorder(parameters);
  const WithRecorder tracing(&recorder);
  std::vector<Spec> out;
  for (const Tensor& result : f(recorder.parameters())) out.push_back(result.spec());
  return out;
}

}  // namespace hebb
