/// Graphs: a traced computation, flat and in the order in which it can be computed.
///
///     Graph graph = trace(f, {Spec{{32, 784}}});
///     graph.verify();
///     std::string text = graph.to_string();
///
/// Values are numbered; a value is a parameter, a variable's value at the start, a constant, or a node's output.
/// Updates are what the variables become when everything has been computed.
#pragma once

#include <string>
#include <vector>

#include "hebb/ops/op.h"

namespace hebb {

struct Graph {
  enum class Source { parameter, variable, constant, node };

  struct Value {
    Spec spec;
    Source source = Source::node;
    int index = 0;   ///< of the parameter, variable, constant or node
    int output = 0;  ///< which of the node's outputs
  };
  struct Operation {
    OpPtr op;
    std::vector<int> inputs, outputs;  ///< values
  };
  /// A tensor from outside with the value that stands for it: a variable or a constant.
  struct Outside {
    Tensor tensor;
    int value = 0;
  };
  struct Update {
    int variable = 0;  ///< index into `variables`
    int value = 0;
    bool in_place = false;  ///< may be computed in the variable's memory; only of a node's output
  };

  std::vector<Value> values;
  std::vector<Operation> nodes;  ///< each after all that it needs
  std::vector<int> parameters, outputs;
  std::vector<Outside> variables, constants;
  std::vector<Update> updates;

  int add_value(const Spec& spec, Source source, int index, int output = 0);
  int add_constant(const Tensor& tensor);
  /// Appends a node; infers its outputs. Returns the first output's value.
  int add_node(OpPtr op, std::vector<int> inputs);

  /// For each value the nodes that read it, in order; a node that reads it twice stands twice.
  std::vector<std::vector<int>> readers() const;
  /// For each value whether an output or an update needs it.
  std::vector<bool> needed_at_end() const;
  /// For each value whether it follows from constants and from variables that the graph does not update: it stays the
  /// same from run to run until somebody changes a variable.
  std::vector<bool> lasting_values() const;

  /// InternalError, naming the node, unless every value is made once before it is read, every operation infers what the
  /// values say, and updates fit their variables.
  void verify() const;
  /// One line for each node: `%7:float32(32, 10) = matmul(%1, %4) transpose_b=false`.
  std::string to_string() const;
};

/// Copies a graph without what nobody needs, values renumbered in the order of the nodes: the last step of every pass.
Graph compacted(const Graph& graph);

}  // namespace hebb
