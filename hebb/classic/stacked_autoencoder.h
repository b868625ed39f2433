/// The stacked autoencoder: autoencoders of one hidden layer on top of each other, each trained to restore what the one
/// below makes of the data (Bengio et al., Greedy layer-wise training of deep networks, 2007), from a damaged copy of
/// it where that is asked for (Vincent et al., Extracting and composing robust features with denoising autoencoders,
/// 2008).
///
///     classic::StackedAutoencoder stack({.units = {784, 256, 64}, .dropped = 0.3});
///     stack.fit(images, {.batch_size = 64, .epochs = 5});
///     Sequential model = stack.to_sequential({.classes = 10});       // to be compiled and trained with targets
#pragma once

#include <functional>
#include <vector>

#include "hebb/classic/dense_stack.h"
#include "hebb/nn/optimizers/optimizers.h"

namespace hebb::classic {

struct StackedAutoencoderOptions {
  std::vector<int64_t> units = {};            ///< of the input and of each hidden layer, from below
  std::string activation = "sigmoid";         ///< of the hidden layers
  std::string output_activation = "sigmoid";  ///< of what restores the input; "linear" for real numbers
  double dropped = 0;                         ///< this share of each layer's inputs is set to zero in training, and the
                                              ///< rest scaled up, as by Dropout
  double noise = 0;                           ///< deviation of the noise that is added to each layer's inputs, 0 to 1
  double sparsity = 0;                        ///< L1 penalty on the hidden layers' activities
  std::function<Optimizer()> optimizer = [] { return Adam(); };  ///< called for each layer
};

class StackedAutoencoder {
 public:
  /// InvalidArgument for fewer than two layers.
  explicit StackedAutoencoder(const StackedAutoencoderOptions& options);

  /// Trains layer by layer, the lowest first; x: (examples, inputs). One history a layer. The loss is the mean squared
  /// error where what is restored is linear, else the binary cross-entropy of inputs in [0, 1]; above the first layer
  /// the hidden activation decides. Validation data (its x) goes the same way.
  std::vector<History> fit(const Tensor& x, const FitOptions& options = {});

  /// The last hidden layer: (examples, units).
  Tensor hidden(const Tensor& x) const;
  /// The encoders with a fresh last layer.
  Sequential to_sequential(const ToSequentialOptions& options = {}) const;
  /// The encoders and then the decoders: the deep autoencoder.
  Sequential to_autoencoder() const;

 private:
  std::string restoring_activation(size_t layer) const;

  StackedAutoencoderOptions options_;
  std::vector<Layer> encoders_, decoders_;  // Dense each, the lowest first
};

}  // namespace hebb::classic
