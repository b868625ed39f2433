#include "hebb/nn/operation_nodes.h"

#include <string>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/activation_layers.h"
#include "hebb/nn/layers/merging.h"

namespace hebb::detail {

Layer layer_of_operation(const Json& entry) {
  const Json none = Json::object();
  const Json* found = entry.find("config");
  const Json& config = found && found->is_object() ? *found : none;
  const std::string function = config.get("function", entry.get("class_name", "").c_str());
  std::string name = config.get("name", "");
  if (name.empty()) name = entry.get("name", "");
  if (function == "math.add" || function == "__operators__.add") return Add({.name = name});
  if (function == "concat") return Concatenate({.axis = config.get("axis", 0), .name = name});
  if (function == "nn.relu") return Activation("relu", {.name = name});
  if (function == "nn.softmax") return Activation("softmax", {.name = name});
  if (function == "math.sigmoid" || function == "nn.sigmoid") return Activation("sigmoid", {.name = name});
  if (function == "math.tanh") return Activation("tanh", {.name = name});
  throw NotSupported(message(
      "operation '", name, "' (", function, "): hebb has no layer that computes this function of ",
      "TensorFlow. Make the model in Keras with layers in place of operations on tensors, and ", "set its weights."));
}

}  // namespace hebb::detail
