/// --augment: training examples that are changed at random, by layers named on the command line.
#pragma once

#include <string>
#include <vector>

#include "cli/common.h"

namespace hebb::cli {

/// What --augment asks for, in order.
class Augmentation {
 public:
  Augmentation() = default;
  /// "random_rotation:factor=0.1", "MixUp:alpha=0.2", "random_zoom:height_factor=-0.2..0.1": names of layers, in
  /// Keras's way or with small letters, and their options; two numbers as LOW..HIGH. UsageError for what is none.
  explicit Augmentation(const std::vector<std::string>& steps);

  bool empty() const { return layers_.empty(); }
  /// Whether a step mixes the targets too, which then have to be rows.
  bool mixes_targets() const;
  /// The data with its examples changed; UsageError when they do not fit, or get another shape.
  data::Dataset applied(const data::Dataset& data, int64_t seed) const;

 private:
  std::vector<Layer> layers_;
};

}  // namespace hebb::cli
