// What layers say about inputs that do not fit them: which layer, what it expected, what came and what to do. Goes over
// the table of layers, so that a new one cannot leave a part out.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"

namespace hebb {
namespace {

/// A layer and inputs that it must refuse; `first` is what it is built for before, where that matters.
struct Wrong {
  std::string config;
  std::vector<Shape> inputs;
  std::vector<Shape> first = {};
  bool in_training = false;  // it passes what it only changes while training
};

/// By the layer's class: what it cannot take. Empty: it takes every shape.
const std::map<std::string, std::vector<Wrong>>& wrong_inputs() {
  static const std::string pool = R"("pool_size": [3, 3])";
  static const std::string cell = R"({"module": "keras.layers", "class_name": "LSTMCell", "config": {"units": 2}})";
  static const std::map<std::string, std::vector<Wrong>> all = {
      {"Activation", {}},
      {"Add", {{"", {{2, 3}, {2, 4}}}, {"", {}}}},
      {"AveragePooling2D", {{pool, {{2, 3}}}, {pool, {{2, 2, 2, 1}}}}},
      {"BatchNormalization", {{"", {{2}}}, {R"("axis": 4)", {{2, 3}}}, {"", {{2, 4}}, {{2, 3}}}}},
      {"Concatenate", {{"", {{2, 3}, {4, 3}}}, {"", {}}, {R"("axis": 5)", {{2, 3}, {2, 3}}}}},
      {"Conv2D",
       {{R"("filters": 4, "kernel_size": 3)", {{2, 8, 8}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 2, 2, 1}}},
        {R"("filters": 4, "kernel_size": 3, "groups": 2)", {{2, 8, 8, 3}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 8, 8, 3}}, {{2, 8, 8, 1}}}}},
      {"Conv2DTranspose",
       {{R"("filters": 4, "kernel_size": 3)", {{2, 8, 8}}},
        {R"("filters": 4, "kernel_size": 2, "padding": "same", "output_padding": 0)", {{2, 1, 1, 1}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 8, 8, 3}}, {{2, 8, 8, 1}}}}},
      {"Dense",
       {{R"("units": 4)", {{2}}},
        {R"("units": 4)", {{2, 6}}, {{2, 50}}},
        {R"("units": 4)", {{2, 5, 10}}, {{2, 50}}},
        {R"("units": 4)", {{2, 6}, {2, 6}}}}},
      {"Dropout", {{R"("rate": 0.5, "noise_shape": [2, 1])", {{2, 3, 4}}}}},
      {"ELU", {}},
      {"Flatten", {{"", {Shape{}}}}},
      {"GaussianSampling", {{"", {{2, 3}}}, {"", {{2, 3}, {2, 4}}}, {"", {{2, 3, 1}, {2, 3, 1}}}}},
      {"GlobalAveragePooling2D", {{"", {{2, 3}}}}},
      {"GlobalMaxPooling2D", {{"", {{2, 3}}}}},
      {"InputLayer", {}},
      {"LeakyReLU", {}},
      {"Maxout", {{R"("units": 4)", {{2}}}, {R"("units": 4)", {{2, 6}}, {{2, 50}}}}},
      {"MaxPooling2D", {{pool, {{2, 3}}}, {pool, {{2, 2, 2, 1}}}}},
      {"PReLU", {{R"("shared_axes": [3])", {{2, 3}}}, {"", {{2, 4}}, {{2, 3}}}}},
      {"PiecewiseLinear", {{"", {{2}}}}},
      {"ReLU", {}},
      {"Rescaling", {{R"("scale": [1, 2])", {{2, 3}}}}},
      {"Reshape", {{R"("target_shape": [5, 5])", {{2, 24}}}, {R"("target_shape": [5, -1])", {{2, 24}}}}},
      {"SoftExponential", {}},
      {"Softmax", {{R"("axis": 3)", {{2, 3}}}}},
      {"ActivityRegularization", {}},
      {"AlphaDropout", {{R"("rate": 0.5, "noise_shape": [2, 1])", {{2, 3, 4}}}}},
      {"Average", {{"", {{2, 3}, {2, 4}}}, {"", {}}}},
      {"Bidirectional", {}},  // the layers within say it
      {"Embedding", {}},
      {"GRU", {{R"("units": 2)", {{2, 3}}}, {R"("units": 2)", {{2, 3, 4}}, {{2, 3, 5}}}}},
      {"GRUCell", {{R"("units": 2)", {{2, 3}}}}},
      {"LSTM", {{R"("units": 2)", {{2, 3}}}, {R"("units": 2)", {{2, 3, 4}, {2, 2}}}}},
      {"LSTMCell", {{R"("units": 2)", {{2, 3}}}}},
      {"LayerNormalization", {{R"("axis": 4)", {{2, 3}}}, {"", {{2, 4}}, {{2, 3}}}}},
      {"Masking", {{"", {{2}}}}},
      {"RMSNormalization", {{R"("axis": 4)", {{2, 3}}}}},
      {"RNN", {{message(R"("cell": )", cell), {{2, 3}}}}},
      {"SimpleRNN", {{R"("units": 2)", {{2, 3}}}}},
      {"SimpleRNNCell", {{R"("units": 2)", {{2, 3}}}}},
      {"StackedRNNCells", {{message(R"("cells": [)", cell, "]"), {{2, 3}}}}},
      {"TimeDistributed", {{R"("layer": {"module": "keras.layers", "class_name": "Flatten", "config": {}})", {{2}}}}},
      {"UnitNormalization", {{R"("axis": 4)", {{2, 3}}}}},
      {"AdditiveAttention", {{"", {{2, 3, 4}}}, {"", {{2, 3, 4}, {2, 3}}}, {"", {{2, 3, 4}, {2, 3, 5}}}}},
      {"Attention", {{"", {{2, 3, 4}}}, {"", {{2, 3, 4}, {2, 3}}}, {"", {{2, 3, 4}, {2, 3, 5}}}}},
      {"EinsumDense",
       {{R"("equation": "abc,cd->abd", "output_shape": [null, 3])", {{2, 3}}},
        {R"("equation": "abc,cd->abd", "output_shape": [3])", {{2, 3, 4}}},
        {R"("equation": "abc,cd->abd", "output_shape": [5, 3])", {{2, 3, 4}}},
        {R"("equation": "abc,cd->abe", "output_shape": [null, 3])", {{2, 3, 4}}},
        {R"("equation": "abc,cd->abd", "output_shape": [null, 3], "bias_axes": "x")", {{2, 3, 4}}},
        {R"("equation": "abc,cd->abd", "output_shape": [null, 3])", {{2, 3, 5}}, {{2, 3, 4}}}}},
      {"GroupQueryAttention",
       {{R"("head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1)", {{2, 3, 4}}},
        {R"("head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1)", {{2, 3, 4, 5}, {2, 3, 4, 5}}}}},
      {"MultiHeadAttention",
       {{R"("num_heads": 2, "key_dim": 2)", {{2, 3, 4}}},
        {R"("num_heads": 2, "key_dim": 2)", {{2, 3}, {2, 3}}},
        {R"("num_heads": 2, "key_dim": 2)", {{2, 3, 4}, {2, 3, 4}, {2, 5, 4}}}}},
      {"Dot", {{R"("axes": 1)", {{2, 3}}}, {R"("axes": 1)", {{2, 3}, {2, 4}}}, {R"("axes": 0)", {{2, 3}, {2, 3}}}}},
      {"GroupNormalization",
       {{R"("groups": 2)", {{2}}}, {R"("groups": 2)", {{2, 3}}}, {R"("groups": 2)", {{2, 6}}, {{2, 4}}}}},
      {"Identity", {}},
      {"Maximum", {{"", {{2, 3}, {2, 4}}}, {"", {}}}},
      {"Minimum", {{"", {{2, 3}, {2, 4}}}, {"", {}}}},
      {"Multiply", {{"", {{2, 3}, {2, 4}}}, {"", {}}}},
      {"ReversibleEmbedding", {}},
      {"LayerScale", {{R"("init_values": 0.1, "projection_dim": 3)", {{2, 4}}}}},
      {"CustomScaleLayer", {{R"("scale": 0.1)", {{2, 3}}}}},
      {"StochasticDepth", {{R"("drop_path_rate": 0.1)", {{}}}}},
      {"SpectralNormalization",
       {{R"("layer": {"module": "keras.layers", "class_name": "Flatten", "config": {}})", {{2, 3}}}}},
      {"Subtract", {{"", {{2, 3}, {2, 4}}}, {"", {{2, 3}}}}},
      {"AutoContrast", {{"", {{2, 3}}}}},
      {"RandomGrayscale", {{"", {{2, 3}}}, {"", {{2, 4, 4, 2}}, {}, true}}},
      {"Solarization", {{"", {{2, 3}}}}},
      {"CutMix", {{"", {{2, 3}}}, {"", {{2, 4, 4, 1}, {2}}}, {"", {{2, 4, 4, 1}, {3, 5}}}}},
      {"Equalization", {{"", {{2, 3}}}}},
      {"MelSpectrogram", {{"", {{2, 3, 4}}}, {R"("fft_length": 8)", {{2, 4}}}}},
      {"MixUp", {{"", {{2, 3}}}, {"", {{2, 4, 4, 1}, {2}}}, {"", {{2, 4, 4, 1}, {2, 3}, {2, 3}}}}},
      {"RandomErasing", {{"", {{2, 3}}}, {R"("fill_value": [1, 2, 3])", {{2, 4, 4, 1}}, {}, true}}},
      {"RandomGaussianBlur", {{"", {{2, 3}}}}},
      {"RandomInvert", {{"", {{2, 3}}}}},
      {"RandomPosterization", {{R"("factor": 3)", {{2, 3}}}}},
      {"RandomSharpness", {{R"("factor": 0.3)", {{2, 3}}}}},
      {"RandomShear", {{"", {{2, 3}}}}},
      {"AugMix", {{"", {{2, 3}}}, {"", {{2, 4, 4, 2}}, {}, true}}},
      {"ContrastLimitedAdaptiveHistogramEqualization",
       {{"", {{2, 3}}},
        {R"("tile_grid_size": [1000000000, 1000000000])", {{1, 4, 4, 1}}},
        {R"("tile_grid_size": [200, 200])", {{1, 4, 4, 3}}}}},
      {"MaxNumBoundingBoxes",
       {{R"("max_number": 3)", {{2, 5, 3}, {2, 5}}},
        {R"("max_number": 3)", {{2, 4, 4, 1}, {2, 5, 4}, {2, 4}}},
        {R"("max_number": 3)", {{2, 4}, {2, 5, 4}, {2, 5}, {2, 5}}}}},
      {"Pipeline", {}},  // the layers within say it
      {"RandAugment", {{"", {{2, 3}}}, {"", {{2, 4, 4, 4}}, {}, true}}},
      {"RandomColorDegeneration", {{R"("factor": 0.3)", {{2, 4, 4, 2}}, {}, true}}},
      {"RandomElasticTransform", {{"", {{2, 3}}}}},
      {"RandomPerspective", {{"", {{2, 3}}}, {"", {{2, 4, 1, 3}}}}},
      {"STFTSpectrogram", {{"", {{2, 300}}}, {"", {{2, 255, 1}}}}},
      {"CategoryEncoding",
       {{R"("num_tokens": 3)", {{2, 3}, {2, 3}}},
        {R"("num_tokens": 3, "output_mode": "count")", {{2, 3}, {2, 3}, {2, 3}}},
        {R"("num_tokens": 3, "output_mode": "count")", {{2, 3}, {2}}}}},
      {"Discretization", {{R"("num_bins": 3)", {{2, 3}}}}},
      {"HashedCrossing",
       {{R"("num_bins": 3)", {{2}}}, {R"("num_bins": 3)", {{2}, {2, 1}}}, {R"("num_bins": 3)", {{2, 3}, {2, 3}}}}},
      {"Hashing", {}},
      {"IntegerLookup", {{R"("vocabulary": [1])", {{2, 3}, {2, 3}}}, {"", {{2, 3}}}}},
      {"StringLookup", {{R"("vocabulary": ["a"])", {{2, 3}}}}},
      {"TextVectorization", {{R"("vocabulary": ["a"])", {{2, 1}}}}},
      {"Normalization",
       {{R"("axis": 4)", {{2, 3}}}, {R"("mean": [1, 2], "variance": [1, 1])", {{2, 3}}}, {"", {{2, 4}}, {{2, 3}}}}},
      {"CenterCrop", {{R"("height": 2, "width": 2)", {{2, 3}}}}},
      {"GaussianDropout", {}},
      {"GaussianNoise", {}},
      {"RandomBrightness", {{R"("factor": 0.1)", {{2, 3}}}}},
      {"RandomColorJitter", {{"", {{2, 3}}}, {R"("hue_factor": 0.1)", {{2, 4, 4, 1}}, {}, true}}},
      {"RandomContrast", {{R"("factor": 0.1)", {{2, 3}}}}},
      {"RandomCrop", {{R"("height": 2, "width": 2)", {{2, 3}}}}},
      {"RandomFlip", {{R"("mode": "horizontal")", {{2, 3}}}}},
      {"RandomHue", {{R"("factor": 0.1)", {{2, 3}}}, {R"("factor": 0.1)", {{2, 4, 4, 1}}, {}, true}}},
      {"RandomRotation", {{R"("factor": 0.1)", {{2, 3}}}}},
      {"RandomSaturation", {{R"("factor": 0.1)", {{2, 3}}}, {R"("factor": 0.1)", {{2, 4, 4, 1}}, {}, true}}},
      {"RandomTranslation", {{R"("height_factor": 0.1, "width_factor": 0.1)", {{2, 3}}}}},
      {"RandomZoom", {{R"("height_factor": 0.1)", {{2, 3}}}}},
      {"Resizing", {{R"("height": 2, "width": 2)", {{2, 3}}}}},
      {"SpatialDropout1D", {{R"("rate": 0.5)", {{2, 3}}}}},
      {"SpatialDropout2D", {{R"("rate": 0.5)", {{2, 3}}}}},
      {"SpatialDropout3D", {{R"("rate": 0.5)", {{2, 3}}}}},
      {"UpSampling2D", {{"", {{2, 3}}}}},
      {"AdaptiveAveragePooling1D", {{R"("output_size": 2)", {{2, 3}}}}},
      {"AdaptiveAveragePooling2D", {{R"("output_size": 2)", {{2, 3}}}}},
      {"AdaptiveAveragePooling3D", {{R"("output_size": 2)", {{2, 3}}}}},
      {"AdaptiveMaxPooling1D", {{R"("output_size": 2)", {{2, 3}}}}},
      {"AdaptiveMaxPooling2D", {{R"("output_size": 2)", {{2, 3}}}}},
      {"AdaptiveMaxPooling3D", {{R"("output_size": 2)", {{2, 3}}}}},
      {"AveragePooling1D", {{R"("pool_size": 3)", {{2, 3}}}, {R"("pool_size": 3)", {{2, 2, 1}}}}},
      {"AveragePooling3D", {{R"("pool_size": 3)", {{2, 3}}}, {R"("pool_size": 3)", {{2, 2, 3, 3, 1}}}}},
      {"Conv1D",
       {{R"("filters": 4, "kernel_size": 3)", {{2, 8}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 2, 1}}},
        {R"("filters": 4, "kernel_size": 3, "groups": 2)", {{2, 8, 3}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 8, 3}}, {{2, 8, 1}}}}},
      {"Conv1DTranspose",
       {{R"("filters": 4, "kernel_size": 3)", {{2, 8}}},
        {R"("filters": 4, "kernel_size": 2, "padding": "same", "output_padding": 0)", {{2, 1, 1}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 8, 3}}, {{2, 8, 1}}}}},
      {"Conv3D",
       {{R"("filters": 4, "kernel_size": 3)", {{2, 8, 8, 8}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 4, 2, 4, 1}}},
        {R"("filters": 4, "kernel_size": 3, "groups": 2)", {{2, 4, 4, 4, 3}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 4, 4, 4, 3}}, {{2, 4, 4, 4, 1}}}}},
      {"Conv3DTranspose",
       {{R"("filters": 4, "kernel_size": 3)", {{2, 8, 8, 8}}},
        {R"("filters": 4, "kernel_size": 2, "padding": "same", "output_padding": 0)", {{2, 1, 1, 1, 1}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 2, 2, 2, 3}}, {{2, 2, 2, 2, 1}}}}},
      {"ConvLSTM1D",
       {{R"("filters": 4, "kernel_size": 3)", {{2, 3, 8}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 3, 2, 1}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 3, 8, 1}, {2, 6, 4}}}}},
      {"ConvLSTM2D",
       {{R"("filters": 4, "kernel_size": 3)", {{2, 3, 8, 8}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 3, 8, 2, 1}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 3, 4, 4, 1}, {2, 2, 2, 5}, {2, 2, 2, 4}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 3, 4, 4, 2}}, {{2, 3, 4, 4, 1}}}}},
      {"ConvLSTM3D", {{R"("filters": 4, "kernel_size": 2)", {{2, 3, 4, 4, 4}}}}},
      {"Cropping1D", {{"", {{2, 3}}}, {"", {{2, 2, 3}}}}},
      {"Cropping2D", {{"", {{2, 3}}}, {R"("cropping": 1)", {{2, 2, 3, 1}}}}},
      {"Cropping3D", {{"", {{2, 3}}}, {"", {{2, 3, 2, 3, 1}}}}},
      {"DepthwiseConv1D",
       {{R"("kernel_size": 3)", {{2, 8}}},
        {R"("kernel_size": 3)", {{2, 2, 1}}},
        {R"("kernel_size": 3)", {{2, 8, 3}}, {{2, 8, 1}}}}},
      {"DepthwiseConv2D",
       {{R"("kernel_size": 3)", {{2, 8, 8}}},
        {R"("kernel_size": 3, "dilation_rate": 2)", {{2, 4, 8, 1}}},
        {R"("kernel_size": 3)", {{2, 8, 8, 3}}, {{2, 8, 8, 1}}}}},
      {"GlobalAveragePooling1D", {{"", {{2, 3}}}}},
      {"GlobalAveragePooling3D", {{"", {{2, 3}}}}},
      {"GlobalMaxPooling1D", {{"", {{2, 3}}}}},
      {"GlobalMaxPooling3D", {{"", {{2, 3}}}}},
      {"MaxPooling1D", {{R"("pool_size": 3)", {{2, 3}}}, {R"("pool_size": 3)", {{2, 2, 1}}}}},
      {"MaxPooling3D", {{R"("pool_size": 3)", {{2, 3}}}, {R"("pool_size": 3)", {{2, 3, 3, 2, 1}}}}},
      {"Permute", {{R"("dims": [2, 1])", {{2, 3}}}}},
      {"RepeatVector", {{R"("n": 2)", {{2, 3, 4}}}}},
      {"SeparableConv1D",
       {{R"("filters": 4, "kernel_size": 3)", {{2, 8}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 2, 1}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 8, 3}}, {{2, 8, 1}}}}},
      {"SeparableConv2D",
       {{R"("filters": 4, "kernel_size": 3)", {{2, 8, 8}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 2, 8, 1}}},
        {R"("filters": 4, "kernel_size": 3)", {{2, 8, 8, 3}}, {{2, 8, 8, 1}}}}},
      {"UpSampling1D", {{"", {{2, 3}}}}},
      {"UpSampling3D", {{"", {{2, 3}}}}},
      {"ZeroPadding1D", {{"", {{2, 3}}}}},
      {"ZeroPadding3D", {{"", {{2, 3}}}}},
      {"ZeroPadding2D", {{"", {{2, 3}}}}},
  };
  return all;
}

Tensors tensors(const std::vector<Shape>& shapes) {
  Tensors out;
  for (const Shape& shape : shapes) out.push_back(ones(shape));
  return out;
}

std::string refusal(const Layer& layer, const std::vector<Shape>& inputs, bool in_training = false) {
  try {
    layer.call_many(tensors(inputs), {.training = in_training});
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

/// What stands behind the sentence that says what came.
std::string hint_of(const std::string& text) {
  const size_t came = text.find("got ");
  const size_t end = came == std::string::npos ? came : text.find(". ", came);
  return end == std::string::npos ? "" : text.substr(end + 2);
}

TEST(LayerRefusals, HaveAllFourParts) {
  for (const LayerRecord& record : layer_records()) {
    const auto found = wrong_inputs().find(record.class_name);
    ASSERT_NE(found, wrong_inputs().end()) << record.class_name << " is new: say here what it cannot take.";
    for (const Wrong& wrong : found->second) {
      const std::string more = wrong.config.empty() ? "" : ", " + wrong.config;
      const Layer layer = record.from_config(Json::parse("{\"name\": \"it\"" + more + "}"));
      if (!wrong.first.empty()) layer.call_many(tensors(wrong.first));
      if (wrong.in_training) {
        EXPECT_EQ(refusal(layer, wrong.inputs), "") << record.class_name;
      }
      const std::string text = refusal(layer, wrong.inputs, wrong.in_training);
      EXPECT_EQ(text.rfind("layer 'it' (" + record.class_name + "): ", 0), 0u) << record.class_name << ": " << text;
      EXPECT_NE(text.find("expected "), std::string::npos) << text;
      const std::string hint = hint_of(text);
      EXPECT_TRUE(hint.size() > 10 && std::isupper(static_cast<unsigned char>(hint.front())) && hint.back() == '.')
          << "what to do is missing: " << text;
    }
  }
}

/// Options that no layer of the class has.
TEST(LayerRefusals, OfOptionsSayWhatToDo) {
  const std::map<std::string, std::vector<std::string>> wrong = {
      {"Conv2D",
       {R"("filters": 0, "kernel_size": 3)", R"("filters": 4, "kernel_size": 0)",
        R"("filters": 4, "kernel_size": 3, "groups": 3)",
        R"("filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": 2)"}},
      {"Conv2DTranspose",
       {R"("filters": 0, "kernel_size": 3)", R"("filters": 4, "kernel_size": 0)",
        R"("filters": 4, "kernel_size": 3, "strides": 2, "output_padding": 2)",
        R"("filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": 2)"}},
      {"AdaptiveMaxPooling1D", {R"("output_size": 0)"}},
      {"CutMix", {R"("factor": 1.5)"}},
      {"Equalization", {R"("bins": 0)", R"("value_range": [1, 1])"}},
      {"MelSpectrogram",
       {R"("fft_length": 8, "sequence_length": 9)", R"("window": [1, 2])", R"("min_freq": 9000)",
        R"("num_mel_bins": 0)", R"("sequence_stride": 0)"}},
      {"MixUp", {R"("alpha": 0)"}},
      {"RandomErasing", {R"("factor": -1)", R"("scale": 2)", R"("fill_value": [1, 2])", R"("value_range": [1, 0])"}},
      {"RandomGaussianBlur", {R"("factor": 2)", R"("sigma": 3)", R"("kernel_size": 4)", R"("value_range": [1, 0])"}},
      {"RandomInvert", {R"("factor": 2)"}},
      {"RandomPosterization", {R"("factor": 0)", R"("factor": [3, 9])"}},
      {"RandomSharpness", {R"("factor": -0.5)", R"("factor": 0.5, "value_range": [0, 0])"}},
      {"AugMix",
       {R"("factor": 2)", R"("alpha": 0)", R"("num_chains": 0)", R"("chain_depth": -1)", R"("value_range": [1, 0])"}},
      {"ContrastLimitedAdaptiveHistogramEqualization", {R"("tile_grid_size": [0, 8])", R"("value_range": [1, 0])"}},
      {"MaxNumBoundingBoxes", {R"("max_number": -1)"}},
      {"Pipeline", {R"("layers": [])"}},
      {"RandAugment", {R"("factor": -0.5)", R"("num_ops": -1)", R"("value_range": [0, 0])"}},
      {"RandomColorDegeneration", {R"("factor": 2)", R"("factor": 0.5, "value_range": [0, 0])"}},
      {"RandomElasticTransform", {R"("factor": 2)", R"("scale": -1)", R"("scale": [0.5, 1e30])"}},
      {"RandomPerspective", {R"("factor": -1)", R"("scale": 1.5)"}},
      {"RandomShear", {R"("x_factor": -0.5)", R"("y_factor": [0.5, 1.5])", R"("x_factor": [-0.5, 0.2])"}},
      {"STFTSpectrogram", {R"("frame_length": 1)", R"("frame_step": 257)", R"("fft_length": 128)"}},
      {"Conv1D", {R"("filters": 4, "kernel_size": 3, "strides": 0)", R"("filters": 4, "kernel_size": 3, "groups": 0)"}},
      {"Conv3D", {R"("filters": 4, "kernel_size": [1, 0, 1])"}},
      {"ConvLSTM2D",
       {R"("filters": 0, "kernel_size": 3)", R"("filters": 4, "kernel_size": 3, "dropout": 2)",
        R"("filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": 2)"}},
      {"CategoryEncoding", {R"("num_tokens": 0)"}},
      {"Discretization", {R"("epsilon": 0.01)", R"("num_bins": 0)", R"("num_bins": 2, "epsilon": 0)"}},
      {"HashedCrossing", {R"("num_bins": 0)"}},
      {"Hashing", {R"("num_bins": 0)", R"("num_bins": 3, "salt": [1, 2, 3])"}},
      {"IntegerLookup",
       {R"("max_tokens": 1)", R"("pad_to_max_tokens": true)", R"("num_oov_indices": -1)", R"("vocabulary": [1, 1])",
        R"("invert": true, "output_mode": "count")", R"("idf_weights": [1])", R"("salt": 3)", R"("vocabulary": [])",
        R"("oov_method": "farmhash", "salt": [1, 2, 3])", R"("vocabulary": [1], "output_mode": "tf_idf")"}},
      {"StringLookup",
       {R"("vocabulary": ["a", "b"], "max_tokens": 2)", R"("vocabulary": ["a", "b"], "mask_token": "b")",
        R"("vocabulary": ["a", "[UNK]"], "invert": true)",
        R"("vocabulary": ["a"], "output_mode": "tf_idf", "idf_weights": [1, 2])"}},
      {"TextVectorization",
       {R"("ngrams": 0)", R"("output_sequence_length": 0)", R"("output_mode": "count", "output_sequence_length": 2)",
        R"("max_tokens": 1)", R"("vocabulary": ["a", "a"])"}},
      {"Normalization",
       {R"("mean": 1.0)", R"("mean": 1.0, "variance": [1.0])", R"("mean": [[1.0]], "variance": [[1.0]])"}},
      {"Cropping1D", {R"("cropping": -1)"}},
      {"Cropping2D", {R"("cropping": [[1, 0], [-1, 0]])"}},
      {"DepthwiseConv2D", {R"("kernel_size": 3, "depth_multiplier": 0)", R"("kernel_size": 0)"}},
      {"Permute", {R"("dims": [0, 1])", R"("dims": [1, 1])"}},
      {"RepeatVector", {R"("n": 0)"}},
      {"SeparableConv1D", {R"("filters": 0, "kernel_size": 3)"}},
      {"UpSampling1D", {R"("size": 0)"}},
      {"ZeroPadding3D", {R"("padding": -1)"}},
      {"Dense", {R"("units": 0)"}},
      {"Dropout", {R"("rate": 1.5)", R"("rate": 0.5, "noise_shape": [0])"}},
      {"GaussianSampling", {R"("kl_weight": -1)"}},
      {"MaxPooling2D", {R"("pool_size": 0)"}},
      {"ReLU", {R"("max_value": -1.0)", R"("negative_slope": -1.0)", R"("threshold": -1.0)"}},
      {"Rescaling", {R"("scale": [])"}},
      {"Reshape", {R"("target_shape": [-1, -1])"}},
      {"UpSampling2D", {R"("size": 0)"}},
      {"Softmax", {R"("axis": [])"}},
  };
  for (const LayerRecord& record : layer_records()) {
    const auto found = wrong.find(record.class_name);
    if (found == wrong.end()) continue;
    for (const std::string& config : found->second) {
      try {
        record.from_config(Json::parse("{\"name\": \"it\", " + config + "}"));
        ADD_FAILURE() << record.class_name << " takes " << config;
      } catch (const InvalidArgument& error) {
        EXPECT_GT(hint_of(error.what()).size(), 10u) << error.what();
      }
    }
  }
}

}  // namespace
}  // namespace hebb
