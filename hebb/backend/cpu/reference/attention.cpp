#include "hebb/ops/attention.h"

#include <cmath>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"

namespace hebb {

namespace {

/// Sizes, and walks over the arrays of a call. Scratch: rows of `sources` doubles.
struct Sizes {
  Sizes(std::span<const Spec> in, const AttentionOptions& options, bool masked)
      : options(options),
        masked(masked),
        batch(in[0].shape[0]),
        steps(in[0].shape[1]),
        heads(in[0].shape[2]),
        depth(in[0].shape[3]),
        sources(in[1].shape[1]),
        groups(in[1].shape[2]),
        width(in[2].shape[3]),
        lowest(lowest_score(in[0].dtype)) {
    if (masked) mask_strides = broadcast_strides(in[3].shape, {batch, heads, steps, sources});
  }

  int64_t group_of(int64_t head) const { return head / (heads / groups); }
  int64_t query_at(int64_t b, int64_t t, int64_t head) const { return (b * steps + t) * heads + head; }
  int64_t source_at(int64_t b, int64_t s, int64_t head) const { return (b * sources + s) * groups + group_of(head); }
  int64_t statistics_at(int64_t b, int64_t t, int64_t head) const { return 2 * ((b * heads + head) * steps + t); }

  bool counts(const KernelArgs& args, int64_t b, int64_t head, int64_t t, int64_t s) const {
    if (options.causal && s > t) return false;
    return !masked || args.input<bool>(
                          3)[b * mask_strides[0] + head * mask_strides[1] + t * mask_strides[2] + s * mask_strides[3]];
  }

  /// The scores of a row, and its largest.
  template <class T>
  double scores(const KernelArgs& args, int64_t b, int64_t head, int64_t t, double* out) const {
    double largest = lowest;
    for (int64_t s = 0; s < sources; ++s) {
      out[s] = counts(args, b, head, t, s)
                   ? options.scale * dot(args.input<T>(0) + query_at(b, t, head) * depth,
                                         args.input<T>(1) + source_at(b, s, head) * depth, depth)
                   : lowest;
      if (out[s] > largest || std::isnan(out[s])) largest = out[s];
    }
    return largest;
  }

  template <class T>
  static double dot(const T* a, const T* b, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * b[i];
    return sum;
  }

  /// Calls `body(b, head, t)` for every row of scores.
  template <class Body>
  void for_rows(Body body) const {
    for (int64_t b = 0; b < batch; ++b) {
      for (int64_t head = 0; head < heads; ++head) {
        for (int64_t t = 0; t < steps; ++t) body(b, head, t);
      }
    }
  }

  AttentionOptions options;
  bool masked;
  int64_t batch, steps, heads, depth, sources, groups, width;
  double lowest;
  Strides mask_strides{};
};

template <class T>
void forward(const Sizes& z, const KernelArgs& args) {
  auto* p = reinterpret_cast<double*>(args.scratch);
  z.for_rows([&](int64_t b, int64_t head, int64_t t) {
    const double largest = z.scores<T>(args, b, head, t, p);
    double sum = 0;
    for (int64_t s = 0; s < z.sources; ++s) sum += p[s] = std::exp(p[s] - largest);
    T* statistics = args.output<T>(1) + z.statistics_at(b, t, head);
    statistics[0] = static_cast<T>(largest);
    statistics[1] = static_cast<T>(z.sources == 0 ? 0 : 1 / sum);
    T* y = args.output<T>(0) + z.query_at(b, t, head) * z.width;
    for (int64_t i = 0; i < z.width; ++i) {
      double total = 0;
      for (int64_t s = 0; s < z.sources; ++s) total += p[s] * args.input<T>(2)[z.source_at(b, s, head) * z.width + i];
      y[i] = static_cast<T>(z.sources == 0 ? 0 : total / sum);
    }
  });
}

template <class T>
void backward(const Sizes& z, const KernelArgs& args) {
  const size_t at = 3 + static_cast<size_t>(z.masked);
  auto* p = reinterpret_cast<double*>(args.scratch);
  const int64_t keys = z.batch * z.sources * z.groups * z.depth, values = z.batch * z.sources * z.groups * z.width;
  double *d_key = p + z.sources, *d_value = d_key + keys, *d_query = d_value + values;
  std::fill_n(d_key, keys + values, 0.0);
  z.for_rows([&](int64_t b, int64_t head, int64_t t) {
    z.scores<T>(args, b, head, t, p);
    const T* statistics = args.input<T>(at + 1) + z.statistics_at(b, t, head);
    const int64_t row = z.query_at(b, t, head);
    const T *dy = args.input<T>(at + 2) + row * z.width, *q = args.input<T>(0) + row * z.depth;
    const auto of_value = [&](int64_t s) {
      return Sizes::dot(dy, args.input<T>(2) + z.source_at(b, s, head) * z.width, z.width);
    };
    double all = 0;
    for (int64_t s = 0; s < z.sources; ++s) {
      p[s] = std::exp(p[s] - statistics[0]) * statistics[1];
      if (z.counts(args, b, head, t, s)) all += p[s] * of_value(s);
    }
    std::fill_n(d_query, z.depth, 0.0);
    for (int64_t s = 0; s < z.sources; ++s) {
      const int64_t source = z.source_at(b, s, head);
      const double share = p[s];
      for (int64_t i = 0; i < z.width; ++i) d_value[source * z.width + i] += share * dy[i];
      if (z.options.causal && s >= z.steps) continue;  // no step sees it
      const double slope = z.counts(args, b, head, t, s) ? z.options.scale * share * (of_value(s) - all) : 0;
      for (int64_t i = 0; i < z.depth; ++i) {
        d_query[i] += slope * args.input<T>(1)[source * z.depth + i];
        d_key[source * z.depth + i] += slope * q[i];
      }
    }
    for (int64_t i = 0; i < z.depth; ++i) args.output<T>(0)[row * z.depth + i] = static_cast<T>(d_query[i]);
  });
  for (int64_t i = 0; i < keys; ++i) args.output<T>(1)[i] = static_cast<T>(d_key[i]);
  for (int64_t i = 0; i < values; ++i) args.output<T>(2)[i] = static_cast<T>(d_value[i]);
}

}  // namespace

std::unique_ptr<Kernel> make_reference_attention(const Call& call, Refusal&) {
  const auto& op = static_cast<const AttentionOp&>(call.op);
  const Sizes sizes(call.in, op.options(), op.is_masked());
  const bool single = call.in[0].dtype == DType::float32;
  return plain_kernel(
      [sizes, single](const KernelArgs& args) { single ? forward<float>(sizes, args) : forward<double>(sizes, args); },
      {.scratch_bytes = sizes.sources * static_cast<int64_t>(sizeof(double))});
}

std::unique_ptr<Kernel> make_reference_attention_backward(const Call& call, Refusal&) {
  const auto& op = static_cast<const AttentionBackward&>(call.op);
  const Sizes sizes(call.in, op.options(), op.is_masked());
  const bool single = call.in[0].dtype == DType::float32;
  const int64_t doubles = sizes.sources + call.in[1].shape.elements() + call.in[2].shape.elements() + sizes.depth;
  return plain_kernel(
      [sizes, single](const KernelArgs& args) {
        single ? backward<float>(sizes, args) : backward<double>(sizes, args);
      },
      {.scratch_bytes = doubles * static_cast<int64_t>(sizeof(double))});
}

}  // namespace hebb
