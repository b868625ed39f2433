#include "hebb/ops/crossentropy.h"

#include <cmath>
#include <limits>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"

namespace hebb {

namespace {

/// Where a row of classes lies, and what is wanted of it: numbers, or a label.
template <class T, class Target>
struct Row {
  Row(const Axis& axis, int64_t index, const Target* targets)
      : first(index / axis.inner * axis.count * axis.inner + index % axis.inner), step(axis.inner) {
    if constexpr (std::is_same_v<T, Target>) {
      numbers = targets + first;
    } else {
      label = targets[index];
    }
  }
  double target(int64_t k) const { return numbers ? numbers[k * step] : k == label; }

  int64_t first, step, label = -1;
  const T* numbers = nullptr;
};

template <class T, class Target>
std::unique_ptr<Kernel> forward(const Axis& axis) {
  return plain_kernel([axis](const KernelArgs& args) {
    for (int64_t index = 0; index < axis.outer * axis.inner; ++index) {
      const Row<T, Target> row(axis, index, args.input<Target>(1));
      const T* x = args.input<T>(0) + row.first;
      T* p = args.output<T>(1) + row.first;
      double largest = -std::numeric_limits<double>::infinity(), sum = 0, loss = 0;
      for (int64_t k = 0; k < axis.count; ++k) largest = std::max<double>(largest, x[k * row.step]);
      for (int64_t k = 0; k < axis.count; ++k) sum += std::exp(x[k * row.step] - largest);
      for (int64_t k = 0; k < axis.count; ++k) {
        const double above = x[k * row.step] - largest;
        // Not 0 times the logarithm: that of another class's probability may be -infinity.
        if (row.numbers || k == row.label) loss -= row.target(k) * (above - std::log(sum));
        p[k * row.step] = static_cast<T>(std::exp(above) / sum);
      }
      args.output<T>(0)[index] = static_cast<T>(loss);
    }
  });
}

template <class T, class Target>
std::unique_ptr<Kernel> backward(const Axis& axis) {
  return plain_kernel(
      [axis](const KernelArgs& args) {
        for (int64_t index = 0; index < axis.outer * axis.inner; ++index) {
          const Row<T, Target> row(axis, index, args.input<Target>(1));
          const T* p = args.input<T>(0) + row.first;
          T* of_x = args.output<T>() + row.first;
          const double g = args.input<T>(2)[index];
          double total = 0;
          for (int64_t k = 0; k < axis.count; ++k) total += row.target(k);
          for (int64_t k = 0; k < axis.count; ++k)
            of_x[k * row.step] = static_cast<T>((total * p[k * row.step] - row.target(k)) * g);
        }
      },
      {.overwrites = 1});
}

/// Calls `make` with a zero of the logits' type and one of the targets'.
template <class Make>
std::unique_ptr<Kernel> with_types(const Call& call, Make make) {
  const auto with_targets = [&](auto zero) {
    switch (call.in[1].dtype) {
      case DType::int32: return make(zero, int32_t{});
      case DType::int64: return make(zero, int64_t{});
      default: return make(zero, zero);
    }
  };
  return call.in[0].dtype == DType::float32 ? with_targets(float{}) : with_targets(double{});
}

}  // namespace

std::unique_ptr<Kernel> make_reference_softmax_crossentropy(const Call& call, Refusal&) {
  const Axis axis(call.in[0].shape, static_cast<const SoftmaxCrossentropy&>(call.op).axis());
  return with_types(call, [&](auto x, auto target) { return forward<decltype(x), decltype(target)>(axis); });
}

std::unique_ptr<Kernel> make_reference_softmax_crossentropy_backward(const Call& call, Refusal&) {
  const Axis axis(call.in[0].shape, static_cast<const SoftmaxCrossentropyBackward&>(call.op).axis());
  return with_types(call, [&](auto x, auto target) { return backward<decltype(x), decltype(target)>(axis); });
}

}  // namespace hebb
