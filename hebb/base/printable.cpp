#include "hebb/base/printable.h"

#include <cstdio>

namespace hebb {

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto escape = [&](const char* format, unsigned value) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, format, value);
    out += buffer;
  };
  constexpr unsigned first_printable = 0x20, rubout = 0x7f;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned byte = static_cast<unsigned char>(text[i]);
    const unsigned next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F in UTF-8
      escape("\\u%04x", next);
      ++i;
    } else if ((byte < first_printable && byte != '\n' && byte != '\t') || byte == rubout) {
      escape("\\x%02x", byte);
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace hebb
