#include "hebb/base/piece_memory.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "hebb/base/threads.h"

namespace hebb {

namespace {

constexpr std::align_val_t page{4096};

/// The blocks that no piece has at the moment, the one that was given back last at the end: the caches know it best.
class FreeBlocks {
 public:
  void reserve(int64_t bytes) {
    std::lock_guard lock(mutex_);
    grow(std::max(bytes, least_));
  }

  PieceMemory::Block take(int64_t bytes) {
    std::lock_guard lock(mutex_);
    // After `set_threads` all are made at once, not when so many pieces happen to meet for the first time.
    if (made_ < thread_count()) grow(std::max(bytes, least_));
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
    if (block.bytes >= least_) {
      free_.push_back(block);
    } else {
      release(block);
      --made_;
    }
  }

 private:
  static size_t thread_count() { return static_cast<size_t>(threads()); }

  void grow(int64_t bytes) {
    const size_t count = thread_count();
    if (bytes == least_ && made_ >= count) return;
    least_ = bytes;
    // Those that pieces have now are too small later, and go when they come back.
    for (PieceMemory::Block& block : free_) {
      if (block.bytes < bytes) {
        const PieceMemory::Block larger = allocate(bytes);
        release(std::exchange(block, larger));
      }
    }
    free_.reserve(std::max(count, made_) + count);
    for (; made_ < count; ++made_) free_.push_back(allocate(bytes));
  }

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

void reserve_piece_memory(int64_t bytes) { free_blocks().reserve(bytes); }

PieceMemory::PieceMemory(int64_t bytes) : block_(free_blocks().take(bytes)) {}

PieceMemory::~PieceMemory() { free_blocks().give_back(block_); }

}  // namespace hebb
