#include "hebb/nn/dtype_policy.h"

#include <atomic>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/policy_map.h"

namespace hebb {

namespace {

constexpr std::string_view mixed = "mixed_";

std::atomic<DTypePolicy> policy_of_process = DTypePolicy(DType::float32);

}  // namespace

DTypePolicy::DTypePolicy() { *this = dtype_policy(); }

DTypePolicy::DTypePolicy(const std::string& name) : dtype_(DType::float32) {
  const std::string type = name.starts_with(mixed) ? name.substr(mixed.size()) : name;
  if (type == "bfloat16" || type == "float16") {
    rounding_ = type == "bfloat16" ? Rounding::bfloat16 : Rounding::float16;
    is_mixed_ = type != name;
  } else if (name.find("16") != std::string::npos || name.find("float8") != std::string::npos) {
    throw NotSupported(message("the dtype policy '", name,
                               "': hebb computes in float32, float64, bfloat16 and float16. In Keras, make the model "
                               "with the policy float32, set its weights and save it again."));
  } else {
    dtype_ = dtype_from_name(name);
  }
}

std::string DTypePolicy::name() const {
  if (rounding_ == Rounding::none) return std::string(name_of(dtype_));
  return message(is_mixed_ ? mixed : "", rounding_ == Rounding::bfloat16 ? "bfloat16" : "float16");
}

void set_dtype_policy(const DTypePolicy& policy) {
  if (!is_floating(policy.variable_dtype())) {
    throw InvalidArgument(message("set_dtype_policy: expected a policy for real numbers, got '", policy.name(),
                                  "'. Take 'float32', 'float64', 'mixed_bfloat16' or 'mixed_float16'."));
  }
  policy_of_process = policy;
}

DTypePolicy dtype_policy() { return policy_of_process; }

Json dtype_policy_to_json(const DTypePolicy& policy) {
  return object_to_json("keras", "DTypePolicy", Json::object({{"name", policy.name()}}));
}

DTypePolicy dtype_policy_from_json(const Json& json) {
  if (json.is_null()) return DType::float32;
  std::string name;
  if (json.is_object()) {
    if (is_policy_map(json)) return policy_of_all(json);
    const Json& config = json.at("config");
    const Json* source = config.find("source_name");  // of a policy that quantises
    name = (source ? *source : config.at("name")).as_string();
  } else {
    name = json.as_string();
  }
  if (const size_t from = name.find("_from_"); from != std::string::npos) name = name.substr(from + 6);
  return name;
}

}  // namespace hebb
