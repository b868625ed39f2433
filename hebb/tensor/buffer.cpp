#include "hebb/tensor/buffer.h"

#include <new>

namespace hebb {

std::shared_ptr<Buffer> Buffer::allocate(int64_t bytes) {
  const auto padded = static_cast<size_t>((bytes + 2 * alignment - 1) / alignment * alignment);
  auto* data = static_cast<std::byte*>(::operator new(padded, std::align_val_t(alignment)));
  return std::shared_ptr<Buffer>(new Buffer(data, bytes, nullptr));
}

std::shared_ptr<Buffer> Buffer::view(std::shared_ptr<Buffer> whole, int64_t offset, int64_t bytes) {
  std::byte* data = whole->data() + offset;
  return std::shared_ptr<Buffer>(new Buffer(data, bytes, std::move(whole)));
}

Buffer::~Buffer() {
  if (!whole_) ::operator delete(data_, std::align_val_t(alignment));
}

}  // namespace hebb
