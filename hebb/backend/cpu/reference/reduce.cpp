#include "hebb/ops/reduce.h"

#include <cmath>
#include <limits>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"

namespace hebb {

namespace {

template <class W>
W lowest() {
  return std::is_floating_point_v<W> ? -std::numeric_limits<W>::infinity() : std::numeric_limits<W>::min();
}

template <class W>
W highest() {
  return std::is_floating_point_v<W> ? std::numeric_limits<W>::infinity() : std::numeric_limits<W>::max();
}

/// One accumulator for each element of the output; the input is read once, in its order.
/// `Sum` is what is accumulated: unsigned integers wrap around without being undefined.
template <class T, class Result, class Sum, class F>
std::unique_ptr<Kernel> fold(const Call& call, Sum start, F) {
  const auto& op = static_cast<const Reduce&>(call.op);
  const Shape& shape = call.in[0].shape;
  Shape kept = shape;
  for (int64_t axis : op.axes()) kept[static_cast<int>(axis)] = 1;
  const Walk<2> walk(shape, {row_major(shape), broadcast_strides(kept, shape)});
  const int64_t results = call.out[0].shape.elements();
  return plain_kernel(
      [walk, results, start](const KernelArgs& args) {
        const T* x = args.input<T>(0);
        auto* sums = reinterpret_cast<Sum*>(args.scratch);
        std::fill_n(sums, results, start);
        walk.rows([&](auto at, int64_t count, auto step) {
          for (int64_t i = 0; i < count; ++i) {
            Sum& sum = sums[at[1] + i * step[1]];
            sum = F{}(sum, static_cast<Sum>(x[at[0] + i * step[0]]));
          }
        });
        for (int64_t i = 0; i < results; ++i) args.output<Result>()[i] = narrow<Result>(sums[i]);
      },
      {.scratch_bytes = results * static_cast<int64_t>(sizeof(Sum))});
}

}  // namespace

std::unique_ptr<Kernel> make_reference_reduce(const Call& call, Refusal&) {
  return with_type(call.in[0].dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    using T = decltype(zero);
    using Result = std::conditional_t<std::is_same_v<T, bool>, int32_t, T>;
    using Sum = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
    using Order = std::conditional_t<std::is_floating_point_v<T>, double, int64_t>;
    switch (static_cast<const Reduce&>(call.op).kind()) {
      case Reduce::Kind::sum: return fold<T, Result>(call, Sum(0), [](Sum sum, Sum x) { return sum + x; });
      case Reduce::Kind::prod: return fold<T, Result>(call, Sum(1), [](Sum product, Sum x) { return product * x; });
      case Reduce::Kind::max:
        return fold<T, T>(call, lowest<Order>(), [](Order best, Order x) { return x > best || x != x ? x : best; });
      case Reduce::Kind::min: break;
    }
    return fold<T, T>(call, highest<Order>(), [](Order best, Order x) { return x < best || x != x ? x : best; });
  });
}

std::unique_ptr<Kernel> make_reference_arg_reduce(const Call& call, Refusal&) {
  const auto& op = static_cast<const ArgReduce&>(call.op);
  const Axis axis(call.in[0].shape, op.axis());
  return with_type(call.in[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    return plain_kernel([axis, maximum = op.is_maximum()](const KernelArgs& args) {
      for (int64_t o = 0; o < axis.outer; ++o) {
        for (int64_t i = 0; i < axis.inner; ++i) {
          const T* x = args.input<T>(0) + o * axis.count * axis.inner + i;
          int64_t best = 0;
          for (int64_t k = 1; k < axis.count; ++k) {
            const T now = x[k * axis.inner], then = x[best * axis.inner];
            if (then != then) break;  // the first NaN is the extreme, as in NumPy
            if ((maximum ? now > then : now < then) || now != now) best = k;
          }
          args.output<int64_t>()[o * axis.inner + i] = best;
        }
      }
    });
  });
}

std::unique_ptr<Kernel> make_reference_softmax(const Call& call, Refusal&) {
  const auto& op = static_cast<const SoftmaxOp&>(call.op);
  const Axis axis(call.in[0].shape, op.axis());
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    return plain_kernel(
        [axis, logarithm = op.is_logarithm()](const KernelArgs& args) {
          for (int64_t o = 0; o < axis.outer; ++o) {
            for (int64_t i = 0; i < axis.inner; ++i) {
              const int64_t first = o * axis.count * axis.inner + i;
              const T* x = args.input<T>(0) + first;
              T* out = args.output<T>() + first;
              double largest = -std::numeric_limits<double>::infinity();
              for (int64_t k = 0; k < axis.count; ++k) largest = std::max<double>(largest, x[k * axis.inner]);
              double sum = 0;
              for (int64_t k = 0; k < axis.count; ++k) sum += std::exp(x[k * axis.inner] - largest);
              for (int64_t k = 0; k < axis.count; ++k) {
                const double above = x[k * axis.inner] - largest;
                out[k * axis.inner] = static_cast<T>(logarithm ? above - std::log(sum) : std::exp(above) / sum);
              }
            }
          }
        },
        {.overwrites = 1});
  };
  return call.in[0].dtype == DType::float32 ? run(float{}) : run(double{});
}

}  // namespace hebb
