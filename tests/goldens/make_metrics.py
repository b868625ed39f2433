"""metrics.json: metrics after each of several updates, and which metric `accuracy` stands for."""

import inspect
import warnings

from golden_format import array, normal, number, plain, rng, serialized, write

import keras
import numpy as np
from keras.src.backend import set_keras_mask

M = keras.metrics
ROWS = [7, 5, 1]  # samples of the successive updates


def result(metric):
    """A number, a list of them, or null before the first update of a metric that needs shapes."""
    try:
        value = np.asarray(keras.ops.convert_to_numpy(metric.result()))
    except AttributeError:
        return None
    return number(value) if value.ndim == 0 else [number(v) for v in value]


def config(metric):
    return {k: np.asarray(v).tolist() if keras.ops.is_tensor(v) else plain(v) for k, v in metric.get_config().items()}


def case(name, cls, arguments, updates, mask=None):
    """`updates` is a list of (y_true, y_pred, sample_weight or None); Mean and Sum get (values, sample_weight). `mask`: of all predictions."""
    keras.backend.clear_session()  # names count from there
    metric = cls(**arguments)
    record = {"name": name, "class_name": cls.__name__, "arguments": plain(arguments), "config": config(metric), "result_before": result(metric), "updates": []}
    for *data, weight in updates:
        if mask is not None:
            data[1] = keras.ops.convert_to_tensor(data[1])
            set_keras_mask(data[1], keras.ops.convert_to_tensor(mask))
        metric.update_state(*data, sample_weight=weight)
        keys = ("y_true", "y_pred") if len(data) == 2 else ("values",)
        record["updates"].append({
            **{k: array(np.asarray(v)) for k, v in zip(keys, data)}, "sample_weight": None if weight is None else array(np.asarray(weight)),
            "result": result(metric), "variables": [{"name": v.name, **array(v)} for v in metric.variables]})
    if mask is not None:
        record["mask"] = array(mask)
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


def on(name, cls, arguments, make_true, make_pred, ways=("plain", "weighted", "by_turns")):
    """Three cases, or some of them: without weights, with a weight a sample, with both by turns."""
    g = rng("metric " + name)
    cases = []
    for how in ("plain", "weighted", "by_turns"):
        updates = []
        for i, n in enumerate(ROWS):
            weight = weights(g, n) if how == "weighted" or how == "by_turns" and i % 2 else None
            updates.append((make_true(g, n), make_pred(g, n), weight))
        if how in ways:
            cases.append(case(f"{name}/{how}", cls, arguments, updates))
    return cases


def turns(*arguments):
    return on(*arguments, ways=("by_turns",))


def one_hot(classes):
    return lambda g, n: np.eye(classes, dtype="float32")[g.integers(0, classes, n)]


def integers(classes, dtype="int32", tail=()):
    return lambda g, n: g.integers(0, classes, (n,) + tail).astype(dtype)


def counted(name, cls, arguments, make_true, make_pred):
    """Without weights, and with weights that are whole numbers, as the confusion matrix holds."""
    g = rng("metric " + name)
    plain_updates, weighted = [], []
    for n in ROWS:
        true, pred = make_true(g, n), make_pred(g, n)
        positions = n if name.startswith("one_hot") else true.size
        plain_updates.append((true, pred, None))
        weighted.append((true, pred, g.integers(0, 4, positions).astype("float32")))
    return [case(f"{name}/plain", cls, arguments, plain_updates), case(f"{name}/weighted", cls, arguments, weighted)]


def confusion(binary, p, logits, one_hot):
    cases = []
    for cls in (M.TruePositives, M.TrueNegatives, M.FalsePositives, M.FalseNegatives):
        cases += turns(cls.__name__, cls, {}, binary((2,)), p(2))
        cases += turns(cls.__name__ + "_thresholds", cls, {"thresholds": [0.25, 0.9]}, binary(()), p(1))
    for cls in (M.Precision, M.Recall):
        short = cls.__name__.lower()
        cases += turns(short, cls, {}, binary((1,)), p(1))
        cases += turns(short + "_number", cls, {"thresholds": 0.75}, binary((3,)), p(3))
        cases += turns(short + "_thresholds", cls, {"thresholds": [0.1, 0.5, 0.6]}, binary((3,)), p(3))
        cases += turns(short + "_even", cls, {"thresholds": [0.0, 0.5, 1.0]}, binary((3,)), p(3))
        cases += turns(short + "_class", cls, {"class_id": 1}, one_hot(3), p(3))
        cases += turns(short + "_top_2", cls, {"top_k": 2}, one_hot(4), p(4))
        cases += turns(short + "_top_1_class", cls, {"top_k": 1, "class_id": 2, "thresholds": 0.3}, one_hot(4), p(4))
    for cls, name in ((M.SensitivityAtSpecificity, "specificity"), (M.SpecificityAtSensitivity, "sensitivity"), (M.PrecisionAtRecall, "recall"), (M.RecallAtPrecision, "precision")):
        cases += turns(cls.__name__, cls, {name: 0.5, "num_thresholds": 6}, binary((2,)), p(2))
        cases += turns(cls.__name__ + "_class", cls, {name: 0.8, "num_thresholds": 1, "class_id": 1}, binary((2,)), p(2))
    g = rng("edges of thresholds")
    edges = np.array([[0, 0.25, 0.5, 0.75, 1]], "float32")
    cases.append(case("precision_at_thresholds", M.Precision, {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, [(np.ones((1, 5), "float32"), edges, None)]))
    cases.append(case("recall_weights_each", M.Recall, {}, [(g.integers(0, 2, (4, 3)).astype("float32"), scores(g, (4, 3)), g.uniform(0, 2, (4, 3)).astype("float32"))]))
    return cases


def areas(binary, p, logits):
    cases = []
    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "minoring", "majoring"):
            cases += turns(f"auc_{curve}_{method}", M.AUC, {"curve": curve, "summation_method": method, "num_thresholds": 7}, binary((2,)), p(2))
        cases += turns(f"auc_{curve}_multi_label", M.AUC, {"curve": curve, "multi_label": True, "num_thresholds": 5}, binary((3,)), p(3))
    cases += turns("auc_thresholds", M.AUC, {"thresholds": [0.8, 0.3, 0.35]}, binary((2,)), p(2))
    cases += turns("auc_multi_label_thresholds", M.AUC, {"thresholds": [0.8, 0.3, 0.35], "multi_label": True, "num_labels": 2}, binary((2,)), p(2))
    cases += turns("auc_label_weights", M.AUC, {"multi_label": True, "num_labels": 2, "label_weights": [0.25, 0.75], "num_thresholds": 5}, binary((2,)), p(2))
    cases += turns("auc_weights_of_columns", M.AUC, {"label_weights": [0.5, 2.0], "num_thresholds": 5}, binary((2,)), p(2))
    cases += turns("auc_logits", M.AUC, {"from_logits": True, "num_thresholds": 5}, binary((1,)), logits(1))
    g = rng("auc of many")
    cases.append(case("auc_200", M.AUC, {}, [(g.integers(0, 2, (20,)).astype("float32"), scores(g, (20,)), None)]))
    return cases


def masked(binary, p, s, logits):
    """Predictions whose layer said which steps count."""
    cases = []
    g = rng("masked metrics")
    mask = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]], bool)
    weights_each = g.uniform(0, 2, (4, 3)).astype("float32")
    for cls, make_true, make_pred in (
            (M.MeanSquaredError, logits(3, 2), logits(3, 2)), (M.MeanAbsoluteError, logits(3, 2), logits(3, 2)), (M.RootMeanSquaredError, logits(3), logits(3)),
            (M.SparseCategoricalAccuracy, integers(4, tail=(3,)), s(3, 4)), (M.BinaryCrossentropy, binary((3, 2)), p(3, 2)), (M.CategoricalHinge, lambda g, n: one_hot(2)(g, 3 * n).reshape(n, 3, 2), logits(3, 2)),
            (M.Precision, binary((3,)), p(3)), (M.AUC, binary((3,)), p(3))):
        arguments = {"num_thresholds": 5} if cls is M.AUC else {}
        cases.append(case(f"masked/{cls.__name__}", cls, arguments, [(make_true(g, 4), make_pred(g, 4), w) for w in (None, weights_each)], mask))
    ignoring = M.SparseCategoricalCrossentropy
    cases.append(case("masked/ignore_class", ignoring, {"ignore_class": 1}, [(integers(3, tail=(3,))(g, 4), s(3, 3)(g, 4), w) for w in (None, weights_each)], mask))
    return cases


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
    positive = lambda *tail: lambda g, n: g.uniform(0.1, 5, (n,) + tail).astype("float32")
    for cls in (M.MeanAbsolutePercentageError, M.MeanSquaredLogarithmicError, M.LogCoshError, M.CosineSimilarity, M.KLDivergence, M.Poisson):
        cases += turns(cls.__name__, cls, {}, positive(3), positive(3))
    cases += turns("cosine_similarity_axis", M.CosineSimilarity, {"axis": 1}, logits(2, 3), logits(2, 3))
    for cls in (M.Hinge, M.SquaredHinge):
        cases += turns(cls.__name__, cls, {}, binary((2,)), logits(2))
    cases += turns("CategoricalHinge", M.CategoricalHinge, {}, one_hot(3), logits(3))
    for cls in (M.PearsonCorrelation, M.ConcordanceCorrelation):
        cases += turns(cls.__name__, cls, {}, logits(5), logits(5))
        cases += turns(cls.__name__ + "_axis", cls, {"axis": 1}, logits(4, 2), logits(4, 2))
    cases += turns("r2_score", M.R2Score, {}, logits(2), logits(2))
    cases += turns("r2_score_each", M.R2Score, {"class_aggregation": None}, logits(3), logits(3))
    cases += turns("r2_score_variance", M.R2Score, {"class_aggregation": "variance_weighted_average", "num_regressors": 3}, logits(2), logits(2))
    cases += turns("r2_score_column", M.R2Score, {"num_regressors": 1}, logits(), logits(1))
    cases += confusion(binary, p, logits, one_hot)
    cases += areas(binary, p, logits)
    for cls, more in ((M.F1Score, {}), (M.FBetaScore, {"beta": 0.5})):
        for average in (None, "micro", "macro", "weighted"):
            cases += turns(f"{cls.__name__}_{average}", cls, {**more, "average": average}, one_hot(3), s(3))
        cases += turns(f"{cls.__name__}_threshold", cls, {**more, "threshold": 0.4}, binary((3,)), p(3))
    cases += counted("io_u", M.IoU, {"num_classes": 4, "target_class_ids": [0, 2]}, integers(4), integers(4))
    cases += counted("io_u_float", M.IoU, {"num_classes": 3, "target_class_ids": [1], "dtype": "float32", "ignore_class": 2}, integers(3, tail=(2,)), integers(3, tail=(2,)))
    cases += counted("io_u_scores", M.IoU, {"num_classes": 3, "target_class_ids": [0, 1], "sparse_y_pred": False}, integers(3, tail=(2,)), s(2, 3))
    cases += counted("binary_io_u", M.BinaryIoU, {}, binary((2,)), p(2))
    cases += counted("binary_io_u_threshold", M.BinaryIoU, {"threshold": 0.3, "target_class_ids": [1]}, binary((2,)), p(2))
    cases += counted("mean_io_u", M.MeanIoU, {"num_classes": 5}, integers(4), integers(4))
    cases += counted("mean_io_u_ignore", M.MeanIoU, {"num_classes": 3, "ignore_class": -1}, lambda g, n: g.integers(-1, 3, (n,)).astype("int32"), integers(4))
    cases += counted("one_hot_io_u", M.OneHotIoU, {"num_classes": 3, "target_class_ids": [0, 2]}, one_hot(3), s(3))
    cases += counted("one_hot_io_u_ignore", M.OneHotIoU, {"num_classes": 4, "target_class_ids": [0, 3], "ignore_class": 1}, one_hot(4), s(4))
    cases += counted("one_hot_io_u_sparse", M.OneHotIoU, {"num_classes": 3, "target_class_ids": [1], "sparse_y_pred": True}, one_hot(3), integers(3))
    cases += counted("one_hot_mean_io_u", M.OneHotMeanIoU, {"num_classes": 3, "ignore_class": 1}, one_hot(3), s(3))
    hot = lambda classes, *tail: lambda g, n: np.eye(classes, dtype="float32")[g.integers(0, classes, (n, *tail))]
    channels = lambda make: lambda g, n: np.moveaxis(make(g, n), -1, 1).copy()
    g = rng("one-hot")
    for cls, more in ((M.IoU, {"target_class_ids": [0, 1]}), (M.MeanIoU, {})):
        arguments = {"num_classes": 3, "sparse_y_true": False, "sparse_y_pred": False, **more}
        cases.append(case(f"{cls.__name__}_one_hot", cls, arguments, [(hot(3, 2)(g, n), s(2, 3)(g, n), None) for n in ROWS]))
    first = lambda make: lambda g, n: np.moveaxis(make(g, n), -1, 0).copy()
    for cls, more in ((M.IoU, {"target_class_ids": [0, 1]}), (M.MeanIoU, {}), (M.OneHotIoU, {"target_class_ids": [0, 1]}), (M.OneHotMeanIoU, {})):
        sparse = {"sparse_y_true": False, "sparse_y_pred": False} if cls in (M.IoU, M.MeanIoU) else {}
        # Keras's result takes the axis once more, for its list of classes: the first and the last one go.
        cases.append(case(f"{cls.__name__}_axis", cls, {"num_classes": 3, "axis": 0, **sparse, **more}, [(first(hot(3, 2))(g, n), first(s(2, 3))(g, n), None) for n in ROWS]))
    cases += counted("one_hot_mean_io_u_sparse", M.OneHotMeanIoU, {"num_classes": 4, "sparse_y_pred": True}, one_hot(4), integers(4))
    cases += turns("categorical_crossentropy_axis", M.CategoricalCrossentropy, {"axis": 1}, channels(hot(3, 2)), channels(s(2, 3)))
    cases += turns("sparse_top_k_sorted", M.SparseTopKCategoricalAccuracy, {"k": 2, "from_sorted_ids": True}, integers(4), lambda g, n: np.stack([g.permutation(4) for _ in range(n)]).astype("int32"))
    cases += turns("f_beta_2", M.FBetaScore, {"beta": 2.0, "average": "macro"}, one_hot(3), s(3))
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
    cases += masked(binary, p, s, logits)
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
    losses = sorted({*losses, *(name for name in dir(keras.losses) if inspect.isclass(getattr(keras.losses, name)))})
    write("metrics", make_cases(), resolved=found, loss_names=losses, metric_names=metrics)


if __name__ == "__main__":
    make()
