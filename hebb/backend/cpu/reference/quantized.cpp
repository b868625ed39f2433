#include "hebb/ops/quantized.h"

#include <cmath>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/backend/cpu/reference/windows.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

/// Each step is rounded to float32 by itself, which `volatile` makes sure of: a compiler may otherwise multiply and add
/// without rounding in between.
float times(float a, float b) {
  const volatile float product = a * b;
  return product;
}

uint8_t byte_of(float x, float scale, int64_t zero_point) {
  const float low = -static_cast<float>(zero_point), high = 255.f + low;
  float steps = times(x, scale);
  if (!(steps > low)) steps = low;  // NaN too
  if (steps > high) steps = high;
  return static_cast<uint8_t>(std::lrintf(steps) + zero_point);
}

/// Goes over the terms of each sum: `body(element of x, row of the kernel)`.
class Terms {
 public:
  Terms(const Op& product, const Shape& x, const Shape& kernel, const Shape& out)
      : channels_(kernel.back()), depth_(kernel[-2]), rows_(out.without(out.rank() - 1).elements()) {
    const auto* conv = dynamic_cast<const Conv*>(&product);
    if (!conv) return;
    windows_.emplace(x.sub(1, x.rank() - 1), kernel.sub(0, kernel.rank() - 2), out.sub(1, out.rank() - 1),
                     conv->options().strides, conv->options().low, conv->options().dilations);
  }

  int64_t rows() const { return rows_; }
  int64_t channels() const { return channels_; }

  template <class Body>
  void each(int64_t row, Body&& body) const {
    const auto all = [&](int64_t x, int64_t tap) {
      for (int64_t i = 0; i < depth_; ++i) body(x * depth_ + i, tap * depth_ + i);
    };
    if (!windows_) return all(row, 0);
    const int64_t image = row / windows_->positions();
    windows_->each(row % windows_->positions(),
                   [&](int64_t tap, int64_t place) { all(image * windows_->places() + place, tap); });
  }

 private:
  int64_t channels_, depth_, rows_;
  std::optional<Windows> windows_;
};

}  // namespace

std::unique_ptr<Kernel> make_reference_quantize(const Call& call, Refusal&) {
  const ActivationRange range = static_cast<const Quantize&>(call.op).range();
  const int64_t count = call.in[0].shape.elements();
  return plain_kernel([range, count](const KernelArgs& args) {
    for (int64_t i = 0; i < count; ++i) {
      args.output<uint8_t>()[i] = byte_of(args.input<float>(0)[i], static_cast<float>(range.scale), range.zero_point);
    }
  });
}

std::unique_ptr<Kernel> make_reference_quantize_rows(const Call& call, Refusal&) {
  const int64_t rows = call.in[0].shape[0], columns = call.in[0].shape[1];
  return plain_kernel([rows, columns](const KernelArgs& args) {
    for (int64_t i = 0; i < rows; ++i) {
      const float* x = args.input<float>(0) + i * columns;
      float largest = 0;
      for (int64_t j = 0; j < columns; ++j) largest = std::abs(x[j]) > largest ? std::abs(x[j]) : largest;
      const float scale = 127.f / (largest + 1e-7f);
      for (int64_t j = 0; j < columns; ++j)
        args.output<uint8_t>(0)[i * columns + j] = byte_of(x[j], scale, QuantizeRows::zero_point);
      args.output<float>(1)[i] = 1.f / scale;
    }
  });
}

std::unique_ptr<Kernel> make_reference_quantized_product(const Call& call, Refusal&) {
  const auto& op = static_cast<const QuantizedProduct&>(call.op);
  const QuantizedProduct::Options options = op.options();
  const Terms terms(op.product(), call.in[0].shape, call.in[1].shape, call.out[0].shape);
  const size_t bias_input = op.bias_input();
  return plain_kernel(
      [=](const KernelArgs& args) {
        auto* sums = reinterpret_cast<int64_t*>(args.scratch);
        const int64_t channels = terms.channels();
        const auto* x = args.input<uint8_t>(0);
        const auto* kernel = args.input<int8_t>(1);
        for (int64_t row = 0; row < terms.rows(); ++row) {
          std::fill_n(sums, channels, 0);
          terms.each(row, [&](int64_t at_x, int64_t at_kernel) {
            const int64_t factor = x[at_x] - options.zero_point;
            for (int64_t c = 0; c < channels; ++c) sums[c] += factor * kernel[at_kernel * channels + c];
          });
          for (int64_t c = 0; c < channels; ++c) {
            auto y = static_cast<float>(sums[c]);
            if (options.has_row_scale) y = times(y, args.input<float>(3)[row]);
            y = times(y, args.input<float>(2)[c]);
            if (options.has_bias) y += args.input<float>(bias_input)[c];
            if (options.relu && y <= 0) y = 0;
            const int64_t at = row * channels + c;
            if (options.output) {
              args.output<uint8_t>()[at] =
                  byte_of(y, static_cast<float>(options.output->scale), options.output->zero_point);
            } else {
              args.output<float>()[at] = y;
            }
          }
        }
      },
      {.scratch_bytes = terms.channels() * static_cast<int64_t>(sizeof(int64_t))});
}

}  // namespace hebb
