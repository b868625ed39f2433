#include "hebb/nn/layers/table.h"

#include "hebb/nn/symbolic.h"

namespace hebb {

const std::vector<LayerRecord>& layer_records() {
  using namespace detail;
  constexpr bool own = false;  // not in Keras
  static const std::vector<LayerRecord> records = {
      {"Activation", activation_from_config, "an activation function"},
      {"ActivityRegularization", activity_regularization_from_config, "its input; adds a penalty on it to the loss"},
      {"Add", add_from_config, "the sum of its inputs"},
      {"AlphaDropout", alpha_dropout_from_config, "dropout that keeps mean and deviation, for SELU"},
      {"Average", average_from_config, "the mean of its inputs"},
      {"AveragePooling2D", average_pooling_2d_from_config, "the mean of each window of an image"},
      {"BatchNormalization", batch_normalization_from_config, "takes out each channel's mean and deviation"},
      {"CenterCrop", center_crop_from_config, "the middle of an image"},
      {"Concatenate", concatenate_from_config, "its inputs one behind the other"},
      {"Conv2D", conv_2d_from_config, "a small kernel moved over an image"},
      {"Conv2DTranspose", conv_2d_transpose_from_config, "the way back of a convolution: larger images"},
      {"Dense", dense_from_config, "weighted sums of all inputs"},
      {"Dropout", dropout_from_config, "sets values to zero at random while training"},
      {"ELU", elu_from_config, "x above 0, alpha (exp(x) - 1) below"},
      {"Flatten", flatten_from_config, "all axes but the batch in one"},
      {"GaussianDropout", gaussian_dropout_from_config, "multiplies with noise of mean 1 while training"},
      {"GaussianNoise", gaussian_noise_from_config, "adds noise of mean 0 while training"},
      {"GaussianSampling", gaussian_sampling_from_config, "a drawn code, for variational autoencoders (not Keras's)",
       own},
      {"GlobalAveragePooling2D", global_average_pooling_2d_from_config, "the mean of each channel of an image"},
      {"GlobalMaxPooling2D", global_max_pooling_2d_from_config, "the largest value of each channel of an image"},
      {"InputLayer", InputLayer::from_config, "what a model takes"},
      {"LeakyReLU", leaky_relu_from_config, "x above 0, a small slope below"},
      {"MaxPooling2D", max_pooling_2d_from_config, "the largest value of each window of an image"},
      {"Maxout", maxout_from_config, "the largest of several weighted sums (not Keras's)", own},
      {"PReLU", prelu_from_config, "x above 0, a learned slope below"},
      {"PiecewiseLinear", piecewise_linear_from_config, "ReLU and learned hinges (not Keras's)", own},
      {"RandomBrightness", random_brightness_from_config, "makes images lighter or darker while training"},
      {"RandomColorJitter", random_color_jitter_from_config,
       "changes brightness, contrast, saturation and hue while training"},
      {"RandomContrast", random_contrast_from_config, "changes the contrast of images while training"},
      {"RandomCrop", random_crop_from_config, "a window of an image, anywhere while training"},
      {"RandomFlip", random_flip_from_config, "mirrors images while training"},
      {"RandomHue", random_hue_from_config, "turns the colours of images while training"},
      {"RandomRotation", random_rotation_from_config, "turns images while training"},
      {"RandomSaturation", random_saturation_from_config, "changes the saturation of images while training"},
      {"RandomTranslation", random_translation_from_config, "moves images while training"},
      {"RandomZoom", random_zoom_from_config, "zooms images while training"},
      {"ReLU", relu_from_config, "max(x, 0) and its variants"},
      {"Rescaling", rescaling_from_config, "x * scale + offset"},
      {"Reshape", reshape_from_config, "the same values in another shape"},
      {"Resizing", resizing_from_config, "images of another size"},
      {"SoftExponential", soft_exponential_from_config, "logarithm, identity or exponential, as learned (not Keras's)",
       own},
      {"Softmax", softmax_from_config, "exp(x) divided by its sum"},
      {"SpatialDropout1D", spatial_dropout_1d_from_config,
       "sets channels of sequences to zero at random while training"},
      {"SpatialDropout2D", spatial_dropout_2d_from_config, "sets feature maps to zero at random while training"},
      {"SpatialDropout3D", spatial_dropout_3d_from_config, "sets channels of volumes to zero at random while training"},
      {"UpSampling2D", up_sampling_2d_from_config, "larger images, by repeated or interpolated pixels"},
      {"ZeroPadding2D", zero_padding_2d_from_config, "zeros around an image"},
  };
  return records;
}

}  // namespace hebb
