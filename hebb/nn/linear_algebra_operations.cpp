// Keras's operations that solve linear equations (keras/src/ops/linalg.py, math.py): elimination in operations, one
// step for each row, so that there are plans and gradients.

#include <algorithm>

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

/// Square matrices, as (count, n, n).
Tensor matrices(const OperationCall& call, const Tensor& given) {
  const Tensor x = floating(given);
  if (x.rank() < 2 || x.shape().back() != x.shape()[x.rank() - 2])
    call.refuse(message("expected square matrices, got ", x.spec(), "."));
  const int64_t n = x.shape().back();
  constexpr int64_t most = 128;  // each row is a step with operations of its own
  if (n < 1 || n > most) call.refuse(message("hebb has it for matrices of 1 to ", most, " rows, got ", x.spec(), "."));
  return reshape(x, {x.size() / (n * n), n, n});
}

Tensor row_of(const Tensor& x, int64_t i) { return part(x, 1, i, i + 1); }

/// What is left when rows have been exchanged and taken from each other until `a` is diagonal.
struct Eliminated {
  Tensor diagonal;  // (count, n)
  Tensor right;     // b with the same done to it, not divided by the diagonal yet
  Tensor sign;      // (count): -1 where an odd number of rows was exchanged
};

/// Gauss's and Jordan's elimination, with the largest element of each column as its pivot.
Eliminated eliminated(Tensor a, Tensor b) {
  const int64_t count = a.shape()[0], n = a.shape()[1];
  const Tensor places = reshape(arange(n, DType::int64), {1, n, 1});
  Eliminated out;
  out.sign = ones({count}, a.dtype());
  Tensors pivots;
  for (int64_t k = 0; k < n; ++k) {
    const Tensor column = part(a, 2, k, k + 1), is_open = greater_equal(places, static_cast<double>(k));
    const Tensor best = argmax(squeeze(select(is_open, abs(column), -1.0), 2), 1);
    const Tensor is_best = not_equal(reshape(one_hot(best, n), {count, n, 1}), 0.0);
    const Tensor is_here = equal(places, static_cast<double>(k));
    const auto exchanged = [&](const Tensor& x) {
      const Tensor chosen = sum(select(is_best, x, 0.0), {.axes = {1}, .keepdims = true});
      return select(is_here, chosen, select(is_best, row_of(x, k), x));
    };
    out.sign = select(equal(best, static_cast<double>(k)), out.sign, -out.sign);
    a = exchanged(a);
    if (b.defined()) b = exchanged(b);
    const Tensor pivot = part(row_of(a, k), 2, k, k + 1), is_zero = equal(pivot, 0.0);
    const Tensor share = part(a, 2, k, k + 1) / select(is_zero, 1.0, pivot);
    const Tensor taken = select(logical_or(is_here, is_zero), 0.0, share);
    pivots.push_back(squeeze(pivot, 2));
    if (b.defined()) b = b - taken * row_of(b, k);
    a = a - taken * row_of(a, k);
  }
  out.diagonal = concatenate(pivots, 1);
  out.right = b;
  return out;
}

Shape without_matrices(const Tensor& x) { return x.shape().sub(0, x.rank() - 2); }

Tensors determinants(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const Eliminated done = eliminated(matrices(call, x), {});
  return {reshape(prod(done.diagonal, {.axes = {1}}) * done.sign, without_matrices(x))};
}

/// Of matrices whose determinant is positive.
Tensors logarithms_of_determinants(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const Eliminated done = eliminated(matrices(call, x), {});
  return {reshape(sum(log(abs(done.diagonal)), {.axes = {1}}), without_matrices(x))};
}

/// The determinants' signs and the logarithms of their sizes.
Tensors signs_and_logarithms(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const Eliminated done = eliminated(matrices(call, x), {});
  const Tensor side = stop_gradient(prod(sign(done.diagonal), {.axes = {1}}) * done.sign);
  return {reshape(side, without_matrices(x)),
          reshape(sum(log(abs(done.diagonal)), {.axes = {1}}), without_matrices(x))};
}

Tensor unit_matrices(const Tensor& like) {
  const int64_t n = like.shape()[1];
  return broadcast_to(cast(one_hot(arange(n, DType::int64), n), like.dtype()), like.shape());
}

Tensors inverses(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x"), a = matrices(call, x);
  return {reshape(solved(a, unit_matrices(a)), x.shape())};
}

/// The matrices and the right sides, (count, n, columns); the right sides are vectors or matrices.
std::pair<Tensor, Tensor> equations(const OperationCall& call) {
  const Tensor given = call.tensor(0, "a"), a = matrices(call, given), b = cast(call.tensor(1, "b"), a.dtype());
  const int64_t n = a.shape()[1];
  const bool is_vector = b.rank() == given.rank() - 1;
  if ((!is_vector && b.rank() != given.rank()) || b.shape()[given.rank() - 2] != n ||
      !(b.shape().sub(0, given.rank() - 2) == without_matrices(given)))
    call.refuse(message("expected right sides for the matrices ", given.spec(), ", got ", b.spec(), "."));
  return {a, reshape(b, {a.shape()[0], n, is_vector ? 1 : b.shape().back()})};
}

Tensors solutions(const OperationCall& call) {
  const auto [a, b] = equations(call);
  return {reshape(solved(a, b), call.tensor(1, "b").shape())};
}

/// Row by row; the other half of the matrices is not looked at.
Tensor solved_triangle(const Tensor& a, const Tensor& b, bool lower) {
  const int64_t n = a.shape()[1];
  Tensors rows(static_cast<size_t>(n));
  for (int64_t step = 0; step < n; ++step) {
    const int64_t i = lower ? step : n - 1 - step, first = lower ? 0 : i + 1, last = lower ? i : n;
    Tensor left = row_of(b, i);
    if (last > first) {
      const Tensors known(rows.begin() + first, rows.begin() + last);
      left = left - matmul(part(row_of(a, i), 2, first, last), concatenate(known, 1));
    }
    rows[static_cast<size_t>(i)] = left / part(row_of(a, i), 2, i, i + 1);
  }
  return concatenate(rows, 1);
}

Tensors triangular_solutions(const OperationCall& call) {
  const auto [a, b] = equations(call);
  return {reshape(solved_triangle(a, b, call.flag("lower", false)), call.tensor(1, "b").shape())};
}

/// The inverses of the matrices of which triangles are given.
Tensors inverses_by_triangles(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x"), a = matrices(call, x);
  const bool upper = call.flag("upper", false);
  const Tensor inverse = solved_triangle(a, unit_matrices(a), !upper), turned = transpose(inverse, {0, 2, 1});
  return {reshape(upper ? matmul(inverse, turned) : matmul(turned, inverse), x.shape())};
}

/// The triangle whose product with its mirror image the matrices are; their upper half is not looked at.
Tensors triangles(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x"), a = matrices(call, x);
  const int64_t count = a.shape()[0], n = a.shape()[1];
  Tensors columns;
  for (int64_t j = 0; j < n; ++j) {
    Tensor below = part(part(a, 1, j, n), 2, j, j + 1);
    if (j > 0) {
      const Tensor known = part(concatenate(columns, 2), 1, j, n);
      below = below - matmul(known, transpose(row_of(known, 0), {0, 2, 1}));
    }
    const Tensor column = below / sqrt(row_of(below, 0));
    columns.push_back(pad(column, {0, j, 0}, {0, 0, 0}));
  }
  const Tensor y = reshape(concatenate(columns, 2), {count, n, n});
  return {reshape(call.flag("upper", false) ? transpose(y, {0, 2, 1}) : y, x.shape())};
}

}  // namespace

Tensor solved(const Tensor& a, const Tensor& b) {
  const Eliminated done = eliminated(a, b);
  return done.right / expand_dims(done.diagonal, 2);
}

const std::vector<OperationRecord>& linear_algebra_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Det", "linalg", determinants},
      {"Logdet", "math", logarithms_of_determinants},
      {"Slogdet", "numpy", signs_and_logarithms},
      {"Inv", "linalg", inverses},
      {"Solve", "linalg", solutions},
      {"SolveTriangular", "linalg", triangular_solutions},
      {"Cholesky", "linalg", triangles},
      {"CholeskyInverse", "linalg", inverses_by_triangles},
  };
  return rows;
}

}  // namespace hebb::detail
