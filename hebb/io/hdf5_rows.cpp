#include "hebb/io/hdf5_rows.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hebb/io/hdf5_reader_state.h"

namespace hebb::io {

using detail::Id;
using detail::Library;

namespace {

/// What is read at once of values that have to be converted or put into another order.
constexpr int64_t most_run_bytes = int64_t{4} << 20;

/// Chunks are read whole: a dataset in a single one would be read whole for each row.
constexpr int64_t most_chunk_bytes = int64_t{256} << 20;

/// A file's bytes by their place.
class RawFile {
 public:
  explicit RawFile(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~RawFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  explicit operator bool() const { return descriptor_ >= 0; }

  /// What went wrong; empty: nothing.
  std::string read(uint64_t at, void* to, size_t size) const {
    auto* place = static_cast<char*>(to);
    while (size > 0) {
      const ssize_t got = ::pread(descriptor_, place, size, static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return std::strerror(errno);
      if (got == 0) return "the file ends there; it was changed after it was opened";
      place += got;
      at += static_cast<uint64_t>(got);
      size -= static_cast<size_t>(got);
    }
    return "";
  }

  /// Says that this will be read, so that a disk can serve several places at once.
  void announce(uint64_t at, uint64_t size) const {
    ::posix_fadvise(descriptor_, static_cast<off_t>(at), static_cast<off_t>(size), POSIX_FADV_WILLNEED);
  }

 private:
  int descriptor_;
};

}  // namespace

ChunkCache::Chunk ChunkCache::find(const void* owner, int64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find({owner, number});
  if (found == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void ChunkCache::keep(const void* owner, int64_t number, const Chunk& chunk) {
  const std::lock_guard lock(mutex_);
  if (places_.contains({owner, number})) return;  // another thread was faster
  entries_.emplace_front(Key{owner, number}, chunk);
  places_[{owner, number}] = entries_.begin();
  bytes_ += chunk->size();
  while (bytes_ > most_bytes_ && entries_.size() > 1) {
    bytes_ -= entries_.back().second->size();
    places_.erase(entries_.back().first);
    entries_.pop_back();
  }
}

struct Hdf5Rows::State {
  const Hdf5Reader::State* file = nullptr;
  Hdf5Reader::State::Description description;
  Hdf5Reader::State::Storage storage;
  Hdf5Reader::State::Chunks chunks;
  std::optional<RawFile> raw;  // with the values in one piece from `begin` on
  uint64_t begin = 0;
  int64_t row_elements = 0, stored_row_bytes = 0, row_bytes = 0;

  bool is_decoded() const { return !chunks.filters.empty(); }
};

Hdf5Rows::Hdf5Rows(std::shared_ptr<const Hdf5Reader> file, const std::string& path, const std::string& dataset,
                   std::shared_ptr<ChunkCache> cache, std::optional<DType> as)
    : file_(std::move(file)), dataset_(dataset), cache_(std::move(cache)), state_(std::make_unique<State>()) {
  State& state = *state_;
  state.file = file_->state_.get();
  const Library library;
  try {
    state.description = state.file->describe(dataset);
    const auto& [id, type, shape] = state.description;
    if (shape.rank() < 1)
      state.file->fail(dataset, "expected one entry for each example, the file has a single number.");
    spec_ = {shape, as.value_or(type.dtype())};
    if (!type.converts_to(spec_.dtype)) {
      state.file->fail(dataset,
                       message("expected ", spec_.dtype, ", the file has ", type, ", which is not converted."));
    }
    state.row_elements = shape.without(0).elements();
    state.stored_row_bytes = state.row_elements * type.bytes;
    state.row_bytes = state.row_elements * static_cast<int64_t>(size_of(spec_.dtype));
    state.storage = state.file->storage(dataset, state.description);
    if (state.storage.bytes == 0) return;
    if (state.storage.layout == H5D_CHUNKED) {
      state.chunks = state.file->chunks(dataset, state.description, state.storage);
      if (state.is_decoded() && state.chunks.bytes > most_chunk_bytes) {
        state.file->fail(dataset, message("compressed chunks of ", state.chunks.bytes,
                                          " bytes, each of which has to be read whole; at most ", most_chunk_bytes,
                                          " are. Save it in smaller chunks, best of a few examples each."));
      }
    } else if (const haddr_t begin = H5Dget_offset(id.get()); state.storage.layout == H5D_CONTIGUOUS &&
                                                              begin != HADDR_UNDEF && begin < state.file->file_size &&
                                                              state.storage.bytes <= state.file->file_size - begin) {
      state.raw.emplace(path);
      state.begin = begin;
      if (!*state.raw) state.raw.reset();
    }
  } catch (...) {
    state_.reset();  // while libhdf5 is ours
    throw;
  }
}

Hdf5Rows::~Hdf5Rows() {
  const Library library;
  state_.reset();
}

void Hdf5Rows::read(std::span<const int64_t> rows, void* out) const {
  if (state_->row_elements == 0) return;
  // By their place in the file: neighbours are read together, and each chunk is needed once.
  std::vector<Wanted> wanted(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) wanted[i] = {rows[i], i};
  const auto before = [](const Wanted& a, const Wanted& b) { return a.row < b.row; };
  if (!std::is_sorted(wanted.begin(), wanted.end(), before)) std::sort(wanted.begin(), wanted.end(), before);
  try {
    if (state_->is_decoded()) {
      read_chunked(wanted, static_cast<unsigned char*>(out));
    } else {
      read_runs(wanted, static_cast<unsigned char*>(out));
    }
  } catch (const InvalidArgument& error) {
    state_->file->fail(dataset_, error.what());
  }
}

void Hdf5Rows::convert(const unsigned char* stored, int64_t count, void* out) const {
  data::convert_elements(state_->description.type, stored, count, spec_.dtype, out);
}

void Hdf5Rows::read_runs(std::span<const Wanted> wanted, unsigned char* out) const {
  const State& state = *state_;
  const auto row_bytes = static_cast<size_t>(state.row_bytes),
             stored_bytes = static_cast<size_t>(state.stored_row_bytes);
  const bool plain = state.description.type.is_plain(spec_.dtype);
  const auto most_rows = static_cast<size_t>(std::max<int64_t>(1, most_run_bytes / state.stored_row_bytes));
  // [i, end) are neighbours, in the file and among what is asked for.
  const auto end_of_run = [&](size_t i) {
    size_t end = i + 1;
    while (end < wanted.size() && end - i < most_rows && wanted[end].row == wanted[end - 1].row + 1 &&
           wanted[end].place == wanted[end - 1].place + 1)
      ++end;
    return end;
  };
  if (state.raw && end_of_run(0) < wanted.size()) {
    for (size_t i = 0, end; i < wanted.size(); i = end) {
      end = end_of_run(i);
      state.raw->announce(state.begin + static_cast<uint64_t>(wanted[i].row) * stored_bytes, (end - i) * stored_bytes);
    }
  }
  std::optional<Library> library;  // for all runs
  if (!state.raw) library.emplace();
  std::vector<unsigned char> stored;
  for (size_t i = 0, end; i < wanted.size(); i = end) {
    end = end_of_run(i);
    const auto count = static_cast<int64_t>(end - i);
    unsigned char* to = out + wanted[i].place * row_bytes;
    if (plain) {
      read_stored(wanted[i].row, count, to);
      continue;
    }
    stored.resize(static_cast<size_t>(count) * stored_bytes);
    read_stored(wanted[i].row, count, stored.data());
    convert(stored.data(), count * state.row_elements, to);
  }
}

void Hdf5Rows::read_stored(int64_t first, int64_t count, unsigned char* to) const {
  const State& state = *state_;
  const auto bytes = static_cast<size_t>(count * state.stored_row_bytes);
  if (state.raw) {
    const std::string error =
        state.raw->read(state.begin + static_cast<uint64_t>(first * state.stored_row_bytes), to, bytes);
    if (!error.empty()) state.file->fail(dataset_, message("row ", first, " cannot be read: ", error, "."));
    return;
  }
  const auto& [id, type, shape] = state.description;
  std::vector<hsize_t> start(static_cast<size_t>(shape.rank()), 0), size(shape.begin(), shape.end());
  start[0] = static_cast<hsize_t>(first);
  size[0] = static_cast<hsize_t>(count);
  const Id own_type(H5Dget_type(id.get())), space(H5Dget_space(id.get())),
      memory(H5Screate_simple(shape.rank(), size.data(), nullptr));
  // The memory has the file's type, so that libhdf5 converts nothing.
  if (H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr) < 0 ||
      H5Dread(id.get(), own_type.get(), memory.get(), space.get(), H5P_DEFAULT, to) < 0) {
    state.file->fail_in_library(dataset_, message("row ", first, " cannot be read"));
  }
}

void Hdf5Rows::read_chunked(std::span<const Wanted> wanted, unsigned char* out) const {
  const State& state = *state_;
  const std::vector<int64_t> shape = spec_.shape.to_vector(), &chunk_shape = state.chunks.shape;
  const size_t element = size_of(spec_.dtype), rank = shape.size();
  const auto row_bytes = static_cast<size_t>(state.row_bytes);
  const size_t chunk_row_bytes = static_cast<size_t>(state.chunks.elements / chunk_shape[0]) * element;
  int64_t chunks_of_row = 1;  // side by side, those that a row goes through
  for (size_t axis = 1; axis < rank; ++axis) chunks_of_row *= (shape[axis] + chunk_shape[axis] - 1) / chunk_shape[axis];

  for (size_t i = 0, end; i < wanted.size(); i = end) {
    const int64_t layer = wanted[i].row / chunk_shape[0];
    end = i + 1;
    while (end < wanted.size() && wanted[end].row / chunk_shape[0] == layer) ++end;
    std::vector<int64_t> corner(rank, 0);
    corner[0] = layer * chunk_shape[0];
    for (int64_t beside = 0; beside < chunks_of_row; ++beside) {
      const ChunkCache::Chunk content = chunk(corner, layer * chunks_of_row + beside);
      for (const Wanted& row : wanted.subspan(i, end - i)) {
        const unsigned char* from = content->data() + static_cast<size_t>(row.row - corner[0]) * chunk_row_bytes;
        unsigned char* to = out + row.place * row_bytes;
        if (rank == 1) {
          std::memcpy(to, from, element);
        } else {
          detail::place_chunk(from, std::span(chunk_shape).subspan(1), std::span<const int64_t>(corner).subspan(1),
                              std::span(shape).subspan(1), element, to);
        }
      }
      for (size_t axis = rank; --axis > 0;) {
        corner[axis] += chunk_shape[axis];
        if (corner[axis] < shape[axis]) break;
        corner[axis] = 0;
      }
    }
  }
}

ChunkCache::Chunk Hdf5Rows::chunk(std::span<const int64_t> corner, int64_t number) const {
  if (ChunkCache::Chunk kept = cache_->find(this, number)) return kept;
  const State& state = *state_;
  Hdf5Reader::State::StoredChunk stored;
  {
    const Library library;
    stored = state.file->stored_chunk(dataset_, state.description, state.chunks, corner);
  }
  const data::StoredType& type = state.description.type;
  std::vector<unsigned char> content =
      detail::decode_chunk(std::move(stored.bytes), stored.applied, static_cast<size_t>(state.chunks.bytes),
                           static_cast<size_t>(type.bytes));
  if (!type.is_plain(spec_.dtype)) {
    std::vector<unsigned char> converted(static_cast<size_t>(state.chunks.elements) * size_of(spec_.dtype));
    convert(content.data(), state.chunks.elements, converted.data());
    content = std::move(converted);
  }
  auto decoded = std::make_shared<const std::vector<unsigned char>>(std::move(content));
  cache_->keep(this, number, decoded);
  return decoded;
}

}  // namespace hebb::io
