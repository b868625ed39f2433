/// Memory for elements: aligned to cache lines, shared by the tensors that look at it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "hebb/base/memory.h"

namespace hebb {

class Buffer {
 public:
  static constexpr int64_t alignment = memory_alignment;

  /// As `allocate_memory`.
  static std::shared_ptr<Buffer> allocate(int64_t bytes);
  /// Of memory from `allocate_memory`, of at least as many bytes.
  static std::shared_ptr<Buffer> adopt(Memory memory, int64_t bytes);
  /// A piece of another buffer, which stays alive as long as the piece does.
  static std::shared_ptr<Buffer> view(std::shared_ptr<Buffer> whole, int64_t offset, int64_t bytes);

  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  int64_t bytes() const { return bytes_; }

  /// Keeps something else alive as long as this memory: what its elements point to (tensor/texts.h).
  void keep(std::shared_ptr<const void> other) { kept_ = std::move(other); }
  const std::shared_ptr<const void>& kept() const { return kept_; }

 private:
  Buffer(Memory memory, int64_t bytes) : memory_(std::move(memory)), data_(memory_.get()), bytes_(bytes) {}
  Buffer(std::byte* data, int64_t bytes, std::shared_ptr<Buffer> whole)
      : data_(data), bytes_(bytes), whole_(std::move(whole)) {}

  Memory memory_;  // null: a view of `whole_`
  std::byte* data_;
  int64_t bytes_;
  std::shared_ptr<Buffer> whole_;
  std::shared_ptr<const void> kept_;
};

}  // namespace hebb
