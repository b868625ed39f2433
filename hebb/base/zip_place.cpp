#include "hebb/base/zip_place.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace hebb {

namespace {

/// A number in a header, lowest byte first.
template <class T>
T number_at(const unsigned char* header, size_t offset) {
  T value = 0;
  for (size_t i = sizeof(T); i-- > 0;) value = static_cast<T>(value << 8 | header[offset + i]);
  return value;
}

// Headers by the format's description (APPNOTE.TXT, 4.3): their signatures and sizes without names.
constexpr uint32_t end_signature = 0x06054b50, entry_signature = 0x02014b50, local_signature = 0x04034b50;
constexpr size_t end_size = 22, entry_size = 46, local_size = 30;

/// Where the entry's local header stands, by the directory at the archive's end.
std::optional<uint64_t> find_local_header(const FileRange& archive, std::string_view name, uint64_t size) {
  std::array<unsigned char, end_size> end;
  if (archive.size() < end_size || !archive.read(archive.size() - end_size, end.data(), end_size)) return std::nullopt;
  if (number_at<uint32_t>(end.data(), 0) != end_signature) return std::nullopt;
  const uint64_t bytes = number_at<uint32_t>(end.data(), 12), begin = number_at<uint32_t>(end.data(), 16);
  constexpr uint64_t most = 1 << 20;
  if (bytes > most || begin + bytes > archive.size()) return std::nullopt;
  std::vector<unsigned char> directory(bytes);
  if (!archive.read(begin, directory.data(), bytes)) return std::nullopt;
  for (size_t at = 0; at + entry_size <= bytes;) {
    const unsigned char* entry = directory.data() + at;
    if (number_at<uint32_t>(entry, 0) != entry_signature) return std::nullopt;
    const size_t name_size = number_at<uint16_t>(entry, 28);
    const size_t next = at + entry_size + name_size + number_at<uint16_t>(entry, 30) + number_at<uint16_t>(entry, 32);
    if (next > bytes) return std::nullopt;
    if (std::string_view(reinterpret_cast<const char*>(entry) + entry_size, name_size) == name) {
      const bool is_encrypted = (number_at<uint16_t>(entry, 8) & 1) != 0;
      const bool is_stored =
          !is_encrypted && number_at<uint16_t>(entry, 10) == 0 && number_at<uint32_t>(entry, 20) == size;
      return is_stored ? std::optional<uint64_t>(number_at<uint32_t>(entry, 42)) : std::nullopt;
    }
    at = next;
  }
  return std::nullopt;
}

std::optional<uint32_t> checksum_of(const FileRange& content) {
  std::vector<unsigned char> block(1 << 16);
  uint32_t checksum = 0;
  for (uint64_t at = 0; at < content.size(); at += block.size()) {
    const size_t count = std::min<uint64_t>(block.size(), content.size() - at);
    if (!content.read(at, block.data(), count)) return std::nullopt;
    checksum = libdeflate_crc32(checksum, block.data(), count);
  }
  return checksum;
}

}  // namespace

std::optional<FileRange> find_stored_entry(const FileRange& archive, std::string_view name, const ZipPromise& promise) {
  const std::optional<uint64_t> header = find_local_header(archive, name, promise.size);
  std::array<unsigned char, local_size> local;
  if (!header || !archive.read(*header, local.data(), local_size)) return std::nullopt;
  if (number_at<uint32_t>(local.data(), 0) != local_signature) return std::nullopt;
  const uint64_t begin =
      *header + local_size + number_at<uint16_t>(local.data(), 26) + number_at<uint16_t>(local.data(), 28);
  if (begin > archive.size() || promise.size > archive.size() - begin) return std::nullopt;
  FileRange content = archive.part(begin, promise.size);
  if (checksum_of(content) != promise.checksum) return std::nullopt;
  return content;
}

}  // namespace hebb
