"""operations.json: operations of keras.ops in functional models, each in a model of its own: what it computes, and its gradients."""

import json

from golden_format import array, arrays, normal, rng, write

import keras
import numpy as np
import tensorflow as tf

K = keras.ops


def colours(p):
    """Three channels from 0 to 1 of images of two."""
    return K.sigmoid(K.concatenate([p, p[..., :1] * p[..., 1:]], axis=-1))


# By name: a function of inputs (batch, 4), (batch, 4), (batch, 5, 4) and images (batch, 6, 5, 2).
OPERATIONS = {
    "glu": lambda a, b, s, p: K.glu(a), "glu_axis": lambda a, b, s, p: K.glu(p, axis=1), "hard_shrink": lambda a, b, s, p: K.hard_shrink(a), "hard_shrink_threshold": lambda a, b, s, p: K.hard_shrink(a, threshold=0.9),
    "soft_shrink": lambda a, b, s, p: K.soft_shrink(a), "soft_shrink_threshold": lambda a, b, s, p: K.soft_shrink(a, threshold=0.2), "sparse_plus": lambda a, b, s, p: K.sparse_plus(a), "sparse_sigmoid": lambda a, b, s, p: K.sparse_sigmoid(a),
    "threshold": lambda a, b, s, p: K.threshold(a, 0.3, -2.0), "activation_glu": lambda a, b, s, p: keras.activations.glu(a), "activation_hard_shrink": lambda a, b, s, p: keras.activations.hard_shrink(a, threshold=0.7),
    "max_pool": lambda a, b, s, p: K.max_pool(p, 2), "max_pool_same": lambda a, b, s, p: K.max_pool(p, (3, 2), strides=2, padding="same"), "max_pool_steps": lambda a, b, s, p: K.max_pool(s, 2, strides=1),
    "average_pool": lambda a, b, s, p: K.average_pool(p, 2), "average_pool_same": lambda a, b, s, p: K.average_pool(p, 3, strides=(1, 2), padding="same"), "average_pool_steps": lambda a, b, s, p: K.average_pool(s, 3),
    "resize": lambda a, b, s, p: K.image.resize(p, (4, 7)), "resize_nearest": lambda a, b, s, p: K.image.resize(p, (9, 3), interpolation="nearest"),
    "layer_normalization": lambda a, b, s, p: K.layer_normalization(s), "layer_normalization_weights": lambda a, b, s, p: K.layer_normalization(s, gamma=np.array([1.0, 2.0, 0.5, -1.0], "float32"), beta=np.array([0.1, 0.2, 0.3, 0.4], "float32"), epsilon=1e-3),
    "layer_normalization_axis": lambda a, b, s, p: K.layer_normalization(s, axis=1), "rms_normalization": lambda a, b, s, p: K.rms_normalization(s), "rms_normalization_scale": lambda a, b, s, p: K.rms_normalization(s, scale=np.array([1.0, 2.0, 0.5, -1.0], "float32"), epsilon=1e-2),
    "attention": lambda a, b, s, p: K.dot_product_attention(p, p, p + 1.0), "attention_scale": lambda a, b, s, p: K.dot_product_attention(p, p, p, scale=0.3), "attention_causal": lambda a, b, s, p: K.dot_product_attention(p, p, p, is_causal=True), "attention_mask": lambda a, b, s, p: K.dot_product_attention(p, p, p, mask=K.reshape(K.max(p, axis=(2, 3)), (-1, 1, 1, 6)) > 1.0),
    "tril": lambda a, b, s, p: K.tril(s), "tril_above": lambda a, b, s, p: K.tril(s, k=1), "triu": lambda a, b, s, p: K.triu(s), "triu_below": lambda a, b, s, p: K.triu(s, k=-2),
    "roll": lambda a, b, s, p: K.roll(s, 2, axis=1), "roll_back": lambda a, b, s, p: K.roll(s, -3, axis=2), "roll_axes": lambda a, b, s, p: K.roll(s, (1, 2), axis=(1, 2)), "roll_flat": lambda a, b, s, p: K.roll(s, 7),
    "norm": lambda a, b, s, p: K.norm(a), "norm_axis": lambda a, b, s, p: K.norm(s, axis=1), "norm_one": lambda a, b, s, p: K.norm(s, ord=1, axis=-1, keepdims=True), "norm_infinite": lambda a, b, s, p: K.norm(s, ord=float("inf"), axis=2), "norm_fro": lambda a, b, s, p: K.norm(s, ord="fro", axis=(1, 2)), "norm_three": lambda a, b, s, p: K.norm(s, ord=3, axis=2),
    "take_along_axis": lambda a, b, s, p: K.take_along_axis(s, K.argmax(s, axis=1, keepdims=True), axis=1), "take_along_last": lambda a, b, s, p: K.take_along_axis(a, K.cast(K.abs(b), "int32") - 1, axis=-1),
    "arctan2": lambda a, b, s, p: K.arctan2(a, b), "cbrt": lambda a, b, s, p: K.cbrt(a), "exp2": lambda a, b, s, p: K.exp2(a), "trunc": lambda a, b, s, p: K.trunc(a * 2), "isinf": lambda a, b, s, p: K.cast(K.isinf(a), "float32"),
    "hypot": lambda a, b, s, p: K.hypot(a, b), "logaddexp": lambda a, b, s, p: K.logaddexp(a, b), "deg2rad": lambda a, b, s, p: K.deg2rad(a), "rad2deg": lambda a, b, s, p: K.rad2deg(a),
    "hstack": lambda a, b, s, p: K.hstack([a, b]), "vstack": lambda a, b, s, p: K.vstack([a, b]), "flipud": lambda a, b, s, p: K.flipud(a), "append": lambda a, b, s, p: K.append(a, b, axis=1), "outer": lambda a, b, s, p: K.outer(a, b), "tensordot": lambda a, b, s, p: K.tensordot(s, p, axes=[[1], [2]]),
    "count_nonzero": lambda a, b, s, p: K.cast(K.count_nonzero(K.cast(s, "int32"), axis=1), "float32"), "average": lambda a, b, s, p: K.average(s, axis=1), "diff": lambda a, b, s, p: K.diff(s, axis=1), "ptp": lambda a, b, s, p: K.ptp(s, axis=1),
    "unstack": lambda a, b, s, p: K.unstack(s, axis=1)[2], "fmax": lambda a, b, s, p: K.fmax(a, b), "fmin": lambda a, b, s, p: K.fmin(a, 0.25), "sort": lambda a, b, s, p: K.sort(a), "sort_axis": lambda a, b, s, p: K.sort(s, axis=1), "sort_flat": lambda a, b, s, p: K.sort(s, axis=None), "sort_whole": lambda a, b, s, p: K.cast(K.sort(K.cast(3 * s, "int32"), axis=-2), "float32"), "sort_one": lambda a, b, s, p: K.sort(a[:, :1]),
    "argsort": lambda a, b, s, p: K.cast(K.argsort(a), "float32"), "argsort_ties": lambda a, b, s, p: K.cast(K.argsort(K.round(s), axis=1), "float32"), "argsort_flat": lambda a, b, s, p: K.cast(K.argsort(p, axis=None), "float32"),
    "top_k": lambda a, b, s, p: K.top_k(s, 3)[0], "top_k_places": lambda a, b, s, p: K.cast(K.top_k(K.round(s), 2)[1], "float32"), "top_k_both": lambda a, b, s, p: K.top_k(K.reshape(p, (-1, 60)), 7)[0] * K.cast(K.top_k(K.reshape(p, (-1, 60)), 7)[1], "float32"),
    "in_top_k": lambda a, b, s, p: K.cast(K.in_top_k(K.cast(K.argmax(b, axis=1), "int32"), a, 2), "float32"),
    "norm_matrix_one": lambda a, b, s, p: K.norm(s, ord=1, axis=(1, 2)), "norm_matrix_minus_one": lambda a, b, s, p: K.norm(p, ord=-1, axis=(3, 1), keepdims=True), "norm_matrix_infinite": lambda a, b, s, p: K.norm(p, ord=float("inf"), axis=(1, 3)),
    "norm_matrix_minus_infinite": lambda a, b, s, p: K.norm(s, ord=float("-inf"), axis=(2, 1), keepdims=True),
    "rgb_to_hsv": lambda a, b, s, p: K.image.rgb_to_hsv(colours(p)), "hsv_to_rgb": lambda a, b, s, p: K.image.hsv_to_rgb(K.stop_gradient(colours(p))), "rgb_to_grayscale": lambda a, b, s, p: K.image.rgb_to_grayscale(colours(p)),
    "rgb_to_grayscale_first": lambda a, b, s, p: K.image.rgb_to_grayscale(K.transpose(colours(p), (0, 3, 1, 2)), data_format="channels_first"), "depth_to_space": lambda a, b, s, p: K.depth_to_space(K.concatenate([p, p * 2], axis=-1), 2), "space_to_depth": lambda a, b, s, p: K.space_to_depth(p[:, :, :4], 2),
    "depth_to_space_first": lambda a, b, s, p: K.depth_to_space(K.reshape(p[:, :, :4], (-1, 12, 2, 2)), 2, data_format="channels_first"), "space_to_depth_first": lambda a, b, s, p: K.space_to_depth(K.reshape(p[:, :, :4], (-1, 3, 4, 4)), 2, data_format="channels_first"),
    "erfc": lambda a, b, s, p: K.erfc(a), "fabs": lambda a, b, s, p: K.fabs(a), "sinc": lambda a, b, s, p: K.sinc(K.round(a) * 0.5), "copy": lambda a, b, s, p: K.copy(a), "full_like": lambda a, b, s, p: K.full_like(a, 2.5) * a, "heaviside": lambda a, b, s, p: K.heaviside(K.round(a), b),
    "logaddexp2": lambda a, b, s, p: K.logaddexp2(a, b), "logaddexp_infinite": lambda a, b, s, p: K.cast(K.isinf(K.logaddexp(a / K.relu(b), a / K.relu(b))), "float32"), "logaddexp2_infinite": lambda a, b, s, p: K.cast(K.isinf(K.logaddexp2(a / K.relu(b), a / K.relu(b))), "float32"), "fmod": lambda a, b, s, p: K.fmod(a * 3, b), "isposinf": lambda a, b, s, p: K.cast(K.isposinf(a / K.relu(b)), "float32"), "isneginf": lambda a, b, s, p: K.cast(K.isneginf(a / K.relu(b)), "float32"),
    "nan_to_num": lambda a, b, s, p: K.nan_to_num(K.stop_gradient(K.sqrt(a)), nan=0.3) * a, "nan_to_num_infinite": lambda a, b, s, p: K.nan_to_num(K.round(a) / K.relu(K.round(b)), nan=1.5, posinf=7.0, neginf=-3.0), "fliplr": lambda a, b, s, p: K.fliplr(a), "moments": lambda a, b, s, p: K.moments(s, axes=[1])[1],
}
REFUSED = {"median": lambda a, b, s, p: K.median(a), "quantile": lambda a, b, s, p: K.quantile(a, 0.3), "svd": lambda a, b, s, p: K.svd(s)[1]}


def model_of(function):
    keras.backend.clear_session()
    inputs = [keras.Input(shape, name=name) for name, shape in (("a", (4,)), ("b", (4,)), ("s", (5, 4)), ("p", (6, 5, 2)))]
    return keras.Model(inputs, function(*inputs))


def case(name, function, inputs):
    model = model_of(function)
    tensors = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output = model(tensors)
        total = tf.reduce_sum(output * tf.reshape(tf.range(tf.size(output), dtype="float32") % 7 - 2.5, tf.shape(output)))
    gradients = tape.gradient(total, tensors, unconnected_gradients="none")
    return {"name": name, "model": json.loads(model.to_json()), "output": array(output), "gradients": [None if g is None else array(g) for g in gradients]}


def make():
    g = rng("operations")
    inputs = [normal(g, shape) for shape in ((3, 4), (3, 4), (3, 5, 4), (3, 6, 5, 2))]
    refused = [{"name": name, "model": json.loads(model_of(function).to_json())} for name, function in REFUSED.items()]
    write("operations", [case(name, function, inputs) for name, function in OPERATIONS.items()], inputs=arrays(inputs), refused=refused)
