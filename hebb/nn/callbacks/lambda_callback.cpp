#include "hebb/nn/callbacks/callbacks.h"

namespace hebb {

namespace {

class LambdaCallbackObject : public CallbackBase {
 public:
  explicit LambdaCallbackObject(LambdaCallbackOptions functions) : functions_(std::move(functions)) {}

  void on_train_begin() override { call(functions_.on_train_begin); }
  void on_train_end() override { call(functions_.on_train_end); }
  void on_epoch_begin(int64_t epoch) override { call(functions_.on_epoch_begin, epoch); }
  void on_epoch_end(int64_t epoch, Logs& logs) override { call(functions_.on_epoch_end, epoch, logs); }
  void on_train_batch_begin(int64_t batch) override { call(functions_.on_train_batch_begin, batch); }
  void on_train_batch_end(int64_t batch, const BatchLogs& logs) override {
    call(functions_.on_train_batch_end, batch, logs);
  }

 private:
  template <class Function, class... Arguments>
  static void call(const Function& function, Arguments&... arguments) {
    if (function) function(arguments...);
  }

  LambdaCallbackOptions functions_;
};

}  // namespace

Callback LambdaCallback(const LambdaCallbackOptions& options) { return make_callback<LambdaCallbackObject>(options); }

}  // namespace hebb
