// Keras's operations that move elements: shapes, slices, joins (keras/src/ops/numpy.py, core.py, nn.py).

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

int64_t axis_of(const OperationCall& call, const char* name, int64_t otherwise, int rank) {
  return call.counted(call.whole(name, otherwise), rank);
}

Tensors reshaped(const OperationCall& call) {
  const Json* shape = call.option(1, "newshape");
  if (!shape) shape = call.option(1, "shape");
  if (!shape) call.refuse("expected a shape.");
  return {reshape(call.tensor(0, "x"), Shape(numbers(*shape)))};
}

Tensors flattened(const OperationCall& call) { return {reshape(call.tensor(0, "x"), {-1})}; }

Tensors with_axis(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  std::vector<int64_t> axes = numbers(call.config.at("axis"));
  const auto rank = static_cast<int64_t>(x.rank() + static_cast<int>(axes.size()));
  for (int64_t& axis : axes) axis += axis < 0 ? rank : 0;
  std::sort(axes.begin(), axes.end());
  Tensor y = x;
  for (const int64_t axis : axes) y = expand_dims(y, axis);
  return {y};
}

Tensors without_axis(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  std::vector<int64_t> axes;
  if (const Json* axis = call.option(1, "axis")) {
    axes = numbers(*axis);
    for (int64_t& each : axes) each += each < 0 ? x.rank() : 0;
  } else {
    for (int i = 0; i < x.rank(); ++i) {
      if (x.shape()[i] == 1) axes.push_back(i);
    }
  }
  std::sort(axes.rbegin(), axes.rend());
  Tensor y = x;
  for (const int64_t axis : axes) y = squeeze(y, axis);
  return {y};
}

Tensors transposed(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const Json* axes = call.option(1, "axes");
  return {transpose(x, axes ? numbers(*axes) : std::vector<int64_t>())};
}

Tensors swapped(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  std::vector<int64_t> order;
  for (int64_t axis = 0; axis < x.rank(); ++axis) order.push_back(axis);
  std::swap(order.at(static_cast<size_t>(axis_of(call, "axis1", 0, x.rank()))),
            order.at(static_cast<size_t>(axis_of(call, "axis2", 1, x.rank()))));
  return {transpose(x, order)};
}

Tensors moved(const OperationCall& call) {
  return {with_order(call.tensor(0, "x"), numbers(call.config.at("source")), numbers(call.config.at("destination")))};
}

Tensors joined(const OperationCall& call) { return {concatenate(call.list(0, "xs"), call.whole("axis", 0))}; }

Tensors stacked(const OperationCall& call) {
  Tensors parts = call.list(0, "x");
  const int64_t axis = axis_of(call, "axis", 0, parts.front().rank() + 1);
  for (Tensor& part : parts) part = expand_dims(part, axis);
  return {concatenate(parts, axis)};
}

/// At the places `where`, or into as many parts; `evenly`: parts of one size.
Tensors cut(const OperationCall& call, const Tensor& x, int64_t axis, bool evenly = true) {
  const int64_t size = x.shape()[static_cast<int>(axis)];
  const Json& where = call.config.at("indices_or_sections");
  std::vector<int64_t> cuts;
  if (where.is_int()) {
    const int64_t sections = where.as_int();
    if (sections < 1 || (evenly && size % sections != 0))
      call.refuse(message("it cuts ", size, " elements into ", sections, "."));
    constexpr int64_t most = 1'000'000;
    if (sections > most) call.refuse(message("expected at most ", most, " parts, got ", sections, "."));
    const int64_t longer = size % sections;
    for (int64_t i = 1; i < sections; ++i) cuts.push_back(i * (size / sections) + std::min(i, longer));
  } else {
    // As with slices of Python: what lies outside is cut off, what lies before its beginning is empty.
    for (const int64_t place : numbers(where))
      cuts.push_back(std::clamp<int64_t>(place < 0 ? place + size : place, 0, size));
  }
  cuts.push_back(size);
  Tensors out;
  int64_t first = 0;
  for (const int64_t last : cuts) {
    out.push_back(part(x, axis, first, std::max(first, last)));
    first = last;
  }
  return out;
}

Tensors split(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  return cut(call, x, axis_of(call, "axis", 0, x.rank()));
}

Tensors split_unevenly(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  return cut(call, x, axis_of(call, "axis", 0, x.rank()), false);
}

template <int axis>
Tensors split_along(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const int64_t at = axis == 1 && x.rank() == 1 ? 0 : axis;  // hsplit cuts vectors, too
  if (x.rank() <= at) call.refuse(message("expected a tensor of more axes, got ", x.spec(), "."));
  return cut(call, x, at);
}

// -------------------------------------------------------------------------------------------------------- indexing

/// Python's x[...]: whole numbers take their axis away, slices shorten it, None makes one, ... is all that is left.
class Indexing {
 public:
  Indexing(const OperationCall& call, const Tensor& x) : call_(call), y_(x) {}

  Tensor by(const Json& key) {
    const Json::Array single = {key};
    const Json::Array& keys = key.is_array() ? key.items() : single;
    int64_t axes = 0;  // of x that the keys speak of
    for (const Json& each : keys) axes += each.is_null() || is_ellipsis(each) ? 0 : 1;
    const int64_t left = y_.rank() - axes;
    bool filled = false;
    for (const Json& each : keys) {
      if (is_ellipsis(each)) {
        if (filled) call_.refuse("an index has two ellipses.");
        axis_ += left;
        filled = true;
      } else if (each.is_null()) {
        y_ = expand_dims(y_, axis_++);
      } else if (each.is_int()) {
        const int64_t size = y_.shape()[static_cast<int>(axis_)];
        const int64_t at = each.as_int() < 0 ? each.as_int() + size : each.as_int();
        if (at < 0 || at >= size) call_.refuse(message("the index ", each.dump(), " of an axis of ", size, "."));
        y_ = squeeze(part(y_, axis_, at, at + 1), axis_);
      } else if (each.is_object() && each.get("class_name", "") == std::string("__slice__")) {
        take_slice(each.at("config"));
      } else {
        call_.refuse(
            message("hebb has indices that are whole numbers and slices, got ", each.dump().substr(0, 80), "."));
      }
    }
    return y_;
  }

 private:
  static bool is_ellipsis(const Json& key) {
    return key.is_object() && key.get("class_name", "") == std::string("__ellipsis__");
  }

  void take_slice(const Json& config) {
    const int64_t size = y_.shape()[static_cast<int>(axis_)];
    const auto number = [&](const char* name) -> std::optional<int64_t> {
      const Json* value = config.find(name);
      if (!value || value->is_null()) return {};
      if (!value->is_int()) call_.refuse("hebb has slices of whole numbers.");
      return value->as_int();
    };
    const int64_t step = number("step").value_or(1);
    if (step == 0) call_.refuse("a slice has a step of 0.");
    const auto from_front = [&](int64_t at, int64_t low, int64_t high) {
      return std::clamp(at < 0 ? at + size : at, low, high);
    };
    const std::optional<int64_t> start = number("start"), stop = number("stop");
    std::vector<int64_t> begin(static_cast<size_t>(y_.rank()), 0), end = y_.shape().to_vector(),
                                                                   steps(static_cast<size_t>(y_.rank()), 1);
    const auto at = static_cast<size_t>(axis_);
    int64_t first = 0, last = 0;  // [first, last)
    if (step > 0) {
      first = start ? from_front(*start, 0, size) : 0;
      last = stop ? from_front(*stop, 0, size) : size;
    } else {  // the same elements from the front, then turned round
      const int64_t high = start ? from_front(*start, -1, size - 1) : size - 1;
      const int64_t low = stop ? from_front(*stop, -1, size - 1) : -1;
      const int64_t count = high > low ? (high - low - step - 1) / -step : 0;
      first = count > 0 ? high + (count - 1) * step : 0;
      last = count > 0 ? high + 1 : 0;
    }
    if (last <= first) call_.refuse("a slice takes nothing.");
    begin[at] = first;
    end[at] = last;
    steps[at] = std::abs(step);
    y_ = slice(y_, begin, end, steps);
    if (step < 0) y_ = reverse(y_, {axis_});
    ++axis_;
  }

  const OperationCall& call_;
  Tensor y_;
  int64_t axis_ = 0;
};

Tensors item(const OperationCall& call) {
  const Json* key = call.arguments.find(1, "key");
  if (!key) call.refuse("expected an index.");
  return {Indexing(call, call.tensor(0, "x")).by(*key)};
}

Tensors taken(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const Json* option = call.config.find("axis");
  const bool flat = !option || option->is_null();
  const Tensor source = flat ? reshape(x, {-1}) : x;
  const int64_t axis = flat ? 0 : axis_of(call, "axis", 0, x.rank()), size = source.shape()[static_cast<int>(axis)];
  Tensor indices = call.tensor(1, "indices");
  if (!is_floating(indices.dtype())) indices = cast(indices, DType::int64);
  indices = select(less(indices, 0.0), indices + static_cast<double>(size), indices);
  return {parts_at(source, axis, indices)};
}

Tensors turned(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  return {reverse(x, call.axes("axis", x.rank()))};
}

/// A number of repeats. A file may say anything: a million parts are more than anybody joins.
int64_t checked_repeats(const OperationCall& call, int64_t count) {
  constexpr int64_t most = 1'000'000;
  if (count < 0 || count > most) call.refuse(message("expected from 0 to ", most, " repeats, got ", count, "."));
  return count;
}

/// Each element of an axis so many times, or all of them the same number of times.
Tensor repeated_by(const OperationCall& call, const Tensor& x, int64_t axis, const std::vector<int64_t>& times) {
  const int64_t size = x.shape()[static_cast<int>(axis)];
  if (static_cast<int64_t>(times.size()) != size && times.size() != 1)
    call.refuse(message("expected a number of repeats for each of ", size, " elements, got ", times.size(), "."));
  std::vector<int64_t> places;
  for (int64_t i = 0; i < size; ++i) {
    const int64_t count = checked_repeats(call, times.size() == 1 ? times.front() : times[static_cast<size_t>(i)]);
    checked_repeats(call, static_cast<int64_t>(places.size()) + count);
    places.insert(places.end(), static_cast<size_t>(count), i);
  }
  return parts_at(x, axis, Tensor::from(places));
}

Tensors repeated(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const Json* count = call.option(1, "repeats");
  const Json* option = call.option(2, "axis");
  const Tensor source = option ? x : reshape(x, {-1});
  if (count && count->is_array())
    return {repeated_by(call, source, option ? axis_of(call, "axis", 0, x.rank()) : 0, numbers(*count))};
  if (!count || !count->is_int()) call.refuse("hebb has it with a number of repeats, or one for each element.");
  const int64_t axis = option ? axis_of(call, "axis", 0, x.rank()) : 0, times = checked_repeats(call, count->as_int());
  Shape wide = source.shape().with(static_cast<int>(axis) + 1, times), result = source.shape();
  result[static_cast<int>(axis)] *= times;
  return {reshape(broadcast_to(expand_dims(source, axis + 1), wide), result)};
}

Tensors tiled(const OperationCall& call) {
  Tensor x = call.tensor(0, "x");
  const Json* option = call.option(1, "repeats");
  if (!option) call.refuse("expected numbers of repeats.");
  std::vector<int64_t> repeats = numbers(*option);
  while (static_cast<int>(repeats.size()) < x.rank()) repeats.insert(repeats.begin(), 1);
  while (x.rank() < static_cast<int>(repeats.size())) x = expand_dims(x, 0);
  for (size_t i = 0; i < repeats.size(); ++i) {
    const int64_t count = checked_repeats(call, repeats[i]), axis = static_cast<int64_t>(i);
    if (count == 0) x = part(x, axis, 0, 0);
    if (count > 1) x = concatenate(Tensors(static_cast<size_t>(count), x), axis);
  }
  return {x};
}

/// With the outermost elements again and again beside the edges, or with those from the other side.
Tensor continued(const OperationCall& call, Tensor x, const std::vector<int64_t>& low, const std::vector<int64_t>& high,
                 bool around) {
  for (int axis = 0; axis < x.rank(); ++axis) {
    const int64_t size = x.shape()[axis], before = low[static_cast<size_t>(axis)],
                  behind = high[static_cast<size_t>(axis)];
    if (before == 0 && behind == 0) continue;
    if (before < 0 || behind < 0 || size == 0 || (around && std::max(before, behind) > size))
      call.refuse(message("expected from 0 to ", size, " elements on each side of axis ", axis, ", got ", before,
                          " and ", behind, "."));
    const auto beside = [&](int64_t count, bool is_front) {
      if (around) return is_front ? part(x, axis, size - count, size) : part(x, axis, 0, count);
      const Tensor edge = is_front ? part(x, axis, 0, 1) : part(x, axis, size - 1, size);
      Shape wide = x.shape();
      wide[axis] = count;
      return broadcast_to(edge, wide);
    };
    Tensors parts;
    if (before > 0) parts.push_back(beside(before, true));
    parts.push_back(x);
    if (behind > 0) parts.push_back(beside(behind, false));
    x = concatenate(parts, axis);
  }
  return x;
}

Tensors padded(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const std::string mode = call.config.get("mode", "constant");
  const bool mirrors = mode == "reflect" || mode == "symmetric";
  const bool continues = mode == "edge" || mode == "wrap" || mode == "circular";
  if (mode != "constant" && !mirrors && !continues)
    call.refuse("hebb has it with the modes constant, reflect, symmetric, edge, wrap and circular.");
  const Json* value = call.option(1, "constant_values");
  const Json& widths = call.config.at("pad_width");
  std::vector<int64_t> low, high;
  for (int i = 0; i < x.rank(); ++i) {
    const Json& width = widths.is_int() ? widths
                        : widths.size() == 1 || widths.at(size_t{0}).is_int()
                            ? (widths.size() == 1 ? widths.at(size_t{0}) : widths)
                            : widths.at(static_cast<size_t>(i));
    const std::vector<int64_t> both = numbers(width);
    low.push_back(both.front());
    high.push_back(both.back());
  }
  if (mirrors) return {mirrored(call, x, low, high, mode == "reflect" ? 1 : 0)};
  if (continues) return {continued(call, x, low, high, mode != "edge")};
  if (!value || value->as_double() == 0) return {pad(x, low, high)};
  return {pad(x - value->as_double(), low, high) + value->as_double()};
}

Tensors broadcast(const OperationCall& call) {
  const Json* shape = call.option(1, "shape");
  if (!shape) call.refuse("expected a shape.");
  return {broadcast_to(call.tensor(0, "x"), Shape(numbers(*shape)))};
}

Tensors converted(const OperationCall& call) {
  return {cast(call.tensor(0, "x"), type_named(call.config.get("dtype", "float32")))};
}

/// To a type where one was given.
Tensors as_tensor(const OperationCall& call) {
  const Json* dtype = call.config.find("dtype");
  return dtype && !dtype->is_null() ? converted(call) : Tensors{call.tensor(0, "x")};
}

Tensors one_hot_rows(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const Json* dtype = call.option(9, "dtype");
  const Tensor y =
      one_hot(x, call.config.at("num_classes").as_int(), dtype_from_name(dtype ? dtype->as_string() : "float32"));
  const int64_t axis = axis_of(call, "axis", -1, y.rank());
  return {axis == y.rank() - 1 ? y : with_order(y, {-1}, {axis})};
}

}  // namespace

Tensor mirrored(const OperationCall& call, Tensor x, const std::vector<int64_t>& low, const std::vector<int64_t>& high,
                int64_t skip) {
  for (int axis = 0; axis < x.rank(); ++axis) {
    const auto at = static_cast<size_t>(axis);
    if (low[at] == 0 && high[at] == 0) continue;
    const int64_t size = x.shape()[axis];
    if (std::max(low[at], high[at]) > size - skip) {
      call.refuse(message("expected no more than ", size - skip, " elements on each side of axis ", axis, ", got ",
                          std::max(low[at], high[at]), "."));
    }
    Tensors parts;
    if (low[at] > 0) parts.push_back(reverse(part(x, axis, skip, skip + low[at]), {axis}));
    parts.push_back(x);
    if (high[at] > 0) parts.push_back(reverse(part(x, axis, size - skip - high[at], size - skip), {axis}));
    x = concatenate(parts, axis);
  }
  return x;
}

const std::vector<OperationRecord>& shaping_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Reshape", "numpy", reshaped},
      {"Ravel", "numpy", flattened},
      {"ExpandDims", "numpy", with_axis},
      {"Squeeze", "numpy", without_axis},
      {"Transpose", "numpy", transposed},
      {"Swapaxes", "numpy", swapped},
      {"Moveaxis", "numpy", moved},
      {"Concatenate", "numpy", joined},
      {"Stack", "numpy", stacked},
      {"Split", "numpy", split},
      {"ArraySplit", "numpy", split_unevenly},
      {"Hsplit", "numpy", split_along<1>},
      {"Vsplit", "numpy", split_along<0>},
      {"Dsplit", "numpy", split_along<2>},
      {"GetItem", "numpy", item},
      {"Take", "numpy", taken},
      {"Flip", "numpy", turned},
      {"Repeat", "numpy", repeated},
      {"Tile", "numpy", tiled},
      {"Pad", "numpy", padded},
      {"BroadcastTo", "numpy", broadcast},
      {"Cast", "core", converted},
      {"OneHot", "nn", one_hot_rows},
      {"ConvertToTensor", "core", as_tensor},
      {"Array", "numpy", as_tensor},
  };
  return rows;
}

}  // namespace hebb::detail
