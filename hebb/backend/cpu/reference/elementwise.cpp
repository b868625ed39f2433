#include "hebb/ops/elementwise.h"
#include "hebb/ops/gelu.h"
#include "hebb/tensor/rounding.h"

#include <cmath>
#include <limits>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

/// Up to three operands, then the result.
template <size_t Arity>
using Loop = Walk<Arity + 1>;

template <size_t Arity>
using RunLoop = void (*)(const Loop<Arity>& loop, const KernelArgs& args);

template <class T, class Result, class F>
RunLoop<1> unary(F) {
  return [](const Loop<1>& loop, const KernelArgs& args) {
    loop.rows([&](auto at, int64_t count, auto step) {
      const T* x = args.input<T>(0) + at[0];
      Result* out = args.output<Result>() + at[1];
      for (int64_t i = 0; i < count; ++i) out[i * step[1]] = narrow<Result>(F{}(Wide<T>(x[i * step[0]])));
    });
  };
}

template <class T, class Result, class F>
RunLoop<2> binary(F) {
  return [](const Loop<2>& loop, const KernelArgs& args) {
    loop.rows([&](auto at, int64_t count, auto step) {
      const T *a = args.input<T>(0) + at[0], *b = args.input<T>(1) + at[1];
      Result* out = args.output<Result>() + at[2];
      for (int64_t i = 0; i < count; ++i) {
        out[i * step[2]] = narrow<Result>(F{}(Wide<T>(a[i * step[0]]), Wide<T>(b[i * step[1]])));
      }
    });
  };
}

template <class T>
void run_select(const Loop<3>& loop, const KernelArgs& args) {
  loop.rows([&](auto at, int64_t count, auto step) {
    const bool* condition = args.input<bool>(0) + at[0];
    const T *a = args.input<T>(1) + at[1], *b = args.input<T>(2) + at[2];
    T* out = args.output<T>() + at[3];
    for (int64_t i = 0; i < count; ++i) out[i * step[3]] = condition[i * step[0]] ? a[i * step[1]] : b[i * step[2]];
  });
}

template <class T>
RunLoop<1> find_unary(std::string_view name) {
  if constexpr (std::is_floating_point_v<T>) {
    if (name == "floor") return unary<T, T>([](double x) { return std::floor(x); });
    if (name == "ceil") return unary<T, T>([](double x) { return std::ceil(x); });
    if (name == "round") return unary<T, T>([](double x) { return std::nearbyint(x); });  // halves to even by default
    if (name == "round_to_bfloat16")
      return unary<T, T>([](double x) { return rounded_to_bfloat16(static_cast<float>(x)); });
    if (name == "round_to_float16")
      return unary<T, T>([](double x) { return rounded_to_float16(static_cast<float>(x)); });
    if (name == "sqrt") return unary<T, T>([](double x) { return std::sqrt(x); });
    if (name == "rsqrt") return unary<T, T>([](double x) { return 1 / std::sqrt(x); });
    if (name == "reciprocal") return unary<T, T>([](double x) { return 1 / x; });
    if (name == "exp") return unary<T, T>([](double x) { return std::exp(x); });
    if (name == "expm1") return unary<T, T>([](double x) { return std::expm1(x); });
    if (name == "log") return unary<T, T>([](double x) { return std::log(x); });
    if (name == "log1p") return unary<T, T>([](double x) { return std::log1p(x); });
    if (name == "sin") return unary<T, T>([](double x) { return std::sin(x); });
    if (name == "cos") return unary<T, T>([](double x) { return std::cos(x); });
    if (name == "tan") return unary<T, T>([](double x) { return std::tan(x); });
    if (name == "asin") return unary<T, T>([](double x) { return std::asin(x); });
    if (name == "acos") return unary<T, T>([](double x) { return std::acos(x); });
    if (name == "atan") return unary<T, T>([](double x) { return std::atan(x); });
    if (name == "sinh") return unary<T, T>([](double x) { return std::sinh(x); });
    if (name == "cosh") return unary<T, T>([](double x) { return std::cosh(x); });
    if (name == "asinh") return unary<T, T>([](double x) { return std::asinh(x); });
    if (name == "acosh") return unary<T, T>([](double x) { return std::acosh(x); });
    if (name == "atanh") return unary<T, T>([](double x) { return std::atanh(x); });
    if (name == "tanh") return unary<T, T>([](double x) { return std::tanh(x); });
    if (name == "sigmoid") return unary<T, T>([](double x) { return 1 / (1 + std::exp(-x)); });
    if (name == "erf") return unary<T, T>([](double x) { return std::erf(x); });
    if (name == "gelu") return unary<T, T>([](double x) { return gelu_of(x); });
    if (name == "gelu_derivative") return unary<T, T>([](double x) { return gelu_derivative_of(x); });
    if (name == "softplus")
      return unary<T, T>([](double x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x))); });
    if (name == "isnan") return unary<T, bool>([](double x) { return std::isnan(x); });
    if (name == "isfinite") return unary<T, bool>([](double x) { return std::isfinite(x); });
  }
  using W = Wide<T>;
  if (name == "negative") return unary<T, T>([](W x) { return -x; });
  if (name == "abs") return unary<T, T>([](W x) { return x <= 0 ? 0 - x : x; });  // 0 - x: not -0
  if (name == "sign") return unary<T, T>([](W x) { return x > 0 ? W(1) : x < 0 ? W(-1) : x; });
  if (name == "square") return unary<T, T>([](W x) { return x * x; });
  if (name == "relu") return unary<T, T>([](W x) { return x <= 0 ? W(0) : x; });  // NaN is not <= 0
  if constexpr (std::is_same_v<T, bool>) {
    if (name == "logical_not") return unary<T, bool>([](W x) { return x == 0; });
  }
  return nullptr;
}

template <class T>
RunLoop<2> find_binary(std::string_view name) {
  using W = Wide<T>;
  if (name == "add") return binary<T, T>([](W a, W b) { return a + b; });
  if (name == "subtract") return binary<T, T>([](W a, W b) { return a - b; });
  if (name == "multiply") return binary<T, T>([](W a, W b) { return a * b; });
  if (name == "maximum") return binary<T, T>([](W a, W b) { return a > b || a != a ? a : b; });
  if (name == "minimum") return binary<T, T>([](W a, W b) { return a < b || a != a ? a : b; });
  if (name == "equal") return binary<T, bool>([](W a, W b) { return a == b; });
  if (name == "not_equal") return binary<T, bool>([](W a, W b) { return a != b; });
  if (name == "less") return binary<T, bool>([](W a, W b) { return a < b; });
  if (name == "less_equal") return binary<T, bool>([](W a, W b) { return a <= b; });
  if (name == "greater") return binary<T, bool>([](W a, W b) { return a > b; });
  if (name == "greater_equal") return binary<T, bool>([](W a, W b) { return a >= b; });
  if constexpr (std::is_floating_point_v<T>) {
    if (name == "divide") return binary<T, T>([](double a, double b) { return a / b; });
    if (name == "power") return binary<T, T>([](double a, double b) { return std::pow(a, b); });
  }
  if constexpr (std::is_same_v<T, bool>) {
    if (name == "logical_and") return binary<T, bool>([](W a, W b) { return a != 0 && b != 0; });
    if (name == "logical_or") return binary<T, bool>([](W a, W b) { return a != 0 || b != 0; });
  }
  return nullptr;
}

template <size_t Arity>
std::unique_ptr<Kernel> loop_kernel(const Call& call, RunLoop<Arity> run) {
  if (!run) {
    throw InternalError(message("the reference kernels do not know the elementwise operation '", call.op.name(),
                                "' on ", call.in.back(), "."));
  }
  const Shape& shape = call.out[0].shape;
  std::array<Strides, Arity + 1> strides;
  unsigned replaceable = 0;
  for (size_t i = 0; i < Arity; ++i) {
    strides[i] = broadcast_strides(call.in[i].shape, shape);
    // Each element is read before the one at its place is written.
    if (call.in[i] == call.out[0]) replaceable |= 1u << i;
  }
  strides[Arity] = row_major(shape);
  const Loop<Arity> loop(shape, strides);
  return plain_kernel([loop, run](const KernelArgs& args) { run(loop, args); }, {.overwrites = replaceable});
}

/// Truncates; what the integer type cannot hold becomes its nearest value, and NaN 0.
template <class To, class From>
To converted(From value) {
  if constexpr (std::is_same_v<From, Bfloat16>) {
    return converted<To>(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, Bfloat16>) {
    return Bfloat16(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    // Both limits as powers of two: exact in every floating type.
    constexpr auto low = static_cast<From>(std::numeric_limits<To>::min());
    constexpr auto above = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * 2;
    if (value != value) return 0;
    if (value < low) return std::numeric_limits<To>::min();
    if (value >= above) return std::numeric_limits<To>::max();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

}  // namespace

std::unique_ptr<Kernel> make_reference_elementwise(const Call& call, Refusal&) {
  const std::string_view name = call.op.name();
  return with_type(call.in.back().dtype, [&](auto zero) {
    using T = decltype(zero);
    switch (call.in.size()) {
      case 1: return loop_kernel<1>(call, find_unary<T>(name));
      case 2: return loop_kernel<2>(call, find_binary<T>(name));
      default: return loop_kernel<3>(call, name == "select" ? run_select<T> : nullptr);
    }
  });
}

std::unique_ptr<Kernel> make_reference_cast(const Call& call, Refusal&) {
  const int64_t count = call.out[0].shape.elements();
  // Not in place between types of one size either: the compiler may assume that pointers to different types do not
  // meet.
  return with_any_type(call.in[0].dtype, [&](auto from) {
    return with_any_type(call.out[0].dtype, [&](auto to) {
      return plain_kernel([count](const KernelArgs& args) {
        using To = decltype(to);
        const auto* x = args.input<decltype(from)>(0);
        To* out = args.output<To>();
        for (int64_t i = 0; i < count; ++i) out[i] = converted<To>(x[i]);
      });
    });
  });
}

}  // namespace hebb
