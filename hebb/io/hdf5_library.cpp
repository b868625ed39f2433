#include "hebb/io/hdf5_library.h"

#include <atomic>
#include <cstring>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::io::detail {

namespace {

using data::StoredType;

std::mutex& library_mutex() {
  static std::mutex one;
  return one;
}

/// The layout of an IEEE-like float: sign, exponent and fraction by position and size in bits, and the exponent's bias.
struct FloatLayout {
  StoredType type;
  size_t sign, exponent, exponent_bits, fraction_bits, bias;
};
constexpr FloatLayout float_layouts[] = {{{StoredType::Kind::floating, 2}, 15, 10, 5, 10, 15},
                                         {{StoredType::Kind::bfloat, 2}, 15, 7, 8, 7, 127},
                                         {{StoredType::Kind::floating, 4}, 31, 23, 8, 23, 127},
                                         {{StoredType::Kind::floating, 8}, 63, 52, 11, 52, 1023}};

std::optional<StoredType> float_type(hid_t type) {
  size_t sign, exponent, exponent_bits, fraction, fraction_bits;
  if (H5Tget_fields(type, &sign, &exponent, &exponent_bits, &fraction, &fraction_bits) < 0) return std::nullopt;
  for (const FloatLayout& layout : float_layouts) {
    if (static_cast<size_t>(layout.type.bytes) == H5Tget_size(type) && sign == layout.sign &&
        exponent == layout.exponent && exponent_bits == layout.exponent_bits && fraction == 0 &&
        fraction_bits == layout.fraction_bits && H5Tget_ebias(type) == layout.bias &&
        H5Tget_norm(type) == H5T_NORM_IMPLIED) {
      return layout.type;
    }
  }
  return std::nullopt;
}

/// h5py's booleans: an enumeration of FALSE and TRUE over int8.
bool is_boolean(hid_t type) {
  if (H5Tget_nmembers(type) != 2 || H5Tget_size(type) != 1) return false;
  for (unsigned i = 0; i < 2; ++i) {
    int8_t value = -1;
    if (H5Tget_member_value(type, i, &value) < 0) return false;
    char* name = H5Tget_member_name(type, i);
    const bool expected =
        name && value == (std::strcmp(name, "TRUE") == 0) && (value == 1 || std::strcmp(name, "FALSE") == 0);
    H5free_memory(name);
    if (!expected) return false;
  }
  return true;
}

}  // namespace

Library::Library() : lock_(library_mutex()) {
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_to_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Library::~Library() { H5Eset_auto2(H5E_DEFAULT, print_, print_to_); }

std::string library_error() {
  std::string text;
  auto keep_first = [](unsigned, const H5E_error2_t* error, void* to) -> herr_t {
    auto& kept = *static_cast<std::string*>(to);
    if (kept.empty() && error->desc) kept = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
  return text.empty() ? "" : message(" (libhdf5: ", text, ")");
}

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts = split(path, '/');
  std::erase(parts, "");
  return parts;
}

std::string unique_image_name() {
  static std::atomic<unsigned> counter = 0;
  return message("/dev/null/hebb-memory-image-", counter++);
}

std::optional<data::StoredType> stored_type(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  if (kind == H5T_ENUM)
    return is_boolean(type) ? std::optional(StoredType{StoredType::Kind::boolean, 1}) : std::nullopt;
  // Of two bytes that HDF5 knows nothing of: bfloat16, which an attribute must say (hdf5_datasets.cpp).
  if (kind == H5T_OPAQUE && H5Tget_size(type) == 2) return StoredType{StoredType::Kind::bfloat, 2};
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) return std::nullopt;
  const size_t size = H5Tget_size(type);
  const H5T_order_t order = H5Tget_order(type);
  if (size > 8 || H5Tget_precision(type) != 8 * size || H5Tget_offset(type) != 0) return std::nullopt;
  if (order != H5T_ORDER_LE && order != H5T_ORDER_BE) return std::nullopt;
  std::optional<StoredType> out;
  if (kind == H5T_FLOAT) {
    out = float_type(type);
  } else if (size == 1 || size == 2 || size == 4 || size == 8) {
    const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
    out = StoredType{is_signed ? StoredType::Kind::signed_integer : StoredType::Kind::unsigned_integer,
                     static_cast<int>(size)};
  }
  if (out) out->big_endian = order == H5T_ORDER_BE;
  return out;
}

Id file_type(DType dtype) {
  switch (dtype) {
    case DType::float32: return Id(H5Tcopy(H5T_IEEE_F32LE));
    case DType::float64: return Id(H5Tcopy(H5T_IEEE_F64LE));
    case DType::int32: return Id(H5Tcopy(H5T_STD_I32LE));
    case DType::int64: return Id(H5Tcopy(H5T_STD_I64LE));
    case DType::uint8: return Id(H5Tcopy(H5T_STD_U8LE));
    case DType::int8: return Id(H5Tcopy(H5T_STD_I8LE));
    case DType::bfloat16: return Id(H5Tcreate(H5T_OPAQUE, 2));  // as Keras has it, with an attribute that says so
    case DType::string: throw NotSupported("a dataset of texts in HDF5: hebb writes numbers.");
    case DType::boolean: break;
  }
  Id type(H5Tenum_create(H5T_STD_I8LE));
  for (const auto& [name, value] : {std::pair<const char*, int8_t>{"FALSE", 0}, {"TRUE", 1}}) {
    H5Tenum_insert(type.get(), name, &value);
  }
  return type;
}

}  // namespace hebb::io::detail
