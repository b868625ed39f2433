/// Layers that take texts, or give some. Texts are never part of a plan: what such a layer computes is computed before
/// the plan of a model is run (nn/text_stage.h), or behind it.
#pragma once

#include <optional>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb {

class TextLayer {
 public:
  virtual ~TextLayer() = default;
  /// What the layer makes of inputs of these specs, where texts are among them or come out; sizes may be unknown.
  /// Nothing where there are none, and the layer is one like others.
  virtual std::optional<Spec> text_output(const std::vector<Spec>& inputs) const = 0;
  /// Whether it takes nothing but texts.
  virtual bool takes_texts_alone() const { return false; }
};

}  // namespace hebb
