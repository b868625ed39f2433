#include "hebb/plan/memory_planner.h"

#include <algorithm>
#include <numeric>

namespace hebb {

MemoryPlan plan_memory(const std::vector<Lifetime>& values, int64_t alignment) {
  auto padded = [&](size_t i) { return (values[i].bytes + alignment - 1) / alignment * alignment; };
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a].bytes > values[b].bytes; });

  MemoryPlan plan;
  plan.offsets.assign(values.size(), 0);
  std::vector<size_t> placed;  // by offset
  for (size_t i : order) {
    const int64_t size = padded(i);
    int64_t at = 0;
    for (size_t other : placed) {
      const bool together = values[i].first <= values[other].last && values[other].first <= values[i].last;
      if (!together) continue;
      if (plan.offsets[other] - at >= size) break;  // fits into the gap before it
      at = std::max(at, plan.offsets[other] + padded(other));
    }
    plan.offsets[i] = at;
    plan.bytes = std::max(plan.bytes, at + size);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), i,
                                   [&](size_t a, size_t b) { return plan.offsets[a] < plan.offsets[b]; }),
                  i);
  }
  return plan;
}

}  // namespace hebb
