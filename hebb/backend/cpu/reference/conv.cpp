#include "hebb/ops/conv.h"

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/backend/cpu/reference/windows.h"

namespace hebb {

namespace {

/// What the three kernels share. x: (batch, places, groups, channels), kernel: (taps, channels, groups, filters),
/// y: (batch, positions, groups, filters), with channels and filters of one group.
struct Geometry {
  int64_t batch, groups, channels, filters;
  Windows windows;

  Geometry(const ConvOptions& options, const Shape& x, const Shape& kernel, const Shape& y)
      : batch(x.front()),
        groups(options.groups),
        channels(kernel[-2]),
        filters(kernel.back() / options.groups),
        windows(x.sub(1, x.rank() - 1), kernel.sub(0, kernel.rank() - 2), y.sub(1, y.rank() - 1), options.strides,
                options.low, options.dilations) {}

  int64_t x_image() const { return windows.places() * groups * channels; }
  int64_t y_image() const { return windows.positions() * groups * filters; }
  int64_t kernel_size() const { return windows.taps() * channels * groups * filters; }

  /// Calls `body(x's row, kernel's row, y's row)`, as offsets, for each channel of each place under each window: one
  /// element of x meets `filters` elements of the kernel and of y.
  template <class Body>
  void each(Body&& body) const {
    for (int64_t image = 0; image < batch; ++image) {
      for (int64_t position = 0; position < windows.positions(); ++position) {
        const int64_t y = image * y_image() + position * groups * filters;
        windows.each(position, [&](int64_t tap, int64_t place) {
          const int64_t x = image * x_image() + place * groups * channels;
          for (int64_t g = 0; g < groups; ++g) {
            for (int64_t c = 0; c < channels; ++c) {
              body(x + g * channels + c, ((tap * channels + c) * groups + g) * filters, y + g * filters);
            }
          }
        });
      }
    }
  }
};

/// A kernel that sums in double: `add(sums, first, second)` is called with both inputs, and the sums are rounded at the
/// end.
template <class Add>
std::unique_ptr<Kernel> summing(const Call& call, Add add) {
  const int64_t count = call.out[0].shape.elements();
  const auto make = [&](auto zero) {
    using T = decltype(zero);
    return plain_kernel(
        [count, add](const KernelArgs& args) {
          auto* sums = reinterpret_cast<double*>(args.scratch);
          std::fill_n(sums, count, 0.0);
          add(sums, args.input<T>(0), args.input<T>(1));
          for (int64_t i = 0; i < count; ++i) args.output<T>()[i] = static_cast<T>(sums[i]);
        },
        {.scratch_bytes = count * static_cast<int64_t>(sizeof(double))});
  };
  return call.in[0].dtype == DType::float32 ? make(float{}) : make(double{});
}

}  // namespace

std::unique_ptr<Kernel> make_reference_conv(const Call& call, Refusal&) {
  const auto& op = static_cast<const Conv&>(call.op);
  const Geometry geometry(op.options(), call.in[0].shape, call.in[1].shape, call.out[0].shape);
  return summing(call, [geometry](double* y, const auto* x, const auto* kernel) {
    geometry.each([&](int64_t at_x, int64_t at_kernel, int64_t at_y) {
      const double factor = x[at_x];
      for (int64_t f = 0; f < geometry.filters; ++f) y[at_y + f] += factor * kernel[at_kernel + f];
    });
  });
}

std::unique_ptr<Kernel> make_reference_conv_backward_input(const Call& call, Refusal&) {
  const auto& op = static_cast<const ConvBackwardInput&>(call.op);
  const Geometry geometry(op.options(), call.out[0].shape, call.in[1].shape, call.in[0].shape);
  return summing(call, [geometry](double* dx, const auto* dout, const auto* kernel) {
    geometry.each([&](int64_t at_x, int64_t at_kernel, int64_t at_y) {
      for (int64_t f = 0; f < geometry.filters; ++f)
        dx[at_x] += static_cast<double>(dout[at_y + f]) * kernel[at_kernel + f];
    });
  });
}

std::unique_ptr<Kernel> make_reference_conv_backward_kernel(const Call& call, Refusal&) {
  const auto& op = static_cast<const ConvBackwardKernel&>(call.op);
  const Geometry geometry(op.options(), call.in[0].shape, call.out[0].shape, call.in[1].shape);
  return summing(call, [geometry](double* dkernel, const auto* x, const auto* dout) {
    geometry.each([&](int64_t at_x, int64_t at_kernel, int64_t at_y) {
      const double factor = x[at_x];
      for (int64_t f = 0; f < geometry.filters; ++f) dkernel[at_kernel + f] += factor * dout[at_y + f];
    });
  });
}

}  // namespace hebb
