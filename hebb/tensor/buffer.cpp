#include "hebb/tensor/buffer.h"

#include <sys/mman.h>

#include <new>

namespace hebb {

namespace {

/// Large buffers, a plan's arena above all, ask the system for large pages: with small ones every sixteenth cache line
/// or so costs a look into the page tables (some 4 % of a step of ResNet-20).
constexpr int64_t large_page = int64_t{2} << 20;
constexpr int64_t worth_large_pages = 2 * large_page;

std::align_val_t alignment_of(int64_t bytes) {
  return std::align_val_t(static_cast<size_t>(bytes >= worth_large_pages ? large_page : Buffer::alignment));
}

}  // namespace

std::shared_ptr<Buffer> Buffer::allocate(int64_t bytes) {
  const auto padded = static_cast<size_t>((bytes + 2 * alignment - 1) / alignment * alignment);
  auto* data = static_cast<std::byte*>(::operator new(padded, alignment_of(bytes)));
  // Advice: where the system does not take it nothing is lost.
  if (bytes >= worth_large_pages) madvise(data, padded, MADV_HUGEPAGE);
  return std::shared_ptr<Buffer>(new Buffer(data, bytes, nullptr));
}

std::shared_ptr<Buffer> Buffer::view(std::shared_ptr<Buffer> whole, int64_t offset, int64_t bytes) {
  std::byte* data = whole->data() + offset;
  return std::shared_ptr<Buffer>(new Buffer(data, bytes, std::move(whole)));
}

Buffer::~Buffer() {
  if (!whole_) ::operator delete(data_, alignment_of(bytes_));
}

}  // namespace hebb
