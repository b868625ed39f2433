/// Ctrl-C: the program says `interrupted` and ends with 130. Only training puts it off, to the end of the step, so that
/// what was learnt can be saved.
#pragma once

namespace hebb::cli {

/// From now on an interrupt ends the program so, whatever it is doing.
void handle_interrupts();

/// While it lives, the first interrupt is only noted; whoever presses the keys twice wants to leave at once.
class NoteInterrupts {
 public:
  NoteInterrupts();
  ~NoteInterrupts();
  NoteInterrupts(const NoteInterrupts&) = delete;
  NoteInterrupts& operator=(const NoteInterrupts&) = delete;
};

/// Whether an interrupt was noted.
bool interrupted();

}  // namespace hebb::cli
