/// The element types of tensors.
///
/// Two of them are stored types, `int8` and `bfloat16`: weights are kept in them, in memory and in files, and what
/// multiplies by weights reads them. Other operations do not compute with them; `cast` converts. `string` is no number
/// at all: operations refuse it, layers that take texts do not (tensor/texts.h).
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace hebb {

enum class DType : uint8_t { float32, float64, int32, int64, uint8, boolean, int8, bfloat16, string };

/// The upper half of a float32: its range, and 8 significant bits. A float is rounded to the nearest, halves to even;
/// NaN stays NaN.
class Bfloat16 {
 public:
  constexpr Bfloat16() = default;
  constexpr explicit Bfloat16(float value) {
    const auto bits = std::bit_cast<uint32_t>(value);
    const bool is_nan = (bits & 0x7FFFFFFF) > 0x7F800000;
    bits_ = static_cast<uint16_t>(is_nan ? bits >> 16 | 0x40 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
  }
  constexpr explicit operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits_) << 16); }
  static constexpr Bfloat16 from_bits(uint16_t bits) {
    Bfloat16 value;
    value.bits_ = bits;
    return value;
  }
  constexpr uint16_t bits() const { return bits_; }

 private:
  uint16_t bits_ = 0;
};

/// Bytes of one element; a boolean takes one.
constexpr int64_t size_of(DType dtype) {
  switch (dtype) {
    case DType::float32: return 4;
    case DType::float64: return 8;
    case DType::int32: return 4;
    case DType::int64: return 8;
    case DType::uint8: return 1;
    case DType::boolean: return 1;
    case DType::int8: return 1;
    case DType::bfloat16: return 2;
    case DType::string: return sizeof(const std::string*);
  }
  return 0;
}

/// Whether it is a type for keeping weights, with which few operations compute.
constexpr bool is_stored_type(DType dtype) { return dtype == DType::int8 || dtype == DType::bfloat16; }

/// Whether operations compute with it as with real numbers.
constexpr bool is_floating(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }

/// Keras's name: `float32`, `float64`, `int32`, `int64`, `uint8`, `bool`, `int8`, `bfloat16`, `string`.
std::string_view name_of(DType dtype);

/// The dtype with Keras's name; InvalidArgument for an unknown one.
DType dtype_from_name(std::string_view name);

/// The type that can hold both: booleans, then integers by width, then floats by width. Of a stored type and another
/// the other.
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
template <>
struct DTypeOf<int8_t> {
  static constexpr DType value = DType::int8;
};
template <>
struct DTypeOf<Bfloat16> {
  static constexpr DType value = DType::bfloat16;
};
template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

/// For `message` (base/text.h).
inline void append(std::string& out, DType dtype) { out += name_of(dtype); }

namespace detail {
[[noreturn]] void refuse_stored_type(DType dtype);
}

/// Calls `body` with a value of the C++ type behind `dtype`: `with_type(dtype, [&](auto zero) { using T =
/// decltype(zero); ... })`. NotSupported for a stored type and for strings.
template <class Body>
decltype(auto) with_type(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::float32: return body(float{});
    case DType::float64: return body(double{});
    case DType::int32: return body(int32_t{});
    case DType::int64: return body(int64_t{});
    case DType::uint8: return body(uint8_t{});
    case DType::boolean: return body(bool{});
    case DType::int8:
    case DType::bfloat16:
    case DType::string: break;
  }
  detail::refuse_stored_type(dtype);
}

/// The same with the stored types among them, for what moves or converts elements: a Bfloat16 becomes a number by
/// `static_cast<float>`.
template <class Body>
decltype(auto) with_any_type(DType dtype, Body&& body) {
  if (dtype == DType::int8) return body(int8_t{});
  if (dtype == DType::bfloat16) return body(Bfloat16{});
  return with_type(dtype, body);
}

/// A number of one C++ type as one of another, of which either may be Bfloat16.
template <class To, class From>
constexpr To as_number(From value) {
  if constexpr (std::is_same_v<From, Bfloat16>) {
    return as_number<To>(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, Bfloat16>) {
    return Bfloat16(static_cast<float>(value));
  } else {
    return static_cast<To>(value);
  }
}

}  // namespace hebb
