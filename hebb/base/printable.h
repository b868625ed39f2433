/// Text from files, made fit for a terminal, which would obey the control characters in it.
///
///     printable("dense\x1b[2J");    // "dense\\x1b[2J"
#pragma once

#include <string>
#include <string_view>

namespace hebb {

/// The text with its control characters but line breaks and tabs written as `\x1b` (those of Unicode, U+0080 to U+009F,
/// as `\u0080`).
std::string printable(std::string_view text);

}  // namespace hebb
