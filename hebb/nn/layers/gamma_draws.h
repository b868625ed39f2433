/// Random shares from the Beta and Dirichlet distributions, by numbers from Gamma: what layers that mix images draw.
/// Internal.
#pragma once

#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

/// Logarithms of numbers from Gamma(a), (rows, count). Marsaglia and Tsang 2000: Gamma(a + 1) from normal numbers, some
/// of which are refused, times a power of a uniform one; by logarithms, since for a small `a` (which is one number,
/// above 0) numbers are as good as 0. `next_state` is asked three times.
template <class NextState>
Tensor random_log_gamma(NextState&& next_state, int64_t rows, int64_t count, const Tensor& a) {
  // How often a candidate is drawn: the chance that none of them is taken is below 1e-10.
  constexpr int64_t candidates = 8;
  const Tensor d = a + 2.0 / 3, c = rsqrt(d * 9.0);
  const Tensor x = random_normal(next_state(), {candidates, rows, count});
  const Tensor u = 1.0 - random_uniform(next_state(), {candidates, rows, count});
  const Tensor root = c * x + 1.0, v = root * root * root, log_v = log(maximum(v, 1e-30));
  const Tensor is_taken =
      logical_and(greater(v, 0.0), less(log(u), square(x) * 0.5 + d - d * maximum(v, 0.0) + d * log_v));
  const auto candidate = [&](const Tensor& of, int64_t i) { return reshape(slice(of, {i}, {i + 1}), {rows, count}); };
  Tensor log_gamma = candidate(log_v, candidates - 1);
  for (int64_t i = candidates - 2; i >= 0; --i)
    log_gamma = select(candidate(is_taken, i), candidate(log_v, i), log_gamma);
  return log_gamma + log(1.0 - random_uniform(next_state(), {rows, count})) / a;
}

/// Numbers from Beta(a, a), (count,).
template <class NextState>
Tensor random_beta(NextState&& next_state, int64_t count, const Tensor& a) {
  const Tensor log_gamma = random_log_gamma(next_state, 2, count, a);
  return sigmoid(reshape(slice(log_gamma, {0}, {1}) - slice(log_gamma, {1}, {2}), {count}));
}

/// Shares (count,) that add up to 1, from Dirichlet(a, ..., a).
template <class NextState>
Tensor random_shares(NextState&& next_state, int64_t count, const Tensor& a) {
  const Tensor log_gamma = reshape(random_log_gamma(next_state, 1, count, a), {count});
  const Tensor gamma = exp(log_gamma - max(log_gamma));
  return gamma / sum(gamma);
}

}  // namespace hebb
