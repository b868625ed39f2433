/// Text: building messages and finding the name that was probably meant.
///
///     throw InvalidArgument(message("expected rank ", 2, ", got ", shape.rank()));
///     throw InvalidArgument(unknown_name("activation", "rellu", names));
///     // unknown activation 'rellu'. Did you mean 'relu'?
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hebb {

namespace detail {
inline void append(std::string& out, std::string_view value) { out += value; }
inline void append(std::string& out, const char* value) { out += value; }
inline void append(std::string& out, char value) { out += value; }
inline void append(std::string& out, bool value) { out += value ? "true" : "false"; }
template <std::integral T>
void append(std::string& out, T value) {
  out += std::to_string(value);
}
void append(std::string& out, double value);
template <class T>
  requires requires(const T& value) {
    { value.to_string() } -> std::convertible_to<std::string>;
  }
void append(std::string& out, const T& value) { out += value.to_string(); }
}  // namespace detail

/// Its arguments as one string: text, numbers and whatever has `to_string()`.
template <class... Parts>
std::string message(const Parts&... parts) {
  using detail::append;  // and, by argument, the overloads beside other types
  std::string out;
  (append(out, parts), ...);
  return out;
}

/// The shortest decimal text that reads back as the same double, with Python's choice of exponents: `0.0001`, `1e-07`,
/// `100000`, `nan`, `inf`.
std::string number_text(double value);

/// `a, b, c`.
std::string join(std::span<const std::string> parts, std::string_view separator = ", ");

/// The parts between separators; `split("a,,b", ',')` has three.
std::vector<std::string> split(std::string_view text, char separator);

/// The candidate nearest to `wrong` by edit distance, or empty when none is near.
std::string nearest_name(std::string_view wrong, std::span<const std::string> candidates);

/// `unknown KIND 'wrong'. Did you mean 'right'?`, or, when none is near, the list of the known names; of
/// many the nearest alone.
std::string unknown_name(std::string_view kind, std::string_view wrong, std::span<const std::string> candidates);

/// How many characters a text in UTF-8 has.
size_t count_characters(std::string_view text);

/// One behind the other, so many times.
std::string repeated(std::string_view text, size_t times);

/// Its ASCII letters as small ones.
std::string lower_case(std::string_view text);

/// Keras's `to_snake_case`: `Conv2D` is `conv2d`, `MaxPooling2D` is `max_pooling2d`.
std::string snake_case(std::string_view class_name);

}  // namespace hebb
