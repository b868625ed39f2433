"""regularizers.json: the penalties of regularizers and their gradients, on weights of several shapes."""

from golden_format import array, normal, plain, rng, serialized, write

import keras
import tensorflow as tf

R = keras.regularizers
CASES = [
    ("l1", R.L1, {"l1": 0.03}), ("l1_default", R.L1, {}), ("l2", R.L2, {"l2": 0.2}), ("l2_default", R.L2, {}), ("l1_l2", R.L1L2, {"l1": 0.02, "l2": 0.3}), ("l1_l2_one", R.L1L2, {"l2": 0.1}),
    ("l1_l2_nothing", R.L1L2, {}), ("orthogonal_rows", R.OrthogonalRegularizer, {"factor": 0.05, "mode": "rows"}), ("orthogonal_columns", R.OrthogonalRegularizer, {"factor": 0.3, "mode": "columns"}),
    ("orthogonal_default", R.OrthogonalRegularizer, {}),
]
SHAPES = [(3, 4), (5, 2), (2, 3)]


def case(name, cls, arguments):
    g = rng("regularizer " + name)
    made = cls(**arguments)
    values = []
    # Of one row alone there are no pairs: Keras's mean of none is NaN.
    for shape in SHAPES if cls is R.OrthogonalRegularizer else [*SHAPES, (6,), (2, 3, 2)]:
        x = tf.constant(normal(g, shape))
        with tf.GradientTape() as tape:
            tape.watch(x)
            penalty = tf.reshape(made(x), ())
        values.append({"x": array(x), "penalty": array(penalty), "gradient": array(tape.gradient(penalty, x, unconnected_gradients="zero"))})
    return {"name": name, "class_name": cls.__name__, "arguments": plain(arguments), "serialized": serialized(made), "values": values}


def make():
    write("regularizers", [case(*row) for row in CASES])
