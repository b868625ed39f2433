/// The console: where the text goes that a user asked for: `summary()`, the progress of `fit`, a callback with `verbose
/// = 1`.
///
/// The library writes nowhere else, and only through here. A program that wants the text elsewhere sets its own sink.
#pragma once

#include <functional>
#include <string_view>

namespace hebb {

using ConsoleSink = std::function<void(std::string_view)>;

/// Where text goes from now on; empty: standard output, the start.
void set_console(ConsoleSink sink, bool is_terminal = false);

void write_console(std::string_view text);

/// Whether text may use colour and redraw a line: a terminal, and NO_COLOR is not set.
bool console_is_terminal();

}  // namespace hebb
