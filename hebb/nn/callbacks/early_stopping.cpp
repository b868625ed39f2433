#include "hebb/base/console.h"
#include "hebb/base/text.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/callbacks/monitor.h"

namespace hebb {

namespace {

class EarlyStoppingCallback : public CallbackBase {
 public:
  explicit EarlyStoppingCallback(EarlyStoppingOptions options)
      : options_(std::move(options)), monitor_("EarlyStopping", options_.monitor, options_.mode, options_.min_delta) {}

  void on_train_begin() override {
    monitor_.begin(model());
    wait_ = stopped_epoch_ = best_epoch_ = 0;
    best_.reset();
    best_weights_.clear();
    has_best_weights_ = false;
  }

  void on_epoch_end(int64_t epoch, Logs& logs) override {
    const std::optional<double> current = monitor_.value(logs);
    if (!current) {
      if (monitor_.comes_in_other_epochs(logs)) return;
      return monitor_.warn_of_missing(message("Early stopping conditioned on metric `", monitor_.name(),
                                              "` which is not available. Available metrics are: ", available(logs)));
    }
    if (epoch < options_.start_from_epoch) return;
    if (options_.restore_best_weights && !has_best_weights_) remember(epoch);
    ++wait_;
    if (monitor_.improves(*current, best_)) {
      best_ = current;
      best_epoch_ = epoch;
      if (options_.restore_best_weights) remember(epoch);
      // Patience starts anew only when the baseline was beaten, too.
      if (!options_.baseline || monitor_.improves(*current, options_.baseline)) wait_ = 0;
    } else if (wait_ >= options_.patience && epoch > 0) {
      stopped_epoch_ = epoch;
      stop_training();
    }
  }

  void on_train_end() override {
    if (stopped_epoch_ > 0 && options_.verbose > 0)
      write_console(message("Epoch ", stopped_epoch_ + 1, ": early stopping\n"));
    if (!has_best_weights_) return;
    if (options_.verbose > 0)
      write_console(message("Restoring model weights from the end of the best epoch: ", best_epoch_ + 1, ".\n"));
    model().set_weights(best_weights_);
  }

 private:
  void remember(int64_t epoch) {
    best_weights_ = model().get_weights();
    best_epoch_ = epoch;
    has_best_weights_ = true;
  }

  EarlyStoppingOptions options_;
  Monitor monitor_;
  int64_t wait_ = 0, stopped_epoch_ = 0, best_epoch_ = 0;
  std::optional<double> best_;
  Tensors best_weights_;
  bool has_best_weights_ = false;
};

}  // namespace

Callback EarlyStopping(const EarlyStoppingOptions& options) { return make_callback<EarlyStoppingCallback>(options); }

}  // namespace hebb
