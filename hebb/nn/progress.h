/// The progress that `fit`, `evaluate` and `predict` show: Keras's bar on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "hebb/nn/history.h"

namespace hebb {

class Progress {
 public:
  /// `verbose` 0: nothing; 1: a bar (a line at the end where there is no terminal); 2: a line at the end.
  /// The steps before `first_step` were done at another time.
  Progress(int verbose, int64_t steps, int64_t first_step = 0);

  /// After a step. Redraws at most ten times a second; `logs` is called only then.
  template <class MakeLogs>
  void step_done(MakeLogs&& logs) {
    ++done_;
    if (!is_bar_) return;
    const Clock::time_point now = Clock::now();
    if (now - drawn_ < std::chrono::milliseconds(100) || done_ >= steps_) return;
    drawn_ = now;
    draw(logs(), false);
  }
  void finish(const Logs& logs);
  /// Before other text is written: ends the bar's line.
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const Logs& logs, bool last);

  int verbose_;
  bool is_bar_;
  int64_t steps_, first_step_, done_;
  Clock::time_point start_ = Clock::now(), drawn_ = {};
  size_t width_ = 0;
};

/// " - accuracy: 0.9123 - loss: 0.2871", as Keras writes numbers.
std::string logs_text(const Logs& logs);
/// A loss or metric for people, as Keras's progress shows it: 0.9913, 3.1000e-05, nan.
std::string log_number_text(double value);

}  // namespace hebb
