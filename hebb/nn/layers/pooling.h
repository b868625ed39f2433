/// Pooling: one value for each window of a sequence, an image or a volume, or for the whole of it.
///
///     Tensor y = MaxPooling2D(2)(x);                  // (batch, 28, 28, 32) -> (batch, 14, 14, 32)
///     Tensor z = GlobalAveragePooling2D()(y);         // -> (batch, 32)
///     Tensor a = AdaptiveAveragePooling2D(7)(x);      // -> (batch, 7, 7, 32), whatever the size
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

/// `Sizes`: a number for each spatial axis.
template <class Sizes>
struct PoolingLayerOptions {
  Sizes strides = {};             ///< not given: the size of the window
  std::string padding = "valid";  ///< "same": windows may reach beyond the input; what is outside does not count
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, ...)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

using Pooling1DOptions = PoolingLayerOptions<Single>;
using Pooling2DOptions = PoolingLayerOptions<Pair>;
using Pooling3DOptions = PoolingLayerOptions<Triple>;

/// The largest value of each window and channel. The gradient goes to the first of equal values.
Layer MaxPooling1D(Single pool_size = 2, const Pooling1DOptions& options = {});
Layer MaxPooling2D(Pair pool_size = 2, const Pooling2DOptions& options = {});
Layer MaxPooling3D(Triple pool_size = 2, const Pooling3DOptions& options = {});
/// The mean of each window and channel.
Layer AveragePooling1D(Single pool_size, const Pooling1DOptions& options = {});
Layer AveragePooling2D(Pair pool_size, const Pooling2DOptions& options = {});
Layer AveragePooling3D(Triple pool_size, const Pooling3DOptions& options = {});

struct GlobalPoolingLayerOptions {
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, ...)
  bool keepdims = false;                      ///< keep the spatial axes with size 1
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

using GlobalPooling1DOptions = GlobalPoolingLayerOptions;
using GlobalPooling2DOptions = GlobalPoolingLayerOptions;
using GlobalPooling3DOptions = GlobalPoolingLayerOptions;

/// The largest value of each channel: (batch, ..., channels) -> (batch, channels).
Layer GlobalMaxPooling1D(const GlobalPooling1DOptions& options = {});
Layer GlobalMaxPooling2D(const GlobalPooling2DOptions& options = {});
Layer GlobalMaxPooling3D(const GlobalPooling3DOptions& options = {});
/// The mean of each channel: (batch, ..., channels) -> (batch, channels). That of a sequence leaves out the steps that
/// a mask leaves out.
Layer GlobalAveragePooling1D(const GlobalPooling1DOptions& options = {});
Layer GlobalAveragePooling2D(const GlobalPooling2DOptions& options = {});
Layer GlobalAveragePooling3D(const GlobalPooling3DOptions& options = {});

struct AdaptivePoolingOptions {
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, ...)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// The largest value of each of `output_size` windows that cover the input evenly: window i of n goes from
/// floor(i * size / n) to ceil((i + 1) * size / n).
Layer AdaptiveMaxPooling1D(Single output_size, const AdaptivePoolingOptions& options = {});
Layer AdaptiveMaxPooling2D(Pair output_size, const AdaptivePoolingOptions& options = {});
Layer AdaptiveMaxPooling3D(Triple output_size, const AdaptivePoolingOptions& options = {});
/// The mean of each of these windows.
Layer AdaptiveAveragePooling1D(Single output_size, const AdaptivePoolingOptions& options = {});
Layer AdaptiveAveragePooling2D(Pair output_size, const AdaptivePoolingOptions& options = {});
Layer AdaptiveAveragePooling3D(Triple output_size, const AdaptivePoolingOptions& options = {});

}  // namespace hebb
