// Keras's operations that take parts by their places and put them there: slices, scattered values, segments, frames,
// grids (keras/src/ops/core.py, math.py, numpy.py, nn.py).

#include <algorithm>
#include <cmath>
#include <limits>

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

// ---------------------------------------------------------------------------------------------------------- slices

/// The whole numbers of an argument; nothing where it is a tensor of the model.
std::optional<std::vector<int64_t>> numbers_or_tensor(const OperationCall& call, size_t position, const char* name) {
  const Json* value = call.arguments.find(position, name);
  if (!value) call.refuse(message("expected an argument '", name, "', there is none."));
  if (OperationArguments::tensor_at(*value) >= 0) return std::nullopt;
  const std::optional<Numbers> given = constant_numbers(*value);
  if (!given || given->sizes.size() > 1)
    call.refuse(message("hebb has it with whole numbers, or one tensor, as '", name, "', got ",
                        value->dump().substr(0, 80), "."));
  std::vector<int64_t> out;
  for (const double each : given->values) out.push_back(static_cast<int64_t>(each));
  return out;
}

void check_count(const OperationCall& call, const char* name, int64_t count, const Tensor& x) {
  if (count != x.rank())
    call.refuse(message("expected ", x.rank(), " numbers as '", name, "', one for each axis, got ", count, "."));
}

/// From a place in each axis so many elements; -1: all that are left.
Tensors block(const OperationCall& call) {
  Tensor x = call.tensor(0, "inputs");
  const Json* given = call.option(2, "shape");
  if (!given) call.refuse("expected a shape.");
  const std::vector<int64_t> sizes = numbers(*given);
  check_count(call, "shape", static_cast<int64_t>(sizes.size()), x);
  const std::optional<std::vector<int64_t>> starts = numbers_or_tensor(call, 1, "start_indices");
  if (starts) check_count(call, "start_indices", static_cast<int64_t>(starts->size()), x);
  for (int axis = 0; axis < x.rank(); ++axis) {
    const auto at = static_cast<size_t>(axis);
    const int64_t whole = x.shape()[axis];
    if (starts) {
      const int64_t first = (*starts)[at], count = sizes[at] == -1 ? whole - first : sizes[at];
      if (first < 0 || count < 0 || first > whole || count > whole - first)
        call.refuse(message("it takes ", count, " elements from ", first, " of an axis of ", whole, "."));
      x = part(x, axis, first, first + count);
    } else {
      if (sizes[at] == -1 || sizes[at] > whole || sizes[at] < 0)
        call.refuse(message("expected from 0 to ", whole, " elements of axis ", axis,
                            ", since their place is a tensor, got ", sizes[at], "."));
      // What would reach beyond the end begins earlier.
      const Tensor first = part(reshape(call.tensor(1, "start_indices"), {-1}), 0, axis, axis + 1);
      const Tensor place = clip(cast(first, DType::int64), 0, static_cast<double>(whole - sizes[at]));
      x = parts_at(x, axis, place + arange(sizes[at], DType::int64));
    }
  }
  return {x};
}

/// Another block in the place of one.
Tensors with_block(const OperationCall& call) {
  const Tensor x = call.tensor(0, "inputs"), update = call.tensor(2, "updates");
  const std::optional<std::vector<int64_t>> starts = numbers_or_tensor(call, 1, "start_indices");
  if (!starts) call.refuse("hebb has it with whole numbers as start_indices.");
  check_count(call, "start_indices", static_cast<int64_t>(starts->size()), x);
  if (update.rank() != x.rank())
    call.refuse(message("expected updates of ", x.rank(), " axes, got ", update.spec(), "."));
  std::vector<int64_t> low, high;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const int64_t left = x.shape()[axis] - update.shape()[axis];
    if (left < 0) call.refuse(message("expected updates within ", x.spec(), ", got ", update.spec(), "."));
    low.push_back(std::clamp<int64_t>((*starts)[static_cast<size_t>(axis)], 0, left));
    high.push_back(left - low.back());
  }
  const Tensor is_new = pad(ones(update.shape(), DType::float32), low, high);
  return {select(not_equal(is_new, 0.0), pad(cast(update, x.dtype()), low, high), x)};
}

// ------------------------------------------------------------------------------------------------------- scattering

/// The places (count, k) in the first k axes of a shape as places in them one behind the other; -1 where there is none.
Tensor flat_places(const OperationCall& call, const Tensor& indices, const Shape& shape) {
  if (indices.rank() < 1) call.refuse("expected indices with an axis for the places.");
  const int64_t axes = indices.shape().back();
  if (axes > shape.rank())
    call.refuse(message("expected indices of at most ", shape.rank(), " axes, got ", indices.spec(), "."));
  const Tensor each = reshape(cast(indices, DType::int64), {indices.size() / std::max<int64_t>(axes, 1), axes});
  Tensor place = zeros({each.shape().front()}, DType::int64), is_inside = equal(place, 0.0);
  for (int64_t axis = 0; axis < axes; ++axis) {
    const auto size = static_cast<double>(shape[static_cast<int>(axis)]);
    const Tensor at = squeeze(part(each, 1, axis, axis + 1), 1);
    is_inside = logical_and(is_inside, logical_and(greater_equal(at, 0.0), less(at, size)));
    place = place * size + at;
  }
  return select(is_inside, place, -1.0);
}

/// Values added up at their places of zeros of a shape.
Tensor scattered(const Tensor& places, const Tensor& values, const Shape& shape, int64_t axes) {
  const Shape rest = shape.sub(static_cast<int>(axes), shape.rank());
  std::vector<int64_t> sizes = rest.to_vector();
  sizes.insert(sizes.begin(), places.size());
  const int64_t rows = shape.sub(0, static_cast<int>(axes)).elements();
  return reshape(scatter_add(places, reshape(values, Shape(sizes)), rows), shape);
}

/// The places along each axis of what lies one behind the other.
Tensors places_along_axes(const OperationCall& call) {
  Tensor place = call.tensor(0, "indices");
  const Json* given = call.option(1, "shape");
  if (!given) call.refuse("expected a shape.");
  const std::vector<int64_t> sizes = numbers(*given);
  Tensors out(sizes.size());
  for (size_t axis = sizes.size(); axis-- > 0;) {
    if (sizes[axis] < 1) call.refuse(message("expected a shape of known sizes, got ", given->dump(), "."));
    const auto size = static_cast<double>(sizes[axis]);
    const Tensor above = cast(floor(cast(place, DType::float64) / size), place.dtype());
    out[axis] = place - above * size;
    place = above;
  }
  return out;
}

Tensors scattered_values(const OperationCall& call) {
  const Tensor indices = call.tensor(0, "indices"), values = call.tensor(1, "values");
  const Json* given = call.option(2, "shape");
  if (!given) call.refuse("expected a shape.");
  const Shape shape = Shape(numbers(*given));
  for (const int64_t size : shape) {
    if (size < 0) call.refuse(message("expected a shape of known sizes, got ", given->dump(), "."));
  }
  return {scattered(flat_places(call, indices, shape), values, shape, indices.shape().back())};
}

/// What "max", "min" and "mul" make of a number that is there and of one that comes, and of several that come.
struct Combination {
  const char* name;
  Tensor (*with)(const Tensor&, const Tensor&);
  Tensor (*of)(const Tensor&, const ReduceOptions&);
  /// What changes nothing among these.
  Tensor (*neutral)(const Tensor& updates);
};
Tensor less_than_all(const Tensor& x) { return is_floating(x.dtype()) ? Tensor::scalar(-HUGE_VAL, x.dtype()) : min(x); }
Tensor more_than_all(const Tensor& x) { return is_floating(x.dtype()) ? Tensor::scalar(HUGE_VAL, x.dtype()) : max(x); }
Tensor one(const Tensor& x) { return Tensor::scalar(1, x.dtype()); }
Tensor product(const Tensor& a, const Tensor& b) { return a * b; }
constexpr Combination combinations[] = {
    {"max", maximum, max, less_than_all}, {"min", minimum, min, more_than_all}, {"mul", product, prod, one}};

/// Added to what is there, or combined with it, or in place of it: the last one of several.
Tensors updated(const OperationCall& call) {
  const Tensor x = call.tensor(0, "inputs"), indices = call.tensor(1, "indices");
  Tensor updates = cast(call.tensor(2, "updates"), x.dtype());
  const Json* given = call.config.find("reduction");
  const std::string reduction = given && given->is_string() ? given->as_string() : "";
  const Combination* combination = std::find_if(std::begin(combinations), std::end(combinations),
                                                [&](const Combination& each) { return each.name == reduction; });
  const bool combines = combination != std::end(combinations), adds = reduction == "add";
  if (!adds && !combines && given && !given->is_null())
    call.refuse(message("expected the reduction null, \"add\", \"max\", \"min\" or \"mul\", got ", given->dump(), "."));
  Tensor places = flat_places(call, indices, x.shape());
  const int64_t axes = indices.shape().back(), count = places.size();
  if (adds) return {x + scattered(places, updates, x.shape(), axes)};
  if (count == 0) return {x};
  // Each update is compared with each other one, and combined with those of its place.
  constexpr int64_t most = 10'000, most_numbers = 100'000'000;
  if (count > most) call.refuse(message("expected at most ", most, " updates, got ", count, "."));
  const Tensor order = arange(count, DType::int64);
  const Tensor is_same = equal(expand_dims(places, 1), expand_dims(places, 0));
  if (combines) {
    if (updates.size() > most_numbers / count)
      call.refuse(message("expected fewer or smaller updates, got ", updates.spec(), " at ", count, " places."));
    const Tensor rows = reshape(updates, {1, count, updates.size() / count});
    const Tensor those = select(expand_dims(is_same, 2), rows, combination->neutral(updates));
    updates = reshape(combination->of(those, {.axes = {1}}), updates.shape());
  }
  const Tensor is_later = logical_and(is_same, less(expand_dims(order, 1), expand_dims(order, 0)));
  places = select(greater(max(cast(is_later, DType::int32), {.axes = {1}}), 0.0), -1.0, places);
  const Tensor is_new = scattered(places, ones(updates.shape(), DType::float32), x.shape(), axes);
  const Tensor come = scattered(places, updates, x.shape(), axes);
  return {select(not_equal(is_new, 0.0), combines ? combination->with(x, come) : come, x)};
}

// --------------------------------------------------------------------------------------------------------- segments

int64_t segment_count(const OperationCall& call) {
  const Json* given = call.config.find("num_segments");
  if (!given || !given->is_int())
    call.refuse("hebb has it with num_segments, since sizes do not depend on values here.");
  constexpr int64_t most = 100'000'000;
  if (given->as_int() < 0 || given->as_int() > most)
    call.refuse(message("expected from 0 to ", most, " segments, got ", given->dump(), "."));
  return given->as_int();
}

/// The data and the segment of each of its rows, (rows).
std::pair<Tensor, Tensor> segmented(const OperationCall& call) {
  const Tensor data = call.tensor(0, "data"), ids = call.tensor(1, "segment_ids");
  if (data.rank() < 1 || ids.rank() != 1 || ids.shape().front() != data.shape().front())
    call.refuse(message("expected one segment_id for each row of data, got ", ids.spec(), " for ", data.spec(), "."));
  return {data, ids};
}

Tensors sums_of_segments(const OperationCall& call) {
  const auto [data, ids] = segmented(call);
  return {scatter_add(ids, data, segment_count(call))};
}

enum class Extreme { largest, smallest, product };

/// Of a segment without rows: the lowest number, the highest one, or 1.
template <Extreme kind>
Tensors over_segments(const OperationCall& call) {
  const auto [data, ids] = segmented(call);
  const int64_t segments = segment_count(call), rows = data.shape().front();
  if (!is_floating(data.dtype())) call.refuse(message("hebb has it for floats, got ", data.spec(), "."));
  const double most = data.dtype() == DType::float64 ? std::numeric_limits<double>::max()
                                                     : static_cast<double>(std::numeric_limits<float>::max());
  const double other = kind == Extreme::product ? 1 : kind == Extreme::largest ? -most : most;
  std::vector<int64_t> shape(static_cast<size_t>(data.rank() + 1), 1);
  shape[0] = rows;
  shape[1] = segments;
  const Tensor is_member = not_equal(reshape(one_hot(ids, segments), Shape(shape)), 0.0);
  const Tensor each = select(is_member, expand_dims(data, 1), other);
  const ReduceOptions options{.axes = {0}};
  return {kind == Extreme::product   ? prod(each, options)
          : kind == Extreme::largest ? max(each, options)
                                     : min(each, options)};
}

// ------------------------------------------------------------------------------------------------ frames and grids

/// Pieces of the last axis, one every `sequence_stride` elements.
Tensors frames(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  if (x.rank() < 1) call.refuse("expected a tensor of an axis or more.");
  const int64_t length = call.whole("sequence_length", 0), stride = call.whole("sequence_stride", 0);
  return {framed(call, x, length, stride)};
}

/// 1 for each class that is among those of a row.
Tensors among_classes(const OperationCall& call) {
  const Tensor x = call.tensor(0, "inputs");
  if (x.rank() < 1) call.refuse("expected classes with an axis.");
  const Json* dtype = call.config.find("dtype");
  const DType type = type_named(dtype && dtype->is_string() ? dtype->as_string() : "float32");
  const Tensor each = one_hot(x, call.config.at("num_classes").as_int());
  const Tensor turned = with_order(each, {-1}, {call.counted(call.whole("axis", -1), each.rank())});
  return {cast(max(turned, {.axes = {x.rank() > 1 ? 1 : 0}}), type)};
}

/// Each vector along an axis of its own.
Tensors grid(const OperationCall& call) {
  Tensors vectors;
  for (size_t i = 0; call.arguments.find(i, ""); ++i) vectors.push_back(reshape(call.tensor(i, ""), {-1}));
  if (vectors.empty()) call.refuse("expected tensors, got none.");
  const int rank = static_cast<int>(vectors.size());
  const bool is_turned = rank > 1 && call.config.get("indexing", "xy") == "xy";
  const auto axis_of = [&](int i) { return is_turned && i < 2 ? 1 - i : i; };
  std::vector<int64_t> sizes(vectors.size());
  for (int i = 0; i < rank; ++i) sizes[static_cast<size_t>(axis_of(i))] = vectors[static_cast<size_t>(i)].size();
  Tensors out;
  for (int i = 0; i < rank; ++i) {
    Shape own = Shape(std::vector<int64_t>(vectors.size(), 1));
    own[axis_of(i)] = vectors[static_cast<size_t>(i)].size();
    out.push_back(broadcast_to(reshape(vectors[static_cast<size_t>(i)], own), Shape(sizes)));
  }
  return out;
}

/// Of the choices the first one whose condition is true, else the default.
Tensors first_of_choices(const OperationCall& call) {
  const Tensors conditions = call.list(0, "condlist"), choices = call.list(1, "choicelist");
  if (conditions.empty() || conditions.size() != choices.size())
    call.refuse(
        message("expected as many conditions as choices, got ", conditions.size(), " and ", choices.size(), "."));
  const Json* given = call.arguments.find(2, "default");
  Tensor y = cast(given && !given->is_null() ? call.tensor(2, "default") : Tensor::scalar(0), choices.front().dtype());
  for (size_t i = choices.size(); i-- > 0;) y = select(not_equal(conditions[i], 0.0), choices[i], y);
  return {y};
}

Tensors empty_like(const OperationCall& call) {
  const Json* dtype = call.config.find("dtype");
  const Tensor y = zeros_like(call.tensor(0, "x"));
  return {dtype && dtype->is_string() ? cast(y, type_named(dtype->as_string())) : y};
}

Tensors filled(const OperationCall& call) {
  const Json* dtype = call.config.find("dtype");
  const Tensor value =
      cast(call.tensor(0, "fill_value"), type_named(dtype && dtype->is_string() ? dtype->as_string() : "float32"));
  return {broadcast_to(value, Shape(numbers(call.config.at("shape"))))};
}

Tensors number_of_elements(const OperationCall& call) {
  return {Tensor::scalar(static_cast<double>(call.tensor(0, "x").size()), DType::int32)};
}

}  // namespace

Tensor framed(const OperationCall& call, const Tensor& x, int64_t length, int64_t stride) {
  const int64_t size = x.shape().back(), count = stride > 0 && length <= size ? 1 + (size - length) / stride : 0;
  if (length < 1 || stride < 1 || count < 1)
    call.refuse(message("expected a sequence_length from 1 to ", size, " and a sequence_stride from 1, got ", length,
                        " and ", stride, "."));
  const Tensor starts = expand_dims(arange(count, DType::int64) * static_cast<double>(stride), 1);
  return parts_at(x, x.rank() - 1, starts + expand_dims(arange(length, DType::int64), 0));
}

const std::vector<OperationRecord>& scattering_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Slice", "core", block},
      {"SliceUpdate", "core", with_block},
      {"Scatter", "core", scattered_values},
      {"UnravelIndex", "numpy", places_along_axes},
      {"ScatterUpdate", "core", updated},
      {"SegmentSum", "math", sums_of_segments},
      {"SegmentMax", "math", over_segments<Extreme::largest>},
      {"SegmentMin", "math", over_segments<Extreme::smallest>},
      {"SegmentProd", "math", over_segments<Extreme::product>},
      {"ExtractSequences", "math", frames},
      {"MultiHot", "nn", among_classes},
      {"Meshgrid", "numpy", grid},
      {"Select", "numpy", first_of_choices},
      {"EmptyLike", "numpy", empty_like},
      {"Full", "numpy", filled},
      {"Size", "numpy", number_of_elements},
  };
  return rows;
}

}  // namespace hebb::detail
