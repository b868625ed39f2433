#include "hebb/graph/passes/unit_order.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace hebb {

UnitOrder::UnitOrder(const Graph& graph)
    : graph_(graph),
      readers_(graph.readers()),
      unit_(graph.nodes.size()),
      members_(graph.nodes.size()),
      position_(graph.nodes.size()),
      order_(graph.nodes.size()),
      follows_(graph.nodes.size(), false) {
  std::iota(unit_.begin(), unit_.end(), 0);
  std::iota(position_.begin(), position_.end(), 0);
  std::iota(order_.begin(), order_.end(), 0);
  for (size_t n = 0; n < members_.size(); ++n) members_[n] = {static_cast<int>(n)};
}

bool UnitOrder::mark_followers(int from, int last) {
  open_ = {from};
  while (!open_.empty()) {
    const int unit = open_.back();
    open_.pop_back();
    for (int member : members_[static_cast<size_t>(unit)]) {
      for (int output : graph_.nodes[static_cast<size_t>(member)].outputs) {
        for (int reader : readers_[static_cast<size_t>(output)]) {
          const int next = unit_of(reader);
          if (next == last && unit != from) return false;
          if (follows_[static_cast<size_t>(next)] || position(next) >= position(last) || next == from) continue;
          follows_[static_cast<size_t>(next)] = true;
          marked_.push_back(next);
          open_.push_back(next);
        }
      }
    }
  }
  return true;
}

bool UnitOrder::join(int a, int b) {
  int first = unit_of(a), last = unit_of(b);
  if (first == last) return true;
  if (position(first) > position(last)) std::swap(first, last);
  marked_.clear();
  const bool possible = mark_followers(first, last);
  if (possible) {
    // What follows from the first comes behind the joined unit, all else before it, both in the order they had.
    const int from = position(first), to = position(last);
    std::vector<int> before, behind;
    for (int p = from + 1; p < to; ++p) {
      const int unit = order_[static_cast<size_t>(p)];
      if (unit >= 0) (follows_[static_cast<size_t>(unit)] ? behind : before).push_back(unit);
    }
    int p = from;
    const auto place = [&](int unit) {
      order_[static_cast<size_t>(p)] = unit;
      position(unit) = p++;
    };
    for (int unit : before) place(unit);
    place(first);
    for (int unit : behind) place(unit);
    std::fill(order_.begin() + p, order_.begin() + to + 1, -1);
    for (int member : members_[static_cast<size_t>(last)]) unit_[static_cast<size_t>(member)] = first;
    std::vector<int>& joined = members_[static_cast<size_t>(first)];
    joined.insert(joined.end(), members_[static_cast<size_t>(last)].begin(), members_[static_cast<size_t>(last)].end());
    members_[static_cast<size_t>(last)].clear();
  }
  for (int unit : marked_) follows_[static_cast<size_t>(unit)] = false;
  return possible;
}

}  // namespace hebb
