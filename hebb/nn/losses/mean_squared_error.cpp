#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

void check_shapes(const Shape& y_true, const Shape& y_pred) {
  // Keras broadcasts; what comes of it is hardly ever what was meant.
  check_same_shapes("mean_squared_error", y_true, y_pred,
                    "Reshape the targets, or give the last layer as many units as there are target columns.");
}

class MeanSquaredErrorLoss : public ConfiguredLoss<MeanSquaredErrorOptions> {
 public:
  explicit MeanSquaredErrorLoss(const MeanSquaredErrorOptions& options) : ConfiguredLoss(options, "MeanSquaredError") {}
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return mean_squared_error(y_true, y_pred);
  }
  void check_targets(const Tensor& y_true, const Shape& prediction) const override {
    check_shapes(y_true.shape(), prediction);
  }
};

}  // namespace

Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred) {
  check_shapes(y_true.shape(), y_pred.shape());
  Tensor predictions = as_floating(y_pred), targets = cast(y_true, predictions.dtype());
  make_same_rank(targets, predictions);
  const Tensor squares = square(predictions - targets);
  return squares.rank() == 0 ? squares : mean(squares, {.axes = {-1}});
}

Loss MeanSquaredError(const MeanSquaredErrorOptions& options) {
  return std::make_shared<MeanSquaredErrorLoss>(options);
}

}  // namespace hebb
