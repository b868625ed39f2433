/// The `from_config` of each built-in layer, for the table (table.cpp). A new layer adds a line here and a row there.
#pragma once

#include "hebb/nn/layer.h"

namespace hebb::detail {

Layer activation_from_config(const Json& config);
Layer activity_regularization_from_config(const Json& config);
Layer add_from_config(const Json& config);
Layer alpha_dropout_from_config(const Json& config);
Layer average_from_config(const Json& config);
Layer average_pooling_2d_from_config(const Json& config);
Layer batch_normalization_from_config(const Json& config);
Layer bidirectional_from_config(const Json& config);
Layer center_crop_from_config(const Json& config);
Layer concatenate_from_config(const Json& config);
Layer conv_2d_from_config(const Json& config);
Layer conv_2d_transpose_from_config(const Json& config);
Layer dense_from_config(const Json& config);
Layer dropout_from_config(const Json& config);
Layer elu_from_config(const Json& config);
Layer embedding_from_config(const Json& config);
Layer flatten_from_config(const Json& config);
Layer gaussian_dropout_from_config(const Json& config);
Layer gaussian_noise_from_config(const Json& config);
Layer gaussian_sampling_from_config(const Json& config);
Layer global_average_pooling_2d_from_config(const Json& config);
Layer global_max_pooling_2d_from_config(const Json& config);
Layer gru_cell_from_config(const Json& config);
Layer gru_from_config(const Json& config);
Layer layer_normalization_from_config(const Json& config);
Layer leaky_relu_from_config(const Json& config);
Layer lstm_cell_from_config(const Json& config);
Layer lstm_from_config(const Json& config);
Layer masking_from_config(const Json& config);
Layer max_pooling_2d_from_config(const Json& config);
Layer maxout_from_config(const Json& config);
Layer piecewise_linear_from_config(const Json& config);
Layer prelu_from_config(const Json& config);
Layer random_brightness_from_config(const Json& config);
Layer random_color_jitter_from_config(const Json& config);
Layer random_contrast_from_config(const Json& config);
Layer random_crop_from_config(const Json& config);
Layer random_flip_from_config(const Json& config);
Layer random_hue_from_config(const Json& config);
Layer random_rotation_from_config(const Json& config);
Layer random_saturation_from_config(const Json& config);
Layer random_translation_from_config(const Json& config);
Layer random_zoom_from_config(const Json& config);
Layer relu_from_config(const Json& config);
Layer rescaling_from_config(const Json& config);
Layer reshape_from_config(const Json& config);
Layer resizing_from_config(const Json& config);
Layer rms_normalization_from_config(const Json& config);
Layer rnn_from_config(const Json& config);
Layer simple_rnn_cell_from_config(const Json& config);
Layer simple_rnn_from_config(const Json& config);
Layer soft_exponential_from_config(const Json& config);
Layer softmax_from_config(const Json& config);
Layer spatial_dropout_1d_from_config(const Json& config);
Layer spatial_dropout_2d_from_config(const Json& config);
Layer spatial_dropout_3d_from_config(const Json& config);
Layer stacked_rnn_cells_from_config(const Json& config);
Layer time_distributed_from_config(const Json& config);
Layer unit_normalization_from_config(const Json& config);
Layer up_sampling_2d_from_config(const Json& config);
Layer zero_padding_2d_from_config(const Json& config);

}  // namespace hebb::detail
