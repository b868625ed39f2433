// The layout of headers and heaps is that of "HDF5 File Format Specification", version 3, with addresses and lengths of
// eight bytes, as everybody writes them.
#include "hebb/io/hdf5_texts.h"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/hdf5_indexed_attributes.h"

namespace hebb::io::detail {

namespace {

constexpr uint64_t attribute_message = 0x0C, attributes_elsewhere = 0x15;
constexpr uint64_t reference_bytes = 16;  // of a text: its length, its heap, its number there

/// The header of an object (IV.A): messages, in blocks that name one another.
class ObjectHeader {
 public:
  ObjectHeader(const Hdf5Bytes& file, uint64_t address) {
    constexpr uint64_t first_bytes = 16;
    const std::string start = file.read(address, first_bytes);
    is_new_ = start.starts_with("OHDR");
    if (is_new_) {
      flags_ = static_cast<unsigned char>(start[5]);
      const uint64_t before = 6 + ((flags_ & 0x20) ? 16u : 0u) + ((flags_ & 0x10) ? 4u : 0u);
      const int width = 1 << (flags_ & 3);
      const std::string size = file.read(address + before, static_cast<uint64_t>(width));
      add(file, address + before + static_cast<uint64_t>(width), Hdf5Cursor(size).number(width));
    } else {
      Hdf5Cursor at(start);
      if (at.number(1) != 1) damaged("the header of an object");
      at.bytes(7);
      add(file, address + first_bytes, at.number(4));
    }
    constexpr size_t most_blocks = 10'000;
    for (size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_.size() > most_blocks) damaged("an end of the header of an object");
      each_message(blocks_[i], [&](uint64_t type, std::string_view content) {
        constexpr uint64_t continuation = 0x10;
        if (type == attributes_elsewhere) add_attributes(file, content);
        if (type != continuation) return;
        Hdf5Cursor at(content);
        const uint64_t next = at.number(8), size = at.number(8);
        if (!is_new_) return add(file, next, size);
        constexpr uint64_t around = 4;  // a signature, and a checksum at the end
        if (size < 2 * around) damaged("the header of an object");
        add(file, next + around, size - 2 * around);
      });
    }
  }

  /// Looks all attributes through.
  void check_attributes() const {
    each_attribute([](std::string_view content) { value_of(content, ""); });
  }

  /// What the references to an attribute's texts are.
  std::string_view attribute(std::string_view name) const {
    std::optional<std::string_view> found;
    each_attribute([&](std::string_view content) {
      if (!found) found = value_of(content, name);
    });
    if (!found) damaged("the attribute in the header of its object or in a heap of attributes");
    return *found;
  }

 private:
  /// Those of objects with more than some (IV.A.2.v).
  void add_attributes(const Hdf5Bytes& file, std::string_view content) {
    Hdf5Cursor at(content);
    at.number(1);
    const uint64_t flags = at.number(1);
    if (flags & 1) at.number(2);
    const uint64_t heap = at.number(8), index = at.number(8);
    constexpr uint64_t none = ~uint64_t{0};
    if (heap == none) return;
    for (std::string& attribute : read_indexed_attributes(file, heap, index)) indexed_.push_back(std::move(attribute));
  }

  template <class Visit>
  void each_attribute(const Visit& visit) const {
    for (const std::string& block : blocks_) {
      each_message(block, [&](uint64_t type, std::string_view content) {
        if (type == attribute_message) visit(content);
      });
    }
    for (const std::string& content : indexed_) visit(content);
  }

  void add(const Hdf5Bytes& file, uint64_t address, uint64_t size) {
    constexpr uint64_t most_bytes = uint64_t{256} << 20;
    if (size > most_bytes - total_) damaged("a smaller header of an object");
    total_ += size;
    blocks_.push_back(file.read(address, size));
  }

  template <class Visit>
  void each_message(std::string_view block, const Visit& visit) const {
    Hdf5Cursor at(block);
    const uint64_t least = is_new_ ? ((flags_ & 4) ? 6 : 4) : 8;
    while (at.left() >= least) {
      const uint64_t type = at.number(is_new_ ? 1 : 2), size = at.number(2), flags = at.number(1);
      at.bytes(least - (is_new_ ? 4 : 5));
      constexpr uint64_t shared = 2;  // what is shared lies elsewhere, in an index that nobody's files have
      if (type == attribute_message && (flags & shared)) damaged("attributes in the header of their object");
      visit(type, at.bytes(size));
    }
  }

  /// The value in an attribute message (IV.A.2.m), if it has this name. libhdf5 takes as many bytes for the value as
  /// type and shape say, be they in the message or not.
  static std::optional<std::string_view> value_of(std::string_view content, std::string_view name) {
    Hdf5Cursor at(content);
    const uint64_t version = at.number(1), flags = at.number(1);
    const uint64_t sizes[] = {at.number(2), at.number(2), at.number(2)};  // of the name, the type, the shape
    if (version == 3) at.number(1);
    const auto padded = [&](uint64_t size) { return version == 1 ? (size + 7) / 8 * 8 : size; };
    const std::string_view its_name = at.bytes(padded(sizes[0]));
    const std::string_view type = at.bytes(padded(sizes[1])), shape = at.bytes(padded(sizes[2]));
    const std::string_view value = at.bytes(at.left());
    if (version == 1 || flags == 0) check_size(type, shape, value.size());
    if (its_name.substr(0, its_name.find('\0')) != name) return std::nullopt;
    return value;
  }

  /// IoError unless values of this type (IV.A.2.d) and shape (IV.A.2.b) take no more bytes.
  static void check_size(std::string_view type, std::string_view shape, uint64_t bytes) {
    Hdf5Cursor of_type(type), of_shape(shape);
    of_type.bytes(4);
    const uint64_t size = of_type.number(4);
    const uint64_t version = of_shape.number(1), rank = of_shape.number(1);
    of_shape.number(1);
    constexpr uint64_t null = 2;
    if (version == 1) {
      of_shape.bytes(5);
    } else if (of_shape.number(1) == null) {
      return;
    }
    uint64_t left = size == 0 ? 0 : bytes / size;
    for (uint64_t axis = 0; axis < rank; ++axis) {
      const uint64_t length = of_shape.number(8);
      if (length == 0) return;
      left /= length;
    }
    if (left == 0) damaged("attributes that hold as much as they say");
  }

  bool is_new_ = false;
  unsigned flags_ = 0;
  uint64_t total_ = 0;
  std::deque<std::string> blocks_;    // which stay in their places as others come
  std::vector<std::string> indexed_;  // attributes that lie elsewhere
};

/// A collection of texts and other objects (III.E).
class GlobalHeap {
 public:
  GlobalHeap(const Hdf5Bytes& file, uint64_t address) : address_(address) {
    const std::string start = file.read(address, header);
    Hdf5Cursor at(start);
    if (at.bytes(8) != std::string_view("GCOL\1\0\0\0", 8)) damaged("a heap where an attribute's text lies");
    const uint64_t size = at.number(8);
    if (size < header) damaged("a heap that is larger than its own header");
    content_ = file.read(address + header, size - header);
    Hdf5Cursor objects(content_);
    while (objects.left() >= header) {
      const uint64_t number = objects.number(2);
      objects.bytes(6);
      const uint64_t bytes = objects.number(8);
      if (number == 0) break;  // the rest is free
      objects_.emplace(number, objects.bytes(bytes));
      objects.bytes(std::min<uint64_t>((8 - bytes % 8) % 8, objects.left()));
    }
  }
  GlobalHeap(const GlobalHeap&) = delete;
  GlobalHeap& operator=(const GlobalHeap&) = delete;

  uint64_t address() const { return address_; }
  size_t bytes() const { return content_.size(); }

  std::string_view object(uint64_t number) const {
    const auto found = objects_.find(number);
    if (found == objects_.end()) damaged("an attribute's text in the heap");
    return found->second;
  }

 private:
  static constexpr uint64_t header = 16;
  uint64_t address_;
  std::string content_;
  std::unordered_map<uint64_t, std::string_view> objects_;  // by their numbers, in content_
};

}  // namespace

void check_attributes(const Hdf5Bytes& file, uint64_t header) { ObjectHeader(file, header).check_attributes(); }

std::vector<std::string> read_long_texts(const Hdf5Bytes& file, uint64_t header, std::string_view attribute,
                                         size_t count, size_t most_bytes) {
  const ObjectHeader object(file, header);
  const std::string_view references = object.attribute(attribute);
  if (references.size() / reference_bytes < count) damaged("as many texts as the attribute's shape says");
  Hdf5Cursor at(references);
  std::optional<GlobalHeap> heap;
  std::vector<std::string> out;
  size_t total = 0, read = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t length = at.number(4), address = at.number(8), number = at.number(4);
    if (length == 0) {
      out.emplace_back();
      continue;
    }
    if (!heap || heap->address() != address) {
      heap.emplace(file, address);
      read += heap->bytes();
    }
    const std::string_view text = heap->object(number);
    if (text.size() < length) damaged("a text as long as the attribute says");
    out.emplace_back(text.substr(0, std::min<uint64_t>(length, text.find('\0'))));
    total += out.back().size();
    if (total > most_bytes || read > most_bytes) throw IoError("it is too large to be right. The file is damaged.");
  }
  return out;
}

}  // namespace hebb::io::detail
