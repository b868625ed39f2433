#include "hebb/base/memory.h"

#include <sys/mman.h>

#include <new>

namespace hebb {

namespace {

constexpr int64_t large_page = int64_t{2} << 20;
constexpr int64_t worth_large_pages = 2 * large_page;

std::align_val_t alignment_of(int64_t bytes) {
  return std::align_val_t(static_cast<size_t>(bytes >= worth_large_pages ? large_page : memory_alignment));
}

}  // namespace

void FreeMemory::operator()(std::byte* data) const { ::operator delete(data, alignment_of(bytes)); }

Memory allocate_memory(int64_t bytes) {
  const auto padded = static_cast<size_t>((bytes + 2 * memory_alignment - 1) / memory_alignment * memory_alignment);
  auto* data = static_cast<std::byte*>(::operator new(padded, alignment_of(bytes)));
  // Advice: where the system does not take it nothing is lost.
  if (bytes >= worth_large_pages) madvise(data, padded, MADV_HUGEPAGE);
  return Memory(data, FreeMemory{bytes});
}

}  // namespace hebb
