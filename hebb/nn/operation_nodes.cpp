#include "hebb/nn/operation_nodes.h"

#include <map>
#include <optional>
#include <string>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/operations.h"

namespace hebb::detail {

namespace {

/// Functions of one tensor, or of two tensors or numbers, without further options.
const std::map<std::string, const char*>& plain_functions() {
  static const std::map<std::string, const char*> names = {
      {"abs", "Absolute"},
      {"negative", "Negative"},
      {"sign", "Sign"},
      {"floor", "Floor"},
      {"ceil", "Ceil"},
      {"round", "Round"},
      {"square", "Square"},
      {"sqrt", "Sqrt"},
      {"rsqrt", "Rsqrt"},
      {"reciprocal", "Reciprocal"},
      {"exp", "Exp"},
      {"expm1", "Expm1"},
      {"log", "Log"},
      {"log1p", "Log1p"},
      {"sin", "Sin"},
      {"cos", "Cos"},
      {"tan", "Tan"},
      {"asin", "Arcsin"},
      {"acos", "Arccos"},
      {"atan", "Arctan"},
      {"sinh", "Sinh"},
      {"cosh", "Cosh"},
      {"asinh", "Arcsinh"},
      {"acosh", "Arccosh"},
      {"atanh", "Arctanh"},
      {"tanh", "Tanh"},
      {"erf", "Erf"},
      {"is_nan", "Isnan"},
      {"is_finite", "Isfinite"},
      {"sigmoid", "Sigmoid"},
      {"log_sigmoid", "LogSigmoid"},
      {"softplus", "Softplus"},
      {"softsign", "Softsign"},
      {"relu", "Relu"},
      {"relu6", "Relu6"},
      {"elu", "Elu"},
      {"selu", "Selu"},
      {"silu", "Silu"},
      {"swish", "Silu"},
      {"zeros_like", "ZerosLike"},
      {"ones_like", "OnesLike"},
      {"stop_gradient", "StopGradient"},
      {"logical_not", "LogicalNot"},
      {"add", "Add"},
      {"bias_add", "Add"},
      {"subtract", "Subtract"},
      {"multiply", "Multiply"},
      {"truediv", "TrueDivide"},
      {"divide", "Divide"},
      {"divide_no_nan", "DivideNoNan"},
      {"floordiv", "FloorDivide"},
      {"floor_div", "FloorDivide"},
      {"floormod", "Mod"},
      {"mod", "Mod"},
      {"pow", "Power"},
      {"maximum", "Maximum"},
      {"minimum", "Minimum"},
      {"squared_difference", "SquaredDifference"},
      {"equal", "Equal"},
      {"not_equal", "NotEqual"},
      {"less", "Less"},
      {"less_equal", "LessEqual"},
      {"greater", "Greater"},
      {"greater_equal", "GreaterEqual"},
      {"logical_and", "LogicalAnd"},
      {"logical_or", "LogicalOr"},
      {"logical_xor", "LogicalXor"},
      {"where", "Where"},
  };
  return names;
}

const std::map<std::string, const char*>& reductions() {
  static const std::map<std::string, const char*> names = {
      {"reduce_mean", "Mean"},    {"reduce_sum", "Sum"}, {"reduce_max", "Max"}, {"reduce_min", "Min"},
      {"reduce_prod", "Prod"},    {"reduce_any", "Any"}, {"reduce_all", "All"}, {"reduce_std", "Std"},
      {"reduce_variance", "Var"}, {"argmax", "Argmax"},  {"argmin", "Argmin"},  {"reduce_logsumexp", "Logsumexp"},
  };
  return names;
}

/// [layer, call, output], as Keras 2 writes a tensor; ["_CONSTANT_VALUE", -1, value] is a number among them.
bool is_reference(const Json& json) {
  return json.is_array() && json.size() >= 3 && json.at(size_t{0}).is_string() && json.at(1).is_int();
}

Json keras_tensor(const std::string& layer, const Json& call, const Json& output) {
  const Json config = Json::object(
      {{"shape", Json::array()}, {"dtype", "float32"}, {"keras_history", Json::array({Json(layer), call, output})}});
  return Json::object({{"class_name", "__keras_tensor__"}, {"config", config}});
}

/// An argument in Keras 3's form.
Json argument(const Json& json) {
  if (is_reference(json)) {
    const std::string& layer = json.at(size_t{0}).as_string();
    return layer == "_CONSTANT_VALUE" ? json.at(2) : keras_tensor(layer, json.at(1), json.at(2));
  }
  if (!json.is_array()) return json;
  Json out = Json::array();
  for (const Json& item : json.items()) out.push_back(argument(item));
  return out;
}

bool has_tensor(const Json& json) {
  if (is_reference(json)) return json.at(size_t{0}).as_string() != "_CONSTANT_VALUE";
  if (json.is_array()) {
    for (const Json& item : json.items()) {
      if (has_tensor(item)) return true;
    }
  }
  if (json.is_object()) {
    for (const auto& [key, value] : json.members()) {
      if (has_tensor(value)) return true;
    }
  }
  return false;
}

class Translation {
 public:
  explicit Translation(const Json& entry) {
    const Json none = Json::object();
    const Json* found = entry.find("config");
    const Json& config = found && found->is_object() ? *found : none;
    whole_name_ = config.get("function", entry.get("class_name", "").c_str());
    function_ = whole_name_.substr(whole_name_.rfind('.') + 1);
    name_ = config.get("name", "");
    if (name_.empty()) name_ = entry.get("name", "");
    const Json* nodes = entry.find("inbound_nodes");
    if (!nodes || nodes->size() == 0) return;  // looked at by itself
    if (nodes->size() > 1) refuse("It is called several times.");
    read(nodes->at(size_t{0}));
  }

  std::vector<Json> operations() {
    const auto& plain = plain_functions();
    if (const auto row = plain.find(function_); row != plain.end()) {
      for (const char* operand : {"x", "y", "bias"}) {
        if (const Json* value = named(operand)) arguments_.push_back(argument(*value));
      }
      emit(row->second, Json::object());
    } else if (const auto one = reductions().find(function_); one != reductions().end()) {
      Json config = Json::object();
      const bool of_places = function_.starts_with("arg");
      config.set("axis", option("axis", of_places ? Json(0) : Json()));
      config.set("keepdims", option("keepdims", false));
      emit(one->second, config);
    } else {
      others();
    }
    return std::move(made_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why = "") const {
    throw NotSupported(message("operation '", name_, "' (", whole_name_,
                               "): ", why.empty() ? "hebb has nothing that computes this function of TensorFlow." : why,
                               " Make the model in Keras with layers in place of operations on tensors, and set its "
                               "weights."));
  }

  void read(const Json& node) {
    if (is_reference(node)) {
      arguments_.push_back(argument(node));
      if (node.size() > 3 && node.at(3).is_object()) options_ = node.at(3);
      return;
    }
    Json list = Json::array();
    for (const Json& item : node.items()) {
      if (!is_reference(item)) refuse(message("Its call cannot be read: ", item.dump().substr(0, 80), "."));
      list.push_back(argument(item));
      if (item.size() > 3 && item.at(3).is_object()) options_ = item.at(3);
    }
    const bool takes_list = function_ == "concat" || function_ == "stack" || function_ == "add_n";
    if (takes_list || list.size() > 1) {
      arguments_.push_back(list);
    } else {
      arguments_ = list.items();
    }
  }

  const Json* named(const char* option) const {
    const Json* value = options_.find(option);
    return value && !value->is_null() ? value : nullptr;
  }
  /// An option that must not be a tensor.
  Json option(const char* name, const Json& otherwise) const {
    const Json* value = named(name);
    if (value && has_tensor(*value)) refuse(message("Its option '", name, "' is a tensor."));
    return value ? *value : otherwise;
  }
  Json needed(const char* name) const {
    Json value = option(name, Json());
    if (value.is_null() && !arguments_.empty()) refuse(message("It has no '", name, "'."));
    return value;
  }
  /// NotSupported where an option says what Keras's operation cannot do.
  void must_be(const char* name, const Json& standard) const {
    if (const Json value = option(name, standard); !(value == standard))
      refuse(message("Its ", name, " is ", value.dump(), "; hebb has it with ", standard.dump(), "."));
  }

  void emit_as(const std::string& name, const char* class_name, Json config, Json::Array arguments) {
    const OperationRecord* record = find_operation(class_name);
    if (!record) refuse();
    Json named = Json::object({{"name", name}});
    for (const auto& [key, value] : config.members()) named.set(key, value);
    Json nodes = Json::array();
    if (!arguments_.empty())
      nodes.push_back(Json::object({{"args", Json(std::move(arguments))}, {"kwargs", Json::object()}}));
    made_.push_back(Json::object({{"module", message("keras.src.ops.", record->module)},
                                  {"class_name", class_name},
                                  {"config", named},
                                  {"registered_name", class_name},
                                  {"name", name},
                                  {"inbound_nodes", nodes}}));
  }
  void emit(const char* class_name, const Json& config) { emit_as(name_, class_name, config, arguments_); }

  /// The result of an operation that was made before.
  static Json result_of(const std::string& name) { return keras_tensor(name, 0, 0); }

  void matrix_product() {
    for (const char* kind : {"adjoint_a", "adjoint_b", "a_is_sparse", "b_is_sparse"}) must_be(kind, false);
    if (const Json* b = named("b")) arguments_.push_back(argument(*b));
    for (const size_t side : {size_t{0}, size_t{1}}) {
      if (!option(side == 0 ? "transpose_a" : "transpose_b", false).as_bool() || arguments_.size() < 2) continue;
      const std::string turned = name_ + (side == 0 ? "_a" : "_b");
      emit_as(turned, "Swapaxes", Json::object({{"axis1", -1}, {"axis2", -2}}), {arguments_[side]});
      arguments_[side] = result_of(turned);
    }
    emit("Matmul", Json::object());
  }

  void sum_of_all() {
    const Json::Array parts = arguments_.empty() ? Json::Array() : arguments_.front().items();
    if (parts.size() == 1) refuse("It adds one tensor.");
    Json total = parts.empty() ? Json() : parts.front();
    for (size_t i = 1; i < parts.size(); ++i) {
      const std::string name = i + 1 == parts.size() ? name_ : message(name_, "_", i);
      emit_as(name, "Add", Json::object(), {total, parts[i]});
      total = result_of(name);
    }
    if (parts.empty()) emit("Add", Json::object());
  }

  void item() {
    const Json given = needed("slice_spec");
    const Json::Array single = {given};
    Json key = Json::array();
    for (const Json& one : given.is_array() ? given.items() : single) {
      if (!one.is_object() || !one.contains("start")) {
        key.push_back(one);
        continue;
      }
      Json bounds = Json::object();
      for (const char* bound : {"start", "stop", "step"}) {
        const Json* value = one.find(bound);
        bounds.set(bound, value ? *value : Json());
      }
      key.push_back(Json::object({{"class_name", "__slice__"}, {"config", bounds}}));
    }
    arguments_.push_back(key);
    emit("GetItem", Json::object());
  }

  void parts() {
    Json where = needed("num_or_size_splits");
    if (where.is_array()) {  // sizes; Keras 3 has the places between them
      Json cuts = Json::array();
      int64_t at = 0;
      for (size_t i = 0; i + 1 < where.size(); ++i) {
        if (!where.at(i).is_int() || where.at(i).as_int() < 0) refuse("It has parts whose size is open.");
        cuts.push_back(at += where.at(i).as_int());
      }
      where = cuts;
    }
    emit("Split", Json::object({{"indices_or_sections", where}, {"axis", option("axis", 0)}}));
  }

  void others() {
    const auto with = [&](const char* class_name, std::initializer_list<std::pair<const char*, Json>> config) {
      Json json = Json::object();
      for (const auto& [key, value] : config) json.set(key, value);
      emit(class_name, json);
    };
    if (function_ == "matmul") return matrix_product();
    if (function_ == "add_n") return sum_of_all();
    if (function_ == "getitem") return item();
    if (function_ == "split") return parts();
    if (function_ == "identity") {
      arguments_.push_back(0);
      return with("Add", {});
    }
    if (function_ == "reshape") return with("Reshape", {{"newshape", needed("shape")}});
    if (function_ == "concat") return with("Concatenate", {{"axis", option("axis", 0)}});
    if (function_ == "stack") return with("Stack", {{"axis", option("axis", 0)}});
    if (function_ == "cast") return with("Cast", {{"dtype", needed("dtype")}});
    if (function_ == "expand_dims") return with("ExpandDims", {{"axis", needed("axis")}});
    if (function_ == "squeeze") return with("Squeeze", {{"axis", option("axis", Json())}});
    if (function_ == "transpose") {
      must_be("conjugate", false);
      return with("Transpose", {{"axes", option("perm", Json())}});
    }
    if (function_ == "softmax") return with("Softmax", {{"axis", option("axis", -1)}});
    if (function_ == "log_softmax") return with("LogSoftmax", {{"axis", option("axis", -1)}});
    if (function_ == "gelu") return with("Gelu", {{"approximate", option("approximate", false)}});
    if (function_ == "leaky_relu") return with("LeakyRelu", {{"negative_slope", option("alpha", 0.2)}});
    if (function_ == "clip_by_value")
      return with("Clip", {{"x_min", needed("clip_value_min")}, {"x_max", needed("clip_value_max")}});
    if (function_ == "tile") return with("Tile", {{"repeats", needed("multiples")}});
    if (function_ == "repeat")
      return with("Repeat", {{"repeats", needed("repeats")}, {"axis", option("axis", Json())}});
    if (function_ == "pad") {
      if (const Json mode = option("mode", "CONSTANT"); lower_case(mode.as_string()) != "constant")
        refuse(message("Its mode is ", mode.dump(), "; hebb has it with \"CONSTANT\"."));
      arguments_.push_back(option("constant_values", 0));
      return with("Pad", {{"pad_width", needed("paddings")}, {"mode", "constant"}});
    }
    if (function_ == "gather") {
      if (!option("batch_dims", 0).is_int() || option("batch_dims", 0).as_int() != 0) refuse("It has batch_dims.");
      if (const Json* indices = named("indices")) arguments_.push_back(argument(*indices));
      return with("Take", {{"axis", option("axis", 0)}});
    }
    if (function_ == "one_hot") {
      must_be("on_value", Json());
      must_be("off_value", Json());
      return with(
          "OneHot",
          {{"num_classes", needed("depth")}, {"axis", option("axis", -1)}, {"dtype", option("dtype", "float32")}});
    }
    if (function_ == "cumsum") {
      must_be("exclusive", false);
      must_be("reverse", false);
      return with("Cumsum", {{"axis", option("axis", 0)}});
    }
    if (function_ == "reverse") return with("Flip", {{"axis", needed("axis")}});
    if (function_ == "l2_normalize") {
      must_be("epsilon", 1e-12);
      return with("Normalize", {{"axis", option("axis", Json())}, {"order", 2}, {"epsilon", 1e-6}});
    }
    refuse();
  }

  std::string whole_name_, function_, name_;
  Json::Array arguments_;  // in Keras 3's form
  Json options_ = Json::object();
  std::vector<Json> made_;
};

}  // namespace

std::vector<Json> new_operations(const Json& entry) { return Translation(entry).operations(); }

}  // namespace hebb::detail
