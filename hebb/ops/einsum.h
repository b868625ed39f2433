/// Sums of products over named axes.
///
///     Tensor y = einsum("abc,cde->abde", x, kernel);     // y[a,b,d,e] = the sum over c of x[a,b,c] kernel[c,d,e]
///     Tensor y = einsum("...x,xy->...y", x, kernel);
#pragma once

#include <string>

#include "hebb/ops/op.h"

namespace hebb {

/// NumPy's einsum of two tensors, computed as one product of matrices (a batch of them where a letter stands in both
/// and in the result), with axes moved only where their order asks for it. "..." stands for as many axes as there are.
/// InvalidArgument for an equation that cannot be read, a letter twice in one place, one in the result that is in none
/// of the two, or sizes that do not fit.
Tensor einsum(const std::string& equation, const Tensor& a, const Tensor& b);

/// That of one tensor, "abc->cb": axes summed that the result has not, the others in its order.
Tensor einsum(const std::string& equation, const Tensor& a);

}  // namespace hebb
