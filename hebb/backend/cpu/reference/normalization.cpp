#include "hebb/ops/normalization.h"

#include <cmath>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"

namespace hebb {

namespace {

/// What a row is normalised by.
struct Statistics {
  template <class T>
  Statistics(const T* row, int64_t length, double epsilon) {
    for (int64_t i = 0; i < length; ++i) mean += row[i];
    mean /= static_cast<double>(length);
    double squares = 0;
    for (int64_t i = 0; i < length; ++i) squares += (row[i] - mean) * (row[i] - mean);
    factor = 1 / std::sqrt(squares / static_cast<double>(length) + epsilon);
  }
  double mean = 0, factor;
};

struct Rows {
  explicit Rows(const Shape& x) : length(x.back()), rows(length == 0 ? 0 : x.elements() / length) {}
  int64_t length, rows;
};

template <class T>
std::unique_ptr<Kernel> forward(const Rows& z, double epsilon) {
  return plain_kernel(
      [z, epsilon](const KernelArgs& args) {
        const T *gamma = args.input<T>(1), *beta = args.input<T>(2);
        for (int64_t row = 0; row < z.rows; ++row) {
          const T* x = args.input<T>(0) + row * z.length;
          T* y = args.output<T>() + row * z.length;
          const Statistics s(x, z.length, epsilon);
          for (int64_t i = 0; i < z.length; ++i) y[i] = static_cast<T>((x[i] - s.mean) * s.factor * gamma[i] + beta[i]);
        }
      },
      {.overwrites = 1});
}

template <class T>
std::unique_ptr<Kernel> backward(const Rows& z, double epsilon) {
  return plain_kernel(
      [z, epsilon](const KernelArgs& args) {
        const T* gamma = args.input<T>(1);
        auto *of_gamma = reinterpret_cast<double*>(args.scratch), *of_beta = of_gamma + z.length;
        std::fill(of_gamma, of_gamma + 2 * z.length, 0.0);
        const auto length = static_cast<double>(z.length);
        for (int64_t row = 0; row < z.rows; ++row) {
          const T *x = args.input<T>(0) + row * z.length, *g = args.input<T>(2) + row * z.length;
          T* of_x = args.output<T>(0) + row * z.length;
          const Statistics s(x, z.length, epsilon);
          const auto normal = [&](int64_t i) { return (x[i] - s.mean) * s.factor; };
          double sum = 0, products = 0;
          for (int64_t i = 0; i < z.length; ++i) {
            const double h = static_cast<double>(g[i]) * gamma[i];
            sum += h;
            products += h * normal(i);
            of_gamma[i] += g[i] * normal(i);
            of_beta[i] += g[i];
          }
          for (int64_t i = 0; i < z.length; ++i) {
            const double h = static_cast<double>(g[i]) * gamma[i];
            of_x[i] = static_cast<T>(s.factor * (h - sum / length - normal(i) * products / length));
          }
        }
        for (int64_t i = 0; i < z.length; ++i) {
          args.output<T>(1)[i] = static_cast<T>(of_gamma[i]);
          args.output<T>(2)[i] = static_cast<T>(of_beta[i]);
        }
      },
      {.scratch_bytes = 2 * z.length * static_cast<int64_t>(sizeof(double))});
}

template <class T>
std::unique_ptr<Kernel> moments(const Axis& z) {
  return plain_kernel(
      [z](const KernelArgs& args) {
        auto *means = reinterpret_cast<double*>(args.scratch), *squares = means + z.count;
        std::fill(means, means + 2 * z.count, 0.0);
        const auto number = static_cast<double>(z.outer * z.inner);
        const auto for_each = [&](auto body) {
          const T* x = args.input<T>(0);
          for (int64_t o = 0; o < z.outer; ++o) {
            for (int64_t c = 0; c < z.count; ++c) {
              for (int64_t i = 0; i < z.inner; ++i) body(c, static_cast<double>(*x++));
            }
          }
        };
        for_each([&](int64_t c, double x) { means[c] += x; });
        for (int64_t c = 0; c < z.count; ++c) means[c] /= number;
        for_each([&](int64_t c, double x) { squares[c] += (x - means[c]) * (x - means[c]); });
        for (int64_t c = 0; c < z.count; ++c) {
          args.output<T>(0)[c] = static_cast<T>(means[c]);
          args.output<T>(1)[c] = static_cast<T>(squares[c] / number);
        }
      },
      {.scratch_bytes = 2 * z.count * static_cast<int64_t>(sizeof(double))});
}

}  // namespace

std::unique_ptr<Kernel> make_reference_layer_normalization(const Call& call, Refusal&) {
  const Rows rows(call.in[0].shape);
  const double epsilon = static_cast<const LayerNormalizationOp&>(call.op).epsilon();
  return call.in[0].dtype == DType::float32 ? forward<float>(rows, epsilon) : forward<double>(rows, epsilon);
}

std::unique_ptr<Kernel> make_reference_layer_normalization_backward(const Call& call, Refusal&) {
  const Rows rows(call.in[0].shape);
  const double epsilon = static_cast<const LayerNormalizationBackward&>(call.op).epsilon();
  return call.in[0].dtype == DType::float32 ? backward<float>(rows, epsilon) : backward<double>(rows, epsilon);
}

std::unique_ptr<Kernel> make_reference_moments(const Call& call, Refusal&) {
  const Axis axis(call.in[0].shape, static_cast<const MomentsOp&>(call.op).axis());
  return call.in[0].dtype == DType::float32 ? moments<float>(axis) : moments<double>(axis);
}

}  // namespace hebb
