"""layers.json: output, gradients and state of every layer, with its options."""

from golden_format import array, arrays, normal, plain, rng, serialized, write

import keras
import tensorflow as tf

L = keras.layers
CASES = []


def case(name, layer, *shapes, training=False, scale=1.0, integers=False, gradients=True, positive=False, xla=False, mask=None, into=CASES):
    """Runs a layer on random inputs; its gradients are those of sum(output * seed_gradient).

    xla: compiled, for what TensorFlow's own kernels cannot do on a CPU. mask: of the input.
    """
    g = rng("layer " + name)
    masked = {} if mask is None else {"mask": tf.cast(mask, "bool")}
    if integers:
        inputs = [tf.constant(g.integers(0, 256, s).astype("uint8")) for s in shapes]
    elif positive:
        inputs = [tf.constant((scale * g.random(s)).astype("float32")) for s in shapes]
    else:
        inputs = [tf.constant(normal(g, s, scale)) for s in shapes]
    whole = inputs[0] if len(inputs) == 1 else inputs
    if xla:
        layer.build(whole.shape)
    else:
        layer(whole)  # builds it; without training, so no statistics move
    call = tf.function(layer, jit_compile=True) if xla else layer
    for w in layer.weights:
        value = normal(g, w.shape, 0.5)
        if "variance" in w.name or "stddev" in w.name:
            value = abs(value) + 0.25
        w.assign(value)
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()  # takes the weights over
    weights = [{"name": w.name, **array(w)} for w in layer.weights]
    trainable = [w.value for w in layer.trainable_weights]
    with tf.GradientTape() as tape:
        if not integers:
            tape.watch(inputs)
        output = call(whole, training=training, **masked)
        seed = normal(g, output.shape)
        total = tf.reduce_sum(output * seed)
    gradients = gradients and not integers  # some of TensorFlow's operations have none
    gradients = tape.gradient(total, inputs + trainable, unconnected_gradients="zero") if gradients else []
    into.append({
        "name": name,
        "layer": type(layer).__name__,
        "config": serialized(layer)["config"],
        "inputs": arrays(inputs),
        "weights": weights,
        **({} if mask is None else {"mask": array(masked["mask"])}),
        "training": training,
        "output": array(output),
        "compute_output_shape": plain(layer.compute_output_shape(shapes[0] if len(shapes) == 1 else list(shapes))),
        "seed_gradient": array(seed),
        "input_gradients": arrays(gradients[: len(inputs)]),
        "weight_gradients": [{"name": w.name, **array(v)} for w, v in zip(layer.trainable_weights, gradients[len(inputs) :])],
        "weights_after": [{"name": w.name, **array(w)} for w in layer.non_trainable_weights],
    })


def dense():
    case("dense", L.Dense(5), (3, 4))
    case("dense_relu", L.Dense(7, activation="relu"), (5, 3))
    case("dense_no_bias", L.Dense(1, use_bias=False, activation="tanh"), (2, 9))
    case("dense_softmax", L.Dense(3, activation="softmax"), (4, 6))
    case("dense_sigmoid", L.Dense(1, activation="sigmoid"), (7, 2))
    case("dense_rank3", L.Dense(4, activation="gelu"), (2, 3, 5))
    case("dense_rank4", L.Dense(2), (2, 3, 1, 4))
    case("dense_batch1", L.Dense(17), (1, 33))
    case("dense_lora", L.Dense(5, lora_rank=2), (3, 4))
    case("dense_lora_alpha", L.Dense(4, activation="tanh", use_bias=False, lora_rank=3, lora_alpha=6), (2, 3, 5))
    case("einsum_dense_lora", L.EinsumDense("abc,cde->abde", output_shape=(3, 2, 3), bias_axes="e", lora_rank=2, lora_alpha=3), (2, 3, 4))
    case("conv1d_lora", L.Conv1D(3, 2, lora_rank=2), (2, 5, 3))
    case("conv2d_lora", L.Conv2D(4, 3, padding="same", activation="relu", lora_rank=2, lora_alpha=5), (2, 4, 5, 3))
    case("embedding_lora", L.Embedding(256, 3, lora_rank=2, lora_alpha=7), (2, 4), integers=True)


def conv():
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


def pooling():
    for cls, short in ((L.MaxPooling2D, "max"), (L.AveragePooling2D, "average")):
        case(f"{short}_pool", cls(2), (2, 5, 6, 3))
        case(f"{short}_pool_same", cls(2, padding="same"), (2, 5, 7, 2))
        case(f"{short}_pool_same_3", cls(3, strides=2, padding="same"), (1, 6, 7, 2))
        case(f"{short}_pool_strides", cls(3, strides=2), (1, 7, 8, 3))
        case(f"{short}_pool_overlap", cls((2, 3), strides=1), (1, 4, 5, 2))
        case(f"{short}_pool_uneven", cls((3, 2), strides=(2, 3), padding="same"), (1, 7, 8, 1))
        case(f"{short}_pool_gaps", cls(1, strides=2), (1, 5, 5, 2))
    case("max_pool_default", L.MaxPooling2D(), (1, 4, 4, 2))  # AveragePooling2D has no default
    for cls, short in ((L.GlobalMaxPooling2D, "global_max"), (L.GlobalAveragePooling2D, "global_average")):
        case(f"{short}_pool", cls(), (2, 3, 5, 4))
        case(f"{short}_pool_keepdims", cls(keepdims=True), (3, 2, 3, 1))


def shapes():
    case("flatten", L.Flatten(), (2, 3, 4, 2))
    case("flatten_rank2", L.Flatten(), (3, 4))
    case("flatten_rank1", L.Flatten(), (3,))
    case("reshape", L.Reshape((4, 3)), (2, 12))
    case("reshape_minus_one", L.Reshape((-1, 2)), (3, 2, 5))
    case("reshape_minus_one_middle", L.Reshape((2, -1, 3)), (2, 3, 8))
    case("reshape_flat", L.Reshape((-1,)), (2, 3, 1))
    case("zero_padding", L.ZeroPadding2D(1), (2, 3, 2, 2))
    case("zero_padding_symmetric", L.ZeroPadding2D((2, 1)), (1, 2, 3, 2))
    case("zero_padding_uneven", L.ZeroPadding2D(((1, 0), (2, 3))), (1, 3, 2, 3))
    case("add_two", L.Add(), (2, 3), (2, 3))
    case("add_three", L.Add(), (2, 3, 2), (2, 3, 2), (2, 3, 2))
    case("add_broadcast", L.Add(), (2, 3, 4), (2, 1, 4))
    case("add_broadcast_rank", L.Add(), (2, 3, 4), (2, 4))
    case("concatenate", L.Concatenate(), (2, 3), (2, 1), (2, 4))
    case("concatenate_axis1", L.Concatenate(axis=1), (2, 3, 2), (2, 1, 2))
    case("concatenate_axis_minus2", L.Concatenate(axis=-2), (2, 3, 2, 3), (2, 3, 1, 3))
    case("rescaling", L.Rescaling(1 / 255), (2, 3, 3, 1), scale=100)
    case("rescaling_offset", L.Rescaling(1 / 127.5, offset=-1), (2, 5))
    case("rescaling_uint8", L.Rescaling(1 / 255, offset=0.5), (2, 3, 2, 1), integers=True)
    case("rescaling_lists", L.Rescaling([0.5, 2.0, 1.0], offset=[1.0, 0.0, -1.0]), (2, 3))


def activations():
    for name in ("relu", "tanh", "softmax", "linear", "swish", "hard_sigmoid", "leaky_relu"):
        case(f"activation_{name}", L.Activation(name), (3, 5), scale=2)
    case("relu", L.ReLU(), (2, 3, 4))
    case("relu_max_value", L.ReLU(max_value=1.0), (4, 5), scale=2)
    case("relu_negative_slope", L.ReLU(negative_slope=0.2), (4, 5))
    case("relu_threshold", L.ReLU(threshold=0.5), (4, 5))
    case("relu_everything", L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.25), (5, 7), scale=2)
    case("leaky_relu", L.LeakyReLU(), (3, 5))
    case("leaky_relu_slope", L.LeakyReLU(negative_slope=0.01), (2, 3, 4))
    case("leaky_relu_slope0", L.LeakyReLU(negative_slope=0.0), (4, 5))
    case("elu", L.ELU(), (3, 5))
    case("elu_alpha", L.ELU(alpha=0.5), (2, 3, 4), scale=2)
    case("prelu", L.PReLU(), (3, 5))
    case("prelu_rank4", L.PReLU(), (2, 3, 4, 2))
    case("prelu_shared", L.PReLU(shared_axes=[1, 2]), (2, 3, 4, 2))
    case("prelu_shared_one", L.PReLU(shared_axes=2), (2, 3, 4))
    case("prelu_options", L.PReLU(alpha_initializer=keras.initializers.Constant(0.25), alpha_regularizer=keras.regularizers.L2(0.01)), (4, 3))
    case("softmax", L.Softmax(), (3, 4), scale=3)
    case("softmax_rank3", L.Softmax(), (2, 3, 4))
    case("softmax_axis1", L.Softmax(axis=1), (2, 3, 4), scale=3)
    case("softmax_axes", L.Softmax(axis=(1, 2)), (2, 3, 4))
    case("dropout_inference", L.Dropout(0.4), (3, 5))
    case("dropout_rate0_training", L.Dropout(0.0), (3, 5), training=True)


def regularization():
    case("average_two", L.Average(), (2, 3), (2, 3))
    case("average_broadcast_rank", L.Average(), (2, 3, 4), (2, 4), (2, 3, 4))
    case("activity_regularization", L.ActivityRegularization(l1=0.1, l2=0.25), (3, 4), training=True)
    for training in (False, True):
        rate = 0.0 if training else 0.3
        how = "rate0_training" if training else "inference"
        case(f"gaussian_noise_{how}", L.GaussianNoise(rate), (3, 4), training=training)
        case(f"gaussian_dropout_{how}", L.GaussianDropout(rate, seed=3), (3, 4), training=training)
        case(f"alpha_dropout_{how}", L.AlphaDropout(rate), (3, 4), training=training)
        case(f"spatial_dropout_1d_{how}", L.SpatialDropout1D(rate), (2, 3, 4), training=training)
        case(f"spatial_dropout_2d_{how}", L.SpatialDropout2D(rate, seed=1), (2, 3, 2, 2), training=training)
        case(f"spatial_dropout_3d_{how}", L.SpatialDropout3D(rate), (2, 1, 2, 2, 3), training=training)
    case("alpha_dropout_noise_shape", L.AlphaDropout(0.5, noise_shape=(None, 1)), (3, 4))


def augmentation():
    """Ranges (a, a) force the draw, (-a, a) that of a contrast; flips and the sign of a hue cannot be forced."""
    image = (2, 6, 7, 2)
    for mode in ("reflect", "wrap", "constant", "nearest"):
        how = {"fill_mode": mode, "fill_value": 0.5}
        # TensorFlow's gradient of these is no gradient: it moves back what came, as if that were an image.
        forced = {"training": True, "gradients": False}
        case(f"translation_{mode}", L.RandomTranslation((0.23, 0.23), (-0.31, -0.31), **how), image, **forced)
        case(f"translation_far_{mode}", L.RandomTranslation((-0.93, -0.93), (0.97, 0.97), **how), image, **forced)
        case(f"rotation_{mode}", L.RandomRotation((0.113, 0.113), **how), image, **forced)
        case(f"zoom_out_{mode}", L.RandomZoom((0.57, 0.57), (0.83, 0.83), **how), image, **forced)
        near = {"interpolation": "nearest", **how}
        case(f"translation_nearest_{mode}", L.RandomTranslation((0.37, 0.37), (0.21, 0.21), **near), image, **forced)
        case(f"rotation_nearest_{mode}", L.RandomRotation((-0.071, -0.071), **near), image, **forced)
    case("translation_inference", L.RandomTranslation(0.2, (0.1, 0.3), seed=3), image)
    case("rotation_inference", L.RandomRotation(0.2), image)
    case("zoom_in", L.RandomZoom((-0.41, -0.41)), image, training=True, gradients=False)
    case("zoom_inference", L.RandomZoom(0.2), image)
    case("flip_inference", L.RandomFlip("horizontal", seed=1), image)
    case("crop_smaller", L.RandomCrop(8, 5, seed=1), image, training=True)
    case("crop_flat", L.RandomCrop(6, 3, seed=1), image, training=True)
    case("center_crop", L.CenterCrop(3, 4), image)
    case("center_crop_larger", L.CenterCrop(9, 4), image)
    for size in ((3, 4), (11, 9), (4, 13)):
        for way in ("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5"):
            layer = L.Resizing(*size, interpolation=way)
            case(f"resizing_{way}_{size[0]}_{size[1]}", layer, image, gradients=way in ("bilinear", "nearest"))
        for way in ("bilinear", "bicubic", "lanczos3"):
            layer = L.Resizing(*size, interpolation=way, antialias=True)
            case(f"resizing_antialias_{way}_{size[0]}_{size[1]}", layer, image, gradients=False)
    case("resizing_crop", L.Resizing(4, 3, crop_to_aspect_ratio=True), image)
    case("resizing_pad", L.Resizing(4, 9, pad_to_aspect_ratio=True, fill_value=0.25), image)
    case("resizing_pad_tall", L.Resizing(9, 4, pad_to_aspect_ratio=True), image)
    photo = {"scale": 255.0, "positive": True, "training": True, "gradients": False}
    unit = {"positive": True, "training": True, "gradients": False}
    colour = (2, 3, 4, 3)
    case("contrast", L.RandomContrast((-0.4, 0.4)), image, **photo)
    case("contrast_default", L.RandomContrast(0.4), image, scale=255, positive=True)
    case("brightness", L.RandomBrightness((-0.2, -0.2)), image, **photo)
    case("brightness_one", L.RandomBrightness((0.3, 0.3), value_range=(0, 1)), image, positive=True, training=True)
    case("brightness_default", L.RandomBrightness(0.3), image)
    case("hue", L.RandomHue((1.0, 1.0)), colour, **photo)
    case("hue_one", L.RandomHue((1.0, 1.0), value_range=(0.0, 1.0)), colour, **unit)
    case("saturation", L.RandomSaturation((0.3, 0.3)), colour, **photo)
    case("saturation_more", L.RandomSaturation((0.7, 0.7), value_range=(0, 1)), colour, **unit)
    jitter = {"brightness_factor": (0.1, 0.1), "contrast_factor": (-0.2, 0.2), "saturation_factor": (0.4, 0.4)}
    case("color_jitter", L.RandomColorJitter(hue_factor=(1.0, 1.0), **jitter), colour, **photo)
    case("color_jitter_inference", L.RandomColorJitter(brightness_factor=0.1), colour)


def batch_normalization():
    for training in (False, True):
        how = "training" if training else "inference"
        case(f"batch_normalization_{how}", L.BatchNormalization(), (5, 3), training=training)
        case(f"batch_normalization_images_{how}", L.BatchNormalization(), (2, 3, 4, 2), training=training)
        case(f"batch_normalization_axis1_{how}", L.BatchNormalization(axis=1), (3, 2, 2, 3), training=training)
        case(f"batch_normalization_axis1_rank2_{how}", L.BatchNormalization(axis=1), (6, 2), training=training)
        case(f"batch_normalization_rank3_{how}", L.BatchNormalization(axis=-2), (2, 3, 4), training=training)
        case(f"batch_normalization_no_scale_{how}", L.BatchNormalization(scale=False), (4, 3), training=training)
        case(f"batch_normalization_no_center_{how}", L.BatchNormalization(center=False), (4, 3), training=training)
        case(f"batch_normalization_bare_{how}", L.BatchNormalization(center=False, scale=False), (2, 2, 2, 3), training=training)
        case(f"batch_normalization_momentum_{how}", L.BatchNormalization(momentum=0.5, epsilon=0.1), (3, 4), training=training)
        case(f"batch_normalization_large_mean_{how}", L.BatchNormalization(), (7, 2), training=training, scale=1000)
        case(f"batch_normalization_renorm_{how}", L.BatchNormalization(renorm=True), (5, 3), training=training, scale=2)
        clipping = {"rmax": 1.1, "rmin": 0.9, "dmax": 0.2}
        case(f"batch_normalization_renorm_clipping_{how}", L.BatchNormalization(renorm=True, renorm_clipping=clipping, renorm_momentum=0.8, momentum=0.6), (3, 2, 2, 4), training=training, scale=2)
        case(f"batch_normalization_renorm_bare_{how}", L.BatchNormalization(axis=1, renorm=True, renorm_clipping={"rmax": 2.0}, center=False, scale=False), (4, 3, 2), training=training)
        case(f"batch_normalization_renorm_no_scale_{how}", L.BatchNormalization(renorm=True, scale=False, epsilon=0.1), (4, 3), training=training)
    case("batch_normalization_batch1", L.BatchNormalization(), (1, 3), training=True)
    frozen = L.BatchNormalization()
    frozen.trainable = False  # a frozen one uses its moving statistics, whatever `training` says
    case("batch_normalization_frozen", frozen, (4, 3), training=True)


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    for group in (dense, conv, conv_transpose, up_sampling, pooling, shapes, activations, regularization, augmentation, batch_normalization):
        group()
    write("layers", CASES)


if __name__ == "__main__":
    make()
