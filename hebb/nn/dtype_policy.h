/// What a layer keeps its weights in and what it computes in, by Keras's names.
///
///     Dense(10, {.dtype = DType::float64});              // weights and results of float64
///     Dense(10, {.dtype = "mixed_bfloat16"});            // mixed precision
///     set_dtype_policy("mixed_bfloat16");                // for all layers made from now on that do not say otherwise
///
/// Under "mixed_bfloat16" and "mixed_float16" weights are float32, and a layer computes with its inputs and its weights
/// rounded to the 16-bit type and rounds its results to it, as Keras's layers cast them. Here the rounded numbers are
/// kept as float32, and what is between a layer's inputs and its results is computed in float32
/// (docs/mixed_precision.md). "bfloat16" and "float16", under which Keras keeps weights of 16 bits, too, compute the
/// same here, with weights of float32.
#pragma once

#include <string>

#include "hebb/base/json.h"
#include "hebb/tensor/dtype.h"
#include "hebb/tensor/rounding.h"

namespace hebb {

class alignas(4) DTypePolicy {  // of a size that can be exchanged at once: the process's is
 public:
  /// The one that `set_dtype_policy` set; float32 at first.
  DTypePolicy();
  constexpr DTypePolicy(DType dtype) : dtype_(dtype) {}
  /// By Keras's name: that of a type, "bfloat16" and "float16" among them, "mixed_bfloat16" or "mixed_float16".
  /// NotSupported for other types that Keras has; InvalidArgument for an unknown name.
  DTypePolicy(const std::string& name);
  DTypePolicy(const char* name) : DTypePolicy(std::string(name)) {}

  std::string name() const;
  /// The type of weights, and of all tensors here.
  DType variable_dtype() const { return dtype_; }
  /// To what the values of inputs, weights and results are rounded.
  Rounding rounding() const { return rounding_; }
  /// Whether weights have more bits than what is computed with, by the policy's name: "mixed_...".
  bool is_mixed() const { return is_mixed_; }

  friend bool operator==(const DTypePolicy&, const DTypePolicy&) = default;

 private:
  DType dtype_;
  Rounding rounding_ = Rounding::none;
  bool is_mixed_ = false;
};

/// For layers and models made from now on in this process that say nothing else, as keras.config.set_dtype_policy.
void set_dtype_policy(const DTypePolicy& policy);
/// As keras.config.dtype_policy.
DTypePolicy dtype_policy();

/// As files have it: {"class_name": "DTypePolicy", "config": {"name": "mixed_bfloat16"}}.
Json dtype_policy_to_json(const DTypePolicy& policy);
/// From a policy, a name, or null (float32); from a map of policies for layers inside of layers where all are the same,
/// else NotSupported.
DTypePolicy dtype_policy_from_json(const Json& json);

}  // namespace hebb
