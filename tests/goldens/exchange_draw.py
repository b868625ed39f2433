"""Random values for the arguments of Keras's layers: what the tables of `exchange_layers.py` draw from."""

import inspect

import keras
import numpy as np

L = keras.layers
I, R, C = keras.initializers, keras.regularizers, keras.constraints

UNUSUAL_NAMES = ["a b", "größe", "层", "x-1", "1st", "a:0", "kernel", "vars", "layers", "layer&1", "UPPER", "_x", "tab(1)", "x,y", "it's", "b=1", "100%"]
RARE_NAMES = ["bias", "gamma", "dense", "dense_1", "lstm_cell", "forward_layer", "optimizer", "functional", "config", "0", "it\"s", "a\\b", "<b>", "{}", "\t", "long" * 40, "moving_mean"]
# Not sparsemax: Keras's differs from its definition (docs/architecture.md).
ACTIVATIONS = ["celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax",
               "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "swish", "tanh",
               "tanh_shrink", "threshold"]
# Those whose outputs stay small and whose gradients do not jump: for layers inside loops, and most of the time.
CALM = ["tanh", "sigmoid", "softsign", "gelu", "elu", "silu", "linear", "softplus", "selu", "mish", "relu", "hard_sigmoid"]


ACTIVATIONS = [name for name in ACTIVATIONS if hasattr(keras.activations, name)]


def taken(cls, **arguments):
    """Those that this version of Keras has."""
    return {k: v for k, v in arguments.items() if k in inspect.signature(cls.__init__).parameters}


class Skip(Exception):
    """What was drawn does not fit."""


if keras.backend.backend() != "torch":
    UNUSUAL_NAMES += ["con.v", "a..b"]


class Draw:
    """Random values for arguments; the same seed draws the same."""

    def __init__(self, seed, rare=True):
        self.g = np.random.default_rng(seed)
        self.of_rare = np.random.default_rng([seed, 1]) if rare else None  # of its own: models without anything rare stay what they were
        self.names = set()
        self.random = False  # whether a layer draws numbers when training
        self.batch = None  # the size of batches where recurrent layers keep their states

    def chance(self, p):
        return self.g.random() < p

    def rarely(self, p):
        """Whether to draw something that few models have."""
        return self.of_rare is not None and self.of_rare.random() < p

    def one(self, values):
        return values[int(self.g.integers(len(values)))]

    def whole(self, low, high):
        """A whole number, both ends included."""
        return int(self.g.integers(low, high + 1))

    def real(self, low, high):
        return round(float(self.g.uniform(low, high)), 3)

    def flag(self):
        return self.chance(0.5)

    def seed(self):
        return None if self.flag() else self.whole(0, 10000)

    def name(self):
        """Arguments that give a layer a name, sometimes."""
        kind = self.g.random()
        if kind < 0.7 and not self.rarely(0.02):
            return {}
        name = self.one(RARE_NAMES) if kind < 0.7 else self.one(UNUSUAL_NAMES) if kind < 0.85 else f"layer_{self.whole(0, 99)}"
        while name in self.names:
            name += self.one("abcxyz_ ")
        name = name.strip() or "n"
        if name in self.names:
            return {}
        self.names.add(name)
        return {"name": name}

    def common(self, freezes=True):
        out = self.name()
        if freezes and self.chance(0.06):
            out["trainable"] = False
        if self.chance(0.1):
            out["dtype"] = self.one(["float32", keras.DTypePolicy("float32")])
        if self.rarely(0.015):
            out["dtype"] = self.policy()
        return out

    def policy(self):
        """Of numbers of another size. Those of 16 bits are not trained step by step: rounding errors grow to anything."""
        name = self.one(["float64", "mixed_float16", "mixed_bfloat16", "mixed_bfloat16", "float16"])
        self.random = self.random or name != "float64"
        return name if self.flag() else keras.DTypePolicy(name)

    def call(self, layer):
        """Arguments of a call, sometimes; not of layers that would then learn or draw where nothing else does."""
        fixed = isinstance(layer, (L.BatchNormalization, L.Dropout, L.GaussianNoise, L.SpatialDropout1D, L.LSTM, L.GRU, L.Bidirectional, L.TimeDistributed))
        return {"training": False} if fixed and self.chance(0.15) else {}

    def activation(self, calm=0.7):
        kind = self.g.random()
        if kind < 0.2:
            return None
        name = self.one(CALM if self.chance(calm) else ACTIVATIONS)
        if kind < 0.8:
            return name
        return getattr(keras.activations, name)

    def initializer(self, shape_free=True):
        s = self.real(0.5, 1.5)
        made = [
            lambda: "glorot_uniform", lambda: "he_normal", lambda: "GlorotNormal", lambda: "lecun_uniform", lambda: "random_normal", lambda: I.RandomUniform(-0.3, 0.4, seed=self.seed()),
            lambda: I.RandomNormal(0.05, 0.3, seed=self.seed()), lambda: I.TruncatedNormal(0.0, 0.4, seed=self.seed()), lambda: I.GlorotUniform(seed=self.seed()),
            lambda: I.HeUniform(seed=self.seed()), lambda: I.LecunNormal(seed=self.seed()), lambda: I.GlorotNormal(seed=self.seed()), lambda: I.HeNormal(seed=self.seed()), lambda: I.LecunUniform(seed=self.seed()),
            lambda: "orthogonal", lambda: I.Orthogonal(self.real(0.5, 1.2), seed=self.seed()), lambda: I.Constant(self.real(0.1, 0.4)), lambda: "uniform", lambda: "truncated_normal", lambda: "he_uniform", lambda: "lecun_normal", lambda: "variance_scaling",
            lambda: I.VarianceScaling(s, self.one(["fan_in", "fan_out", "fan_avg"]), self.one(["truncated_normal", "untruncated_normal", "uniform"]), seed=self.seed()),
        ]
        return self.one(made)()

    def bias_initializer(self):
        return self.one(["zeros", "ones", I.Constant(self.real(-0.3, 0.3)), I.RandomNormal(0.0, 0.2, seed=self.seed()), "random_uniform", "Zeros"])

    def gamma_initializer(self):
        return self.one(["ones", I.Constant(self.real(0.5, 1.5)), I.RandomUniform(0.5, 1.5, seed=self.seed()), "Ones"])

    def regularizer(self, matrix=False):
        if self.chance(0.75):
            return None
        made = [lambda: "l1", lambda: "l2", lambda: "L1L2", lambda: R.L1(self.real(0, 0.02)), lambda: R.L2(self.real(0, 0.05)), lambda: R.L1L2(self.real(0, 0.02), self.real(0, 0.05))]
        if matrix:
            made.append(lambda: R.OrthogonalRegularizer(self.real(0.001, 0.02), self.one(["rows", "columns"])))
        return self.one(made)()

    def constraint(self, rank=2):
        if self.chance(0.8):
            return None
        axis = self.whole(0, rank - 1)
        if rank > 2 and self.flag():
            axis = list(range(rank - 1))
        return self.one([
            lambda: C.MaxNorm(self.real(0.5, 2.0), axis=axis), lambda: C.MinMaxNorm(self.real(0.1, 0.5), self.real(0.8, 1.5), rate=self.real(0.3, 1.0), axis=axis), C.NonNeg,
            lambda: C.UnitNorm(axis=axis), lambda: "non_neg", lambda: "max_norm", lambda: "MaxNorm"])()

    def weights(self, names, rank, bias=True, activity=True):
        """The initializers, regularizers and constraints of a layer's weights: {"kernel": rank, ...}."""
        out = {}
        for name in names:
            out |= {name + "_initializer": self.initializer(), name + "_regularizer": self.regularizer(matrix=rank == 2), name + "_constraint": self.constraint(rank)}
        if bias:
            out |= {"bias_initializer": self.bias_initializer(), "bias_regularizer": self.regularizer(), "bias_constraint": self.constraint(1)}
        if activity and self.chance(0.15):
            out["activity_regularizer"] = self.one(["l2", R.L1(0.003), R.L2(0.002), R.L1L2(0.001, 0.002)])
        return {k: v for k, v in out.items() if v is not None or self.flag()}

    def rate(self):
        """Of a dropout: not zero in few models, which are then not trained step by step."""
        if self.random_models and self.chance(0.5):
            self.random = True
            return self.real(0.1, 0.5)
        return 0.0

    random_models = False

    def low_rank(self):
        """Not trained step by step: Keras reads both matrices as zeros (docs/architecture.md)."""
        if not self.random_models or not self.chance(0.2):
            return {}
        self.random = True
        return {"lora_rank": self.whole(1, 3)} | self.some(lora_alpha=self.whole(1, 4))

    def some(self, **arguments):
        """Each argument with probability one half, for layers whose defaults are of interest, too."""
        return {k: v for k, v in arguments.items() if self.chance(0.6)}


def spatial(shape, data_format):
    return shape[1:] if data_format == "channels_first" else shape[:-1]


def channels(shape, data_format):
    return shape[0] if data_format == "channels_first" else shape[-1]


def data_format(d):
    return d.one(["channels_last", "channels_last", "channels_last", "channels_first", None])
