/// Texts with fields in braces, filled in as Python's `str.format` does it for numbers.
///
///     const FormatFields name("model-{epoch:02d}-{val_loss:.2f}.keras", {"epoch"});
///     name.filled([&](const std::string& field) { return numbers.at(field); });   // model-03-0.25.keras
///
/// A field is `{name}`, `{name:spec}` or `{name!r:spec}`; `{{` and `}}` are braces. Of a spec there is
/// `[[fill]align][sign][0][width][.precision][type]` with the types b, d, e, E, f, F, g, G, n, o, x, X and %, and s
/// behind `!r` and `!s`. Python's `#`, groups of digits, attributes, positions and fields within fields are refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/base/function_ref.h"

namespace hebb {

class FormatFields {
 public:
  /// `whole`: the names of ints, which are written without a point, and which alone take the types b, d, o, x, X.
  /// InvalidArgument, saying which field is wrong, for a text that is no such template.
  explicit FormatFields(std::string_view text, const std::vector<std::string>& whole = {});
  /// The text with the numbers in place of their fields.
  std::string filled(FunctionRef<double(const std::string& name)> number_of) const;

 private:
  struct Spec {
    std::string fill = " ";
    char align = 0, sign = '-', type = 0;  // 0: not given
    std::optional<int> precision;
    int width = 0;
  };
  struct Part {
    std::string text;  // before the field, or the last of all
    std::string name;  // empty: there is no field
    bool is_whole = false, as_text = false;
    Spec spec;
  };

  static Spec read_spec(std::string_view text, bool as_text);
  static Part read_field(std::string_view field, const std::vector<std::string>& whole);
  static std::string number_text_of(const Spec& spec, double magnitude, bool is_whole);
  static std::string padded(const Spec& spec, const std::string& sign, const std::string& body, char standard_align);

  std::vector<Part> parts_;
};

}  // namespace hebb
