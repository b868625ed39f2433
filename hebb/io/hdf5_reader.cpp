#include "hebb/io/hdf5.h"

#include <algorithm>
#include <array>

#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/data/stored_elements.h"
#include "hebb/io/hdf5_chunk.h"
#include "hebb/io/hdf5_library.h"

namespace hebb::io {

namespace {

using data::StoredType;
using detail::Id;
using detail::Library;
using detail::library_error;

/// What attributes of a file may take in memory together, each: configurations of thousands of layers are some
/// megabytes.
constexpr size_t most_attribute_bytes = size_t{256} << 20;

/// Lets libhdf5 read the caller's bytes in place instead of copying them twice.
struct Image {
  void* bytes;

  static void* give(size_t, H5FD_file_image_op_t, void* image) { return static_cast<Image*>(image)->bytes; }
  static void* keep(void* to, const void*, size_t, H5FD_file_image_op_t, void*) { return to; }
  static void* refuse(void*, size_t, H5FD_file_image_op_t, void*) { return nullptr; }
  static herr_t leave(void*, H5FD_file_image_op_t, void*) { return 0; }
  static void* same(void* image) { return image; }
  static herr_t forget(void*) { return 0; }
};

}  // namespace

struct Hdf5Reader::State {
  std::string name;   // for errors, quoted
  std::string bytes;  // of a file in memory
  Image image = {};
  uint64_t file_size = 0;
  Id file;

  ~State() {
    const Library library;
    file = Id();
  }

  [[noreturn]] void fail(std::string_view path, std::string_view what) const {
    throw IoError(message(name, ", '", path, "': ", what));
  }
  [[noreturn]] void fail_in_library(std::string_view path, std::string_view what) const {
    fail(path, message(what, library_error(), ". The file is damaged; fetch or write it again."));
  }

  void open(const std::string& path, const Id& access) {
    file = Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()));
    if (file) return;
    throw IoError(message(name, ": it cannot be opened as an HDF5 file", library_error(),
                          ". It is damaged, cut off, or another kind of file."));
  }

  /// The object at a path, reached by hard links alone; negative when there is none.
  Id find(std::string_view path) const {
    Id at(H5Gopen2(file.get(), "/", H5P_DEFAULT));
    if (!at) fail_in_library(path, "the root group cannot be opened");
    for (const std::string& part : detail::parts_of(path)) {
      if (H5Iget_type(at.get()) != H5I_GROUP) return Id();
      const htri_t exists = H5Lexists(at.get(), part.c_str(), H5P_DEFAULT);
      if (exists < 0) fail_in_library(path, message("looking up '", part, "' failed"));
      if (exists == 0) return Id();
      H5L_info_t link;
      if (H5Lget_info(at.get(), part.c_str(), &link, H5P_DEFAULT) < 0) {
        fail_in_library(path, message("the link '", part, "' cannot be read"));
      }
      if (link.type != H5L_TYPE_HARD) {
        const char* kind = link.type == H5L_TYPE_SOFT       ? "a soft"
                           : link.type == H5L_TYPE_EXTERNAL ? "an external"
                                                            : "a user-defined";
        fail(path,
             message("'", part, "' is ", kind,
                     " link, which hebb does not follow, since it may lead out of the file. Save the file with its "
                     "contents in place."));
      }
      Id next(H5Oopen(at.get(), part.c_str(), H5P_DEFAULT));
      if (!next) fail_in_library(path, message("'", part, "' cannot be opened"));
      at = std::move(next);
    }
    return at;
  }

  Id require(std::string_view path, H5I_type_t type) const {
    Id found = find(path);
    if (!found) fail(path, "there is no such object in the file. Is it the right file?");
    const H5I_type_t is = H5Iget_type(found.get());
    if (is == type || type == H5I_UNINIT) return found;
    fail(path, message("expected a ", type == H5I_GROUP ? "group" : "dataset", ", but it is ",
                       is == H5I_GROUP     ? "a group"
                       : is == H5I_DATASET ? "a dataset"
                                           : "something else",
                       "."));
  }

  /// What is known of a dataset by its description.
  struct Description {
    Id id;
    StoredType type;
    Shape shape;
  };
  Description describe(std::string_view path) const;
  Tensor read(std::string_view path, const Description& dataset, DType dtype) const;
  void read_contiguous(std::string_view path, const Description& dataset, Tensor& out) const;
  hsize_t stored_chunk_size(std::string_view path, const Id& dataset, std::span<const hsize_t> offset,
                            bool without_filters) const;
  void check_chunk_count(std::string_view path, std::span<const int64_t> chunk, const Shape& shape,
                         bool without_filters) const;
  void read_chunks(std::string_view path, const Description& dataset, const Id& creation, Tensor& out) const;

  Id open_attribute(std::string_view path, const std::string& attribute) const;
  std::vector<std::string> texts(std::string_view path, const std::string& attribute) const;
  std::vector<std::string> texts_of(std::string_view path, const std::string& attribute, const Id& opened) const;
};

Hdf5Reader::Hdf5Reader(const std::string& path) : state_(std::make_unique<State>()) {
  state_->name = message("'", path, "'");
  {
    const auto source = open_file(path);  // tells best why a file cannot be read
    state_->file_size = source->most_left();
  }
  const Library library;
  const Id access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_file_locking(access.get(), true, /*ignore_when_disabled=*/true);
  state_->open(path, access);
}

Hdf5Reader::Hdf5Reader(std::string bytes, std::string name) : state_(std::make_unique<State>()) {
  state_->name = std::move(name);
  state_->bytes = std::move(bytes);
  state_->file_size = state_->bytes.size();
  state_->image.bytes = state_->bytes.data();
  if (state_->bytes.empty()) throw IoError(message(state_->name, ": it is empty; expected an HDF5 file."));
  const Library library;
  const Id access(H5Pcreate(H5P_FILE_ACCESS));
  H5FD_file_image_callbacks_t callbacks = {Image::give, Image::keep,   Image::refuse, Image::leave,
                                           Image::same, Image::forget, &state_->image};
  constexpr size_t growth = 1 << 16;
  if (H5Pset_fapl_core(access.get(), growth, /*backing_store=*/false) < 0 ||
      H5Pset_file_image_callbacks(access.get(), &callbacks) < 0 ||
      H5Pset_file_image(access.get(), state_->bytes.data(), state_->bytes.size()) < 0) {
    throw InternalError(message("HDF5: a file in memory cannot be set up", library_error(), "."));
  }
  state_->open(detail::unique_image_name(), access);
}

Hdf5Reader::~Hdf5Reader() = default;
Hdf5Reader::Hdf5Reader(Hdf5Reader&&) noexcept = default;

Hdf5Kind Hdf5Reader::kind(std::string_view path) const {
  const Library library;
  const Id found = state_->find(path);
  if (!found) return Hdf5Kind::none;
  const H5I_type_t type = H5Iget_type(found.get());
  return type == H5I_GROUP ? Hdf5Kind::group : type == H5I_DATASET ? Hdf5Kind::dataset : Hdf5Kind::none;
}

std::vector<std::string> Hdf5Reader::children(std::string_view group) const {
  const Library library;
  const Id opened = state_->require(group, H5I_GROUP);
  std::vector<std::string> names;
  auto collect = [](hid_t, const char* name, const H5L_info_t*, void* to) -> herr_t {
    auto& list = *static_cast<std::vector<std::string>*>(to);
    constexpr size_t most = 1'000'000;
    try {
      list.emplace_back(name);
    } catch (...) {
      return -1;
    }
    return list.size() < most ? 0 : -1;
  };
  hsize_t position = 0;
  if (H5Literate(opened.get(), H5_INDEX_NAME, H5_ITER_NATIVE, &position, collect, &names) < 0) {
    state_->fail_in_library(group, "the names in the group cannot be read");
  }
  std::sort(names.begin(), names.end());
  return names;
}

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

Id Hdf5Reader::State::open_attribute(std::string_view path, const std::string& attribute) const {
  const Id object = require(path, H5I_UNINIT);
  const htri_t exists = H5Aexists(object.get(), attribute.c_str());
  if (exists < 0) fail_in_library(path, message("attribute '", attribute, "' cannot be looked up"));
  if (exists == 0) return Id();
  Id opened(H5Aopen(object.get(), attribute.c_str(), H5P_DEFAULT));
  if (!opened) fail_in_library(path, message("attribute '", attribute, "' cannot be opened"));
  return opened;
}

std::vector<std::string> Hdf5Reader::State::texts(std::string_view path, const std::string& attribute) const {
  return texts_of(path, attribute, open_attribute(path, attribute));
}

std::vector<std::string> Hdf5Reader::State::texts_of(std::string_view path, const std::string& attribute,
                                                     const Id& opened) const {
  auto refuse = [&](std::string_view what) { fail(path, message("attribute '", attribute, "': ", what)); };
  const Id type(H5Aget_type(opened.get())), space(H5Aget_space(opened.get()));
  if (!type || !space) fail_in_library(path, message("attribute '", attribute, "' cannot be read"));
  const hssize_t counted =
      H5Sget_simple_extent_type(space.get()) == H5S_NULL ? 0 : H5Sget_simple_extent_npoints(space.get());
  const size_t width = H5Tget_size(type.get());
  const H5T_class_t kind = H5Tget_class(type.get());
  if (counted == 0 && (kind == H5T_STRING || kind == H5T_FLOAT)) return {};
  if (kind != H5T_STRING) refuse("expected text, but it holds another type.");
  if (H5Sget_simple_extent_ndims(space.get()) > 1) refuse("expected a text or a list of them, but it has more axes.");
  if (counted < 0 || width == 0 || static_cast<uint64_t>(counted) > most_attribute_bytes / width) {
    refuse("it is too large to be right. The file is damaged.");
  }
  const auto count = static_cast<size_t>(counted);
  std::vector<std::string> out;
  out.reserve(count);

  if (H5Tis_variable_str(type.get()) > 0) {
    std::vector<char*> texts(count, nullptr);
    if (H5Aread(opened.get(), type.get(), texts.data()) < 0) {
      fail_in_library(path, message("attribute '", attribute, "' cannot be read"));
    }
    size_t total = 0;
    for (const char* text : texts) {
      out.emplace_back(text ? text : "");
      total += out.back().size();
      if (total > most_attribute_bytes) break;
    }
    H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, texts.data());
    if (total > most_attribute_bytes) refuse("it is too large to be right. The file is damaged.");
    return out;
  }

  std::string all(count * width, '\0');
  if (H5Aread(opened.get(), type.get(), all.data()) < 0) {
    fail_in_library(path, message("attribute '", attribute, "' cannot be read"));
  }
  const H5T_str_t padding = H5Tget_strpad(type.get());
  for (size_t i = 0; i < count; ++i) {
    std::string_view text = std::string_view(all).substr(i * width, width);
    if (padding == H5T_STR_NULLTERM) {
      text = text.substr(0, text.find('\0'));
    } else {
      const size_t last = text.find_last_not_of(padding == H5T_STR_SPACEPAD ? ' ' : '\0');
      text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
    }
    out.emplace_back(text);
  }
  return out;
}

bool Hdf5Reader::has_attribute(std::string_view path, std::string_view name) const {
  const Library library;
  return static_cast<bool>(state_->open_attribute(path, std::string(name)));
}

std::optional<std::string> Hdf5Reader::string_attribute(std::string_view path, std::string_view name) const {
  const Library library;
  const std::string attribute(name);
  const Id opened = state_->open_attribute(path, attribute);
  if (!opened) return std::nullopt;
  std::vector<std::string> texts = state_->texts_of(path, attribute, opened);
  if (texts.size() == 1) return std::move(texts.front());
  state_->fail(path, message("attribute '", name, "': expected one text, the file has ", texts.size(), "."));
}

std::optional<std::vector<std::string>> Hdf5Reader::strings_attribute(std::string_view path,
                                                                      std::string_view name) const {
  const Library library;
  const std::string attribute(name);
  if (const Id whole = state_->open_attribute(path, attribute)) return state_->texts_of(path, attribute, whole);
  std::optional<std::vector<std::string>> out;
  for (int part = 0;; ++part) {
    const std::string part_name = message(name, part);
    const Id opened = state_->open_attribute(path, part_name);
    if (!opened) return out;
    if (!out) out.emplace();
    for (std::string& text : state_->texts_of(path, part_name, opened)) out->push_back(std::move(text));
  }
}

}  // namespace hebb::io
