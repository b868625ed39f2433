#include "hebb/data/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "hebb/base/atomic_file.h"
#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/base/zip.h"
#include "hebb/data/stored_elements.h"
#include "hebb/tensor/texts.h"

namespace hebb::data {

namespace {

constexpr std::string_view magic = "\x93NUMPY";

struct Header {
  StoredType type;
  int64_t text_width = 0;   // of an array of texts: what each may have
  bool is_unicode = false;  // texts are UTF-32, four bytes each; else they are bytes
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

/// Reads the header's Python literal: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class HeaderParser {
 public:
  HeaderParser(const ByteSource& source, uint64_t start, std::string_view text)
      : source_(source), start_(start), text_(text) {}

  Header parse() {
    Header header;
    bool has_type = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr" && !has_type) {
        has_type = true;
        header.type = type(header);
      } else if (key == "fortran_order" && !has_order) {
        has_order = true;
        header.fortran_order = boolean();
      } else if (key == "shape" && !has_shape) {
        has_shape = true;
        header.shape = shape();
      } else {
        fail(message("unexpected key '", key, "'"));
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    blanks();
    if (at_ != text_.size()) fail("unexpected text behind the header's dictionary");
    if (!has_type || !has_order || !has_shape) fail("expected the keys 'descr', 'fortran_order' and 'shape'");
    return header;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    source_.fail_at(start_ + at_, message("in the .npy header, ", what, ". The file is damaged, or no NumPy array."));
  }

  /// The file is what NumPy writes, only not what hebb reads.
  [[noreturn]] void refuse(size_t at, std::string_view what) const {
    source_.fail_at(start_ + at, message("in the .npy header, ", what));
  }

  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool accept(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(message("expected '", c, "'"));
  }

  std::string_view quoted() {
    blanks();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    if (quote != '\'' && quote != '"') fail("expected a quoted text");
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("expected a closing quote");
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return inside;
  }

  bool boolean() {
    blanks();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}}) {
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    fail("expected True or False");
  }

  std::vector<int64_t> shape() {
    std::vector<int64_t> sizes;
    expect('(');
    while (!accept(')')) {
      blanks();
      int64_t size = 0;
      const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0) fail("expected a size of the shape that is a number from 0 to 2^63 - 1");
      at_ = static_cast<size_t>(end - text_.data());
      accept('L');  // as Python 2 wrote long integers
      sizes.push_back(size);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }

  StoredType type(Header& header) {
    blanks();
    if (at_ < text_.size() && text_[at_] == '[') {
      refuse(at_,
             "a structured type, of several named fields; hebb reads arrays of numbers. Save each field as its own "
             "array.");
    }
    const size_t here = at_;
    const std::string_view name = quoted();
    std::string_view code = name;
    char order = '|';
    if (!code.empty() && std::string_view("<>=|").find(code[0]) != std::string_view::npos) {
      order = code[0];
      code.remove_prefix(1);
    }
    if (code.substr(0, 1) == "O")
      refuse(here, message("the type '", name,
                           "' holds Python objects, which hebb never loads. Save numbers instead, or texts with "
                           "astype(str)."));
    StoredType out;
    if (code.substr(0, 1) == "U" || code.substr(0, 1) == "S") {
      header.is_unicode = code[0] == 'U';
      out.big_endian = order == '>';
      const auto [end, error] = std::from_chars(code.data() + 1, code.data() + code.size(), header.text_width);
      constexpr int64_t most = int64_t{1} << 28;
      if (error != std::errc() || end != code.data() + code.size() || header.text_width < 0 || header.text_width > most)
        fail(message("expected a length of texts in the type '", name, "'"));
      header.text_width = std::max<int64_t>(header.text_width, 1);
      return out;
    }
    if (code.size() == 2) {
      out.bytes = code[1] - '0';
      out.big_endian = order == '>' && out.bytes > 1;
      const bool is_width = out.bytes == 1 || out.bytes == 2 || out.bytes == 4 || out.bytes == 8;
      const bool ordered = order != '|' || out.bytes == 1;
      const StoredType::Kind* kind = nullptr;
      static constexpr std::pair<char, StoredType::Kind> kinds[] = {{'b', StoredType::Kind::boolean},
                                                                    {'u', StoredType::Kind::unsigned_integer},
                                                                    {'i', StoredType::Kind::signed_integer},
                                                                    {'f', StoredType::Kind::floating}};
      for (const auto& [letter, value] : kinds) {
        if (letter == code[0]) kind = &value;
      }
      if (kind && is_width && ordered) {
        out.kind = *kind;
        const bool exists = out.kind == StoredType::Kind::boolean    ? out.bytes == 1
                            : out.kind == StoredType::Kind::floating ? out.bytes > 1
                                                                     : true;
        if (exists) return out;
      }
    }
    refuse(here, message("the type '", name, "'", what_is(code),
                         " is not read by hebb, which reads bool, integers, and floats of 16, 32 and 64 bits. Convert "
                         "it with astype()."));
  }

  /// What NumPy calls the types that people do save.
  static std::string_view what_is(std::string_view code) {
    switch (code.empty() ? ' ' : code[0]) {
      case 'c': return " (complex numbers)";
      case 'M': return " (dates)";
      case 'm': return " (spans of time)";
      case 'V': return " (raw bytes)";
      case 'f': return code == "f16" ? " (floats of 128 bits)" : "";
      default: return "";
    }
  }

  const ByteSource& source_;
  uint64_t start_;
  std::string_view text_;
  size_t at_ = 0;
};

Header read_header(ByteSource& source) {
  if (source.peek(magic.size()) != magic)
    source.fail("expected a .npy file, which starts with \\x93NUMPY. It is another kind of file.");
  unsigned char start[8];
  source.read_exactly(start, sizeof start, "the .npy header");
  const int version = start[6];
  if (version < 1 || version > 3) {
    source.fail_at(
        6, message("version ", version, ".", static_cast<int>(start[7]), " of the .npy format; hebb reads 1 to 3."));
  }
  unsigned char length_bytes[4] = {};
  source.read_exactly(length_bytes, version == 1 ? 2 : 4, "the header's length");
  uint32_t length = 0;
  for (int i = 3; i >= 0; --i) length = length << 8 | length_bytes[i];
  constexpr uint32_t most = 1 << 20;
  if (length > most || length > source.most_left()) {
    source.fail(message("a header of ", length, " bytes, more than a .npy file has. The file is damaged or cut off."));
  }
  const uint64_t text_start = source.offset();
  std::string text(length, '\0');
  source.read_exactly(text.data(), length, "the .npy header");
  return HeaderParser(source, text_start, text).parse();
}

/// The array whose axes are `stored`'s in reverse order, in row-major order.
template <class T>
void reverse_axes(const T* in, const Shape& out_shape, T* out) {
  const int rank = out_shape.rank();
  int64_t strides[Shape::max_rank] = {};  // of `in`, by out's axes
  int64_t stride = 1;
  for (int axis = 0; axis < rank; ++axis) {
    strides[axis] = stride;
    stride *= out_shape[axis];
  }
  int64_t index[Shape::max_rank] = {};
  const int64_t count = out_shape.elements();
  int64_t from = 0;
  for (int64_t i = 0; i < count; ++i) {
    out[i] = in[from];
    for (int axis = rank - 1; axis >= 0; --axis) {
      from += strides[axis];
      if (++index[axis] < out_shape[axis]) break;
      from -= strides[axis] * out_shape[axis];
      index[axis] = 0;
    }
  }
}

Tensor from_fortran_order(const Tensor& stored) {
  std::vector<int64_t> sizes = stored.shape().to_vector();
  std::reverse(sizes.begin(), sizes.end());
  const Shape shape(sizes);
  Tensor out = Tensor::empty(shape, stored.dtype());
  with_type(stored.dtype(), [&](auto zero) {
    using T = decltype(zero);
    reverse_axes(stored.data<T>(), shape, out.mutable_data<T>());
  });
  return out;
}

const char* descr_of(DType dtype) {
  switch (dtype) {
    case DType::float32: return "<f4";
    case DType::float64: return "<f8";
    case DType::int32: return "<i4";
    case DType::int64: return "<i8";
    case DType::uint8: return "|u1";
    case DType::boolean: return "|b1";
    case DType::int8: return "|i1";
    case DType::string: break;  // has a length
    case DType::bfloat16: break;
  }
  throw NotSupported(
      "a .npy file of bfloat16: NumPy has no such type. Convert the values with cast() to float32 first.");
}

/// Texts as NumPy's bytes of one length, zeros behind their ends.
std::string stored_texts(const Tensor& array, size_t& length) {
  const std::vector<std::string> all = to_texts(array);
  length = 1;
  for (const std::string& text : all) length = std::max(length, text.size());
  std::string out;
  for (const std::string& text : all) out.append(text).append(length - text.size(), '\0');
  return out;
}

/// Everything before the elements, as numpy.lib.format.write_array_header_1_0 writes it.
std::string header_of(const Spec& spec, size_t text_length = 0) {
  const std::string descr = text_length > 0 ? message("|S", text_length) : descr_of(spec.dtype);
  std::string text = message("{'descr': '", descr, "', 'fortran_order': False, 'shape': ", spec.shape, ", }");
  // NumPy leaves room for the first axis to grow.
  constexpr size_t longest_size = 21;
  if (spec.shape.rank() > 0) text.append(longest_size - std::to_string(spec.shape[0]).size(), ' ');
  constexpr size_t before = 10, alignment = 64;
  const size_t total = (before + text.size() + 1 + alignment - 1) / alignment * alignment;
  const size_t length = total - before;
  std::string out(magic);
  out += {'\1', '\0', static_cast<char>(length & 255), static_cast<char>(length >> 8)};
  out += text;
  out.append(total - out.size() - 1, ' ');
  return out + '\n';
}

void append_utf8(std::string& out, uint32_t character) {
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xC0 | character >> 6);
  } else if (character < 0x10000) {
    put(0xE0 | character >> 12);
    put(0x80 | (character >> 6 & 0x3F));
  } else {
    put(0xF0 | (character >> 18 & 7));
    put(0x80 | (character >> 12 & 0x3F));
    put(0x80 | (character >> 6 & 0x3F));
  }
  put(0x80 | (character & 0x3F));
}

/// A text as NumPy keeps it: zeros behind its end.
std::string stored_text(const Header& header, std::string_view bytes) {
  if (!header.is_unicode) return std::string(bytes.substr(0, bytes.find_last_not_of('\0') + 1));
  std::string out;
  size_t zeros = 0;  // that may be the end
  for (size_t at = 0; at < bytes.size(); at += 4) {
    uint32_t character = 0;
    for (size_t i = 0; i < 4; ++i) {
      const auto byte = static_cast<unsigned char>(bytes[at + (header.type.big_endian ? i : 3 - i)]);
      character = character << 8 | byte;
    }
    if (character == 0) {
      ++zeros;
      continue;
    }
    out.append(std::exchange(zeros, 0), '\0');
    append_utf8(out, character);
  }
  return out;
}

Tensor read_texts(ByteSource& source, const Header& header) {
  const int64_t each = header.text_width * (header.is_unicode ? 4 : 1);
  const int64_t count = stored_bytes(header.shape, 1),
                bytes = count < 0 ? -1 : stored_bytes(header.shape, static_cast<int>(each));
  if (header.shape.size() > Shape::max_rank || bytes < 0 || static_cast<uint64_t>(bytes) > source.most_left()) {
    source.fail(
        message("an array of texts that needs more bytes than follow: the file is cut off, or its header is "
                "damaged. Fetch or write it again."));
  }
  if (header.fortran_order && header.shape.size() > 1)
    source.fail("texts in Fortran's order. Save them with np.ascontiguousarray().");
  std::vector<std::string> all;
  std::string stored(static_cast<size_t>(each), '\0');
  for (int64_t i = 0; i < count; ++i) {
    source.read_exactly(stored.data(), stored.size(), "the array");
    all.push_back(stored_text(header, stored));
  }
  return texts(std::move(all), Shape(header.shape));
}

}  // namespace

Tensor read_npy(ByteSource& source) {
  Header header = read_header(source);
  if (header.text_width > 0) {
    Tensor array = read_texts(source, header);
    source.expect_end();
    return array;
  }
  if (header.fortran_order) std::reverse(header.shape.begin(), header.shape.end());
  Tensor array = read_elements(source, header.type, header.shape);
  source.expect_end();
  return header.fortran_order ? from_fortran_order(array) : array;
}

Tensor read_npy(const std::string& path) { return read_npy(*open_file(path)); }

std::vector<NamedTensor> read_npz(const std::string& path, int64_t most_bytes) {
  const ZipReader archive(path);
  uint64_t inflated = 0;
  for (const ZipReader::Entry& entry : archive.entries()) {
    if (entry.size == entry.stored_size) continue;
    inflated += entry.size;
    if (entry.size > static_cast<uint64_t>(most_bytes) || inflated > static_cast<uint64_t>(most_bytes)) {
      throw IoError(message("'", path, "': its compressed arrays would take more than ", most_bytes,
                            " bytes. If they are right, save them with np.savez, uncompressed."));
    }
  }
  std::vector<NamedTensor> out;
  for (const ZipReader::Entry& entry : archive.entries()) {
    constexpr std::string_view ending = ".npy";
    std::string_view name = entry.name;
    if (name.size() < ending.size() || name.substr(name.size() - ending.size()) != ending) {
      throw IoError(message("'", path, "', entry '", name,
                            "': expected only .npy entries in a .npz file. Save it with np.savez."));
    }
    name.remove_suffix(ending.size());
    out.emplace_back(name, read_npy(*archive.open(entry.name)));
  }
  return out;
}

void write_npy(const std::string& path, const Tensor& array) {
  size_t text_length = 0;
  const std::string words = array.dtype() == DType::string ? stored_texts(array, text_length) : "";
  const std::string header = header_of(array.spec(), text_length);
  const void* elements = text_length > 0 ? words.data() : array.raw();
  const auto bytes = text_length > 0 ? static_cast<int64_t>(words.size()) : array.spec().bytes();
  write_atomically(path, [&](const std::string& temporary) {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file.write(header.data(), static_cast<std::streamsize>(header.size()));
    file.write(static_cast<const char*>(elements), static_cast<std::streamsize>(bytes));
    file.close();
    if (!file) throw IoError(message("cannot write '", path, "': writing failed. Is the disk full?"));
  });
}

void write_npz(const std::string& path, std::span<const NamedTensor> arrays) {
  std::vector<std::string> contents;
  contents.reserve(arrays.size());
  std::vector<ZipItem> items;
  for (const auto& [name, array] : arrays) {
    size_t text_length = 0;
    const std::string words = array.dtype() == DType::string ? stored_texts(array, text_length) : "";
    std::string& content = contents.emplace_back(header_of(array.spec(), text_length));
    content.append(words);
    if (text_length == 0)
      content.append(static_cast<const char*>(array.raw()), static_cast<size_t>(array.spec().bytes()));
    items.push_back({name + ".npy", content});
  }
  write_zip(path, items);
}

}  // namespace hebb::data
