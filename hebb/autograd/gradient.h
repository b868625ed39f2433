/// Gradients: one walk for numbers and symbols.
///
///     Tensor w = variable(zeros({3}));
///     Tensor loss = mean(square(matmul(x, w) - y));
///     Tensor g = gradient(loss, w);
///     Tensor hv = gradient(sum(g * v), w);          // second order: the same call
///
/// Operations that ran at once are differentiated into numbers (the tape), operations of a graph that is being traced
/// into more of that graph (Griewank and Walther, Evaluating Derivatives, 2008: reverse mode).
#pragma once

#include "hebb/ops/op.h"

namespace hebb {

/// The gradient of a scalar `loss` with respect to each tensor: of the tensor's shape, zeros where the loss does not
/// depend on it. At once, gradients can be asked for variables and for what was computed from them; in a trace for
/// everything; there a variable that is assigned to on the way counts with each of its values, and what it was assigned
/// is not differentiated further. InvalidArgument when the loss is not a floating scalar, or when a variable was
/// assigned to after it was used.
Tensors gradient(const Tensor& loss, const Tensors& with_respect_to);
Tensor gradient(const Tensor& loss, const Tensor& with_respect_to);

/// The same for any number of results with given gradients of their own (a vector-Jacobian product). Undefined where
/// nothing depends on the tensor.
Tensors vector_jacobian(const Tensors& results, const Tensors& result_gradients, const Tensors& with_respect_to);

}  // namespace hebb
