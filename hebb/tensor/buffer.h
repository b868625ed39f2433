/// Memory for elements: aligned to cache lines, shared by the tensors that look at it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hebb {

class Buffer {
 public:
  static constexpr int64_t alignment = 64;

  /// `bytes` of memory, not initialised; padded so that a whole vector may be read at the end.
  static std::shared_ptr<Buffer> allocate(int64_t bytes);
  /// A piece of another buffer, which stays alive as long as the piece does.
  static std::shared_ptr<Buffer> view(std::shared_ptr<Buffer> whole, int64_t offset, int64_t bytes);

  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  int64_t bytes() const { return bytes_; }

  /// Keeps something else alive as long as this memory: what its elements point to (tensor/texts.h).
  void keep(std::shared_ptr<const void> other) { kept_ = std::move(other); }
  const std::shared_ptr<const void>& kept() const { return kept_; }

 private:
  Buffer(std::byte* data, int64_t bytes, std::shared_ptr<Buffer> whole)
      : data_(data), bytes_(bytes), whole_(std::move(whole)) {}

  std::byte* data_;
  int64_t bytes_;
  std::shared_ptr<Buffer> whole_;  // set: a view; null: owns the memory
  std::shared_ptr<const void> kept_;
};

}  // namespace hebb
