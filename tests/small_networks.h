/// Small networks of each family, for tests of what must hold for all of them.
#pragma once

#include "hebb/hebb.h"

namespace hebb {

/// Residual blocks (He, Zhang, Ren and Sun 2016), one of them of stride 2, over images (14, 14, 3).
inline Model residual_network() {
  const auto convolution = [](const Tensor& x, int64_t filters, int64_t size, int64_t stride) {
    const Layer layer = Conv2D(filters, size, {.strides = stride, .padding = "same", .use_bias = false});
    return BatchNormalization()(layer(x));
  };
  const InputTensor input = Input({14, 14, 3});
  Tensor x = ReLU()(convolution(input, 16, 3, 1));
  for (const int64_t stride : {1, 2}) {
    const Tensor y = convolution(ReLU()(convolution(x, 16 * stride, 3, stride)), 16 * stride, 3, 1);
    if (stride == 2) x = convolution(x, 16 * stride, 1, stride);
    x = ReLU()(Add()({x, y}));
  }
  return Model(input, Dense(10, {.activation = "softmax"})(GlobalAveragePooling2D()(x)));
}

/// An LSTM over sequences (20, 12), a bidirectional GRU over what it gives.
inline Model recurrent_network() {
  return Sequential({Input({20, 12}), LSTM(24, {.dropout = 0.1, .return_sequences = true}), Bidirectional(GRU(17)),
                     Dense(10, {.activation = "softmax"})});
}

/// A block of a transformer (Vaswani et al. 2017) over sequences (20, 12).
inline Model attention_network() {
  const InputTensor input = Input({20, 12});
  Tensor x = Dense(32)(input);
  x = LayerNormalization()(Add()({x, MultiHeadAttention(4, 8, {.dropout = 0.1})({x, x})}));
  x = LayerNormalization()(Add()({x, Dense(32)(Dense(64, {.activation = "gelu"})(x))}));
  return Model(input, Dense(10, {.activation = "softmax"})(GlobalAveragePooling1D()(x)));
}

}  // namespace hebb
