"""layer_arguments.json: that every initializer, regularizer and constraint of every layer reaches its own weight.

Each layer gets a constant of its own for every `*_initializer`, a factor of its own for every `*_regularizer` and a length of its own
for every `*_constraint`; what it starts with, what its losses add up to and what its weights are brought back to tells them apart.
"""

import inspect

from golden_format import array, arrays, normal, rng, serialized, write

import keras
import tensorflow as tf

L = keras.layers
STEPS, IMAGE = (2, 5, 3), (2, 4, 5, 3)
# class, what else it is made with, shapes of the inputs ("words": whole numbers)
LAYERS = [
    (L.Dense, {"units": 3}, [(2, 4)]),
    (L.EinsumDense, {"equation": "ab,bc->ac", "output_shape": 3, "bias_axes": "c"}, [(2, 4)]),
    (L.Embedding, {"input_dim": 6, "output_dim": 3}, "words"),
    (L.ReversibleEmbedding, {"input_dim": 6, "output_dim": 3, "tie_weights": False}, "words"),
    (L.Conv1D, {"filters": 2, "kernel_size": 2}, [STEPS]),
    (L.Conv2D, {"filters": 2, "kernel_size": 2}, [IMAGE]),
    (L.Conv3D, {"filters": 2, "kernel_size": 2}, [(1, 3, 3, 2, 2)]),
    (L.Conv1DTranspose, {"filters": 2, "kernel_size": 2}, [STEPS]),
    (L.Conv2DTranspose, {"filters": 2, "kernel_size": 2}, [IMAGE]),
    (L.Conv3DTranspose, {"filters": 2, "kernel_size": 2}, [(1, 2, 2, 2, 2)]),
    (L.DepthwiseConv1D, {"kernel_size": 2, "depth_multiplier": 2}, [STEPS]),
    (L.DepthwiseConv2D, {"kernel_size": 2, "depth_multiplier": 2}, [IMAGE]),
    (L.SeparableConv1D, {"filters": 2, "kernel_size": 2}, [STEPS]),
    (L.SeparableConv2D, {"filters": 2, "kernel_size": 2}, [IMAGE]),
    (L.BatchNormalization, {}, [STEPS]),
    (L.LayerNormalization, {}, [STEPS]),
    (L.GroupNormalization, {"groups": 3}, [(2, 5, 6)]),
    (L.SimpleRNN, {"units": 2}, [STEPS]),
    (L.GRU, {"units": 2}, [STEPS]),
    (L.LSTM, {"units": 2}, [STEPS]),
    (L.LSTM, {"units": 2, "unit_forget_bias": False, "return_sequences": True}, [STEPS]),
    (L.SimpleRNNCell, {"units": 2}, "cell"),
    (L.GRUCell, {"units": 2}, "cell"),
    (L.LSTMCell, {"units": 2}, "cell"),
    (L.ConvLSTM1D, {"filters": 2, "kernel_size": 2}, [(1, 2, 4, 2)]),
    (L.ConvLSTM2D, {"filters": 2, "kernel_size": 2}, [(1, 2, 3, 3, 2)]),
    (L.ConvLSTM3D, {"filters": 1, "kernel_size": 2}, [(1, 2, 3, 3, 2, 1)]),
    (L.MultiHeadAttention, {"num_heads": 2, "key_dim": 3}, [STEPS, (2, 4, 3)]),
    (L.GroupQueryAttention, {"num_query_heads": 2, "num_key_value_heads": 1, "head_dim": 3}, [STEPS, (2, 4, 3)]),
    (L.PReLU, {"shared_axes": [1]}, [STEPS]),
]


def arguments(cls):
    """One object for each argument that takes an initializer, a regularizer or a constraint, no two alike."""
    made = {}
    for i, name in enumerate(inspect.signature(cls.__init__).parameters, 1):
        if name.endswith("_initializer"):
            made[name] = keras.initializers.Constant(round(0.25 + i / 32, 5))
        elif name.endswith("_regularizer"):
            made[name] = keras.regularizers.L2(i / 32) if i % 2 else keras.regularizers.L1(i / 64)
        elif name.endswith("_constraint"):
            made[name] = [
                keras.constraints.MaxNorm(i / 16),
                keras.constraints.MinMaxNorm(i / 32, i / 16, rate=0.75),
                keras.constraints.NonNeg(),
                keras.constraints.UnitNorm(),
            ][i % 4]
    return made


def case(cls, others, shapes):
    name = "_".join([cls.__name__, *(k for k, v in others.items() if isinstance(v, bool))])
    g = rng("arguments " + name)
    layer = cls(**others, **arguments(cls))
    if shapes == "words":
        xs = [tf.constant(g.integers(0, 6, (2, 4)).astype("int32"))]
    elif shapes == "cell":
        layer = L.RNN(layer)
        xs = [tf.constant(normal(g, STEPS))]
        layer(keras.Input(STEPS[1:]))  # as in a model: the cell says for which shape it was built, the batch left open
    else:
        xs = [tf.constant(normal(g, s)) for s in shapes]
    layer(*xs)
    first = arrays(layer.weights)
    for w in layer.weights:
        value = normal(g, w.shape, 0.5)
        w.assign(abs(value) + 0.25 if "variance" in w.name else value)
    given = arrays(layer.weights)
    layer(*xs)
    return {
        "name": name,
        "layer": type(layer).__name__,
        "config": serialized(layer)["config"],
        "inputs": arrays(xs),
        "names": [w.name for w in layer.weights],
        "first": first,
        "weights": given,
        "losses": array(tf.reduce_sum([tf.reduce_sum(loss) for loss in layer.losses]) if layer.losses else 0.0),
        "constrained": [array(w.constraint(w.value)) if w.constraint else None for w in layer.weights],
    }


def make():
    write("layer_arguments", [case(*row) for row in LAYERS])
