/// What an Hdf5Reader holds: the open file, and the steps of reading from it. Internal to the reader's sources, which
/// are split by what is read: hdf5_reader.cpp (files and objects), hdf5_datasets.cpp and hdf5_chunks.cpp (whole
/// datasets), hdf5_rows.cpp (parts of them), hdf5_attributes.cpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/data/stored_elements.h"
#include "hebb/io/hdf5.h"
#include "hebb/io/hdf5_chunk.h"
#include "hebb/io/hdf5_library.h"
#include "hebb/io/hdf5_texts.h"

namespace hebb::io {

namespace detail {

/// Lets libhdf5 read the caller's bytes in place instead of copying them twice.
struct Hdf5Image {
  void* bytes;

  static void* give(size_t, H5FD_file_image_op_t, void* image) { return static_cast<Hdf5Image*>(image)->bytes; }
  static void* keep(void* to, const void*, size_t, H5FD_file_image_op_t, void*) { return to; }
  static void* refuse(void*, size_t, H5FD_file_image_op_t, void*) { return nullptr; }
  static herr_t leave(void*, H5FD_file_image_op_t, void*) { return 0; }
  static void* same(void* image) { return image; }
  static herr_t forget(void*) { return 0; }
};

}  // namespace detail

struct Hdf5Reader::State {
  std::string name;   // for errors, quoted
  std::string bytes;  // of a file in memory
  detail::Hdf5Image image = {};
  std::optional<FileRange> range;  // of the file, or of one that is a part of another
  detail::Id driver;               // for it
  uint64_t file_size = 0;
  detail::Id file;

  ~State() {
    const detail::Library library;
    file = detail::Id();
    driver = detail::Id();
  }

  [[noreturn]] void fail(std::string_view path, std::string_view what) const {
    throw IoError(message(name, ", '", path, "': ", what));
  }
  [[noreturn]] void fail_in_library(std::string_view path, std::string_view what) const {
    fail(path, message(what, detail::library_error(), ". The file is damaged; fetch or write it again."));
  }

  void open(const std::string& path, const detail::Id& access);

  /// The object at a path, reached by hard links alone; negative when there is none.
  detail::Id find(std::string_view path) const;
  /// The object at a path, which must be of this kind.
  detail::Id require(std::string_view path, H5I_type_t type) const;

  /// What is known of a dataset by its description.
  struct Description {
    detail::Id id;
    data::StoredType type;
    Shape shape;
  };
  Description describe(std::string_view path) const;
  /// Where a dataset's values are; IoError unless they are in the file, and as many as its shape says.
  struct Storage {
    detail::Id creation;
    H5D_layout_t layout = H5D_LAYOUT_ERROR;
    int filters = 0;
    uint64_t bytes = 0;  // of the values
  };
  Storage storage(std::string_view path, const Description& dataset) const;

  /// How a dataset is cut into chunks.
  struct Chunks {
    std::vector<detail::Filter> filters;  // in the order of writing
    std::vector<int64_t> shape;           // of one
    int64_t bytes = 0, elements = 0;      // of one
  };
  Chunks chunks(std::string_view path, const Description& dataset, const Storage& storage) const;

  Tensor read(std::string_view path, const Description& dataset, DType dtype) const;
  void read_contiguous(std::string_view path, const Description& dataset, Tensor& out) const;
  hsize_t stored_chunk_size(std::string_view path, const detail::Id& dataset, std::span<const hsize_t> offset,
                            bool without_filters) const;
  void check_chunk_count(std::string_view path, std::span<const int64_t> chunk, const Shape& shape) const;
  /// A chunk as the file has it, by its first element's place.
  struct StoredChunk {
    std::vector<unsigned char> bytes;
    std::vector<detail::Filter> applied;
  };
  StoredChunk stored_chunk(std::string_view path, const Description& dataset, const Chunks& chunks,
                           std::span<const int64_t> corner) const;
  void read_chunks(std::string_view path, const Description& dataset, const Storage& storage, Tensor& out) const;

  detail::Id open_attribute(std::string_view path, const std::string& attribute) const;
  /// Where the header of an object, or of the one that an attribute belongs to, is in the file.
  uint64_t header_of(std::string_view path, const detail::Id& object) const;
  detail::Hdf5Bytes stored_bytes(std::string_view path) const;
  std::vector<std::string> texts(std::string_view path, const std::string& attribute) const;
  std::vector<std::string> texts_of(std::string_view path, const std::string& attribute,
                                    const detail::Id& opened) const;
};

}  // namespace hebb::io
