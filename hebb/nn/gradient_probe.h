/// What `gradient_flow` needs of the trainer. Internal.
#pragma once

#include <vector>

#include "hebb/nn/gradient_flow.h"

namespace hebb {

class GradientProbe {
 public:
  static std::vector<LayerFlow> run(ModelBase& model, const data::Dataset& examples);
};

}  // namespace hebb
