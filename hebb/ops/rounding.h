/// Rounding to types of 16 bits, and what mixed precision is made of.
///
///     Tensor y = rounded(x, Rounding::bfloat16);    // float32, with the values of bfloat16
///     {
///       const AutocastScope scope(Rounding::bfloat16);
///       y = matmul(y, kernel);                      // reads the variable `kernel` as rounded(kernel, bfloat16)
///     }
#pragma once

#include "hebb/ops/op.h"
#include "hebb/tensor/rounding.h"

namespace hebb {

/// The nearest numbers that the type has, as float32. The gradient is that of a cast: the one that comes in, rounded
/// to the type. Tensors that are not float32 stay as they are, and so does what is known to be rounded already.
Tensor rounded(const Tensor& x, Rounding to);

/// While it lives, operations of the calling thread read float32 variables rounded to a type, as Keras's
/// AutocastScope casts them; `assign` and `read` have nothing to do with it. The innermost one counts.
class AutocastScope {
 public:
  explicit AutocastScope(Rounding to);
  ~AutocastScope();
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  Rounding outer_;
};

namespace detail {
/// Whether operations read variables rounded at the moment.
bool rounds_variables();
/// An operation's inputs with float32 variables rounded as the scope says.
Tensors with_rounded_variables(const Tensors& inputs);
}  // namespace detail

}  // namespace hebb
