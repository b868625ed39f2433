#include <algorithm>
#include <array>

#include "hebb/io/hdf5_chunk.h"
#include "hebb/io/hdf5_reader_state.h"

namespace hebb::io {

using data::StoredType;
using detail::Id;
using detail::Library;

Hdf5Reader::State::Description Hdf5Reader::State::describe(std::string_view path) const {
  Description out;
  out.id = require(path, H5I_DATASET);
  const Id type(H5Dget_type(out.id.get())), space(H5Dget_space(out.id.get()));
  if (!type || !space) fail_in_library(path, "the dataset's description cannot be read");
  const auto known = detail::stored_type(type.get());
  if (!known)
    fail(path,
         "expected a dataset of numbers: integers, floats of 16, 32 or 64 bits, or booleans. It holds another type.");
  out.type = *known;

  const H5S_class_t space_class = H5Sget_simple_extent_type(space.get());
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if ((space_class != H5S_SCALAR && space_class != H5S_SIMPLE) || rank < 0)
    fail(path, "the dataset has no shape, and no values.");
  if (rank > Shape::max_rank) {
    fail(path, message("a dataset of ", rank, " axes; hebb's tensors have at most ", Shape::max_rank, "."));
  }
  std::array<hsize_t, Shape::max_rank> sizes = {};
  H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
  std::vector<int64_t> shape(sizes.begin(), sizes.begin() + rank);
  if (data::stored_bytes(shape, out.type.bytes) < 0)
    fail(path, "the dataset's shape is impossibly large. The file is damaged.");
  out.shape = Shape(shape);

  // Keras stores bfloat16 as 16-bit integers, and says so.
  const bool is_integer =
      out.type.kind == StoredType::Kind::unsigned_integer || out.type.kind == StoredType::Kind::signed_integer;
  if (is_integer && out.type.bytes == 2 && H5Aexists(out.id.get(), "dtype") > 0 &&
      texts(path, "dtype") == std::vector<std::string>{"bfloat16"}) {
    out.type.kind = StoredType::Kind::bfloat;
  }
  return out;
}

Spec Hdf5Reader::spec(std::string_view dataset) const {
  const Library library;
  const State::Description description = state_->describe(dataset);
  return {description.shape, description.type.dtype()};
}

Tensor Hdf5Reader::read(std::string_view dataset, const Spec& expected) const {
  const Library library;
  const State::Description description = state_->describe(dataset);
  if (description.shape != expected.shape) {
    state_->fail(dataset, message("expected the shape ", expected.shape, ", the file has ", description.shape,
                                  ". Its weights belong to another architecture."));
  }
  if (!description.type.converts_to(expected.dtype)) {
    state_->fail(dataset, message("expected ", expected.dtype, ", the file has ", description.type,
                                  ", which is not converted."));
  }
  return state_->read(dataset, description, expected.dtype);
}

Tensor Hdf5Reader::State::read(std::string_view path, const Description& dataset, DType dtype) const {
  const Id creation(H5Dget_create_plist(dataset.id.get()));
  if (!creation) fail_in_library(path, "the dataset's description cannot be read");
  const H5D_layout_t layout = H5Pget_layout(creation.get());
  if (layout == H5D_VIRTUAL) {
    fail(path,
         "a virtual dataset, whose values are in other files; hebb does not read those. Save the file with its values "
         "in place.");
  }
  if (H5Pget_external_count(creation.get()) != 0) {
    fail(path, "its values are in an external file; hebb does not read those. Save the file with its values in place.");
  }
  if (layout != H5D_CONTIGUOUS && layout != H5D_COMPACT && layout != H5D_CHUNKED)
    fail(path, "an unknown storage layout.");

  const auto bytes = static_cast<uint64_t>(
      data::stored_bytes(std::span(dataset.shape.begin(), dataset.shape.end()), dataset.type.bytes));
  const int filters = H5Pget_nfilters(creation.get());
  if (filters < 0 || (filters > 0 && layout != H5D_CHUNKED))
    fail(path, "its filters cannot be read. The file is damaged.");
  // Stored bytes that the values cannot come from: the shape is a lie. Deflate makes at most 1032 bytes of one.
  constexpr uint64_t most_expansion = 1032;
  const uint64_t storage = std::min<uint64_t>(H5Dget_storage_size(dataset.id.get()), file_size);
  if (bytes / (filters > 0 ? most_expansion : 1) > storage) {
    fail(path, message("the shape ", dataset.shape, " needs ", bytes, " bytes, but the file holds ", storage,
                       " for it. It is damaged, or was never written to its end."));
  }

  Tensor out = Tensor::empty(dataset.shape, dtype);
  if (bytes == 0) return out;
  try {
    if (layout == H5D_CHUNKED) {
      read_chunks(path, dataset, creation, out);
    } else {
      read_contiguous(path, dataset, out);
    }
  } catch (const InvalidArgument& error) {
    fail(path, error.what());
  }
  return out;
}

void Hdf5Reader::State::read_contiguous(std::string_view path, const Description& dataset, Tensor& out) const {
  // The memory has the file's type, so that libhdf5 converts nothing.
  const Id type(H5Dget_type(dataset.id.get()));
  auto read_to = [&](void* to) {
    if (H5Dread(dataset.id.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, to) < 0) {
      fail_in_library(path, "the values cannot be read");
    }
  };
  if (dataset.type.is_plain(out.dtype())) {
    read_to(out.mutable_raw());
    return;
  }
  std::vector<char> stored(static_cast<size_t>(out.size() * dataset.type.bytes));
  read_to(stored.data());
  data::convert_elements(dataset.type, stored.data(), out.size(), out.dtype(), out.mutable_raw());
}

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

void Hdf5Reader::State::check_chunk_count(std::string_view path, std::span<const int64_t> chunk, const Shape& shape,
                                          bool without_filters) const {
  // Asking for the size of one walks over all of them.
  constexpr int64_t most = 2000;
  int64_t count = 1;
  for (int axis = 0; axis < shape.rank(); ++axis)
    count *= (shape[axis] + chunk[static_cast<size_t>(axis)] - 1) / chunk[static_cast<size_t>(axis)];
  if (without_filters && count > most) {
    fail(path, message("its values are in ", count, " uncompressed chunks; hebb reads up to ", most,
                       ". Save the dataset in larger chunks or in one piece."));
  }
}

void Hdf5Reader::State::read_chunks(std::string_view path, const Description& dataset, const Id& creation,
                                    Tensor& out) const {
  std::vector<detail::Filter> filters;
  const int filter_count = H5Pget_nfilters(creation.get());
  for (int i = 0; i < filter_count; ++i) {
    unsigned flags = 0, configuration = 0;
    size_t parameters = 0;
    const H5Z_filter_t number = H5Pget_filter2(creation.get(), static_cast<unsigned>(i), &flags, &parameters, nullptr,
                                               0, nullptr, &configuration);
    const bool known = number == H5Z_FILTER_DEFLATE || number == H5Z_FILTER_SHUFFLE || number == H5Z_FILTER_FLETCHER32;
    const auto filter = static_cast<detail::Filter>(number);
    if (!known) {
      fail(path, message("filter ", number,
                         "; hebb reads deflate, shuffle and fletcher32. Save the file without compression."));
    }
    if (std::find(filters.begin(), filters.end(), filter) != filters.end()) {
      fail(path, "the same filter twice, as no program writes it. The file is damaged, or made to exhaust memory.");
    }
    filters.push_back(filter);
  }

  const int rank = out.rank();
  std::array<hsize_t, Shape::max_rank + 1> sizes = {};
  const int chunk_rank = H5Pget_chunk(creation.get(), Shape::max_rank + 1, sizes.data());
  if (rank == 0 || chunk_rank != rank) fail(path, "its chunks have another rank. The file is damaged.");
  std::vector<int64_t> chunk(sizes.begin(), sizes.begin() + rank);
  const int64_t chunk_bytes = data::stored_bytes(chunk, dataset.type.bytes);
  const int64_t all_bytes = out.size() * dataset.type.bytes;
  // A growing dataset starts with chunks larger than itself; but not by much.
  constexpr int64_t small = 1 << 20;
  if (chunk_bytes <= 0 || chunk_bytes > std::max(small, 4 * all_bytes)) {
    fail(path, message("chunks of ", chunk_bytes, " bytes for values of ", all_bytes,
                       ". The file is damaged, or made to exhaust memory."));
  }
  const int64_t chunk_elements = chunk_bytes / dataset.type.bytes;
  check_chunk_count(path, chunk, out.shape(), filters.empty());

  const std::vector<int64_t> shape = out.shape().to_vector();
  std::vector<int64_t> corner(static_cast<size_t>(rank), 0);
  std::vector<unsigned char> converted(static_cast<size_t>(chunk_elements * size_of(out.dtype())));
  for (;;) {
    const std::vector<hsize_t> offset(corner.begin(), corner.end());
    const hsize_t stored_size = stored_chunk_size(path, dataset.id, offset, filters.empty());
    // What cannot be compressed grows by some bytes in a thousand.
    if (stored_size > static_cast<hsize_t>(chunk_bytes + chunk_bytes / 64 + 1024)) {
      fail(path, message("a chunk takes ", stored_size, " bytes instead of ", chunk_bytes, ". The file is damaged."));
    }
    std::vector<unsigned char> stored(static_cast<size_t>(stored_size));
    uint32_t skipped = 0;  // a bit for each filter that was not applied
    if (H5Dread_chunk(dataset.id.get(), H5P_DEFAULT, offset.data(), &skipped, stored.data()) < 0) {
      fail_in_library(path, "a chunk of its values cannot be read");
    }
    std::vector<detail::Filter> applied;
    for (size_t i = 0; i < filters.size(); ++i) {
      if (!(skipped >> i & 1)) applied.push_back(filters[i]);
    }
    const auto element = static_cast<size_t>(dataset.type.bytes);
    const auto plain = detail::decode_chunk(std::move(stored), applied, static_cast<size_t>(chunk_bytes), element);
    data::convert_elements(dataset.type, plain.data(), chunk_elements, out.dtype(), converted.data());
    detail::place_chunk(converted.data(), chunk, corner, shape, static_cast<size_t>(size_of(out.dtype())),
                        static_cast<unsigned char*>(out.mutable_raw()));

    size_t axis = static_cast<size_t>(rank);
    for (;;) {
      if (axis == 0) return;
      --axis;
      corner[axis] += chunk[axis];
      if (corner[axis] < shape[axis]) break;
      corner[axis] = 0;
    }
  }
}

}  // namespace hebb::io
