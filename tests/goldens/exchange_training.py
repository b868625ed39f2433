"""Random ways to train a model: heads, targets, losses, metrics and optimizers, for `exchange_models.py`."""

import keras
import numpy as np

from exchange_layers import L
from exchange_running import version

O, S, M = keras.optimizers, keras.optimizers.schedules, keras.metrics

def random_kind(d, shape):
    """What the model's output of this shape could be for."""
    if len(shape) == 1 and d.chance(0.04):
        return "circle"
    if len(shape) == 2 and shape[0] > 2 and d.chance(0.12):
        return "ctc"
    return "noisy_classes" if d.chance(0.04) else d.one(HEADS)


HEADS = ["numbers", "numbers", "classes", "classes_logits", "one_hot", "one_hot_logits", "binary", "positive", "signs"]


def with_head(d, t, kind):
    """A tensor with a loss of this kind in mind; the model's output."""
    if kind.startswith(("classes", "one_hot", "noisy")):
        return (L.Dense(d.whole(2, 5), activation=None if kind.endswith("logits") else "softmax", **d.common()))(t)
    if kind == "ctc":
        return L.Dense(d.whole(2, 5), **d.common())(t)
    if kind == "circle":
        return L.UnitNormalization()(L.Dense(d.whole(2, 4))(t))
    if kind in ("binary", "positive"):
        return L.Dense(d.whole(1, 3), activation=d.one(["sigmoid"] if kind == "binary" else ["softplus", "sigmoid"]), **d.common())(t)
    return L.Dense(d.whole(1, 3), **d.common())(t) if d.flag() or len(t.shape) > 4 else t


def random_targets(d, kind, shape, n):
    g = d.g
    if kind.startswith("classes"):
        y = g.integers(0, shape[-1], (n, *shape[:-1]))
        return (y[..., None] if d.flag() else y).astype(d.one(["int32", "float32"]))
    if kind == "noisy_classes":  # (n, ...): of (n, 1) Keras takes every pair of examples
        return g.integers(0, shape[-1], (n, *shape[:-1])).astype("int32")
    if kind == "circle":
        return g.integers(0, 2, n).astype("int32")
    if kind == "ctc":
        y = g.integers(1, shape[-1], (n, d.whole(1, shape[0] // 2)))
        y[np.arange(y.shape[1])[None] >= g.integers(1, y.shape[1] + 1, n)[:, None]] = 0  # behind a label
        return y.astype("int32")
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
try:
    K.MeanSquaredError(reduction="mean")
except ValueError:  # an earlier version
    REDUCTION = REDUCTION[:3]
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
                lambda d, r: K.CategoricalHinge(**r), lambda d, r: K.KLDivergence(**r), lambda d, r: K.Dice(**d.some(axis=-1), **r),
                lambda d, r: K.Tversky(**d.some(alpha=d.real(0.2, 0.8), beta=d.real(0.2, 0.8)), **r), lambda d, r: "kl_divergence", lambda d, r: "dice"],
    "binary": [lambda d, r: "binary_crossentropy", lambda d, r: K.BinaryCrossentropy(**d.some(label_smoothing=d.real(0, 0.3)), **r), lambda d, r: "bce",
               lambda d, r: K.BinaryFocalCrossentropy(**d.some(apply_class_balancing=d.flag(), alpha=d.real(0.1, 0.9), gamma=d.real(1, 3), label_smoothing=d.real(0, 0.2)), **r), lambda d, r: K.Dice(**r),
               lambda d, r: K.Tversky(**r), lambda d, r: "binary_focal_crossentropy"],
    "positive": [lambda d, r: "poisson", lambda d, r: K.Poisson(**r), lambda d, r: "mean_squared_logarithmic_error", lambda d, r: K.MeanSquaredLogarithmicError(**r), lambda d, r: "msle"],
    "noisy_classes": [lambda d, r: K.CategoricalGeneralizedCrossEntropy(**d.some(q=d.real(0.2, 0.9)), **r)],
    "circle": [lambda d, r: K.Circle(**d.some(gamma=d.real(4, 20), margin=d.real(0.2, 0.5)), **r)],
    "ctc": [lambda d, r: "ctc", lambda d, r: K.CTC(**r)],
    "signs": [lambda d, r: "hinge", lambda d, r: "squared_hinge", lambda d, r: K.Hinge(**r), lambda d, r: K.SquaredHinge(**r)],
}


def metrics(d, kind, shape):
    k = shape[-1]
    points = len(shape) == 1
    logits = kind.endswith("_logits")
    made = {
        "numbers": ["mae", "mse", "mean_absolute_error", lambda: M.RootMeanSquaredError(), lambda: M.MeanSquaredError(name=d.one(["m s e", "error"])), "cosine_similarity", lambda: M.LogCoshError(), lambda: M.CosineSimilarity(),
                    "mape", lambda: M.MeanAbsolutePercentageError(), lambda: M.MeanAbsoluteError(), lambda: M.PearsonCorrelation(), lambda: M.ConcordanceCorrelation()] + ([lambda: M.R2Score(**d.some(class_aggregation=d.one(["uniform_average", "variance_weighted_average"])))] if points and k < 4 else []),
        "classes": ["accuracy", "acc", "sparse_categorical_accuracy", lambda: M.SparseCategoricalAccuracy(name="hits"), lambda: M.SparseTopKCategoricalAccuracy(k=d.whole(1, min(3, k))), lambda: M.SparseCategoricalCrossentropy(from_logits=logits), lambda: M.MeanIoU(num_classes=k, sparse_y_pred=False, **d.some(ignore_class=0)), lambda: M.IoU(num_classes=k, target_class_ids=[0, k - 1], sparse_y_pred=False),
                    "sparse_top_k_categorical_accuracy"],
        "one_hot": ["accuracy", "categorical_accuracy", lambda: M.TopKCategoricalAccuracy(k=d.whole(1, min(3, k))), lambda: M.CategoricalCrossentropy(from_logits=logits, label_smoothing=d.real(0, 0.2)), lambda: M.CategoricalHinge(), lambda: M.Precision(top_k=1), lambda: M.Recall(class_id=0, **d.some(thresholds=0.3)), lambda: M.KLDivergence(),
                    lambda: M.AUC(multi_label=True, num_labels=k, num_thresholds=20, **d.some(label_weights=[d.real(0.5, 1.5) for _ in range(k)])) if points else M.CategoricalAccuracy(name="ca")]
        + ([lambda: M.F1Score(average=d.one(["micro", "macro", "weighted"]), threshold=d.one([None, 0.4])), lambda: M.FBetaScore(average="macro", beta=d.real(0.5, 2.0)), lambda: M.OneHotMeanIoU(num_classes=k), lambda: M.OneHotIoU(num_classes=k, target_class_ids=[0])] if points else []),
        "binary": ["accuracy", "binary_accuracy", lambda: M.BinaryAccuracy(threshold=d.real(0.2, 0.8)), lambda: M.AUC(**d.some(num_thresholds=d.whole(5, 50), curve=d.one(["ROC", "PR"]), summation_method=d.one(["interpolation", "minoring", "majoring"]))),
                   lambda: M.Precision(**d.some(thresholds=d.real(0.2, 0.8))), lambda: M.Recall(**d.some(thresholds=d.real(0.2, 0.8))), lambda: M.BinaryCrossentropy(**d.some(label_smoothing=d.real(0, 0.2))), lambda: M.TruePositives(), lambda: M.FalsePositives(), lambda: M.TrueNegatives(**d.some(thresholds=d.real(0.2, 0.8))), lambda: M.Precision(thresholds=[0.3, 0.6]),
                   lambda: M.FalseNegatives(thresholds=d.real(0.2, 0.8)), lambda: M.BinaryIoU(threshold=d.real(0.3, 0.7)), lambda: M.PrecisionAtRecall(d.real(0.2, 0.8), num_thresholds=20), lambda: M.SensitivityAtSpecificity(d.real(0.2, 0.8)),
                   lambda: M.RecallAtPrecision(d.real(0.2, 0.8)), lambda: M.SpecificityAtSensitivity(d.real(0.2, 0.8)), "AUC"],
        "positive": ["poisson", "mse", lambda: M.Poisson(), lambda: M.MeanSquaredLogarithmicError(), "msle"],
        "signs": ["hinge", "squared_hinge", lambda: M.Hinge(), lambda: M.SquaredHinge()], "circle": [], "ctc": [], "noisy_classes": ["sparse_categorical_accuracy"],
    }[kind.removesuffix("_logits")]
    chosen = [made[i] for i in d.g.choice(len(made), min(len(made), d.whole(0, 3)), replace=False)]
    return [m if isinstance(m, str) else m() for m in chosen]


def learning_rate(d, scale=1.0):
    r = float(f"{scale * 10 ** d.g.uniform(-2.5, -1.3):.2g}")
    if d.rarely(0.03):
        return d.one([lambda: S.PiecewiseConstantDecay([1.5, d.real(2.6, 6)], [r, r / 2, r / 4]), lambda: S.CosineDecay(r, d.whole(3, 9), warmup_target=3 * r, warmup_steps=d.whole(1, 3), alpha=0.3), lambda: S.ExponentialDecay(r, d.real(1.5, 5), 0.9)])()
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
    if d.rarely(0.06):  # everything at once
        out |= {"weight_decay": d.real(0.001, 0.05), "clipnorm": d.real(0.05, 1.0), "use_ema": True, "ema_momentum": d.real(0.8, 0.99), "ema_overwrite_frequency": d.one([2, 3]), "gradient_accumulation_steps": 2, "loss_scale_factor": d.one([None, 16.0])}
        out = {k: v for k, v in out.items() if k not in ("clipvalue", "global_clipnorm")}
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


OPTIMIZERS = {name: make for name, make in OPTIMIZERS.items() if hasattr(O, name)}


def optimizer(d, wrapped=True):
    if d.chance(0.2):
        return d.one(["sgd", "rmsprop", "adam", "adagrad", "nadam", "SGD", "adamw", "Adam"])
    if wrapped and d.chance(0.05) and hasattr(O, "MultiOptimizer"):
        others = {pattern: O.get(optimizer(d, wrapped=False)) for pattern in d.one([[".*bias"], [".*kernel", ".*bias"], [".*gamma"]])}
        return O.MultiOptimizer(O.OptimizerMap(O.get(optimizer(d, wrapped=False)), others))
    name = d.one(list(OPTIMIZERS))
    arguments = OPTIMIZERS[name](d) | common_optimizer(d)
    made = getattr(O, name)(learning_rate=learning_rate(d), **arguments)
    if wrapped and d.chance(0.05):
        return O.LossScaleOptimizer(made, **d.some(initial_scale=float(d.one([8, 1024])), dynamic_growth_steps=d.whole(2, 5)))
    return made


def compile_arguments(d, model, kinds):
    structure = getattr(model, "_outputs_struct", None)
    names = sorted(structure) if isinstance(structure, dict) else getattr(model, "output_names", None) or [model.layers[-1].name]
    losses = []
    for kind in kinds:
        losses.append(d.one(LOSSES[kind])(d, d.some(reduction=d.one(REDUCTION))))
    measured = [metrics(d, kind, tuple(t.shape[1:])) if d.flag() else [] for kind, t in zip(kinds, model.outputs)]
    out = {"optimizer": optimizer(d), **({"steps_per_execution": 2} if keras.backend.backend() != "torch" and d.chance(0.05) else {}), **({"auto_scale_loss": False} if d.chance(0.05) else {})}
    by_name = isinstance(structure, dict) or (len(names) > 1 and d.flag() and len(set(names)) == len(names))
    field = d.one(["metrics", "metrics", "weighted_metrics"])
    if by_name:
        out["loss"] = dict(zip(names, losses))
        if any(measured):
            # Up to Keras 3.11, by the layers that give the outputs, whatever the keys of a dict.
            of_metrics = names if version(keras.__version__) >= (3, 12) else model.output_names
            out[field] = {n: m for n, m in zip(of_metrics, measured) if m}
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
