#include "hebb/nn/absent_layers.h"

#include "hebb/base/text.h"

namespace hebb {

namespace {

constexpr const char* own_kernels = "it has a kernel of its own for each place, which Keras 3 has not either";
constexpr const char* instead_of_local =
    "Build the model with a convolution in its place, or put a layer of your own there with register_layer().";
constexpr const char* random_size = "it gives every batch another size while training, which Keras 3 has not either";
constexpr const char* fixed_size =
    "Build the model without it, or with RandomZoom, which leaves sizes as they are, and set its weights.";

}  // namespace

const std::vector<AbsentLayer>& absent_layers() {
  static const std::vector<AbsentLayer> layers = {
      // Of Keras 2.
      {"LocallyConnected1D", own_kernels, instead_of_local},
      {"LocallyConnected2D", own_kernels, instead_of_local},
      {"RandomHeight", random_size, fixed_size},
      {"RandomWidth", random_size, fixed_size},
      {"RandomFourierFeatures", "it approximates a kernel by random features, which Keras 3 has not either",
       "Put a layer of your own in its place with register_layer()."},
      {"DenseFeatures", "it reads columns of TensorFlow's feature columns",
       "Build the model with inputs of numbers, and with StringLookup, Discretization and the like in its place."},
  };
  return layers;
}

std::string why_absent(const std::string& class_name) {
  for (const AbsentLayer& layer : absent_layers()) {
    if (class_name == layer.class_name) return message(layer.reason, ". ", layer.remedy);
  }
  return {};
}

}  // namespace hebb
