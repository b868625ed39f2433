"""Random models of Keras with a way to train them, for `exchange_with_keras.py`.

    case = random_case(seed)       # .model, .inputs, .targets, .compile (None: not compiled), .random
"""

import keras
import numpy as np

from exchange_layers import L, Draw, Skip, random_layer, recurrent

O, S, M = keras.optimizers, keras.optimizers.schedules, keras.metrics
LARGEST = 1500  # values of an example, of any tensor


class Case:
    model = inputs = targets = compile = weights = None
    random = False
    batch = 4


def input_shape(d):
    rank = d.one([1, 1, 2, 2, 2, 3, 3, 4, 5])
    return {1: lambda: (d.whole(2, 8),), 2: lambda: (d.whole(3, 8), d.whole(1, 6)), 3: lambda: (d.whole(4, 8), d.whole(4, 8), d.whole(1, 4)), 4: lambda: (d.whole(2, 5), d.whole(3, 5), d.whole(3, 5), d.whole(1, 3)),
            5: lambda: (d.whole(2, 3), d.whole(2, 3), d.whole(2, 4), d.whole(2, 4), d.whole(1, 2))}[rank]()


def fits(shape):
    return all(s is not None for s in shape) and int(np.prod(shape)) <= LARGEST


class Source:
    """An input of the model and how its values are made."""

    def __init__(self, d, n):
        self.ids = None
        if d.chance(0.2):
            self.ids = d.whole(4, 12)
            self.shape = (d.whole(3, 7),)
        else:
            self.shape = input_shape(d)
        self.arguments = d.name()
        self.dtype = "int32" if self.ids and d.flag() else "float32"
        g = d.g
        if self.ids:
            self.values = g.integers(0, self.ids, (n, *self.shape)).astype(self.dtype)
            # Padding stands behind, as everyone has it.
            lengths = g.integers(1, self.shape[0] + 1, n)
            self.values[np.arange(self.shape[0])[None] >= lengths[:, None]] = 0
        else:
            self.values = g.normal(size=(n, *self.shape)).astype("float32")
            if d.chance(0.2) and len(self.shape) == 2:  # steps that Masking hides
                lengths = g.integers(1, self.shape[0] + 1, n)
                self.values[np.arange(self.shape[0])[None] >= lengths[:, None]] = 0.0

    def embedding(self, d):
        arguments = d.some(embeddings_initializer=d.initializer(), embeddings_regularizer=d.regularizer(), embeddings_constraint=d.constraint(2), mask_zero=d.flag())
        return L.Embedding(self.ids + d.whole(0, 2), d.whole(2, 5), **arguments, **d.common())


def shape_of(t):
    return tuple(t.shape[1:])


def usable(t):
    return len(t.shape) > 1 and fits(shape_of(t))


def stack(d, shape, length, rank=None):
    """Layers that fit on one another, for examples of the shape; the last one's output is of `rank`, if one is given."""
    layers = []
    x = keras.KerasTensor((None, *shape))
    for _ in range(length):
        layer = random_layer(d, shape_of(x))
        if layer is None:
            break
        y = probe(layer, x)
        layers.append(layer)
        x = y
    return layers, x


def probe(layer, x):
    y = layer(keras.Input(batch_shape=x.shape, dtype=x.dtype))
    if not usable(y) or 0 in y.shape[1:]:
        raise Skip
    return keras.KerasTensor(y.shape, y.dtype)


def sequential(d, source):
    layers = []
    if d.chance(0.9):
        layers.append(keras.Input(source.shape, dtype=source.dtype, **source.arguments))
    if source.ids:
        layers.append(source.embedding(d))
    model = keras.Sequential(layers, **d.name())
    shape = source.shape
    if not model.built:
        model.build((None, *source.shape))
    if model.layers:
        shape = shape_of(model.outputs[0])
    for _ in range(d.whole(1, 6)):
        layer = random_layer(d, shape)
        if layer is None:
            break
        # Tried on its own first: a Sequential whose last layer failed is broken.
        model.add(layer)
        if model.outputs is None:
            model.build((None, *source.shape))
        if not usable(model.outputs[0]) or 0 in model.outputs[0].shape[1:]:
            raise Skip
        shape = shape_of(model.outputs[0])
    return model


def merged(d, pool, t):
    same = [o for o in pool if o.shape == t.shape]
    kind = d.g.random()
    if kind < 0.45:
        count = d.whole(1, min(3, len(same)))
        others = [d.one(same) for _ in range(count)]
        make = d.one([L.Add, L.Multiply, L.Average, L.Maximum, L.Minimum])
        return make(**d.common())([t, *others])
    if kind < 0.55:
        return L.Subtract(**d.common())([t, d.one(same)])
    if kind < 0.8:
        axis = d.one([-1, d.whole(1, len(t.shape) - 1)])
        at = axis if axis > 0 else len(t.shape) - 1
        fitting = [o for o in pool if len(o.shape) == len(t.shape) and all(a == b for i, (a, b) in enumerate(zip(o.shape, t.shape)) if i != at)]
        return L.Concatenate(axis=axis, **d.common())([t, *[d.one(fitting) for _ in range(d.whole(1, 2))]])
    fitting = [o for o in pool if 2 <= len(o.shape) <= 3 and len(t.shape) in (2, 3) and o.shape[-1] == t.shape[-1]]
    if not fitting or len(t.shape) > 3:
        raise Skip
    o = d.one(fitting)
    return L.Dot(axes=(len(t.shape) - 1, len(o.shape) - 1), normalize=d.flag(), **d.common())([t, o])


def attention(d, pool, t):
    sequences = [o for o in pool if len(o.shape) == 3 and o.shape[1] <= 10]
    if len(t.shape) != 3 or t.shape[1] > 10:
        raise Skip
    kind = d.one(["dot", "additive", "heads", "grouped"])
    if kind in ("dot", "additive"):
        same = [o for o in sequences if o.shape[-1] == t.shape[-1]]
        value = d.one(same)
        keys = [o for o in same if o.shape[1] == value.shape[1]]
        inputs = [t, value] + ([d.one(keys)] if d.chance(0.4) else [])
        dropout = d.some(dropout=d.rate())
        if kind == "additive":
            layer = L.AdditiveAttention(**d.some(use_scale=d.flag()), **dropout, **d.common())
        else:
            layer = L.Attention(**d.some(use_scale=d.flag(), score_mode=d.one(["dot", "concat"]), seed=d.seed()), **dropout, **d.common())
        call = d.some(use_causal_mask=d.flag())
        if d.chance(0.25):
            y, scores = layer(inputs, return_attention_scores=True, **call)
            return [y, scores]
        return layer(inputs, **call)
    value = d.one(sequences)
    keys = [o for o in sequences if o.shape[1] == value.shape[1]]
    weights = {k: v for k, v in d.weights(["kernel"], 3).items() if "constraint" not in k}
    if kind == "heads":
        layer = L.MultiHeadAttention(d.whole(1, 3), d.whole(1, 4), **d.some(value_dim=d.whole(1, 4), use_bias=d.flag(), output_shape=d.whole(2, 6), dropout=d.rate(), seed=d.seed()), **weights, **d.common())
    else:
        groups = d.whole(1, 2)
        layer = L.GroupQueryAttention(d.whole(1, 4), groups * d.whole(1, 2), groups, **d.some(use_bias=d.flag(), dropout=d.rate(), seed=d.seed(), use_gate=d.flag()), **weights, **d.common())
    call = d.some(use_causal_mask=d.flag())
    if d.chance(0.3):
        call["key"] = d.one(keys)
    if d.chance(0.25):
        return list(layer(t, value, return_attention_scores=True, **call))
    return layer(t, value, **call)


def with_states(d, pool, t):
    """Recurrent layers that give their states, and others that begin with those."""
    if len(t.shape) != 3 or t.shape[1] > 10 or t.shape[2] > 16:
        raise Skip
    layer = recurrent(d, shape_of(t), state=True, units=d.whole(2, 4))
    wrapped = L.Bidirectional(layer, **d.name()) if d.chance(0.2) else layer
    y, *states = wrapped(t)
    if wrapped is layer and d.flag():
        others = [o for o in pool if len(o.shape) == 3 and o.shape[1] <= 10 and o.shape[2] <= 16]
        second = type(layer).from_config({**layer.get_config(), "name": None, "return_state": d.flag()})
        o = d.one(others)
        z = second(o, initial_state=states if len(states) > 1 or d.flag() else states[0])
        return [y, *(z if isinstance(z, (list, tuple)) else [z])]
    return [y, *states]


def nested(d, t, depth):
    if d.flag():
        inner = keras.Sequential([keras.Input(shape_of(t))], **d.name())
        layers, _ = stack(d, shape_of(t), d.whole(1, 3))
        inner = keras.Sequential([keras.Input(shape_of(t))] + [type(l).from_config(l.get_config()) for l in layers], **d.name())
        return inner(t), inner
    inner = functional(d, [Fixed(shape_of(t))], depth + 1)
    y = inner(t)
    return y, inner


class Fixed:
    ids, dtype, arguments = None, "float32", {}

    def __init__(self, shape):
        self.shape = shape


OPERATIONS = [
    lambda d, t: t + d.real(-1, 1), lambda d, t: t * d.real(0.3, 1.2), lambda d, t: d.real(-1, 1) - t, lambda d, t: -t, lambda d, t: t[:, :-1] if t.shape[1] > 1 else t * 2.0, lambda d, t: t[..., 0] if len(t.shape) > 2 else t / 2.0,
    lambda d, t: keras.ops.mean(t, axis=-1, keepdims=True), lambda d, t: keras.ops.tanh(t), lambda d, t: keras.ops.relu(t), lambda d, t: keras.ops.sum(t, axis=1) if len(t.shape) > 2 else keras.ops.exp(keras.ops.tanh(t)),
    lambda d, t: keras.ops.expand_dims(t, 1), lambda d, t: keras.ops.reshape(t, (-1, int(np.prod(t.shape[1:])))), lambda d, t: keras.ops.concatenate([t, t], axis=-1), lambda d, t: keras.ops.maximum(t, 0.1),
]


def functional(d, sources, depth=0):
    inputs, pool, shared, bodies = [], [], [], []
    for source in sources:
        t = keras.Input(source.shape, dtype=source.dtype, **source.arguments)
        source.name = t.name
        inputs.append(t)
        pool.append(source.embedding(d)(t) if source.ids else t)
    for _ in range(d.whole(2, 9 if depth == 0 else 4)):
        t = d.one(pool[-4:] if d.chance(0.8) else pool)
        kind = d.g.random()
        if kind < 0.50:
            layer = random_layer(d, shape_of(t))
            if layer is None:
                continue
            made = layer(t)
            shared.append((layer, t.shape))
        elif kind < 0.62:
            try:
                made = merged(d, pool, t)
            except Skip:
                continue
        elif kind < 0.72:
            try:
                made = attention(d, pool, t)
            except Skip:
                continue
        elif kind < 0.78:
            try:
                made = with_states(d, pool, t)
            except Skip:
                continue
        elif kind < 0.84:
            fitting = [(layer, o) for layer, shape in shared for o in pool if o.shape == shape]
            if not fitting:
                continue
            layer, o = d.one(fitting)
            made = layer(o)
        elif kind < 0.92 and depth < 2:
            made, inner = nested(d, t, depth)
            if isinstance(made, dict):
                made = list(made.values())
            shared.append((inner, t.shape))
        elif depth == 0:
            made = d.one(OPERATIONS)(d, t)
        else:
            continue
        for y in made if isinstance(made, (list, tuple)) else [made]:
            if usable(y) and 0 not in y.shape[1:]:
                pool.append(y)
    # What nobody has read comes out, joined or each on its own.
    read = set()
    for t in pool:
        for a in keras.tree.flatten(t._keras_history.operation._inbound_nodes[t._keras_history.node_index].input_tensors):
            read.add(id(a))
    ends = [t for t in pool if id(t) not in read] or [pool[-1]]
    ends = ends[-3:] if d.flag() else ends[-1:]
    if depth > 0:
        ends = ends[-1:] if d.chance(0.7) else ends[:2]
    outputs = ends if len(ends) > 1 else ends[0]
    given = inputs if len(inputs) > 1 else inputs[0]
    if depth == 0 and d.chance(0.1) and all(i.name.isidentifier() for i in inputs):
        given = {i.name: i for i in inputs}
    if depth == 0 and len(ends) > 1 and d.chance(0.15):
        outputs = {f"out_{i}": t for i, t in enumerate(ends)}
    return keras.Model(given, outputs, **d.name())


# --- training


HEADS = ["numbers", "numbers", "classes", "classes_logits", "one_hot", "one_hot_logits", "binary", "positive", "signs"]


def with_head(d, t, kind):
    """A tensor with a loss of this kind in mind; the model's output."""
    if kind.startswith(("classes", "one_hot")):
        return (L.Dense(d.whole(2, 5), activation=None if kind.endswith("logits") else "softmax", **d.common()))(t)
    if kind in ("binary", "positive"):
        return L.Dense(d.whole(1, 3), activation=d.one(["sigmoid"] if kind == "binary" else ["softplus", "sigmoid"]), **d.common())(t)
    return L.Dense(d.whole(1, 3), **d.common())(t) if d.flag() or len(t.shape) > 4 else t


def random_targets(d, kind, shape, n):
    g = d.g
    if kind.startswith("classes"):
        y = g.integers(0, shape[-1], (n, *shape[:-1]))
        return (y[..., None] if d.flag() else y).astype(d.one(["int32", "float32"]))
    if kind.startswith("one_hot"):
        return np.eye(shape[-1], dtype="float32")[g.integers(0, shape[-1], (n, *shape[:-1]))]
    if kind == "binary":
        return g.integers(0, 2, (n, *shape)).astype("float32")
    if kind == "signs":
        return g.choice([-1.0, 1.0], (n, *shape)).astype("float32")
    if kind == "positive":
        return g.uniform(0.1, 2.0, (n, *shape)).astype("float32")
    return g.normal(size=(n, *shape)).astype("float32")


K = keras.losses
REDUCTION = ["sum_over_batch_size", "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"]
LOSSES = {
    "numbers": [lambda d, r: "mse", lambda d, r: "mae", lambda d, r: "mean_squared_error", lambda d, r: K.MeanSquaredError(**r), lambda d, r: K.MeanAbsoluteError(**r), lambda d, r: K.Huber(**d.some(delta=1.0), **r),
                lambda d, r: K.LogCosh(**r), lambda d, r: "log_cosh", lambda d, r: "huber", lambda d, r: K.CosineSimilarity(**r), lambda d, r: "cosine_similarity", lambda d, r: K.MeanAbsolutePercentageError(**r),
                lambda d, r: "MSE", lambda d, r: keras.losses.mean_squared_error, lambda d, r: "mape"],
    "classes": [lambda d, r: "sparse_categorical_crossentropy", lambda d, r: K.SparseCategoricalCrossentropy(**d.some(ignore_class=d.one([None, 0, 1])), **r)],
    "classes_logits": [lambda d, r: K.SparseCategoricalCrossentropy(from_logits=True, **d.some(ignore_class=d.one([None, 0, 1])), **r)],
    "one_hot_logits": [lambda d, r: K.CategoricalCrossentropy(from_logits=True, **d.some(label_smoothing=d.real(0, 0.3)), **r), lambda d, r: "categorical_hinge",
                       lambda d, r: K.CategoricalFocalCrossentropy(**d.some(alpha=d.real(0.1, 0.9), gamma=d.real(1, 3), label_smoothing=d.real(0, 0.2)), from_logits=True, **r)],
    "one_hot": [lambda d, r: "categorical_crossentropy", lambda d, r: K.CategoricalCrossentropy(**d.some(label_smoothing=d.real(0, 0.3)), **r),
                lambda d, r: K.CategoricalFocalCrossentropy(**d.some(alpha=d.real(0.1, 0.9), gamma=d.real(1, 3), label_smoothing=d.real(0, 0.2)), **r), lambda d, r: "categorical_hinge",
                lambda d, r: K.CategoricalHinge(**r), lambda d, r: K.KLDivergence(**r), lambda d, r: K.Dice(**r),
                lambda d, r: K.Tversky(**d.some(alpha=d.real(0.2, 0.8), beta=d.real(0.2, 0.8)), **r), lambda d, r: "kl_divergence", lambda d, r: "dice"],
    "binary": [lambda d, r: "binary_crossentropy", lambda d, r: K.BinaryCrossentropy(**d.some(label_smoothing=d.real(0, 0.3)), **r), lambda d, r: "bce",
               lambda d, r: K.BinaryFocalCrossentropy(**d.some(apply_class_balancing=d.flag(), alpha=d.real(0.1, 0.9), gamma=d.real(1, 3), label_smoothing=d.real(0, 0.2)), **r), lambda d, r: K.Dice(**r),
               lambda d, r: K.Tversky(**r), lambda d, r: "binary_focal_crossentropy"],
    "positive": [lambda d, r: "poisson", lambda d, r: K.Poisson(**r), lambda d, r: "mean_squared_logarithmic_error", lambda d, r: K.MeanSquaredLogarithmicError(**r), lambda d, r: "msle"],
    "signs": [lambda d, r: "hinge", lambda d, r: "squared_hinge", lambda d, r: K.Hinge(**r), lambda d, r: K.SquaredHinge(**r)],
}


def metrics(d, kind, shape):
    k = shape[-1]
    points = len(shape) == 1
    logits = kind.endswith("_logits")
    made = {
        "numbers": ["mae", "mse", "mean_absolute_error", lambda: M.RootMeanSquaredError(), lambda: M.MeanSquaredError(name=d.one(["m s e", "error"])), "cosine_similarity", lambda: M.LogCoshError(), lambda: M.CosineSimilarity(),
                    "mape", lambda: M.MeanAbsolutePercentageError()] + ([lambda: M.R2Score(**d.some(class_aggregation=d.one(["uniform_average", "variance_weighted_average"])))] if points and k < 4 else []),
        "classes": ["accuracy", "acc", "sparse_categorical_accuracy", lambda: M.SparseCategoricalAccuracy(name="hits"), lambda: M.SparseTopKCategoricalAccuracy(k=d.whole(1, min(3, k))), lambda: M.SparseCategoricalCrossentropy(from_logits=logits)],
        "one_hot": ["accuracy", "categorical_accuracy", lambda: M.TopKCategoricalAccuracy(k=d.whole(1, min(3, k))), lambda: M.CategoricalCrossentropy(from_logits=logits, label_smoothing=d.real(0, 0.2)), lambda: M.CategoricalHinge()]
        + ([lambda: M.F1Score(average=d.one(["micro", "macro", "weighted"]), threshold=d.one([None, 0.4])), lambda: M.FBetaScore(average="macro", beta=d.real(0.5, 2.0)), lambda: M.OneHotMeanIoU(num_classes=k), lambda: M.OneHotIoU(num_classes=k, target_class_ids=[0])] if points else []),
        "binary": ["accuracy", "binary_accuracy", lambda: M.BinaryAccuracy(threshold=d.real(0.2, 0.8)), lambda: M.AUC(**d.some(num_thresholds=d.whole(5, 50), curve=d.one(["ROC", "PR"]), summation_method=d.one(["interpolation", "minoring", "majoring"]))),
                   lambda: M.Precision(**d.some(thresholds=d.real(0.2, 0.8))), lambda: M.Recall(**d.some(thresholds=d.real(0.2, 0.8))), lambda: M.BinaryCrossentropy(**d.some(label_smoothing=d.real(0, 0.2))), lambda: M.TruePositives(),
                   lambda: M.FalseNegatives(thresholds=d.real(0.2, 0.8)), lambda: M.BinaryIoU(threshold=d.real(0.3, 0.7)), lambda: M.PrecisionAtRecall(d.real(0.2, 0.8), num_thresholds=20), lambda: M.SensitivityAtSpecificity(d.real(0.2, 0.8)),
                   lambda: M.RecallAtPrecision(d.real(0.2, 0.8)), lambda: M.SpecificityAtSensitivity(d.real(0.2, 0.8)), "AUC"],
        "positive": ["poisson", "mse", lambda: M.Poisson(), lambda: M.MeanSquaredLogarithmicError(), "msle"],
        "signs": ["hinge", "squared_hinge", lambda: M.Hinge(), lambda: M.SquaredHinge()],
    }[kind.removesuffix("_logits")]
    chosen = [made[i] for i in d.g.choice(len(made), min(len(made), d.whole(0, 3)), replace=False)]
    return [m if isinstance(m, str) else m() for m in chosen]


def learning_rate(d, scale=1.0):
    r = float(f"{scale * 10 ** d.g.uniform(-2.5, -1.3):.2g}")
    if d.chance(0.65):
        return r
    return d.one([
        lambda: S.ExponentialDecay(r, d.whole(2, 9), d.real(0.5, 0.95), staircase=d.flag()), lambda: S.CosineDecay(r, d.whole(5, 20), **d.some(alpha=d.real(0, 0.5)), **(dict(warmup_target=2 * r, warmup_steps=3) if d.flag() else {})),
        lambda: S.CosineDecayRestarts(r, d.whole(2, 5), **d.some(t_mul=d.real(1, 2), m_mul=d.real(0.5, 1), alpha=d.real(0, 0.3))), lambda: S.InverseTimeDecay(r, d.whole(1, 5), d.real(0.1, 1), staircase=d.flag()),
        lambda: S.PiecewiseConstantDecay([2, d.whole(3, 6)], [r, r / 2, r / 4]), lambda: S.PolynomialDecay(r, d.whole(3, 9), r / 10, **d.some(power=d.real(0.5, 2), cycle=d.flag()))])()


def common_optimizer(d):
    out = {}
    if d.chance(0.2):
        out["weight_decay"] = d.real(0.001, 0.05)
    if d.chance(0.25):
        out[d.one(["clipnorm", "clipvalue", "global_clipnorm"])] = d.real(0.05, 1.0)
    if d.chance(0.15):
        out |= {"use_ema": True, **d.some(ema_momentum=d.real(0.8, 0.99), ema_overwrite_frequency=d.one([None, 2, 3]))}
    if d.chance(0.12):
        out["gradient_accumulation_steps"] = d.whole(2, 3)
    if d.chance(0.06):
        out["loss_scale_factor"] = float(d.one([2, 128, 1024]))
    if d.chance(0.2):
        out["name"] = d.one(["my_optimizer", "Adam", "o p t", "sgd"])
    return out


OPTIMIZERS = {
    "SGD": lambda d: d.some(momentum=d.real(0, 0.9), nesterov=d.flag()), "RMSprop": lambda d: d.some(rho=d.real(0.7, 0.95), momentum=d.real(0, 0.8), epsilon=0.001, centered=d.flag()),
    "Adam": lambda d: d.some(beta_1=d.real(0.7, 0.95), beta_2=d.real(0.9, 0.999), amsgrad=d.flag()) | dict(epsilon=0.001), "AdamW": lambda d: d.some(beta_1=d.real(0.7, 0.95), amsgrad=d.flag()) | dict(epsilon=0.001),
    "Adamax": lambda d: d.some(beta_1=d.real(0.7, 0.95)) | dict(epsilon=0.001), "Nadam": lambda d: d.some(beta_1=d.real(0.7, 0.95)) | dict(epsilon=0.001), "Adagrad": lambda d: d.some(initial_accumulator_value=d.real(0.05, 0.3)),
    "Adadelta": lambda d: d.some(rho=d.real(0.8, 0.97)) | dict(epsilon=0.001), "Adafactor": lambda d: d.some(relative_step=d.flag(), clip_threshold=d.real(0.8, 2.0), beta_2_decay=-0.7),
    "Ftrl": lambda d: d.some(learning_rate_power=-0.5, initial_accumulator_value=d.real(0.05, 0.3), l1_regularization_strength=d.real(0, 0.01), l2_regularization_strength=d.real(0, 0.01), beta=d.real(0, 0.1), l2_shrinkage_regularization_strength=d.real(0, 0.01)),
    "Lion": lambda d: d.some(beta_1=d.real(0.7, 0.95)), "Lamb": lambda d: dict(epsilon=0.001), "Muon": lambda d: d.some(nesterov=d.flag(), ns_steps=d.whole(3, 5), exclude_embeddings=d.flag(), momentum=d.real(0.8, 0.95)),
    # Off JAX, ScheduleFreeAdamW changes a value that it still needs (golden_format.mend_schedule_free).
    **({} if keras.backend.backend() != "jax" else {"ScheduleFreeAdamW": lambda d: d.some(warmup_steps=d.whole(0, 4)) | dict(epsilon=0.001)}),
}


def optimizer(d, wrapped=True):
    if d.chance(0.2):
        return d.one(["sgd", "rmsprop", "adam", "adagrad", "nadam", "SGD", "adamw", "Adam"])
    name = d.one(list(OPTIMIZERS))
    arguments = OPTIMIZERS[name](d) | common_optimizer(d)
    made = getattr(O, name)(learning_rate=learning_rate(d), **arguments)
    if wrapped and d.chance(0.05):
        return O.LossScaleOptimizer(made, **d.some(initial_scale=float(d.one([8, 1024])), dynamic_growth_steps=d.whole(2, 5)))
    return made


def compile_arguments(d, model, kinds):
    names = getattr(model, "output_names", None) or [model.layers[-1].name]
    losses = []
    for kind in kinds:
        losses.append(d.one(LOSSES[kind])(d, d.some(reduction=d.one(REDUCTION))))
    measured = [metrics(d, kind, shape_of(t)) if d.flag() else [] for kind, t in zip(kinds, model.outputs)]
    out = {"optimizer": optimizer(d)}
    by_name = isinstance(getattr(model, "_outputs_struct", None), dict) or (len(names) > 1 and d.flag() and len(set(names)) == len(names))
    field = d.one(["metrics", "metrics", "weighted_metrics"])
    if by_name:
        out["loss"] = dict(zip(names, losses))
        if any(measured):
            out[field] = {n: m for n, m in zip(names, measured) if m}
        if d.flag():
            out["loss_weights"] = {n: d.real(0.2, 2) for n in names}
    elif len(names) > 1:
        out["loss"] = losses
        if any(measured):
            out[field] = measured
        if d.flag():
            out["loss_weights"] = [d.real(0.2, 2) for _ in names]
    else:
        out["loss"] = losses if d.chance(0.2) else losses[0]
        if measured[0]:
            out[field] = measured if d.chance(0.1) else measured[0]
        if d.chance(0.1):
            out["loss_weights"] = [d.real(0.2, 2)]
    return out


def random_case(seed, random_share=0.15):
    """A model, data and how to train; None where the draw came to nothing that Keras takes."""
    d = Draw(seed)
    d.random_models = d.chance(random_share)
    case = Case()
    n = 8
    count = d.one([1, 1, 1, 1, 2, 2, 3])
    sources = [Source(d, n) for _ in range(count)]
    compiled = d.chance(0.85)
    if count == 1 and d.chance(0.4):
        base = sequential(d, sources[0])
    else:
        base = functional(d, sources)
    ends = base.outputs
    kinds = [d.one(HEADS) for _ in ends]
    if compiled:
        if isinstance(base, keras.Sequential):
            y = with_head(d, ends[0], kinds[0])
            if y is not ends[0]:
                head = y._keras_history.operation
                base.add(type(head).from_config(head.get_config()))
        else:
            heads = [with_head(d, t, k) for t, k in zip(ends, kinds)]
            outputs = heads if len(heads) > 1 else heads[0]
            if isinstance(base._outputs_struct, dict):
                outputs = dict(zip(base._outputs_struct, heads))
            base = keras.Model(base._inputs_struct, outputs, name=base.name)
        if not all(usable(t) for t in base.outputs):
            raise Skip
        case.compile = compile_arguments(d, base, kinds)
        case.targets = [random_targets(d, k, shape_of(t), n) for k, t in zip(kinds, base.outputs)]
        if d.chance(0.25):
            case.weights = d.g.uniform(0.2, 2.0, n).astype("float32")
    case.model = base
    case.inputs = [s.values for s in sources]
    if not isinstance(base, keras.Sequential):  # those of a dictionary stand in the order of their names
        case.inputs = [next(s.values for s in sources if s.name == t.name) for t in base.inputs]
    case.trained = d.whole(0, 3)
    case.random = d.random
    return case
