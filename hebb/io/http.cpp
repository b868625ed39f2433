#include "hebb/io/http.h"

#include <curl/curl.h>
#include <dlfcn.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

/// libcurl's functions, by their own names.
struct Curl {
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

/// Linked to hebb it would make every program 16 ms slower to start, which OpenSSL takes to initialise itself.
const Curl& curl() {
  static const Curl loaded = [] {
    void* library = nullptr;
    for (const char* name : {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib"}) {
      library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
      if (library) break;
    }
    if (!library) throw NotSupported("libcurl is not installed. On Debian: apt-get install libcurl4.");
    Curl functions;
    const auto find = [&]<class F>(F& function, const char* name) {
      function = reinterpret_cast<F>(dlsym(library, name));
      if (!function) throw NotSupported(message("libcurl has no ", name, ". Install libcurl 7.20 or later."));
    };
    find(functions.easy_init, "curl_easy_init");
    find(functions.easy_setopt, "curl_easy_setopt");
    find(functions.easy_perform, "curl_easy_perform");
    find(functions.easy_cleanup, "curl_easy_cleanup");
    find(functions.easy_strerror, "curl_easy_strerror");
    find(functions.slist_append, "curl_slist_append");
    find(functions.slist_free_all, "curl_slist_free_all");
    return functions;
  }();
  return loaded;
}

/// The text, in which only letters, digits and these others stand as themselves.
std::string quoted(std::string_view text, std::string_view others) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 128 && (std::isalnum(byte) || others.find(c) != std::string_view::npos)) {
      out += c;
    } else {
      out += {'%', digits[byte / 16], digits[byte % 16]};
    }
  }
  return out;
}

size_t ignore(char*, size_t size, size_t count, void*) { return size * count; }

}  // namespace

void http_post(const std::string& url, const HttpHeaders& headers, const std::string& body) {
  constexpr long seconds_to_connect = 10, seconds_in_all = 30;
  const Curl& functions = curl();
  const std::unique_ptr<CURL, decltype(functions.easy_cleanup)> handle(functions.easy_init(), functions.easy_cleanup);
  if (!handle) throw IoError(message(url, ": libcurl cannot be initialised."));
  std::unique_ptr<curl_slist, decltype(functions.slist_free_all)> lines(nullptr, functions.slist_free_all);
  for (const auto& [name, value] : headers) {
    curl_slist* longer = functions.slist_append(lines.get(), (name + ": " + value).c_str());
    if (!longer) throw IoError(message(url, ": no memory for the headers."));
    lines.release();
    lines.reset(longer);
  }
  const auto set = [&](CURLoption option, auto value) {
    const CURLcode code = functions.easy_setopt(handle.get(), option, value);
    if (code != CURLE_OK) throw IoError(message(url, ": ", functions.easy_strerror(code), "."));
  };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_POSTFIELDS, body.c_str());
  set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  set(CURLOPT_HTTPHEADER, lines.get());
  set(CURLOPT_WRITEFUNCTION, &ignore);
  set(CURLOPT_CONNECTTIMEOUT, seconds_to_connect);
  set(CURLOPT_TIMEOUT, seconds_in_all);
  set(CURLOPT_NOSIGNAL, 1L);  // other threads may run
  const CURLcode code = functions.easy_perform(handle.get());
  if (code != CURLE_OK) throw IoError(message(url, ": ", functions.easy_strerror(code), "."));
}

std::string quoted_address(std::string_view address) {
  const size_t scheme = address.find("://");
  const size_t path =
      std::min(address.find_first_of("/?#", scheme == std::string_view::npos ? 0 : scheme + 3), address.size());
  return std::string(address.substr(0, path)) + quoted(address.substr(path), "-._~!#$%&'()*+,/:;=?@");
}

std::string form_field(std::string_view name, std::string_view text) {
  constexpr std::string_view plain = "-._~";
  return quoted(name, plain) + '=' + quoted(text, plain);
}

}  // namespace hebb
