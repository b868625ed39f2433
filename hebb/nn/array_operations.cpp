// Keras's operations on parts of arrays: triangles, turns, neighbours, norms (keras/src/ops/numpy.py, linalg.py,
// core.py).

#include <algorithm>
#include <cmath>

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

/// The elements of the last two axes on and below the k-th diagonal, or on and above it.
template <bool lower>
Tensors triangle(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  if (x.rank() < 2) call.refuse(message("expected a tensor of two axes or more, got ", x.spec(), "."));
  const int64_t k = call.whole("k", 0), rows = x.shape()[x.rank() - 2], columns = x.shape().back();
  std::vector<float> kept(static_cast<size_t>(rows * columns));
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      const bool is_kept = lower ? j - i <= k : j - i >= k;
      kept[static_cast<size_t>(i * columns + j)] = is_kept ? 1 : 0;
    }
  }
  return {select(not_equal(Tensor::from(kept, {rows, columns}), 0.0), x, 0.0)};
}

Tensor rolled(const Tensor& x, int64_t shift, int64_t axis) {
  const int64_t size = x.shape()[static_cast<int>(axis)];
  if (size == 0) return x;
  const int64_t places = ((shift % size) + size) % size;
  if (places == 0) return x;
  return concatenate({part(x, axis, size - places, size), part(x, axis, 0, size - places)}, axis);
}

Tensors rolled(const OperationCall& call) {
  Tensor x = call.tensor(0, "x");
  const Json& shift = call.config.at("shift");
  const Json* axis = call.config.find("axis");
  if (!axis || axis->is_null()) return {reshape(rolled(reshape(x, {-1}), shift.as_int(), 0), x.shape())};
  const Json::Array axes = axis->is_array() ? axis->items() : Json::Array{*axis};
  for (size_t i = 0; i < axes.size(); ++i)
    x = rolled(x, shift.is_array() ? shift.at(i).as_int() : shift.as_int(), call.counted(axes[i].as_int(), x.rank()));
  return {x};
}

/// The largest or smallest sum of absolute values of a column (1, -1) or a row (inf, -inf).
Tensor length_of_matrices(const OperationCall& call, const Tensor& x, const Json& order, const ReduceOptions& options) {
  const double p = order.is_number() ? order.as_double() : 0;
  if (options.axes.size() != 2 || (std::abs(p) != 1 && !std::isinf(p)))
    call.refuse(message("hebb has it for matrices with ord \"fro\", 1, -1, inf and -inf, got ", order.dump(), "."));
  const int64_t along = options.axes[std::isinf(p) ? 1 : 0], others = options.axes[std::isinf(p) ? 0 : 1];
  const Tensor sums = sum(abs(x), {.axes = {along}, .keepdims = true});
  const ReduceOptions kept{.axes = {others}, .keepdims = true};
  Tensor y = p > 0 ? max(sums, kept) : min(sums, kept);
  if (options.keepdims) return y;
  return squeeze(squeeze(y, std::max(along, others)), std::min(along, others));
}

Tensors length(const OperationCall& call) {
  const Tensor given = call.tensor(0, "x"), x = is_floating(given.dtype()) ? given : cast(given, DType::float32);
  const ReduceOptions options{.axes = call.axes("axis", x.rank()), .keepdims = call.flag("keepdims", false)};
  const Json* order = call.config.find("ord");
  const bool is_two = !order || order->is_null() || *order == Json("fro") || (order->is_number() && *order == Json(2));
  const bool is_vector = options.axes.size() == 1;
  if (is_two && (is_vector || !order || !order->is_number())) return {sqrt(sum(square(x), options))};
  if (!is_vector) return {length_of_matrices(call, x, *order, options)};
  if (!order->is_number()) call.refuse(message("expected a number as ord of vectors, got ", order->dump(), "."));
  const double p = order->as_double();
  if (std::isinf(p)) return {p > 0 ? max(abs(x), options) : min(abs(x), options)};
  if (p == 0) return {sum(cast(not_equal(x, 0.0), x.dtype()), options)};
  if (p == 1) return {sum(abs(x), options)};
  const auto number = [&](double value) { return Tensor::scalar(value, x.dtype()); };
  return {power(sum(power(abs(x), number(p)), options), number(1 / p))};
}

Tensors taken_along(const OperationCall& call) {
  Tensor x = call.tensor(0, "x"), indices = cast(call.tensor(1, "indices"), DType::int64);
  const Json* option = call.config.find("axis");
  const bool flat = !option || option->is_null();
  if (flat) {
    x = reshape(x, {-1});
    indices = reshape(indices, {-1});
  }
  const int rank = x.rank();
  const int64_t axis = flat ? 0 : call.counted(option->as_int(), rank);
  if (indices.rank() != rank ||
      !(indices.shape().without(static_cast<int>(axis)) == x.shape().without(static_cast<int>(axis))))
    call.refuse(message("hebb has it for indices with the other axes of the tensor, got ", x.spec(), " and ",
                        indices.spec(), "."));
  // Rows of the axis, one behind the other.
  std::vector<int64_t> order;
  for (int64_t i = 0; i < rank; ++i) order.push_back(i);
  std::swap(order[static_cast<size_t>(axis)], order.back());
  const int64_t size = x.shape()[static_cast<int>(axis)];
  const Tensor places = transpose(indices, order);
  const int64_t rows = x.size() / std::max<int64_t>(size, 1);
  const Tensor starts = reshape(arange(rows, DType::int64) * static_cast<double>(size), {rows, 1});
  const Tensor counted = select(less(places, 0.0), places + static_cast<double>(size), places);
  const Tensor from_start = reshape(counted, {rows, places.shape().back()}) + starts;
  const Tensor values = gather(reshape(transpose(x, order), {-1}), from_start);
  return {transpose(reshape(values, places.shape()), order)};
}

/// Sums of products along pairs of axes.
Tensors contracted(const OperationCall& call) {
  const Tensor a = call.tensor(0, "x1"), b = call.tensor(1, "x2");
  const Json& axes = call.config.at("axes");
  std::vector<int64_t> of_a, of_b;
  if (axes.is_int()) {
    for (int64_t i = 0; i < axes.as_int(); ++i) {
      of_a.push_back(a.rank() - axes.as_int() + i);
      of_b.push_back(i);
    }
  } else {
    const auto add = [&](const Json& given, int rank, std::vector<int64_t>& out) {
      const Json::Array one = {given};
      for (const Json& axis : given.is_array() ? given.items() : one) out.push_back(call.counted(axis.as_int(), rank));
    };
    add(axes.at(size_t{0}), a.rank(), of_a);
    add(axes.at(1), b.rank(), of_b);
  }
  const auto others = [](const Tensor& x, const std::vector<int64_t>& axes) {
    std::vector<int64_t> out;
    for (int64_t i = 0; i < x.rank(); ++i) {
      if (std::find(axes.begin(), axes.end(), i) == axes.end()) out.push_back(i);
    }
    return out;
  };
  std::vector<int64_t> order_a = others(a, of_a), order_b = of_b, result;
  int64_t inner = 1;
  for (const int64_t axis : of_a) inner *= a.shape()[static_cast<int>(axis)];
  for (const int64_t axis : order_a) result.push_back(a.shape()[static_cast<int>(axis)]);
  order_a.insert(order_a.end(), of_a.begin(), of_a.end());
  for (const int64_t axis : others(b, of_b)) {
    order_b.push_back(axis);
    result.push_back(b.shape()[static_cast<int>(axis)]);
  }
  const Tensor left = reshape(transpose(a, order_a), {-1, inner}), right = reshape(transpose(b, order_b), {inner, -1});
  return {reshape(matmul(left, right), Shape(result))};
}

Tensors differences(const OperationCall& call) {
  Tensor x = call.tensor(0, "a");
  const int64_t axis = call.counted(call.whole("axis", -1), x.rank());
  for (int64_t i = 0; i < call.whole("n", 1); ++i) {
    const int64_t size = x.shape()[static_cast<int>(axis)];
    x = part(x, axis, 1, size) - part(x, axis, 0, size - 1);
  }
  return {x};
}

Tensors separated(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const int64_t axis = call.counted(call.whole("axis", 0), x.rank());
  Tensors out;
  for (int64_t i = 0; i < x.shape()[static_cast<int>(axis)]; ++i) out.push_back(squeeze(part(x, axis, i, i + 1), axis));
  return out;
}

Tensors appended(const OperationCall& call) {
  const Tensor a = call.tensor(0, "x1"), b = call.tensor(1, "x2");
  const Json* axis = call.config.find("axis");
  if (!axis || axis->is_null()) return {concatenate({reshape(a, {-1}), reshape(b, {-1})}, 0)};
  return {concatenate({a, b}, axis->as_int())};
}

Tensors side_by_side(const OperationCall& call) {
  const Tensors parts = call.list(0, "xs");
  return {concatenate(parts, parts.front().rank() < 2 ? 0 : 1)};
}

Tensors one_upon_another(const OperationCall& call) {
  Tensors parts = call.list(0, "xs");
  for (Tensor& each : parts) {
    while (each.rank() < 2) each = expand_dims(each, 0);
  }
  return {concatenate(parts, 0)};
}

Tensors behind_each_other(const OperationCall& call) {
  Tensors parts = call.list(0, "xs");
  for (Tensor& each : parts) {
    if (each.rank() < 2) each = reshape(each, {1, -1});
    if (each.rank() < 3) each = expand_dims(each, 2);
  }
  return {concatenate(parts, 2)};
}

template <int axis>
Tensors turned_along(const OperationCall& call) {
  return {reverse(call.tensor(0, "x"), {axis})};
}

}  // namespace

const std::vector<OperationRecord>& array_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Tril", "numpy", triangle<true>},
      {"Triu", "numpy", triangle<false>},
      {"Roll", "numpy", rolled},
      {"Norm", "linalg", length},
      {"TakeAlongAxis", "numpy", taken_along},
      {"Tensordot", "numpy", contracted},
      {"Diff", "numpy", differences},
      {"Unstack", "core", separated},
      {"Append", "numpy", appended},
      {"Hstack", "numpy", side_by_side},
      {"Vstack", "numpy", one_upon_another},
      {"Dstack", "numpy", behind_each_other},
      {"Fliplr", "numpy", turned_along<1>},
      {"Flipud", "numpy", turned_along<0>},
  };
  return rows;
}

}  // namespace hebb::detail
