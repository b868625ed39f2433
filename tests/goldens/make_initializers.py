"""initializers.json: which distribution with which bounds each initializer draws from, for several shapes.

No drawn numbers: those of another generator differ. What Keras asks its generator for is recorded by listening in.
"""

import numpy as np
from golden_format import array, number, plain, serialized, write

import keras
from keras.src.initializers import random_initializers

I = keras.initializers
SHAPES = [(), (5,), (7, 4), (2, 3, 5), (3, 3, 2, 4), (5, 5, 1, 8), (3, 3, 3, 2, 4)]

INITIALIZERS = {
    "random_normal": (I.RandomNormal, {}), "random_normal_options": (I.RandomNormal, dict(mean=1.0, stddev=0.2, seed=3)),
    "random_uniform": (I.RandomUniform, {}), "random_uniform_options": (I.RandomUniform, dict(minval=-1.0, maxval=3.0)),
    "truncated_normal": (I.TruncatedNormal, {}), "truncated_normal_options": (I.TruncatedNormal, dict(mean=0.5, stddev=2.0)),
    "glorot_uniform": (I.GlorotUniform, {}), "glorot_normal": (I.GlorotNormal, {}), "he_uniform": (I.HeUniform, {}), "he_normal": (I.HeNormal, {}),
    "lecun_uniform": (I.LecunUniform, {}), "lecun_normal": (I.LecunNormal, {}),
    "variance_scaling": (I.VarianceScaling, {}),
    "variance_scaling_fan_out": (I.VarianceScaling, dict(scale=2.0, mode="fan_out", distribution="untruncated_normal")),
    "variance_scaling_fan_avg_uniform": (I.VarianceScaling, dict(scale=0.5, mode="fan_avg", distribution="uniform")),
}
# Which axes of a shape count as inputs and as outputs may be told.
AXES = {"input_axes": [0, 2], "output_axes": [1]}
WITH_AXES = {f"{name}_axes": (cls, AXES) for name, (cls, arguments) in INITIALIZERS.items() if issubclass(cls, I.VarianceScaling) and not arguments}
CONSTANT = {"zeros": (I.Zeros, {}), "ones": (I.Ones, {}), "constant": (I.Constant, dict(value=0.3)), "identity": (I.Identity, {}), "identity_gain": (I.Identity, dict(gain=2.0)),
            "stft": (I.STFT, {}), "stft_imag": (I.STFT, dict(side="imag", window="hamming", scaling="spectrum", periodic=True)),
            "stft_plain": (I.STFT, dict(window=None)), "stft_unscaled": (I.STFT, dict(window="blackman", scaling=None)),
            **{f"stft_{w}": (I.STFT, dict(window=w, periodic=p)) for w, p in (("nuttall", False), ("blackmanharris", True), ("flattop", False), ("boxcar", False), ("bartlett", True),
                                                                              ("triang", False), ("cosine", True), ("bohman", False))}}


class Listener:
    """Stands where the initializers expect Keras's random functions, notes the call and passes it on."""

    def __init__(self, inner):
        self.inner = inner
        self.call = None

    def __getattr__(self, name):
        function = getattr(self.inner, name)

        def noted(*args, **kwargs):
            kwargs = {k: v for k, v in kwargs.items() if k not in ("shape", "dtype", "seed")}
            self.call = {"distribution": name, **{k: float(v) for k, v in kwargs.items()}}
            assert len(args) <= 1  # the shape
            return function(**{**kwargs, "shape": self.shape, "seed": 1})

        return noted


def draws(initializer, shape):
    """The distribution asked for, with the moments and bounds of a large sample of it."""
    listener = Listener(random_initializers.random)
    listener.shape = (100000,)
    random_initializers.random = listener
    try:
        sample = np.asarray(initializer(shape))
    finally:
        random_initializers.random = listener.inner
    return {**listener.call, "sample_mean": float(sample.mean()), "sample_stddev": float(sample.std()), "sample_min": float(sample.min()), "sample_max": float(sample.max())}


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    cases = []
    for name, (cls, arguments) in {**INITIALIZERS, **WITH_AXES}.items():
        initializer = cls(**arguments)
        shapes = []
        for shape in SHAPES if name in INITIALIZERS else [(2, 3, 5), (3, 8, 2, 4)]:
            fans = random_initializers.compute_fans(shape, arguments.get("input_axes"), arguments.get("output_axes"))
            shapes.append({"shape": list(shape), "fan_in": float(fans[0]), "fan_out": float(fans[1]), **draws(initializer, shape)})
        cases.append({"name": name, "class_name": cls.__name__, "arguments": arguments, "serialized": serialized(initializer), "shapes": shapes})
    for name, (cls, arguments) in CONSTANT.items():
        initializer = cls(**arguments)
        shapes = [(6, 1, 3), (7, 1, 4)] if cls is I.STFT else [(3, 3), (2, 4)] if cls is I.Identity else [(), (3,), (2, 2)]
        cases.append({"name": name, "class_name": cls.__name__, "arguments": arguments, "serialized": serialized(initializer), "values": [array(initializer(s)) for s in shapes]})
    for gain in (1.0, 0.5):
        initializer = I.Orthogonal(gain=gain, seed=5)
        shapes = []
        for shape in [(4, 4), (6, 3), (3, 7), (3, 3, 2, 5), (2, 2, 1, 8)]:
            q = np.asarray(initializer(shape), "float64").reshape(-1, shape[-1])
            gram = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
            error = float(abs(gram - gain**2 * np.eye(len(gram))).max())
            shapes.append({"shape": list(shape), "rows": q.shape[0], "columns": q.shape[1], "orthonormal": "columns" if q.shape[0] >= q.shape[1] else "rows", "gram_error": error})
            assert error < 1e-5
        cases.append({"name": f"orthogonal_{gain}", "class_name": "Orthogonal", "arguments": {"gain": gain}, "serialized": serialized(initializer), "shapes": shapes})
    from keras.src.initializers import ALL_OBJECTS_DICT

    write("initializers", plain(cases), names_by_string=sorted(ALL_OBJECTS_DICT))


if __name__ == "__main__":
    make()
