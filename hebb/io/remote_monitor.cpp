#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/base/json.h"
#include "hebb/base/text.h"
#include "hebb/io/http.h"
#include "hebb/nn/callbacks/callbacks.h"

namespace hebb {

namespace {

class RemoteMonitorCallback : public CallbackBase {
 public:
  explicit RemoteMonitorCallback(RemoteMonitorOptions options) : options_(std::move(options)) {
    if (!options_.root.starts_with("http://") && !options_.root.starts_with("https://")) {
      throw InvalidArgument(message("RemoteMonitor: root: expected an address such as http://localhost:9000, got '",
                                    options_.root, "'."));
    }
    headers_ = options_.headers;
    headers_.emplace_back("content-type",
                          options_.send_as_json ? "application/json" : "application/x-www-form-urlencoded");
  }

  void on_epoch_end(int64_t epoch, Logs& logs) override {
    Json numbers = Json::object({{"epoch", epoch}});
    for (const auto& [name, value] : logs) numbers.set(name, value);
    const std::string text = numbers.dump();
    try {
      http_post(quoted_address(options_.root + options_.path), headers_,
                options_.send_as_json ? text : form_field(options_.field, text));
    } catch (const IoError& error) {
      write_console(message("RemoteMonitor: the epoch's numbers did not arrive: ", error.what(), "\n"));
    }
  }

 private:
  RemoteMonitorOptions options_;
  HttpHeaders headers_;
};

}  // namespace

Callback RemoteMonitor(const RemoteMonitorOptions& options) { return make_callback<RemoteMonitorCallback>(options); }

}  // namespace hebb
