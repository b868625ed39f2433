#include "hebb/nn/symbolic.h"

#include <gtest/gtest.h>

#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

TEST(Symbolic, ShapesFollowFromLayers) {
  const Tensor x = Input({28, 28, 1});
  EXPECT_EQ(x.shape().to_string(), "(None, 28, 28, 1)");
  const Tensor conv = Conv2D(32, 5)(x);
  EXPECT_EQ(conv.shape().to_string(), "(None, 24, 24, 32)");
  EXPECT_EQ(Flatten()(MaxPooling2D()(conv)).shape().to_string(), "(None, 4608)");
  const Tensor fixed = Input({3}, {.batch_size = 7});
  EXPECT_EQ(Dense(2)(fixed).shape().to_string(), "(7, 2)");
}

TEST(Symbolic, UnknownAxesStayUnknown) {
  const Tensor x = Input({Shape::unknown, Shape::unknown, 3});
  const Tensor y = Conv2D(8, 3, {.strides = 2})(x);
  EXPECT_EQ(y.shape().to_string(), "(None, None, None, 8)");
  EXPECT_EQ(GlobalAveragePooling2D()(y).shape().to_string(), "(None, 8)");
  EXPECT_EQ(Flatten()(y).shape().to_string(), "(None, None)");
  try {
    Dense(3, {.name = "d"})(Flatten()(y));
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_EQ(std::string(error.what()),
              "layer 'd' (Dense): the shape of its weight 'kernel' must be known, got (None, 3). Give Input() the "
              "sizes of all "
              "axes that weights depend on.");
  }
}

TEST(Symbolic, RecordsTheCalls) {
  const auto left = Input({4}, {.name = "left"}), right = Input({4}, {.name = "right"});
  const Layer encode = Dense(3);
  const Tensor a = encode(left), b = encode(right);
  const Tensor joined = Concatenate()({a, b});
  EXPECT_EQ(joined.shape().to_string(), "(None, 6)");
  EXPECT_EQ(encode.weights().size(), 2u);  // shared
  const LayerSymbol* symbol = symbol_of(joined);
  ASSERT_NE(symbol, nullptr);
  ASSERT_EQ(symbol->call->inputs.size(), 2u);
  EXPECT_EQ(symbol_of(symbol->call->inputs[0])->call->index, 0);
  EXPECT_EQ(symbol_of(symbol->call->inputs[1])->call->index, 1);
  EXPECT_EQ(symbol_of(symbol->call->inputs[1])->call->layer, encode.shared());
  EXPECT_LT(symbol_of(a)->call->sequence, symbol_of(b)->call->sequence);
  EXPECT_EQ(symbol_of(left)->call->inputs.size(), 0u);
  EXPECT_EQ(symbol_of(left)->call->layer->name(), "left");
  EXPECT_EQ(symbol_of(zeros({1})), nullptr);
}

TEST(Symbolic, ErrorsComeAtTheCall) {
  const Tensor x = Input({28, 28});
  try {
    Conv2D(4, 3, {.name = "c"})(x);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("layer 'c' (Conv2D): expected an input of rank 4"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("got (None, 28, 28)"), std::string::npos);
  }
  EXPECT_THROW(Add()({Input({3}), Input({4})}), InvalidArgument);
  EXPECT_THROW(Add()({Input({3}), zeros({2, 3})}), InvalidArgument);
  EXPECT_THROW(exp(x), NotSupported);
  EXPECT_THROW(x.to_vector<float>(), InvalidArgument);
}

TEST(Symbolic, MarksNothingOnVariables) {
  // Shapes are inferred by running the layer: the state must not show it.
  const Layer normalization = BatchNormalization();
  normalization(Input({3}), {.training = true});
  EXPECT_EQ(normalization.weights()[2].to_vector<float>(), (std::vector<float>{0, 0, 0}));
  const Layer dropout = Dropout(0.5, {.seed = 1}), fresh = Dropout(0.5, {.seed = 1});
  dropout(Input({30}), {.training = true});
  const CallOptions training{.training = true};
  EXPECT_EQ(dropout(ones({1, 30}), training).to_vector<float>(), fresh(ones({1, 30}), training).to_vector<float>());
}

TEST(InputLayer, ConfigurationAsKerass) {
  clear_session();
  const auto x = Input({28, 28, 1}, {.dtype = DType::uint8});
  const Layer layer = x;
  EXPECT_EQ(
      layer_to_json(layer).dump(),
      R"({"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 28, 28, 1], "dtype": "uint8", )"
      R"("sparse": false, "ragged": false, "name": "input_layer", "optional": false}, "registered_name": null})");
  const Layer again = layer_from_json(layer_to_json(layer));
  EXPECT_EQ(again->config(), layer->config());
  EXPECT_EQ(again.as<InputLayer>()->tensor().dtype(), DType::uint8);
  EXPECT_EQ(layer.as<InputLayer>()->tensor().shape(), x.shape());
  EXPECT_EQ(symbol_of(layer.as<InputLayer>()->tensor())->call, symbol_of(x)->call);  // one and the same
  EXPECT_THROW(
      layer_from_json(Json::parse(R"({"class_name":"InputLayer","config":{"batch_shape":[null,2],"sparse":true}})")),
      NotSupported);
}

/// Keras 3 on all of its backends.
TEST(InputLayer, OfWholeNumbersTakesTheWholePartOfOthers) {
  for (const DType dtype : {DType::int32, DType::int64, DType::boolean}) {
    const auto x = Input({2}, {.dtype = dtype});
    Model model(x, Rescaling(1)(x));
    const Tensor given = Tensor::from({1.7f, -2.6f, 300.5f, 0.2f}, {2, 2});
    const std::vector<float> whole =
        dtype == DType::boolean ? std::vector<float>{1, 1, 1, 1} : std::vector<float>{1, -2, 300, 0};
    EXPECT_EQ(model(given).to_vector<float>(), whole);
    EXPECT_EQ(model.predict(given).to_vector<float>(), whole);
  }
}

/// hebb has a larger one for them; files go on to say which they were.
TEST(InputLayer, TakesWholeNumbersOfAnyType) {
  for (const auto& [name, held] : std::vector<std::pair<std::string, DType>>{{"int8", DType::int32},
                                                                             {"int16", DType::int32},
                                                                             {"uint16", DType::int32},
                                                                             {"uint32", DType::int64},
                                                                             {"uint64", DType::int64},
                                                                             {"uint8", DType::uint8}}) {
    const Layer layer = layer_from_json(
        Json::object({{"class_name", "InputLayer"},
                      {"config", Json::object({{"batch_shape", Json::array({nullptr, 2})}, {"dtype", name}})}}));
    const Tensor x = layer.as<InputLayer>()->tensor();
    EXPECT_EQ(x.dtype(), held) << name;
    Model model(x, Embedding(6, 3)(x));
    const Tensor rows = model.predict(Tensor::from({5.0f, 0.0f}, {1, 2}));
    EXPECT_EQ(rows.shape(), Shape({1, 2, 3})) << name;
    EXPECT_EQ(layer_from_json(layer_to_json(layer))->config(), layer->config()) << name;
  }
}

TEST(InputLayer, OfRealNumbersMakesSuchOfWholeOnes) {
  const auto x = Input({2});
  const Model inner(x, SpectralNormalization(Dense(2))(IdentityLayer()(x)));
  const auto given = Input({2}, {.dtype = DType::uint8});
  EXPECT_EQ(Model(given, inner(given))(ones({1, 2}, DType::uint8)).dtype(), DType::float32);
}

TEST(InputLayer, KeepsThatItMayBeLeftOut) {
  const Layer layer = layer_from_json(
      Json::parse(R"({"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "optional": true}})"));
  EXPECT_TRUE(layer->config().at("optional").as_bool());
  EXPECT_TRUE(layer_from_json(layer_to_json(layer))->config().at("optional").as_bool());
}

}  // namespace
}  // namespace hebb
