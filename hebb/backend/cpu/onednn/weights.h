/// The weights of convolutions in other orders than the plain one: moving them there, back, and adding up partial
/// gradients on the way.
///
/// All orders that occur place an element (tap, channel, filter) at the sum of one offset for each of the three
/// (`WeightsPlacement`), so that one function moves weights between any two:
///
///     move_weights(plain, packed, from, to, 0, rows(plain));
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hebb/backend/cpu/onednn/onednn_api.h"
#include "hebb/tensor/layout.h"
#include "hebb/tensor/shape.h"

namespace hebb::onednn {

/// The plain order of a convolution's kernel of shape (spatial..., channels / groups, filters).
WeightsPlacement plain_placement(const Shape& kernel);

/// The placement of the same weights as they are used in the convolution that computes a convolution's gradient with
/// respect to its input: taps in reverse, channels and filters of each group exchanged. `placement` is that
/// convolution's for its own weights; the result is for the weights of the original one.
WeightsPlacement exchanged(const WeightsPlacement& placement, int64_t groups);

/// Whether the elements lie in the same places.
bool same_placement(const WeightsPlacement& a, const WeightsPlacement& b);

/// Whether there are places that no element has.
bool has_gaps(const WeightsPlacement& placement);

/// The number of rows, one for each tap and channel; a row has all filters.
inline int64_t rows(const WeightsPlacement& placement) {
  return static_cast<int64_t>(placement.taps.size() * placement.channels.size());
}

/// Moves rows [first, last) from one order to another. Gaps are left alone.
void move_weights(const WeightsPlacement& from, const WeightsPlacement& to, const float* source, float* target,
                  int64_t first, int64_t last);

/// The sum of `count` weights that lie `stride` floats apart, the first one first; rows [first, last).
void add_weights(const WeightsPlacement& from, const WeightsPlacement& to, const float* source, int64_t count,
                 int64_t stride, float* target, int64_t first, int64_t last);

/// An order of a kernel's elements as a layout that a parameter can have.
class WeightsLayout : public Layout {
 public:
  WeightsLayout(const Shape& kernel, WeightsPlacement placement);
  const WeightsPlacement& placement() const { return placement_; }
  const std::string& name() const override { return name_; }
  int64_t bytes() const override { return placement_.bytes; }
  void pack(const void* plain, void* packed) const override;
  void unpack(const void* packed, void* plain) const override;

 private:
  WeightsPlacement plain_, placement_;
  std::string name_;
};

}  // namespace hebb::onednn
