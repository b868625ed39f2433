#include "hebb/nn/activation_table.h"

#include <limits>
#include <numbers>

#include "hebb/base/text.h"
#include "hebb/nn/activations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

std::string Continuity::text() const {
  if (order < 0) return "jumps";
  return is_infinite() ? "C-infinity" : message("C", order);
}

// One row a function reads better than what clang-format makes of it.
// clang-format off

namespace {

using In = const Tensor&;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Continuity jumps{-1}, kinks{0}, once{1}, smooth{Continuity::infinite};
constexpr bool rises = true, falls_too = false;  // monotonic or not

const ActivationRange everything{-infinity, infinity, "(-inf, inf)"};
const ActivationRange from_zero{0, infinity, "[0, inf)"};
const ActivationRange above_zero{0, infinity, "(0, inf)"};
const ActivationRange zero_to_one{0, 1, "[0, 1]"};
const ActivationRange within_zero_and_one{0, 1, "(0, 1)"};
const ActivationRange within_ones{-1, 1, "(-1, 1)"};
const ActivationRange below_zero{-infinity, 0, "(-inf, 0)"};
const ActivationRange zero_or_one{0, 1, "{0, 1}"};

/// Keras's own.
std::vector<ActivationRecord> keras_records() {
  constexpr bool along_axis = false, in_keras = true;
  // The least values of gelu, silu and mish are where their derivatives are zero, found numerically.
  return {
      {"celu", [](In x) { return celu(x); }, "ELU, smooth for every alpha", "max(x, 0) + exp(min(x, 0)) - 1", {-1, infinity, "(-1, inf)"}, once, rises, "Barron 2017"},
      {"elu", [](In x) { return elu(x); }, "exponential linear unit", "x above 0, exp(x) - 1 below", {-1, infinity, "(-1, inf)"}, once, rises, "Clevert, Unterthiner and Hochreiter 2016"},
      {"exponential", [](In x) { return exp(x); }, "exponential function", "exp(x)", above_zero, smooth, rises, "Nelder and Wedderburn 1972 (Poisson regression)"},
      {"gelu", [](In x) { return gelu(x); }, "Gaussian error linear unit", "x (1 + erf(x / sqrt(2))) / 2", {-0.169971, infinity, "[-0.170, inf)"}, smooth, falls_too, "Hendrycks and Gimpel 2016"},
      {"glu", [](In x) { return glu(x); }, "gated linear unit: halves the axis", "first half times sigmoid(second half)", everything, smooth, falls_too, "Dauphin et al. 2017", in_keras, along_axis},
      {"hard_shrink", [](In x) { return hard_shrink(x); }, "hard threshold", "x where |x| > 0.5, else 0", everything, jumps, rises, "Donoho and Johnstone 1994"},
      {"hard_sigmoid", [](In x) { return hard_sigmoid(x); }, "piecewise linear sigmoid", "x / 6 + 1/2, cut off at 0 and 1", zero_to_one, kinks, rises, "Howard et al. 2019"},
      {"hard_silu", [](In x) { return hard_silu(x); }, "piecewise quadratic SiLU", "x hard_sigmoid(x)", {-0.375, infinity, "[-0.375, inf)"}, kinks, falls_too, "Howard et al. 2019"},
      {"hard_swish", [](In x) { return hard_silu(x); }, "another name of hard_silu", "x hard_sigmoid(x)", {-0.375, infinity, "[-0.375, inf)"}, kinks, falls_too, "Howard et al. 2019", in_keras, true, "hard_silu"},
      {"hard_tanh", [](In x) { return hard_tanh(x); }, "piecewise linear tanh", "x, cut off at -1 and 1", {-1, 1, "[-1, 1]"}, kinks, rises, "Collobert 2004"},
      {"leaky_relu", [](In x) { return leaky_relu(x); }, "ReLU with a slope below 0", "x above 0, 0.2 x below", everything, kinks, rises, "Maas, Hannun and Ng 2013"},
      {"linear", [](In x) { return linear(x); }, "the identity", "x", everything, smooth, rises, "Widrow and Hoff 1960"},
      {"log_sigmoid", [](In x) { return log_sigmoid(x); }, "logarithm of the sigmoid", "-log(1 + exp(-x))", below_zero, smooth, rises, "Cox 1958 (logistic regression)"},
      {"log_softmax", [](In x) { return log_softmax(x); }, "logarithm of the softmax", "x - log(sum(exp(x)))", below_zero, smooth, falls_too, "Bridle 1990", in_keras, along_axis},
      {"mish", [](In x) { return mish(x); }, "self-gated softplus", "x tanh(log(1 + exp(x)))", {-0.308843, infinity, "[-0.309, inf)"}, smooth, falls_too, "Misra 2019"},
      {"relu", [](In x) { return relu(x); }, "rectified linear unit", "max(x, 0)", from_zero, kinks, rises, "Fukushima 1969; Nair and Hinton 2010"},
      {"relu6", [](In x) { return relu6(x); }, "ReLU cut off at 6", "min(max(x, 0), 6)", {0, 6, "[0, 6]"}, kinks, rises, "Krizhevsky 2010"},
      {"selu", [](In x) { return selu(x); }, "ELU that keeps mean and variance", "1.0507 x above 0, 1.7581 (exp(x) - 1) below", {-1.758099, infinity, "(-1.758, inf)"}, kinks, rises, "Klambauer et al. 2017"},
      {"sigmoid", [](In x) { return sigmoid(x); }, "logistic function", "1 / (1 + exp(-x))", within_zero_and_one, smooth, rises, "Verhulst 1845; Rumelhart, Hinton and Williams 1986"},
      {"silu", [](In x) { return silu(x); }, "sigmoid linear unit", "x / (1 + exp(-x))", {-0.278465, infinity, "[-0.278, inf)"}, smooth, falls_too, "Hendrycks and Gimpel 2016; Elfwing, Uchibe and Doya 2018"},
      {"soft_shrink", [](In x) { return soft_shrink(x); }, "soft threshold", "sign(x) max(|x| - 0.5, 0)", everything, kinks, rises, "Donoho 1995"},
      {"softmax", [](In x) { return softmax(x); }, "a distribution over the classes", "exp(x) / sum(exp(x))", within_zero_and_one, smooth, falls_too, "Bridle 1990", in_keras, along_axis},
      {"softplus", [](In x) { return softplus(x); }, "smooth ReLU", "log(1 + exp(x))", above_zero, smooth, rises, "Dugas et al. 2001"},
      {"softsign", [](In x) { return softsign(x); }, "sigmoid with slow tails", "x / (1 + |x|)", within_ones, once, rises, "Elliott 1993; Turian, Bergstra and Bengio 2009"},
      {"sparse_plus", [](In x) { return sparse_plus(x); }, "the integral of sparse_sigmoid", "0 below -1, (x + 1)^2 / 4 between, x above 1", from_zero, once, rises, "Blondel, Martins and Niculae 2020"},
      {"sparse_sigmoid", [](In x) { return sparse_sigmoid(x); }, "sparsemax of x and 0", "(x + 1) / 2, cut off at 0 and 1", zero_to_one, kinks, rises, "Martins and Astudillo 2016; Blondel, Martins and Niculae 2020"},
      {"sparsemax", [](In x) { return sparsemax(x); }, "the nearest distribution", "argmin over distributions p of |p - x|", zero_to_one, kinks, falls_too, "Martins and Astudillo 2016", in_keras, along_axis},
      {"squareplus", [](In x) { return squareplus(x); }, "smooth ReLU without exp", "(x + sqrt(x^2 + 4)) / 2", above_zero, smooth, rises, "Barron 2021"},
      {"swish", [](In x) { return silu(x); }, "another name of silu", "x / (1 + exp(-x))", {-0.278465, infinity, "[-0.278, inf)"}, smooth, falls_too, "Ramachandran, Zoph and Le 2017", in_keras, true, "silu"},
      {"tanh", [](In x) { return tanh(x); }, "hyperbolic tangent", "(exp(x) - exp(-x)) / (exp(x) + exp(-x))", within_ones, smooth, rises, "LeCun et al. 1998"},
      {"tanh_shrink", [](In x) { return tanh_shrink(x); }, "what tanh takes away", "x - tanh(x)", everything, smooth, rises, "Collobert, Kavukcuoglu and Farabet 2011 (Torch7)"},
  };
}

/// Other names of Keras's, which files get, and what Keras has not.
std::vector<ActivationRecord> own_records() {
  constexpr bool own = false, along_axis = false;
  constexpr double half_pi = std::numbers::pi / 2;
  return {
      {"arctan", [](In x) { return atan(x); }, "inverse tangent", "arctan(x)", {-half_pi, half_pi, "(-pi/2, pi/2)"}, smooth, rises, "unknown; compared: Pervan Akman et al. 2025", own},
      {"argmax", one_hot_argmax, "winner takes all; gradient 0", "1 at the largest, else 0", zero_or_one, jumps, falls_too, "Feldman and Ballard 1982 (winner takes all)", own, along_axis},
      {"arsinh", [](In x) { return asinh(x); }, "inverse hyperbolic sine", "log(x + sqrt(x^2 + 1))", everything, smooth, rises, "Johnson 1949 (as a transformation)", own},
      {"bent_identity", bent_identity, "identity, less steep below 0", "(sqrt(x^2 + 1) - 1) / 2 + x", everything, smooth, rises, "unknown; its bend: Charbonnier et al. 1994", own},
      {"binary_step", binary_step, "threshold; gradient 0", "1 from 0 on, else 0", zero_or_one, jumps, rises, "McCulloch and Pitts 1943", own},
      {"erf", [](In x) { return erf(x); }, "error function", "2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x", within_ones, smooth, rises, "Glaisher 1871; Bliss 1934 (probits)", own},
      {"gaussian", gaussian, "bell", "exp(-x^2)", {0, 1, "(0, 1]"}, smooth, falls_too, "Broomhead and Lowe 1988", own},
      {"identity", [](In x) { return linear(x); }, "another name of linear", "x", everything, smooth, rises, "Widrow and Hoff 1960", true, true, "linear"},
      {"logistic", [](In x) { return sigmoid(x); }, "another name of sigmoid", "1 / (1 + exp(-x))", within_zero_and_one, smooth, rises, "Verhulst 1845; Rumelhart, Hinton and Williams 1986", true, true, "sigmoid"},
      {"sign", [](In x) { return sign(x); }, "threshold; gradient 0", "-1 below 0, 0 at 0, 1 above", {-1, 1, "{-1, 0, 1}"}, jumps, rises, "Widrow and Hoff 1960", own},
      {"sinc", sinc, "sine that fades", "sin(x) / x, 1 at 0", {-0.217234, 1, "[-0.217, 1]"}, smooth, falls_too, "Woodward and Davies 1952", own},
      {"sinusoid", [](In x) { return sin(x); }, "sine", "sin(x)", {-1, 1, "[-1, 1]"}, smooth, falls_too, "Gashler and Ashmore 2014", own},
  };
}

}  // namespace

const std::vector<ActivationRecord>& activation_records() {
  static const std::vector<ActivationRecord> records = [] {
    std::vector<ActivationRecord> all = keras_records();
    for (ActivationRecord& record : own_records()) all.push_back(std::move(record));
    return all;
  }();
  return records;
}

const std::vector<ActivationRecord>& learned_activation_records() {
  constexpr bool own = false;
  static const std::vector<ActivationRecord> records = {
      {"PReLU", [](In x) { return leaky_relu(x, 0.25); }, "ReLU whose slope below 0 is learned", "x above 0, alpha x below (here alpha = 0.25)", everything, kinks, rises, "He et al. 2015"},
      {"SoftExponential", [](In x) { return soft_exponential(x, 0.5); }, "from logarithm over identity to exponential", "(exp(alpha x) - 1) / alpha + alpha for alpha > 0, x for 0, -log(1 - alpha (x + alpha)) / alpha for alpha < 0 (here alpha = 0.5)", {-1.5, infinity, "(alpha - 1/alpha, inf) for alpha > 0"}, smooth, rises, "Godfrey and Gashler 2015", own},
      {"PiecewiseLinear", [](In x) { return piecewise_linear(x, cast(Tensor{0.6f, -0.9f}, x.dtype()), cast(Tensor{1.f, -1.f}, x.dtype())); }, "adaptive piecewise linear unit", "max(x, 0) + sum of a_s max(0, b_s - x) (here a = 0.6, -0.9, b = 1, -1)", everything, kinks, falls_too, "Agostinelli et al. 2015", own},
      {"Maxout", [](In x) { return maximum(maximum(x * -0.6 - 1.0, x * 0.2), x - 0.8); }, "the largest of several linear units", "max over k of w_k x + b_k (here -0.6 x - 1, 0.2 x, x - 0.8)", everything, kinks, falls_too, "Goodfellow et al. 2013", own},
  };
  return records;
}

// clang-format on

}  // namespace hebb
