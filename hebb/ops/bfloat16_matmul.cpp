#include "hebb/ops/bfloat16_matmul.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

std::vector<Spec> Bfloat16Matmul::infer(std::span<const Spec> inputs) const {
  const Spec &x = inputs[0], &kernel = inputs[1];
  const bool fits = x.dtype == DType::float32 && kernel.dtype == DType::bfloat16 && x.shape.rank() == 2 &&
                    kernel.shape.rank() == 2 && x.shape[1] == kernel.shape[0] &&
                    inputs.size() == (has_bias_ ? 3u : 2u) &&
                    (!has_bias_ || inputs[2] == Spec{Shape{kernel.shape[1]}, DType::float32});
  if (!fits) {
    throw InvalidArgument(
        message("bfloat16_matmul: expected float32 (rows, n), bfloat16 (n, columns) and, with a bias, ",
                "float32 (columns,), got ", x, " and ", kernel, "."));
  }
  return {{Shape{x.shape[0], kernel.shape[1]}, DType::float32}};
}

Tensors Bfloat16Matmul::gradient(const GradientArgs& args) const { return Tensors(args.inputs.size()); }

}  // namespace hebb
