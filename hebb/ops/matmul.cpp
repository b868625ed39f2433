#include "hebb/ops/matmul.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

std::vector<Spec> Matmul::infer(std::span<const Spec> inputs) const {
  const Spec &a = inputs[0], &b = inputs[1];
  const int rank = a.shape.rank();
  const bool fits = rank >= 2 && b.shape.rank() == rank && a.dtype == b.dtype && is_floating(a.dtype) &&
                    a.shape.sub(0, rank - 2) == b.shape.sub(0, rank - 2) &&
                    a.shape[transpose_a() ? -2 : -1] == b.shape[transpose_b() ? -1 : -2];
  if (!fits) {
    throw InvalidArgument(
        message("matmul: expected the columns of the first to be as many as the rows of the second, got ", a,
                transpose_a() ? " (transposed)" : "", " and ", b, transpose_b() ? " (transposed)" : "", "."));
  }
  Shape out = a.shape;
  out[-2] = a.shape[transpose_a() ? -1 : -2];
  out[-1] = b.shape[transpose_b() ? -2 : -1];
  return {Spec{out, a.dtype}};
}

Tensors Matmul::gradient(const GradientArgs& args) const {
  const Tensor &a = args.inputs[0], &b = args.inputs[1], &g = args.output_gradients[0];
  const bool ta = transpose_a(), tb = transpose_b();
  Tensor da, db;
  if (args.wanted[0]) da = ta ? matmul(b, g, {tb, true}) : matmul(g, b, {false, !tb});
  if (args.wanted[1]) db = tb ? matmul(g, a, {true, ta}) : matmul(a, g, {!ta, false});
  return {da, db};
}

Tensor matmul(const Tensor& a, const Tensor& b, MatmulOptions options) {
  if (a.rank() == 0 || b.rank() == 0) {
    throw InvalidArgument(
        message("matmul: expected matrices or vectors, got ", a.spec(), " and ", b.spec(), ". Use * for numbers."));
  }
  if (a.rank() == 1) {
    const Tensor row = matmul(reshape(a, {1, a.size()}), b, {false, options.transpose_b});
    return squeeze(row, b.rank() == 1 ? -1 : -2);
  }
  if (b.rank() == 1) return squeeze(matmul(a, reshape(b, {b.size(), 1}), {options.transpose_a, false}), -1);
  DType common = promote(a.dtype(), b.dtype());
  if (!is_floating(common)) common = DType::float32;
  Tensor x = cast(a, common), y = cast(b, common);
  if (y.rank() == 2 && x.rank() > 2 && !options.transpose_a) {
    // One matrix for the whole batch: a single large product.
    const Tensor rows = reshape(x, {-1, x.shape().back()});
    const Tensor out = apply_one(std::make_shared<Matmul>(options), {rows, y});
    Shape shape = x.shape();
    shape[-1] = out.shape().back();
    return reshape(out, shape);
  }
  const Shape batch = broadcast_shapes(x.shape().sub(0, x.rank() - 2), y.shape().sub(0, y.rank() - 2));
  auto with_batch = [&](const Tensor& t) {
    return broadcast_to(t, batch.with_back(t.shape()[-2]).with_back(t.shape()[-1]));
  };
  return apply_one(std::make_shared<Matmul>(options), {with_batch(x), with_batch(y)});
}

}  // namespace hebb
