#include "hebb/data/idx.h"

#include <array>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>

#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/base/gzip.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/data/stored_elements.h"

namespace hebb::data {

namespace {

std::optional<StoredType> type_of(int code) {
  using Kind = StoredType::Kind;
  switch (code) {
    case 0x08: return StoredType{Kind::unsigned_integer, 1, true};
    case 0x09: return StoredType{Kind::signed_integer, 1, true};
    case 0x0B: return StoredType{Kind::signed_integer, 2, true};
    case 0x0C: return StoredType{Kind::signed_integer, 4, true};
    case 0x0D: return StoredType{Kind::floating, 4, true};
    case 0x0E: return StoredType{Kind::floating, 8, true};
    default: return std::nullopt;
  }
}

/// The path of one of the four files under one of its names, or empty.
std::string find_file(const std::string& folder, const std::string& part, const std::string& kind) {
  for (const char* dot : {"-", "."}) {
    for (const char* ending : {"", ".gz"}) {
      const auto path = std::filesystem::path(folder) / message(part, dot, kind, ending);
      std::error_code ignored;
      if (std::filesystem::is_regular_file(path, ignored)) return path.string();
    }
  }
  return {};
}

Tensor read_member(const std::string& folder, const std::string& part, const std::string& kind, int rank) {
  const std::string path = find_file(folder, part, kind);
  if (path.empty()) {
    throw IoError(message("folder '", folder, "': expected the file '", part, "-", kind, "' or '", part, "-", kind,
                          ".gz' in it. MNIST's folder has four: train-images-idx3-ubyte, train-labels-idx1-ubyte, "
                          "t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, plain or gzipped."));
  }
  Tensor array = read_idx(path);
  if (array.rank() != rank || array.dtype() != DType::uint8) {
    throw IoError(message("'", path, "': expected uint8 with ", rank, rank == 1 ? " axis" : " axes", ", got ",
                          array.spec(), ". It is another file under this name."));
  }
  return array;
}

void check_together(const std::string& folder, const char* half, const Tensor& x, const Tensor& y) {
  if (x.shape()[0] == y.shape()[0]) return;
  throw IoError(message("folder '", folder, "': the ", half, " half has ", x.shape()[0], " images but ", y.shape()[0],
                        " labels. Fetch the files again."));
}

}  // namespace

Tensor read_idx(ByteSource& source) {
  std::array<unsigned char, 4> start;
  source.read_exactly(start.data(), start.size(), "the IDX header");
  const auto type = type_of(start[2]);
  if (start[0] != 0 || start[1] != 0 || !type) {
    source.fail_at(
        0,
        "expected an IDX file, which starts with two zero bytes and a type from 08 to 0E. It is another kind of file.");
  }
  std::vector<int64_t> shape;
  for (int axis = 0; axis < start[3]; ++axis) {
    std::array<unsigned char, 4> bytes;
    source.read_exactly(bytes.data(), bytes.size(), "the IDX header");
    int64_t size = 0;
    for (const unsigned char byte : bytes) size = size << 8 | byte;
    shape.push_back(size);
  }
  Tensor array = read_elements(source, *type, shape);
  source.expect_end();
  return array;
}

Tensor read_idx(const std::string& path) { return read_idx(*open_maybe_gzip(path)); }

IdxFolder read_idx_folder(const std::string& folder) {
  IdxFolder out;
  // At once, since unpacking them is most of what a program that reads MNIST does before its first step.
  struct Member {
    Tensor& tensor;
    const char *name, *suffix;
    int rank;
  };
  const Member members[] = {{out.x_train, "train-images", "idx3-ubyte", 3},
                            {out.y_train, "train-labels", "idx1-ubyte", 1},
                            {out.x_test, "t10k-images", "idx3-ubyte", 3},
                            {out.y_test, "t10k-labels", "idx1-ubyte", 1}};
  parallel_for(std::size(members), [&](int64_t i) {
    const Member& member = members[i];
    member.tensor = read_member(folder, member.name, member.suffix, member.rank);
  });
  check_together(folder, "training", out.x_train, out.y_train);
  check_together(folder, "test", out.x_test, out.y_test);
  return out;
}

bool is_idx_folder(const std::string& folder) { return !find_file(folder, "train-images", "idx3-ubyte").empty(); }

}  // namespace hebb::data
