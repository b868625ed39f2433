#include "hebb/nn/losses/comparison.h"

#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

void check_comparable(const char* name, const Shape& y_true, const Shape& y_pred) {
  // Keras broadcasts; what comes of it is hardly ever what was meant.
  check_same_shapes(name, y_true, y_pred,
                    "Reshape the targets, or give the last layer as many units as there are target columns.");
}

Compared compared(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  check_comparable(name, y_true.shape(), y_pred.shape());
  Tensor predictions = as_floating(y_pred), targets = cast(y_true, predictions.dtype());
  make_same_rank(targets, predictions);
  return {targets, predictions};
}

Tensor mean_of_last(const Tensor& x) { return x.rank() == 0 ? x : mean(x, {.axes = {-1}}); }

Tensor kept_within(const Tensor& x, double low, double high) {
  // Not clip(): where x is a bound, maximum and minimum let half of the gradient through.
  return select(less(x, low), low, select(greater(x, high), high, x));
}

Tensor normalized(const Tensor& x, int64_t axis) {
  constexpr double epsilon = 1e-7;
  const Tensor squares = sum(square(x), {.axes = {axis}, .keepdims = true});
  // Under the bound the factor is constant; the root must not be seen there, whose gradient at 0 is infinite.
  const Tensor is_short = less(squares, epsilon * epsilon);
  return x * select(is_short, 1 / epsilon, rsqrt(select(is_short, 1.0, squares)));
}

}  // namespace hebb
