#include "hebb/nn/losses/circle.h"

#include <limits>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

void check_shapes(const Shape& y_true, const Shape& y_pred) {
  const bool labels = y_true.rank() == 1 || (y_true.rank() == 2 && y_true.back() == 1);
  if (labels && y_pred.rank() == 2 &&
      (y_true[0] == y_pred[0] || y_true[0] == Shape::unknown || y_pred[0] == Shape::unknown))
    return;
  throw InvalidArgument(message("circle: expected labels of shape (batch,) and embeddings of shape (batch, n), got ",
                                y_true, " and ", y_pred, ". Give one class number for each example."));
}

/// log(sum(exp(x))) of each row, over where `counts` holds; minus infinity, with a gradient of 0, where it never does.
Tensor log_sum_exp(const Tensor& x, const Tensor& counts) {
  const double lowest = -std::numeric_limits<double>::infinity();
  const Tensor among = select(counts, x, lowest);
  const Tensor largest = stop_gradient(max(among, {.axes = {1}, .keepdims = true}));
  const Tensor shift = select(isfinite(largest), largest, 0.0);
  const Tensor total = sum(select(counts, exp(select(counts, x - shift, 0.0)), 0.0), {.axes = {1}});
  const Tensor is_empty = equal(total, 0.0);
  return select(is_empty, lowest, log(select(is_empty, 1.0, total)) + reshape(shift, total.shape()));
}

class CircleLoss : public FunctionLoss<CircleOptions> {
 public:
  explicit CircleLoss(const CircleOptions& options)
      : FunctionLoss("Circle", "circle", options, [options](const Tensor& y_true, const Tensor& y_pred) {
          return circle(y_true, y_pred,
                        {.remove_diagonal = options.remove_diagonal, .gamma = options.gamma, .margin = options.margin});
        }) {}
  Tensor mask(const Tensor& y_true, const Tensor& y_pred) const override {
    return greater(values(y_true, y_pred), 0.0);
  }
  void check_targets(const Tensor& y_true, const Shape& prediction) const override {
    check_shapes(y_true.shape(), prediction);
  }
};

}  // namespace

Tensor circle(const Tensor& y_true, const Tensor& y_pred, const CircleArguments& arguments) {
  check_shapes(y_true.shape(), y_pred.shape());
  const double margin = arguments.margin;
  const Tensor embeddings = as_floating(y_pred);
  const int64_t examples = y_pred.shape()[0];
  const Tensor labels = cast(y_true, DType::int32);
  const Tensor equal_labels = equal(reshape(labels, {examples, 1}), reshape(labels, {1, examples}));
  const Tensor others = logical_not(equal_labels);
  Tensor same = equal_labels;
  if (arguments.remove_diagonal) {
    std::vector<int64_t> numbers(static_cast<size_t>(examples));
    for (int64_t i = 0; i < examples; ++i) numbers[static_cast<size_t>(i)] = i;
    same = logical_and(same, logical_not(one_hot(Tensor::from(numbers), examples, DType::boolean)));
  }
  const Tensor distances = maximum(1.0 - matmul(embeddings, transpose(embeddings)), 0.0);
  const Tensor same_weights = maximum(select(same, distances + margin, 0.0), 0.0),
               other_weights = maximum(select(others, 1 + margin - distances, 0.0), 0.0);
  const Tensor of_same = log_sum_exp(same_weights * (margin - distances) * -arguments.gamma, same),
               of_others = log_sum_exp(other_weights * (1 - margin - distances) * arguments.gamma, others);
  return softplus(of_same + of_others);
}

Loss Circle(const CircleOptions& options) { return std::make_shared<CircleLoss>(options); }

}  // namespace hebb
