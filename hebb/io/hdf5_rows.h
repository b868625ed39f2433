/// Rows of a dataset in an HDF5 file, read from disk as they are asked for: in any order, never the whole dataset.
/// Internal to io/open_dataset.cpp.
///
///     Hdf5Rows x(file, "x", std::make_shared<ChunkCache>(64 << 20));
///     x.read(rows, out);                       // rows {7, 3, 4}: as x[7], x[3], x[4] one after the other
///
/// Values in one piece are read past libhdf5, straight from their place in the file, neighbouring rows at once.
/// Compressed chunks are decoded whole, once for all rows of a call, and kept in a cache. Chunks without filters are
/// read in part, by libhdf5. Several threads may read at the same time.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "hebb/io/hdf5.h"

namespace hebb::io {

/// Decoded chunks, those of the last use first, until they take too much memory.
class ChunkCache {
 public:
  using Chunk = std::shared_ptr<const std::vector<unsigned char>>;
  explicit ChunkCache(int64_t most_bytes) : most_bytes_(static_cast<size_t>(most_bytes)) {}

  /// The chunk of this number of an owner; null when it is not there.
  Chunk find(const void* owner, int64_t number);
  void keep(const void* owner, int64_t number, const Chunk& chunk);

 private:
  struct Key {
    const void* owner;
    int64_t number;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const {
      return std::hash<const void*>()(key.owner) ^ (static_cast<size_t>(key.number) * 0x9e3779b97f4a7c15u);
    }
  };
  using Entry = std::pair<Key, Chunk>;

  size_t most_bytes_, bytes_ = 0;
  std::mutex mutex_;
  std::list<Entry> entries_;  // used last in front
  std::unordered_map<Key, std::list<Entry>::iterator, Hash> places_;
};

class Hdf5Rows {
 public:
  /// `as`: what the values are converted to; else what holds them. IoError for datasets without rows, with values
  /// outside of the file, or in chunks that are too large to be read one by one.
  Hdf5Rows(std::shared_ptr<const Hdf5Reader> file, const std::string& path, const std::string& dataset,
           std::shared_ptr<ChunkCache> cache, std::optional<DType> as = {});
  ~Hdf5Rows();
  Hdf5Rows(const Hdf5Rows&) = delete;
  Hdf5Rows& operator=(const Hdf5Rows&) = delete;

  const std::string& dataset() const { return dataset_; }
  /// Of the whole dataset.
  const Spec& spec() const { return spec_; }

  /// Writes the rows with these numbers one after the other; each is below the number of rows.
  void read(std::span<const int64_t> rows, void* out) const;

 private:
  struct State;
  /// A row that is wanted, and its place among those that are asked for.
  struct Wanted {
    int64_t row;
    size_t place;
  };

  void read_runs(std::span<const Wanted> wanted, unsigned char* out) const;
  void read_stored(int64_t first, int64_t count, unsigned char* to) const;
  void read_chunked(std::span<const Wanted> wanted, unsigned char* out) const;
  ChunkCache::Chunk chunk(std::span<const int64_t> corner, int64_t number) const;
  void convert(const unsigned char* stored, int64_t count, void* out) const;

  std::shared_ptr<const Hdf5Reader> file_;
  std::string dataset_;
  Spec spec_;
  std::shared_ptr<ChunkCache> cache_;
  std::unique_ptr<State> state_;
};

}  // namespace hebb::io
