#include "hebb/viz/html.h"

#include <cmath>

#include "hebb/base/text.h"

namespace hebb::viz {

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](size_t k) {
      return i + k < bytes.size() ? static_cast<uint32_t>(static_cast<unsigned char>(bytes[i + k])) : 0u;
    };
    const uint32_t three = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += letters[three >> 18];
    out += letters[three >> 12 & 63];
    out += i + 1 < bytes.size() ? letters[three >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? letters[three & 63] : '=';
  }
  return out;
}

std::string html_picture(const Picture& picture, std::string_view ending, std::string_view description) {
  // Not as elements of the page: letters are numbered anew in each SVG, and the numbers would be taken for each other.
  // A point of the picture is one of the page, 4/3 pixels: words of 11 points are large enough for a projector.
  const auto width = std::lround(picture.width() * 4 / 3);
  return message("<img alt=\"", html_text(description), "\" width=\"", width, "\" src=\"data:image/",
                 ending == "svg" ? "svg+xml" : "png", ";base64,", base64(picture.encode(ending)), "\">");
}

}  // namespace hebb::viz
