// Keras's operations on matrices that need no solving: diagonals, products, turns (keras/src/ops/numpy.py, math.py).

#include <algorithm>

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

// ------------------------------------------------------------------------------------------------------- diagonals

/// An offset that a matrix has at most.
int64_t checked_offset(const OperationCall& call, const char* name) {
  constexpr int64_t most = 1'000'000;
  const int64_t offset = call.whole(name, 0);
  if (offset < -most || offset > most)
    call.refuse(message("expected as ", name, " a number from ", -most, " to ", most, ", got ", offset, "."));
  return offset;
}

/// A diagonal of the matrices of two axes, as the last axis.
Tensor diagonal_of(const OperationCall& call, const Tensor& x, int64_t offset, int64_t first, int64_t second) {
  if (x.rank() < 2) call.refuse(message("expected a tensor of two axes or more, got ", x.spec(), "."));
  const int64_t row_axis = call.counted(first, x.rank()), column_axis = call.counted(second, x.rank());
  if (row_axis == column_axis) call.refuse(message("expected two axes, got ", row_axis, " twice."));
  const Tensor turned = with_order(x, {row_axis, column_axis}, {-2, -1});
  const int64_t columns = turned.shape().back(), rows = turned.shape()[x.rank() - 2];
  const int64_t count = std::min(rows + std::min<int64_t>(offset, 0), columns - std::max<int64_t>(offset, 0));
  // In the rows one behind the other its elements are at equal distances.
  Shape flat = turned.shape().sub(0, x.rank() - 1);
  flat[x.rank() - 2] = rows * columns;
  const Tensor elements = reshape(turned, flat);
  const int64_t axis = elements.rank() - 1;
  if (count <= 0) return part(elements, axis, 0, 0);
  const int64_t start = offset >= 0 ? offset : -offset * columns, step = columns + 1;
  std::vector<int64_t> begin(static_cast<size_t>(elements.rank()), 0), end = elements.shape().to_vector(),
                                                                       steps(static_cast<size_t>(elements.rank()), 1);
  begin.back() = start;
  end.back() = start + (count - 1) * step + 1;
  steps.back() = step;
  return slice(elements, begin, end, steps);
}

Tensors diagonal(const OperationCall& call) {
  return {diagonal_of(call, call.tensor(0, "x"), checked_offset(call, "offset"), call.whole("axis1", 0),
                      call.whole("axis2", 1))};
}

Tensors trace(const OperationCall& call) {
  Tensor x = call.tensor(0, "x");
  if (x.dtype() == DType::boolean) x = cast(x, DType::int32);
  const Tensor elements =
      diagonal_of(call, x, checked_offset(call, "offset"), call.whole("axis1", 0), call.whole("axis2", 1));
  return {sum(elements, {.axes = {-1}})};
}

/// A matrix of zeros with x (n) as its k-th diagonal.
Tensor matrix_with(const Tensor& x, int64_t k) {
  const int64_t count = x.size(), size = count + std::abs(k);
  if (count == 0) return zeros({size, size}, x.dtype());
  const int64_t start = k >= 0 ? k : -k * size, length = (count - 1) * (size + 1) + 1;
  const Tensor apart = pad(x, {0}, {0}, {size});  // as they stand in the rows one behind the other
  return reshape(pad(apart, {start}, {size * size - start - length}), {size, size});
}

Tensors diagonal_or_matrix(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const int64_t k = checked_offset(call, "k");
  if (x.rank() == 1) return {matrix_with(x, k)};
  if (x.rank() != 2) call.refuse(message("expected a tensor of one axis or two, got ", x.spec(), "."));
  return {diagonal_of(call, x, k, 0, 1)};
}

Tensors flat_as_diagonal(const OperationCall& call) {
  return {matrix_with(reshape(call.tensor(0, "x"), {-1}), checked_offset(call, "k"))};
}

// -------------------------------------------------------------------------------------------------------- products

Tensors kronecker(const OperationCall& call) {
  Tensor a = call.tensor(0, "x1"), b = call.tensor(1, "x2");
  while (a.rank() < b.rank()) a = expand_dims(a, 0);
  while (b.rank() < a.rank()) b = expand_dims(b, 0);
  std::vector<int64_t> of_a, of_b, sizes;
  for (int i = 0; i < a.rank(); ++i) {
    of_a.insert(of_a.end(), {a.shape()[i], 1});
    of_b.insert(of_b.end(), {1, b.shape()[i]});
    sizes.push_back(a.shape()[i] * b.shape()[i]);
  }
  return {reshape(reshape(a, Shape(of_a)) * reshape(b, Shape(of_b)), Shape(sizes))};
}

/// Sums of products along the last axes of both.
Tensors inner(const OperationCall& call) {
  const Tensor a = call.tensor(0, "x1"), b = call.tensor(1, "x2");
  if (a.rank() == 0 || b.rank() == 0) return {a * b};
  const int64_t size = a.shape().back();
  if (b.shape().back() != size)
    call.refuse(message("expected last axes of one size, got ", a.spec(), " and ", b.spec(), "."));
  const DType dtype = promote(a.dtype(), b.dtype());
  const Tensor products = matmul(reshape(floating(a), {a.size() / std::max<int64_t>(size, 1), size}),
                                 transpose(reshape(floating(b), {b.size() / std::max<int64_t>(size, 1), size})));
  std::vector<int64_t> sizes;
  for (int i = 0; i + 1 < a.rank(); ++i) sizes.push_back(a.shape()[i]);
  for (int i = 0; i + 1 < b.rank(); ++i) sizes.push_back(b.shape()[i]);
  return {cast(reshape(products, Shape(sizes)), dtype)};
}

Tensors product_of_vectors(const OperationCall& call) {
  return {sum(reshape(call.tensor(0, "x1"), {-1}) * reshape(call.tensor(1, "x2"), {-1}))};
}

/// The vector product; the third component of a vector of two is zero.
Tensors cross(const OperationCall& call) {
  const Tensor left = call.tensor(0, "x1"), right = call.tensor(1, "x2");
  const Json* axis = call.config.find("axis");
  const bool is_common = axis && !axis->is_null();
  const auto along = [&](const char* name) { return is_common ? axis->as_int() : call.whole(name, -1); };
  const Tensor a = with_order(left, {call.counted(along("axisa"), left.rank())}, {-1});
  const Tensor b = with_order(right, {call.counted(along("axisb"), right.rank())}, {-1});
  for (const Tensor& each : {a, b}) {
    if (each.shape().back() != 2 && each.shape().back() != 3)
      call.refuse(message("expected vectors of two or three numbers, got ", left.spec(), " and ", right.spec(), "."));
  }
  const auto component = [](const Tensor& x, int64_t i) {
    const int64_t last = x.rank() - 1;
    return i < x.shape().back() ? part(x, last, i, i + 1) : zeros_like(part(x, last, 0, 1));
  };
  const auto difference = [&](int64_t i, int64_t j) {
    return component(a, i) * component(b, j) - component(a, j) * component(b, i);
  };
  const Tensor third = difference(0, 1);
  if (a.shape().back() == 2 && b.shape().back() == 2) return {squeeze(third, third.rank() - 1)};
  const Tensor y = concatenate({difference(1, 2), difference(2, 0), third}, third.rank() - 1);
  return {with_order(y, {-1}, {call.counted(along("axisc"), y.rank())})};
}

/// The distance of each point of one list to each of another.
Tensors distances(const OperationCall& call) {
  const Tensor a = floating(call.tensor(0, "x")), b = floating(call.tensor(1, "y"));
  if (a.rank() < 2 || b.rank() < 2)
    call.refuse(message("expected points in two axes or more, got ", a.spec(), " and ", b.spec(), "."));
  return {sqrt(sum(square(expand_dims(a, -2) - expand_dims(b, -3)), {.axes = {-1}}))};
}

Tensors correlations(const OperationCall& call) {
  const Tensor x = floating(call.tensor(0, "x"));
  if (x.rank() != 2) call.refuse(message("hebb has it for a matrix, got ", x.spec(), "."));
  const Tensor apart = x - mean(x, {.axes = {1}, .keepdims = true});
  const Tensor covariance = matmul(apart, transpose(apart)) / static_cast<double>(x.shape()[1] - 1);
  const Tensor spread = sqrt(diagonal_of(call, covariance, 0, 0, 1));
  return {clip(covariance / (expand_dims(spread, 1) * expand_dims(spread, 0)), -1, 1)};
}

// ----------------------------------------------------------------------------------------------------------- turns

Tensors quarter_turns(const OperationCall& call) {
  const Tensor x = call.tensor(0, "array");
  const Json* axes = call.config.find("axes");
  const std::vector<int64_t> pair = axes && !axes->is_null() ? numbers(*axes) : std::vector<int64_t>{0, 1};
  if (pair.size() != 2) call.refuse(message("expected two axes, got ", axes->dump(), "."));
  const int64_t first = call.counted(pair[0], x.rank()), second = call.counted(pair[1], x.rank());
  if (first == second) call.refuse(message("expected two axes, got ", first, " twice."));
  const int64_t turns = ((call.whole("k", 1) % 4) + 4) % 4;
  if (turns == 0) return {x};
  if (turns == 2) return {reverse(x, {first, second})};
  if (turns == 1) return {with_order(reverse(x, {second}), {first, second}, {second, first})};
  return {reverse(with_order(x, {first, second}, {second, first}), {second})};
}

/// The powers of each number, from the highest to 1, or the other way round.
Tensors powers(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const Json* given = call.config.find("N");
  const int64_t count = given && given->is_int() ? given->as_int() : x.rank() > 0 ? x.shape().front() : 0;
  constexpr int64_t most = 10'000;
  if (count < 1 || count > most) call.refuse(message("expected from 1 to ", most, " powers, got ", count, "."));
  Tensors columns = {expand_dims(ones_like(x), -1)};
  while (static_cast<int64_t>(columns.size()) < count) columns.push_back(columns.back() * expand_dims(x, -1));
  if (!call.flag("increasing", false)) std::reverse(columns.begin(), columns.end());
  return {concatenate(columns, x.rank())};
}

}  // namespace

const std::vector<OperationRecord>& matrix_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Diagonal", "numpy", diagonal},         {"Trace", "numpy", trace},         {"Diag", "numpy", diagonal_or_matrix},
      {"Diagflat", "numpy", flat_as_diagonal}, {"Kron", "numpy", kronecker},      {"Inner", "numpy", inner},
      {"Vdot", "numpy", product_of_vectors},   {"Cross", "numpy", cross},         {"CDist", "math", distances},
      {"Corrcoef", "numpy", correlations},     {"Rot90", "numpy", quarter_turns}, {"Vander", "numpy", powers},
  };
  return rows;
}

}  // namespace hebb::detail
