// Keras's operations that put elements in order (keras/src/ops/numpy.py, math.py).

#include <limits>

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

/// Rows in order, and where each element stood, int32.
struct Ordered {
  Tensor values, places;
};

Tensor is_nan(const Tensor& x) { return not_equal(x, x); }

/// Whether elements of x are larger; NaN is the largest of all, as on JAX and PyTorch. (TensorFlow leaves it anywhere.)
Tensor is_larger(const Tensor& x, const Tensor& than) {
  return logical_or(greater(x, than), logical_and(is_nan(x), equal(than, than)));
}

/// Of each two elements of the rows `low` and `high` the smaller one first; of equal ones the one that stood in front.
void put_in_order(Ordered& low, Ordered& high, bool descending) {
  const Tensor is_after = descending ? is_larger(high.values, low.values) : is_larger(low.values, high.values);
  const Tensor is_same =
      logical_or(equal(low.values, high.values), logical_and(is_nan(low.values), is_nan(high.values)));
  const Tensor is_behind = logical_and(is_same, greater(low.places, high.places));
  const Tensor turn = logical_or(is_after, is_behind);
  const Ordered first = low;
  low = {select(turn, high.values, first.values), select(turn, high.places, first.places)};
  high = {select(turn, first.values, high.values), select(turn, first.places, high.places)};
}

/// x (rows, size) ordered along its rows, by Batcher's bitonic network (1968): about log(size)^2 / 2 steps, each of
/// elementwise operations, so that there are plans and gradients.
Ordered ordered_rows(const Tensor& x, bool descending) {
  const int64_t rows = x.shape()[0], size = x.shape()[1];
  int64_t whole = 1;
  while (whole < size) whole *= 2;
  // What fills up the rows comes last, being behind all others of its value.
  const double last = descending ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  Ordered out{x, broadcast_to(arange(whole, DType::int32), {rows, whole})};
  if (whole > size)
    out.values = concatenate({x, broadcast_to(Tensor::scalar(last, x.dtype()), {rows, whole - size})}, 1);
  for (int64_t sorted = 2; sorted <= whole; sorted *= 2) {
    for (int64_t distance = sorted / 2; distance >= 1; distance /= 2) {
      // Parts of two rows that are in order: the second one backwards is, with the first, up and down again.
      const bool is_first = distance == sorted / 2;
      const Shape pairs = {rows, whole / (2 * distance), 2, distance};
      const auto half = [&](const Tensor& all, int64_t i) {
        const Tensor each = part(reshape(all, pairs), 2, i, i + 1);
        return is_first && i == 1 ? reverse(each, {3}) : each;
      };
      Ordered low{half(out.values, 0), half(out.places, 0)}, high{half(out.values, 1), half(out.places, 1)};
      put_in_order(low, high, descending);
      const auto joined = [&](const Tensor& a, const Tensor& b) {
        return reshape(concatenate({a, is_first ? reverse(b, {3}) : b}, 2), {rows, whole});
      };
      out = {joined(low.values, high.values), joined(low.places, high.places)};
    }
  }
  return {part(out.values, 1, 0, size), part(out.places, 1, 0, size)};
}

/// Along an axis; whole numbers are compared as float64.
Ordered ordered(const Tensor& x, int64_t axis, bool descending) {
  std::vector<int64_t> order;
  for (int64_t i = 0; i < x.rank(); ++i) order.push_back(i);
  std::swap(order[static_cast<size_t>(axis)], order.back());
  const Tensor turned = transpose(is_floating(x.dtype()) ? x : cast(x, DType::float64), order);
  const int64_t size = turned.shape().back();
  if (size == 0) return {x, cast(x, DType::int32)};
  const Ordered rows = ordered_rows(reshape(turned, {turned.size() / size, size}), descending);
  const auto back = [&](const Tensor& each) { return transpose(reshape(each, turned.shape()), order); };
  return {cast(back(rows.values), x.dtype()), back(rows.places)};
}

/// With Keras's option of the axis, null for all elements one behind the other.
Ordered ordered(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const Json* axis = call.config.find("axis");
  if (axis && axis->is_null()) return ordered(reshape(x, {-1}), 0, false);
  return ordered(x, call.counted(axis ? axis->as_int() : -1, x.rank()), false);
}

Tensors sorted(const OperationCall& call) { return {ordered(call).values}; }
Tensors sorting_places(const OperationCall& call) { return {ordered(call).places}; }

Tensors largest(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const int64_t axis = call.counted(-1, x.rank()), count = call.whole("k", 1);
  if (count < 0 || count > x.shape().back())
    call.refuse(message("expected a k from 0 to ", x.shape().back(), ", got ", count, "."));
  const Ordered all = ordered(x, axis, true);
  return {part(all.values, axis, 0, count), part(all.places, axis, 0, count)};
}

/// Whether fewer than k classes have a larger score than the target, (batch,).
Tensors is_among_largest(const OperationCall& call) {
  const Tensor targets = call.tensor(0, "targets"), scores = call.tensor(1, "predictions");
  if (targets.rank() != 1 || scores.rank() != 2)
    call.refuse(message("expected targets (batch,) and predictions (batch, classes), got ", targets.spec(), " and ",
                        scores.spec(), "."));
  const Tensor own = one_hot(targets, scores.shape().back());
  const Tensor score = sum(select(greater(own, 0.0), scores, 0.0), {.axes = {1}, .keepdims = true});
  const Tensor larger = sum(cast(greater(scores, score), DType::float32), {.axes = {1}});
  const Tensor is_class = greater(sum(own, {.axes = {1}}), 0.0);
  return {logical_and(is_class, less(larger, static_cast<double>(call.whole("k", 1))))};
}

}  // namespace

Tensor in_order(const Tensor& x, int64_t axis) { return ordered(x, axis, false).values; }

const std::vector<OperationRecord>& ordering_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Sort", "numpy", sorted},
      {"Argsort", "numpy", sorting_places},
      {"TopK", "math", largest},
      {"InTopK", "math", is_among_largest},
  };
  return rows;
}

}  // namespace hebb::detail
