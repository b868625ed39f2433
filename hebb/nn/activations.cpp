#include "hebb/nn/activations.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layer.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

// Where a function has branches they are put together with `select`, which sends the gradient to the branch that was
// taken; an argument of exp is cut off first in the branch that is not, since 0 times an infinite derivative is not a
// number.

Tensor relu(const Tensor& x, const ReluParameters& parameters) {
  const auto& [slope, max_value, threshold] = parameters;
  if (slope != 0 && !max_value && threshold == 0) return leaky_relu(x, slope);
  Tensor y;
  if (threshold != 0) {
    y = select(greater(x, threshold), x, 0.0);
  } else if (max_value && *max_value == 6) {
    y = relu6(x);
  } else {
    y = relu(x);
  }
  // Keras's clip passes the gradient at its bounds.
  if (max_value && !(threshold == 0 && *max_value == 6)) {
    y = select(greater(y, *max_value), *max_value, select(less(y, 0.0), 0.0, y));
  }
  return slope == 0 ? y : y - relu(threshold - x) * slope;
}

Tensor relu6(const Tensor& x) { return select(greater_equal(x, 6.0), 6.0, relu(x)); }

Tensor leaky_relu(const Tensor& x, double negative_slope) { return select(greater(x, 0.0), x, x * negative_slope); }

Tensor elu(const Tensor& x, double alpha) {
  const Tensor positive = greater(x, 0.0);
  const Tensor negative_part = expm1(select(positive, 0.0, x));
  return select(positive, x, alpha == 1 ? negative_part : negative_part * alpha);
}

Tensor selu(const Tensor& x) {
  constexpr double alpha = 1.6732632423543772, scale = 1.0507009873554805;  // Klambauer et al. 2017, equation 14
  const Tensor negative = less(x, 0.0);
  return select(negative, expm1(select(negative, x, 0.0)) * (scale * alpha), x * scale);
}

Tensor celu(const Tensor& x, double alpha) {
  // Keras's gradient at 0 is that of both branches: 2.
  const Tensor positive_part = select(greater_equal(x, 0.0), x, 0.0),
               negative_part = select(less_equal(x, 0.0), x, 0.0);
  return positive_part + expm1(negative_part / alpha) * alpha;
}

Tensor gelu(const Tensor& x, bool approximate) {
  if (approximate) {
    constexpr double scale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;  // sqrt(2 / pi)
    return x * 0.5 * (tanh((x + x * square(x) * 0.044715) * scale) + 1.0);
  }
  return x * 0.5 * (erf(x / std::numbers::sqrt2) + 1.0);
}

Tensor silu(const Tensor& x) { return x * sigmoid(x); }

Tensor mish(const Tensor& x) { return x * tanh(softplus(x)); }

Tensor softsign(const Tensor& x) { return x / (abs(x) + 1.0); }

Tensor squareplus(const Tensor& x, double b) { return (x + sqrt(square(x) + b)) * 0.5; }

Tensor soft_shrink(const Tensor& x, double threshold) {
  return select(greater(x, threshold), x - threshold, select(less(x, -threshold), x + threshold, 0.0));
}

Tensor hard_shrink(const Tensor& x, double threshold) { return select(greater(abs(x), threshold), x, 0.0); }

Tensor tanh_shrink(const Tensor& x) { return x - tanh(x); }

Tensor sparse_plus(const Tensor& x) {
  return select(less_equal(x, -1.0), 0.0, select(less(x, 1.0), square(x + 1.0) * 0.25, x));
}

Tensor sparse_sigmoid(const Tensor& x) {
  return select(less_equal(x, -1.0), 0.0, select(greater_equal(x, 1.0), 1.0, (x + 1.0) * 0.5));
}

Tensor hard_sigmoid(const Tensor& x) { return relu6(x + 3.0) / 6.0; }

Tensor hard_silu(const Tensor& x) { return x * hard_sigmoid(x); }

Tensor hard_tanh(const Tensor& x) { return select(greater(x, 1.0), 1.0, select(less(x, -1.0), -1.0, x)); }

Tensor log_sigmoid(const Tensor& x) { return -softplus(-x); }

Tensor exponential(const Tensor& x) { return exp(x); }

Tensor linear(const Tensor& x) { return x; }

Tensor threshold(const Tensor& x, double threshold, double default_value) {
  return select(greater(x, threshold), x, default_value);
}

Tensor glu(const Tensor& x, int64_t axis) {
  const int split = normalize_axis(axis, x.rank(), "glu");
  const int64_t size = x.shape()[split];
  if (size % 2 != 0) {
    throw InvalidArgument(
        message("glu: expected an even number of elements along axis ", split, ", got ", x.shape(), "."));
  }
  std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), end = x.shape().to_vector();
  end[static_cast<size_t>(split)] = size / 2;
  const Tensor first = slice(x, begin, end);
  begin[static_cast<size_t>(split)] = size / 2;
  end[static_cast<size_t>(split)] = size;
  return first * sigmoid(slice(x, begin, end));
}

Tensor sparsemax(const Tensor& x, int64_t axis) {
  const int along = normalize_axis(axis, x.rank(), "sparsemax");
  const int last = x.rank() - 1;
  std::vector<int64_t> order(static_cast<size_t>(x.rank()));
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  std::swap(order[static_cast<size_t>(along)], order[static_cast<size_t>(last)]);
  const Tensor z = along == last ? x : transpose(x, order);
  // An element is in the support when 1 + k z > the sum of the k elements that are at least as large (equation 11).
  // Counting pairs instead of sorting takes size^2 comparisons, in operations that fuse.
  const Tensor values = stop_gradient(z);
  const Tensor others = expand_dims(values, -2);                                          // (..., 1, n)
  const Tensor larger = cast(greater_equal(others, expand_dims(values, -1)), x.dtype());  // (..., n, n)
  const Tensor counts = sum(larger, {.axes = {-1}}), sums = sum(larger * others, {.axes = {-1}});
  const Tensor support = greater(counts * values + 1.0, sums);
  const ReduceOptions rows{.axes = {-1}, .keepdims = true};
  const Tensor tau = (sum(select(support, z, 0.0), rows) - 1.0) / sum(cast(support, x.dtype()), rows);
  const Tensor y = relu(z - tau);
  return along == last ? y : transpose(y, order);
}

// ----------------------------------------------------------------------------------------------------------------
// names

namespace {

class NamedActivation : public ActivationBase {
 public:
  NamedActivation(std::string name, Tensor (*function)(const Tensor&)) : name_(std::move(name)), function_(function) {}
  std::string name() const override { return name_; }
  Tensor apply(const Tensor& x) const override { return function_(x); }

 private:
  std::string name_;
  Tensor (*function_)(const Tensor&);
};

class LayerActivation : public ActivationBase {
 public:
  explicit LayerActivation(const Layer& layer) : layer_(layer) {
    if (layer->own_weights().empty()) return;
    throw InvalidArgument(layer->where() +
                          "a layer with weights cannot be an activation. Put it behind the layer instead.");
  }
  std::string name() const override { return layer_.class_name(); }
  Tensor apply(const Tensor& x) const override {
    Tensor y = layer_(x);
    if (!layer_->own_weights().empty()) {
      throw InvalidArgument(layer_->where() +
                            "a layer with weights cannot be an activation. Put it behind the layer instead.");
    }
    return y;
  }
  Json to_json() const override {
    // As Keras writes it: what the layer was built for is no part of an activation.
    const Json whole = layer_to_json(layer_);
    Json json = Json::object();
    for (const char* key : {"module", "class_name", "config", "registered_name"}) json.set(key, whole.at(key));
    return json;
  }

 private:
  Layer layer_;
};

struct Registered {
  std::mutex mutex;
  std::map<std::string, Tensor (*)(const Tensor&)> functions;
};

Registered& registered() {
  static Registered instance;
  return instance;
}

}  // namespace

void register_activation(const std::string& name, Tensor (*function)(const Tensor& x)) {
  const std::lock_guard lock(registered().mutex);
  registered().functions[name] = function;
}

ActivationFunction::ActivationFunction(const std::string& name) {
  if (name == "linear") return;
  std::vector<std::string> known;
  for (const ActivationRecord& record : activation_records()) {
    if (record.name == name) {
      object_ = std::make_shared<NamedActivation>(name, record.function);
      return;
    }
    known.push_back(record.name);
  }
  const std::lock_guard lock(registered().mutex);
  for (const auto& [own_name, function] : registered().functions) {
    if (own_name == name) {
      object_ = std::make_shared<NamedActivation>(name, function);
      return;
    }
    known.push_back(own_name);
  }
  throw InvalidArgument(unknown_name("activation", name, known));
}

ActivationFunction::ActivationFunction(const Layer& layer) : object_(std::make_shared<LayerActivation>(layer)) {}

Json ActivationFunction::to_json() const {
  if (!object_) return "linear";
  // Keras writes its aliases under the function's own name.
  Json json = object_->to_json();
  if (json == Json("swish")) return "silu";
  if (json == Json("hard_swish")) return "hard_silu";
  return json;
}

ActivationFunction ActivationFunction::from_json(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return ActivationFunction(json.as_string());
  if (json.at("class_name").as_string() == "function") return ActivationFunction(json.at("config").as_string());
  return ActivationFunction(layer_from_json(json));
}

const std::vector<ActivationRecord>& activation_records() {
  using In = const Tensor&;
  static const std::vector<ActivationRecord> records = {
      {"celu", [](In x) { return celu(x); }, "max(x, 0) + exp(min(x, 0)) - 1"},
      {"elu", [](In x) { return elu(x); }, "x above 0, exp(x) - 1 below"},
      {"exponential", [](In x) { return exp(x); }, "exp(x)"},
      {"gelu", [](In x) { return gelu(x); }, "x times the probability that a normal number is at most x"},
      {"glu", [](In x) { return glu(x); }, "the first half of the last axis times the sigmoid of the second"},
      {"hard_shrink", [](In x) { return hard_shrink(x); }, "x where |x| > 0.5, else 0"},
      {"hard_sigmoid", [](In x) { return hard_sigmoid(x); }, "x / 6 + 1/2, between 0 and 1"},
      {"hard_silu", [](In x) { return hard_silu(x); }, "x hard_sigmoid(x)"},
      {"hard_swish", [](In x) { return hard_silu(x); }, "another name of hard_silu"},
      {"hard_tanh", [](In x) { return hard_tanh(x); }, "x between -1 and 1"},
      {"leaky_relu", [](In x) { return leaky_relu(x); }, "x above 0, 0.2 x below"},
      {"linear", [](In x) { return linear(x); }, "x itself"},
      {"log_sigmoid", [](In x) { return log_sigmoid(x); }, "log(sigmoid(x))"},
      {"log_softmax", [](In x) { return log_softmax(x); }, "log(softmax(x))"},
      {"mish", [](In x) { return mish(x); }, "x tanh(softplus(x))"},
      {"relu", [](In x) { return relu(x); }, "max(x, 0)"},
      {"relu6", [](In x) { return relu6(x); }, "min(max(x, 0), 6)"},
      {"selu", [](In x) { return selu(x); }, "elu scaled so that mean and variance stay"},
      {"sigmoid", [](In x) { return sigmoid(x); }, "1 / (1 + exp(-x))"},
      {"silu", [](In x) { return silu(x); }, "x sigmoid(x)"},
      {"soft_shrink", [](In x) { return soft_shrink(x); }, "x moved by 0.5 towards 0"},
      {"softmax", [](In x) { return softmax(x); }, "exp(x) divided by its sum over the last axis"},
      {"softplus", [](In x) { return softplus(x); }, "log(1 + exp(x))"},
      {"softsign", [](In x) { return softsign(x); }, "x / (1 + |x|)"},
      {"sparse_plus", [](In x) { return sparse_plus(x); }, "0 below -1, x above 1, (x + 1)^2 / 4 between"},
      {"sparse_sigmoid", [](In x) { return sparse_sigmoid(x); }, "(x + 1) / 2, between 0 and 1"},
      {"sparsemax", [](In x) { return sparsemax(x); }, "the nearest distribution over the last axis"},
      {"squareplus", [](In x) { return squareplus(x); }, "(x + sqrt(x^2 + 4)) / 2"},
      {"swish", [](In x) { return silu(x); }, "another name of silu"},
      {"tanh", [](In x) { return tanh(x); }, "the hyperbolic tangent"},
      {"tanh_shrink", [](In x) { return tanh_shrink(x); }, "x - tanh(x)"},
  };
  return records;
}

}  // namespace hebb
