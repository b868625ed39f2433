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
      : places_(image.elements()), taps_(window.elements()), positions_(positions.elements()), rank_(strides.size()) {
    for (size_t i = 0; i < rank_; ++i) {
      const int axis = static_cast<int>(i);
      axes_[i] = {image[axis], window[axis], positions[axis], strides[i], low[i], dilations[i]};
    }
  }

  int64_t positions() const { return positions_; }
  int64_t taps() const { return taps_; }
  int64_t places() const { return places_; }

  /// Calls `body(tap, place)` for each tap of the window at `position` that falls into the image, in order.
  template <class Body>
  void each(int64_t position, Body&& body) const {
    std::array<int64_t, Shape::max_rank> origin{}, index{};
    for (size_t i = rank_; i-- > 0;) {
      origin[i] = position % axes_[i].positions * axes_[i].stride - axes_[i].low;
      position /= axes_[i].positions;
    }
    for (int64_t tap = 0; tap < taps_; ++tap) {
      int64_t place = 0;
      bool inside = true;
      for (size_t i = 0; i < rank_; ++i) {
        const int64_t at = origin[i] + index[i] * axes_[i].dilation;
        inside = inside && at >= 0 && at < axes_[i].image;
        place = place * axes_[i].image + at;
      }
      if (inside) body(tap, place);
      for (size_t i = rank_; i-- > 0;) {
        if (++index[i] < axes_[i].window) break;
        index[i] = 0;
      }
    }
  }

 private:
  struct Axis {
    int64_t image, window, positions, stride, low, dilation;
  };

  int64_t places_, taps_, positions_;
  size_t rank_;
  std::array<Axis, Shape::max_rank> axes_{};
};

}  // namespace hebb
