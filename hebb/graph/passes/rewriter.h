/// Rewriting a graph node by node into a new one: what most passes are made of.
#pragma once

#include <utility>
#include <vector>

#include "hebb/graph/graph.h"

namespace hebb {

/// Copies a graph; each node is kept, replaced by another, or its output replaced by a value that exists already.
class Rewriter {
 public:
  explicit Rewriter(const Graph& old);

  /// The new value for an old one. Only for values that have been reached.
  int operator[](int old_value) const { return moved_[static_cast<size_t>(old_value)]; }
  Graph& graph() { return new_; }
  const Graph& old() const { return old_; }

  /// Copies a node as it is.
  void keep(const Graph::Operation& node);
  /// Puts another operation with these (new) inputs in its place.
  void replace(const Graph::Operation& node, OpPtr op, std::vector<int> new_inputs);
  /// Lets an old value be this new one.
  void forward(int old_value, int new_value) { moved_[static_cast<size_t>(old_value)] = new_value; }
  /// Takes over outputs and updates; without what nobody needs.
  Graph finish();

 private:
  const Graph& old_;
  Graph new_;
  std::vector<int> moved_;
};

}  // namespace hebb
