#include "hebb/io/hdf5_range.h"

#include <algorithm>
#include <limits>
#include <new>

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

  static OpenRange& of(H5FD_t* file) { return *reinterpret_cast<OpenRange*>(file); }
  static const OpenRange& of(const H5FD_t* file) { return *reinterpret_cast<const OpenRange*>(file); }
};

H5FD_t* open(const char*, unsigned flags, hid_t access, haddr_t) {
  const auto* place = static_cast<const Place*>(H5Pget_driver_info(access));
  if (!place || flags != H5F_ACC_RDONLY) return nullptr;
  OpenRange* const opened = new (std::nothrow) OpenRange();
  if (!opened) return nullptr;
  opened->range = place->range;
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
  return inside == 0 || range.read(address, out, inside) ? 0 : -1;
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
