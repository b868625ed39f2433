/// libhdf5 at arm's length: what the sources of the reader and of the writer (io/hdf5_*.cpp) share. Internal: nothing
/// else of hebb sees hdf5.h.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hebb/data/stored_elements.h"
#include "hebb/tensor/dtype.h"

namespace hebb::io::detail {

/// An identifier of libhdf5, given back at the end of its scope. Negative ones stand for failure.
class Id {
 public:
  Id() = default;
  explicit Id(hid_t value) : value_(value) {}
  Id(Id&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Id& operator=(Id&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Id() {
    if (value_ >= 0) H5Idec_ref(value_);
  }
  explicit operator bool() const { return value_ >= 0; }
  hid_t get() const { return value_; }

 private:
  hid_t value_ = -1;
};

/// Holds libhdf5 for one thread, as not every build of it may be used by several, and keeps it from printing errors.
/// Afterwards errors are treated as the program had set.
class Library {
 public:
  Library();
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_to_ = nullptr;
};

/// What libhdf5 says of its last failure, in brackets; or nothing.
std::string library_error();

/// The names on a path: `/a//b/` has two.
std::vector<std::string> parts_of(std::string_view path);

/// A name for a file in memory. libhdf5 takes those of the same name for the same file, and looks whether there is one
/// on disk.
std::string unique_image_name();

/// How the elements of a dataset of this type are stored; nothing for types that tensors do not have.
std::optional<data::StoredType> stored_type(hid_t type);

/// The type that a dataset of this dtype is written with.
Id file_type(DType dtype);

}  // namespace hebb::io::detail
