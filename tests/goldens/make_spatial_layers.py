"""spatial_layers.json: layers over sequences, images and volumes, in both data formats: what make_layers.py says of a layer."""

import functools

from golden_format import write

import keras
import make_layers

L = keras.layers
CASES = []
case = functools.partial(make_layers.case, into=CASES)
# Channels in front, and much that is dilated, TensorFlow's own kernels cannot do on a CPU. (What its compiler makes of Conv2D with
# channels in front and strides is wrong: other numbers than with channels last, and than on JAX.)
compiled = functools.partial(case, xla=True)
FIRST = {"data_format": "channels_first"}


def conv_1d():
    C = L.Conv1D
    case("conv_1d", C(3, 3), (2, 6, 2))
    case("conv_1d_same", C(4, 4, padding="same"), (1, 5, 1))
    case("conv_1d_same_strides", C(3, 3, strides=2, padding="same"), (2, 7, 2))
    case("conv_1d_strides", C(3, 2, strides=3), (2, 8, 2))
    case("conv_1d_dilation", C(2, 3, dilation_rate=2), (1, 7, 3))
    case("conv_1d_causal", C(3, 3, padding="causal", activation="tanh"), (2, 5, 2))
    case("conv_1d_causal_dilation", C(2, 3, padding="causal", dilation_rate=4), (1, 6, 2))
    case("conv_1d_causal_strides", C(2, 4, padding="causal", strides=2), (2, 7, 1))
    case("conv_1d_groups", C(6, 3, groups=3), (1, 5, 6))
    case("conv_1d_no_bias_softmax", C(3, 1, use_bias=False, activation="softmax"), (2, 4, 3))
    compiled("conv_1d_first", C(3, 3, strides=2, padding="same", activation="softmax", **FIRST), (2, 2, 7))
    compiled("conv_1d_first_causal", C(3, 2, padding="causal", dilation_rate=2, **FIRST), (2, 2, 5))


def conv_2d():
    C = L.Conv2D
    compiled("conv_2d_first", C(3, 3, **FIRST), (2, 2, 5, 6))
    compiled("conv_2d_first_same", C(3, (3, 2), padding="same", activation="relu", **FIRST), (2, 2, 5, 6))
    compiled("conv_2d_first_groups", C(4, 3, groups=2, **FIRST), (1, 4, 5, 4))


def conv_3d():
    C = L.Conv3D
    case("conv_3d", C(3, 2), (2, 3, 4, 5, 2))
    case("conv_3d_same", C(2, (1, 3, 2), padding="same", activation="relu"), (1, 3, 4, 5, 2))
    case("conv_3d_strides", C(2, 2, strides=(1, 2, 3), padding="same"), (1, 3, 5, 4, 2))
    compiled("conv_3d_dilation", C(2, 2, dilation_rate=(1, 2, 2)), (1, 3, 4, 5, 1))
    compiled("conv_3d_groups", C(4, 2, groups=2, use_bias=False), (1, 3, 3, 3, 4))
    compiled("conv_3d_first", C(3, 2, strides=2, **FIRST), (1, 2, 4, 3, 4))


def conv_transpose():
    for rank, T, shape in ((1, L.Conv1DTranspose, (2, 4, 2)), (3, L.Conv3DTranspose, (1, 2, 3, 2, 2))):
        short = f"conv_{rank}d_transpose"
        first = (shape[0], shape[-1], *shape[1:-1])
        case(short, T(3, 3), shape)
        case(f"{short}_same", T(2, 3, strides=2, padding="same"), shape)
        case(f"{short}_strides", T(2, 2, strides=3, use_bias=False), shape)
        case(f"{short}_output_padding", T(2, 3, strides=2, output_padding=1), shape)
        case(f"{short}_output_padding_same", T(2, 3, strides=2, padding="same", output_padding=0, activation="tanh"), shape)
        compiled(f"{short}_dilation", T(2, 2, dilation_rate=2), shape)
        compiled(f"{short}_first", T(3, 2, strides=2, padding="same", activation="tanh", **FIRST), first)
    case("conv_3d_transpose_uneven", L.Conv3DTranspose(2, (1, 2, 3), strides=(2, 1, 2), padding="same"), (1, 2, 2, 3, 1))


def depthwise():
    D = L.DepthwiseConv2D
    case("depthwise_2d", D(3), (2, 5, 6, 3))
    case("depthwise_2d_same", D(3, padding="same", activation="relu"), (1, 5, 4, 4))
    case("depthwise_2d_same_even", D((2, 4), padding="same"), (1, 5, 6, 2))
    case("depthwise_2d_strides", D(3, strides=2, padding="same"), (2, 6, 7, 3))
    case("depthwise_2d_multiplier", D(3, depth_multiplier=2, padding="same"), (1, 4, 5, 3))
    case("depthwise_2d_multiplier_strides", D((3, 2), strides=2, depth_multiplier=3, use_bias=False), (2, 6, 5, 2))
    case("depthwise_2d_dilation", D(3, dilation_rate=2), (1, 7, 6, 2))
    case("depthwise_2d_dilation_same", D(3, dilation_rate=2, padding="same"), (1, 7, 6, 3))
    case("depthwise_2d_17", D(3, padding="same", activation="tanh"), (1, 4, 5, 17))
    compiled("depthwise_2d_first", D(3, padding="same", activation="tanh", **FIRST), (2, 3, 4, 5))
    D = L.DepthwiseConv1D
    case("depthwise_1d", D(3), (2, 6, 3))
    case("depthwise_1d_same", D(4, padding="same", strides=2), (2, 7, 2))
    case("depthwise_1d_multiplier", D(3, depth_multiplier=2, activation="relu", use_bias=False), (1, 6, 3))
    case("depthwise_1d_dilation", D(2, dilation_rate=3, padding="same"), (1, 6, 2))
    compiled("depthwise_1d_first", D(3, padding="same", **FIRST), (2, 3, 5))


def separable():
    S = L.SeparableConv2D
    case("separable_2d", S(4, 3), (2, 5, 6, 3))
    case("separable_2d_same", S(3, 3, padding="same", strides=2, depth_multiplier=2, activation="relu"), (1, 6, 5, 2))
    case("separable_2d_dilation", S(3, (2, 3), dilation_rate=2, use_bias=False), (1, 6, 7, 2))
    compiled("separable_2d_first", S(3, 3, activation="softmax", **FIRST), (1, 2, 5, 4))
    S = L.SeparableConv1D
    case("separable_1d", S(4, 3), (2, 6, 3))
    case("separable_1d_same", S(3, 4, padding="same", strides=2, depth_multiplier=2, activation="tanh"), (1, 7, 2))
    case("separable_1d_dilation", S(2, 2, dilation_rate=2, use_bias=False), (1, 6, 2))
    compiled("separable_1d_first", S(3, 3, padding="same", **FIRST), (1, 2, 5))


def pooling():
    shapes = {1: (2, 7, 3), 2: (1, 5, 6, 2), 3: (1, 3, 5, 4, 2)}
    for rank, shape in shapes.items():
        first = (shape[0], shape[-1], *shape[1:-1])
        for kind in ("Max", "Average"):
            short = f"{kind.lower()}_pooling_{rank}d"
            P = getattr(L, f"{kind}Pooling{rank}D")
            if rank != 2:
                case(short, P(2), shape)
                case(f"{short}_same", P(3, strides=2, padding="same"), shape)
                case(f"{short}_strides", P(1, strides=2), shape)
            if rank == 3:
                case(f"{short}_uneven", P((1, 2, 3), strides=(2, 1, 1)), shape)
            compiled(f"{short}_first", P(2, strides=1, padding="same", **FIRST), first)
            G = getattr(L, f"Global{kind}Pooling{rank}D")
            if rank != 2:
                case(f"global_{short}", G(), shape)
                case(f"global_{short}_keepdims", G(keepdims=True), shape)
            case(f"global_{short}_first", G(**FIRST), first)
            case(f"global_{short}_first_keepdims", G(keepdims=True, **FIRST), first)
    case("max_pooling_1d_default", L.MaxPooling1D(), (1, 4, 2))
    case("max_pooling_3d_default", L.MaxPooling3D(), (1, 2, 4, 2, 1))
    mask = [[1, 0, 1, 1, 0], [0, 0, 1, 0, 0]]
    case("global_average_pooling_1d_mask", L.GlobalAveragePooling1D(), (2, 5, 3), mask=mask)
    case("global_average_pooling_1d_mask_keepdims", L.GlobalAveragePooling1D(keepdims=True), (2, 5, 3), mask=mask)
    case("global_average_pooling_1d_mask_first", L.GlobalAveragePooling1D(**FIRST), (2, 3, 5), mask=mask)


def adaptive_pooling():
    for kind in ("Max", "Average"):
        short = f"adaptive_{kind.lower()}_pooling"
        A = [getattr(L, f"Adaptive{kind}Pooling{rank}D") for rank in (1, 2, 3)]
        case(f"{short}_1d", A[0](3), (2, 7, 2))
        case(f"{short}_1d_even", A[0](3), (1, 6, 2))
        case(f"{short}_1d_first", A[0](4, **FIRST), (1, 2, 6))
        case(f"{short}_2d", A[1](3), (1, 5, 7, 2))
        case(f"{short}_2d_uneven", A[1]((2, 3)), (2, 4, 5, 1))
        case(f"{short}_2d_first", A[1]((3, 2), **FIRST), (1, 2, 4, 3))
        case(f"{short}_3d", A[2](2), (1, 3, 4, 5, 1))
        case(f"{short}_3d_first", A[2]((2, 2, 3), **FIRST), (1, 2, 2, 3, 4))


def shapes():
    case("flatten_first", L.Flatten(**FIRST), (2, 3, 2, 4))
    case("flatten_first_rank2", L.Flatten(**FIRST), (2, 3))
    case("flatten_first_rank1", L.Flatten(**FIRST), (2,))
    case("permute", L.Permute((2, 1)), (2, 3, 4))
    case("permute_three", L.Permute((3, 1, 2)), (2, 3, 4, 2))
    case("permute_one", L.Permute((1,)), (2, 3))
    case("repeat_vector", L.RepeatVector(3), (2, 4))
    case("cropping_1d", L.Cropping1D(), (2, 5, 2))
    case("cropping_1d_uneven", L.Cropping1D((2, 0)), (2, 5, 2))
    case("cropping_2d", L.Cropping2D(1), (1, 4, 5, 2))
    case("cropping_2d_default", L.Cropping2D(), (1, 2, 3, 2))
    case("cropping_2d_symmetric", L.Cropping2D((0, 2)), (1, 2, 5, 2))
    case("cropping_2d_uneven", L.Cropping2D(((1, 0), (0, 2))), (1, 3, 4, 2))
    case("cropping_2d_first", L.Cropping2D(((1, 0), (0, 2)), **FIRST), (1, 2, 3, 4))
    case("cropping_3d", L.Cropping3D(), (1, 3, 4, 3, 2))
    case("cropping_3d_symmetric", L.Cropping3D((0, 1, 0)), (1, 2, 3, 2, 1))
    case("cropping_3d_uneven", L.Cropping3D(((1, 0), (0, 2), (0, 0))), (1, 2, 4, 2, 2))
    case("cropping_3d_first", L.Cropping3D(((1, 0), (0, 2), (1, 0)), **FIRST), (1, 2, 2, 4, 2))
    case("zero_padding_1d", L.ZeroPadding1D(), (2, 3, 2))
    case("zero_padding_1d_uneven", L.ZeroPadding1D((0, 2)), (2, 3, 2))
    case("zero_padding_1d_first", L.ZeroPadding1D((1, 2), **FIRST), (2, 3, 2))
    case("zero_padding_2d_first", L.ZeroPadding2D(((1, 0), (0, 2)), **FIRST), (1, 2, 2, 3))
    case("zero_padding_3d", L.ZeroPadding3D(), (1, 1, 2, 1, 2))
    case("zero_padding_3d_symmetric", L.ZeroPadding3D((0, 1, 2)), (1, 2, 1, 2, 1))
    case("zero_padding_3d_uneven", L.ZeroPadding3D(((1, 0), (0, 2), (0, 0))), (1, 2, 1, 2, 2))
    case("zero_padding_3d_first", L.ZeroPadding3D(((1, 0), (0, 2), (1, 0)), **FIRST), (1, 2, 2, 1, 2))
    case("up_sampling_1d", L.UpSampling1D(), (2, 3, 2))
    case("up_sampling_1d_three", L.UpSampling1D(3), (1, 2, 3))
    case("up_sampling_3d", L.UpSampling3D(), (1, 2, 1, 3, 2))
    case("up_sampling_3d_uneven", L.UpSampling3D((1, 2, 3)), (1, 2, 2, 2, 1))
    case("up_sampling_3d_first", L.UpSampling3D((2, 1, 2), **FIRST), (1, 2, 2, 2, 3))


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    for group in (conv_1d, conv_2d, conv_3d, conv_transpose, depthwise, separable, pooling, adaptive_pooling, shapes):
        group()
    write("spatial_layers", CASES)


if __name__ == "__main__":
    make()
