#include "hebb/nn/layer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

/// The message of the InvalidArgument that `body` throws.
template <class Error = InvalidArgument, class Body>
std::string message_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

struct Swish : LayerBase {
  Tensor beta;
  void build(const Shape& input) override { beta = add_weight("beta", {input.back()}, "ones"); }
  Tensor call(const Tensor& x) override { return x * sigmoid(beta * x); }
};

TEST(CustomLayer, ComputesAndLearns) {
  const Layer swish = make_layer<Swish>();
  EXPECT_EQ(swish.class_name(), "Swish");
  const Tensor x = Tensor::from({1, -1, 2, 0}, {2, 2});
  const Tensor y = swish(x);
  EXPECT_NEAR(y.to_vector<double>()[0], 1 / (1 + std::exp(-1.0)), 1e-6);
  ASSERT_EQ(swish.weights().size(), 1u);
  const Tensor g = gradient(sum(swish(x)), swish.weights()[0]);
  EXPECT_EQ(g.shape(), Shape({2}));
  EXPECT_GT(g.to_vector<double>()[0], 0);
}

TEST(CustomLayer, InAnotherLayersForm) {
  struct Inner : LayerBase {
    void build(const Shape&) override { add_weight("scale", {}, "ones", {.trainable = false}); }
    Tensor call(const Tensor& x) override { return x; }
  };
  struct Outer : LayerBase {
    Layer first = add_layer("first", Dense(3)), dropout = add_layer("dropout", Dropout(0.5)),
          inner = add_layer("inner", make_layer<Inner>());
    void build(const Shape&) override {
      add_weight("frozen", {2}, "zeros", {.trainable = false});
      add_weight("bias", {3}, "zeros");
    }
    Tensor call(const Tensor& x) override { return inner(dropout(first(x))) + own_weights()[0]; }
  };
  const Layer outer = make_layer<Outer>();
  const Tensor x = ones({4, 5});
  EXPECT_EQ(outer(x).shape(), Shape({4, 3}));
  std::vector<std::string> names;
  for (const Tensor& weight : outer.weights()) names.push_back(weight.name());
  // The layer's own first, trainable before the others, then its parts.
  EXPECT_EQ(names, (std::vector<std::string>{"bias", "frozen", "kernel", "bias", "scale"}));
  EXPECT_EQ(outer.trainable_weights().size(), 3u);
  EXPECT_EQ(outer.non_trainable_weights().size(), 2u);
  EXPECT_EQ(outer.count_params(), 3 + 2 + 15 + 3 + 1);

  // The mode goes down to the parts.
  const std::vector<float> still = outer(ones({1, 5})).to_vector<float>(),
                           again = outer(ones({1, 5})).to_vector<float>();
  EXPECT_EQ(still, again);
  bool dropped = false;
  for (int i = 0; i < 20 && !dropped; ++i)
    dropped = outer(ones({1, 5}), {.training = true}).to_vector<float>() != still;
  EXPECT_TRUE(dropped);

  outer.set_trainable(false);
  EXPECT_TRUE(outer.trainable_weights().empty());
  EXPECT_EQ(outer.non_trainable_weights().size(), 5u);
  EXPECT_FALSE(outer.as<Outer>()->first->trainable());
}

TEST(CustomLayer, WithoutCallSaysSo) {
  struct Empty : LayerBase {};
  EXPECT_NE(message_of<NotSupported>([] { make_layer<Empty>()(ones({1})); }).find("has no call()"), std::string::npos);
}

TEST(CustomLayer, LoadsWhenRegistered) {
  register_layer("tests>Swish", [](const Json& config) {
    const Layer layer = make_layer<Swish>();
    layer->read_base_config(config);
    return layer;
  });
  const Layer swish = make_layer<Swish>();
  swish(ones({2, 3}));
  const Json json = layer_to_json(swish);
  EXPECT_TRUE(json.at("module").is_null());
  EXPECT_EQ(json.at("registered_name").as_string(), "tests>Swish");
  EXPECT_EQ(json.at("build_config").dump(), R"({"input_shape": [null, 3]})");
  const Layer again = layer_from_json(json);
  EXPECT_EQ(again.name(), swish.name());
  EXPECT_NE(again.as<Swish>(), nullptr);
  EXPECT_EQ(again.count_params(), 3);
}

TEST(CustomLayer, TakesThePlaceOfCode) {
  const auto entry = [](const std::string& class_name, const std::string& name) {
    return Json::object({{"class_name", class_name}, {"config", Json::object({{"name", name}})}});
  };
  for (const char* class_name : {"Lambda", "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer"}) {
    const std::string error = message_of<NotSupported>([&] { layer_from_json(entry(class_name, "twice")); });
    for (const std::string& part :
         {std::string("layer 'twice' ("), std::string(class_name), std::string("register_layer(\"twice\"")})
      EXPECT_NE(error.find(part), std::string::npos) << error;
  }
  register_layer("of_tests", [](const Json&) { return make_layer<Swish>(); });
  EXPECT_NE(layer_from_json(entry("Lambda", "of_tests")).as<Swish>(), nullptr);
}

TEST(LayerJson, RefusesSequencesWhoseFirstAxisIsTime) {
  Json json = layer_to_json(LSTM(3, {.name = "turned"})), config = json.at("config");
  config.set("time_major", true);
  json.set("config", config);
  const std::string error = message_of<NotSupported>([&] { layer_from_json(json); });
  EXPECT_NE(error.find("turned"), std::string::npos) << error;
  EXPECT_NE(error.find("time_major"), std::string::npos) << error;
}

TEST(LayerNames, AreCountedAsInKeras) {
  clear_session();
  EXPECT_EQ(Dense(1).name(), "dense");
  EXPECT_EQ(Dense(1).name(), "dense_1");
  EXPECT_EQ(Dense(1, {.name = "mine"}).name(), "mine");
  EXPECT_EQ(Dense(1).name(), "dense_2");
  EXPECT_EQ(MaxPooling2D().name(), "max_pooling2d");
  EXPECT_EQ(ReLU().name(), "re_lu");
  EXPECT_EQ(BatchNormalization().name(), "batch_normalization");
  clear_session();
  EXPECT_EQ(Dense(1).name(), "dense");
}

TEST(LayerErrors, NameTheLayerAndTheRemedy) {
  const Layer dense = Dense(10, {.name = "dense_1"});
  dense(zeros({32, 784}));
  EXPECT_EQ(message_of([&] {
              dense(zeros({32, 28, 28}));
            }),
            "layer 'dense_1' (Dense): expected the last axis of its input to be 784, got (32, 28, 28). Add Flatten() "
            "before it.");
  EXPECT_EQ(message_of([&] {
              dense(zeros({32, 783}));
            }),
            "layer 'dense_1' (Dense): expected the last axis of its input to be 784, got (32, 783). Its weights were "
            "made for "
            "784: give it such an input, or make a new layer for inputs of 783.");
  EXPECT_EQ(message_of([&] {
              dense(Tensors{zeros({2, 784}), zeros({2, 784})});
            }),
            "layer 'dense_1' (Dense): expected one input, got 2. Join them first, with Concatenate() or Add().");
  EXPECT_EQ(message_of([&] { dense(Tensor()); }),
            "layer 'dense_1' (Dense): expected tensors, but input 0 was never set. Give it one of Input(), of another "
            "layer or of values.");
  const Layer conv = Conv2D(4, 3, {.name = "c"});
  EXPECT_EQ(message_of([&] {
              conv(zeros({32, 28, 28}));
            }),
            "layer 'c' (Conv2D): expected an input of rank 4 (batch, height, width, channels), got (32, 28, 28). "
            "Images without a channel axis get one with Reshape({height, width, 1}).");
  EXPECT_EQ(message_of([&] {
              conv(zeros({1, 2, 5, 1}));
            }),
            "layer 'c' (Conv2D): expected an image of at least (3, 3) for its kernel, got (1, 2, 5, 1). Use padding = "
            "\"same\".");
  EXPECT_FALSE(conv->is_built());
}

TEST(LayerErrors, OfOperationsAreToldTheLayer) {
  struct Broken : LayerBase {
    Tensor call(const Tensor& x) override { return x + zeros({7}); }
  };
  const Layer broken = make_layer<Broken>();
  EXPECT_EQ(message_of([&] { broken(zeros({2, 3})); }).rfind("layer 'broken", 0), 0u);
}

TEST(LayerErrors, NeverSetHandle) { EXPECT_THROW(Layer()(ones({1})), InvalidArgument); }

TEST(LayerWeights, GetAndSet) {
  const Layer dense = Dense(2, {.name = "d"});
  EXPECT_NE(message_of([&] {
              dense.set_weights({ones({3, 2}), ones({2})});
            }).find("Build the layer first"),
            std::string::npos);
  dense(zeros({1, 3}));
  const Tensors before = dense.get_weights();
  dense.set_weights({ones({3, 2}), full({2}, 5)});
  EXPECT_EQ(dense(ones({1, 3})).to_vector<float>(), (std::vector<float>{8, 8}));
  EXPECT_NE(before[0].to_vector<float>(), dense.weights()[0].to_vector<float>());  // copies
  EXPECT_EQ(
      message_of([&] {
        dense.set_weights({ones({3, 2})});
      }),
      "layer 'd' (Dense): set_weights: expected 2 tensors, got 1. Give one for each of weights(), in that order.");
  EXPECT_EQ(
      message_of([&] {
        dense.set_weights({ones({2, 2}), ones({2})});
      }),
      "layer 'd' (Dense): set_weights: expected (3, 2) for weight 0 ('kernel'), got (2, 2). Give them in the order of "
      "weights(), from a layer of the same options.");
  EXPECT_EQ(dense.weights()[0].to_vector<float>()[0], 1);  // nothing changed
  dense.set_weights({zeros({3, 2}, DType::float64), arange(2, DType::int64)});
  EXPECT_EQ(dense(ones({1, 3})).to_vector<float>(), (std::vector<float>{0, 1}));
}

/// A kernel counts as its wrapper's own, in front of the wrapper's vector: also where a model holds the wrapper, whose
/// `.h5` files have weights in this order where they are not trained.
TEST(LayerWeights, StandInAModelInTheOrderOfItsLayers) {
  for (const bool is_trained : {true, false}) {
    const Layer wrapper = SpectralNormalization(Dense(3, {.trainable = is_trained}));
    const Sequential model({Input({4}), wrapper, Dense(2)});
    std::vector<std::string> names;
    for (const Tensor& weight : model.weights()) names.push_back(weight.name());
    EXPECT_EQ(names, (std::vector<std::string>{"kernel", "vector_u", "bias", "kernel", "bias"}));
    EXPECT_EQ(model.base().non_trainable_weights().size(), is_trained ? 1u : 3u);
    EXPECT_EQ(model.base().non_trainable_weights().front().name(), is_trained ? "vector_u" : "kernel");
  }
}

TEST(LayerWeights, SameSeedSameWeights) {
  auto kernel = [] {
    set_random_seed(3);
    const Layer first = Dense(4), second = Dense(4);
    second(zeros({1, 5}));  // whichever is built first
    first(zeros({1, 5}));
    EXPECT_NE(first.weights()[0].to_vector<float>(), second.weights()[0].to_vector<float>());
    return first.weights()[0].to_vector<float>();
  };
  EXPECT_EQ(kernel(), kernel());
  const Layer seeded = Dense(4, {.kernel_initializer = HeNormal({.seed = 1})}),
              also = Dense(4, {.kernel_initializer = HeNormal({.seed = 1})});
  seeded(zeros({1, 5}));
  also(zeros({1, 5}));
  EXPECT_EQ(seeded.weights()[0].to_vector<float>(), also.weights()[0].to_vector<float>());
}

TEST(LayerLosses, OfWeightsAndActivities) {
  const Layer dense = Dense(2, {.kernel_initializer = "ones",
                                .kernel_regularizer = L2(0.5),
                                .bias_regularizer = "l1",
                                .activity_regularizer = L1(0.1)});
  dense(ones({4, 3}));
  double total = 0;
  for (const Tensor& loss : dense->losses()) total += loss.item();
  EXPECT_NEAR(total, 0.5 * 6 + 0 + 0.1 * (4 * 2 * 3) / 4, 1e-5);
  EXPECT_EQ(dense->losses().size(), 3u);
  dense(ones({4, 3}));
  EXPECT_EQ(dense->losses().size(), 3u);  // of the latest call
  dense.set_trainable(false);
  EXPECT_EQ(dense->losses().size(), 1u);
}

TEST(LayerTypes, IntegersAndDoublesBecomeTheLayersType) {
  const Layer dense = Dense(2, {.kernel_initializer = "ones"});
  EXPECT_EQ(dense(ones({1, 3}, DType::uint8)).dtype(), DType::float32);
  EXPECT_EQ(dense(ones({1, 3}, DType::float64)).to_vector<float>(), (std::vector<float>{3, 3}));
  const Layer wide = Dense(2, {.dtype = DType::float64});
  EXPECT_EQ(wide(ones({1, 3})).dtype(), DType::float64);
  EXPECT_EQ(wide.weights()[0].dtype(), DType::float64);
  EXPECT_THROW(Dense(2, {.dtype = DType::int32}), NotSupported);
}

TEST(LayerJson, UnknownNamesGetTheNearest) {
  EXPECT_NE(message_of([] {
              layer_from_json(Json::parse(R"({"class_name": "Densee", "config": {}})"));
            }).find("Did you mean 'Dense'?"),
            std::string::npos);
  EXPECT_NE(message_of([] { Dense(2, {.activation = "rellu"}); }).find("Did you mean 'relu'?"), std::string::npos);
  EXPECT_NE(message_of([] { Dense(2, {.kernel_initializer = "he_norml"}); }).find("Did you mean 'he_normal'?"),
            std::string::npos);
}

TEST(LayerJson, ToleratesOlderFiles) {
  const Layer dense = layer_from_json(Json::parse(
      R"({"module": "tf_keras.src.layers.core", "class_name": "Dense", "shared_object_id": 4, "config": {"name": "old", "trainable": true,
          "dtype": "float32", "units": 3, "activation": {"class_name": "function", "config": "tanh", "module": "builtins"}, "batch_input_shape": [null, 4],
          "kernel_initializer": {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_in", "distribution": "uniform"}}}})"));
  EXPECT_EQ(dense.name(), "old");
  EXPECT_EQ(dense->config().at("activation").as_string(), "tanh");
  const Layer conv = layer_from_json(Json::parse(
      R"({"class_name": "Conv2D", "config": {"filters": 2, "kernel_size": {"class_name": "__tuple__", "items": [3, 2]}}})"));
  EXPECT_EQ(conv->config().at("kernel_size").dump(), "[3, 2]");
}

/// Keras 2 wrote the type of what comes in or out.
TEST(LayerJson, ReadsTextLayersOfKeras2) {
  for (const auto& [class_name, dtype] :
       std::map<std::string, std::string>{{"StringLookup", "int64"}, {"TextVectorization", "string"}}) {
    const Json config = Json::object({{"name", "l"}, {"dtype", dtype}});
    const Layer layer = layer_from_json(Json::object({{"class_name", class_name}, {"config", config}}));
    EXPECT_EQ(layer->dtype(), DType::float32) << class_name;
  }
}

TEST(LayerJson, RefusesUnknownOptionsAsKerasDoes) {
  const auto error = [](const std::string& class_name, const std::string& config) {
    const Json entry = Json::object({{"class_name", class_name}, {"config", Json::parse(config)}});
    return message_of([&] { layer_from_json(entry); });
  };
  EXPECT_EQ(error("Dense", R"({"name": "d", "unit": 3})"),
            "layer 'd' (Dense): unknown option 'unit'. Did you mean 'units'?");
  EXPECT_EQ(error("Dropout", R"({"name": "d", "rate": 0.5, "trainabel": true})"),
            "layer 'd' (Dropout): unknown option 'trainabel'. Did you mean 'trainable'?");
  // An option of older versions of one layer is none of another one.
  EXPECT_NO_THROW(layer_from_json(
      Json::parse(R"({"class_name": "LSTM", "config": {"units": 3, "implementation": 2, "time_major": false}})")));
  EXPECT_NE(error("Dense", R"({"units": 3, "implementation": 2})").find("'implementation'"), std::string::npos);
  const std::string dense = R"({"bogus": 1, "layer": {"class_name": "Dense", "config": {"units": 3}}})";
  const std::map<std::string, std::string> others = {
      {"RNN", R"({"cell": {"class_name": "LSTMCell", "config": {"units": 3}}, "bogus": 1})"},
      {"LSTMCell", R"({"units": 3, "bogus": 1})"},
      {"StackedRNNCells", R"({"cells": [], "bogus": 1})"},
      {"TimeDistributed", dense},
      {"Bidirectional", dense},
      {"SpectralNormalization", dense},
      {"StringLookup", R"({"bogus": 1})"},
      {"Add", R"({"bogus": 1})"}};
  for (const auto& [class_name, config] : others)
    EXPECT_NE(error(class_name, config).find("unknown option 'bogus'"), std::string::npos) << class_name;
}

TEST(LayerJson, RefusesWhatItCannotDo) {
  auto load = [](const std::string& text) { return layer_from_json(Json::parse(text)); };
  EXPECT_THROW(
      load(R"({"class_name": "Dense", "config": {"units": 3, "kernel_constraint": {"class_name": "MaxNrm"}}})"),
      InvalidArgument);
  EXPECT_THROW(load(R"({"class_name": "Dense", "config": {"units": 3, "dtype": "float8_from_float32"}})"),
               NotSupported);
  EXPECT_THROW(load(R"({"class_name": "BatchNormalization", "config": {"synchronized": true}})"), NotSupported);
  EXPECT_EQ(message_of([&] {
              load(R"({"class_name": "Dense", "config": {"name": "d", "units": "many"}})");
            }).rfind("layer 'd' (Dense): option 'units': ", 0),
            0u);
}

}  // namespace
}  // namespace hebb
