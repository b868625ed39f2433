/// What a variable was, one value after another, while a trace records assignments to it.
#pragma once

#include "hebb/tensor/tensor.h"

namespace hebb {

/// A recorder that remembers them.
class VariableValues {
 public:
  virtual ~VariableValues() = default;
  /// All values that reading the variable has given or would give by now: the one it came with, and then each that was
  /// assigned to it.
  virtual Tensors values_of(const Tensor& variable) = 0;
};

}  // namespace hebb
