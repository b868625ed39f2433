/// Weights as Keras 3 stores them: an HDF5 file with a group for each layer, "/layers/dense_1/vars/0", and the
/// optimizer's variables in "/optimizer/vars". It is a part of `.keras` files, and alone a `.weights.h5` file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/io/hdf5.h"
#include "hebb/io/model_file.h"

namespace hebb::io {

class KerasWeights {
 public:
  /// `where` names the file in errors.
  KerasWeights(Hdf5Reader file, std::string where) : file_(std::move(file)), where_(std::move(where)) {}

  /// The values of the tree's weights, as in `ModelReader`; what the file holds of other layers does not matter.
  std::vector<Tensors> read_weights(const ModelFile& made, Problems& problems, Leniency& leniency);
  /// As in `ModelReader`.
  Tensors read_unmade(const LayerWeights& layer);
  /// As in `ModelReader`.
  std::vector<std::string> other_weights(const ModelFile& made);
  /// The `idf_weights` that a layer with a vocabulary has beside its weights; undefined: none. IoError when they have
  /// another shape than `expected`.
  Tensor read_idf_weights(const LayerWeights& layer, const std::optional<Shape>& expected = {});
  /// As in `ModelReader`. InvalidArgument when the file has the state of another optimizer. `keras_version`: as in
  /// `match_optimizer_state`.
  std::optional<Tensors> read_optimizer(const ModelFile& made, const std::string& keras_version);
  /// As in `ModelReader`.
  bool scales_loss() const;
  /// The shapes of the optimizer's variables; none when the file has no state.
  std::vector<Shape> optimizer_shapes() const;

 private:
  Tensors read_layer(const LayerWeights& layer, Problems& problems);
  std::string find(const std::string& path);

  Hdf5Reader file_;
  std::string where_;
  std::optional<bool> old_names_;
};

/// The bytes of such a file.
std::string keras_weights(const ModelFile& file);

}  // namespace hebb::io
