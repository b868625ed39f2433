/// Elements as files store them: integers and floats of either byte order, widths and kinds that tensors do not have.
///
///     const StoredType type = {StoredType::Kind::signed_integer, 2, /*big_endian=*/true};   // IDX's 0x0B
///     Tensor values = read_elements(source, type, {60000, 28, 28});                         // int32
///
/// What every reader of arrays (.npy, IDX, HDF5) needs once. Not a part of the public API.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "hebb/base/byte_source.h"
#include "hebb/tensor/tensor.h"

namespace hebb::data {

/// An element type of a file.
struct StoredType {
  enum class Kind : uint8_t { boolean, unsigned_integer, signed_integer, floating, bfloat };

  Kind kind = Kind::floating;
  int bytes = 4;
  bool big_endian = false;

  /// The smallest of hebb's types that holds every value, float16 and bfloat16 being widened to float32. A uint64 is an
  /// int64, and values above its range an error when they are read.
  DType dtype() const;
  /// Whether the file's bytes are a tensor's elements as they stand.
  bool is_plain(DType wanted) const;
  /// Whether `convert_elements` may be asked: all but floats to integers or booleans, and integers to booleans.
  bool converts_to(DType wanted) const;
  std::string to_string() const;  ///< "big-endian int16", "float16"
};

/// Converts `count` elements that a file holds to `wanted`. InvalidArgument when the types do not convert or a value
/// does not fit, giving its index.
void convert_elements(const StoredType& type, const void* stored, int64_t count, DType wanted, void* out);

/// The bytes that an array takes in a file; -1 when that leaves int64 or a size is negative.
int64_t stored_bytes(std::span<const int64_t> shape, int bytes_per_element);

/// Reads the elements of a tensor of this shape, in `type.dtype()`. Before it allocates it checks that the source can
/// hold them. IoError otherwise, or when the source ends early.
Tensor read_elements(ByteSource& source, const StoredType& type, std::span<const int64_t> shape);

}  // namespace hebb::data
