/// Memory by the megabyte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hebb {

/// Gives back what `allocate_memory` gave.
struct FreeMemory {
  int64_t bytes = 0;
  void operator()(std::byte* data) const;
};
using Memory = std::unique_ptr<std::byte[], FreeMemory>;

/// The alignment of all memory from here, in bytes: a cache line.
inline constexpr int64_t memory_alignment = 64;

/// `bytes` of memory, not initialised; padded so that a whole vector may be read at the end. Large areas lie in large
/// pages where the system has them: with small ones each page costs a fault when it is first touched, a fifth of the
/// time in which a gzipped data set is unpacked, and every sixteenth cache line or so a look into the page tables (some
/// 4 % of a step of ResNet-20). std::bad_alloc where there is not as much.
Memory allocate_memory(int64_t bytes);

}  // namespace hebb
