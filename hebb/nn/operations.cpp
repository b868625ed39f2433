#include "hebb/nn/operations.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

/// An array in a file, {"class_name": "__numpy__", "config": {"value": [[...]], "dtype": "float32"}}, or a list of
/// numbers.
struct Constant : Numbers {
  bool whole = true;  // no value has a point

  bool read(const Json& json, size_t depth = 0) {
    if (json.is_array()) {
      const auto size = static_cast<int64_t>(json.size());
      if (depth == sizes.size() && values.empty()) sizes.push_back(size);
      if (depth >= sizes.size() || sizes[depth] != size) return false;
      for (const Json& item : json.items()) {
        if (!read(item, depth + 1)) return false;
      }
      return true;
    }
    if (depth != sizes.size() || !(json.is_number() || json.is_bool())) return false;
    whole = whole && !(json.is_number() && !json.is_int());
    values.push_back(json.is_bool() ? static_cast<double>(json.as_bool()) : json.as_double());
    return true;
  }
};

Tensor tensor_from(const Constant& constant, DType dtype) {
  Tensor out = Tensor::empty(Shape(constant.sizes), dtype);
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    auto* to = static_cast<T*>(out.mutable_raw());
    for (size_t i = 0; i < constant.values.size(); ++i) to[i] = static_cast<T>(constant.values[i]);
  });
  return out;
}

bool is_array(const Json& json) {
  const std::string kind = json.is_object() ? json.get("class_name", "") : "";
  return kind == "__numpy__" || kind == "__tensor__";
}

/// Nothing where it is neither an array nor numbers.
std::optional<Constant> constant_from(const Json& json) {
  if (!is_array(json) && json.is_object()) return std::nullopt;
  Constant constant;
  if (!constant.read(is_array(json) ? json.at("config").at("value") : json)) return std::nullopt;
  return constant;
}

}  // namespace

std::optional<Numbers> constant_numbers(const Json& json) { return constant_from(json); }

Tensor constant_tensor(const Json& json) {
  const std::optional<Constant> constant = constant_from(json);
  if (!constant) return {};
  if (!is_array(json)) return tensor_from(*constant, constant->whole ? DType::int32 : DType::float32);
  return tensor_from(*constant, dtype_from_name(json.at("config").get("dtype", "float32")));
}

void OperationCall::refuse(const std::string& why) const {
  throw NotSupported(message("operation '", config.get("name", ""), "' (", operation, "): ", why,
                             " Make the model in Keras with layers in place of it, and set its weights."));
}

Tensor OperationCall::tensor(size_t position, const std::string& name) const {
  const Json* value = arguments.find(position, name);
  if (!value) refuse(message("expected an argument '", name, "', there is none."));
  if (const int64_t index = OperationArguments::tensor_at(*value); index >= 0)
    return tensors.at(static_cast<size_t>(index));
  Tensor constant = constant_tensor(*value);
  if (!constant.defined())
    refuse(message("expected a tensor or numbers for '", name, "', got ", value->dump().substr(0, 80), "."));
  return constant;
}

Tensors OperationCall::list(size_t position, const std::string& name) const {
  const Json* value = arguments.find(position, name);
  if (!value || !value->is_array()) refuse(message("expected a list of tensors for '", name, "'."));
  Tensors out;
  for (const Json& item : value->items()) {
    const int64_t index = OperationArguments::tensor_at(item);
    out.push_back(index >= 0 ? tensors.at(static_cast<size_t>(index)) : constant_tensor(item));
    if (!out.back().defined())
      refuse(message("expected tensors in the list '", name, "', got ", item.dump().substr(0, 80), "."));
  }
  return out;
}

const Json* OperationCall::option(size_t position, const std::string& name) const {
  const Json* value = arguments.find(position, name);
  if (!value || value->is_null()) {
    if (const Json* own = config.find(name)) value = own;
  }
  return value && !value->is_null() ? value : nullptr;
}

std::vector<int64_t> OperationCall::axes(const std::string& name, int rank) const {
  std::vector<int64_t> out;
  const Json* value = config.find(name);
  if (!value || value->is_null()) {
    out.resize(static_cast<size_t>(rank));
    std::iota(out.begin(), out.end(), 0);
    return out;
  }
  if (value->is_array()) {
    for (const Json& item : value->items()) out.push_back(item.as_int());
  } else {
    out.push_back(value->as_int());
  }
  for (int64_t& axis : out) axis = counted(axis, rank);
  return out;
}

int64_t OperationCall::counted(int64_t axis, int rank) const {
  if (axis < -rank || axis >= rank) refuse(message("expected an axis of a tensor of rank ", rank, ", got ", axis, "."));
  return axis < 0 ? axis + rank : axis;
}

int64_t OperationCall::whole(const std::string& name, int64_t otherwise) const { return config.get(name, otherwise); }
double OperationCall::real(const std::string& name, double otherwise) const { return config.get(name, otherwise); }
bool OperationCall::flag(const std::string& name, bool otherwise) const { return config.get(name, otherwise); }

Tensor part(const Tensor& x, int64_t axis, int64_t first, int64_t last) {
  std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), end = x.shape().to_vector();
  begin[static_cast<size_t>(axis)] = first;
  end[static_cast<size_t>(axis)] = last;
  return slice(x, begin, end);
}

Tensor with_order(const Tensor& x, std::vector<int64_t> from, std::vector<int64_t> to) {
  std::vector<int64_t> order(static_cast<size_t>(x.rank()), -1), rest;
  for (int64_t& axis : from) axis += axis < 0 ? x.rank() : 0;
  for (int64_t& axis : to) axis += axis < 0 ? x.rank() : 0;
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    if (std::find(from.begin(), from.end(), axis) == from.end()) rest.push_back(axis);
  }
  for (size_t i = 0; i < from.size(); ++i) order.at(static_cast<size_t>(to.at(i))) = from[i];
  auto next = rest.begin();
  for (int64_t& axis : order) axis = axis < 0 ? *next++ : axis;
  return transpose(x, order);
}

Tensor parts_at(const Tensor& x, int64_t axis, const Tensor& indices) {
  // The axis first, then the rows, then the axis back.
  const Tensor rows = gather(with_order(x, {axis}, {0}), indices);
  std::vector<int64_t> from, to;
  for (int64_t i = 0; i < indices.rank(); ++i) {
    from.push_back(i);
    to.push_back(axis + i);
  }
  return axis == 0 || from.empty() ? rows : with_order(rows, from, to);
}

Tensor floating(const Tensor& x) { return is_floating(x.dtype()) ? x : cast(x, DType::float32); }

namespace {

/// Each element with those before it, by doubling the reach (Hillis and Steele 1986).
Tensor running(Tensor x, int64_t axis, Tensor (*both)(const Tensor&, const Tensor&)) {
  const int64_t size = x.shape()[static_cast<int>(axis)];
  for (int64_t reach = 1; reach < size; reach *= 2)
    x = concatenate({part(x, axis, 0, reach), both(part(x, axis, reach, size), part(x, axis, 0, size - reach))}, axis);
  return x;
}

}  // namespace

Tensor running_sums(const Tensor& x, int64_t axis) { return running(x, axis, add); }
Tensor running_products(const Tensor& x, int64_t axis) { return running(x, axis, multiply); }

std::vector<int64_t> numbers(const Json& list) {
  std::vector<int64_t> out;
  if (list.is_int()) return {list.as_int()};
  for (const Json& item : list.items()) out.push_back(item.is_null() ? -1 : item.as_int());
  return out;
}

DType type_named(const std::string& name) { return name.ends_with("float16") ? DType::float32 : dtype_from_name(name); }

const OperationRecord* find_operation(const std::string& class_name) {
  for (const auto* rows :
       {&elementwise_operations(), &activation_operations(), &shaping_operations(), &array_operations(),
        &ordering_operations(), &network_operations(), &image_operations(), &number_operations(),
        &statistics_operations(), &matrix_operations(), &linear_algebra_operations(), &scattering_operations(),
        &window_operations(), &fourier_operations()}) {
    for (const OperationRecord& row : *rows) {
      if (class_name == row.class_name) return &row;
    }
  }
  return nullptr;
}

}  // namespace hebb::detail
