#include "hebb/nn/losses/alignment.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

AlignedShapes same_rank(const Shape& a, const Shape& b) {
  if (a.rank() == b.rank() + 1 && a.back() == 1) {
    if (b.rank() == 1) return {a, b.with_back(1)};
    return {a.without(-1), b};
  }
  if (b.rank() == a.rank() + 1 && b.back() == 1) {
    if (a.rank() == 1) return {a.with_back(1), b};
    return {a, b.without(-1)};
  }
  return {a, b};
}

void make_same_rank(Tensor& a, Tensor& b) {
  const AlignedShapes shapes = same_rank(a.shape(), b.shape());
  if (shapes.first != a.shape()) a = reshape(a, shapes.first);
  if (shapes.second != b.shape()) b = reshape(b, shapes.second);
}

Tensor weights_for(const Tensor& weights, const Shape& values, const std::string& what) {
  const Shape& shape = weights.shape();
  bool fits = shape.rank() <= values.rank();
  for (int i = 0; fits && i < shape.rank(); ++i) fits = shape[i] == values[i] || shape[i] == 1;
  if (!fits) {
    throw InvalidArgument(message(what, ": expected sample weights for values of shape ", values,
                                  ", got weights of shape ", shape,
                                  ". Give one weight for each example, or one for each value."));
  }
  if (shape.rank() == 0 || shape.rank() == values.rank()) return weights;
  Shape padded = shape;
  while (padded.rank() < values.rank()) padded = padded.with_back(1);
  return reshape(weights, padded);
}

Tensor divide_no_nan(const Tensor& a, const Tensor& b) {
  const Tensor zero = equal(b, 0.0);
  return select(zero, 0.0, a / select(zero, 1.0, b));
}

Tensor as_floating(const Tensor& x) { return is_floating(x.dtype()) ? x : cast(x, DType::float32); }

}  // namespace hebb
