/// Windows that move over the spatial axes of an image: what convolutions and pooling have in common.
///
///     windows.each(position, [&](int64_t tap, int64_t place) { ... });   // the places of one window inside the image
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hebb/tensor/shape.h"

namespace hebb {

/// Positions of the window, taps (places in a window) and places of the image are counted in row-major order.
class Windows {
 public:
  /// The spatial axes' sizes of image, window and positions, and for each axis stride, padding before and dilation.
  Windows(const Shape& image, const Shape& window, const Shape& positions, const std::vector<int64_t>& strides,
          const std::vector<int64_t>& low, const std::vector<int64_t>& dilations)
      : image_(image),
        window_(window),
        positions_(positions),
        places_count_(image.elements()),
        taps_count_(window.elements()),
        positions_count_(positions.elements()) {
    for (size_t i = 0; i < strides.size(); ++i) {
      strides_[i] = strides[i];
      low_[i] = low[i];
      dilations_[i] = dilations[i];
    }
  }

  int64_t positions() const { return positions_count_; }
  int64_t taps() const { return taps_count_; }
  int64_t places() const { return places_count_; }

  /// Calls `body(tap, place)` for each tap of the window at `position` that falls into the image, in order.
  template <class Body>
  void each(int64_t position, Body&& body) const {
    std::array<int64_t, Shape::max_rank> origin{};
    for (int axis = positions_.rank(); axis-- > 0;) {
      const auto i = static_cast<size_t>(axis);
      origin[i] = position % positions_[axis] * strides_[i] - low_[i];
      position /= positions_[axis];
    }
    visit(0, 0, 0, origin, body);
  }

 private:
  template <class Body>
  void visit(int axis, int64_t tap, int64_t place, const std::array<int64_t, Shape::max_rank>& origin,
             Body& body) const {
    if (axis == image_.rank()) return body(tap, place);
    const auto i = static_cast<size_t>(axis);
    for (int64_t k = 0; k < window_[axis]; ++k) {
      const int64_t at = origin[i] + k * dilations_[i];
      if (at >= 0 && at < image_[axis])
        visit(axis + 1, tap * window_[axis] + k, place * image_[axis] + at, origin, body);
    }
  }

  Shape image_, window_, positions_;
  int64_t places_count_, taps_count_, positions_count_;
  std::array<int64_t, Shape::max_rank> strides_{}, low_{}, dilations_{};
};

}  // namespace hebb
