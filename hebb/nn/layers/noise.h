/// Noise in training: what makes a net robust against small changes of what it sees.
///
///     Tensor y = GaussianNoise(0.1)(x);         // a denoising autoencoder's input, for example
///     Tensor z = AlphaDropout(0.1)(selu_layer); // dropout that keeps mean and deviation
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct NoiseOptions {
  std::optional<int64_t> seed = {};  ///< unset: from the process's sequence (`set_random_seed`)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// In training x + n, where n is normal with mean 0 and deviation `stddev`; otherwise x itself. InvalidArgument unless
/// 0 <= stddev <= 1, as in Keras.
Layer GaussianNoise(double stddev, const NoiseOptions& options = {});

/// In training x * n, where n is normal with mean 1 and deviation sqrt(rate / (1 - rate)): as much noise as
/// Dropout(rate) makes (Srivastava et al. 2014, section 10). InvalidArgument unless 0 <= rate < 1.
Layer GaussianDropout(double rate, const NoiseOptions& options = {});

struct AlphaDropoutOptions {
  /// The shape of the mask, broadcast to x: 1 on an axis drops along all of it at once, -1 stands for x's size. Empty:
  /// x's.
  std::vector<int64_t> noise_shape = {};
  std::optional<int64_t> seed = {};  ///< unset: from the process's sequence (`set_random_seed`)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// Dropout for nets of SELUs (Klambauer et al. 2017): what is dropped becomes SELU's limit -1.7581, and all is scaled
/// and shifted so that inputs of mean 0 and deviation 1 stay so. InvalidArgument unless 0 <= rate < 1.
Layer AlphaDropout(double rate, const AlphaDropoutOptions& options = {});

}  // namespace hebb
