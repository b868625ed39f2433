#include "hebb/ops/recurrence.h"

#include <cmath>
#include <vector>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"

namespace hebb {

namespace {

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

/// Sizes, and places in the scratch memory of a kernel (all of them doubles).
struct Sizes {
  RecurrentCell cell;
  bool masked;
  int64_t batch, steps, units, width, saved;
  bool is_lstm() const { return cell == RecurrentCell::lstm; }
};

Sizes sizes_of(RecurrentCell cell, bool masked, const Shape& sequence) {
  const int64_t units = sequence[2];
  return {cell, masked, sequence[0], sequence[1], units, gates_of(cell) * units, saved_gates_of(cell) * units};
}

/// out[j] = b[j] + sum over p of h[p] kernel[p][j], for j in [first, end).
template <class T>
void product(const Sizes& s, const double* h, const T* kernel, const T* bias, int64_t first, int64_t end, double* out) {
  for (int64_t j = first; j < end; ++j) {
    double sum = 0;
    for (int64_t p = 0; p < s.units; ++p) sum += h[p] * kernel[p * s.width + j];
    out[j] = sum + bias[j];
  }
}

/// One example: states are held in doubles between steps.
template <class T>
struct Forward {
  Sizes s;

  void run(const KernelArgs& args) const {
    const int64_t n = s.units;
    const bool lstm = s.is_lstm();
    auto* h = reinterpret_cast<double*>(args.scratch);
    double *c = h + n, *a = c + n, *reset = a + s.width;
    for (int64_t b = 0; b < s.batch; ++b) {
      for (int64_t k = 0; k < n; ++k) h[k] = args.input<T>(3)[b * n + k];
      for (int64_t k = 0; lstm && k < n; ++k) c[k] = args.input<T>(4)[b * n + k];
      for (int64_t t = 0; t < s.steps; ++t) {
        const int64_t at = b * s.steps + t;
        T* gates = s.saved ? args.output<T>(lstm ? 4 : 2) + at * s.saved : nullptr;
        const bool moves = !s.masked || args.input<bool>(lstm ? 5 : 4)[at];
        step(args.input<T>(0) + at * s.width, args.input<T>(1), args.input<T>(2), h, c, a, reset, gates, moves);
        for (int64_t k = 0; k < n; ++k) args.output<T>(0)[at * n + k] = static_cast<T>(h[k]);
        for (int64_t k = 0; lstm && k < n; ++k) args.output<T>(2)[at * n + k] = static_cast<T>(c[k]);
      }
      for (int64_t k = 0; k < n; ++k) args.output<T>(1)[b * n + k] = static_cast<T>(h[k]);
      for (int64_t k = 0; lstm && k < n; ++k) args.output<T>(3)[b * n + k] = static_cast<T>(c[k]);
    }
  }

  void step(const T* x, const T* kernel, const T* bias, double* h, double* c, double* a, double* reset, T* gates,
            bool moves) const {
    const int64_t n = s.units;
    product(s, h, kernel, bias, 0, s.cell == RecurrentCell::gru_reset_before ? 2 * n : s.width, a);
    switch (s.cell) {
      case RecurrentCell::simple:
        for (int64_t k = 0; moves && k < n; ++k) h[k] = std::tanh(x[k] + a[k]);
        return;
      case RecurrentCell::lstm:
        for (int64_t k = 0; k < n; ++k) {
          const double i = sigmoid_of(x[k] + a[k]), f = sigmoid_of(x[n + k] + a[n + k]),
                       g = std::tanh(x[2 * n + k] + a[2 * n + k]), o = sigmoid_of(x[3 * n + k] + a[3 * n + k]);
          gates[k] = static_cast<T>(i);
          gates[n + k] = static_cast<T>(f);
          gates[2 * n + k] = static_cast<T>(g);
          gates[3 * n + k] = static_cast<T>(o);
          if (!moves) continue;
          c[k] = f * c[k] + i * g;
          h[k] = o * std::tanh(c[k]);
        }
        return;
      case RecurrentCell::gru:
      case RecurrentCell::gru_reset_before: {
        const bool after = s.cell == RecurrentCell::gru;
        for (int64_t k = 0; k < n; ++k) {
          gates[k] = static_cast<T>(a[k] = sigmoid_of(x[k] + a[k]));
          gates[n + k] = static_cast<T>(a[n + k] = sigmoid_of(x[n + k] + a[n + k]));
          reset[k] = a[n + k] * h[k];
        }
        if (!after) product(s, reset, kernel, bias, 2 * n, 3 * n, a);
        for (int64_t k = 0; k < n; ++k) {
          const double inner = a[2 * n + k], z = a[k];
          const double candidate = std::tanh(x[2 * n + k] + (after ? a[n + k] * inner : inner));
          gates[2 * n + k] = static_cast<T>(candidate);
          if (after) gates[3 * n + k] = static_cast<T>(inner);
          if (moves) h[k] = z * h[k] + (1 - z) * candidate;
        }
        return;
      }
    }
  }
};

template <class T>
struct Backward {
  Sizes s;
  RecurrenceGradients given;

  void run(const KernelArgs& args) const {
    const int64_t n = s.units, w = s.width;
    const bool lstm = s.is_lstm();
    size_t at_input = 0;
    const auto next = [&](bool there) { return there ? args.input<T>(at_input++) : nullptr; };
    const T *kernel = next(true), *h0 = next(true), *c0 = next(lstm);
    const bool* mask = s.masked ? args.input<bool>(at_input++) : nullptr;
    const T *sequence = next(true), *cells = next(lstm), *gates = next(s.saved > 0);
    const T *d_sequence = next(given.sequence), *d_last = next(given.last), *d_last_cell = next(given.last_cell);

    auto* dh = reinterpret_cast<double*>(args.scratch);
    double *dc = dh + n, *dx = dc + n, *du = dx + w, *d_previous = du + w, *sums = d_previous + 2 * n;
    double* bias_sums = sums + n * w;
    std::fill_n(sums, n * w + w, 0.0);
    for (int64_t b = 0; b < s.batch; ++b) {
      for (int64_t k = 0; k < n; ++k) dh[k] = d_last ? d_last[b * n + k] : 0;
      for (int64_t k = 0; k < n; ++k) dc[k] = d_last_cell ? d_last_cell[b * n + k] : 0;
      for (int64_t t = s.steps; t-- > 0;) {
        const int64_t at = b * s.steps + t;
        for (int64_t k = 0; d_sequence && k < n; ++k) dh[k] += d_sequence[at * n + k];
        T* d_projections = args.output<T>(0) + at * w;
        const bool moves = !mask || mask[at];
        const T* h_before = t > 0 ? sequence + (at - 1) * n : h0 + b * n;
        const T* c_before = !lstm ? nullptr : t > 0 ? cells + (at - 1) * n : c0 + b * n;
        step(kernel, h_before, c_before, sequence + at * n, lstm ? cells + at * n : nullptr,
             s.saved ? gates + at * s.saved : nullptr, moves, dh, dc, dx, du, d_previous);
        for (int64_t j = 0; j < w; ++j) {
          d_projections[j] = static_cast<T>(dx[j]);
          bias_sums[j] += du[j];
          const bool resets = s.cell == RecurrentCell::gru_reset_before && j >= 2 * n;
          if (resets && !moves) continue;
          for (int64_t p = 0; p < n; ++p) {
            const double factor = resets ? static_cast<double>(gates[at * s.saved + n + p]) : 1.0;
            sums[p * w + j] += factor * h_before[p] * du[j];
          }
        }
      }
      for (int64_t k = 0; k < n; ++k) args.output<T>(3)[b * n + k] = static_cast<T>(dh[k]);
      for (int64_t k = 0; lstm && k < n; ++k) args.output<T>(4)[b * n + k] = static_cast<T>(dc[k]);
    }
    for (int64_t i = 0; i < n * w; ++i) args.output<T>(1)[i] = static_cast<T>(sums[i]);
    for (int64_t j = 0; j < w; ++j) args.output<T>(2)[j] = static_cast<T>(bias_sums[j]);
  }

  /// Where a mask is false the gates' gradients are zeros, and what is multiplied with them gives NaN where it has one,
  /// as in the fast kernels. dh, dc: of the states behind the step, then of those before it. dx: of the projections;
  /// du: of what h R + b gives.
  void step(const T* kernel, const T* h_before, const T* c_before, const T* h, const T* c, const T* gates, bool moves,
            double* dh, double* dc, double* dx, double* du, double* d_previous) const {
    const int64_t n = s.units, w = s.width;
    const bool reset_before = s.cell == RecurrentCell::gru_reset_before;
    std::fill_n(d_previous, 2 * n, 0.0);
    double* d_reset = d_previous + n;  // of r h
    if (!moves) {
      std::fill_n(dx, w, 0.0);
      std::copy_n(dh, n, d_previous);
    }
    for (int64_t k = 0; moves && k < n; ++k) {
      if (s.cell == RecurrentCell::simple) {
        dx[k] = dh[k] * (1 - static_cast<double>(h[k]) * h[k]);
      } else if (s.is_lstm()) {
        const double i = gates[k], f = gates[n + k], g = gates[2 * n + k], o = gates[3 * n + k], y = std::tanh(c[k]);
        const double d = dc[k] + dh[k] * o * (1 - y * y);
        dx[k] = d * g * i * (1 - i);
        dx[n + k] = d * c_before[k] * f * (1 - f);
        dx[2 * n + k] = d * i * (1 - g * g);
        dx[3 * n + k] = dh[k] * y * o * (1 - o);
        dc[k] = d * f;
      } else {
        const double z = gates[k], g = gates[2 * n + k];
        dx[k] = dh[k] * (h_before[k] - g) * z * (1 - z);
        dx[2 * n + k] = dh[k] * (1 - z) * (1 - g * g);
        d_previous[k] = dh[k] * z;
      }
    }
    const auto back = [&](int64_t first, int64_t end, double* out) {
      for (int64_t p = 0; p < n; ++p) {
        for (int64_t j = first; j < end; ++j) out[p] += du[j] * kernel[p * w + j];
      }
    };
    std::copy_n(dx, w, du);
    if (moves && (s.cell == RecurrentCell::gru || reset_before)) {
      if (reset_before) back(2 * n, 3 * n, d_reset);
      for (int64_t k = 0; k < n; ++k) {
        const double r = gates[n + k];
        const double dr = reset_before ? d_reset[k] * h_before[k] : dx[2 * n + k] * gates[3 * n + k];
        dx[n + k] = du[n + k] = dr * r * (1 - r);
        if (reset_before) {
          d_previous[k] += d_reset[k] * r;
        } else {
          du[2 * n + k] = dx[2 * n + k] * r;
        }
      }
    }
    back(0, reset_before ? 2 * n : w, d_previous);
    std::copy_n(d_previous, n, dh);
  }
};

template <class Maker>
std::unique_ptr<Kernel> for_type(DType dtype, Maker make) {
  return dtype == DType::float32 ? make(float{}) : make(double{});
}

}  // namespace

std::unique_ptr<Kernel> make_reference_recurrence(const Call& call, Refusal&) {
  const auto& op = static_cast<const RecurrenceOp&>(call.op);
  const Sizes s = sizes_of(op.cell(), op.is_masked(), call.out[0].shape);
  const int64_t doubles = 3 * s.units + s.width;
  return for_type(call.in[0].dtype, [&](auto zero) {
    return plain_kernel([body = Forward<decltype(zero)>{s}](const KernelArgs& args) { body.run(args); },
                        {.scratch_bytes = doubles * static_cast<int64_t>(sizeof(double))});
  });
}

std::unique_ptr<Kernel> make_reference_recurrence_backward(const Call& call, Refusal&) {
  const auto& op = static_cast<const RecurrenceBackward&>(call.op);
  const Shape &d_projections = call.out[0].shape, &h0 = call.in[1].shape;
  const Sizes s = sizes_of(op.cell(), op.is_masked(), d_projections.without(2).with_back(h0[1]));
  const int64_t doubles = 4 * s.units + 2 * s.width + (s.units + 1) * s.width;
  return for_type(call.in[0].dtype, [&](auto zero) {
    return plain_kernel([body = Backward<decltype(zero)>{s, op.given()}](const KernelArgs& args) { body.run(args); },
                        {.scratch_bytes = doubles * static_cast<int64_t>(sizeof(double))});
  });
}

}  // namespace hebb
