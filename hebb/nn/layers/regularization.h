/// Dropout and its kin: in training, values are set to zero at random (Srivastava et al. 2014); and penalties on
/// activities.
///
///     Tensor y = Dropout(0.5)(x);
///     Tensor z = SpatialDropout2D(0.2)(feature_maps);            // whole feature maps at once
///     Tensor a = ActivityRegularization({.l1 = 1e-3})(hidden);   // a sparse code
///
/// Noise that is added or multiplied stands in nn/layers/noise.h.
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct DropoutOptions {
  /// The shape of the mask, broadcast to x: 1 on an axis drops along all of it at once, -1 stands for x's size. Empty:
  /// x's.
  std::vector<int64_t> noise_shape = {};
  std::optional<int64_t> seed = {};  ///< unset: from the process's sequence (`set_random_seed`)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// In training each value is dropped with probability `rate`, the others divided by 1 - rate, so that the mean stays;
/// otherwise x itself (Srivastava et al. 2014). InvalidArgument unless 0 <= rate <= 1.
Layer Dropout(double rate, const DropoutOptions& options = {});

/// What dropout computes: values at places that are drawn in the shape `noise`, broadcast to x's, become 0, the others
/// x / (1 - rate). 0 < rate < 1; `state` is of `LayerBase::next_random_state`.
Tensor dropped_out(const Tensor& x, const Shape& noise, double rate, const Tensor& state);

struct SpatialDropout1DOptions {
  std::optional<int64_t> seed = {};  ///< unset: from the process's sequence (`set_random_seed`)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Dropout of whole feature maps (Tompson et al. 2015), for neighbours that say nearly the same: x is (batch, steps,
/// channels), and a channel of an example is kept or dropped in all its steps. InvalidArgument unless 0 <= rate <= 1.
Layer SpatialDropout1D(double rate, const SpatialDropout1DOptions& options = {});

struct SpatialDropoutOptions {
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, ...)
  std::optional<int64_t> seed = {};           ///< unset: from the process's sequence (`set_random_seed`)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// The same for images (batch, height, width, channels).
Layer SpatialDropout2D(double rate, const SpatialDropoutOptions& options = {});
/// The same for volumes (batch, depth, height, width, channels).
Layer SpatialDropout3D(double rate, const SpatialDropoutOptions& options = {});

struct ActivityRegularizationOptions {
  double l1 = 0;  ///< factor of sum(|x|)
  double l2 = 0;  ///< factor of sum(x^2)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Its input, unchanged; what it adds is a penalty on it to the loss: (l1 sum(|x|) + l2 sum(x^2)) / batch, the mean
/// over the examples. InvalidArgument for a factor that is no finite number of at least 0.
Layer ActivityRegularization(const ActivityRegularizationOptions& options = {});

}  // namespace hebb
