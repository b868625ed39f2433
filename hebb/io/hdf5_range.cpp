#include "hebb/io/hdf5_range.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <string_view>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

#if __has_include(<H5FDdevelop.h>)  // from 1.14 on
#include <H5FDdevelop.h>
#endif

namespace hebb::io::detail {

namespace {

/// What the property list carries.
struct Place {
  const FileRange* range;
};

struct OpenRange {
  H5FD_t common;  // first, as libhdf5 wants it
  const FileRange* range;
  haddr_t end_of_addresses;
  bool long_lengths;

  static OpenRange& of(H5FD_t* file) { return *reinterpret_cast<OpenRange*>(file); }
  static const OpenRange& of(const H5FD_t* file) { return *reinterpret_cast<const OpenRange*>(file); }
};

template <class Integer>
Integer little_endian(const char* bytes) {
  Integer value = 0;
  for (size_t i = 0; i < sizeof(Integer); ++i)
    value = static_cast<Integer>(value | static_cast<Integer>(static_cast<unsigned char>(bytes[i])) << (8 * i));
  return value;
}

/// Whether lengths in the file take eight bytes, as everybody writes them (the superblock, HDF5's format II.A).
bool has_long_lengths(const FileRange& range) {
  char start[16];
  if (!range.read(0, start, sizeof(start)) || std::memcmp(start, "\211HDF\r\n\032\n", 8) != 0) return false;
  const int version = start[8];
  return start[version < 2 ? 14 : 10] == 8;
}

/// Whether the objects of a global heap collection (III.E), of which `bytes` are the first, lie within it. libhdf5
/// believes their sizes, and crashes or never comes to an end where they lie. What is no collection is in order.
bool is_sound_heap(const FileRange& range, uint64_t address, std::string_view bytes) {
  constexpr uint64_t header = 16;
  constexpr std::string_view signature("GCOL\1\0\0\0", 8);
  if (bytes.size() < header || !bytes.starts_with(signature)) return true;
  const auto size = little_endian<uint64_t>(bytes.data() + 8);
  if (address > range.size() || size < header || size > range.size() - address) return false;
  std::unique_ptr<char[]> whole;
  if (size > bytes.size()) {
    whole.reset(new (std::nothrow) char[size]);  // no exception gets through libhdf5
    if (!whole || !range.read(address, whole.get(), size)) return false;
    bytes = {whole.get(), size};
  }
  for (uint64_t at = header; size - at >= header;) {
    const auto index = little_endian<uint16_t>(bytes.data() + at);
    const auto length = little_endian<uint64_t>(bytes.data() + at + 8);
    const uint64_t left = size - at;
    if (index == 0) {  // what is free, its own header included
      if (length < header || length > left) return false;
      at += length;
    } else {
      if (length > left - header) return false;
      at += std::min(left, header + (length + 7) / 8 * 8);
    }
  }
  return true;
}

H5FD_t* open(const char*, unsigned flags, hid_t access, haddr_t) {
  const auto* place = static_cast<const Place*>(H5Pget_driver_info(access));
  if (!place || flags != H5F_ACC_RDONLY) return nullptr;
  OpenRange* const opened = new (std::nothrow) OpenRange();
  if (!opened) return nullptr;
  opened->range = place->range;
  opened->long_lengths = has_long_lengths(*place->range);
  return &opened->common;
}

herr_t close(H5FD_t* file) {
  delete &OpenRange::of(file);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* features) {
  *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA_READ | H5FD_FEAT_DATA_SIEVE;
  return 0;
}

haddr_t get_end_of_addresses(const H5FD_t* file, H5FD_mem_t) { return OpenRange::of(file).end_of_addresses; }

herr_t set_end_of_addresses(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  OpenRange::of(file).end_of_addresses = address;
  return 0;
}

haddr_t get_end_of_file(const H5FD_t* file, H5FD_mem_t) { return OpenRange::of(file).range->size(); }

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t size, void* out) {
  const FileRange& range = *OpenRange::of(file).range;
  // What lies behind the end of a file reads as zeros, as with libhdf5's own drivers.
  const auto inside =
      static_cast<size_t>(std::min<uint64_t>(size, range.size() - std::min<uint64_t>(address, range.size())));
  std::fill_n(static_cast<char*>(out) + inside, size - inside, '\0');
  if (inside > 0 && !range.read(address, out, inside)) return -1;
  const bool is_sound =
      !OpenRange::of(file).long_lengths || is_sound_heap(range, address, {static_cast<const char*>(out), inside});
  return is_sound ? 0 : -1;
}

herr_t refuse_to_write(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, size_t, const void*) { return -1; }

const H5FD_class_t& driver() {
  static const H5FD_class_t made = [] {
    H5FD_class_t driver = {};
#ifdef H5FD_CLASS_VERSION
    driver.version = H5FD_CLASS_VERSION;
    driver.value = static_cast<H5FD_class_value_t>(H5_VFD_RESERVED + 42);
#endif
    driver.name = "hebb_range";
    driver.maxaddr = static_cast<haddr_t>(std::numeric_limits<int64_t>::max());
    driver.fc_degree = H5F_CLOSE_WEAK;
    driver.fapl_size = sizeof(Place);
    driver.open = open;
    driver.close = close;
    driver.query = query;
    driver.get_eoa = get_end_of_addresses;
    driver.set_eoa = set_end_of_addresses;
    driver.get_eof = get_end_of_file;
    driver.read = read;
    driver.write = refuse_to_write;
    return driver;
  }();
  return made;
}

}  // namespace

Id read_from_range(const Id& access, const FileRange& range) {
  Id registered(H5FDregister(&driver()));
  const Place place = {&range};
  if (!registered || H5Pset_driver(access.get(), registered.get(), &place) < 0)
    throw InternalError(message("HDF5: a part of a file cannot be set up", library_error(), "."));
  return registered;
}

}  // namespace hebb::io::detail
