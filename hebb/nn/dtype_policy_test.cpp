#include "hebb/nn/dtype_policy.h"

#include <gtest/gtest.h>

#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/policy_map.h"
#include "hebb/nn/trainer.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/random.h"
#include "hebb/ops/rounding.h"

namespace hebb {
namespace {

/// Sets a policy for the process, and float32 again at its end.
struct WithPolicy {
  explicit WithPolicy(const DTypePolicy& policy) { set_dtype_policy(policy); }
  ~WithPolicy() { set_dtype_policy(DType::float32); }
};

std::vector<float> values(const Tensor& x) { return x.to_vector<float>(); }

TEST(DTypePolicy, HasKerasNames) {
  for (const char* name : {"float32", "float64", "mixed_bfloat16", "mixed_float16", "bfloat16", "float16"})
    EXPECT_EQ(DTypePolicy(name).name(), name);
  EXPECT_EQ(DTypePolicy().name(), "float32");
  EXPECT_EQ(DTypePolicy("mixed_float16").variable_dtype(), DType::float32);
  EXPECT_EQ(DTypePolicy(DType::float64), DTypePolicy("float64"));
}

TEST(DTypePolicy, RefusesOtherTypesAndUnknownNames) {
  EXPECT_THROW(DTypePolicy("float8_from_float32"), NotSupported);
  EXPECT_THROW(DTypePolicy("mixed"), InvalidArgument);
  EXPECT_THROW(DTypePolicy("mixed_float32"), InvalidArgument);
  EXPECT_THROW(set_dtype_policy(DType::int32), InvalidArgument);
}

/// As Keras 3.15 writes it, with a default and a policy for one layer inside.
Json map_of(const std::string& standard, const std::string& name) {
  const auto policy = [](const std::string& text) {
    return R"({"module": "keras", "class_name": "DTypePolicy", "config": {"name": )" + text + "}}";
  };
  return Json::parse(R"({"module": "keras.dtype_policies", "class_name": "DTypePolicyMap", "config": {)"
                     R"("default_policy": )" +
                     (standard == "null" ? standard : policy(standard)) + R"(, "policy_map": {"mha/query": )" +
                     policy(name) + "}}}");
}

TEST(DTypePolicy, IsReadOfAMapWhereAllAreTheSame) {
  EXPECT_EQ(dtype_policy_from_json(map_of(R"("mixed_bfloat16")", R"("mixed_bfloat16")")).name(), "mixed_bfloat16");
  EXPECT_EQ(dtype_policy_from_json(map_of("null", R"("float32")")).name(), "float32");
  // Keras leaves the names out beside a default that is left open, and reads the default.
  EXPECT_EQ(dtype_policy_from_json(map_of("null", "null")).name(), "float32");
}

TEST(DTypePolicy, SaysWhichPolicyOfAMapIsAnother) {
  try {
    dtype_policy_from_json(map_of(R"("float32")", R"("mixed_bfloat16")"));
    FAIL() << "expected NotSupported";
  } catch (const NotSupported& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("DTypePolicyMap"), std::string::npos) << text;
    EXPECT_NE(text.find("'mha/query'"), std::string::npos) << text;
    EXPECT_NE(text.find("save the model again"), std::string::npos) << text;
  }
}

TEST(PolicyMap, StandsForPathsAndPatterns) {
  const auto named = [](const std::string& name) { return dtype_policy_to_json(name); };
  const auto map = [&](const Json& entries) {
    return Json::object({{"class_name", "DTypePolicyMap"},
                         {"config", Json::object({{"default_policy", named("float64")}, {"policy_map", entries}})}});
  };
  const Json entries = Json::object({{"a/query", named("bfloat16")},
                                     {"a/.*", named("mixed_bfloat16")},
                                     {".*b/.a.*ue", named("float16")},
                                     {"", named("float16")}});
  const auto at = [&](const std::string& path) { return policy_at(map(entries), path).name(); };
  EXPECT_EQ(at("a/query"), "bfloat16");
  EXPECT_EQ(at("a/"), "mixed_bfloat16");
  EXPECT_EQ(at("b/value"), "float16");
  EXPECT_EQ(at("a/b/value/c"), "mixed_bfloat16");
  EXPECT_EQ(at("x/b/value"), "float16");
  for (const char* other : {"a", "aa/query", "b/vale", "", "b/alue"}) EXPECT_EQ(at(other), "float64") << other;
  EXPECT_THROW(at("a/b/value"), InvalidArgument);  // two patterns
  EXPECT_THROW(policy_at(map(Json::object({{"a[0-9]", named("float16")}})), "b"), NotSupported);
  std::string deep, long_path(1000, 'a');
  for (int i = 0; i < 200; ++i) deep += ".*a";
  EXPECT_EQ(policy_at(map(Json::object({{deep + "b", named("float16")}})), long_path).name(), "float64");
}

TEST(PolicyMap, IsOfLayersThatComputeEachByItself) {
  const auto made = [](const Layer& layer, const std::vector<Shape>& shapes, const std::string& path) {
    layer->build_for(shapes);
    Json json = layer_to_json(layer), config = json.at("config");
    config.set("name", "it");
    config.set("dtype",
               Json::object(
                   {{"class_name", "DTypePolicyMap"},
                    {"config",
                     Json::object({{"default_policy", dtype_policy_to_json("float32")},
                                   {"policy_map", Json::object({{path, dtype_policy_to_json("mixed_bfloat16")}})}})}}));
    json.set("config", config);
    return layer_from_json(json);
  };
  const Shape steps = {Shape::unknown, 4, 3};
  EXPECT_EQ(made(LSTM(2), {steps}, "it.*")->dtype_policy().name(), "mixed_bfloat16");
  for (const char* one_of_both : {"it", "it/lstm_cell"})
    EXPECT_THROW(made(LSTM(2), {steps}, one_of_both), NotSupported) << one_of_both;
  const Layer each = made(TimeDistributed(Dense(2)), {steps}, ".*");
  EXPECT_EQ(each->sublayers().front().second->dtype_policy().name(), "float32");  // its own
  const Layer attention = made(GroupQueryAttention(2, 2, 1), {steps, steps}, "it/key");
  int others = 0;
  for (const auto& [attribute, inside] : attention->sublayers())
    others += inside->dtype_policy().name() == "mixed_bfloat16";
  EXPECT_EQ(others, 1);
}

/// `.h5` tells neither modules nor how layers were built; Keras builds them by calling them.
TEST(PolicyMap, CountsByPathWhereAFileTellsNoModules) {
  const Json policies = Json::object(
      {{"class_name", "DTypePolicyMap"},
       {"config", Json::object({{"default_policy", dtype_policy_to_json("float32")},
                                {"policy_map", Json::object({{"it", dtype_policy_to_json("mixed_bfloat16")}})}})}});
  Json entry = Json::object(
      {{"class_name", "Dense"}, {"config", Json::object({{"name", "it"}, {"units", 2}, {"dtype", policies}})}});
  EXPECT_EQ(layer_from_json(entry)->dtype_policy().name(), "mixed_bfloat16");
  entry.set("module", "keras.layers");
  EXPECT_EQ(layer_from_json(entry)->dtype_policy().name(), "float32") << "not built";
}

TEST(DTypePolicy, OfTheProcessIsThatOfWhatSaysNothing) {
  const WithPolicy policy("mixed_bfloat16");
  EXPECT_EQ(dtype_policy().name(), "mixed_bfloat16");
  EXPECT_EQ(Dense(2)->dtype_policy().name(), "mixed_bfloat16");
  EXPECT_EQ(Dense(2, {.dtype = DType::float32})->dtype_policy().name(), "float32");
  EXPECT_EQ(Sequential({Dense(2)}).base().dtype_policy().name(), "mixed_bfloat16");
}

// Weights of 16 bits are float32 here, and read as their 16 bits: what is computed is that of the mixed policy.
TEST(DTypePolicy, Of16BitsComputesAsTheMixedOne) {
  const Tensor x = random::normal({3, 7}, {.seed = 1});
  for (const std::string type : {"bfloat16", "float16"}) {
    const Layer pure = Dense(5, {.activation = "tanh", .dtype = type}),
                mixed = Dense(5, {.activation = "tanh", .dtype = "mixed_" + type});
    pure(x), mixed(x);
    mixed.set_weights(pure.get_weights());
    EXPECT_EQ(pure.weights()[0].dtype(), DType::float32);
    EXPECT_EQ(values(pure(x)), values(mixed(x)));
    EXPECT_FALSE(pure->dtype_policy() == mixed->dtype_policy());
    EXPECT_EQ(layer_to_json(pure).at("config").at("dtype").at("config").at("name").as_string(), type);
    EXPECT_EQ(layer_from_json(layer_to_json(pure))->dtype_policy().name(), type);
  }
}

TEST(MixedPrecision, RoundsInputsWeightsAndResults) {
  const Layer layer = Dense(5, {.activation = "tanh", .dtype = "mixed_bfloat16"});
  const Tensor x = random::normal({3, 7}, {.seed = 1});
  const Tensor y = layer(x);
  const auto round = [](const Tensor& t) { return rounded(t, Rounding::bfloat16); };
  EXPECT_EQ(layer.weights()[0].dtype(), DType::float32);
  EXPECT_NE(values(round(layer.weights()[0])), values(layer.weights()[0]));
  EXPECT_EQ(values(y), values(round(tanh(matmul(round(x), round(layer.weights()[0]))))));
}

TEST(MixedPrecision, LeavesNormalisationsInFloat32) {
  const Tensor x = random::normal({6, 4}, {.seed = 1});
  const auto round = [](const Tensor& t) { return rounded(t, Rounding::float16); };
  const auto expect_same = [&](const Layer& mixed, const Layer& plain, const Tensor& given) {
    mixed(x), plain(x);
    for (const Layer& layer : {mixed, plain}) {
      for (const Tensor& weight : layer.weights()) write_variable(weight, full(weight.shape(), 1.2345678));
    }
    EXPECT_EQ(values(mixed(x)), values(round(plain(given)))) << mixed.class_name();
  };
  expect_same(BatchNormalization({.dtype = "mixed_float16"}), BatchNormalization(), round(x));
  expect_same(LayerNormalization({.dtype = "mixed_float16"}), LayerNormalization(), x);
  expect_same(GroupNormalization({.groups = 2, .dtype = "mixed_float16"}), GroupNormalization({.groups = 2}), x);
}

TEST(MixedPrecision, ScalesTheLossOfFloat16) {
  const WithPolicy policy("mixed_float16");
  Sequential model({Input({4}), Dense(2)});
  const auto optimizer_of = [&] { return model.base().trainer().optimizer()->class_name(); };
  model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_EQ(optimizer_of(), "LossScaleOptimizer");
  model.compile({.optimizer = "sgd", .loss = "mse", .auto_scale_loss = false});
  EXPECT_EQ(optimizer_of(), "SGD");
}

TEST(MixedPrecision, EndsWhereAModelIsQuantised) {
  for (const char* mode : {"int8", "bfloat16"}) {
    Sequential model({Input({4}), Dense(8, {.activation = "relu", .dtype = "mixed_bfloat16"}),
                      Dense(2, {.dtype = "mixed_bfloat16"})});
    const Tensor x = random::normal({5, 4}, {.seed = 2});
    const std::vector<float> before = values(model.predict(x));
    model.quantize(mode);
    EXPECT_EQ(model.get_layer(0)->dtype_policy().name(), "float32");
    const std::vector<float> after = values(model.predict(x));
    for (size_t i = 0; i < after.size(); ++i) EXPECT_NEAR(after[i], before[i], 0.05);
  }
}

TEST(AutocastScope, RoundsVariablesWhereTheyAreRead) {
  const Tensor v = variable(Tensor{1.001f, 2.f});
  {
    const AutocastScope outer(Rounding::bfloat16);
    EXPECT_EQ(values(v + 0.0), (std::vector<float>{1.f, 2.f}));
    {
      const AutocastScope inner(Rounding::none);
      EXPECT_EQ(values(v + 0.0), (std::vector<float>{1.001f, 2.f}));
    }
    assign(v, Tensor{1.003f, 3.f});
    EXPECT_EQ(values(v * 1.0), (std::vector<float>{1.f, 3.f}));
  }
  EXPECT_EQ(values(v), (std::vector<float>{1.003f, 3.f}));
}

}  // namespace
}  // namespace hebb
