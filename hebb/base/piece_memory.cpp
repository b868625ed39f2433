#include "hebb/base/piece_memory.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <vector>

#include "hebb/base/threads.h"

namespace hebb {

namespace {

constexpr std::align_val_t page{4096};

/// The blocks that no piece has at the moment, the one that was given back last at the end: the caches know it best.
class FreeBlocks {
 public:
  void reserve(int64_t bytes, size_t count) {
    std::lock_guard lock(mutex_);
    bytes = std::max(bytes, least_);
    if (bytes == least_ && made_ >= count) return;
    least_ = bytes;
    // Those that pieces have now are too small later, and go when they come back.
    for (PieceMemory::Block& block : free_) {
      if (block.bytes < bytes) {
        release(block);
        block = allocate(bytes);
      }
    }
    free_.reserve(std::max(count, made_) + count);
    for (; made_ < count; ++made_) free_.push_back(allocate(bytes));
  }

  PieceMemory::Block take(int64_t bytes) {
    std::lock_guard lock(mutex_);
    if (!free_.empty() && free_.back().bytes >= bytes) {
      const PieceMemory::Block block = free_.back();
      free_.pop_back();
      return block;
    }
    ++made_;
    return allocate(std::max(bytes, least_));
  }

  void give_back(const PieceMemory::Block& block) {
    std::lock_guard lock(mutex_);
    if (block.bytes < least_) {
      release(block);
      free_.push_back(allocate(least_));
    } else {
      free_.push_back(block);
    }
  }

 private:
  static PieceMemory::Block allocate(int64_t bytes) {
    return {static_cast<std::byte*>(::operator new(static_cast<size_t>(bytes), page)), bytes};
  }
  static void release(const PieceMemory::Block& block) { ::operator delete(block.data, page); }

  std::mutex mutex_;
  std::vector<PieceMemory::Block> free_;
  size_t made_ = 0;
  int64_t least_ = 0;
};

FreeBlocks& free_blocks() {
  // Never destroyed: threads may end after the statics of this file.
  static FreeBlocks& one = *new FreeBlocks;
  return one;
}

}  // namespace

void reserve_piece_memory(int64_t bytes) { free_blocks().reserve(bytes, static_cast<size_t>(threads())); }

PieceMemory::PieceMemory(int64_t bytes) : block_(free_blocks().take(bytes)) {}

PieceMemory::~PieceMemory() { free_blocks().give_back(block_); }

}  // namespace hebb
