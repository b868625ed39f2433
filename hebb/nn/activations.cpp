#include "hebb/nn/activations.h"

#include <iterator>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

// Where a function has branches they are put together with `select`, which sends the gradient to the branch that was
// taken; an argument of exp is cut off first in the branch that is not, since 0 times an infinite derivative is not a
// number.

Tensor relu(const Tensor& x, const ReluParameters& parameters) {
  const auto& [slope, max_value, threshold] = parameters;
  if (slope != 0 && !max_value && threshold == 0) return leaky_relu(x, slope);
  Tensor y;
  if (threshold != 0) {
    y = select(greater(x, threshold), x, 0.0);
  } else if (max_value && *max_value == 6) {
    y = relu6(x);
  } else {
    y = relu(x);
  }
  // Keras's clip passes the gradient at its bounds.
  if (max_value && !(threshold == 0 && *max_value == 6)) {
    y = select(greater(y, *max_value), *max_value, select(less(y, 0.0), 0.0, y));
  }
  return slope == 0 ? y : y - relu(threshold - x) * slope;
}

Tensor relu6(const Tensor& x) { return select(greater_equal(x, 6.0), 6.0, relu(x)); }

Tensor leaky_relu(const Tensor& x, double negative_slope) { return select(greater(x, 0.0), x, x * negative_slope); }

Tensor elu(const Tensor& x, double alpha) {
  const Tensor positive = greater(x, 0.0);
  const Tensor negative_part = expm1(select(positive, 0.0, x));
  return select(positive, x, alpha == 1 ? negative_part : negative_part * alpha);
}

Tensor selu(const Tensor& x) {
  constexpr double alpha = 1.6732632423543772, scale = 1.0507009873554805;  // Klambauer et al. 2017, equation 14
  const Tensor negative = less(x, 0.0);
  return select(negative, expm1(select(negative, x, 0.0)) * (scale * alpha), x * scale);
}

Tensor celu(const Tensor& x, double alpha) {
  // Keras's gradient at 0 is that of both branches: 2.
  const Tensor positive_part = select(greater_equal(x, 0.0), x, 0.0),
               negative_part = select(less_equal(x, 0.0), x, 0.0);
  return positive_part + expm1(negative_part / alpha) * alpha;
}

Tensor gelu(const Tensor& x, bool approximate) {
  if (!approximate) return gelu(x);
  constexpr double scale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;  // sqrt(2 / pi)
  return x * 0.5 * (tanh((x + x * square(x) * 0.044715) * scale) + 1.0);
}

Tensor silu(const Tensor& x) { return x * sigmoid(x); }

Tensor mish(const Tensor& x) { return x * tanh(softplus(x)); }

Tensor softsign(const Tensor& x) { return x / (abs(x) + 1.0); }

Tensor squareplus(const Tensor& x, double b) { return (x + sqrt(square(x) + b)) * 0.5; }

Tensor soft_shrink(const Tensor& x, double threshold) {
  return select(greater(x, threshold), x - threshold, select(less(x, -threshold), x + threshold, 0.0));
}

Tensor hard_shrink(const Tensor& x, double threshold) { return select(greater(abs(x), threshold), x, 0.0); }

Tensor tanh_shrink(const Tensor& x) { return x - tanh(x); }

Tensor sparse_plus(const Tensor& x) {
  return select(less_equal(x, -1.0), 0.0, select(less(x, 1.0), square(x + 1.0) * 0.25, x));
}

Tensor sparse_sigmoid(const Tensor& x) {
  return select(less_equal(x, -1.0), 0.0, select(greater_equal(x, 1.0), 1.0, (x + 1.0) * 0.5));
}

Tensor hard_sigmoid(const Tensor& x) { return relu6(x + 3.0) / 6.0; }

Tensor hard_silu(const Tensor& x) { return x * hard_sigmoid(x); }

Tensor hard_tanh(const Tensor& x) { return select(greater(x, 1.0), 1.0, select(less(x, -1.0), -1.0, x)); }

Tensor log_sigmoid(const Tensor& x) { return -softplus(-x); }

Tensor exponential(const Tensor& x) { return exp(x); }

Tensor linear(const Tensor& x) { return x; }

Tensor threshold(const Tensor& x, double threshold, double default_value) {
  return select(greater(x, threshold), x, default_value);
}

Tensor glu(const Tensor& x, int64_t axis) {
  const int split = normalize_axis(axis, x.rank(), "glu");
  const int64_t size = x.shape()[split];
  if (size % 2 != 0) {
    throw InvalidArgument(
        message("glu: expected an even number of elements along axis ", split, ", got ", x.shape(), "."));
  }
  std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), end = x.shape().to_vector();
  end[static_cast<size_t>(split)] = size / 2;
  const Tensor first = slice(x, begin, end);
  begin[static_cast<size_t>(split)] = size / 2;
  end[static_cast<size_t>(split)] = size;
  return first * sigmoid(slice(x, begin, end));
}

Tensor sparsemax(const Tensor& x, int64_t axis) {
  const int along = normalize_axis(axis, x.rank(), "sparsemax");
  const int last = x.rank() - 1;
  std::vector<int64_t> order(static_cast<size_t>(x.rank()));
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  std::swap(order[static_cast<size_t>(along)], order[static_cast<size_t>(last)]);
  const Tensor z = along == last ? x : transpose(x, order);
  // An element is in the support when 1 + k z > the sum of the k elements that are at least as large (equation 11).
  // Counting pairs instead of sorting takes size^2 comparisons, in operations that fuse.
  const Tensor values = stop_gradient(z);
  const Tensor others = expand_dims(values, -2);                                          // (..., 1, n)
  const Tensor larger = cast(greater_equal(others, expand_dims(values, -1)), x.dtype());  // (..., n, n)
  const Tensor counts = sum(larger, {.axes = {-1}}), sums = sum(larger * others, {.axes = {-1}});
  const Tensor support = greater(counts * values + 1.0, sums);
  const ReduceOptions rows{.axes = {-1}, .keepdims = true};
  const Tensor tau = (sum(select(support, z, 0.0), rows) - 1.0) / sum(cast(support, x.dtype()), rows);
  const Tensor y = relu(z - tau);
  return along == last ? y : transpose(y, order);
}

// ------------------------------------------------------------------------------------------------------- not Keras's

Tensor binary_step(const Tensor& x) {
  const DType dtype = is_floating(x.dtype()) ? x.dtype() : DType::float32;
  return cast(greater_equal(x, 0.0), dtype);
}

Tensor one_hot_argmax(const Tensor& x) {
  const DType dtype = is_floating(x.dtype()) ? x.dtype() : DType::float32;
  return one_hot(argmax(x, -1), x.shape().back(), dtype);
}

Tensor bent_identity(const Tensor& x) { return (sqrt(square(x) + 1.0) - 1.0) * 0.5 + x; }

namespace {

/// c0 + c1 x + c2 x^2 + ... after Horner.
Tensor polynomial(const Tensor& x, std::initializer_list<double> coefficients) {
  auto c = std::rbegin(coefficients);
  Tensor y = x * *c;
  while (++c != std::prev(std::rend(coefficients))) y = (y + *c) * x;
  return y + *c;
}

}  // namespace

Tensor sinc(const Tensor& x) {
  // Near 0 the quotient's derivative would be a difference of almost equal numbers, so the series stands there: for
  // |x| < 1/2 what it leaves out is below 1e-16.
  const Tensor near_zero = less(abs(x), 0.5);
  const Tensor small = select(near_zero, x, 0.0), large = select(near_zero, 1.0, x);
  const Tensor series =
      polynomial(square(small), {1, -1. / 6, 1. / 120, -1. / 5040, 1. / 362880, -1. / 39916800, 1. / 6227020800});
  return select(near_zero, series, sin(large) / large);
}

Tensor gaussian(const Tensor& x) { return exp(-square(x)); }

Tensor soft_exponential(const Tensor& x, const Tensor& alpha) {
  // Both branches are x times a function of t that is 1 at t = 0, where its quotient has no value: the series there
  // gives alpha = 0 its value and its gradient.
  const Tensor below = less(alpha, 0.0);
  // alpha >= 0: x phi(alpha x) + alpha with phi(t) = (exp(t) - 1) / t.
  const Tensor grown = select(below, 0.0, alpha * x);
  const Tensor grown_small = less(abs(grown), 1e-2), grown_large = select(grown_small, 1.0, grown);
  const Tensor phi =
      select(grown_small, polynomial(select(grown_small, grown, 0.0), {1, 1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720}),
             expm1(grown_large) / grown_large);
  // alpha < 0: z psi(t) with z = x + alpha, t = -alpha z, psi(t) = log(1 + t) / t.
  const Tensor z = x + alpha;
  const Tensor inside = select(below, -(alpha * z), 0.0);
  const Tensor exists = greater(inside, -1.0 + 1e-6);
  const Tensor t = select(exists, inside, -1.0 + 1e-6);
  const Tensor t_small = less(abs(t), 1e-2), t_large = select(t_small, 1.0, t);
  const Tensor psi =
      select(t_small, polynomial(select(t_small, t, 0.0), {1, -1. / 2, 1. / 3, -1. / 4, 1. / 5, -1. / 6, 1. / 7}),
             log1p(t_large) / t_large);
  // Where the logarithm does not exist, x is replaced by where it would be t: z = -t / alpha.
  const Tensor safe_alpha = select(below, alpha, -1.0);
  const Tensor z_cut = select(exists, z, -t / safe_alpha);
  return select(below, z_cut * psi, x * phi + alpha);
}

Tensor soft_exponential(const Tensor& x, double alpha) { return soft_exponential(x, Tensor::scalar(alpha, x.dtype())); }

Tensor piecewise_linear(const Tensor& x, const Tensor& slopes, const Tensor& hinges) {
  // x: (..., features)
  Tensor y = relu(x);
  const int64_t pieces = slopes.shape().front();
  const bool of_features = slopes.rank() == 2;
  for (int64_t s = 0; s < pieces; ++s) {
    auto row = [&](const Tensor& all) {
      return reshape(slice(all, {s}, {s + 1}), of_features ? Shape{all.shape().back()} : Shape{});
    };
    y = y + row(slopes) * relu(row(hinges) - x);
  }
  return y;
}

}  // namespace hebb
