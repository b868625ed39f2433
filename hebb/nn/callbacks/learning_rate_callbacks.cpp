#include <algorithm>

#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/callbacks/monitor.h"

namespace hebb {

namespace {

class ReduceLROnPlateauCallback : public CallbackBase {
 public:
  explicit ReduceLROnPlateauCallback(ReduceLROnPlateauOptions options)
      : options_(std::move(options)),
        monitor_("ReduceLROnPlateau", options_.monitor, options_.mode, options_.min_delta) {
    if (!(options_.factor < 1))
      throw InvalidArgument(message("ReduceLROnPlateau: expected a factor below 1, got ", options_.factor, "."));
  }

  void on_train_begin() override {
    monitor_.begin(model());
    best_.reset();
    cooldown_ = wait_ = 0;
  }

  void on_epoch_end(int64_t epoch, Logs& logs) override {
    logs.set("learning_rate", model().optimizer().learning_rate());
    const std::optional<double> current = monitor_.value(logs);
    if (!current) {
      if (monitor_.comes_in_other_epochs(logs)) return;
      return monitor_.warn_of_missing(message("Learning rate reduction is conditioned on metric `", monitor_.name(),
                                              "` which is not available. Available metrics are: ", available(logs),
                                              "."));
    }
    if (cooldown_ > 0) {
      --cooldown_;
      wait_ = 0;
    }
    if (monitor_.improves(*current, best_)) {
      best_ = current;
      wait_ = 0;
    } else if (cooldown_ == 0 && ++wait_ >= options_.patience) {
      reduce(epoch);
    }
  }

 private:
  void reduce(int64_t epoch) {
    const double old = model().optimizer().learning_rate();
    if (old <= static_cast<double>(static_cast<float>(options_.min_lr))) return;
    const double rate = std::max(old * options_.factor, options_.min_lr);
    model().optimizer().set_learning_rate(rate);
    if (options_.verbose > 0) {
      write_console(message("\nEpoch ", epoch + 1, ": ReduceLROnPlateau reducing learning rate to ", rate, ".\n"));
    }
    cooldown_ = options_.cooldown;
    wait_ = 0;
  }

  ReduceLROnPlateauOptions options_;
  Monitor monitor_;
  std::optional<double> best_;
  int64_t cooldown_ = 0, wait_ = 0;
};

class LearningRateSchedulerCallback : public CallbackBase {
 public:
  LearningRateSchedulerCallback(std::function<double(int64_t, double)> schedule, int verbose)
      : schedule_(std::move(schedule)), verbose_(verbose) {}

  void on_epoch_begin(int64_t epoch) override {
    const double rate = schedule_(epoch, model().optimizer().learning_rate());
    model().optimizer().set_learning_rate(rate);
    if (verbose_ > 0) {
      write_console(message("\nEpoch ", epoch + 1, ": LearningRateScheduler setting learning rate to ", rate, ".\n"));
    }
  }
  void on_epoch_end(int64_t, Logs& logs) override { logs.set("learning_rate", model().optimizer().learning_rate()); }

 private:
  std::function<double(int64_t, double)> schedule_;
  int verbose_;
};

}  // namespace

Callback ReduceLROnPlateau(const ReduceLROnPlateauOptions& options) {
  return make_callback<ReduceLROnPlateauCallback>(options);
}

Callback LearningRateScheduler(std::function<double(int64_t, double)> schedule, int verbose) {
  return make_callback<LearningRateSchedulerCallback>(std::move(schedule), verbose);
}

}  // namespace hebb
