#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/callbacks/callbacks.h"

namespace hebb {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class CSVLoggerCallback : public CallbackBase {
 public:
  CSVLoggerCallback(std::string path, CSVLoggerOptions options)
      : path_(std::move(path)), options_(std::move(options)) {}

  void on_train_begin() override {
    std::error_code error;
    const auto size = std::filesystem::file_size(path_, error);
    with_header_ = !options_.append || error || size == 0;
    file_.reset(std::fopen(path_.c_str(), options_.append ? "ab" : "wb"));
    if (!file_)
      throw IoError(message("CSVLogger: cannot write ", path_, ". Check that its folder exists and may be written."));
    names_.clear();
  }

  void on_epoch_end(int64_t epoch, Logs& logs) override {
    if (names_.empty()) start(logs);
    std::string line = std::to_string(epoch);
    for (const std::string& name : names_) {
      const double* value = logs.find(name);
      line += options_.separator + (value ? python_text(*value) : "NA");
    }
    write(line);
  }

  void on_train_end() override { file_.reset(); }

 private:
  void start(const Logs& logs) {
    bool validated = false;
    for (const auto& [name, value] : logs) {
      names_.push_back(name);
      validated = validated || name.starts_with("val_");
    }
    std::sort(names_.begin(), names_.end());
    // The columns stay the same when validation comes later.
    if (!validated) {
      for (size_t i = 0, count = names_.size(); i < count; ++i) names_.push_back("val_" + names_[i]);
    }
    std::string line = "epoch";
    for (const std::string& name : names_) line += options_.separator + name;
    if (with_header_) write(line);
  }

  /// Python's repr of a float: with a point.
  static std::string python_text(double value) {
    std::string text = number_text(value);
    if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
  }

  void write(const std::string& line) {
    const bool written = std::fputs((line + "\r\n").c_str(), file_.get()) >= 0 && std::fflush(file_.get()) == 0;
    if (!written) throw IoError(message("CSVLogger: cannot write ", path_, ". Is the disk full?"));
  }

  std::string path_;
  CSVLoggerOptions options_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  bool with_header_ = true;
  std::vector<std::string> names_;
};

}  // namespace

Callback CSVLogger(const std::string& filename, const CSVLoggerOptions& options) {
  return make_callback<CSVLoggerCallback>(filename, options);
}

}  // namespace hebb
