// Operations of keras.ops in functional models, each in a model of its own (tests/goldens/make_operations.py and
// make_elementary_operations.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/operation_layer.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

const Json& all() { return goldens::file("operations"); }
const std::vector<const Json*>& cases() {
  static const std::vector<const Json*> both = goldens::cases_of({"operations", "elementary_operations"});
  return both;
}

/// Without what `.h5` files leave out.
Json without_modules(const Json& json) {
  if (json.is_array()) {
    Json out = Json::array();
    for (const Json& item : json.items()) out.push_back(without_modules(item));
    return out;
  }
  if (!json.is_object()) return json;
  Json out = Json::object();
  for (const auto& [key, value] : json.members()) {
    if (key != "module" && key != "registered_name") out.set(key, without_modules(value));
  }
  return out;
}

TEST(Operations, OfBothFilesHaveTheSameInputs) {
  EXPECT_EQ(goldens::file("elementary_operations").at("inputs"), all().at("inputs"));
}

class OperationGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return *cases()[GetParam()]; }
};

TEST_P(OperationGolden, IsComputedAndWrittenAsByKeras) {
  const Tensors inputs = goldens::tensors(all().at("inputs"));
  const Tensor expected = goldens::tensor(golden().at("output"));
  Model model = model_from_json(golden().at("model"));
  const Json old = detail::with_modules_of_operations(without_modules(golden().at("model")));
  for (const Model& same : {model, model_from_json(model_to_json(model.base())), model_from_json(old)})
    EXPECT_TRUE(goldens::near(same.call_many(inputs, {}).front(), expected, 1e-5));
  const bool has_batch = expected.rank() > 0 && expected.shape().front() == inputs.front().shape().front();
  if (has_batch) {
    EXPECT_TRUE(goldens::near(model.predict(inputs), expected, 1e-5)) << "in a plan";
  }
}

TEST_P(OperationGolden, HasTheGradientsOfKeras) {
  Tensors inputs;
  for (const Tensor& input : goldens::tensors(all().at("inputs"))) inputs.push_back(variable(input));
  Model model = model_from_json(golden().at("model"));
  const Tensor y = model.call_many(inputs, {}).front();
  std::vector<float> weights;
  for (int64_t i = 0; i < y.size(); ++i) weights.push_back(static_cast<float>(i % 7) - 2.5f);
  const Tensors gradients = gradient(sum(y * Tensor::from(weights, y.shape())), inputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Json& expected = golden().at("gradients").at(i);
    if (expected.is_null()) {
      EXPECT_EQ(max(abs(gradients[i])).item(), 0);
    } else {
      EXPECT_TRUE(goldens::near(gradients[i], goldens::tensor(expected), 1e-5, 1)) << i;
    }
  }
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param, cases()[info.param]->at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, OperationGolden, ::testing::Range(size_t{0}, cases().size()), case_name);

TEST(Operations, OthersAreRefusedByName) {
  for (const Json& one : all().at("refused").items()) {
    for (const Json& model : {one.at("model"), detail::with_modules_of_operations(without_modules(one.at("model")))}) {
      try {
        model_from_json(model);
        ADD_FAILURE() << one.at("name").as_string();
      } catch (const NotSupported& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("operation '"), std::string::npos) << text;
        EXPECT_NE(text.find("hebb has none of this name. Make the model in Keras with layers"), std::string::npos)
            << text;
      }
    }
  }
}

/// `in_a_list`: the operation has all of them as one argument.
Tensors computed(const char* operation, const char* config, const Tensors& of, bool in_a_list = false) {
  const Json options = Json::parse(config);
  Json args = Json::array();
  for (size_t i = 0; i < of.size(); ++i)
    args.push_back(Json::parse(R"({"class_name": "__keras_tensor__", "config": {}})"));
  if (in_a_list) args = Json::array({args});
  const detail::OperationArguments arguments(Json::object({{"args", args}, {"kwargs", Json::object()}}));
  return detail::find_operation(operation)->compute({operation, options, arguments, of});
}

/// No golden has it: Keras's numbers are not sparsemax's.
TEST(Operations, TakeSparsemaxAlongTheirAxis) {
  const Tensors x = {Tensor::from(std::vector<float>{5, 0, 0, 5}, {2, 2}) * 0.1 +
                     Tensor::from(std::vector<float>{0, 3, 0, 3}, {2, 2})};
  for (const int64_t axis : {0, 1}) {
    const Tensor y = computed("Sparsemax", message(R"({"axis": )", axis, "}").c_str(), x).front();
    EXPECT_TRUE(goldens::near(sum(y, {.axes = {axis}}), ones({2}), 1e-6, 1)) << axis;
  }
}

TEST(Operations, TakeSoftmaxOfNothing) {
  EXPECT_EQ(computed("Softmax", R"({"axis": [1, 2]})", {ones({0, 3, 2})}).front().shape(), Shape({0, 3, 2}));
  EXPECT_THROW(computed("Softmax", R"({"axis": []})", {ones({2, 3})}), NotSupported);
}

TEST(Operations, RefuseSpectraThatAreNone) {
  const auto error = [](const char* more, const Shape& shape) {
    const std::string config = message(R"({"sequence_length": 2, "fft_length": 2, )", more, "}");
    try {
      computed("ISTFT", config.c_str(), {ones(shape), ones(shape)}, true);
    } catch (const NotSupported& refused) {
      return std::string(refused.what());
    }
    return std::string();
  };
  EXPECT_EQ(error(R"("sequence_stride": 1, "length": 9000000000000000000)", {2, 2}), "");
  EXPECT_NE(error(R"("sequence_stride": 1)", {0, 2}).find("a piece or more"), std::string::npos);
  EXPECT_NE(error(R"("sequence_stride": 4000000000000000000)", {2, 2}).find("at most"), std::string::npos);
  EXPECT_NE(error(R"("sequence_stride": 1, "length": "abc")", {2, 2}).find("a length of"), std::string::npos);
}

TEST(Operations, RefuseAxesThatATensorHasNot) {
  const Tensors x = {Tensor::from(std::vector<float>{1, 2, 3, 4}, {2, 2})};
  EXPECT_TRUE(goldens::near(computed("Roll", R"({"shift": 1, "axis": 1})", x).front(),
                            Tensor::from(std::vector<float>{2, 1, 4, 3}, {2, 2}), 0, 0));
  EXPECT_EQ(computed("Roll", R"({"shift": 1, "axis": 0})", {zeros({0, 3})}).front().shape(), Shape({0, 3}));
  for (const char* operation : {"Roll", "Diff", "Split", "Repeat", "Flip"}) {
    for (const char* axis : {"7", "-9", "9000000000000000000", "-9000000000000000000"}) {
      const std::string config = message(R"({"shift": 1, "repeats": 2, "indices_or_sections": 2, "axis": )", axis, "}");
      EXPECT_THROW(computed(operation, config.c_str(), x), NotSupported) << operation << config;
    }
  }
}

TEST(Operations, RefuseNumbersOfRepeatsThatAreNone) {
  const Tensors x = {ones({2, 3})};
  EXPECT_EQ(computed("Tile", R"({"repeats": [2, 0]})", x).front().shape(), Shape({4, 0}));
  EXPECT_EQ(computed("Repeat", R"({"repeats": 0, "axis": 1})", x).front().shape(), Shape({2, 0}));
  for (const char* config : {R"({"repeats": -1, "axis": 0})", R"({"repeats": 9000000000000000000, "axis": 0})"}) {
    for (const char* operation : {"Tile", "Repeat"})
      EXPECT_THROW(computed(operation, config, x), NotSupported) << operation << config;
  }
}

/// As in Keras numbers are cut off, not rounded.
TEST(Operations, MakeWholeImagesGray) {
  const Tensors images = {reshape(arange(12, DType::int32), {1, 2, 2, 3}) * 20.0};
  const Tensor gray = computed("RGBToGrayscale", "{}", images).front();
  EXPECT_EQ(gray.dtype(), DType::int32);
  EXPECT_EQ(gray.to_vector<int32_t>(), (std::vector<int32_t>{16, 76, 136, 196}));
}

TEST(Operations, MultiplyInTheTypeThatIsAskedFor) {
  const Tensors x = {Tensor::from(std::vector<float>{100'000, 100'000, 3, 1}, {2, 2})};
  const Tensors whole = {cast(x[0], DType::int32)}, booleans = {greater(x[0], 2.0)};
  EXPECT_EQ(computed("Prod", R"({"axis": [1], "dtype": "float64"})", whole).front().to_vector<double>(),
            (std::vector<double>{1e10, 3}));
  EXPECT_EQ(computed("Prod", R"({"axis": 1, "dtype": null})", booleans).front().to_vector<int32_t>(),
            (std::vector<int32_t>{1, 0}));
}

/// TensorFlow has none of these modes: numbers of Keras on JAX.
TEST(Operations, PadWithWhatStandsAtTheEdges) {
  const Tensors x = {Tensor::from({1, 2, 3, 4, 5, 6}, {2, 3})};
  const auto padded = [&](const char* mode) {
    const std::string config = message(R"({"pad_width": [[1, 0], [2, 1]], "mode": ")", mode, R"("})");
    return computed("Pad", config.c_str(), x).front();
  };
  EXPECT_TRUE(goldens::near(padded("edge"),
                            Tensor::from({1, 1, 1, 2, 3, 3, 1, 1, 1, 2, 3, 3, 4, 4, 4, 5, 6, 6}, {3, 6}), 0, 0));
  EXPECT_TRUE(goldens::near(padded("wrap"),
                            Tensor::from({5, 6, 4, 5, 6, 4, 2, 3, 1, 2, 3, 1, 5, 6, 4, 5, 6, 4}, {3, 6}), 0, 0));
  EXPECT_THROW(computed("Pad", R"({"pad_width": [[3, 0], [0, 0]], "mode": "wrap"})", x), NotSupported);
  EXPECT_THROW(computed("Pad", R"({"pad_width": [[0, -1], [0, 0]], "mode": "edge"})", x), NotSupported);
}

TEST(Operations, RefuseOptionsThatCannotBe) {
  const Tensors matrix = {Tensor::from(std::vector<float>{4, 1, 2, 3}, {2, 2})}, images = {ones({1, 4, 4, 2})};
  const Tensors three = {matrix[0], zeros({1, 1}, DType::int32), ones({1, 2})};
  const Tensors whole = {ones({1, 4, 4, 3}, DType::int32)};
  EXPECT_TRUE(goldens::near(computed("Diagonal", "{}", matrix).front(), Tensor::from({4, 3}, {2}), 0, 0));
  EXPECT_EQ(computed("Diagonal", R"({"offset": 9})", matrix).front().shape(), Shape({0}));
  struct Case {
    const char *operation, *config, *told;
    const Tensors& of;
  };
  const Case cases[] = {
      {"Diagonal", R"({"axis1": 1, "axis2": -1})", "expected two axes", matrix},
      {"Diagonal", R"({"offset": 9000000000000000000})", "expected as offset a number", matrix},
      {"Diagflat", R"({"k": -9000000000000000000})", "expected as k a number", matrix},
      {"Rot90", R"({"axes": [0, 0]})", "expected two axes", matrix},
      {"Vander", R"({"N": 9000000000000000000})", "powers, got 9000000000000000000", matrix},
      {"ArraySplit", R"({"indices_or_sections": 0})", "into 0", matrix},
      {"ArraySplit", R"({"indices_or_sections": 9000000000000000000})", "expected at most", matrix},
      {"Dsplit", R"({"indices_or_sections": 2})", "a tensor of more axes", matrix},
      {"ExtractSequences", R"({"sequence_length": 3, "sequence_stride": 1})", "sequence_length from 1 to 2", matrix},
      {"ExtractSequences", R"({"sequence_length": 1, "sequence_stride": 0})", "sequence_stride from 1", matrix},
      {"RFFT", R"({"fft_length": 1000000})", "1 to 4096 elements", matrix},
      {"RFFT", R"({"fft_length": -1})", "1 to 4096 elements", matrix},
      {"STFT", R"({"sequence_length": 2, "sequence_stride": 1, "fft_length": 2, "window": "box"})", "hamming", matrix},
      {"Det", "{}", "square matrices", images},
      {"ExtractPatches", R"({"size": [5, 2]})", "do not fit", images},
      {"ExtractPatches", R"({"size": 0})", "at least 1 as size", images},
      {"ExtractPatches", R"({"size": 2, "padding": "wide"})", "valid or same", images},
      {"Unfold", R"({"kernel_size": 2, "stride": 0})", "at least 1 as stride", images},
      {"Unfold", R"({"kernel_size": 400000, "padding": 400000})", "at most 65536 places", images},
      {"GaussianBlur", R"({"kernel_size": [999999, 999999]})", "at most 65536 places", images},
      {"Fold", R"({"kernel_size": 2, "output_size": 2})", "expected columns", images},
      {"CropImages", R"({"top_cropping": 1})", "two of top_cropping", images},
      {"CropImages", R"({"top_cropping": 3, "bottom_cropping": 3, "left_cropping": 0, "right_cropping": 0})",
       "more than there is", images},
      {"PadImages", R"({"top_padding": 9, "target_height": 4, "left_padding": 0, "right_padding": 0})", "of at least 0",
       images},
      {"PadImages", R"({"top_padding": 9000000000000000000, "bottom_padding": 0})", "expected at most", images},
      {"GaussianBlur", R"({"kernel_size": 9000000000000000000})", "from 0 to", images},
      {"AdaptiveMaxPool", R"({"output_size": [0, 1]})", "output_size", images},
      {"ScatterUpdate", R"({"reduction": "mean"})", "expected the reduction null", three},
      {"GaussianBlur", R"({"kernel_size": 3, "sigma": 1})", "of floats, got int32", whole},
      {"RGBToHSV", "{}", "of floats, got int32", whole},
  };
  for (const Case& one : cases) {
    try {
      computed(one.operation, one.config, one.of);
      ADD_FAILURE() << one.operation << one.config;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(one.told), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace hebb
