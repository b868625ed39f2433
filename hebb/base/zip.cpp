#include "hebb/base/zip.h"

#include <zip.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/base/zip_place.h"

namespace hebb {

namespace {

/// Deflate makes at most 1032 bytes of one; an entry that promises more is a bomb or damaged.
constexpr uint64_t most_expansion = 1032;

/// libzip's description of an error, owned.
class ZipError {
 public:
  ZipError() { zip_error_init(&error_); }
  explicit ZipError(int code) { zip_error_init_with_code(&error_, code); }
  ~ZipError() { zip_error_fini(&error_); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;
  zip_error_t* get() { return &error_; }
  int code() const { return zip_error_code_zip(&error_); }
  std::string text() { return zip_error_strerror(&error_); }

 private:
  zip_error_t error_;
};

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using ArchivePtr = std::unique_ptr<zip_t, Discard>;

class EntrySource : public ByteSource {
 public:
  EntrySource(std::string name, zip_file_t* file, uint64_t size)
      : ByteSource(std::move(name)), file_(file), size_(size) {}
  ~EntrySource() override { zip_fclose(file_); }
  uint64_t most_left() const override { return size_ - std::min(offset(), size_); }

 protected:
  size_t read_some(void* out, size_t size) override {
    const zip_int64_t got = zip_fread(file_, out, std::min(size, size_t{1} << 30));
    if (got < 0) fail(message("the entry is damaged (", zip_file_strerror(file_), "). Fetch or write the file again."));
    given_ += static_cast<uint64_t>(got);
    if (given_ > size_)
      fail(message("the entry has more bytes than the ", size_, " that the archive promises. It is damaged."));
    return static_cast<size_t>(got);
  }

 private:
  zip_file_t* file_;
  uint64_t size_;
  uint64_t given_ = 0;
};

}  // namespace

struct ZipReader::State {
  std::string path;
  ArchivePtr archive;
  std::vector<Entry> entries;
  std::unordered_map<std::string_view, size_t> places;  // of names in `entries`

  [[noreturn]] void fail(std::string_view what) const { throw IoError(message("'", path, "': ", what)); }

  size_t find(std::string_view name) const {
    if (const auto found = places.find(name); found != places.end()) return found->second;
    std::vector<std::string> names;
    constexpr size_t most = 10;
    for (const Entry& entry : entries) {
      names.push_back(names.size() < most ? message("'", entry.name, "'") : "...");
      if (names.size() > most) break;
    }
    fail(message("the archive has no entry '", name, "'; it has ",
                 names.empty() ? std::string("no entries") : join(names), ". Is it the right file?"));
  }
};

ZipReader::ZipReader(const std::string& path) : state_(std::make_unique<State>()) {
  open_file(path);  // tells best why a file cannot be read
  State& state = *state_;
  state.path = path;
  int code = 0;
  state.archive.reset(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!state.archive) {
    if (code == ZIP_ER_NOZIP) state.fail("it is not a zip archive, or it is cut off. Fetch or write it again.");
    state.fail(message("the zip archive cannot be read (", ZipError(code).text(), ")."));
  }
  const zip_int64_t count = zip_get_num_entries(state.archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t status;
    constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
    if (zip_stat_index(state.archive.get(), static_cast<zip_uint64_t>(i), 0, &status) != 0 ||
        (status.valid & needed) != needed) {
      state.fail(message("entry ", i, " of the zip archive cannot be read (", zip_strerror(state.archive.get()), ")."));
    }
    state.entries.push_back({status.name, status.size, status.comp_size});
  }
  for (size_t i = 0; i < state.entries.size(); ++i) {
    if (!state.places.emplace(state.entries[i].name, i).second) {
      state.fail(message("the archive has two entries '", state.entries[i].name,
                         "', and programs differ in which one they read. Write it again with one."));
    }
  }
}

ZipReader::~ZipReader() = default;
ZipReader::ZipReader(ZipReader&&) noexcept = default;

const std::vector<ZipReader::Entry>& ZipReader::entries() const { return state_->entries; }

bool ZipReader::contains(std::string_view name) const { return state_->places.count(name) > 0; }

std::unique_ptr<ByteSource> ZipReader::open(std::string_view name) const {
  const State& state = *state_;
  const size_t index = state.find(name);
  const Entry& entry = state.entries[index];
  zip_stat_t status;
  if (zip_stat_index(state.archive.get(), index, 0, &status) != 0) {
    state.fail(message("entry '", name, "' cannot be read (", zip_strerror(state.archive.get()), ")."));
  }
  if ((status.valid & ZIP_STAT_ENCRYPTION_METHOD) && status.encryption_method != ZIP_EM_NONE) {
    state.fail(message("entry '", name, "' is encrypted. Decrypt the archive first."));
  }
  const int method = (status.valid & ZIP_STAT_COMP_METHOD) ? status.comp_method : ZIP_CM_STORE;
  if (method != ZIP_CM_STORE && method != ZIP_CM_DEFLATE) {
    state.fail(message("entry '", name, "' is compressed by method ", method,
                       "; hebb reads stored and deflated entries. Pack the archive again without compression."));
  }
  const bool possible =
      method == ZIP_CM_STORE ? entry.size == entry.stored_size : entry.size / most_expansion <= entry.stored_size;
  if (!possible) {
    state.fail(message("entry '", name, "' promises ", entry.size, " bytes, which the ", entry.stored_size,
                       " stored ones cannot hold. The archive is damaged."));
  }
  zip_file_t* file = zip_fopen_index(state.archive.get(), index, 0);
  if (!file) state.fail(message("entry '", name, "' cannot be read (", zip_strerror(state.archive.get()), ")."));
  return std::make_unique<EntrySource>(message("'", state.path, "', entry '", name, "'"), file, entry.size);
}

std::string ZipReader::read(std::string_view name, uint64_t most) const {
  const Entry& entry = state_->entries[state_->find(name)];
  if (entry.size > most) {
    state_->fail(message("entry '", name, "' has ", entry.size, " bytes; expected at most ", most,
                         ". It is damaged, or not what it is taken for."));
  }
  const auto source = open(name);
  std::string out(static_cast<size_t>(entry.size), '\0');
  source->read_exactly(out.data(), out.size(), "the entry");
  source->expect_end();
  return out;
}

std::optional<FileRange> ZipReader::place(std::string_view name) const {
  zip_stat_t status;
  if (zip_stat_index(state_->archive.get(), state_->find(name), 0, &status) != 0) return std::nullopt;
  constexpr zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_CRC;
  const std::optional<FileRange> file = FileRange::open(state_->path);
  if (!file || (status.valid & needed) != needed) return std::nullopt;
  return find_stored_entry(*file, name, {.size = status.size, .checksum = status.crc});
}

bool is_zip(const std::string& path) {
  const std::string start = open_file(path)->peek(4);
  return start == std::string_view("PK\3\4") || start == std::string_view("PK\5\6");
}

namespace {

struct DosTime {
  zip_uint16_t time;
  zip_uint16_t date;
};

/// What zip stores: two-second steps from 1980 to 2107.
DosTime dos_time(int64_t seconds) {
  constexpr int64_t first = 315532800, last = 4354819198;
  const auto clamped = static_cast<std::time_t>(std::clamp(seconds, first, last));
  std::tm parts = {};
  ::gmtime_r(&clamped, &parts);
  return {static_cast<zip_uint16_t>(parts.tm_hour << 11 | parts.tm_min << 5 | parts.tm_sec / 2),
          static_cast<zip_uint16_t>((parts.tm_year - 80) << 9 | (parts.tm_mon + 1) << 5 | parts.tm_mday)};
}

void add_items(zip_t* archive, std::span<const ZipItem> items, const std::string& where) {
  auto fail = [&](const ZipItem& item) {
    throw IoError(message("cannot write '", where, "', entry '", item.name, "': ", zip_strerror(archive), "."));
  };
  for (const ZipItem& item : items) {
    zip_source_t* source = zip_source_buffer(archive, item.bytes.data(), item.bytes.size(), 0);
    if (!source) fail(item);
    const zip_int64_t index = zip_file_add(archive, item.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      fail(item);
    }
    const auto at = static_cast<zip_uint64_t>(index);
    const DosTime modified = dos_time(item.modified);
    if (zip_set_file_compression(archive, at, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(archive, at, modified.time, modified.date, 0) != 0) {
      fail(item);
    }
  }
}

void check_names(std::span<const ZipItem> items) {
  std::unordered_set<std::string_view> seen;
  for (const ZipItem& item : items) {
    if (item.name.empty() || item.name.find('\0') != std::string::npos) {
      throw InvalidArgument("zip archive: an entry needs a name without zero bytes.");
    }
    if (!seen.insert(item.name).second) {
      throw InvalidArgument(message("zip archive: two entries are named '", item.name, "'. Give each its own name."));
    }
  }
}

/// Writes the archive out; the handle is gone afterwards.
void close(ArchivePtr archive, const std::string& where) {
  if (zip_close(archive.get()) == 0) {
    (void)archive.release();
    return;
  }
  throw IoError(message("cannot write '", where, "': ", zip_strerror(archive.get()), "."));
}

}  // namespace

void write_zip(const std::string& path, std::span<const ZipItem> items) {
  check_names(items);
  if (items.empty()) throw InvalidArgument("zip archive: expected at least one entry to write.");
  write_atomically(path, [&](const std::string& temporary) {
    int code = 0;
    ArchivePtr archive(zip_open(temporary.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
    if (!archive) throw IoError(message("cannot write '", path, "': ", ZipError(code).text(), "."));
    add_items(archive.get(), items, path);
    close(std::move(archive), path);
  });
}

std::string zip_bytes(std::span<const ZipItem> items) {
  check_names(items);
  if (items.empty()) throw InvalidArgument("zip archive: expected at least one entry to write.");
  const std::string where = "zip archive in memory";
  ZipError error;
  auto check = [&](bool good) {
    if (!good) throw IoError(message("cannot write a ", where, ": ", error.text(), "."));
  };
  struct Free {
    void operator()(zip_source_t* source) const { zip_source_free(source); }
  };
  std::unique_ptr<zip_source_t, Free> target(zip_source_buffer_create(nullptr, 0, 0, error.get()));
  check(target != nullptr);
  zip_source_keep(target.get());  // once for the archive, once for us
  ArchivePtr archive(zip_open_from_source(target.get(), ZIP_TRUNCATE, error.get()));
  if (!archive) zip_source_free(target.get());
  check(archive != nullptr);
  add_items(archive.get(), items, where);
  close(std::move(archive), where);

  zip_stat_t status;
  check(zip_source_stat(target.get(), &status) == 0 && zip_source_open(target.get()) == 0);
  std::string out(static_cast<size_t>(status.size), '\0');
  const zip_int64_t got = zip_source_read(target.get(), out.data(), out.size());
  zip_source_close(target.get());
  check(got >= 0 && static_cast<size_t>(got) == out.size());
  return out;
}

}  // namespace hebb
