#include "hebb/base/console.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace hebb {

namespace {
struct Console {
  std::mutex mutex;
  ConsoleSink sink;
  bool is_terminal = false;
};
Console& console() {
  static Console one;
  return one;
}
}  // namespace

void set_console(ConsoleSink sink, bool is_terminal) {
  const std::lock_guard lock(console().mutex);
  console().sink = std::move(sink);
  console().is_terminal = is_terminal;
}

void write_console(std::string_view text) {
  const std::lock_guard lock(console().mutex);
  if (console().sink) return console().sink(text);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

bool console_is_terminal() {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color && *no_color) return false;
  const std::lock_guard lock(console().mutex);
  return console().sink ? console().is_terminal : isatty(STDOUT_FILENO) == 1;
}

}  // namespace hebb
