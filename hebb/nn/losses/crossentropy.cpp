#include "hebb/nn/losses/crossentropy.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/comparison.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr double epsilon = 1e-7;

const Node* producer_named(const Tensor& tensor, std::string_view name) {
  const Node* node = tensor.body()->producer.get();
  return node && node->op->name() == name ? node : nullptr;
}

/// The crossentropy that the shapes ask for.
class OpenCrossentropy : public LossBase {
 public:
  explicit OpenCrossentropy(const std::string& name)
      : LossBase(name, "sum_over_batch_size"),
        binary_(BinaryCrossentropy()),
        sparse_(SparseCategoricalCrossentropy()),
        categorical_(CategoricalCrossentropy()) {}
  std::string class_name() const override { return name(); }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return chosen(y_true.shape(), y_pred.shape())->values(y_true, y_pred);
  }
  void check_targets(const Tensor& y_true, const Shape& prediction) const override {
    chosen(y_true.shape(), prediction)->check_targets(y_true, prediction);
  }

 private:
  const Loss& chosen(const Shape& y_true, const Shape& y_pred) const {
    switch (kind_of_targets(y_true, y_pred)) {
      case TargetKind::binary: return binary_;
      case TargetKind::sparse: return sparse_;
      case TargetKind::categorical: break;
    }
    return categorical_;
  }

  Loss binary_, sparse_, categorical_;
};

}  // namespace

Tensor logits_before_softmax(const Tensor& y_pred, int64_t axis) {
  const Node* node = producer_named(y_pred, "softmax");
  if (!node || static_cast<const SoftmaxOp&>(*node->op).axis() != normalize_axis(axis, y_pred.rank(), "crossentropy"))
    return {};
  return node->inputs.front();
}

Tensor logits_before_sigmoid(const Tensor& y_pred) {
  const Node* node = producer_named(y_pred, "sigmoid");
  return node ? node->inputs.front() : Tensor();
}

Tensor clip_probabilities(const Tensor& p) { return kept_within(p, epsilon, 1 - epsilon); }

void check_label_smoothing(const char* name, double label_smoothing) {
  if (label_smoothing >= 0 && label_smoothing <= 1) return;
  throw InvalidArgument(
      message(name, ": expected label_smoothing from 0 to 1, got ", label_smoothing, ". Take 0 for none."));
}

void check_same_shapes(const char* name, const Shape& y_true, const Shape& y_pred, const std::string& remedy) {
  const auto [targets, predictions] = same_rank(y_true, y_pred);
  bool fits = targets.rank() == predictions.rank();
  for (int i = 0; fits && i < targets.rank(); ++i) {
    fits = targets[i] == predictions[i] || targets[i] == Shape::unknown || predictions[i] == Shape::unknown;
  }
  if (fits) return;
  throw InvalidArgument(
      message(name, ": expected targets of the predictions' shape ", y_pred, ", got ", y_true, ". ", remedy));
}

bool is_open_crossentropy(const std::string& name) {
  const std::string lower = lower_case(name);
  return lower == "crossentropy" || lower == "ce";
}

Loss open_crossentropy(const std::string& name) { return std::make_shared<OpenCrossentropy>(name); }

TargetKind kind_of_targets(const Shape& y_true, const Shape& y_pred) {
  const int64_t columns = y_pred.empty() ? 1 : y_pred.back();
  if (columns == 1) return TargetKind::binary;
  if (y_true.rank() < y_pred.rank() || (y_true.back() == 1 && columns > 1)) return TargetKind::sparse;
  return TargetKind::categorical;
}

}  // namespace hebb
