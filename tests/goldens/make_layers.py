"""layers.json: output, gradients and state of layers, with their options. Convolutions have make_conv_layers.py, images make_image_layers.py."""

from golden_format import array, arrays, normal, plain, rng, serialized, write

import keras
import tensorflow as tf
from keras.src.applications import convnext, inception_resnet_v2

L = keras.layers
CASES = []


def shape_of_output(layer, shapes, output):
    try:
        return layer.compute_output_shape(shapes[0] if len(shapes) == 1 else list(shapes))
    except NotImplementedError:  # a few classes have no such method
        return tuple(output.shape)


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
        "compute_output_shape": plain(shape_of_output(layer, shapes, output)),
        **({"seed_gradient": array(seed)} if gradients else {}),
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
    case("embedding_lora", L.Embedding(256, 3, lora_rank=2, lora_alpha=7), (2, 4), integers=True)


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
    case("gaussian_noise_seed", L.GaussianNoise(0.3, seed=7), (3, 4))
    case("spatial_dropout_1d_seed", L.SpatialDropout1D(0.3, seed=7), (2, 3, 4))
    case("spatial_dropout_3d_seed", L.SpatialDropout3D(0.3, seed=7), (2, 1, 2, 2, 3))
    case("alpha_dropout_seed", L.AlphaDropout(0.3, seed=7), (3, 4))
    case("dropout_noise_shape", L.Dropout(0.5, noise_shape=(None, 1, 4)), (2, 3, 4))
    case("alpha_dropout_noise_shape", L.AlphaDropout(0.5, noise_shape=(None, 1)), (3, 4))


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


def of_applications():
    """Layers that nets of keras.applications define for themselves."""
    case("layer_scale", convnext.LayerScale(0.25, 4), (3, 2, 2, 4))
    case("custom_scale_layer", inception_resnet_v2.CustomScaleLayer(0.17), (2, 3, 4), (2, 3, 4))
    case("stochastic_depth", convnext.StochasticDepth(0.4), (3, 2, 4))
    case("stochastic_depth_training", convnext.StochasticDepth(0.0), (3, 4), training=True)


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    for group in (dense, pooling, shapes, activations, regularization, batch_normalization, of_applications):
        group()
    write("layers", CASES)


if __name__ == "__main__":
    make()
