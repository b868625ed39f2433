#include "hebb/nn/losses/ctc.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/nn/losses/labels.h"
#include "hebb/ops/ctc.h"

namespace hebb {

namespace {

void check_shapes(const Shape& y_true, const Shape& y_pred) {
  if (y_true.rank() == 2 && y_pred.rank() == 3 &&
      (y_true[0] == y_pred[0] || y_true[0] == Shape::unknown || y_pred[0] == Shape::unknown))
    return;
  throw InvalidArgument(message("ctc: expected labels of shape (batch, length) and logits of shape (batch, steps, ",
                                "classes), got ", y_true, " and ", y_pred,
                                ". Fill up labels that are shorter with 0, the blank."));
}

class CTCLoss : public FunctionLoss<CTCOptions> {
 public:
  explicit CTCLoss(const CTCOptions& options) : FunctionLoss("CTC", "ctc", options, ctc) {}
  void check_targets(const Tensor& y_true, const Shape& prediction) const override {
    check_shapes(y_true.shape(), prediction);
    check_labels("ctc", y_true, prediction.back());
  }
};

}  // namespace

Tensor ctc(const Tensor& y_true, const Tensor& y_pred) {
  check_shapes(y_true.shape(), y_pred.shape());
  return ctc_loss(as_floating(y_pred), y_true);
}

Loss CTC(const CTCOptions& options) { return std::make_shared<CTCLoss>(options); }

}  // namespace hebb
