/// Chunks of HDF5 datasets: undoing their filters. libhdf5 inflates whatever a chunk holds, however much that is; here
/// the size of the result is known beforehand. Internal to io/hdf5.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hebb::io::detail {

/// The filters that are understood, by HDF5's numbers.
enum class Filter : uint8_t { deflate = 1, shuffle = 2, fletcher32 = 3 };

/// Undoes the filters (given in the order of writing) of a stored chunk whose content has `size` bytes, in elements of
/// `element` bytes. InvalidArgument when it has another size, or its checksum is wrong.
std::vector<unsigned char> decode_chunk(std::vector<unsigned char> stored, std::span<const Filter> filters, size_t size,
                                        size_t element);

/// Copies the part of a chunk that lies inside of an array. `chunk` is the chunk's shape, `corner` the place of its
/// first element in the array of shape `shape`; elements have `element` bytes.
void place_chunk(const unsigned char* from, std::span<const int64_t> chunk, std::span<const int64_t> corner,
                 std::span<const int64_t> shape, size_t element, unsigned char* to);

}  // namespace hebb::io::detail
