/// The element types of tensors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hebb {

enum class DType : uint8_t { float32, float64, int32, int64, uint8, boolean };

/// Bytes of one element; a boolean takes one.
constexpr int64_t size_of(DType dtype) {
  switch (dtype) {
    case DType::float32: return 4;
    case DType::float64: return 8;
    case DType::int32: return 4;
    case DType::int64: return 8;
    case DType::uint8: return 1;
    case DType::boolean: return 1;
  }
  return 0;
}

constexpr bool is_floating(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }

/// Keras's name: `float32`, `float64`, `int32`, `int64`, `uint8`, `bool`.
std::string_view name_of(DType dtype);

/// The dtype with Keras's name; InvalidArgument for an unknown one.
DType dtype_from_name(std::string_view name);

/// The type that can hold both: booleans, then integers by width, then floats by width.
DType promote(DType a, DType b);

template <class T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::float32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::float64;
};
template <>
struct DTypeOf<int32_t> {
  static constexpr DType value = DType::int32;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType value = DType::int64;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType value = DType::uint8;
};
template <>
struct DTypeOf<bool> {
  static constexpr DType value = DType::boolean;
};
template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

/// For `message` (base/text.h).
inline void append(std::string& out, DType dtype) { out += name_of(dtype); }

/// Calls `body` with a value of the C++ type behind `dtype`: `with_type(dtype, [&](auto zero) { using T =
/// decltype(zero); ... })`.
template <class Body>
decltype(auto) with_type(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::float32: return body(float{});
    case DType::float64: return body(double{});
    case DType::int32: return body(int32_t{});
    case DType::int64: return body(int64_t{});
    case DType::uint8: return body(uint8_t{});
    case DType::boolean: break;
  }
  return body(bool{});
}

}  // namespace hebb
