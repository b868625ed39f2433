/// NumPy's files: `.npy` holds one array, `.npz` is a zip archive of named ones.
///
///     Tensor x = data::read_npy("x.npy");
///     for (auto& [name, array] : data::read_npz("data.npz")) ...
///     data::write_npz("out.npz", {{"x", x}, {"y", y}});                // np.load opens it
///
/// Types map to hebb's: bool, uint8, int32, int64, float32 and float64 stay, int8, int16 and uint16 become int32,
/// uint32 and uint64 become int64, float16 becomes float32; big-endian files are read too. Texts of fixed length
/// (`astype(str)`, `astype(bytes)`) become string. Object arrays, which hold code to be run, and structured, complex
/// and date types are refused. The format: NumPy Enhancement Proposal 1,
/// https://numpy.org/neps/nep-0001-npy-format.html.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb {
class ByteSource;
}

namespace hebb::data {

using NamedTensor = std::pair<std::string, Tensor>;

/// The array of a `.npy` file, in row-major order whichever way it was stored. IoError, with the byte offset, when the
/// file is damaged or holds another type; sizes are checked against the file's before anything is allocated.
Tensor read_npy(const std::string& path);
/// The same from a stream, which must end behind the array.
Tensor read_npy(ByteSource& source);

/// The arrays of a `.npz` file, in its order. IoError as above, and when compressed arrays would take more than
/// `most_bytes`.
std::vector<NamedTensor> read_npz(const std::string& path, int64_t most_bytes = int64_t{16} << 30);

/// Writes what `np.save` writes, atomically.
void write_npy(const std::string& path, const Tensor& array);
/// Writes what `np.savez` writes, atomically.
void write_npz(const std::string& path, std::span<const NamedTensor> arrays);
inline void write_npz(const std::string& path, std::initializer_list<NamedTensor> arrays) {
  write_npz(path, std::span<const NamedTensor>(arrays.begin(), arrays.size()));
}

}  // namespace hebb::data
