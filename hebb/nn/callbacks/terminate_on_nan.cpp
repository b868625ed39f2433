#include <cmath>

#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/callbacks/callbacks.h"

namespace hebb {

namespace {

class TerminateOnNaNCallback : public CallbackBase {
 public:
  explicit TerminateOnNaNCallback(const TerminateOnNaNOptions& options) : options_(options) {}

  void on_train_batch_end(int64_t batch, const BatchLogs& logs) override {
    const double loss = logs()["loss"];
    if (std::isfinite(loss)) return;
    if (options_.raise_error) {
      throw Error(message("NaN or Inf loss encountered at batch ", batch, ". Loss value: ", loss,
                          ". Terminating training immediately. Lower the learning rate, or clip the gradients."));
    }
    write_console(message("Batch ", batch, ": Invalid loss, terminating training\n"));
    stop_training();
  }

 private:
  TerminateOnNaNOptions options_;
};

}  // namespace

Callback TerminateOnNaN(const TerminateOnNaNOptions& options) { return make_callback<TerminateOnNaNCallback>(options); }

}  // namespace hebb
