/// The memory planner: where each value of a plan lies in the arena.
///
/// Values that are alive at the same time must not overlap; everything else may share. Large ones are placed first,
/// each at the lowest place that is free during its life (Pisarchyk and Lee, Efficient Memory Management for Deep
/// Neural Net Inference, 2020: greedy by size).
#pragma once

#include <cstdint>
#include <vector>

namespace hebb {

struct Lifetime {
  int64_t bytes = 0;
  int first = 0;  ///< the step that writes it
  int last = 0;   ///< the last step that reads it
};

struct MemoryPlan {
  std::vector<int64_t> offsets;  ///< of each value, multiples of the alignment
  int64_t bytes = 0;             ///< of the whole arena
};

MemoryPlan plan_memory(const std::vector<Lifetime>& values, int64_t alignment = 64);

}  // namespace hebb
