#include "hebb/nn/layers/augmentation_options.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/config_fields.h"

namespace hebb {

Factor Factor::as_range(double least) const {
  if (is_range) return {std::min(low, high), std::max(low, high)};
  const double size = std::abs(high);
  return {std::max(-size, least), size};
}

std::string Factor::to_string() const { return is_range ? message("{", low, ", ", high, "}") : message(high); }

Json to_json(const Factor& factor) {
  return factor.is_range ? Json::array({factor.low, factor.high}) : Json(factor.high);
}

void from_json(const Json& json, Factor& factor) {
  Numbers numbers = 0.0;
  from_json(json, numbers);
  if (!numbers.is_list) {
    factor = numbers.values.front();
    return;
  }
  if (numbers.values.size() != 2)
    throw InvalidArgument(message("expected a number or a list of two, got ", json.dump(), "."));
  factor = {numbers.values[0], numbers.values[1]};
}

Json to_json(const ValueRange& range) { return Json::array({range.low, range.high}); }

void from_json(const Json& json, ValueRange& range) {
  Numbers numbers = 0.0;
  from_json(json, numbers);
  if (numbers.values.size() != 2)
    throw InvalidArgument(message("expected a list of two numbers, got ", json.dump(), "."));
  range = {numbers.values[0], numbers.values[1]};
}

}  // namespace hebb
