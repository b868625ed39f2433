#include <algorithm>
#include <set>

#include "hebb/base/byte_source.h"
#include "hebb/io/hdf5_range.h"
#include "hebb/io/hdf5_reader_state.h"

namespace hebb::io {

using detail::Id;
using detail::Library;
using detail::library_error;

void Hdf5Reader::State::open(const std::string& path, const Id& access) {
  file = Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()));
  if (file) return;
  throw IoError(message(name, ": it cannot be opened as an HDF5 file", library_error(),
                        ". It is damaged, cut off, or another kind of file."));
}

Id Hdf5Reader::State::find(std::string_view path) const {
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
      fail(path, message("'", part, "' is ", kind,
                         " link, which hebb does not follow, since it may lead out of the file. Save the file with its "
                         "contents in place."));
    }
    Id next(H5Oopen(at.get(), part.c_str(), H5P_DEFAULT));
    if (!next) fail_in_library(path, message("'", part, "' cannot be opened"));
    at = std::move(next);
  }
  return at;
}

Id Hdf5Reader::State::require(std::string_view path, H5I_type_t type) const {
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

namespace {

/// Compressed chunks are decoded here (hdf5_chunk.h). Others are then read a row at a time, from their places, where a
/// chunk's size in the file's index, which may be a lie, plays no part.
Id access_without_chunk_cache() {
  Id access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_cache(access.get(), 0, /*slots=*/0, /*bytes=*/0, /*preemption=*/0.75);
  return access;
}

}  // namespace

Hdf5Reader::Hdf5Reader(const std::string& path) : state_(std::make_unique<State>()) {
  state_->name = message("'", path, "'");
  {
    const auto source = open_file(path);  // tells best why a file cannot be read
    state_->file_size = source->most_left();
  }
  const Library library;
  const Id access = access_without_chunk_cache();
  state_->range = FileRange::open(path);
  if (state_->range && state_->range->size() > 0) {
    state_->driver = detail::read_from_range(access, *state_->range);
  } else {
    H5Pset_file_locking(access.get(), true, /*ignore_when_disabled=*/true);
  }
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
  H5FD_file_image_callbacks_t callbacks = {detail::Hdf5Image::give,
                                           detail::Hdf5Image::keep,
                                           detail::Hdf5Image::refuse,
                                           detail::Hdf5Image::leave,
                                           detail::Hdf5Image::same,
                                           detail::Hdf5Image::forget,
                                           &state_->image};
  constexpr size_t growth = 1 << 16;
  if (H5Pset_fapl_core(access.get(), growth, /*backing_store=*/false) < 0 ||
      H5Pset_file_image_callbacks(access.get(), &callbacks) < 0 ||
      H5Pset_file_image(access.get(), state_->bytes.data(), state_->bytes.size()) < 0) {
    throw InternalError(message("HDF5: a file in memory cannot be set up", library_error(), "."));
  }
  state_->open(detail::unique_image_name(), access);
}

Hdf5Reader::Hdf5Reader(const FileRange& range, std::string name) : state_(std::make_unique<State>()) {
  state_->name = std::move(name);
  state_->range = range;
  state_->file_size = range.size();
  if (range.size() == 0) throw IoError(message(state_->name, ": it is empty; expected an HDF5 file."));
  const Library library;
  const Id access = access_without_chunk_cache();
  state_->driver = detail::read_from_range(access, *state_->range);
  state_->open("range", access);
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

std::vector<std::string> Hdf5Reader::datasets(std::string_view group) const {
  std::vector<std::string> found, groups = {std::string(group)};
  std::set<uint64_t> seen;
  while (!groups.empty()) {
    const std::string place = std::move(groups.back());
    groups.pop_back();
    const auto header = [&] {
      const Library library;
      return state_->header_of(place, state_->require(place, H5I_GROUP));
    };
    if (!seen.insert(header()).second)
      state_->fail(place, "the group stands in another place, too, perhaps in itself. The file is damaged.");
    for (const std::string& name : children(place)) {
      const std::string path = message(place == "/" ? "" : place, "/", name);
      const Hdf5Kind of = kind(path);
      if (of == Hdf5Kind::group) groups.push_back(path);
      if (of == Hdf5Kind::dataset) found.push_back(path);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace hebb::io
