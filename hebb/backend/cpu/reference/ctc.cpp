// Connectionist temporal classification by its forward and backward recursions, in logarithms and in double precision.
// An example is a piece: this is the only implementation, so it has to use the threads.
#include "hebb/ops/ctc.h"

#include <cmath>
#include <limits>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"

namespace hebb {

namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
  const double larger = std::max(a, b), smaller = std::min(a, b);
  return smaller == impossible ? larger : larger + std::log1p(std::exp(smaller - larger));
}

struct Sizes {
  int64_t batch, steps, classes, length;
  int64_t blank;

  /// Labels with blanks before, between and behind them.
  int64_t most_states() const { return 2 * length + 1; }
};

/// One example: its labels, and the recursions over them.
template <class Real, class Label>
class Example {
 public:
  /// `states`: place for the labels' classes; `sums`: for one number for each step.
  Example(const Sizes& sizes, const Real* logits, const Label* labels, int64_t* states, double* sums)
      : sizes_(sizes), logits_(logits), states_(states), sums_(sums) {
    int64_t count = 0;
    for (int64_t i = 0; i < sizes.length; ++i) {
      if (labels[i] == sizes.blank) continue;
      states[count++] = sizes.blank;
      states[count++] = labels[i];
    }
    states[count++] = sizes.blank;
    count_ = count;
    for (int64_t t = 0; t < sizes.steps; ++t) {
      const Real* row = logits + t * sizes.classes;
      double largest = impossible, total = 0;
      for (int64_t c = 0; c < sizes.classes; ++c) largest = std::max(largest, static_cast<double>(row[c]));
      for (int64_t c = 0; c < sizes.classes; ++c) total += std::exp(static_cast<double>(row[c]) - largest);
      sums[t] = largest + std::log(total);
    }
  }

  int64_t count() const { return count_; }
  int64_t state(int64_t s) const { return states_[s]; }

  double log_probability(int64_t t, int64_t c) const {
    if (c < 0 || c >= sizes_.classes) return impossible;
    return static_cast<double>(logits_[t * sizes_.classes + c]) - sums_[t];
  }

  /// What the states are worth at the first step.
  void start(double* now) const {
    for (int64_t s = 0; s < count_; ++s) now[s] = s < 2 ? log_probability(0, states_[s]) : impossible;
  }

  /// ... and at step t, from those at the step before.
  void advance(int64_t t, const double* before, double* now) const {
    for (int64_t s = 0; s < count_; ++s) {
      double sum = before[s];
      if (s >= 1) sum = log_add(sum, before[s - 1]);
      if (may_skip(s)) sum = log_add(sum, before[s - 2]);
      now[s] = sum + log_probability(t, states_[s]);
    }
  }

  /// The logarithm of the probability, from the states at the last step.
  double total(const double* last) const {
    return count_ > 1 ? log_add(last[count_ - 1], last[count_ - 2]) : last[count_ - 1];
  }

  /// What may follow on each state at step t, from what may at the step behind it.
  void retreat(int64_t t, const double* behind, double* now) const {
    const auto reached = [&](int64_t s) { return behind[s] + log_probability(t + 1, states_[s]); };
    for (int64_t s = 0; s < count_; ++s) {
      double sum = reached(s);
      if (s + 1 < count_) sum = log_add(sum, reached(s + 1));
      if (s + 2 < count_ && may_skip(s + 2)) sum = log_add(sum, reached(s + 2));
      now[s] = sum;
    }
  }

 private:
  /// Whether the blank before a state may be left out: not between equal labels.
  bool may_skip(int64_t s) const { return s >= 2 && states_[s] != sizes_.blank && states_[s] != states_[s - 2]; }

  const Sizes sizes_;
  const Real* logits_;
  const int64_t* states_;
  const double* sums_;
  int64_t count_ = 0;
};

template <class Real, class Label>
class CtcKernel : public Kernel {
 public:
  CtcKernel(const Sizes& sizes, bool backward) : sizes_(sizes), backward_(backward) {}
  std::string_view implementation() const override { return "reference"; }
  int64_t pieces(int) const override { return sizes_.batch; }
  int64_t scratch_bytes() const override { return sizes_.batch * numbers() * static_cast<int64_t>(sizeof(double)); }

  void run(int, int64_t piece, const KernelArgs& args) const override {
    static_assert(sizeof(double) == sizeof(int64_t));
    auto* place = reinterpret_cast<double*>(args.scratch) + piece * numbers();
    auto* states = reinterpret_cast<int64_t*>(place);
    double* sums = place + sizes_.most_states();
    double* table = sums + sizes_.steps;
    const Example<Real, Label> example(sizes_, args.input<Real>(0) + piece * sizes_.steps * sizes_.classes,
                                       args.input<Label>(1) + piece * sizes_.length, states, sums);
    if (backward_) {
      slopes(example, table, args.output<Real>() + piece * sizes_.steps * sizes_.classes);
    } else {
      args.output<Real>()[piece] = static_cast<Real>(-forward(example, table, 2));
    }
  }

 private:
  /// Scratch of an example: states, sums, the forward rows (two by turns, or all), the backward ones.
  int64_t numbers() const {
    const int64_t rows = backward_ ? sizes_.steps + 2 : 2;
    return sizes_.most_states() * (1 + rows) + sizes_.steps;
  }

  /// The logarithm of the probability. Row t stands at place t modulo `rows`.
  double forward(const Example<Real, Label>& example, double* table, int64_t rows) const {
    if (sizes_.steps == 0) return example.count() == 1 ? 0 : impossible;
    const int64_t width = sizes_.most_states();
    example.start(table);
    for (int64_t t = 1; t < sizes_.steps; ++t)
      example.advance(t, table + (t - 1) % rows * width, table + t % rows * width);
    return example.total(table + (sizes_.steps - 1) % rows * width);
  }

  void slopes(const Example<Real, Label>& example, double* table, Real* out) const {
    const int64_t width = sizes_.most_states(), steps = sizes_.steps, classes = sizes_.classes;
    std::fill_n(out, steps * classes, Real(0));
    if (steps == 0) return;
    const double total = forward(example, table, steps);
    if (total == impossible) return;
    double *now = table + steps * width, *other = now + width;
    for (int64_t s = 0; s < example.count(); ++s) now[s] = s + 2 >= example.count() ? 0 : impossible;
    for (int64_t t = steps - 1; t >= 0; --t) {
      if (t + 1 < steps) {
        example.retreat(t, now, other);
        std::swap(now, other);
      }
      Real* row = out + t * classes;
      for (int64_t c = 0; c < classes; ++c) row[c] = static_cast<Real>(std::exp(example.log_probability(t, c)));
      for (int64_t s = 0; s < example.count(); ++s) {
        const double share = std::exp(table[t * width + s] + now[s] - total);
        if (share > 0) row[example.state(s)] = static_cast<Real>(static_cast<double>(row[example.state(s)]) - share);
      }
    }
  }

  const Sizes sizes_;
  const bool backward_;
};

std::unique_ptr<Kernel> make(const Call& call, int64_t blank, bool backward) {
  const Shape &logits = call.in[0].shape, &labels = call.in[1].shape;
  const Sizes sizes = {logits[0], logits[1], logits[2], labels[1], blank};
  const auto with_labels = [&](auto real) -> std::unique_ptr<Kernel> {
    using Real = decltype(real);
    if (call.in[1].dtype == DType::int32) return std::make_unique<CtcKernel<Real, int32_t>>(sizes, backward);
    return std::make_unique<CtcKernel<Real, int64_t>>(sizes, backward);
  };
  return call.in[0].dtype == DType::float32 ? with_labels(float{}) : with_labels(double{});
}

}  // namespace

std::unique_ptr<Kernel> make_reference_ctc_loss(const Call& call, Refusal&) {
  return make(call, static_cast<const CtcLoss&>(call.op).blank(), false);
}

std::unique_ptr<Kernel> make_reference_ctc_loss_backward(const Call& call, Refusal&) {
  return make(call, static_cast<const CtcLossBackward&>(call.op).blank(), true);
}

}  // namespace hebb
