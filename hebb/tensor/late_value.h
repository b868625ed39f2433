/// Variables that are made before their values are there, as those of a model that is being read from a file: their
/// memory is not touched until then, and what was read becomes the variable's memory instead of being copied.
///
///     Tensor kernel = variable_without_value({{784, 500}}, "kernel", true);
///     move_into_variable(kernel, read(...));
#pragma once

#include <string>

#include "hebb/tensor/tensor.h"

namespace hebb {

/// A variable whose elements are anything until it is written. The caller sees to it that it is.
Tensor variable_without_value(const Spec& spec, const std::string& name, bool trainable);

/// The same as write_variable(), without a copy where nobody else holds the value. No plan may have been made with the
/// variable yet.
void move_into_variable(const Tensor& variable, Tensor&& value);

}  // namespace hebb
