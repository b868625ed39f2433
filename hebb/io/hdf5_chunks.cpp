#include <algorithm>
#include <array>

#include "hebb/io/hdf5_reader_state.h"

namespace hebb::io {

using detail::Id;

hsize_t Hdf5Reader::State::stored_chunk_size(std::string_view path, const Id& dataset, std::span<const hsize_t> offset,
                                             bool without_filters) const {
  hsize_t size = 0;
  if (without_filters) {
    // libhdf5 reads as many bytes as the file's index says, into whatever buffer; only this call gives that number for
    // a chunk without filters.
    haddr_t address = HADDR_UNDEF;
    unsigned skipped_filters = 0;
    if (H5Dget_chunk_info_by_coord(dataset.get(), offset.data(), &skipped_filters, &address, &size) < 0 ||
        address == HADDR_UNDEF) {
      size = 0;
    }
  } else if (H5Dget_chunk_storage_size(dataset.get(), offset.data(), &size) < 0) {
    size = 0;
  }
  if (size == 0) fail_in_library(path, "a chunk of its values is missing");
  return size;
}

void Hdf5Reader::State::check_chunk_count(std::string_view path, std::span<const int64_t> chunk,
                                          const Shape& shape) const {
  // Asking for the size of one walks over all of them.
  constexpr int64_t most = 2000;
  int64_t count = 1;
  for (int axis = 0; axis < shape.rank(); ++axis)
    count *= (shape[axis] + chunk[static_cast<size_t>(axis)] - 1) / chunk[static_cast<size_t>(axis)];
  if (count > most) {
    fail(path, message("its values are in ", count, " uncompressed chunks; hebb reads up to ", most,
                       ". Save the dataset in larger chunks or in one piece."));
  }
}

Hdf5Reader::State::Chunks Hdf5Reader::State::chunks(std::string_view path, const Description& dataset,
                                                    const Storage& storage) const {
  Chunks out;
  for (int i = 0; i < storage.filters; ++i) {
    unsigned flags = 0, configuration = 0;
    size_t parameters = 0;
    const H5Z_filter_t number = H5Pget_filter2(storage.creation.get(), static_cast<unsigned>(i), &flags, &parameters,
                                               nullptr, 0, nullptr, &configuration);
    const bool known = number == H5Z_FILTER_DEFLATE || number == H5Z_FILTER_SHUFFLE || number == H5Z_FILTER_FLETCHER32;
    const auto filter = static_cast<detail::Filter>(number);
    if (!known) {
      fail(path, message("filter ", number,
                         "; hebb reads deflate, shuffle and fletcher32. Save the file without compression."));
    }
    if (std::find(out.filters.begin(), out.filters.end(), filter) != out.filters.end()) {
      fail(path, "the same filter twice, as no program writes it. The file is damaged, or made to exhaust memory.");
    }
    out.filters.push_back(filter);
  }

  const int rank = dataset.shape.rank();
  std::array<hsize_t, Shape::max_rank + 1> sizes = {};
  const int chunk_rank = H5Pget_chunk(storage.creation.get(), Shape::max_rank + 1, sizes.data());
  if (rank == 0 || chunk_rank != rank) fail(path, "its chunks have another rank. The file is damaged.");
  out.shape.assign(sizes.begin(), sizes.begin() + rank);
  out.bytes = data::stored_bytes(out.shape, dataset.type.bytes);
  // A growing dataset starts with chunks larger than itself; but not by much.
  constexpr int64_t small = 1 << 20;
  if (out.bytes <= 0 || out.bytes > std::max(small, 4 * static_cast<int64_t>(storage.bytes))) {
    fail(path, message("chunks of ", out.bytes, " bytes for values of ", storage.bytes,
                       ". The file is damaged, or made to exhaust memory."));
  }
  out.elements = out.bytes / dataset.type.bytes;
  return out;
}

Hdf5Reader::State::StoredChunk Hdf5Reader::State::stored_chunk(std::string_view path, const Description& dataset,
                                                               const Chunks& chunks,
                                                               std::span<const int64_t> corner) const {
  StoredChunk out;
  const std::vector<hsize_t> offset(corner.begin(), corner.end());
  const hsize_t size = stored_chunk_size(path, dataset.id, offset, chunks.filters.empty());
  // What cannot be compressed grows by some bytes in a thousand.
  if (size > static_cast<hsize_t>(chunks.bytes + chunks.bytes / 64 + 1024)) {
    fail(path, message("a chunk takes ", size, " bytes instead of ", chunks.bytes, ". The file is damaged."));
  }
  out.bytes.resize(static_cast<size_t>(size));
  uint32_t skipped = 0;  // a bit for each filter that was not applied
  if (H5Dread_chunk(dataset.id.get(), H5P_DEFAULT, offset.data(), &skipped, out.bytes.data()) < 0) {
    fail_in_library(path, "a chunk of its values cannot be read");
  }
  for (size_t i = 0; i < chunks.filters.size(); ++i) {
    if (!(skipped >> i & 1)) out.applied.push_back(chunks.filters[i]);
  }
  return out;
}

void Hdf5Reader::State::read_chunks(std::string_view path, const Description& dataset, const Storage& storage,
                                    Tensor& out) const {
  const Chunks each = chunks(path, dataset, storage);
  if (each.filters.empty()) check_chunk_count(path, each.shape, out.shape());
  const int rank = out.rank();
  const std::vector<int64_t> shape = out.shape().to_vector();
  std::vector<int64_t> corner(static_cast<size_t>(rank), 0);
  std::vector<unsigned char> converted(static_cast<size_t>(each.elements * size_of(out.dtype())));
  for (;;) {
    StoredChunk stored = stored_chunk(path, dataset, each, corner);
    const auto plain = detail::decode_chunk(std::move(stored.bytes), stored.applied, static_cast<size_t>(each.bytes),
                                            static_cast<size_t>(dataset.type.bytes));
    data::convert_elements(dataset.type, plain.data(), each.elements, out.dtype(), converted.data());
    detail::place_chunk(converted.data(), each.shape, corner, shape, static_cast<size_t>(size_of(out.dtype())),
                        static_cast<unsigned char*>(out.mutable_raw()));

    size_t axis = static_cast<size_t>(rank);
    for (;;) {
      if (axis == 0) return;
      --axis;
      corner[axis] += each.shape[axis];
      if (corner[axis] < shape[axis]) break;
      corner[axis] = 0;
    }
  }
}

}  // namespace hebb::io
