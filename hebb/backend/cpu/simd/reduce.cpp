#include "hebb/ops/reduce.h"

#include <algorithm>
#include <vector>

#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/reduce_functions.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

using simd::divide_up;
using simd::ReduceFunctions;

constexpr int64_t elements_in_piece = 65536;

/// Reduces the middle axis of (outer, count, inner). Where one sum is too long for a piece its parts are joined in a
/// second phase, in their order.
class Stage {
 public:
  Stage(int64_t outer, int64_t count, int64_t inner) : outer_(outer), count_(count), inner_(inner) {
    const int64_t block = count * inner;
    if (block <= elements_in_piece) {
      outer_in_piece_ = std::max<int64_t>(1, elements_in_piece / block);
    } else if (inner >= 4096) {
      width_ = std::max<int64_t>(1024, elements_in_piece / count / 64 * 64);
      strips_ = divide_up(inner, width_);
    } else {
      rows_ = elements_in_piece / inner;
      parts_ = divide_up(count, rows_);
    }
    if (width_ == 0) width_ = inner;
    if (rows_ == 0) rows_ = count;
  }

  int phases() const { return parts_ > 1 ? 2 : 1; }
  int64_t pieces(int phase) const {
    return phase == 0 ? divide_up(outer_, outer_in_piece_) * strips_ * parts_ : outer_;
  }
  int64_t results() const { return outer_ * inner_; }
  /// Numbers between the phases.
  int64_t partials() const { return parts_ > 1 ? outer_ * parts_ * inner_ : 0; }

  void run(int phase, int64_t piece, const ReduceFunctions& f, int64_t bytes, const std::byte* in, std::byte* partial,
           std::byte* out) const {
    if (phase == 1) {
      join(f, parts_, partial + piece * parts_ * inner_ * bytes, out + piece * inner_ * bytes);
      return;
    }
    if (inner_ == 1 && parts_ == 1) {  // whole rows
      const int64_t first = piece * outer_in_piece_, rows = std::min(outer_in_piece_, outer_ - first);
      f.rows(in + first * count_ * bytes, rows, count_, out + first * bytes);
      return;
    }
    const int64_t part = piece % parts_, strip = piece / parts_ % strips_;
    const int64_t first = piece / parts_ / strips_ * outer_in_piece_, last = std::min(outer_, first + outer_in_piece_);
    const int64_t begin = part * rows_, rows = std::min(rows_, count_ - begin);
    const int64_t column = strip * width_, width = std::min(width_, inner_ - column);
    for (int64_t o = first; o < last; ++o) {
      const std::byte* from = in + ((o * count_ + begin) * inner_ + column) * bytes;
      std::byte* to = parts_ > 1 ? partial + (o * parts_ + part) * inner_ * bytes : out + (o * inner_ + column) * bytes;
      if (inner_ == 1) {
        f.rows(from, 1, rows, to);
      } else {
        f.columns(from, rows, inner_, width, to);
      }
    }
  }

 private:
  void join(const ReduceFunctions& f, int64_t parts, const std::byte* partial, std::byte* out) const {
    if (inner_ == 1) {
      f.rows(partial, 1, parts, out);
    } else {
      f.columns(partial, parts, inner_, inner_, out);
    }
  }

  int64_t outer_, count_, inner_;
  int64_t outer_in_piece_ = 1;
  int64_t width_ = 0, strips_ = 1;  ///< columns of a strip
  int64_t rows_ = 0, parts_ = 1;    ///< of the reduced axis in a part
};

/// Stages, one for each group of neighbouring axes that are reduced, from the last to the first.
class SimdReduce : public Kernel {
 public:
  SimdReduce(const Call& call, const ReduceFunctions& functions)
      : functions_(functions), bytes_(size_of(call.in[0].dtype)) {
    const Shape& shape = call.in[0].shape;
    const auto& reduced_axes = static_cast<const Reduce&>(call.op).axes();
    elements_ = shape.elements();
    struct Group {
      int64_t size;
      bool reduced;
    };
    std::vector<Group> groups;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const bool reduced = std::find(reduced_axes.begin(), reduced_axes.end(), axis) != reduced_axes.end();
      if (shape[axis] == 1) continue;
      if (!groups.empty() && groups.back().reduced == reduced) {
        groups.back().size *= shape[axis];
      } else {
        groups.push_back({shape[axis], reduced});
      }
    }
    int64_t outer = 1, inner = 1;
    for (const Group& group : groups) outer *= group.size;
    for (size_t i = groups.size(); i-- > 0;) {
      outer /= groups[i].size;
      if (groups[i].reduced) {
        stages_.emplace_back(outer, groups[i].size, inner);
      } else {
        inner *= groups[i].size;
      }
    }
    if (stages_.empty()) stages_.emplace_back(elements_, 1, 1);  // axes of one element

    for (size_t i = 0; i < stages_.size(); ++i) {
      partial_at_.push_back(scratch_);
      scratch_ += divide_up(stages_[i].partials() * bytes_, 64) * 64;
      result_at_.push_back(scratch_);
      if (i + 1 < stages_.size()) scratch_ += divide_up(stages_[i].results() * bytes_, 64) * 64;
      for (int phase = 0; phase < stages_[i].phases(); ++phase) steps_.push_back({i, phase});
    }
  }

  std::string_view implementation() const override { return "simd"; }
  int phases() const override { return static_cast<int>(steps_.size()); }
  int64_t pieces(int phase) const override {
    const Step& step = steps_[static_cast<size_t>(phase)];
    return stages_[step.stage].pieces(step.phase);
  }
  int64_t scratch_bytes() const override { return scratch_; }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    const Step& step = steps_[static_cast<size_t>(phase)];
    const size_t i = step.stage;
    const std::byte* in = i == 0 ? args.input<std::byte>(0) : args.scratch + result_at_[i - 1];
    std::byte* out = i + 1 == stages_.size() ? args.output<std::byte>() : args.scratch + result_at_[i];
    stages_[i].run(step.phase, piece, functions_, bytes_, in, args.scratch + partial_at_[i], out);
  }

 private:
  struct Step {
    size_t stage;
    int phase;
  };
  ReduceFunctions functions_;
  int64_t bytes_, elements_ = 0;
  std::vector<Stage> stages_;
  std::vector<Step> steps_;
  std::vector<int64_t> partial_at_, result_at_;
  int64_t scratch_ = 0;
};

/// Rows along the last axis, many to a piece.
template <class Result>
class SimdRows : public Kernel {
 public:
  using Function = void (*)(const float* in, int64_t rows, int64_t length, Result* out);

  SimdRows(Function function, const Shape& shape, int64_t results_in_row)
      : function_(function),
        length_(shape.back()),
        results_(results_in_row),
        rows_(length_ == 0 ? 0 : shape.elements() / length_) {
    rows_in_piece_ = std::max<int64_t>(1, elements_in_piece / 4 / std::max<int64_t>(1, length_));
  }
  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return divide_up(rows_, rows_in_piece_); }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t first = piece * rows_in_piece_;
    function_(args.input<float>(0) + first * length_, std::min(rows_in_piece_, rows_ - first), length_,
              args.output<Result>() + first * results_);
  }
  /// Every element is read for the last time before the one at its place is written.
  bool may_overwrite(int, int) const override { return results_ > 1 && length_ >= simd::shortest_row_in_place; }

 private:
  Function function_;
  int64_t length_, results_, rows_, rows_in_piece_;
};

bool is_last_axis(int64_t axis, const Shape& shape) {
  for (int i = static_cast<int>(axis) + 1; i < shape.rank(); ++i) {
    if (shape[i] != 1) return false;
  }
  return true;
}

}  // namespace

std::unique_ptr<Kernel> make_simd_reduce(const Call& call, Refusal& why) {
  const Spec& x = call.in[0];
  const ReduceFunctions functions = simd::find_reduce_functions(static_cast<const Reduce&>(call.op).kind(), x.dtype);
  if (!functions.rows) return why(message("float32 and float64 only, not ", x.dtype));
  if (x.shape.elements() == 0) return why("nothing to add up");
  return std::make_unique<SimdReduce>(call, functions);
}

std::unique_ptr<Kernel> make_simd_softmax(const Call& call, Refusal& why) {
  const auto& op = static_cast<const SoftmaxOp&>(call.op);
  const Shape& shape = call.in[0].shape;
  if (call.in[0].dtype != DType::float32) return why("float32 only");
  if (!is_last_axis(op.axis(), shape)) return why("the last axis only");
  const simd::RowFunctions functions = simd::find_row_functions();
  const Shape rows{shape.elements() / std::max<int64_t>(1, shape[static_cast<int>(op.axis())]),
                   shape[static_cast<int>(op.axis())]};
  return std::make_unique<SimdRows<float>>(op.is_logarithm() ? functions.log_softmax : functions.softmax, rows,
                                           rows.back());
}

std::unique_ptr<Kernel> make_simd_arg_reduce(const Call& call, Refusal& why) {
  const auto& op = static_cast<const ArgReduce&>(call.op);
  const Shape& shape = call.in[0].shape;
  const int axis = normalize_axis(op.axis(), shape.rank(), "argmax");
  if (call.in[0].dtype != DType::float32) return why("float32 only");
  if (!is_last_axis(axis, shape)) return why("the last axis only");
  const simd::RowFunctions functions = simd::find_row_functions();
  const Shape rows{shape.elements() / shape[axis], shape[axis]};
  return std::make_unique<SimdRows<int64_t>>(op.is_maximum() ? functions.argmax : functions.argmin, rows, 1);
}

}  // namespace hebb
