#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hebb/base/text.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_config.h"

namespace hebb {
namespace {

/// What a model of one operation gives of one row, output by output.
std::vector<std::vector<float>> of_row(const std::string& module, const std::string& name, const std::string& options,
                                       int64_t outputs, const std::vector<float>& row) {
  std::string ends;
  for (int64_t i = 0; i < outputs; ++i) ends += message(i ? ", " : "", R"(["it", 0, )", i, "]");
  Model model = model_from_json(Json::parse(message(
      R"({"class_name": "Functional", "config": {"name": "f", "layers": [)",
      R"({"module": "keras.layers", "class_name": "InputLayer", "name": "x", "inbound_nodes": [], "config": {)",
      R"("name": "x", "batch_shape": [null, )", row.size(), R"(], "dtype": "float32"}}, {"module": "keras.src.ops.)",
      module, R"(", "class_name": ")", name, R"(", "name": "it", "config": {"name": "it")", options, "}, ",
      R"("inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}], )",
      R"("kwargs": {}}]}], "input_layers": ["x", 0, 0], "output_layers": [)", ends, "]}}")));
  std::vector<std::vector<float>> out;
  for (const Tensor& each : model.predict_all({Tensor::from(row, {1, static_cast<int64_t>(row.size())})}))
    out.push_back(each.to_vector<float>());
  return out;
}

void expect_same(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i)
    EXPECT_TRUE(actual[i] == expected[i] || (std::isnan(actual[i]) && std::isnan(expected[i])))
        << i << ": " << actual[i];
}

// The numbers of Keras on JAX and PyTorch; on TensorFlow NaN stays anywhere.
TEST(OrderingOperations, TakeNaNForTheLargestNumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const std::vector<float> row = {3, nan, 1, inf, nan, -inf, 2};
  expect_same(of_row("numpy", "Sort", R"(, "axis": -1)", 1, row)[0], {-inf, 1, 2, 3, inf, nan, nan});
  expect_same(of_row("numpy", "Argsort", R"(, "axis": -1)", 1, row)[0], {5, 2, 6, 0, 3, 1, 4});
  const auto largest = of_row("math", "TopK", R"(, "k": 4, "sorted": true)", 2, row);
  expect_same(largest[0], {nan, nan, inf, 3});
  expect_same(largest[1], {1, 4, 3, 0});
}

}  // namespace
}  // namespace hebb
