#include "hebb/io/hdf5.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/hdf5_library.h"

namespace hebb::io {

namespace {

using detail::Id;
using detail::Library;
using detail::parts_of;

}  // namespace

struct Hdf5Writer::State {
  std::string name;
  bool in_memory = false;
  bool finished = false;
  Id file;

  ~State() {
    const Library library;
    file = Id();
  }

  [[noreturn]] void fail(std::string_view path, std::string_view what) const {
    throw IoError(message("cannot write ", name, ", '", path, "': ", what, detail::library_error(), "."));
  }
  void check(bool good, std::string_view path, std::string_view what) const {
    if (!good) fail(path, what);
  }
  void check_open() const {
    if (finished) throw InvalidArgument(message("HDF5: ", name, " is finished; nothing more can be written to it."));
  }

  /// The group of these parts, made where it is missing.
  Id group(std::span<const std::string> parts, std::string_view path) const {
    Id at(H5Gopen2(file.get(), "/", H5P_DEFAULT));
    for (const std::string& part : parts) {
      const bool exists = H5Lexists(at.get(), part.c_str(), H5P_DEFAULT) > 0;
      Id next(exists ? H5Gopen2(at.get(), part.c_str(), H5P_DEFAULT)
                     : H5Gcreate2(at.get(), part.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
      check(static_cast<bool>(next), path, message("'", part, "' cannot be made a group"));
      at = std::move(next);
    }
    return at;
  }

  void attribute(const Id& object, std::string_view path, const std::string& attribute, const Id& type, const Id& space,
                 const void* value) const {
    if (H5Aexists(object.get(), attribute.c_str()) > 0) H5Adelete(object.get(), attribute.c_str());
    const Id made(H5Acreate2(object.get(), attribute.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
    check(made && (!value || H5Awrite(made.get(), type.get(), value) >= 0), path,
          message("attribute '", attribute, "' cannot be written"));
  }

  Id object(std::string_view path) const {
    Id opened(H5Oopen(file.get(), path.empty() ? "/" : std::string(path).c_str(), H5P_DEFAULT));
    check(static_cast<bool>(opened), path, "an attribute needs a group or dataset that was written before");
    return opened;
  }
};

Hdf5Writer::Hdf5Writer() : state_(std::make_unique<State>()) {
  state_->name = "an HDF5 file in memory";
  state_->in_memory = true;
  const Library library;
  const Id access(H5Pcreate(H5P_FILE_ACCESS));
  constexpr size_t growth = 1 << 20;
  H5Pset_fapl_core(access.get(), growth, /*backing_store=*/false);
  state_->file = Id(H5Fcreate(detail::unique_image_name().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()));
  state_->check(static_cast<bool>(state_->file), "/", "it cannot be made");
}

Hdf5Writer::Hdf5Writer(const std::string& path) : state_(std::make_unique<State>()) {
  state_->name = message("'", path, "'");
  const Library library;
  const Id access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_file_locking(access.get(), true, /*ignore_when_disabled=*/true);
  state_->file = Id(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()));
  state_->check(static_cast<bool>(state_->file), "/", "it cannot be made");
}

Hdf5Writer::~Hdf5Writer() = default;
Hdf5Writer::Hdf5Writer(Hdf5Writer&&) noexcept = default;

void Hdf5Writer::make_group(std::string_view path) {
  state_->check_open();
  const Library library;
  (void)state_->group(parts_of(path), path);
}

void Hdf5Writer::write(std::string_view dataset, const Tensor& values) {
  state_->check_open();
  const void* elements = values.raw();
  const std::vector<std::string> parts = parts_of(dataset);
  if (parts.empty()) throw InvalidArgument("HDF5: a dataset needs a name.");
  const Library library;
  const Id group = state_->group(std::span(parts).first(parts.size() - 1), dataset);
  const Id type = detail::file_type(values.dtype());
  const Shape& shape = values.shape();
  const std::vector<hsize_t> sizes(shape.begin(), shape.end());
  const Id space(sizes.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(shape.rank(), sizes.data(), nullptr));
  const Id creation(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_obj_track_times(creation.get(), false);  // the same values, the same bytes
  const Id made(
      H5Dcreate2(group.get(), parts.back().c_str(), type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT));
  state_->check(static_cast<bool>(made), dataset, "the dataset cannot be made");
  if (values.dtype() == DType::bfloat16) {
    const Id text(H5Tcopy(H5T_C_S1)), one(H5Screate(H5S_SCALAR));
    H5Tset_size(text.get(), H5T_VARIABLE);
    H5Tset_cset(text.get(), H5T_CSET_UTF8);
    const char* name = "bfloat16";
    state_->attribute(made, dataset, "dtype", text, one, &name);
  }
  if (values.size() == 0) return;
  state_->check(H5Dwrite(made.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, elements) >= 0, dataset,
                "the values cannot be written");
}

void Hdf5Writer::make_dataset(std::string_view dataset, const Spec& spec, const Hdf5Layout& layout) {
  state_->check_open();
  const std::vector<std::string> parts = parts_of(dataset);
  const bool chunked = layout.chunk_rows > 0;
  if (parts.empty() || spec.shape.rank() < 1 || layout.chunk_rows < 0 || layout.compression < 0 ||
      layout.compression > 9 || (layout.compression > 0 && !chunked)) {
    throw InvalidArgument(message("HDF5: '", dataset,
                                  "': expected a name, a shape with rows and a compression from 0 to 9 of chunks, got ",
                                  spec, ", chunk_rows ", layout.chunk_rows, ", compression ", layout.compression, "."));
  }
  const Library library;
  const Id group = state_->group(std::span(parts).first(parts.size() - 1), dataset);
  const Id type = detail::file_type(spec.dtype);
  std::vector<hsize_t> sizes(spec.shape.begin(), spec.shape.end());
  const Id space(H5Screate_simple(spec.shape.rank(), sizes.data(), nullptr));
  const Id creation(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_obj_track_times(creation.get(), false);
  if (chunked) {
    sizes[0] = static_cast<hsize_t>(layout.chunk_rows);
    state_->check(H5Pset_chunk(creation.get(), spec.shape.rank(), sizes.data()) >= 0, dataset, "chunks cannot be made");
    if (layout.compression > 0) H5Pset_deflate(creation.get(), static_cast<unsigned>(layout.compression));
  }
  const Id made(
      H5Dcreate2(group.get(), parts.back().c_str(), type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT));
  state_->check(static_cast<bool>(made), dataset, "the dataset cannot be made");
}

void Hdf5Writer::write_rows(std::string_view dataset, int64_t first, const Tensor& values) {
  state_->check_open();
  const void* elements = values.raw();
  const Library library;
  const Id made(H5Dopen2(state_->file.get(), std::string(dataset).c_str(), H5P_DEFAULT));
  state_->check(static_cast<bool>(made), dataset, "rows need a dataset that was made before");
  const Id space(H5Dget_space(made.get())), type = detail::file_type(values.dtype());
  const int rank = H5Sget_simple_extent_ndims(space.get());
  std::vector<hsize_t> sizes(static_cast<size_t>(std::max(rank, 1)), 0), start(sizes.size(), 0);
  H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr);
  const std::vector<hsize_t> given(values.shape().begin(), values.shape().end());
  const bool fits = rank >= 1 && values.rank() == rank &&
                    std::equal(given.begin() + 1, given.end(), sizes.begin() + 1) && first >= 0 &&
                    static_cast<hsize_t>(first) + given[0] <= sizes[0];
  if (!fits) {
    throw InvalidArgument(
        message("HDF5: '", dataset, "': ", values.spec(), " from row ", first, " on are no rows of this dataset."));
  }
  if (values.size() == 0) return;
  start[0] = static_cast<hsize_t>(first);
  const Id memory(H5Screate_simple(rank, given.data(), nullptr));
  H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, given.data(), nullptr);
  state_->check(H5Dwrite(made.get(), type.get(), memory.get(), space.get(), H5P_DEFAULT, elements) >= 0, dataset,
                "the rows cannot be written");
}

void Hdf5Writer::write_attribute(std::string_view path, std::string_view name, std::string_view value) {
  state_->check_open();
  const std::string text(value);
  if (text.find('\0') != std::string::npos)
    throw InvalidArgument(message("HDF5: attribute '", name, "' has a zero byte in its text."));
  const Library library;
  const Id object = state_->object(path);
  const Id type(H5Tcopy(H5T_C_S1)), space(H5Screate(H5S_SCALAR));
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  const char* pointer = text.c_str();
  state_->attribute(object, path, std::string(name), type, space, &pointer);
}

void Hdf5Writer::write_attribute(std::string_view path, std::string_view name, std::span<const std::string> values) {
  state_->check_open();
  constexpr size_t most = 64512;  // Keras's HDF5_OBJECT_HEADER_LIMIT
  size_t width = 1;
  for (const std::string& value : values) width = std::max(width, value.size());
  if (width > most) {
    throw NotSupported(message("HDF5: attribute '", name, "' has a text of ", width, " bytes; at most ", most,
                               " fit. Use shorter layer names."));
  }
  // numpy.array_split into the fewest parts that all fit: the first ones have one item more.
  const size_t longest = most / width;
  const size_t parts = std::max<size_t>(1, (values.size() + longest - 1) / longest);

  const Library library;
  const Id object = state_->object(path);
  if (values.empty()) {
    const hsize_t none = 0;
    const Id type(H5Tcopy(H5T_IEEE_F64LE)), space(H5Screate_simple(1, &none, nullptr));
    state_->attribute(object, path, std::string(name), type, space, nullptr);
    return;
  }
  const Id type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), width);
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  for (size_t part = 0, at = 0; part < parts; ++part) {
    const size_t count = values.size() / parts + (part < values.size() % parts ? 1 : 0);
    std::string all(count * width, '\0');
    for (size_t i = 0; i < count; ++i) values[at + i].copy(all.data() + i * width, width);
    at += count;
    const hsize_t size = count;
    const Id space(H5Screate_simple(1, &size, nullptr));
    state_->attribute(object, path, parts == 1 ? std::string(name) : message(name, part), type, space, all.data());
  }
}

std::string Hdf5Writer::finish() {
  state_->check_open();
  const Library library;
  state_->finished = true;
  const hid_t file = state_->file.get();
  state_->check(H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0, "/", "writing it out failed");
  std::string bytes;
  if (state_->in_memory) {
    const ssize_t size = H5Fget_file_image(file, nullptr, 0);
    state_->check(size >= 0, "/", "its bytes cannot be had");
    bytes.resize(static_cast<size_t>(size));
    state_->check(H5Fget_file_image(file, bytes.data(), bytes.size()) == size, "/", "its bytes cannot be had");
  }
  state_->file = Id();
  return bytes;
}

}  // namespace hebb::io
