/// Constraints: what weights are brought back to after each step of an optimizer.
///
///     Dense(20, {.kernel_constraint = MaxNorm({.max_value = 3})})
///     Conv2D(32, 3, {.kernel_constraint = MaxNorm({.axis = {0, 1, 2}})})     // each filter as a whole
///
/// A variable carries its constraint, so that a step of a plan and `optimizer.apply` in a loop of one's own keep it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/axes.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// What a constraint does. Derive from it for one of your own.
class ConstraintBase {
 public:
  virtual ~ConstraintBase() = default;
  virtual std::string class_name() const = 0;
  virtual Json config() const = 0;
  /// The weight as it should be, in operations: it may be traced.
  virtual Tensor constrained(const Tensor& weight) const = 0;
};

/// A handle: a name (`"non_neg"`, `"max_norm"`, `"MaxNorm"`, with Keras's defaults) or an object. Empty: none.
class Constraint {
 public:
  Constraint() = default;
  Constraint(const char* name) : Constraint(std::string(name)) {}
  Constraint(const std::string& name);  ///< InvalidArgument for an unknown name
  Constraint(std::shared_ptr<const ConstraintBase> object) : object_(std::move(object)) {}

  explicit operator bool() const { return object_ != nullptr; }
  const ConstraintBase* operator->() const { return object_.get(); }
  /// From now on optimizers bring this variable back to it; an empty constraint lets the variable free.
  void attach_to(const Tensor& variable) const;
  /// Keras's serialized form (null when empty), and back; also from a name.
  Json to_json() const;
  static Constraint from_json(const Json& json);

 private:
  std::shared_ptr<const ConstraintBase> object_;
};

struct MaxNormOptions {
  double max_value = 2;
  Axes axis = 0;  ///< over which a norm goes: of a matrix (inputs, units) the inputs of each unit
};
/// Vectors longer than max_value are shortened to it (Srivastava et al. 2014).
Constraint MaxNorm(const MaxNormOptions& options = {});

struct MinMaxNormOptions {
  double min_value = 0;
  double max_value = 1;
  double rate = 1;  ///< how far on the way: 1 all of it, 0 not at all
  Axes axis = 0;
};
/// Vectors are brought to a length between min_value and max_value.
Constraint MinMaxNorm(const MinMaxNormOptions& options = {});

/// Negative weights become 0.
Constraint NonNeg();

struct UnitNormOptions {
  Axes axis = 0;
};
/// Vectors are brought to length 1.
Constraint UnitNorm(const UnitNormOptions& options = {});

/// One row of the table of constraints.
struct ConstraintRecord {
  std::string class_name;            ///< "MaxNorm"
  std::vector<std::string> aliases;  ///< "max_norm"
  Constraint (*from_config)(const Json& config);
  std::string doc;
};

const std::vector<ConstraintRecord>& constraint_records();

}  // namespace hebb
