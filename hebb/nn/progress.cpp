#include "hebb/nn/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "hebb/base/console.h"
#include "hebb/base/printable.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

constexpr int64_t bar_width = 20;

std::string per_step(double seconds) {
  if (seconds >= 1 || seconds == 0) return message(static_cast<int64_t>(std::lround(seconds)), "s/step");
  if (seconds >= 1e-3) return message(static_cast<int64_t>(std::lround(seconds * 1e3)), "ms/step");
  return message(static_cast<int64_t>(std::lround(seconds * 1e6)), "us/step");
}

/// 7s, 2:05, 1:00:09
std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(std::lround(seconds));
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(whole / 3600),
                  static_cast<long long>(whole / 60 % 60), static_cast<long long>(whole % 60));
  } else if (whole >= 60) {
    std::snprintf(text, sizeof text, "%lld:%02lld", static_cast<long long>(whole / 60),
                  static_cast<long long>(whole % 60));
  } else {
    std::snprintf(text, sizeof text, "%llds", static_cast<long long>(whole));
  }
  return text;
}

std::string repeated(std::string_view text, int64_t times) {
  std::string out;
  for (int64_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

std::string log_number_text(double value) {
  if (std::isnan(value)) return "nan";  // printf shows its sign, which means nothing
  char number[400];
  std::snprintf(number, sizeof number, std::abs(value) > 1e-3 || value == 0 ? "%.4f" : "%.4e", value);
  return number;
}

std::string logs_text(const Logs& logs) {
  std::string out;
  // Names come from layers, and those from files.
  for (const auto& [name, value] : logs) out += message(" - ", printable(name), ": ", log_number_text(value));
  return out;
}

Progress::Progress(int verbose, int64_t steps, int64_t first_step)
    : verbose_(verbose < 0 ? 1 : verbose),
      is_bar_(verbose_ == 1 && console_is_terminal()),
      steps_(steps),
      first_step_(first_step),
      done_(first_step) {}

double Progress::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

void Progress::draw(const Logs& logs, bool last) {
  const double passed = seconds();
  const double step = passed / static_cast<double>(std::max<int64_t>(done_ - first_step_, 1));
  const std::string count = message(done_, "/", steps_);
  const int64_t filled = steps_ > 0 ? bar_width * done_ / steps_ : bar_width;
  const std::string time = duration(last ? passed : step * static_cast<double>(steps_ - done_));
  const std::string rest = message(" ", per_step(step), logs_text(logs));
  const size_t width = count.size() + 1 + bar_width + 1 + time.size() + rest.size();
  std::string line = message("\r\x1b[1m", count, "\x1b[0m \x1b[32m", repeated("━", filled), "\x1b[0m\x1b[37m",
                             repeated("━", bar_width - filled), "\x1b[0m \x1b[1m", time, "\x1b[0m", rest);
  if (width < width_) line.append(width_ - width, ' ');
  width_ = width;
  if (last) line += '\n';
  write_console(line);
}

void Progress::finish(const Logs& logs) {
  if (verbose_ == 0) return;
  if (is_bar_) return draw(logs, true);
  const double passed = seconds();
  const double step = passed / static_cast<double>(std::max<int64_t>(done_ - first_step_, 1));
  write_console(message(done_, "/", steps_, " - ", duration(passed), " - ", per_step(step), logs_text(logs), "\n"));
}

}  // namespace hebb
