#include "hebb/io/hdf5_reader_state.h"

namespace hebb::io {

using detail::Id;
using detail::Library;

namespace {

/// What attributes of a file may take in memory together, each: configurations of thousands of layers are some
/// megabytes.
constexpr size_t most_attribute_bytes = size_t{256} << 20;

}  // namespace

Id Hdf5Reader::State::open_attribute(std::string_view path, const std::string& attribute) const {
  const Id object = require(path, H5I_UNINIT);
  try {
    detail::check_attributes(stored_bytes(path), header_of(path, object));
  } catch (const IoError& error) {
    fail(path, message("attribute '", attribute, "': ", error.what()));
  }
  const htri_t exists = H5Aexists(object.get(), attribute.c_str());
  if (exists < 0) fail_in_library(path, message("attribute '", attribute, "' cannot be looked up"));
  if (exists == 0) return Id();
  Id opened(H5Aopen(object.get(), attribute.c_str(), H5P_DEFAULT));
  if (!opened) fail_in_library(path, message("attribute '", attribute, "' cannot be opened"));
  return opened;
}

uint64_t Hdf5Reader::State::header_of(std::string_view path, const Id& object) const {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info1_t info;
#else
  H5O_info_t info;
#endif
  if (H5Oget_info1(object.get(), &info) < 0) fail_in_library(path, "it cannot be looked up");
  return info.addr;
}

detail::Hdf5Bytes Hdf5Reader::State::stored_bytes(std::string_view path) const {
  const Id creation(H5Fget_create_plist(file.get()));
  hsize_t base = 0;
  size_t address_width = 0, length_width = 0;
  if (!creation || H5Pget_userblock(creation.get(), &base) < 0 ||
      H5Pget_sizes(creation.get(), &address_width, &length_width) < 0)
    fail_in_library(path, "how the file was made cannot be read");
  if (address_width != 8 || length_width != 8) fail(path, "expected addresses and lengths of eight bytes in the file.");
  return {range, bytes, base};
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
    try {
      return detail::read_long_texts(stored_bytes(path), header_of(path, opened), attribute, count,
                                     most_attribute_bytes);
    } catch (const IoError& error) {
      refuse(error.what());
    }
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
  // Before anything is read: a damaged list may refer to one long text a million times.
  const Id space(H5Aget_space(opened.get()));
  const hssize_t count = space ? H5Sget_simple_extent_npoints(space.get()) : 1;
  std::vector<std::string> texts;
  if (count == 1) texts = state_->texts_of(path, attribute, opened);
  if (texts.size() == 1) return std::move(texts.front());
  state_->fail(path, message("attribute '", name, "': expected one text, the file has ", count, "."));
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
