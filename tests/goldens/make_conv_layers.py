"""conv_layers.json: convolutions, transposed ones and up-sampling: what make_layers.py says of a layer."""

import functools

from golden_format import write

import keras
import make_layers

L = keras.layers
CASES = []
case = functools.partial(make_layers.case, into=CASES)


def conv():
    case("conv1d_lora", L.Conv1D(3, 2, lora_rank=2), (2, 5, 3))
    case("conv2d_lora", L.Conv2D(4, 3, padding="same", activation="relu", lora_rank=2, lora_alpha=5), (2, 4, 5, 3))
    case("conv3d_lora", L.Conv3D(3, 2, strides=(1, 2, 1), lora_rank=2, lora_alpha=3), (2, 3, 4, 3, 2))
    case("conv", L.Conv2D(3, 3), (2, 5, 6, 2))
    case("conv_same", L.Conv2D(4, 3, padding="same"), (1, 5, 4, 1))
    case("conv_same_even_kernel", L.Conv2D(2, (2, 4), padding="same"), (1, 5, 6, 3))
    case("conv_strides_valid", L.Conv2D(3, 3, strides=2), (2, 7, 6, 2))
    case("conv_strides_same", L.Conv2D(3, 3, strides=2, padding="same"), (2, 6, 7, 2))
    case("conv_strides_uneven", L.Conv2D(2, (5, 3), strides=(3, 2), padding="same"), (1, 8, 7, 2))
    case("conv_strides_over_kernel", L.Conv2D(2, 1, strides=2), (1, 6, 5, 3))
    case("conv_strides_over_kernel_same", L.Conv2D(2, 2, strides=3, padding="same"), (1, 7, 8, 2))
    case("conv_dilation_valid", L.Conv2D(2, 3, dilation_rate=2), (1, 7, 8, 2))
    case("conv_dilation_same", L.Conv2D(2, 3, dilation_rate=(2, 3), padding="same"), (1, 8, 7, 2))
    case("conv_groups", L.Conv2D(6, 3, groups=3), (1, 5, 5, 6))
    case("conv_groups_same_strides", L.Conv2D(4, 3, groups=2, strides=2, padding="same"), (2, 5, 6, 4))
    case("conv_depthwise_groups", L.Conv2D(3, 3, groups=3, padding="same"), (1, 4, 5, 3))
    case("conv_no_bias_relu", L.Conv2D(3, 2, use_bias=False, activation="relu"), (2, 4, 5, 1))
    case("conv_1x1_tanh", L.Conv2D(5, 1, activation="tanh"), (2, 3, 3, 4))
    case("conv_whole_image", L.Conv2D(4, (4, 5)), (3, 4, 5, 2))
    case("conv_5x5_relu", L.Conv2D(8, 5, activation="relu"), (1, 9, 9, 3))


def conv_transpose():
    T = L.Conv2DTranspose
    case("conv_transpose", T(3, 3), (2, 4, 5, 2))
    case("conv_transpose_same", T(4, 3, padding="same"), (1, 5, 4, 1))
    case("conv_transpose_same_even_kernel", T(2, (2, 4), padding="same"), (1, 5, 6, 3))
    case("conv_transpose_strides", T(3, 3, strides=2), (2, 4, 3, 2))
    case("conv_transpose_strides_same", T(3, 3, strides=2, padding="same"), (2, 3, 4, 2))
    case("conv_transpose_strides_same_even_kernel", T(2, 4, strides=2, padding="same"), (1, 3, 4, 2))
    case("conv_transpose_strides_uneven", T(2, (5, 3), strides=(3, 2), padding="same"), (1, 3, 4, 2))
    case("conv_transpose_strides_over_kernel", T(2, 2, strides=3), (1, 3, 2, 3))
    case("conv_transpose_strides_over_kernel_same", T(2, 1, strides=(2, 3), padding="same"), (1, 3, 2, 2))
    case("conv_transpose_dilation", T(2, 3, dilation_rate=2), (1, 4, 3, 2), xla=True)
    case("conv_transpose_dilation_same", T(2, 3, dilation_rate=(2, 3), padding="same"), (1, 7, 8, 2), xla=True)
    case("conv_transpose_output_padding", T(2, 3, strides=2, output_padding=1), (1, 3, 4, 2))
    case("conv_transpose_output_padding_same", T(2, 3, strides=2, padding="same", output_padding=1), (1, 3, 4, 2))
    case("conv_transpose_output_padding_same_0", T(2, 3, strides=2, padding="same", output_padding=0), (1, 3, 4, 2))
    case("conv_transpose_output_padding_uneven", T(2, (3, 5), strides=(2, 3), padding="same", output_padding=(1, 0)), (1, 3, 2, 1))
    case("conv_transpose_no_bias_relu", T(3, 2, use_bias=False, activation="relu"), (2, 3, 4, 1))
    case("conv_transpose_first", T(3, 3, strides=(2, 1), padding="same", data_format="channels_first"), (2, 2, 3, 4), xla=True)
    case("conv_transpose_first_softmax", T(3, 2, data_format="channels_first", activation="softmax"), (1, 2, 2, 3), xla=True)
    case("conv_transpose_1x1_softmax", T(5, 1, activation="softmax"), (2, 3, 3, 4))


def up_sampling():
    for interpolation in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
        case(f"up_sampling_{interpolation}", L.UpSampling2D(interpolation=interpolation), (2, 3, 4, 2))
        case(f"up_sampling_{interpolation}_uneven", L.UpSampling2D((3, 1), interpolation=interpolation), (1, 4, 2, 3))
        case(f"up_sampling_{interpolation}_one", L.UpSampling2D((1, 4), interpolation=interpolation), (2, 2, 1, 1))
        case(f"up_sampling_{interpolation}_first", L.UpSampling2D((2, 5), "channels_first", interpolation), (1, 2, 3, 2))


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    for group in (conv, conv_transpose, up_sampling):
        group()
    write("conv_layers", CASES)


if __name__ == "__main__":
    make()
