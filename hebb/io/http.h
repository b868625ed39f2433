/// Posting to a server over HTTP or HTTPS.
///
///     http_post("http://localhost:9000/publish", {{"content-type", "application/json"}}, "{\"loss\": 0.5}");
///
/// libcurl does it. It is loaded when it is first needed: programs that post nothing neither wait for it nor need it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hebb {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// Sends `body` and waits for the answer, at most half a minute; what the server answers is not looked at. IoError,
/// with the address and the reason, when there is no answer; NotSupported when libcurl is not installed.
void http_post(const std::string& url, const HttpHeaders& headers, const std::string& body);

/// An address with what may not stand in its path and behind it (blanks, quotes, brackets, letters beyond ASCII) as
/// %XX; what is written so already stays.
std::string quoted_address(std::string_view address);

/// A name and a text as a form's body: "name=text", characters other than letters, digits and -._~ as %XX.
std::string form_field(std::string_view name, std::string_view text);

}  // namespace hebb
