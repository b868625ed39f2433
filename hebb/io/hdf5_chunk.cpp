#include "hebb/io/hdf5_chunk.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::io::detail {

namespace {

using Bytes = std::vector<unsigned char>;

/// Inflates to at most `most` bytes.
Bytes inflate_chunk(const Bytes& stored, size_t most) {
  if (stored.size() > std::numeric_limits<uInt>::max() || most >= std::numeric_limits<uInt>::max()) {
    throw InvalidArgument("a compressed chunk of 4 GiB or more");
  }
  Bytes out(most + 1);  // one more, to see that it ends
  z_stream stream = {};
  if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
  stream.next_in = const_cast<Bytef*>(stored.data());
  stream.avail_in = static_cast<uInt>(stored.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  const size_t size = out.size() - stream.avail_out;
  inflateEnd(&stream);
  if (size > most)
    throw InvalidArgument(message("a compressed chunk with more than the ", most, " bytes it should have"));
  if (status != Z_STREAM_END) throw InvalidArgument("a damaged compressed chunk");
  out.resize(size);
  return out;
}

/// Byte i of every element stands together; after the shuffled elements come what bytes are left.
Bytes unshuffle(const Bytes& stored, size_t element) {
  const size_t count = stored.size() / element;
  Bytes out(stored);
  for (size_t byte = 0; byte < element; ++byte) {
    for (size_t i = 0; i < count; ++i) out[i * element + byte] = stored[byte * count + i];
  }
  return out;
}

/// Fletcher's checksum as HDF5 computes it: over big-endian 16-bit words.
uint32_t fletcher32(std::span<const unsigned char> bytes) {
  uint32_t sum1 = 0, sum2 = 0;
  auto fold = [](uint32_t sum) { return (sum & 0xffff) + (sum >> 16); };
  const size_t words = bytes.size() / 2;
  for (size_t i = 0; i < words;) {
    constexpr size_t before_overflow = 360;
    for (const size_t end = std::min(words, i + before_overflow); i < end; ++i) {
      sum1 += static_cast<uint32_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
      sum2 += sum1;
    }
    sum1 = fold(sum1);
    sum2 = fold(sum2);
  }
  if (bytes.size() % 2) {
    sum1 += static_cast<uint32_t>(bytes.back() << 8);
    sum2 += sum1;
    sum1 = fold(sum1);
    sum2 = fold(sum2);
  }
  return fold(sum2) << 16 | fold(sum1);
}

constexpr size_t checksum_size = 4;

void check_fletcher32(Bytes& stored) {
  if (stored.size() < checksum_size) throw InvalidArgument("a chunk that is too short for its checksum");
  const unsigned char* end = stored.data() + stored.size() - checksum_size;
  const uint32_t expected = static_cast<uint32_t>(end[0]) | static_cast<uint32_t>(end[1]) << 8 |
                            static_cast<uint32_t>(end[2]) << 16 | static_cast<uint32_t>(end[3]) << 24;
  stored.resize(stored.size() - checksum_size);
  if (fletcher32(stored) != expected) throw InvalidArgument("a chunk with a wrong checksum");
}

}  // namespace

std::vector<unsigned char> decode_chunk(std::vector<unsigned char> stored, std::span<const Filter> filters, size_t size,
                                        size_t element) {
  const auto checksums = static_cast<size_t>(std::count(filters.begin(), filters.end(), Filter::fletcher32));
  for (size_t i = filters.size(); i-- > 0;) {
    switch (filters[i]) {
      case Filter::deflate: stored = inflate_chunk(stored, size + checksums * checksum_size); break;
      case Filter::shuffle: stored = unshuffle(stored, element); break;
      case Filter::fletcher32: check_fletcher32(stored); break;
    }
  }
  if (stored.size() != size) {
    throw InvalidArgument(message("a chunk of ", stored.size(), " bytes instead of ", size));
  }
  return stored;
}

void place_chunk(const unsigned char* from, std::span<const int64_t> chunk, std::span<const int64_t> corner,
                 std::span<const int64_t> shape, size_t element, unsigned char* to) {
  const size_t rank = shape.size();
  // Rows along the last axis are copied whole; `index` runs over the others.
  const int64_t length = std::min(chunk[rank - 1], shape[rank - 1] - corner[rank - 1]);
  std::vector<int64_t> index(rank, 0);
  for (;;) {
    int64_t source = 0, target = 0;
    for (size_t axis = 0; axis < rank; ++axis) {
      source = source * chunk[axis] + index[axis];
      target = target * shape[axis] + corner[axis] + index[axis];
    }
    std::memcpy(to + static_cast<size_t>(target) * element, from + static_cast<size_t>(source) * element,
                static_cast<size_t>(length) * element);
    size_t axis = rank - 1;
    for (;;) {
      if (axis == 0) return;
      --axis;
      if (++index[axis] < std::min(chunk[axis], shape[axis] - corner[axis])) break;
      index[axis] = 0;
    }
  }
}

}  // namespace hebb::io::detail
