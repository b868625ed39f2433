#include "hebb/autograd/gradient.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/variable_values.h"

namespace hebb {

namespace {

/// What a tensor is, whatever handle it is reached by: an output of a node, or a leaf.
using Identity = std::pair<const void*, int>;

Identity identity(const Tensor& tensor) {
  const auto& body = tensor.body();
  if (body->producer) return {body->producer.get(), body->output_index};
  return {body.get(), 0};
}

using Sums = std::map<Identity, Tensor>;

void add_to(Sums& sums, const Tensor& tensor, const Tensor& gradient) {
  auto [at, fresh] = sums.try_emplace(identity(tensor), gradient);
  if (!fresh) at->second = add(at->second, gradient);
}

/// What counts as a tensor: a variable that a trace assigns to is each of the values that it had.
Tensors values_of(const Tensor& tensor) {
  auto* recorder = dynamic_cast<VariableValues*>(current_recorder());
  return recorder && tensor.is_variable() ? recorder->values_of(tensor) : Tensors{read(tensor)};
}

/// The nodes between the results and the tensors asked for, latest first, and which of them matter.
struct Paths {
  std::vector<std::shared_ptr<Node>> nodes;
  std::unordered_set<const Node*> relevant;  // depends on something that is asked for
};

Paths find_paths(const Tensors& results, const std::set<Identity>& asked) {
  Paths paths;
  std::unordered_set<const Node*> seen;
  std::vector<std::shared_ptr<Node>> open;
  auto reach = [&](const Tensor& tensor) {
    const auto& producer = tensor.body()->producer;
    if (producer && seen.insert(producer.get()).second) open.push_back(producer);
  };
  for (const Tensor& result : results) reach(result);
  while (!open.empty()) {
    const std::shared_ptr<Node> node = std::move(open.back());
    open.pop_back();
    for (const Tensor& input : node->inputs) reach(read(input));
    paths.nodes.push_back(node);
  }
  std::sort(paths.nodes.begin(), paths.nodes.end(),
            [](const auto& a, const auto& b) { return a->sequence > b->sequence; });
  for (auto node = paths.nodes.rbegin(); node != paths.nodes.rend(); ++node) {
    for (const Tensor& input : (*node)->inputs) {
      const Identity id = identity(read(input));
      if (asked.contains(id) || (input.body()->producer && paths.relevant.contains(input.body()->producer.get()))) {
        paths.relevant.insert(node->get());
      }
    }
  }
  return paths;
}

void check_versions(const Node& node) {
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const Tensor& input = node.inputs[i];
    if (input.is_variable() && i < node.input_versions.size() && input.body()->version != node.input_versions[i]) {
      throw InvalidArgument(message("gradient: variable '", input.name(), "' was assigned to after ", node.op->name(),
                                    " used it. Compute the loss again before asking for its gradient."));
    }
  }
}

}  // namespace

Tensors vector_jacobian(const Tensors& results, const Tensors& result_gradients, const Tensors& with_respect_to) {
  // A variable begins anew with what it is assigned: no gradient goes on from there to what that was computed of.
  std::set<Identity> asked, assigned;
  std::vector<Tensors> values;
  for (const Tensor& tensor : with_respect_to) {
    values.push_back(values_of(tensor));
    for (const Tensor& value : values.back()) {
      asked.insert(identity(value));
      if (tensor.is_variable() && value.body()->producer) assigned.insert(identity(value));
    }
  }
  const Paths paths = find_paths(results, asked);

  Sums sums;
  for (size_t i = 0; i < results.size(); ++i) add_to(sums, results[i], result_gradients[i]);
  for (const std::shared_ptr<Node>& node : paths.nodes) {
    if (!paths.relevant.contains(node.get())) continue;
    Tensors output_gradients, outputs;
    bool any = false;
    for (size_t i = 0; i < node->output_specs.size(); ++i) {
      const Identity id{node.get(), static_cast<int>(i)};
      const auto found = assigned.contains(id) ? sums.end() : sums.find(id);
      any = any || found != sums.end();
      output_gradients.push_back(found == sums.end() ? Tensor() : found->second);
      outputs.push_back(output_of(node, static_cast<int>(i)));
      if (found != sums.end() && !asked.contains(id)) sums.erase(found);  // frees it as soon as it has been used
    }
    if (!any) continue;
    check_versions(*node);
    std::vector<bool> wanted;
    for (const Tensor& input : node->inputs) {
      const auto& producer = input.body()->producer;
      wanted.push_back(asked.contains(identity(read(input))) || (producer && paths.relevant.contains(producer.get())));
    }
    const Tensors input_gradients = node->op->gradient({node->inputs, outputs, output_gradients, wanted});
    if (input_gradients.size() != node->inputs.size()) {
      throw InternalError(message("gradient of ", node->op->name(), ": expected ", node->inputs.size(),
                                  " gradients, got ", input_gradients.size(), "."));
    }
    for (size_t i = 0; i < input_gradients.size(); ++i) {
      if (!wanted[i] || !input_gradients[i].defined()) continue;
      if (input_gradients[i].spec() != node->inputs[i].spec()) {
        throw InternalError(message("gradient of ", node->op->name(), ": expected ", node->inputs[i].spec(),
                                    " for input ", i, ", got ", input_gradients[i].spec(), "."));
      }
      add_to(sums, read(node->inputs[i]), input_gradients[i]);
    }
  }

  Tensors out;
  for (const Tensors& places : values) {
    Tensor total;
    std::set<Identity> counted;
    for (const Tensor& value : places) {
      const auto found = sums.find(identity(value));
      if (found != sums.end() && counted.insert(found->first).second)
        total = total.defined() ? add(total, found->second) : found->second;
    }
    out.push_back(total);
  }
  return out;
}

Tensors gradient(const Tensor& loss, const Tensors& with_respect_to) {
  if (loss.size() != 1 || loss.rank() != 0 || !is_floating(loss.dtype())) {
    throw InvalidArgument(message("gradient: expected a scalar loss of a floating type, got ", loss.spec(),
                                  ". Reduce it with sum() or mean()."));
  }
  for (const Tensor& tensor : with_respect_to) {
    if (current_recorder() || tensor.is_variable() || tensor.body()->producer) continue;
    throw InvalidArgument(message("gradient: ", tensor.spec(),
                                  " is not a variable, so nothing was recorded of it. Make it with "
                                  "variable() before computing the loss."));
  }
  Tensors out = vector_jacobian({loss}, {ones_like(loss)}, with_respect_to);
  for (size_t i = 0; i < out.size(); ++i) {
    if (!out[i].defined()) out[i] = zeros_like(with_respect_to[i]);
  }
  return out;
}

Tensor gradient(const Tensor& loss, const Tensor& with_respect_to) {
  return gradient(loss, Tensors{with_respect_to}).front();
}

}  // namespace hebb
