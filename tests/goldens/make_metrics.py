"""metrics.json: metrics after each of several updates, and which metric `accuracy` stands for."""

import warnings

from golden_format import array, normal, number, plain, rng, serialized, write

import keras
import numpy as np

M = keras.metrics
ROWS = [7, 5, 1]  # samples of the successive updates


def result(metric):
    return number(keras.ops.convert_to_numpy(metric.result()))


def case(name, cls, arguments, updates):
    """`updates` is a list of (y_true, y_pred, sample_weight or None); Mean and Sum get (values, sample_weight)."""
    metric = cls(**arguments)
    record = {"name": name, "class_name": cls.__name__, "arguments": plain(arguments), "config": plain(metric.get_config()), "result_before": result(metric), "updates": []}
    for *data, weight in updates:
        metric.update_state(*data, sample_weight=weight)
        keys = ("y_true", "y_pred") if len(data) == 2 else ("values",)
        record["updates"].append({
            **{k: array(np.asarray(v)) for k, v in zip(keys, data)}, "sample_weight": None if weight is None else array(np.asarray(weight)),
            "result": result(metric), "variables": [{"name": v.name, **array(v)} for v in metric.variables]})
    metric.reset_state()
    record["result_after_reset"] = result(metric)
    return record


def weights(g, n):
    w = g.uniform(0, 2, n).astype("float32")
    w[n // 2] = 0
    return w


def scores(g, shape):
    return g.uniform(0, 1, shape).astype("float32")


def softmax(x):
    e = np.exp(x)
    return (e / e.sum(-1, keepdims=True)).astype("float32")


def on(name, cls, arguments, make_true, make_pred):
    """Three cases: without weights, with a weight a sample, with both by turns."""
    g = rng("metric " + name)
    cases = []
    for how in ("plain", "weighted", "by_turns"):
        updates = []
        for i, n in enumerate(ROWS):
            weight = weights(g, n) if how == "weighted" or how == "by_turns" and i % 2 else None
            updates.append((make_true(g, n), make_pred(g, n), weight))
        cases.append(case(f"{name}/{how}", cls, arguments, updates))
    return cases


def one_hot(classes):
    return lambda g, n: np.eye(classes, dtype="float32")[g.integers(0, classes, n)]


def integers(classes, dtype="int32", tail=()):
    return lambda g, n: g.integers(0, classes, (n,) + tail).astype(dtype)


def make_cases():
    binary = lambda tail: lambda g, n: g.integers(0, 2, (n,) + tail).astype("float32")
    p = lambda *tail: lambda g, n: scores(g, (n,) + tail)
    s = lambda *tail: lambda g, n: softmax(normal(g, (n,) + tail, 1.5))
    logits = lambda *tail: lambda g, n: normal(g, (n,) + tail, 2)
    cases = []
    cases += on("accuracy", M.Accuracy, {}, integers(3), integers(3))
    cases += on("accuracy_rank2", M.Accuracy, {}, integers(3, tail=(4,)), integers(3, tail=(4,)))
    cases += on("binary_accuracy", M.BinaryAccuracy, {}, binary((1,)), p(1))
    cases += on("binary_accuracy_wide", M.BinaryAccuracy, {}, binary((4,)), p(4))
    cases += on("binary_accuracy_rank1_targets", M.BinaryAccuracy, {}, binary(()), p(1))
    cases += on("binary_accuracy_threshold", M.BinaryAccuracy, {"threshold": 0.8}, binary((1,)), p(1))
    cases += on("categorical_accuracy", M.CategoricalAccuracy, {}, one_hot(3), s(3))
    cases += on("categorical_accuracy_rank3", M.CategoricalAccuracy, {}, lambda g, n: np.eye(3, dtype="float32")[g.integers(0, 3, (n, 4))], s(4, 3))
    cases += on("sparse_categorical_accuracy", M.SparseCategoricalAccuracy, {}, integers(3), s(3))
    cases += on("sparse_categorical_accuracy_column", M.SparseCategoricalAccuracy, {}, integers(3, "int64", (1,)), s(3))
    cases += on("sparse_categorical_accuracy_rank3", M.SparseCategoricalAccuracy, {}, integers(3, tail=(4,)), s(4, 3))
    cases += on("sparse_categorical_accuracy_floats", M.SparseCategoricalAccuracy, {}, integers(3, "float32"), s(3))
    cases += on("top_k", M.TopKCategoricalAccuracy, {}, one_hot(9), s(9))
    cases += on("top_2", M.TopKCategoricalAccuracy, {"k": 2}, one_hot(6), s(6))
    cases += on("sparse_top_k", M.SparseTopKCategoricalAccuracy, {}, integers(9), s(9))
    cases += on("sparse_top_3_column", M.SparseTopKCategoricalAccuracy, {"k": 3}, integers(6, tail=(1,)), s(6))
    cases += on("mean_squared_error", M.MeanSquaredError, {}, logits(3), logits(3))
    cases += on("mean_squared_error_rank1_targets", M.MeanSquaredError, {}, logits(), logits(1))
    cases += on("root_mean_squared_error", M.RootMeanSquaredError, {}, logits(3), logits(3))
    cases += on("mean_absolute_error", M.MeanAbsoluteError, {}, logits(3), logits(3))
    cases += on("binary_crossentropy", M.BinaryCrossentropy, {}, binary((2,)), p(2))
    cases += on("binary_crossentropy_logits", M.BinaryCrossentropy, {"from_logits": True, "label_smoothing": 0.1}, binary((2,)), logits(2))
    cases += on("categorical_crossentropy", M.CategoricalCrossentropy, {}, one_hot(4), s(4))
    cases += on("categorical_crossentropy_logits", M.CategoricalCrossentropy, {"from_logits": True, "label_smoothing": 0.2}, one_hot(4), logits(4))
    cases += on("sparse_categorical_crossentropy", M.SparseCategoricalCrossentropy, {}, integers(4), s(4))
    cases += on("sparse_categorical_crossentropy_logits", M.SparseCategoricalCrossentropy, {"from_logits": True}, integers(4), logits(4))
    ties = np.array([[0.5, 0.5, 0.0], [0.2, 0.2, 0.2], [0.1, 0.4, 0.4]], "float32")  # arg max takes the first, top-k counts ties as in
    for label in range(3):
        t = np.full(3, label, "int32")
        cases.append(case(f"ties/sparse_{label}", M.SparseCategoricalAccuracy, {}, [(t, ties, None)]))
        cases.append(case(f"ties/top1_{label}", M.SparseTopKCategoricalAccuracy, {"k": 1}, [(t, ties, None)]))
    at = np.array([[0.5], [0.5], [0.50001], [0.49999]], "float32")
    cases.append(case("binary_accuracy_at_threshold", M.BinaryAccuracy, {}, [(np.array([[1], [0], [1], [0]], "float32"), at, None)]))
    bad = np.array([[np.nan, 0.1], [0.2, np.nan], [np.inf, 0]], "float32")
    cases.append(case("not_finite/sparse", M.SparseCategoricalAccuracy, {}, [(np.array([0, 0, 0], "int32"), bad, None)]))
    cases.append(case("not_finite/top1", M.SparseTopKCategoricalAccuracy, {"k": 1}, [(np.array([0, 0, 0], "int32"), bad, None)]))
    g = rng("mean")
    for cls in (M.Mean, M.Sum):
        short = cls.__name__.lower()
        cases.append(case(f"{short}/values", cls, {}, [(normal(g, (n,)), None) for n in ROWS]))
        cases.append(case(f"{short}/weighted", cls, {}, [(normal(g, (n,)), weights(g, n)) for n in ROWS]))
        cases.append(case(f"{short}/scalars", cls, {}, [(np.float32(v), None) for v in (1.5, -2, 7)]))
        cases.append(case(f"{short}/scalars_weighted", cls, {}, [(np.float32(v), np.float32(n)) for v, n in ((1.5, 16), (-2, 16), (7, 3))]))
        cases.append(case(f"{short}/rank2", cls, {}, [(normal(g, (n, 3)), None) for n in ROWS]))
        cases.append(case(f"{short}/zero_weights", cls, {}, [(normal(g, (4,)), np.zeros(4, "float32"))]))
    return cases


def resolved():
    """What `accuracy`, `acc`, `crossentropy` and `ce` become; the shapes decide, the loss does not."""
    shapes = [((4, 1), (4, 1)), ((4,), (4, 1)), ((4, 3), (4, 3)), ((4,), (4, 3)), ((4, 1), (4, 3)), ((4, 2), (4, 2)), ((4, 5, 1), (4, 5, 1)), ((4, 5), (4, 5, 1)), ((4, 5), (4, 5, 3)),
              ((4, 5, 3), (4, 5, 3)), ((4, 5, 1), (4, 5, 3)), ((4,), (4,))]
    losses = {"sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy", "mse"}
    from keras.src.trainers.compile_utils import get_loss, get_metric

    found = []
    for true, pred in shapes:
        y_true, y_pred = keras.ops.zeros(true), keras.ops.zeros(pred)
        for name in ("accuracy", "acc"):
            metric = get_metric(name, y_true, y_pred)
            found.append({"identifier": name, "y_true": list(true), "y_pred": list(pred), "class_name": type(metric).__name__, "name": metric.name})
        for name in ("crossentropy", "ce"):
            loss = get_loss(name, y_true, y_pred)
            found.append({"identifier": name, "y_true": list(true), "y_pred": list(pred), "loss_function": loss.fn.__name__, "name": loss.name})
    for name in ("mse", "MSE", "mean_squared_error", "MeanSquaredError", "binary_accuracy", "BinaryAccuracy", "sparse_categorical_accuracy", "top_k_categorical_accuracy",
                 "sparse_top_k_categorical_accuracy", "categorical_crossentropy", "mae", "Accuracy", "ACC", "bce", "BCE", "binary_crossentropy"):
        try:
            metric = get_metric(name, keras.ops.zeros((4, 3)), keras.ops.zeros((4, 3)))
            found.append({"identifier": name, "y_true": [4, 3], "y_pred": [4, 3], "class_name": type(metric).__name__, "name": metric.name, "function": getattr(getattr(metric, "_fn", None), "__name__", None)})
        except ValueError as e:
            found.append({"identifier": name, "error": str(e).split("\n")[0]})
    from keras.src.losses import ALL_OBJECTS_DICT as losses_by_string
    from keras.src.metrics import ALL_OBJECTS_DICT as metrics_by_string

    return found, sorted(losses_by_string), sorted(metrics_by_string)


def make():
    warnings.simplefilter("ignore")
    keras.backend.clear_session()
    found, losses, metrics = resolved()
    write("metrics", make_cases(), resolved=found, loss_names=losses, metric_names=metrics)


if __name__ == "__main__":
    make()
