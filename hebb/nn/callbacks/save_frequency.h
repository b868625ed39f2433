/// How often a callback saves or writes: Keras's `save_freq`, "epoch" or a number of batches. Internal.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

class SaveFrequency {
 public:
  /// InvalidArgument, with the callback's name and the option's, for anything else.
  SaveFrequency(const char* who, const std::string& save_freq, const char* option = "save_freq") {
    if (save_freq == "epoch") return;
    char* end = nullptr;
    every_ = std::strtoll(save_freq.c_str(), &end, 10);
    if (*end != '\0' || every_ < 1) {
      throw InvalidArgument(
          message(who, ": ", option, ": expected \"epoch\" or a number of batches, got '", save_freq, "'."));
    }
  }
  bool is_every_epoch() const { return every_ == 0; }
  void restart() { batches_ = 0; }
  /// Counts a batch.
  bool is_due_after_batch() {
    if (every_ == 0 || ++batches_ < every_) return false;
    batches_ = 0;
    return true;
  }

 private:
  int64_t every_ = 0, batches_ = 0;
};

}  // namespace hebb
