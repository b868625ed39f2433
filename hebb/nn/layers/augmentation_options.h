/// What the layers that change images at random share.
///
///     RandomRotation(0.1);               // by -36 to 36 degrees
///     RandomRotation({0.1, 0.2});        // by 36 to 72 degrees
#pragma once

#include "hebb/base/json.h"
#include "hebb/nn/layers/options.h"

namespace hebb {

/// Where a random number lies: one number as Keras reads it (mostly from minus to plus that number), or from low to
/// high.
struct Factor {
  double low = 0, high = 0;
  bool is_range = false;  ///< two numbers were given

  constexpr Factor() = default;
  constexpr Factor(double around) : low(around), high(around) {}
  constexpr Factor(double low, double high) : low(low), high(high), is_range(true) {}

  /// A number f alone as the range that it means: from max(-|f|, least) to |f|. Two numbers: in order.
  Factor as_range(double least) const;
  std::string to_string() const;
  friend constexpr bool operator==(const Factor&, const Factor&) = default;
};

/// One number or a list of two.
Json to_json(const Factor& factor);
void from_json(const Json& json, Factor& factor);

/// The least and the largest value that a pixel may have.
struct ValueRange {
  double low = 0, high = 255;

  constexpr ValueRange() = default;
  constexpr ValueRange(double low, double high) : low(low), high(high) {}
  friend constexpr bool operator==(const ValueRange&, const ValueRange&) = default;
};

Json to_json(const ValueRange& range);
void from_json(const Json& json, ValueRange& range);

}  // namespace hebb
