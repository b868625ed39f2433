#include "hebb/base/piece_memory.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <new>

#include "hebb/base/threads.h"

namespace hebb {

namespace {

constexpr std::align_val_t page{4096};

struct Release {
  void operator()(std::byte* data) const { ::operator delete(data, page); }
};

}  // namespace

/// Who holds a block, and nobody else, may read or change what is in it. Neighbouring cache lines are fetched in pairs,
/// so each block has a pair of its own.
struct alignas(128) PieceMemory::Block {
  std::atomic<bool> is_held{false};
  std::unique_ptr<std::byte, Release> data;
  int64_t bytes = 0;
  bool was_held = false;  ///< by a thread that likely comes back for it

  bool hold() { return !is_held.load(std::memory_order_relaxed) && !is_held.exchange(true, std::memory_order_acquire); }
  void give_back() { is_held.store(false, std::memory_order_release); }

  void grow(int64_t wanted) {
    if (bytes >= wanted) return;
    data.reset();  // first, so that both are never there
    bytes = 0;
    data.reset(static_cast<std::byte*>(::operator new(static_cast<size_t>(wanted), page)));
    bytes = wanted;
  }
};

namespace {

using Block = PieceMemory::Block;

/// The block that the thread had last. Its own cache holds it: in another thread's hands it would be fetched from there
/// line by line, in each operation anew.
thread_local Block* last_held = nullptr;

class Blocks {
 public:
  void reserve(int64_t bytes) {
    std::lock_guard lock(mutex_);
    bytes = std::max(bytes, least_);
    make_one_for_each_thread();
    for (Block& block : blocks_) {
      if (block.hold()) {
        const Held held{&block};
        block.grow(bytes);
      }  // else grown by who takes it next, if that needs more
    }
    least_ = bytes;  // there were so many: nobody is held to what was not to be had
  }

  Block* take(int64_t bytes) {
    Block* block = last_held;
    if (!block || !block->hold()) block = find();
    Held held{block};
    block->grow(bytes);
    block->was_held = true;
    last_held = block;
    return held.release();
  }

 private:
  struct GiveBack {
    void operator()(Block* block) const { block->give_back(); }
  };
  /// A block that is given back when something throws.
  using Held = std::unique_ptr<Block, GiveBack>;

  /// A block that nobody holds: best one that nobody has held.
  Block* find() {
    std::lock_guard lock(mutex_);
    // After `set_threads` all are made at once, not when so many pieces happen to meet for the first time.
    make_one_for_each_thread();
    Block* found = nullptr;
    for (Block& block : blocks_) {
      if (!block.hold()) continue;
      if (found) found->give_back();
      found = &block;
      if (!block.was_held) break;
    }
    if (!found) {
      found = &blocks_.emplace_back();
      found->hold();
    }
    return found;
  }

  void make_one_for_each_thread() {
    while (blocks_.size() < static_cast<size_t>(threads())) blocks_.emplace_back().grow(least_);
  }

  std::mutex mutex_;
  std::deque<Block> blocks_;
  int64_t least_ = 0;
};

Blocks& blocks() {
  // Never destroyed: threads may end after the statics of this file.
  static Blocks& one = *new Blocks;
  return one;
}

}  // namespace

void reserve_piece_memory(int64_t bytes) { blocks().reserve(bytes); }

PieceMemory::PieceMemory(int64_t bytes) : block_(blocks().take(bytes)) {}

PieceMemory::~PieceMemory() { block_->give_back(); }

std::byte* PieceMemory::data() const { return block_->data.get(); }

}  // namespace hebb
