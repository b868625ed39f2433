/// Pieces of HTML pages that stand alone.
#pragma once

#include <string>
#include <string_view>

#include "hebb/viz/canvas.h"

namespace hebb::viz {

/// Text as HTML shows it: markup in it is shown, not followed.
std::string html_text(std::string_view text);

/// Bytes in base64 (RFC 4648).
std::string base64(std::string_view bytes);

/// The picture as an element with its bytes inside, `ending` "svg" or "png"; `description` is for those who do not see
/// it. As wide as it is drawn, or as the page where that is narrower.
std::string html_picture(const Picture& picture, std::string_view ending, std::string_view description);

}  // namespace hebb::viz
