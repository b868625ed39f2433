#include "hebb/backend/cpu/simd/conv_pointwise.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/backend/cpu/then_add.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"

namespace hebb::simd {

namespace {

/// All axes but the last as one: the pixels of all pictures as rows, a kernel as a matrix.
Spec as_matrix(const Spec& spec) {
  const int64_t columns = spec.shape.back();
  return {{spec.shape.elements() / columns, columns}, spec.dtype};
}

std::vector<Spec> as_matrices(std::span<const Spec> specs) {
  std::vector<Spec> out;
  for (const Spec& spec : specs) out.push_back(spec.shape.rank() > 1 ? as_matrix(spec) : spec);
  return out;
}

std::unique_ptr<Kernel> make_product(const Call& call, const MatmulOptions& options, Refusal& why) {
  const Matmul product(options);
  const std::vector<Spec> in = as_matrices(call.in), out = as_matrices(call.out);
  return make_simd_matmul({product, in, out}, why);
}

}  // namespace

bool is_pointwise(const ConvOptions& options, const Shape& kernel) {
  const auto all = [](const std::vector<int64_t>& values, int64_t wanted) {
    return std::all_of(values.begin(), values.end(), [=](int64_t value) { return value == wanted; });
  };
  for (int axis = 0; axis + 2 < kernel.rank(); ++axis) {
    if (kernel[axis] != 1) return false;
  }
  return options.groups == 1 && all(options.strides, 1) && all(options.low, 0) && all(options.high, 0);
}

std::unique_ptr<Kernel> make_pointwise_conv(const Call& call, Refusal& why) { return make_product(call, {}, why); }

std::unique_ptr<Kernel> make_pointwise_fused_conv(const Call& call, Refusal& why) {
  const auto& op = static_cast<const FusedProduct&>(call.op);
  std::vector<Spec> in = as_matrices(call.in);
  if (op.has_addend()) in.pop_back();
  const std::vector<Spec> out = as_matrices(call.out);
  const FusedProduct product(std::make_shared<Matmul>(MatmulOptions{}), op.has_bias(),
                             op.has_addend() ? std::string() : op.activation());
  auto kernel = make_simd_fused_matmul({product, in, out}, why);
  return op.has_addend() ? then_add(std::move(kernel), call, op.activation()) : std::move(kernel);
}

std::unique_ptr<Kernel> make_pointwise_backward_input(const Call& call, Refusal& why) {
  return make_product(call, {.transpose_b = true}, why);
}

}  // namespace hebb::simd
