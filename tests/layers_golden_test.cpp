// Layers, activations and initializers against what real Keras computes (tests/goldens/make_layers.py and its
// siblings).

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "goldens.h"
#include "hebb/autograd/gradient.h"
#include "hebb/nn/activation_table.h"
#include "hebb/nn/layers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

using goldens::near;

// ----------------------------------------------------------------------------------------------------------------
// layers

const std::vector<const Json*>& all_cases() {
  static const std::vector<const Json*> all =
      goldens::cases_of({"layers", "conv_layers", "image_layers", "spatial_layers", "preprocessing", "augmentation"});
  return all;
}

class LayerGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return *all_cases()[GetParam()]; }
  std::string name() const { return golden().at("name").as_string(); }

  /// Inputs as variables, so that their gradients can be asked for; integers as they are.
  Tensors inputs() const {
    Tensors out;
    for (const Tensor& x : goldens::tensors(golden().at("inputs")))
      out.push_back(is_floating(x.dtype()) ? variable(x) : x);
    return out;
  }

  Layer layer(const Tensors& inputs) const {
    const Layer made =
        layer_from_json(Json::object({{"class_name", golden().at("layer")}, {"config", golden().at("config")}}));
    std::vector<Shape> shapes;
    for (const Tensor& x : inputs) shapes.push_back(x.shape());
    made->build_for(shapes);
    made.set_weights(goldens::tensors(golden().at("weights")));
    return made;
  }

  /// The output, the gradients of sum(output * seed_gradient), the weights that training does not change.
  void check(const Tensors& results, const Layer& made, size_t inputs) const {
    const bool large =
        name().find("large_mean") != std::string::npos;  // values of 1000: what is left of float32 after them
    const double tolerance = large ? 1e-4 : 5e-6;
    EXPECT_TRUE(near(results[0], goldens::tensor(golden().at("output")), tolerance)) << name();
    size_t at = 1;
    const Tensors input_gradients = goldens::tensors(golden().at("input_gradients"));
    for (size_t i = 0; i < input_gradients.size(); ++i) {
      EXPECT_TRUE(near(results[at++], input_gradients[i], 4 * tolerance, 1e-2))
          << name() << ": gradient of input " << i;
    }
    for (const Json& expected : golden().at("weight_gradients").items()) {
      EXPECT_TRUE(near(results[at++], goldens::tensor(expected), 4 * tolerance, 1e-2))
          << name() << ": gradient of " << expected.at("name").as_string();
    }
    EXPECT_EQ(at, results.size());
    const Tensors rest = made.non_trainable_weights();
    const auto& expected_rest = golden().at("weights_after").items();
    ASSERT_EQ(rest.size(), expected_rest.size());
    for (size_t i = 0; i < rest.size(); ++i) {
      EXPECT_EQ(rest[i].name(), expected_rest[i].at("name").as_string());
      EXPECT_TRUE(near(rest[i], goldens::tensor(expected_rest[i]), tolerance)) << name() << ": " << rest[i].name();
    }
    EXPECT_EQ(inputs, golden().at("inputs").size());
  }

  Tensors run(const Layer& made, const Tensors& xs) const {
    Tensors masks;
    if (const Json* mask = golden().find("mask")) masks = {goldens::tensor(*mask)};
    const Tensor y = made(xs, {.training = golden().at("training").as_bool(), .masks = masks});
    Tensors wanted;
    if (is_floating(xs.front().dtype())) wanted = xs;
    for (const Tensor& weight : made.trainable_weights()) wanted.push_back(weight);
    Tensors out{y};
    if (golden().at("input_gradients").size() == 0 && golden().at("weight_gradients").size() == 0) return out;
    for (const Tensor& g : gradient(sum(y * goldens::tensor(golden().at("seed_gradient"))), wanted)) out.push_back(g);
    return out;
  }
};

TEST_P(LayerGolden, Eager) {
  const Tensors xs = inputs();
  const Layer made = layer(xs);
  check(run(made, xs), made, xs.size());
}

TEST_P(LayerGolden, Planned) {
  const Tensors xs = inputs();
  const Layer made = layer(xs);
  PlanCache plans([&](const Tensors& traced) { return run(made, traced); });
  check(plans.run(xs), made, xs.size());
}

TEST_P(LayerGolden, Weights) {
  const Layer made = layer(inputs());
  const auto& expected = golden().at("weights").items();
  const Tensors weights = made.weights();
  ASSERT_EQ(weights.size(), expected.size());
  for (size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(weights[i].name(), expected[i].at("name").as_string());
}

TEST_P(LayerGolden, Configuration) {
  const Layer made = layer(inputs());
  EXPECT_TRUE(goldens::same_json(made->config(), golden().at("config")));
  const Layer again = layer_from_json(Json::parse(layer_to_json(made).dump()));
  EXPECT_EQ(again->config().dump(), made->config().dump());
  // A layer without weights may leave out what it was built for: there is nothing to restore.
  EXPECT_TRUE(again->is_built() || made.weights().empty());
  EXPECT_EQ(again.count_params(), made.count_params());
  EXPECT_EQ(layer_to_json(again).dump(), layer_to_json(made).dump());
}

/// Cases whose outputs have a batch axis, so that Keras can tell their shape for a batch of any size.
class SymbolicLayerGolden : public LayerGolden {};

TEST_P(SymbolicLayerGolden, Shape) {
  const Json& expected = golden().at("compute_output_shape");
  Tensors symbols;
  for (const Tensor& x : inputs()) symbols.push_back(Input(x.shape().sub(1, x.rank()), {.dtype = x.dtype()}));
  const Layer made =
      layer_from_json(Json::object({{"class_name", golden().at("layer")}, {"config", golden().at("config")}}));
  const Tensor y = made(symbols);
  ASSERT_EQ(static_cast<size_t>(y.rank()), expected.size());
  EXPECT_EQ(y.shape().front(), Shape::unknown);
  for (int axis = 1; axis < y.rank(); ++axis)
    EXPECT_EQ(y.shape()[axis], expected.at(static_cast<size_t>(axis)).as_int());
  EXPECT_EQ(y.dtype(), goldens::tensor(golden().at("output")).dtype());
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return all_cases()[info.param]->at("name").as_string();
}
INSTANTIATE_TEST_SUITE_P(Keras, LayerGolden, ::testing::Range(size_t{0}, all_cases().size()), case_name);

std::vector<size_t> cases_with_shapes() {
  std::vector<size_t> cases;
  for (size_t i = 0; i < all_cases().size(); ++i) {
    if (!all_cases()[i]->at("compute_output_shape").is_null()) cases.push_back(i);
  }
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Keras, SymbolicLayerGolden, ::testing::ValuesIn(cases_with_shapes()), case_name);

// With the weights that layers begin with, where these follow from their options.
TEST(LayerWeightsGolden, First) {
  int seen = 0;
  for (const Json& golden : goldens::cases("augmentation")) {
    if (!golden.contains("initial")) continue;
    const Layer made =
        layer_from_json(Json::object({{"class_name", golden.at("layer")}, {"config", golden.at("config")}}));
    EXPECT_TRUE(near(made(goldens::tensors(golden.at("inputs"))), goldens::tensor(golden.at("output")), 5e-6))
        << golden.at("name").as_string();
    ++seen;
  }
  EXPECT_EQ(seen, 3);
}

// What Keras does with a dict of images and labels.
TEST(MixingGolden, ImagesAndLabels) {
  for (const Json& golden : goldens::file("augmentation").at("mixed").items()) {
    SCOPED_TRACE(golden.at("name").as_string());
    const Layer made =
        layer_from_json(Json::object({{"class_name", golden.at("layer")}, {"config", golden.at("config")}}));
    const Tensors out = made.call_many({goldens::tensor(golden.at("images")), goldens::tensor(golden.at("labels"))},
                                       {.training = true});
    ASSERT_EQ(out.size(), 2u);
    EXPECT_TRUE(near(out[0], goldens::tensor(golden.at("mixed_images")), 5e-6));
    EXPECT_TRUE(near(out[1], goldens::tensor(golden.at("mixed_labels")), 5e-6));
  }
}

// What Keras does with a dict of images and bounding boxes.
TEST(BoundingBoxesGolden, BoxesAndLabels) {
  int seen = 0;
  for (const Json& golden : goldens::file("augmentation").at("boxes").items()) {
    SCOPED_TRACE(golden.at("name").as_string());
    const Layer made =
        layer_from_json(Json::object({{"class_name", golden.at("layer")}, {"config", golden.at("config")}}));
    const Tensor boxes = goldens::tensor(golden.at("boxes")), labels = goldens::tensor(golden.at("labels"));
    const Tensors out = made.call_many({boxes, labels});
    ASSERT_EQ(out.size(), 2u);
    EXPECT_TRUE(near(out[0], goldens::tensor(golden.at("many_boxes")), 0));
    EXPECT_TRUE(near(out[1], goldens::tensor(golden.at("many_labels")), 0));
    const Tensors beside_images = made.call_many({zeros({2, 4, 4, 1}), boxes, labels});
    ASSERT_EQ(beside_images.size(), 3u);
    EXPECT_EQ(beside_images[0].shape(), Shape({2, 4, 4, 1}));
    EXPECT_TRUE(near(beside_images[2], out[1], 0));
    // A file holds what is added, too.
    const Layer again = layer_from_json(layer_to_json(made));
    EXPECT_TRUE(near(again.call_many({boxes, labels})[0], out[0], 0));
    ++seen;
  }
  EXPECT_EQ(seen, 3);
}

TEST(LayerTable, EveryLayerHasGoldens) {
  std::set<std::string> with_goldens;
  for (const char* file : {"layers", "conv_layers", "image_layers", "spatial_layers", "preprocessing", "augmentation",
                           "lookups", "sequence_layers", "conv_lstm", "attention"}) {
    for (const Json& golden : goldens::cases(file)) {
      with_goldens.insert(golden.at("layer").as_string());
      if (const Json* cell = golden.at("config").find("cell")) {  // an RNN's, and those that are stacked
        with_goldens.insert(cell->at("class_name").as_string());
      }
    }
  }
  const std::set<std::string> without_numbers = {"InputLayer", "Sequential", "Functional", "Model"};
  for (const LayerRecord& record : layer_records()) {
    EXPECT_FALSE(record.doc.empty()) << record.class_name;
    if (without_numbers.contains(record.class_name) || record.module.empty()) continue;
    EXPECT_TRUE(with_goldens.contains(record.class_name))
        << record.class_name << " has no case in make_layers.py or one of its siblings";
  }
  for (const std::string& name : with_goldens) {
    EXPECT_TRUE(std::any_of(layer_records().begin(), layer_records().end(),
                            [&](const LayerRecord& record) { return record.class_name == name; }))
        << name << " is not in the table of layers";
  }
}

// -----------------------------------------------------------------------------------------------------------
// activations

/// The function behind a golden: by name, or with the arguments that the case names.
Tensor activate(const Json& golden, const Tensor& x) {
  const std::string name = golden.at("activation").as_string();
  const Json& arguments = golden.at("arguments");
  if (arguments.size() == 0) return ActivationFunction(name)(x);
  auto number = [&](const char* key, double fallback) { return arguments.get(key, fallback); };
  if (name == "relu") {
    ReluParameters parameters{.negative_slope = number("negative_slope", 0), .threshold = number("threshold", 0)};
    if (arguments.contains("max_value")) parameters.max_value = number("max_value", 0);
    return relu(x, parameters);
  }
  if (name == "leaky_relu") return leaky_relu(x, number("negative_slope", 0.2));
  if (name == "elu") return elu(x, number("alpha", 1));
  if (name == "celu") return celu(x, number("alpha", 1));
  if (name == "gelu") return gelu(x, arguments.get("approximate", false));
  if (name == "squareplus") return squareplus(x, number("b", 4));
  if (name == "soft_shrink") return soft_shrink(x, number("threshold", 0.5));
  if (name == "hard_shrink") return hard_shrink(x, number("threshold", 0.5));
  if (name == "threshold") return threshold(x, number("threshold", 0), number("default_value", 0));
  const int64_t axis = arguments.get("axis", -1);
  if (name == "softmax") return softmax(x, axis);
  if (name == "log_softmax") return log_softmax(x, axis);
  if (name == "sparsemax") return sparsemax(x, axis);
  if (name == "glu") return glu(x, axis);
  ADD_FAILURE() << "no test for the arguments of " << name;
  return x;
}

TEST(ActivationGolden, ValuesAndGradients) {
  for (const Json& golden : goldens::cases("activations")) {
    const std::string name = golden.at("name").as_string();
    if (golden.at("activation").as_string() == "sparsemax") continue;  // see below
    SCOPED_TRACE(name);
    const Tensor x = variable(goldens::tensor(golden.at("x")));
    const Tensor y = activate(golden, x);
    EXPECT_TRUE(goldens::near_each(y, goldens::tensor(golden.at("y")), 4e-6, 0.1));
    Tensor g = gradient(sum(y * goldens::tensor(golden.at("seed_gradient"))), x);
    const Tensor expected = goldens::tensor(golden.at("gradient"));
    if (name == "selu") {
      // TensorFlow looks at the sign of the result to tell the branch, and exp(-1e-30) - 1 is 0 to it.
      std::vector<float> values = g.to_vector<float>();
      for (size_t i = 0; i < values.size(); ++i) {
        const double at = x.to_vector<double>()[i];
        if (at < 0 && at > -1e-20) values[i] = expected.to_vector<float>()[i];
      }
      g = Tensor::from(values, g.shape());
    }
    EXPECT_TRUE(goldens::near_each(g, expected, 4e-6, 1));
  }
}

// Keras 3.15 adds up running sums where the sum is meant, so that its result is right only where a single value is
// left. The goldens give inputs; what is expected is the definition: the nearest distribution.
TEST(ActivationGolden, SparsemaxIsTheNearestDistribution) {
  int right_in_keras = 0;
  for (const Json& golden : goldens::cases("activations")) {
    if (golden.at("activation").as_string() != "sparsemax") continue;
    SCOPED_TRACE(golden.at("name").as_string());
    const Tensor x = variable(goldens::tensor(golden.at("x"))), seed = goldens::tensor(golden.at("seed_gradient"));
    const Tensor y = activate(golden, x), g = gradient(sum(y * seed), x);
    const int axis = normalize_axis(golden.at("arguments").get("axis", -1), x.rank(), "axis");
    const int64_t size = x.shape()[axis], below = x.shape().sub(axis + 1, x.rank()).elements();
    const auto xs = x.to_vector<double>(), ys = y.to_vector<double>(), gs = g.to_vector<double>(),
               seeds = seed.to_vector<double>();
    const auto kerass = goldens::tensor(golden.at("y")).to_vector<double>();
    for (int64_t row = 0; row < x.size() / size; ++row) {
      auto at = [&](int64_t i) { return static_cast<size_t>((row / below * size + i) * below + row % below); };
      std::vector<double> sorted;
      for (int64_t i = 0; i < size; ++i) sorted.push_back(xs[at(i)]);
      std::sort(sorted.rbegin(), sorted.rend());
      double total = 0, tau = 0;
      for (size_t k = 0; k < sorted.size(); ++k) {
        total += sorted[k];
        if (1 + static_cast<double>(k + 1) * sorted[k] > total) tau = (total - 1) / static_cast<double>(k + 1);
      }
      double kept = 0, kept_seed = 0, keras_total = 0;
      for (int64_t i = 0; i < size; ++i) {
        kept += xs[at(i)] > tau;
        kept_seed += xs[at(i)] > tau ? seeds[at(i)] : 0;
        keras_total += kerass[at(i)];
      }
      for (int64_t i = 0; i < size; ++i) {
        EXPECT_NEAR(ys[at(i)], std::max(xs[at(i)] - tau, 0.0), 1e-5);
        EXPECT_NEAR(gs[at(i)], xs[at(i)] > tau ? seeds[at(i)] - kept_seed / kept : 0, 1e-5);
        if (std::abs(keras_total - 1) < 1e-5) {
          EXPECT_NEAR(ys[at(i)], kerass[at(i)], 1e-5);
        }
      }
      right_in_keras += std::abs(keras_total - 1) < 1e-5;
    }
  }
  EXPECT_GT(right_in_keras, 5);
}

TEST(ActivationGolden, EveryNameOfKerasIsThere) {
  std::set<std::string> names, expected;
  for (const ActivationRecord& record : activation_records()) {
    const bool renamed = record.same_as != nullptr && record.name.find("swish") == std::string::npos;
    if (record.in_keras && !renamed) names.insert(record.name);
  }
  for (const Json& name : goldens::file("activations").at("names_by_string").items()) expected.insert(name.as_string());
  expected.erase("threshold");  // has no defaults: by its name alone Keras cannot call it either
  EXPECT_EQ(names, expected);
}

// ----------------------------------------------------------------------------------------------------------
// initializers

TEST(InitializerGolden, Configurations) {
  for (const Json& golden : goldens::cases("initializers")) {
    const std::string name = golden.at("name").as_string();
    const Json& serialized = golden.at("serialized");
    EXPECT_EQ(Initializer::from_json(serialized).to_json().dump(), serialized.dump()) << name;
    if (golden.at("arguments").size() == 0) {
      EXPECT_EQ(Initializer(golden.at("class_name").as_string()).to_json().dump(), serialized.dump()) << name;
    }
  }
}

TEST(InitializerGolden, NamesAreKerass) {
  for (const Json& json : goldens::file("initializers").at("names_by_string").items()) {
    const std::string name = json.as_string();
    if (name == "Initializer" || name == "initializer") continue;  // the abstract base
    EXPECT_NO_THROW(Initializer{name}) << name;
  }
}

/// The initializer of a golden: its arguments are members of its configuration.
Initializer initializer_of(const Json& golden) {
  Json config = golden.at("serialized").at("config");
  for (const auto& [key, value] : golden.at("arguments").members()) config.set(key, value);
  return Initializer::from_json(Json::object({{"class_name", golden.at("class_name")}, {"config", config}}));
}

Shape shape_of(const Json& json) {
  std::vector<int64_t> sizes;
  for (const Json& size : json.items()) sizes.push_back(size.as_int());
  return Shape(sizes);
}

TEST(InitializerGolden, Constants) {
  for (const Json& golden : goldens::cases("initializers")) {
    const Json* values = golden.find("values");
    if (!values) continue;
    for (const Json& expected : values->items()) {
      const Tensor made = initializer_of(golden)->make(shape_of(expected.at("shape")), 1);
      const bool computed = golden.at("class_name").as_string() == "STFT";
      EXPECT_TRUE(near(made, goldens::tensor(expected), computed ? 1e-6 : 0)) << golden.at("name").as_string();
    }
  }
}

struct Moments {
  double mean = 0, stddev = 0, low = 0, high = 0;
};

Moments moments_of(const std::vector<double>& values) {
  Moments m{.low = values.front(), .high = values.front()};
  for (const double v : values) {
    m.mean += v / static_cast<double>(values.size());
    m.low = std::min(m.low, v);
    m.high = std::max(m.high, v);
  }
  for (const double v : values) m.stddev += (v - m.mean) * (v - m.mean) / static_cast<double>(values.size());
  m.stddev = std::sqrt(m.stddev);
  return m;
}

TEST(InitializerGolden, Fans) {
  for (const Json& golden : goldens::cases("initializers")) {
    const Json* shapes = golden.find("shapes");
    if (!shapes || !shapes->at(size_t{0}).contains("fan_in")) continue;
    for (const Json& expected : shapes->items()) {
      if (golden.at("arguments").contains("input_axes")) continue;  // told, not found: the distributions show them
      const auto [fan_in, fan_out] = compute_fans(shape_of(expected.at("shape")));
      EXPECT_EQ(fan_in, expected.at("fan_in").as_int());
      EXPECT_EQ(fan_out, expected.at("fan_out").as_int());
    }
  }
}

TEST(InitializerGolden, Distributions) {
  constexpr int64_t wanted = 50000;
  for (const Json& golden : goldens::cases("initializers")) {
    const Json* shapes = golden.find("shapes");
    if (!shapes || !shapes->at(size_t{0}).contains("distribution")) continue;
    for (const Json& expected : shapes->items()) {
      const Shape shape = shape_of(expected.at("shape"));
      SCOPED_TRACE(golden.at("name").as_string() + shape.to_string());
      Initializer initializer = initializer_of(golden);
      // Many tensors of the shape, each with a seed of its own (where the initializer brings none).
      if (golden.at("arguments").contains("seed")) {
        Json config = golden.at("serialized").at("config");
        config.set("seed", nullptr);
        initializer =
            Initializer::from_json(Json::object({{"class_name", golden.at("class_name")}, {"config", config}}));
      }
      std::vector<double> values;
      for (int64_t seed = 1; static_cast<int64_t>(values.size()) < wanted; ++seed) {
        const std::vector<double> more = initializer->make(shape, seed).to_vector<double>();
        values.insert(values.end(), more.begin(), more.end());
      }
      const Moments moments = moments_of(values);
      const std::string distribution = expected.at("distribution").as_string();
      double mean = 0, stddev = 0, low = -INFINITY, high = INFINITY;
      if (distribution == "uniform") {
        low = expected.at("minval").as_double();
        high = expected.at("maxval").as_double();
        mean = (low + high) / 2;
        stddev = (high - low) / std::sqrt(12.0);
      } else {
        mean = expected.at("mean").as_double();
        stddev = expected.at("stddev").as_double();
        if (distribution == "truncated_normal") {
          low = mean - 2 * stddev;
          high = mean + 2 * stddev;
          stddev *= .87962566103423978;
        }
      }
      const double slack = 1e-6 * std::max(std::abs(low), std::abs(high));
      EXPECT_NEAR(moments.mean, mean, 5 * stddev / std::sqrt(static_cast<double>(wanted)));
      EXPECT_NEAR(moments.stddev, stddev, 0.02 * stddev);
      if (std::isfinite(low)) {
        EXPECT_GE(moments.low, low - slack);
        EXPECT_LE(moments.high, high + slack);
        EXPECT_LT(moments.low, low + 0.01 * (high - low));  // and reaches towards its bounds
        EXPECT_GT(moments.high, high - 0.01 * (high - low));
      } else {
        EXPECT_GT(moments.high, mean + 3.5 * stddev);
      }
    }
  }
}

TEST(InitializerGolden, Orthogonal) {
  for (const Json& golden : goldens::cases("initializers")) {
    if (golden.at("class_name").as_string() != "Orthogonal") continue;
    const double gain = golden.at("arguments").get("gain", 1.0);
    for (const Json& expected : golden.at("shapes").items()) {
      const Shape shape = shape_of(expected.at("shape"));
      const int64_t rows = expected.at("rows").as_int(), columns = expected.at("columns").as_int();
      const std::vector<double> q = initializer_of(golden)->make(shape, 1).to_vector<double>();
      const bool by_columns = expected.at("orthonormal").as_string() == "columns";
      const int64_t vectors = by_columns ? columns : rows, size = by_columns ? rows : columns;
      auto at = [&](int64_t vector, int64_t k) {
        return q[static_cast<size_t>(by_columns ? k * columns + vector : vector * columns + k)];
      };
      for (int64_t i = 0; i < vectors; ++i) {
        for (int64_t j = 0; j < vectors; ++j) {
          double dot = 0;
          for (int64_t k = 0; k < size; ++k) dot += at(i, k) * at(j, k);
          EXPECT_NEAR(dot, i == j ? gain * gain : 0, 1e-6) << shape.to_string();
        }
      }
    }
  }
}

}  // namespace
}  // namespace hebb
