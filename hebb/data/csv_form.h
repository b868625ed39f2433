/// How a CSV file is made, where nobody says it: told from its first records. Internal.
#pragma once

#include <string_view>

namespace hebb::data::detail {

/// What decimals begin with: a comma where some number has one and none has a point.
char detect_decimal(std::string_view text, char delimiter);
/// What separates fields: it gives every record as many, makes most of them numbers ("1,5;0" is two numbers between
/// semicolons, and one between commas), and there are most of them. `decimal`: 0 where it is not known.
char detect_delimiter(std::string_view text, char decimal);
/// Whether the first record names the columns.
bool detect_header(std::string_view text, char delimiter, char decimal);

}  // namespace hebb::data::detail
