/// Memory for one piece of work while it runs: as much as fits a core's own cache, and used again by the next piece
/// that the thread takes, so that it stays there. (Scratch that a plan gives out is one area for all pieces of a call,
/// and each piece would find its part of it cold.)
///
///     reserve_piece_memory(bytes);                      // when the kernel is made
///     const PieceMemory memory(bytes);                  // in a piece
///     float* tile = memory.floats();
#pragma once

#include <cstddef>
#include <cstdint>

namespace hebb {

/// Makes sure that as many pieces as there are threads find `bytes` of memory without an allocation.
void reserve_piece_memory(int64_t bytes);

class PieceMemory {
 public:
  /// Aligned to a page, not initialised. Allocates only when more pieces run at once than were reserved for.
  explicit PieceMemory(int64_t bytes);
  ~PieceMemory();
  PieceMemory(const PieceMemory&) = delete;
  PieceMemory& operator=(const PieceMemory&) = delete;

  std::byte* data() const;
  float* floats() const { return reinterpret_cast<float*>(data()); }

  struct Block;

 private:
  Block* block_;
};

}  // namespace hebb
