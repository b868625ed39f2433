"""old_operations.json: operations of TensorFlow in functional models of Keras 2 (tf_keras), and what the models compute."""

import json

from golden_format import array, arrays, normal, rng, write

import tensorflow as tf
import tf_keras as keras

# By name: a function of two inputs (batch, 4) and one (batch, 5, 4).
OPERATIONS = {
    "add": lambda a, b, s: a + b, "subtract": lambda a, b, s: a - b, "times_number": lambda a, b, s: a * 2.0, "number_minus": lambda a, b, s: 1.0 - a,
    "quotient": lambda a, b, s: a / b, "negative": lambda a, b, s: -a, "power": lambda a, b, s: a**2, "matmul_operator": lambda a, b, s: s @ tf.transpose(s, [0, 2, 1]),
    "floor_quotient": lambda a, b, s: a // b, "remainder": lambda a, b, s: a % 0.7, "compare": lambda a, b, s: tf.cast(a > b, "float32"), "compare_number": lambda a, b, s: tf.cast(a <= 0, tf.float32),
    "broadcast": lambda a, b, s: s + a[:, tf.newaxis, :], "broadcast_ranks": lambda a, b, s: s * tf.reduce_mean(a, axis=0),
    "math_add": lambda a, b, s: tf.math.add(a, b), "math_subtract": lambda a, b, s: tf.subtract(a, 1.0), "math_multiply": lambda a, b, s: tf.math.multiply(a, b),
    "maximum": lambda a, b, s: tf.maximum(a, b), "minimum_number": lambda a, b, s: tf.minimum(a, 0.5), "squared_difference": lambda a, b, s: tf.math.squared_difference(a, b),
    "divide_no_nan": lambda a, b, s: tf.math.divide_no_nan(a, b), "add_n": lambda a, b, s: tf.add_n([a, b, a]), "bias_add": lambda a, b, s: tf.nn.bias_add(a, [1.0, 2.0, 3.0, 4.0]),
    "relu": lambda a, b, s: tf.nn.relu(a), "relu6": lambda a, b, s: tf.nn.relu6(a), "elu": lambda a, b, s: tf.nn.elu(a), "selu": lambda a, b, s: tf.nn.selu(a), "silu": lambda a, b, s: tf.nn.silu(a),
    "gelu": lambda a, b, s: tf.nn.gelu(a), "gelu_approximate": lambda a, b, s: tf.nn.gelu(a, approximate=True), "leaky_relu": lambda a, b, s: tf.nn.leaky_relu(a, alpha=0.3), "leaky_relu_default": lambda a, b, s: tf.nn.leaky_relu(a),
    "softmax": lambda a, b, s: tf.nn.softmax(a), "softmax_axis": lambda a, b, s: tf.nn.softmax(s, axis=1), "log_softmax": lambda a, b, s: tf.nn.log_softmax(a),
    "sigmoid": lambda a, b, s: tf.sigmoid(a), "tanh": lambda a, b, s: tf.tanh(a), "softplus": lambda a, b, s: tf.nn.softplus(a), "softsign": lambda a, b, s: tf.nn.softsign(a), "log_sigmoid": lambda a, b, s: tf.math.log_sigmoid(a),
    "abs": lambda a, b, s: tf.abs(a), "exp": lambda a, b, s: tf.exp(a), "sqrt": lambda a, b, s: tf.sqrt(tf.abs(a)), "rsqrt": lambda a, b, s: tf.math.rsqrt(tf.abs(a)), "square": lambda a, b, s: tf.square(a),
    "log": lambda a, b, s: tf.math.log(tf.abs(a) + 1.0), "log1p": lambda a, b, s: tf.math.log1p(tf.abs(a)), "sin": lambda a, b, s: tf.sin(a), "cos": lambda a, b, s: tf.cos(a), "round": lambda a, b, s: tf.round(a), "sign": lambda a, b, s: tf.sign(a),
    "reshape": lambda a, b, s: tf.reshape(a, (-1, 2, 2)), "concat": lambda a, b, s: tf.concat([a, b], axis=-1), "concat_axis": lambda a, b, s: tf.concat([a, b], 1), "stack": lambda a, b, s: tf.stack([a, b], axis=1),
    "expand_dims": lambda a, b, s: tf.expand_dims(a, 1), "expand_last": lambda a, b, s: tf.expand_dims(a, axis=-1), "squeeze": lambda a, b, s: tf.squeeze(tf.expand_dims(a, 1), axis=1), "squeeze_position": lambda a, b, s: tf.squeeze(tf.expand_dims(a, 1), 1),
    "transpose": lambda a, b, s: tf.transpose(s, perm=[0, 2, 1]), "matmul": lambda a, b, s: tf.matmul(s, s, transpose_b=True), "matmul_a": lambda a, b, s: tf.matmul(s, s, transpose_a=True),
    "reduce_mean": lambda a, b, s: tf.reduce_mean(s, axis=1), "reduce_sum": lambda a, b, s: tf.reduce_sum(s, axis=[1, 2], keepdims=True), "reduce_max": lambda a, b, s: tf.reduce_max(s, -1), "reduce_min": lambda a, b, s: tf.reduce_min(s, axis=2),
    "reduce_prod": lambda a, b, s: tf.reduce_prod(s, axis=1), "reduce_std": lambda a, b, s: tf.math.reduce_std(s, axis=1), "reduce_variance": lambda a, b, s: tf.math.reduce_variance(s, axis=1), "reduce_logsumexp": lambda a, b, s: tf.reduce_logsumexp(s, axis=1),
    "backend_mean": lambda a, b, s: keras.backend.mean(s, axis=1), "backend_concatenate": lambda a, b, s: keras.backend.concatenate([a, b]),
    "argmax": lambda a, b, s: tf.cast(tf.argmax(a, axis=1), "float32"), "argmin": lambda a, b, s: tf.cast(tf.argmin(a, axis=-1), "float32"),
    "last_step": lambda a, b, s: s[:, -1], "steps": lambda a, b, s: s[:, 1:3, :], "ellipsis": lambda a, b, s: s[..., 0], "every_second": lambda a, b, s: s[:, ::2], "backwards": lambda a, b, s: s[:, ::-1], "new_axis": lambda a, b, s: s[:, tf.newaxis, :, 0],
    "cast": lambda a, b, s: tf.cast(tf.cast(a * 3.0, "int32"), tf.float32), "where": lambda a, b, s: tf.where(a > 0, a, b), "clip": lambda a, b, s: tf.clip_by_value(a, -0.5, 1.0), "tile": lambda a, b, s: tf.tile(a, [1, 2]),
    "repeat": lambda a, b, s: tf.repeat(a, 2, axis=1), "pad": lambda a, b, s: tf.pad(s, [[0, 0], [1, 2], [0, 0]]), "pad_value": lambda a, b, s: tf.pad(s, [[0, 0], [1, 1], [0, 0]], constant_values=3.0),
    "split": lambda a, b, s: tf.split(a, 2, axis=1)[1], "split_sizes": lambda a, b, s: tf.split(a, [1, 3], axis=1)[1], "gather": lambda a, b, s: tf.gather(s, [3, 1], axis=1), "one_hot": lambda a, b, s: tf.one_hot(tf.argmax(a, axis=1), 4),
    "cumsum": lambda a, b, s: tf.cumsum(a, axis=1), "reverse": lambda a, b, s: tf.reverse(s, [1]), "l2_normalize": lambda a, b, s: tf.math.l2_normalize(a, axis=1), "identity": lambda a, b, s: tf.identity(a), "zeros_like": lambda a, b, s: tf.zeros_like(a) + b,
    "stop_gradient": lambda a, b, s: tf.stop_gradient(a), "logical": lambda a, b, s: tf.cast(tf.logical_and(a > 0, tf.logical_not(b > 0)), "float32"),
}
REFUSED = {
    "resize": lambda a, b, s: tf.image.resize(tf.expand_dims(s, -1), (2, 2)), "dropout": lambda a, b, s: tf.nn.dropout(a, 0.5), "shape": lambda a, b, s: tf.reshape(a, tf.shape(b)), "norm": lambda a, b, s: tf.norm(a, axis=1),
    "cumsum_reverse": lambda a, b, s: tf.cumsum(a, axis=1, reverse=True), "einsum": lambda a, b, s: tf.einsum("bij,bkj->bik", s, s),
}


def model_of(function):
    keras.backend.clear_session()
    a, b, s = keras.Input((4,), name="a"), keras.Input((4,), name="b"), keras.Input((5, 4), name="s")
    return keras.Model([a, b, s], function(a, b, s))


def make():
    cases = []
    g = rng("old operations")
    inputs = [normal(g, shape) for shape in ((3, 4), (3, 4), (3, 5, 4))]
    for name, function in OPERATIONS.items():
        model = model_of(function)
        cases.append({"name": name, "model": json.loads(model.to_json()), "output": array(model(inputs))})
    refused = [{"name": name, "model": json.loads(model_of(function).to_json())} for name, function in REFUSED.items()]
    write("old_operations", cases, tf_keras_version=keras.__version__, inputs=arrays(inputs), refused=refused)
