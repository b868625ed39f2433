// The layout is that of "HDF5 File Format Specification", version 3: fractal heaps (III.G) and B-trees of version 2
// (III.A.2).
#include "hebb/io/hdf5_indexed_attributes.h"

#include <algorithm>
#include <bit>
#include <map>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::io::detail {

namespace {

constexpr uint64_t no_address = ~uint64_t{0};
constexpr uint64_t checksum = 4;
/// More of them, or nodes of their index, nobody has.
constexpr uint64_t most_attributes = 100'000;

/// IoError unless the bytes begin so, with a version of 0.
void check_start(Hdf5Cursor& at, std::string_view signature) {
  if (at.bytes(4) != signature || at.number(1) != 0) damaged(message("a block ", signature, " of attributes"));
}

/// A B-tree of records of one kind.
class Index {
 public:
  Index(const Hdf5Bytes& file, uint64_t address, uint64_t kind) : file_(file) {
    constexpr uint64_t header_bytes = 34;  // without the checksum
    const std::string header = file.read(address, header_bytes);
    Hdf5Cursor at(header);
    check_start(at, "BTHD");
    if (at.number(1) != kind) damaged("an index of attributes of its kind");
    node_bytes_ = at.number(4);
    record_bytes_ = at.number(2);
    depth_ = at.number(2);
    at.number(2);
    root_ = at.number(8);
    in_root_ = at.number(2);
    total_ = at.number(8);
    constexpr uint64_t most_node = uint64_t{1} << 24, deepest = 16;
    if (node_bytes_ < around || node_bytes_ > most_node || record_bytes_ < 1 || depth_ > deepest ||
        total_ > most_attributes)
      damaged("an index of attributes of a possible form");
  }

  uint64_t record_bytes() const { return record_bytes_; }

  std::vector<std::string> records() {
    if (total_ > 0) read(root_, in_root_, depth_);
    if (records_.size() != total_) damaged("as many attributes as their index says");
    return std::move(records_);
  }

 private:
  static constexpr uint64_t around = 4 + 1 + 1 + checksum;

  static int bytes_for(uint64_t most) { return std::max(1, (static_cast<int>(std::bit_width(most)) + 7) / 8); }

  /// How many records a node at this height has at most, and the subtree below it with its own.
  struct Room {
    uint64_t own, all;
    int count_bytes, total_bytes;  // of what a pointer to such a node says of both
  };
  Room room(uint64_t height) const {
    const uint64_t in_leaf = (node_bytes_ - around) / record_bytes_;
    Room out{in_leaf, in_leaf, bytes_for(in_leaf), 0};
    const int count_bytes = out.count_bytes;  // that of leaves, for all nodes
    for (uint64_t level = 1; level <= height; ++level) {
      const uint64_t pointer = static_cast<uint64_t>(8 + count_bytes + out.total_bytes);
      if (node_bytes_ < around + pointer) damaged("an index of attributes of a possible form");
      const uint64_t own = (node_bytes_ - around - pointer) / (record_bytes_ + pointer);
      const uint64_t most = ~uint64_t{0} / 2 / (own + 1);
      const uint64_t all = out.all > most ? most : (own + 1) * out.all + own;
      out = {own, all, count_bytes, bytes_for(all)};
    }
    return out;
  }

  void read(uint64_t address, uint64_t count, uint64_t height) {
    if (++nodes_ > most_attributes || count > total_ - records_.size()) damaged("an end of the index of attributes");
    const Room own = room(height);
    if (count > own.own) damaged("a node of the index of attributes within it");
    const std::string node = file_.read(address, node_bytes_);
    Hdf5Cursor at(node);
    check_start(at, height == 0 ? "BTLF" : "BTIN");
    at.number(1);
    for (uint64_t i = 0; i < count; ++i) records_.emplace_back(at.bytes(record_bytes_));
    if (height == 0) return;
    const Room below = room(height - 1);
    for (uint64_t i = 0; i <= count; ++i) {
      const uint64_t child = at.number(8), records = at.number(below.count_bytes);
      if (height > 1) at.number(below.total_bytes);
      read(child, records, height - 1);
    }
  }

  const Hdf5Bytes& file_;
  uint64_t node_bytes_ = 0, record_bytes_ = 0, depth_ = 0, root_ = 0, in_root_ = 0, total_ = 0, nodes_ = 0;
  std::vector<std::string> records_;
};

/// The heap in which the attributes lie: an address space of its own, cut into blocks that double from row to row.
class FractalHeap {
 public:
  FractalHeap(const Hdf5Bytes& file, uint64_t address) : file_(file) {
    const std::string header = file.read(address, header_bytes);
    Hdf5Cursor at(header);
    check_start(at, "FRHP");
    id_bytes_ = at.number(2);
    const uint64_t filters = at.number(2), flags = at.number(1);
    if (filters != 0) throw IoError("its attributes are compressed, as hebb does not read them.");
    has_checksums_ = (flags & 2) != 0;
    most_managed_ = at.number(4);
    at.number(8);
    huge_ = at.number(8);
    at.bytes(10 * 8);  // of what is free, and how much of each kind there is
    width_ = at.number(2);
    first_size_ = at.number(8);
    most_direct_ = at.number(8);
    const uint64_t bits = at.number(2);
    at.number(2);
    root_ = at.number(8);
    rows_ = at.number(2);
    if (width_ == 0 || id_bytes_ < 2 || !std::has_single_bit(first_size_) || !std::has_single_bit(most_direct_) ||
        most_direct_ < first_size_ || most_direct_ > most_block || bits == 0 || bits > 63 || rows_ > 64)
      damaged("a heap of attributes of a possible form");
    offset_bytes_ = (bits + 7) / 8;
    const auto log2 = [](uint64_t value) { return static_cast<uint64_t>(std::bit_width(value)) - 1; };
    length_bytes_ = std::min((log2(most_direct_) + 7) / 8, log2(std::max<uint64_t>(most_managed_, 1)) / 8 + 1);
  }

  uint64_t id_bytes() const { return id_bytes_; }

  std::string object(std::string_view id) {
    Hdf5Cursor at(id);
    const uint64_t kind = at.number(1) >> 4;
    constexpr uint64_t managed = 0, huge = 1;
    if (kind == huge) return huge_object(at.number(static_cast<int>(std::min<uint64_t>(8, id_bytes_ - 1))));
    if (kind != managed) damaged("an attribute in a heap of attributes");
    const uint64_t offset = at.number(static_cast<int>(offset_bytes_));
    return read(root_, rows_, 0, offset, at.number(static_cast<int>(length_bytes_)), 0);
  }

 private:
  static constexpr uint64_t header_bytes = 142;  // without the filters and the checksum
  static constexpr uint64_t most_block = uint64_t{1} << 30;

  /// Those too large for blocks lie by themselves, and an index has their places.
  std::string huge_object(uint64_t number) {
    if (places_.empty()) {
      constexpr uint64_t by_numbers = 1, record_bytes = 3 * 8;
      Index index(file_, huge_, by_numbers);
      if (index.record_bytes() != record_bytes) damaged("an index of large attributes");
      for (const std::string& record : index.records()) {
        Hdf5Cursor at(record);
        const uint64_t address = at.number(8), length = at.number(8);
        places_[at.number(8)] = {address, length};
      }
    }
    const auto found = places_.find(number);
    if (found == places_.end()) damaged("a large attribute in its index");
    return file_.read(found->second.first, found->second.second);
  }

  uint64_t size_of_row(uint64_t row) const { return row == 0 ? first_size_ : first_size_ << (row - 1); }

  /// From a block that begins at a place of the heap's own space; `rows`: of its table, 0 for one without.
  std::string read(uint64_t block, uint64_t rows, uint64_t begin, uint64_t offset, uint64_t length, int depth) const {
    constexpr int deepest = 32;
    if (block == no_address || depth > deepest) damaged("a block where an attribute lies");
    if (rows == 0) {
      // What stands in front of the objects belongs to the block's space.
      const uint64_t front = 4 + 1 + 8 + offset_bytes_ + (has_checksums_ ? checksum : 0);
      if (offset - begin < front) damaged("an attribute behind the beginning of its block");
      const std::string start = file_.read(block, front);
      Hdf5Cursor at(start);
      check_start(at, "FHDB");
      return file_.read(block + (offset - begin), length);
    }
    const uint64_t front = 4 + 1 + 8 + offset_bytes_;
    const std::string table = file_.read(block, front + rows * width_ * 8);
    Hdf5Cursor at(table);
    check_start(at, "FHIB");
    at.bytes(front - 5);
    for (uint64_t row = 0; row < rows; ++row) {
      const uint64_t size = size_of_row(row);
      if (size == 0 || size > uint64_t{1} << 62) damaged("a heap of attributes of a possible form");
      const bool is_direct = size <= most_direct_;
      for (uint64_t column = 0; column < width_; ++column) {
        const uint64_t child = at.number(8);
        if (offset - begin < size) {
          if (length > size - (offset - begin)) damaged("an attribute within its block");
          return read(child, is_direct ? 0 : rows_within(size), begin, offset, length, depth + 1);
        }
        begin += size;
        if (offset < begin) damaged("an attribute within its heap");
      }
    }
    damaged("an attribute within its heap");
  }

  /// Of the table of a block with blocks in it that is as large as this.
  uint64_t rows_within(uint64_t size) const {
    const uint64_t in_first_row = first_size_ * width_;
    uint64_t rows = 1;
    for (uint64_t held = in_first_row; held < size; held *= 2) ++rows;
    return rows;
  }

  const Hdf5Bytes& file_;
  std::map<uint64_t, std::pair<uint64_t, uint64_t>> places_;  // and lengths of large objects, by their numbers
  uint64_t id_bytes_ = 0, huge_ = 0, most_managed_ = 0, width_ = 0, first_size_ = 0, most_direct_ = 0, root_ = 0,
           rows_ = 0;
  uint64_t offset_bytes_ = 0, length_bytes_ = 0;
  bool has_checksums_ = false;
};

}  // namespace

std::vector<std::string> read_indexed_attributes(const Hdf5Bytes& file, uint64_t heap, uint64_t index) {
  FractalHeap objects(file, heap);
  constexpr uint64_t by_names = 8;
  Index names(file, index, by_names);
  constexpr uint64_t behind_id = 1 + 4 + 4;  // flags, the order of making, a hash
  if (names.record_bytes() != objects.id_bytes() + behind_id) damaged("an index of attributes by their names");
  constexpr uint64_t most_bytes = uint64_t{256} << 20;
  uint64_t total = 0;
  std::vector<std::string> out;
  for (const std::string& record : names.records()) {
    Hdf5Cursor at(record);
    const std::string_view id = at.bytes(objects.id_bytes());
    constexpr uint64_t shared = 2;
    if (at.number(1) & shared) damaged("attributes in the heap of their object");
    out.push_back(objects.object(id));
    total += out.back().size();
    if (total > most_bytes) damaged("smaller attributes");
  }
  return out;
}

}  // namespace hebb::io::detail
