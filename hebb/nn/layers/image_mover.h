/// Layers that move the pixels of images, and with them what lies in the same places: masks and boxes. Internal.
#pragma once

#include <string>

#include "hebb/tensor/tensor.h"

namespace hebb {

/// Boxes around objects, as many for each image.
struct LabelledBoxes {
  Tensor boxes;   ///< (batch, boxes, 4), floating
  Tensor labels;  ///< (batch, boxes); undefined where none are given
};

/// What such a layer is asked, with the channels last. All that is drawn is drawn once, for the images, so that the
/// other parts move as far.
class ImageMover {
 public:
  virtual ~ImageMover() = default;
  /// Whether pixels move when the layer is not training, too.
  virtual bool moves_always() const { return false; }
  /// What `moved` follows, for images (batch, height, width, channels).
  virtual Tensors drawn_for(const Tensor& images, bool training) = 0;
  /// Images, or masks: these get no values between those that they have, but where Keras mixes or bends them all the
  /// same (`AugMix`, `RandomElasticTransform`).
  virtual Tensor moved(const Tensor& x, const Tensors& drawn, bool are_masks) = 0;
  /// Whether boxes move, too.
  virtual bool moves_boxes() const { return true; }
  /// Boxes in one of Keras's formats, moved as Keras moves them.
  virtual LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& /*format*/, const Tensors& /*drawn*/,
                                    const Tensor& /*images*/) {
    return given;
  }
};

}  // namespace hebb
