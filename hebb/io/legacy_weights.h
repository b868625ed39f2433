/// Weights as Keras 2 stored them: a group for each layer that stands directly in the model, in the order of the
/// attribute `layer_names`, with its weights in the order of `weight_names`. They are a part of `.h5` files of whole
/// models ("/model_weights"), and alone a file of weights, at the root.
#pragma once

#include <string>
#include <vector>

#include "hebb/base/problems.h"
#include "hebb/io/hdf5.h"
#include "hebb/io/model_file.h"

namespace hebb::io {

class LegacyWeights {
 public:
  /// The group of a layer with weights, and their names in it.
  struct Layer {
    std::string name, group;
    std::vector<std::string> weights;
  };

  /// `path` names the file in errors. The file has to live as long. IoError when it has no such weights.
  LegacyWeights(const Hdf5Reader& file, std::string path);

  const std::vector<Layer>& layers() const { return layers_; }
  /// The values of these layers' weights, undefined where they were passed over or something does not fit. Layers go by
  /// their order; by their names where `made` are some of the model's alone.
  std::vector<Tensors> read(const std::vector<LayerWeights>& made, bool is_partial, Problems& problems,
                            Leniency& leniency) const;

  /// Whether a file holds such weights without their model.
  static bool stand_alone(const Hdf5Reader& file);
  /// Whether a file holds weights as Keras 3's `save_weights` writes them, whatever its name is.
  static bool are_of_keras_3(const Hdf5Reader& file);
  /// What to do about such a file.
  static constexpr const char* remedy_for_keras_3 =
      "It holds weights without their model, as save_weights() of Keras 3 writes them: give it a name that ends in "
      ".weights.h5, and read it with load_weights() of the model.";

 private:
  const Layer* find(const std::string& name) const;
  /// Whose weights the file lacks, and which it has of others; empty where names tell nothing.
  std::string differing_layers(const std::vector<LayerWeights>& made) const;
  void read_layer(const Layer& from, const LayerWeights& layer, Tensors& values, Problems& problems,
                  Leniency& leniency) const;
  /// Whether cuDNN's layers of Keras 2 wrote kernel, recurrent kernel and bias from number `first` on, which the bias
  /// alone tells.
  bool is_of_cudnn_from(const Layer& from, const LayerWeights& layer, size_t first) const;
  void read_cudnn(const Layer& from, const LayerWeights& layer, size_t first, Tensors& values,
                  Leniency& leniency) const;
  std::vector<Tensors> read_by_name(const std::vector<LayerWeights>& made, Problems& problems,
                                    Leniency& leniency) const;

  const Hdf5Reader& file_;
  std::string path_, where_;
  std::vector<Layer> layers_;
};

/// Writes weights below `root`: "/model_weights", or "" for the root of the file.
void write_legacy_weights(Hdf5Writer& out, const std::string& root, const std::vector<LayerWeights>& layers);

/// A group with weights of these names.
void write_named(Hdf5Writer& out, const std::string& group, const std::vector<std::string>& names,
                 const Tensors& weights);

}  // namespace hebb::io
