#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <csignal>

namespace hebb::cli {

namespace {

volatile std::sig_atomic_t noting = 0, noted = 0;

extern "C" void on_interrupt(int) {
  if (noting && !noted) {
    noted = 1;
    return;
  }
  // Nothing but what a signal handler may call: no buffers are flushed, no destructors run.
  constexpr char text[] = "interrupted\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, sizeof text - 1);
  _exit(130);
}

}  // namespace

void handle_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;  // a file that is being read or written is finished while training goes on
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}

NoteInterrupts::NoteInterrupts() {
  noted = 0;
  noting = 1;
}

NoteInterrupts::~NoteInterrupts() { noting = 0; }

bool interrupted() { return noted != 0; }

}  // namespace hebb::cli
