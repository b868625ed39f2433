// The writing half of csv.h.
#include <charconv>
#include <cmath>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/data/csv.h"
#include "hebb/tensor/texts.h"

namespace hebb::data {

namespace {

constexpr char quote = '"';

/// Readers take blanks at the ends off.
bool is_padded(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  return !text.empty() && (is_blank(text.front()) || is_blank(text.back()));
}

void append_number(std::string& out, double value, DType dtype) {
  if (!is_floating(dtype)) {
    out += std::to_string(static_cast<int64_t>(value));
  } else if (std::isnan(value)) {
    out += "nan";
  } else {
    char buffer[32];
    const auto result = dtype == DType::float32
                            ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(value))
                            : std::to_chars(buffer, buffer + sizeof buffer, value);
    out.append(buffer, result.ptr);
  }
}

void append_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",;\t\"\r\n") == std::string_view::npos && !is_padded(text)) {
    out += text;
    return;
  }
  out += quote;
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  out += quote;
}

}  // namespace

std::string csv_text(std::span<const std::string> columns, const Tensor& values) {
  if (values.rank() == 0) throw InvalidArgument("CSV: expected values with at least one axis, got a single number.");
  const int64_t rows = values.shape()[0];
  const int64_t width = values.shape().sub(1, values.rank()).elements();
  if (!columns.empty() && static_cast<int64_t>(columns.size()) != width) {
    throw InvalidArgument(message("CSV: expected ", width, " column names for values of shape ", values.shape(),
                                  ", got ", columns.size(), "."));
  }
  std::string out;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    append_field(out, columns[i]);
  }
  if (!columns.empty()) out += '\n';
  if (values.dtype() == DType::string) {
    const std::string* const* text = text_elements(values);
    for (int64_t i = 0; i < rows * width; ++i) {
      append_field(out, text_of(text[i]));
      out += (i + 1) % width == 0 ? '\n' : ',';
    }
    return out;
  }
  const void* raw = values.raw();
  with_type(values.dtype(), [&](auto zero) {
    const auto* value = static_cast<const decltype(zero)*>(raw);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t i = 0; i < width; ++i) {
        if (i > 0) out += ',';
        if constexpr (std::is_same_v<decltype(zero), int64_t>) {
          out += std::to_string(*value++);  // a double does not hold them all
        } else {
          append_number(out, static_cast<double>(*value++), values.dtype());
        }
      }
      out += '\n';
    }
  });
  return out;
}

void write_csv(const std::string& path, std::span<const std::string> columns, const Tensor& values) {
  write_atomically(path, csv_text(columns, values));
}

void write_csv(const std::string& path, std::initializer_list<std::string> columns, const Tensor& values) {
  write_csv(path, std::span<const std::string>(columns.begin(), columns.size()), values);
}

}  // namespace hebb::data
