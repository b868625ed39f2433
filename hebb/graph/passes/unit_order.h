/// An order of a graph's nodes that is kept while nodes are joined to units: tells quickly whether two units can become
/// one without needing, through others, a result of their own. Internal to the passes.
#pragma once

#include <vector>

#include "hebb/graph/graph.h"

namespace hebb {

class UnitOrder {
 public:
  /// Every node is a unit; a unit is named by one of its nodes.
  explicit UnitOrder(const Graph& graph);

  /// Makes two units one; false, with nothing changed, when a way leads from one through others to the other.
  ///
  /// Only units that stand between the two in the present order can be on such a way, so that is where it looks, and
  /// what it puts in order anew (after Pearce and Kelly, "A dynamic topological sort algorithm for directed acyclic
  /// graphs", 2006).
  bool join(int a, int b);

 private:
  int unit_of(int node) const { return unit_[static_cast<size_t>(node)]; }
  int& position(int unit) { return position_[static_cast<size_t>(unit)]; }
  /// Marks what follows from `from` and stands before `last`; false when something of it leads to `last`'s unit.
  bool mark_followers(int from, int last);

  const Graph& graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<int> unit_;                  // of each node
  std::vector<std::vector<int>> members_;  // of each unit
  std::vector<int> position_;              // of each unit
  std::vector<int> order_;                 // the unit at each position; -1 where one was joined to another
  std::vector<bool> follows_;
  std::vector<int> marked_, open_;
};

}  // namespace hebb
