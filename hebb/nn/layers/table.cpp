#include "hebb/nn/layers/table.h"

#include "hebb/nn/symbolic.h"

namespace hebb {

const std::vector<LayerRecord>& layer_records() {
  using namespace detail;
  static const std::vector<LayerRecord> records = {
      {"Activation", activation_from_config, "an activation function"},
      {"ActivityRegularization", activity_regularization_from_config, "its input; adds a penalty on it to the loss"},
      {"Add", add_from_config, "the sum of its inputs"},
      {"AlphaDropout", alpha_dropout_from_config, "dropout that keeps mean and deviation, for SELU"},
      {"Average", average_from_config, "the mean of its inputs"},
      {"AveragePooling2D", average_pooling_2d_from_config, "the mean of each window of an image"},
      {"BatchNormalization", batch_normalization_from_config, "takes out each channel's mean and deviation"},
      {"Concatenate", concatenate_from_config, "its inputs one behind the other"},
      {"Conv2D", conv_2d_from_config, "a small kernel moved over an image"},
      {"Dense", dense_from_config, "weighted sums of all inputs"},
      {"Dropout", dropout_from_config, "sets values to zero at random while training"},
      {"Flatten", flatten_from_config, "all axes but the batch in one"},
      {"GaussianDropout", gaussian_dropout_from_config, "multiplies with noise of mean 1 while training"},
      {"GaussianNoise", gaussian_noise_from_config, "adds noise of mean 0 while training"},
      {"GlobalAveragePooling2D", global_average_pooling_2d_from_config, "the mean of each channel of an image"},
      {"GlobalMaxPooling2D", global_max_pooling_2d_from_config, "the largest value of each channel of an image"},
      {"InputLayer", InputLayer::from_config, "what a model takes"},
      {"MaxPooling2D", max_pooling_2d_from_config, "the largest value of each window of an image"},
      {"ReLU", relu_from_config, "max(x, 0) and its variants"},
      {"Rescaling", rescaling_from_config, "x * scale + offset"},
      {"Reshape", reshape_from_config, "the same values in another shape"},
      {"Softmax", softmax_from_config, "exp(x) divided by its sum"},
      {"SpatialDropout1D", spatial_dropout_1d_from_config,
       "sets channels of sequences to zero at random while training"},
      {"SpatialDropout2D", spatial_dropout_2d_from_config, "sets feature maps to zero at random while training"},
      {"SpatialDropout3D", spatial_dropout_3d_from_config, "sets channels of volumes to zero at random while training"},
      {"ZeroPadding2D", zero_padding_2d_from_config, "zeros around an image"},
  };
  return records;
}

}  // namespace hebb
