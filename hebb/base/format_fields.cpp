#include "hebb/base/format_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

constexpr int most_digits = 1000;
constexpr std::string_view aligns = "<>=^", whole_types = "bdoxX", number_types = "bdeEfFgGnoxX%";

bool is_one_of(char c, std::string_view all) { return all.find(c) != std::string_view::npos; }

/// As "%.*f" and its like, whatever the program's locale is.
std::string printed(std::chars_format format, int precision, double value) {
  std::string out(static_cast<size_t>(most_digits) + 400, '\0');
  out.resize(static_cast<size_t>(std::to_chars(out.data(), out.data() + out.size(), value, format, precision).ptr -
                                 out.data()));
  return out;
}

/// Of a magnitude, without a type but with a precision: as "g", but with a digit behind the point.
std::string general(int precision, double value) {
  precision = std::max(precision, 1);
  const std::string scientific = printed(std::chars_format::scientific, precision - 1, value);
  const int point = std::atoi(scientific.c_str() + scientific.find('e') + 1) + 1;
  if (point > -4 && point <= precision - 1) {
    std::string out = printed(std::chars_format::general, precision, value);
    return out.find('.') == std::string::npos ? out + ".0" : out;
  }
  if (point > precision - 1 && point <= precision) {
    // "g" would write it without an exponent.
    std::string digits = scientific.substr(0, scientific.find('e'));
    if (digits.find('.') != std::string::npos) {
      digits.erase(digits.find_last_not_of('0') + 1);
      if (digits.back() == '.') digits.pop_back();
    }
    return digits + scientific.substr(scientific.find('e'));
  }
  return printed(std::chars_format::general, precision, value);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return text;
}

std::string whole_text(char type, double magnitude) {
  const int base = type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, static_cast<unsigned long long>(magnitude), base).ptr;
  return type == 'X' ? upper({digits, end}) : std::string(digits, end);
}

/// How many bytes a character of UTF-8 has.
size_t size_of_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return std::min(size, text.size());
}

}  // namespace

FormatFields::FormatFields(std::string_view text, const std::vector<std::string>& whole) {
  Part part;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool doubled = i + 1 < text.size() && text[i + 1] == text[i];
    if (text[i] != '{' && text[i] != '}') {
      part.text += text[i];
    } else if (doubled) {
      part.text += text[i++];
    } else if (text[i] == '}') {
      throw InvalidArgument(message("'", text, "' has a } without a {. Write }} for a brace."));
    } else {
      const size_t end = text.find('}', i);
      if (end == std::string_view::npos)
        throw InvalidArgument(message("'", text, "' has a { without a }. Write {{ for a brace."));
      const std::string before = std::move(part.text);
      try {
        part = read_field(text.substr(i + 1, end - i - 1), whole);
      } catch (const InvalidArgument& error) {
        throw InvalidArgument(message("'", text, "': the field ", text.substr(i, end + 1 - i), ": ", error.what()));
      }
      part.text = before;
      parts_.push_back(std::move(part));
      part = {};
      i = end;
    }
  }
  parts_.push_back(std::move(part));
}

FormatFields::Part FormatFields::read_field(std::string_view field, const std::vector<std::string>& whole) {
  Part part;
  const size_t colon = std::min(field.find(':'), field.size());
  std::string_view name = field.substr(0, colon);
  if (const size_t mark = name.find('!'); mark != std::string_view::npos) {
    const std::string_view conversion = name.substr(mark + 1);
    if (conversion != "r" && conversion != "s" && conversion != "a")
      throw InvalidArgument(message("expected !r or !s, got !", conversion, "."));
    part.as_text = true;
    name = name.substr(0, mark);
  }
  if (name.empty() || name.find_first_of("{.[") != std::string_view::npos)
    throw InvalidArgument("expected the name of a number, such as {epoch}.");
  part.name = name;
  part.is_whole = std::find(whole.begin(), whole.end(), part.name) != whole.end();
  part.spec = read_spec(colon < field.size() ? field.substr(colon + 1) : "", part.as_text);
  if (!part.is_whole && part.spec.type && is_one_of(part.spec.type, whole_types))
    throw InvalidArgument(message("'", std::string(1, part.spec.type), "' is for whole numbers. Take .0f."));
  return part;
}

FormatFields::Spec FormatFields::read_spec(std::string_view text, bool as_text) {
  Spec spec;
  std::string_view rest = text;
  const auto take = [&](std::string_view some) {
    if (rest.empty() || !is_one_of(rest.front(), some)) return '\0';
    const char taken = rest.front();
    rest.remove_prefix(1);
    return taken;
  };
  const auto take_number = [&]() -> std::optional<int> {
    const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0) return std::nullopt;
    const int number = digits > 4 ? most_digits + 1 : std::atoi(std::string(rest.substr(0, digits)).c_str());
    if (number > most_digits)
      throw InvalidArgument(message("expected at most ", most_digits, " digits. Take a shorter one, such as .4f."));
    rest.remove_prefix(digits);
    return number;
  };
  const size_t first = rest.empty() ? 0 : size_of_character(rest);
  if (rest.size() > first && is_one_of(rest[first], aligns)) {
    spec.fill = rest.substr(0, first);
    rest.remove_prefix(first);
  }
  spec.align = take(aligns);
  if (const char sign = as_text ? '\0' : take("+- ")) spec.sign = sign;
  if (take("0") && !spec.align) {
    spec.fill = "0";
    spec.align = as_text ? '<' : '=';
  }
  spec.width = take_number().value_or(0);
  bool valid = true;
  if (take(".")) {
    spec.precision = take_number();
    valid = spec.precision.has_value();
  }
  spec.type = take(as_text ? "s" : number_types);
  valid = valid && rest.empty() && !(as_text && spec.align == '=');
  if (!valid || (spec.precision && spec.type && is_one_of(spec.type, whole_types)))
    throw InvalidArgument(message("expected a format such as 02d or .4f, got '", text, "'."));
  return spec;
}

std::string FormatFields::number_text_of(const Spec& spec, double magnitude, bool is_whole) {
  const bool is_count = spec.type && is_one_of(spec.type, whole_types);
  const bool is_plain = (!spec.type || spec.type == 'n') && !spec.precision;
  if (is_whole && magnitude < 1e18 && (is_count || is_plain)) return whole_text(spec.type, magnitude);
  const bool is_finite = std::isfinite(magnitude);
  const bool is_large = spec.type && is_one_of(spec.type, "EFG");
  if (!is_finite) {
    std::string out = std::isnan(magnitude) ? "nan" : "inf";
    if (is_large) out = upper(out);
    return spec.type == '%' ? out + '%' : out;
  }
  if (!spec.type && spec.precision) return general(*spec.precision, magnitude);
  if (!spec.type) {
    const std::string out = hebb::number_text(magnitude);
    return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
  }
  const bool is_percent = spec.type == '%';
  const bool is_scientific = spec.type == 'e' || spec.type == 'E', is_general = is_one_of(spec.type, "gGn");
  const auto format = is_scientific ? std::chars_format::scientific
                      : is_general  ? std::chars_format::general
                                    : std::chars_format::fixed;
  std::string out =
      printed(format, is_count ? 0 : spec.precision.value_or(6), is_percent ? magnitude * 100 : magnitude);
  if (is_large) out = upper(out);
  return is_percent ? out + "%" : out;
}

std::string FormatFields::padded(const Spec& spec, const std::string& sign, const std::string& body,
                                 char standard_align) {
  const size_t size = count_characters(sign) + count_characters(body);
  const auto width = static_cast<size_t>(spec.width);
  const size_t missing = width > size ? width - size : 0;
  switch (spec.align ? spec.align : standard_align) {
    case '<': return sign + body + repeated(spec.fill, missing);
    case '=': return sign + repeated(spec.fill, missing) + body;
    case '^': return repeated(spec.fill, missing / 2) + sign + body + repeated(spec.fill, missing - missing / 2);
    default: return repeated(spec.fill, missing) + sign + body;
  }
}

std::string FormatFields::filled(FunctionRef<double(const std::string& name)> number_of) const {
  std::string out;
  for (const Part& part : parts_) {
    out += part.text;
    if (part.name.empty()) continue;
    const double number = number_of(part.name), magnitude = std::abs(number);
    const bool is_negative = std::signbit(number) && !std::isnan(number);
    if (part.as_text) {
      std::string text = (is_negative ? "-" : "") + number_text_of({}, magnitude, part.is_whole);
      if (part.spec.precision) text.resize(std::min(text.size(), static_cast<size_t>(*part.spec.precision)));
      out += padded(part.spec, "", text, '<');
      continue;
    }
    const std::string sign = is_negative ? "-" : part.spec.sign == '-' ? "" : std::string(1, part.spec.sign);
    out += padded(part.spec, sign, number_text_of(part.spec, magnitude, part.is_whole), '>');
  }
  return out;
}

}  // namespace hebb
