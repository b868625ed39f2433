/// EinsumDense: a Dense layer along any axes, said by an equation.
///
///     EinsumDense("abc,cd->abd", {Shape::unknown, 64}, {.bias_axes = "d"})         // Dense(64) for each step
///     EinsumDense("abc,cde->abde", {Shape::unknown, 4, 32}, {.bias_axes = "de"})   // four heads of 32
///     EinsumDense("...x,xy->...y", {64}, {.bias_axes = "y"})                  // any number of axes in front
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/nn/layers/options.h"

namespace hebb {

struct EinsumDenseOptions {
  ActivationFunction activation = {};
  std::optional<std::string> bias_axes = {};  ///< the letters of the output along which there is a bias; unset: none
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  /// LoRA (Hu et al. 2021): the kernel does not train, beside it a product of two matrices of this rank does.
  std::optional<int64_t> lora_rank = {};
  std::optional<double> lora_alpha = {};  ///< the product counts lora_alpha / lora_rank times; unset: as it is
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// activation(einsum(equation, x, kernel) + bias). `equation`: "[x],[kernel]->[output]", with "..." before or behind
/// the letters of x and output for axes that stay as they are. `output_shape`: the sizes of the output's letters but
/// the batch, Shape::unknown (-1) for what only the input knows. The kernel's shape follows from both. InvalidArgument
/// for an equation of another form, or sizes that contradict the input's.
Layer EinsumDense(const std::string& equation, const std::vector<int64_t>& output_shape,
                  const EinsumDenseOptions& options = {});

}  // namespace hebb
