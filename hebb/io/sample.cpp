#include "hebb/io/sample.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/layers/recurrent_cell.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/text_stage.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb::io {

namespace {

constexpr int64_t seed = 1, open_size = 8, most_values = 256;
/// What a sample may take, so that saving stays quick: an image of 1024 x 1024 in three colours.
constexpr int64_t most_inputs = int64_t{3} << 20;

Json to_json(const Shape& shape) {
  Json out = Json::array();
  for (const int64_t size : shape) out.push_back(size);
  return out;
}

Shape example_shape(const Tensor& input) {
  std::vector<int64_t> sizes;
  for (const int64_t size : input.shape())
    sizes.push_back(sizes.empty() ? 1 : size == Shape::unknown ? open_size : size);
  return Shape(sizes);
}

Tensors made_up(const ModelBase& model) {
  Tensors out;
  for (const Tensor& input : model.inputs()) {
    const Tensor numbers = random::uniform(example_shape(input), {.seed = seed + static_cast<int64_t>(out.size())});
    out.push_back(is_floating(input.dtype()) ? cast(numbers, input.dtype())
                                             : cast(floor(numbers * 2.0), input.dtype()));
  }
  return out;
}

/// Layers that draw numbers when they predict draw them from here, and keep their own state.
Tensors computed(ModelBase& model, const Tensors& inputs) {
  const WithRandomState fixed(random_state(seed));
  return model.apply_to(inputs, {.training = false});
}

std::vector<double> first_values(const Tensor& output) {
  std::vector<float> values = cast(output, DType::float32).to_vector<float>();
  values.resize(std::min(values.size(), static_cast<size_t>(most_values)));
  return std::vector<double>(values.begin(), values.end());
}

}  // namespace

Json make_sample(const Model& model) {
  ModelBase& base = model.base();
  if (has_texts(base) || any_texts(base.outputs())) return {};
  if (!base.is_connected() || model.is_quantized() || is_stateful(base)) return {};
  int64_t elements = 0;
  for (const Tensor& input : base.inputs()) elements += example_shape(input).elements();
  if (elements > most_inputs) return {};
  try {
    const WithRecorder at_once(nullptr);
    Json shapes = Json::array(), outputs = Json::array();
    for (const Tensor& input : base.inputs()) shapes.push_back(to_json(example_shape(input)));
    for (const Tensor& output : computed(base, made_up(base))) {
      Json values = Json::array();
      for (const double value : first_values(output)) {
        if (!std::isfinite(value)) return {};
        values.push_back(value);
      }
      outputs.push_back(Json::object({{"shape", to_json(output.shape())}, {"values", values}}));
    }
    return Json::object({{"seed", seed}, {"inputs", shapes}, {"outputs", outputs}});
  } catch (const Error&) {
    return {};  // made-up numbers need not be what a model takes
  }
}

double replay_sample(const Model& model, const Json& sample) {
  const WithRecorder at_once(nullptr);
  ModelBase& base = model.base();
  try {
    const Json& shapes = sample.at("inputs");
    bool fits = sample.at("seed").as_int() == seed && shapes.size() == base.inputs().size();
    for (size_t i = 0; fits && i < shapes.size(); ++i)
      fits = shapes.at(i).dump() == to_json(example_shape(base.inputs()[i])).dump();
    const Tensors outputs = fits ? computed(base, made_up(base)) : Tensors();
    const Json& expected = sample.at("outputs");
    fits = fits && expected.size() == outputs.size();
    double worst = 0;
    for (size_t i = 0; fits && i < outputs.size(); ++i) {
      const std::vector<double> values = first_values(outputs[i]);
      const Json& numbers = expected.at(i).at("values");
      fits = numbers.size() == values.size();
      double largest = 1, difference = 0;
      for (size_t k = 0; fits && k < values.size(); ++k) {
        const double number = numbers.at(k).as_double();
        largest = std::max(largest, std::abs(number));
        // What is no number differs by all there is.
        const double apart = std::abs(values[k] - number);
        difference = std::max(difference, std::isfinite(apart) ? apart : INFINITY);
      }
      worst = std::max(worst, difference / largest);
    }
    if (!fits) throw IoError("the sample in the file is not of this model. The file was put together from others.");
    return worst;
  } catch (const InvalidArgument& error) {
    throw IoError(message("the sample in the file: ", error.what(), " The file is damaged."));
  }
}

}  // namespace hebb::io
