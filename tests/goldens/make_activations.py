"""activations.json: every activation of Keras, with its options, from deep saturation to both sides of every kink."""

from golden_format import array, normal, rng, write

import keras
import numpy as np
import tensorflow as tf

A = keras.activations

# Both zeros, kinks of the piecewise ones (+-1, +-3, 6, +-0.5), small values where cancellation shows, saturation, extremes.
POINTS = [0.0, -0.0, 1e-30, -1e-30, 1e-6, -1e-6, 1e-3, -1e-3, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75, 1, -1, 1.5, -1.5, 2, -2,
          2.5, -2.5, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7, 10, -10, 15, -15, 20, -20, 30, -30, 50, -50, 80, -80, 88, -88, 90, -90, 100,
          -100, 1000, -1000, 1e10, -1e10, 1e30, -1e30]
ROW_SHAPES = [(3, 4), (2, 7), (2, 3, 5)]

ELEMENTWISE = [
    "linear", "relu", "relu6", "leaky_relu", "celu", "elu", "selu", "softplus", "softsign", "squareplus", "soft_shrink", "sparse_plus",
    "silu", "gelu", "tanh", "tanh_shrink", "sigmoid", "sparse_sigmoid", "exponential", "hard_sigmoid", "hard_silu", "hard_tanh",
    "hard_shrink", "mish", "log_sigmoid",
]
OPTIONS = [
    ("relu", dict(negative_slope=0.1)), ("relu", dict(max_value=2.5)), ("relu", dict(threshold=0.5)),
    ("relu", dict(negative_slope=0.2, max_value=3.0, threshold=1.0)), ("relu", dict(negative_slope=-0.5)), ("relu", dict(threshold=-1.0)),
    ("leaky_relu", dict(negative_slope=0.01)), ("leaky_relu", dict(negative_slope=0.0)),
    ("elu", dict(alpha=0.5)), ("elu", dict(alpha=2.0)), ("celu", dict(alpha=0.5)), ("celu", dict(alpha=2.0)),
    ("gelu", dict(approximate=True)), ("gelu", dict(approximate=False)), ("squareplus", dict(b=1.0)),
    ("soft_shrink", dict(threshold=1.5)), ("hard_shrink", dict(threshold=1.5)),
    ("threshold", dict(threshold=0.5, default_value=-2.0)), ("threshold", dict(threshold=-1.0, default_value=7.0)),
]
ALONG_AXIS = ["softmax", "log_softmax", "sparsemax", "glu"]


def case(name, arguments, x):
    f = getattr(A, name)
    x = np.asarray(x, "float32")
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = f(t, **arguments)
        seed = normal(rng("activation seed " + name), y.shape)
        total = tf.reduce_sum(y * seed)
    options = "".join(f",{k}={v}" for k, v in arguments.items())
    return {"name": name + options, "activation": name, "arguments": arguments, "x": array(x), "y": array(y), "seed_gradient": array(seed),
            "gradient": array(tape.gradient(total, t))}


def make():
    cases = [case(name, {}, POINTS) for name in ELEMENTWISE]
    cases += [case(name, arguments, POINTS) for name, arguments in OPTIONS]
    for name in ALONG_AXIS:
        for shape in ROW_SHAPES:
            g = rng(f"activation {name} {shape}")
            for axis in range(-1, len(shape)):
                if name == "glu" and shape[axis] % 2:
                    continue
                cases.append(case(name, {} if axis == -1 else {"axis": axis}, normal(g, shape, 2)))
    for name in ("softmax", "log_softmax"):
        cases.append(case(name, {}, [[1000, 1001, 999], [-1000, 0, 1000], [-1e30, -1e30, -1e30], [0, 0, 0], [100, -100, 50]]))
        cases.append(case(name, {}, [[5.0], [-5.0]]))
    cases.append(case("sparsemax", {}, [[0, 0, 0, 0], [10, 0, -10, 9.5], [1, 1, 0.5, -3], [-100, -100.2, -101, -99.9]]))
    names = sorted(n for n in dir(A) if callable(getattr(A, n)) and n not in ("deserialize", "serialize", "get"))
    from keras.src.activations import ALL_OBJECTS_DICT
    missing = set(names) - {c["activation"] for c in cases} - {"swish", "hard_swish"}  # aliases of silu and hard_silu
    assert not missing, missing
    write("activations", cases, exported=names, names_by_string=sorted(ALL_OBJECTS_DICT))


if __name__ == "__main__":
    make()
