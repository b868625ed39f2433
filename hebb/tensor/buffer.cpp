#include "hebb/tensor/buffer.h"

namespace hebb {

std::shared_ptr<Buffer> Buffer::allocate(int64_t bytes) { return adopt(allocate_memory(bytes), bytes); }

std::shared_ptr<Buffer> Buffer::adopt(Memory memory, int64_t bytes) {
  return std::shared_ptr<Buffer>(new Buffer(std::move(memory), bytes));
}

std::shared_ptr<Buffer> Buffer::view(std::shared_ptr<Buffer> whole, int64_t offset, int64_t bytes) {
  std::byte* data = whole->data() + offset;
  return std::shared_ptr<Buffer>(new Buffer(data, bytes, std::move(whole)));
}

}  // namespace hebb
