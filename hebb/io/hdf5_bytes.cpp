#include "hebb/io/hdf5_bytes.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::io::detail {

void damaged(std::string_view expected) {
  throw IoError(message("expected ", expected, ". The file is damaged; fetch or write it again."));
}

Hdf5Bytes::Hdf5Bytes(const std::optional<FileRange>& range, std::string_view memory, uint64_t base)
    : range_(range), memory_(memory), base_(base), size_(range ? range->size() : memory.size()) {
  if (base_ > size_) damaged("the beginning of the file");
}

std::string Hdf5Bytes::read(uint64_t address, uint64_t count) const {
  if (address > size_ - base_ || count > size_ - base_ - address) damaged("what the file refers to within it");
  std::string out(count, '\0');
  if (!range_) return out.replace(0, count, memory_.substr(base_ + address, count));
  if (!range_->read(base_ + address, out.data(), count)) damaged("to read what is in the file");
  return out;
}

std::string_view Hdf5Cursor::bytes(uint64_t count) {
  if (count > left_.size()) damaged("the parts of a header or a heap within it");
  const std::string_view taken = left_.substr(0, count);
  left_.remove_prefix(count);
  return taken;
}

uint64_t Hdf5Cursor::number(int size) {
  uint64_t value = 0;
  int shift = 0;
  for (const char byte : bytes(static_cast<uint64_t>(size))) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(byte)) << shift;
    shift += 8;
  }
  return value;
}

}  // namespace hebb::io::detail
