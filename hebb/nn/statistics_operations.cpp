// Keras's operations about how numbers are spread: quantiles, sums that leave out what is no number, running sums,
// places in rows that are in order (keras/src/ops/numpy.py).

#include <cmath>
#include <limits>

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

ReduceOptions reduction(const OperationCall& call, const Tensor& x) {
  return {.axes = call.axes("axis", x.rank()), .keepdims = call.flag("keepdims", false)};
}

// ------------------------------------------------------------------------------------------------ without NaN

Tensor or_number(const Tensor& x, double number) { return is_floating(x.dtype()) ? select(isnan(x), number, x) : x; }

/// How many there are, of the type of x.
Tensor count_of_numbers(const Tensor& x, const ReduceOptions& options) {
  return sum(cast(logical_not(isnan(x)), x.dtype()), options);
}

/// `y` where there is a number, else NaN.
Tensor where_any(const Tensor& x, const ReduceOptions& options, const Tensor& y) {
  return is_floating(x.dtype()) ? select(greater(count_of_numbers(x, options), 0.0), y, no_number) : y;
}

Tensor whole(const Tensor& x) { return x.dtype() == DType::boolean ? cast(x, DType::int32) : x; }

Tensors sum_without_nan(const OperationCall& call) {
  const Tensor x = whole(call.tensor(0, "x"));
  return {sum(or_number(x, 0), reduction(call, x))};
}

Tensors product_without_nan(const OperationCall& call) {
  const Tensor x = whole(call.tensor(0, "x"));
  return {prod(or_number(x, 1), reduction(call, x))};
}

template <bool largest>
Tensors extreme_without_nan(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const ReduceOptions options = reduction(call, x);
  const Tensor others = or_number(x, largest ? -infinity : infinity);
  return {where_any(x, options, largest ? max(others, options) : min(others, options))};
}

Tensors mean_without_nan(const OperationCall& call) {
  const Tensor x = floating(call.tensor(0, "x"));
  const ReduceOptions options = reduction(call, x);
  return {sum(or_number(x, 0), options) / count_of_numbers(x, options)};
}

template <bool root>
Tensors variance_without_nan(const OperationCall& call) {
  const Tensor x = floating(call.tensor(0, "x"));
  const ReduceOptions options = reduction(call, x), kept{.axes = options.axes, .keepdims = true};
  const Tensor middle = sum(or_number(x, 0), kept) / count_of_numbers(x, kept);
  const Tensor y = sum(square(select(isnan(x), 0.0, x - middle)), options) / count_of_numbers(x, options);
  return {root ? sqrt(y) : y};
}

template <bool largest>
Tensors place_without_nan(const OperationCall& call) {
  Tensor x = call.tensor(0, "x");
  const Json* axis = call.option(1, "axis");
  const bool keepdims = call.flag("keepdims", false);
  const int rank = x.rank();
  if (!axis) x = reshape(x, {-1});
  const int64_t at = axis ? call.counted(axis->as_int(), x.rank()) : 0;
  const Tensor others = or_number(x, largest ? -infinity : infinity);
  Tensor y = cast(largest ? argmax(others, at) : argmin(others, at), DType::int32);
  if (is_floating(x.dtype())) {
    const Tensor is_any = greater(count_of_numbers(x, {.axes = {at}}), 0.0);
    y = select(is_any, y, Tensor::scalar(-1, DType::int32));
  }
  if (keepdims && !axis) return {reshape(y, Shape(std::vector<int64_t>(static_cast<size_t>(rank), 1)))};
  return {keepdims ? expand_dims(y, at) : y};
}

// ----------------------------------------------------------------------------------------------------- quantiles

/// The neighbours of a place in a row, and how near it is to the second one, by the method.
struct Neighbours {
  Tensor lower, upper, share;
};

Neighbours neighbours(const OperationCall& call, const Tensor& place, const std::string& method) {
  const Tensor below = floor(place), above = ceil(place), none = place * 0.0;
  if (method == "lower") return {below, below, none};
  if (method == "higher") return {above, above, none};
  if (method == "nearest") return {round(place), round(place), none};
  if (method == "midpoint") return {below, above, none + 0.5};
  if (method != "linear")
    call.refuse(message("expected a method among linear, lower, higher, midpoint and nearest, got ", method, "."));
  return {below, above, place - below};
}

/// The quantiles `parts` of all elements along the axes; `skips`: of those that are numbers, else NaN where one is
/// none.
Tensors quantiles(const OperationCall& call, const std::vector<float>& parts, bool is_list, bool skips,
                  const std::string& method) {
  const Tensor x = floating(call.tensor(0, "x"));
  const std::vector<int64_t> axes = call.axes("axis", x.rank());
  std::vector<int64_t> last;
  Shape rest;
  int64_t size = 1;
  for (size_t i = 0; i < axes.size(); ++i) {
    last.push_back(x.rank() - static_cast<int64_t>(axes.size() - i));
    size *= x.shape()[static_cast<int>(axes[i])];
  }
  const Tensor turned = with_order(x, axes, last);
  rest = turned.shape().sub(0, x.rank() - static_cast<int>(axes.size()));
  if (size == 0) call.refuse(message("expected elements along its axes, got ", x.spec(), "."));
  const Tensor rows = reshape(turned, {x.size() / size, size});
  const Tensor is_number = logical_not(isnan(rows)), values = in_order(select(is_number, rows, infinity), 1);
  const ReduceOptions along{.axes = {1}, .keepdims = true};
  const Tensor count = sum(cast(is_number, x.dtype()), along);
  const Tensor is_known = skips ? greater(count, 0.0) : equal(count, static_cast<double>(size));
  const Tensor places = arange(size, x.dtype());
  Tensors out;
  for (const float q : parts) {
    if (!(q >= 0 && q <= 1)) call.refuse(message("expected quantiles from 0 to 1, got ", q, "."));
    const Tensor place = skips ? maximum(count - 1.0, 0.0) * static_cast<double>(q)
                               : full({1, 1}, static_cast<double>(q * static_cast<float>(size - 1)), x.dtype());
    const Neighbours beside = neighbours(call, place, method);
    const auto at = [&](const Tensor& index) { return sum(select(equal(places, index), values, 0.0), along); };
    const Tensor low = at(beside.lower), high = at(beside.upper);
    Tensor y = select(equal(low, high), low, low * (1.0 - beside.share) + high * beside.share);
    y = reshape(select(is_known, y, no_number), rest);
    if (call.flag("keepdims", false)) {
      Shape kept = x.shape();
      for (const int64_t axis : axes) kept[static_cast<int>(axis)] = 1;
      y = reshape(y, kept);
    }
    out.push_back(is_list ? expand_dims(y, 0) : y);
  }
  return {is_list ? concatenate(out, 0) : out.front()};
}

/// `q` of the call, divided by `whole`, in the type in which Keras computes.
Tensors quantiles_of_call(const OperationCall& call, float whole, bool skips, const std::string& method) {
  const Json* given = call.arguments.find(1, "q");
  const std::optional<Numbers> q = given ? constant_numbers(*given) : std::nullopt;
  if (!q || q->sizes.size() > 1 || q->values.empty()) call.refuse("hebb has it with a number, or some, as q.");
  std::vector<float> parts;
  for (const double each : q->values) parts.push_back(static_cast<float>(each) / whole);
  return quantiles(call, parts, q->sizes.size() == 1, skips, method);
}

template <bool skips>
Tensors middle(const OperationCall& call) {
  return quantiles(call, {0.5f}, false, skips, "linear");
}
/// Keras does not hand its method on.
Tensors quantile(const OperationCall& call) { return quantiles_of_call(call, 1, false, "linear"); }
Tensors quantile_without_nan(const OperationCall& call) {
  return quantiles_of_call(call, 1, true, call.config.get("method", "linear"));
}
template <bool skips>
Tensors percentile(const OperationCall& call) {
  return quantiles_of_call(call, 100, skips, call.config.get("method", "linear"));
}

// ----------------------------------------------------------------------------------------------------- running sums

template <bool products, bool skips>
Tensors running(const OperationCall& call) {
  Tensor x = whole(call.tensor(0, "x"));
  if (const Json* dtype = call.config.find("dtype"); dtype && dtype->is_string())
    x = whole(cast(x, type_named(dtype->as_string())));
  if (skips) x = or_number(x, products ? 1 : 0);
  const Json* option = call.option(1, "axis");
  if (!option) x = reshape(x, {-1});
  const int64_t axis = option ? call.counted(option->as_int(), x.rank()) : 0;
  return {products ? running_products(x, axis) : running_sums(x, axis)};
}

// ------------------------------------------------------------------------------------------------- means and areas

Tensors averaged(const OperationCall& call) {
  const Tensor x = floating(call.tensor(0, "x"));
  const ReduceOptions options{.axes = call.axes("axis", x.rank())};
  const Json* given = call.arguments.find(1, "weights");
  if (!given || given->is_null()) return {mean(x, options)};
  Tensor weights = floating(call.tensor(1, "weights"));
  if (weights.rank() == 1 && x.rank() > 1) {
    if (options.axes.size() != 1)
      call.refuse(message("expected weights of the tensor's shape, or an axis that they belong to, got ",
                          weights.spec(), " for ", x.spec(), "."));
    Shape shape = Shape(std::vector<int64_t>(static_cast<size_t>(x.rank()), 1));
    shape[static_cast<int>(options.axes.front())] = weights.size();
    weights = reshape(weights, shape);
  }
  return {sum(x * weights, options) / sum(broadcast_to(weights, x.shape()), options)};
}

/// The area below a line through points.
Tensors area(const OperationCall& call) {
  const Tensor given = floating(call.tensor(0, "y"));
  const Tensor y = with_order(given, {call.counted(call.whole("axis", -1), given.rank())}, {-1});
  const int64_t last = y.rank() - 1, size = y.shape().back();
  const Tensor heights = (part(y, last, 1, size) + part(y, last, 0, size - 1)) * 0.5;
  const Json* x = call.config.find("x");
  if (!x || x->is_null()) return {sum(heights * call.real("dx", 1), {.axes = {last}})};
  const Tensor points = constant_tensor(*x);
  if (!points.defined() || points.rank() != 1 || points.size() != size)
    call.refuse(message("hebb has it with ", size, " numbers as x, got ", x->dump().substr(0, 80), "."));
  const Tensor places = cast(points, y.dtype());
  return {sum(heights * (part(places, 0, 1, size) - part(places, 0, 0, size - 1)), {.axes = {last}})};
}

// ---------------------------------------------------------------------------------------------------------- places

/// How many of `row` stand before each value; `equal_ones`: those that are equal to it count.
Tensor before(const OperationCall& call, const Tensor& values, const Tensor& row, bool equal_ones) {
  if (row.rank() != 1) call.refuse(message("expected a row of numbers in order, got ", row.spec(), "."));
  const Tensor each = expand_dims(values, -1);
  const Tensor is_before = equal_ones ? less_equal(row, each) : less(row, each);
  return sum(cast(is_before, DType::int32), {.axes = {values.rank()}});
}

Tensors bins(const OperationCall& call) {
  return {before(call, floating(call.tensor(0, "x")), floating(call.tensor(1, "bins")), true)};
}

Tensors places_in_row(const OperationCall& call) {
  const Tensor row = call.tensor(0, "sorted_sequence"), values = call.tensor(1, "values");
  return {before(call, values, row, call.config.get("side", "left") == "right")};
}

}  // namespace

const std::vector<OperationRecord>& statistics_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Nansum", "numpy", sum_without_nan},
      {"Nanprod", "numpy", product_without_nan},
      {"Nanmax", "numpy", extreme_without_nan<true>},
      {"Nanmin", "numpy", extreme_without_nan<false>},
      {"Nanmean", "numpy", mean_without_nan},
      {"Nanvar", "numpy", variance_without_nan<false>},
      {"Nanstd", "numpy", variance_without_nan<true>},
      {"Nanargmax", "numpy", place_without_nan<true>},
      {"Nanargmin", "numpy", place_without_nan<false>},
      {"Median", "numpy", middle<false>},
      {"Nanmedian", "numpy", middle<true>},
      {"Quantile", "numpy", quantile},
      {"Nanquantile", "numpy", quantile_without_nan},
      {"Percentile", "numpy", percentile<false>},
      {"Nanpercentile", "numpy", percentile<true>},
      {"Cumsum", "numpy", running<false, false>},
      {"Cumprod", "numpy", running<true, false>},
      {"Nancumsum", "numpy", running<false, true>},
      {"Nancumprod", "numpy", running<true, true>},
      {"Average", "numpy", averaged},
      {"Trapezoid", "numpy", area},
      {"Digitize", "numpy", bins},
      {"SearchSorted", "numpy", places_in_row},
  };
  return rows;
}

}  // namespace hebb::detail
