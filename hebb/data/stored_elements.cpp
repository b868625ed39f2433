#include "hebb/data/stored_elements.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::data {

namespace {

static_assert(std::endian::native == std::endian::little, "tensors are written to files as they stand in memory");

/// A float16 by its bits; its own type, so that overloads tell it from uint16.
struct Half {
  uint16_t bits;
};

float widen(Half half) {
  const uint32_t sign = static_cast<uint32_t>(half.bits & 0x8000) << 16;
  const int exponent = half.bits >> 10 & 31;
  const uint32_t fraction = half.bits & 0x3FF;
  if (exponent == 0) {
    const float size = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -size : size;
  }
  const uint32_t wide = exponent == 31 ? 255 : static_cast<uint32_t>(exponent - 15 + 127);
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

float widen(Bfloat16 value) { return static_cast<float>(value); }

template <class T>
T widen(T value) {
  return value;
}

template <class T>
T load(const unsigned char* bytes, bool big_endian) {
  unsigned char ordered[sizeof(T)];
  std::memcpy(ordered, bytes, sizeof(T));
  if (big_endian) std::reverse(ordered, ordered + sizeof(T));
  T value;
  std::memcpy(&value, ordered, sizeof(T));
  return value;
}

template <class To, class From>
bool fits(From value) {
  if constexpr (std::is_integral_v<From> && std::is_integral_v<To> && !std::is_same_v<To, bool>) {
    return std::in_range<To>(value);
  } else {
    return true;
  }
}

template <class From, class To>
void convert(const StoredType& type, const unsigned char* stored, int64_t count, To* out) {
  for (int64_t i = 0; i < count; ++i) {
    const auto value = widen(load<From>(stored + static_cast<size_t>(i) * sizeof(From), type.big_endian));
    if (!fits<To>(value)) {
      throw InvalidArgument(message("element ", i, " is ", value, ", which ", dtype_of<To>, " cannot hold."));
    }
    out[i] = as_number<To>(value);
  }
}

template <class To>
void convert_to(const StoredType& type, const unsigned char* stored, int64_t count, To* out) {
  using Kind = StoredType::Kind;
  switch (type.kind) {
    case Kind::boolean:
      for (int64_t i = 0; i < count; ++i) out[i] = as_number<To>(stored[i] != 0);
      return;
    case Kind::unsigned_integer:
      switch (type.bytes) {
        case 1: return convert<uint8_t>(type, stored, count, out);
        case 2: return convert<uint16_t>(type, stored, count, out);
        case 4: return convert<uint32_t>(type, stored, count, out);
        case 8: return convert<uint64_t>(type, stored, count, out);
        default: break;
      }
      break;
    case Kind::signed_integer:
      switch (type.bytes) {
        case 1: return convert<int8_t>(type, stored, count, out);
        case 2: return convert<int16_t>(type, stored, count, out);
        case 4: return convert<int32_t>(type, stored, count, out);
        case 8: return convert<int64_t>(type, stored, count, out);
        default: break;
      }
      break;
    case Kind::floating:
      switch (type.bytes) {
        case 2: return convert<Half>(type, stored, count, out);
        case 4: return convert<float>(type, stored, count, out);
        case 8: return convert<double>(type, stored, count, out);
        default: break;
      }
      break;
    case Kind::bfloat:
      if (type.bytes == 2) return convert<Bfloat16>(type, stored, count, out);
      break;
  }
  throw NotSupported(message("elements of ", type.bytes, " bytes cannot be read."));
}

bool is_integer(StoredType::Kind kind) {
  return kind == StoredType::Kind::unsigned_integer || kind == StoredType::Kind::signed_integer;
}

}  // namespace

DType StoredType::dtype() const {
  switch (kind) {
    case Kind::boolean: return DType::boolean;
    case Kind::unsigned_integer: return bytes == 1 ? DType::uint8 : bytes == 2 ? DType::int32 : DType::int64;
    case Kind::signed_integer: return bytes <= 4 ? DType::int32 : DType::int64;
    case Kind::floating: return bytes <= 4 ? DType::float32 : DType::float64;
    case Kind::bfloat: break;
  }
  return DType::float32;
}

bool StoredType::is_plain(DType wanted) const {
  if (kind == Kind::signed_integer && bytes == 1 && wanted == DType::int8) return true;
  if (kind == Kind::bfloat && wanted == DType::bfloat16) return !big_endian;
  // A stored boolean may be any byte, a tensor's is 0 or 1; and a uint64 may be more than an int64.
  if (kind == Kind::boolean || kind == Kind::bfloat || (kind == Kind::unsigned_integer && bytes > 1)) return false;
  return wanted == dtype() && bytes == size_of(wanted) && (!big_endian || bytes == 1);
}

bool StoredType::converts_to(DType wanted) const {
  if (is_floating(wanted) || wanted == DType::bfloat16 || kind == Kind::boolean) return true;
  return is_integer(kind) && wanted != DType::boolean;
}

std::string StoredType::to_string() const {
  const char* order = big_endian && bytes > 1 ? "big-endian " : "";
  const int bits = bytes * 8;
  switch (kind) {
    case Kind::boolean: return "bool";
    case Kind::unsigned_integer: return message(order, "uint", bits);
    case Kind::signed_integer: return message(order, "int", bits);
    case Kind::floating: return message(order, "float", bits);
    case Kind::bfloat: break;
  }
  return message(order, "bfloat", bits);
}

void convert_elements(const StoredType& type, const void* stored, int64_t count, DType wanted, void* out) {
  if (!type.converts_to(wanted)) throw InvalidArgument(message(type, " elements are not converted to ", wanted, "."));
  if (type.is_plain(wanted)) {
    if (count > 0) std::memcpy(out, stored, static_cast<size_t>(count * type.bytes));
    return;
  }
  with_any_type(wanted, [&](auto zero) {
    convert_to(type, static_cast<const unsigned char*>(stored), count, static_cast<decltype(zero)*>(out));
  });
}

int64_t stored_bytes(std::span<const int64_t> shape, int bytes_per_element) {
  // A zero among the sizes must not hide an overflow of the others, which a later step might compute again without it.
  int64_t bytes = bytes_per_element;
  bool empty = false;
  for (const int64_t size : shape) {
    if (size < 0) return -1;
    if (size == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(bytes, size, &bytes)) {
      return -1;
    }
  }
  // Widening to hebb's types takes up to four times as much.
  if (bytes > std::numeric_limits<int64_t>::max() / 8) return -1;
  return empty ? 0 : bytes;
}

Tensor read_elements(ByteSource& source, const StoredType& type, std::span<const int64_t> shape) {
  if (shape.size() > Shape::max_rank) {
    source.fail(message("an array of ", shape.size(), " axes; hebb's tensors have at most ", Shape::max_rank, "."));
  }
  const Shape wanted(shape);
  const int64_t bytes = stored_bytes(shape, type.bytes);
  const uint64_t left = source.most_left();
  if (bytes < 0 || static_cast<uint64_t>(bytes) > left) {
    source.fail(message("an array ", type, wanted, " needs ",
                        bytes < 0 ? std::string("too many") : std::to_string(bytes), " bytes, but at most ", left,
                        " follow: the file is cut off, or its header is damaged. Fetch or write it again."));
  }
  if (type.is_plain(type.dtype())) {
    if (Memory memory = source.take_rest(static_cast<size_t>(bytes))) {
      auto body = std::make_shared<TensorBody>();
      body->spec = {wanted, type.dtype()};
      body->buffer = Buffer::adopt(std::move(memory), bytes);
      return Tensor(std::move(body));
    }
  }
  Tensor out = Tensor::empty(wanted, type.dtype());
  if (type.is_plain(out.dtype())) {
    source.read_exactly(out.mutable_raw(), static_cast<size_t>(bytes), "the array");
    return out;
  }
  constexpr int64_t piece = 1 << 16;  // elements converted at a time
  std::vector<char> stored(static_cast<size_t>(std::min(piece * type.bytes, bytes)));
  const int64_t count = out.size();
  auto* to = static_cast<char*>(out.mutable_raw());
  for (int64_t done = 0; done < count; done += piece) {
    const int64_t now = std::min(piece, count - done);
    const uint64_t start = source.offset();
    source.read_exactly(stored.data(), static_cast<size_t>(now * type.bytes), "the array");
    try {
      convert_elements(type, stored.data(), now, out.dtype(), to + done * size_of(out.dtype()));
    } catch (const InvalidArgument& error) {
      source.fail_at(start, message("in the array from here on, ", error.what()));
    }
  }
  return out;
}

}  // namespace hebb::data
