#include "hebb/nn/operation_nodes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/activation_layers.h"
#include "hebb/nn/layers/merging.h"
#include "hebb/nn/layers/preprocessing.h"
#include "hebb/nn/layers/reshaping.h"

namespace hebb::detail {

namespace {

/// Activation functions that are operations without options, by Keras's class.
const char* const plain_activations[] = {
    "Exp",  "HardSigmoid", "HardSilu", "HardTanh", "LogSigmoid", "Mish", "Relu",       "Relu6",
    "Selu", "Sigmoid",     "Silu",     "Softplus", "Softsign",   "Tanh", "TanhShrink",
};

/// What Keras 2 calls the functions of TensorFlow, as classes of Keras 3.
std::string class_of_function(const std::string& function) {
  if (function == "math.add" || function == "__operators__.add") return "Add";
  if (function == "concat") return "Concatenate";
  if (function == "nn.relu") return "Relu";
  if (function == "nn.softmax") return "Softmax";
  if (function == "math.sigmoid" || function == "nn.sigmoid") return "Sigmoid";
  if (function == "math.tanh") return "Tanh";
  return "";
}

[[noreturn]] void refuse(const Json& entry, const std::string& operation, const std::string& why) {
  throw NotSupported(message("operation '", entry.get("name", operation.c_str()), "' (", operation, "): ", why,
                             " Make the model in Keras with layers in place of operations on tensors, and set its "
                             "weights."));
}

}  // namespace

namespace {

/// The number with which an operation on a tensor is called.
struct Number {
  double value;
  bool first;  // it stands before the tensor
};

std::optional<Number> number_of(const Json& entry) {
  const Json* nodes = entry.find("inbound_nodes");
  if (!nodes || !nodes->is_array() || nodes->size() != 1 || !nodes->at(size_t{0}).is_object()) return {};
  const Json* arguments = nodes->at(size_t{0}).find("args");
  if (!arguments || !arguments->is_array() || arguments->size() != 2) return {};
  const Json &left = arguments->at(size_t{0}), &right = arguments->at(1);
  if (left.is_number() == right.is_number()) return {};
  return left.is_number() ? Number{left.as_double(), true} : Number{right.as_double(), false};
}

/// Arithmetic with a number: scale and offset of what comes.
std::optional<std::pair<double, double>> scale_and_offset(const std::string& operation, const Number& number) {
  if (operation == "Add") return std::pair(1.0, number.value);
  if (operation == "Multiply") return std::pair(number.value, 0.0);
  if (operation == "Subtract") return number.first ? std::pair(-1.0, number.value) : std::pair(1.0, -number.value);
  if ((operation == "TrueDivide" || operation == "Divide") && !number.first) return std::pair(1 / number.value, 0.0);
  return {};
}

}  // namespace

bool takes_numbers(const Json& entry) {
  const std::optional<Number> number = is_operation(entry) ? number_of(entry) : std::nullopt;
  return number && scale_and_offset(entry.get("class_name", ""), *number);
}

bool is_operation(const Json& entry) {
  if (entry.get("module", "").starts_with("keras.src.ops")) return true;
  const std::string name = entry.get("class_name", "");
  return name == "TFOpLambda" || name == "SlicingOpLambda" || name == "TensorFlowOpLayer";
}

Layer layer_of_operation(const Json& entry) {
  const Json none = Json::object();
  const Json* found = entry.find("config");
  const Json& config = found && found->is_object() ? *found : none;
  std::string operation = entry.at("class_name").as_string();
  if (operation == "TFOpLambda") {
    const std::string function = config.get("function", "");
    operation = class_of_function(function);
    if (operation.empty()) refuse(entry, function, "hebb has no layer that computes this function of TensorFlow.");
  }
  std::string name = config.get("name", "");
  if (name.empty()) name = entry.get("name", "");

  if (const std::optional<Number> number = number_of(entry)) {
    if (const auto numbers = scale_and_offset(operation, *number))
      return Rescaling(numbers->first, {.offset = numbers->second, .name = name});
  }
  if (operation == "Add") return Add({.name = name});
  if (operation == "Concatenate") return Concatenate({.axis = config.get("axis", 0), .name = name});
  if (operation == "Softmax" || operation == "LogSoftmax") {
    if (config.get("axis", -1) != -1) refuse(entry, operation, "hebb has it along the last axis only.");
    return Activation(operation == "Softmax" ? "softmax" : "log_softmax", {.name = name});
  }
  if (operation == "Gelu") {
    if (config.get("approximate", true)) refuse(entry, operation, "hebb has it with approximate = false only.");
    return Activation("gelu", {.name = name});
  }
  if (operation == "LeakyRelu") return ReLU({.negative_slope = config.get("negative_slope", 0.2), .name = name});
  if (operation == "Reshape") {
    const Json* shape = config.find("newshape");
    if (!shape || !shape->is_array() || shape->size() < 1 || !shape->at(0).is_int() || shape->at(0).as_int() != -1) {
      refuse(entry, operation, "hebb reshapes within examples only, with a first axis of -1.");
    }
    std::vector<int64_t> target;
    for (const Json& size : shape->items()) target.push_back(size.as_int());
    if (std::count(target.begin() + 1, target.end(), -1) != 0) {
      refuse(entry, operation, "hebb needs the sizes of all axes but the batch.");
    }
    return Reshape(Shape(std::vector<int64_t>(target.begin() + 1, target.end())), {.name = name});
  }
  for (const char* activation : plain_activations) {
    if (operation != activation) continue;
    return Activation(operation == "Exp" ? "exponential" : snake_case(operation), {.name = name});
  }
  refuse(entry, operation, "hebb has no layer that computes it.");
}

}  // namespace hebb::detail
