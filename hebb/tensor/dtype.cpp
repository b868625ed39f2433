#include "hebb/tensor/dtype.h"

#include <algorithm>
#include <array>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {
constexpr std::array<std::string_view, 9> names = {"float32", "float64", "int32",    "int64", "uint8",
                                                   "bool",    "int8",    "bfloat16", "string"};

int rank_of(DType dtype) {
  switch (dtype) {
    case DType::string: return -3;
    case DType::int8: return -2;
    case DType::bfloat16: return -1;
    case DType::boolean: return 0;
    case DType::uint8: return 1;
    case DType::int32: return 2;
    case DType::int64: return 3;
    case DType::float32: return 4;
    case DType::float64: return 5;
  }
  return 0;
}
}  // namespace

std::string_view name_of(DType dtype) { return names[static_cast<size_t>(dtype)]; }

DType dtype_from_name(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<DType>(found - names.begin());
  throw InvalidArgument(unknown_name("dtype", name, std::vector<std::string>(names.begin(), names.end())));
}

void detail::refuse_stored_type(DType dtype) {
  if (dtype == DType::string) {
    throw NotSupported(
        "elements of string: they are texts, not numbers. Put a layer that takes texts before it, such as "
        "TextVectorization() or StringLookup(); read them with to_texts().");
  }
  throw NotSupported(message("elements of ", dtype,
                             ": they are stored, not computed with. Convert them with cast() to ",
                             dtype == DType::int8 ? DType::int32 : DType::float32, " first."));
}

DType promote(DType a, DType b) { return rank_of(a) >= rank_of(b) ? a : b; }

}  // namespace hebb
