#include <algorithm>
#include <array>

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

  // Keras stores bfloat16 as two bytes that h5py makes opaque (some versions: 16-bit integers), and says so.
  const bool is_integer =
      out.type.kind == StoredType::Kind::unsigned_integer || out.type.kind == StoredType::Kind::signed_integer;
  const bool is_opaque = out.type.kind == StoredType::Kind::bfloat;
  if ((is_opaque || is_integer) && out.type.bytes == 2) {
    const bool says_so =
        H5Aexists(out.id.get(), "dtype") > 0 && texts(path, "dtype") == std::vector<std::string>{"bfloat16"};
    if (says_so) out.type.kind = StoredType::Kind::bfloat;
    if (is_opaque && !says_so)
      fail(path, "expected a dataset of numbers, got two bytes each of which nothing is known.");
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

Hdf5Reader::State::Storage Hdf5Reader::State::storage(std::string_view path, const Description& dataset) const {
  Storage out;
  out.creation = Id(H5Dget_create_plist(dataset.id.get()));
  if (!out.creation) fail_in_library(path, "the dataset's description cannot be read");
  out.layout = H5Pget_layout(out.creation.get());
  if (out.layout == H5D_VIRTUAL) {
    fail(path,
         "a virtual dataset, whose values are in other files; hebb does not read those. Save the file with its values "
         "in place.");
  }
  if (H5Pget_external_count(out.creation.get()) != 0) {
    fail(path, "its values are in an external file; hebb does not read those. Save the file with its values in place.");
  }
  if (out.layout != H5D_CONTIGUOUS && out.layout != H5D_COMPACT && out.layout != H5D_CHUNKED)
    fail(path, "an unknown storage layout.");

  out.bytes = static_cast<uint64_t>(
      data::stored_bytes(std::span(dataset.shape.begin(), dataset.shape.end()), dataset.type.bytes));
  out.filters = H5Pget_nfilters(out.creation.get());
  if (out.filters < 0 || (out.filters > 0 && out.layout != H5D_CHUNKED))
    fail(path, "its filters cannot be read. The file is damaged.");
  // Stored bytes that the values cannot come from: the shape is a lie. Deflate makes at most 1032 bytes of one.
  constexpr uint64_t most_expansion = 1032;
  const uint64_t stored = std::min<uint64_t>(H5Dget_storage_size(dataset.id.get()), file_size);
  if (out.bytes / (out.filters > 0 ? most_expansion : 1) > stored) {
    fail(path, message("the shape ", dataset.shape, " needs ", out.bytes, " bytes, but the file holds ", stored,
                       " for it. It is damaged, or was never written to its end."));
  }
  return out;
}

Tensor Hdf5Reader::State::read(std::string_view path, const Description& dataset, DType dtype) const {
  const Storage where = storage(path, dataset);
  Tensor out = Tensor::empty(dataset.shape, dtype);
  if (where.bytes == 0) return out;
  try {
    if (where.layout == H5D_CHUNKED) {
      read_chunks(path, dataset, where, out);
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

}  // namespace hebb::io
