#include "hebb/ops/pool.h"

#include <limits>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/backend/cpu/reference/windows.h"

namespace hebb {

namespace {

struct Geometry {
  int64_t batch, channels;
  Windows windows;

  Geometry(const PoolOptions& options, const Shape& x, const Shape& y)
      : batch(x.front()),
        channels(x.back()),
        windows(x.sub(1, x.rank() - 1), Shape(options.window), y.sub(1, y.rank() - 1), options.strides, options.low,
                std::vector<int64_t>(options.window.size(), 1)) {}

  int64_t inputs() const { return batch * windows.places() * channels; }

  /// Calls `body(image, position, channel, output's offset)` for each element of the output.
  template <class Body>
  void each(Body&& body) const {
    for (int64_t image = 0, out = 0; image < batch; ++image) {
      for (int64_t position = 0; position < windows.positions(); ++position) {
        for (int64_t c = 0; c < channels; ++c) body(image, position, c, out++);
      }
    }
  }

  int64_t offset(int64_t image, int64_t place, int64_t channel) const {
    return (image * windows.places() + place) * channels + channel;
  }

  /// Calls `body(output's offset, offset of the first maximum in its window)`; the offset is -1 where a window lies
  /// outside the image altogether. NaN is larger than all else.
  template <class T, class Body>
  void each_maximum(const T* x, Body&& body) const {
    each([&](int64_t image, int64_t position, int64_t c, int64_t out) {
      int64_t best = -1;
      windows.each(position, [&](int64_t, int64_t place) {
        const int64_t at = offset(image, place, c);
        if (best < 0 || x[at] > x[best] || (x[at] != x[at] && x[best] == x[best])) best = at;
      });
      body(out, best);
    });
  }
};

template <class Make>
std::unique_ptr<Kernel> with_float(const Call& call, Make&& make) {
  return call.in[0].dtype == DType::float32 ? make(float{}) : make(double{});
}

/// For gradients, which are sums when windows overlap.
int64_t sums_bytes(const Geometry& geometry) { return geometry.inputs() * static_cast<int64_t>(sizeof(double)); }

}  // namespace

std::unique_ptr<Kernel> make_reference_max_pool(const Call& call, Refusal&) {
  const Geometry geometry(static_cast<const MaxPool&>(call.op).options(), call.in[0].shape, call.out[0].shape);
  return with_float(call, [&](auto zero) {
    using T = decltype(zero);
    return plain_kernel([geometry](const KernelArgs& args) {
      const T* x = args.input<T>(0);
      T* y = args.output<T>();
      geometry.each_maximum(
          x, [&](int64_t out, int64_t best) { y[out] = best < 0 ? -std::numeric_limits<T>::infinity() : x[best]; });
    });
  });
}

std::unique_ptr<Kernel> make_reference_max_pool_backward(const Call& call, Refusal&) {
  const Geometry geometry(static_cast<const MaxPoolBackward&>(call.op).options(), call.in[0].shape, call.in[1].shape);
  return with_float(call, [&](auto zero) {
    using T = decltype(zero);
    return plain_kernel(
        [geometry](const KernelArgs& args) {
          const T* dout = args.input<T>(1);
          auto* sums = reinterpret_cast<double*>(args.scratch);
          std::fill_n(sums, geometry.inputs(), 0.0);
          geometry.each_maximum(args.input<T>(0), [&](int64_t out, int64_t best) {
            if (best >= 0) sums[best] += dout[out];
          });
          for (int64_t i = 0; i < geometry.inputs(); ++i) args.output<T>()[i] = static_cast<T>(sums[i]);
        },
        {.scratch_bytes = sums_bytes(geometry)});
  });
}

std::unique_ptr<Kernel> make_reference_max_pool_pick(const Call& call, Refusal&) {
  const Geometry geometry(static_cast<const MaxPoolPick&>(call.op).options(), call.in[0].shape, call.out[0].shape);
  return with_float(call, [&](auto zero) {
    using T = decltype(zero);
    return plain_kernel([geometry](const KernelArgs& args) {
      const T* values = args.input<T>(1);
      T* y = args.output<T>();
      geometry.each_maximum(args.input<T>(0),
                            [&](int64_t out, int64_t best) { y[out] = best < 0 ? T(0) : values[best]; });
    });
  });
}

std::unique_ptr<Kernel> make_reference_average_pool(const Call& call, Refusal&) {
  const Geometry geometry(static_cast<const AveragePool&>(call.op).options(), call.in[0].shape, call.out[0].shape);
  return with_float(call, [&](auto zero) {
    using T = decltype(zero);
    return plain_kernel([geometry](const KernelArgs& args) {
      const T* x = args.input<T>(0);
      geometry.each([&](int64_t image, int64_t position, int64_t c, int64_t out) {
        double sum = 0;
        int64_t count = 0;
        geometry.windows.each(position, [&](int64_t, int64_t place) {
          sum += x[geometry.offset(image, place, c)];
          ++count;
        });
        args.output<T>()[out] = count == 0 ? T(0) : static_cast<T>(sum / static_cast<double>(count));
      });
    });
  });
}

std::unique_ptr<Kernel> make_reference_average_pool_backward(const Call& call, Refusal&) {
  const Geometry geometry(static_cast<const AveragePoolBackward&>(call.op).options(), call.out[0].shape,
                          call.in[0].shape);
  return with_float(call, [&](auto zero) {
    using T = decltype(zero);
    return plain_kernel(
        [geometry](const KernelArgs& args) {
          const T* dout = args.input<T>(0);
          auto* sums = reinterpret_cast<double*>(args.scratch);
          std::fill_n(sums, geometry.inputs(), 0.0);
          geometry.each([&](int64_t image, int64_t position, int64_t c, int64_t out) {
            int64_t count = 0;
            geometry.windows.each(position, [&](int64_t, int64_t) { ++count; });
            geometry.windows.each(position, [&](int64_t, int64_t place) {
              sums[geometry.offset(image, place, c)] += dout[out] / static_cast<double>(count);
            });
          });
          for (int64_t i = 0; i < geometry.inputs(); ++i) args.output<T>()[i] = static_cast<T>(sums[i]);
        },
        {.scratch_bytes = sums_bytes(geometry)});
  });
}

}  // namespace hebb
