/// Layers that take whole numbers and booleans as they are. Internal.
///
/// Other layers of hebb compute with real numbers, of 16 bits under a policy of mixed precision: a row's number in a
/// table of a million rows is none of those. Keras leaves whole numbers to each layer, so that those which only move
/// values about, or look them up, hand on what they got.
#pragma once

namespace hebb {

class TakesWholeNumbers {
 public:
  virtual ~TakesWholeNumbers() = default;
};

}  // namespace hebb
