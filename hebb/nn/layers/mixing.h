/// What a layer that mixes examples computes, for `augment`. Internal.
#pragma once

#include "hebb/tensor/tensor.h"

namespace hebb {

/// What of an image and of its label stays; the rest is the other one's.
struct Mixture {
  Tensor pixels;  ///< (batch, height or 1, width or 1, 1), channels last
  Tensor labels;  ///< (batch,)
};

class MixingLayer {
 public:
  virtual ~MixingLayer() = default;
  /// Drawn for images in the layer's data format.
  virtual Mixture mixture(const Tensor& images) = 0;
  virtual Tensor mixed_images(const Mixture& mixture, const Tensor& images, const Tensor& others) const = 0;
};

/// labels, others: (batch, ...).
Tensor mixed_labels(const Mixture& mixture, const Tensor& labels, const Tensor& others);

}  // namespace hebb
