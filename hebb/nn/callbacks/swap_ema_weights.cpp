#include "hebb/base/error.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/model.h"

namespace hebb {

namespace {

class SwapEMAWeightsCallback : public CallbackBase {
 public:
  explicit SwapEMAWeightsCallback(const SwapEMAWeightsOptions& options) : options_(options) {}

  void on_train_begin() override {
    trained_.clear();
    if (model().optimizer()->averages().empty()) {
      throw InvalidArgument(
          "SwapEMAWeights: expected an optimizer that keeps moving averages of the weights, got one that does not. "
          "Make it with use_ema.");
    }
  }
  void on_epoch_begin(int64_t) override { restore(); }
  void on_epoch_end(int64_t, Logs&) override {
    if (options_.swap_on_epoch) swap();
  }
  void on_test_begin() override { swap(); }
  void on_test_end(const Logs&) override { restore(); }

 private:
  void swap() {
    if (!trained_.empty()) return;
    trained_ = model().get_weights();
    for (const auto& [weight, average] : model().optimizer()->averages()) write_variable(weight, average);
  }
  void restore() {
    if (trained_.empty()) return;
    model().set_weights(trained_);
    trained_.clear();
  }

  SwapEMAWeightsOptions options_;
  // While the averages stand in the model. Keras puts the weights into the optimizer's averages for this time, and
  // loses the averages when another callback ends the training then.
  Tensors trained_;
};

}  // namespace

Callback SwapEMAWeights(const SwapEMAWeightsOptions& options) { return make_callback<SwapEMAWeightsCallback>(options); }

}  // namespace hebb
