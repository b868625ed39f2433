"""losses.json: value and gradient of every loss with its options, reductions, sample weights and extreme inputs."""

import warnings

from golden_format import array, normal, plain, rng, write

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend import set_keras_mask

L = keras.losses
REDUCTIONS = ["sum_over_batch_size", "sum", "none", "mean", "mean_with_sample_weight"]


def probabilities(g, shape):
    e = np.exp(normal(g, shape, 1.5))
    return (e / e.sum(-1, keepdims=True)).astype("float32")


def sigmoids(g, shape):
    return (1 / (1 + np.exp(-normal(g, shape, 2)))).astype("float32")


def one_hot(g, shape):
    return np.eye(shape[-1], dtype="float32")[g.integers(0, shape[-1], shape[:-1])]


def case(name, cls, arguments, y_true, y_pred, sample_weight=None, mask=None):
    loss = cls(**arguments)
    p = tf.constant(y_pred)
    if mask is not None:
        set_keras_mask(p, tf.constant(mask))
    with tf.GradientTape() as tape:
        tape.watch(p)
        value = loss(y_true, p, sample_weight=sample_weight)
        total = tf.reduce_sum(value)
    return {
        "name": name,
        "class_name": cls.__name__,
        "arguments": plain(arguments),
        "config": plain(loss.get_config()),
        "y_true": array(y_true),
        "y_pred": array(y_pred),
        "sample_weight": None if sample_weight is None else array(sample_weight),
        **({} if mask is None else {"mask": array(mask)}),
        "value": array(value),
        "gradient": array(tape.gradient(total, p)),  # of the sum of `value` by y_pred
    }


def with_weights_and_reductions(cases, name, cls, arguments, y_true, y_pred):
    g = rng(name + " weights")
    batch, weights_each = y_pred.shape[0], np.asarray(g.uniform(0, 2, y_pred.shape[:-1]), "float32")
    weights = np.asarray(g.uniform(0, 2, batch), "float32")
    weights[1] = 0
    for reduction in REDUCTIONS:
        more = {**arguments, "reduction": reduction}
        cases.append(case(f"{name}/{reduction}", cls, more, y_true, y_pred))
        cases.append(case(f"{name}/{reduction}/sample_weight", cls, more, y_true, y_pred, weights if y_pred.ndim == 2 else weights_each))
    cases.append(case(f"{name}/weight_column", cls, arguments, y_true, y_pred, weights.reshape((batch,) + (1,) * (y_pred.ndim - 1))))
    cases.append(case(f"{name}/weight_zero", cls, arguments, y_true, y_pred, np.zeros(batch, "float32") if y_pred.ndim == 2 else 0 * weights_each))


def mean_squared_error(cases):
    g = rng("mse")
    with_weights_and_reductions(cases, "mse", L.MeanSquaredError, {}, normal(g, (5, 3)), normal(g, (5, 3)))
    with_weights_and_reductions(cases, "mse_rank3", L.MeanSquaredError, {}, normal(g, (3, 2, 4)), normal(g, (3, 2, 4)))
    cases.append(case("mse_targets_rank1", L.MeanSquaredError, {}, normal(g, (5,)), normal(g, (5, 1))))
    cases.append(case("mse_rank1", L.MeanSquaredError, {}, normal(g, (5,)), normal(g, (5,))))
    cases.append(case("mse_int_targets", L.MeanSquaredError, {}, g.integers(-3, 4, (5, 2)).astype("int32"), normal(g, (5, 2))))
    cases.append(case("mse_large", L.MeanSquaredError, {}, normal(g, (2, 3), 1e3), normal(g, (2, 3), 1e15)))


def binary_crossentropy(cases):
    cls, g = L.BinaryCrossentropy, rng("bce")
    truth = lambda shape: g.integers(0, 2, shape).astype("float32")
    with_weights_and_reductions(cases, "bce", cls, {}, truth((5, 3)), sigmoids(g, (5, 3)))
    with_weights_and_reductions(cases, "bce_rank3", cls, {}, truth((3, 2, 4)), sigmoids(g, (3, 2, 4)))
    with_weights_and_reductions(cases, "bce_logits", cls, {"from_logits": True}, truth((5, 3)), normal(g, (5, 3), 3))
    for smoothing in (0.1, 0.5, 1.0):
        for logits in (False, True):
            p = normal(g, (4, 2), 2) if logits else sigmoids(g, (4, 2))
            cases.append(case(f"bce_smoothing_{smoothing}_logits_{logits}", cls, {"label_smoothing": smoothing, "from_logits": logits}, truth((4, 2)), p))
    for axis in (1, [1, 2], 0):
        cases.append(case(f"bce_axis_{axis}", cls, {"axis": axis, "reduction": "none"}, truth((2, 3, 4)), sigmoids(g, (2, 3, 4))))
    cases.append(case("bce_targets_rank1", cls, {}, truth((5,)), sigmoids(g, (5, 1))))
    cases.append(case("bce_int_targets", cls, {}, g.integers(0, 2, (5, 1)).astype("int32"), sigmoids(g, (5, 1))))
    cases.append(case("bce_soft_targets", cls, {}, sigmoids(g, (5, 2)), sigmoids(g, (5, 2))))
    p = np.array([[0, 1, 1e-8, 1 - 1e-7, 1e-7, 0.5]], "float32").repeat(2, 0)
    t = np.array([[1] * 6, [0] * 6], "float32")
    cases.append(case("bce_extreme_probabilities", cls, {"reduction": "none"}, t, p))
    x = np.array([[-100, 100, -1e4, 1e4, 0, 1e-8, -20, 20]], "float32").repeat(2, 0)
    cases.append(case("bce_extreme_logits", cls, {"reduction": "none", "from_logits": True}, np.array([[1] * 8, [0] * 8], "float32"), x))


def categorical_crossentropy(cases):
    cls, g = L.CategoricalCrossentropy, rng("cce")
    with_weights_and_reductions(cases, "cce", cls, {}, one_hot(g, (5, 3)), probabilities(g, (5, 3)))
    with_weights_and_reductions(cases, "cce_rank3", cls, {}, one_hot(g, (3, 2, 4)), probabilities(g, (3, 2, 4)))
    with_weights_and_reductions(cases, "cce_logits", cls, {"from_logits": True}, one_hot(g, (5, 3)), normal(g, (5, 3), 3))
    for smoothing in (0.1, 1.0):
        for logits in (False, True):
            p = normal(g, (4, 5), 2) if logits else probabilities(g, (4, 5))
            cases.append(case(f"cce_smoothing_{smoothing}_logits_{logits}", cls, {"label_smoothing": smoothing, "from_logits": logits}, one_hot(g, (4, 5)), p))
    for axis, logits in ((1, False), (-2, False), (1, True)):  # TensorFlow refuses -2 with logits
        t, p = np.moveaxis(one_hot(g, (2, 4, 3)), -1, 1), np.moveaxis(probabilities(g, (2, 4, 3)), -1, 1)
        cases.append(case(f"cce_axis_{axis}_logits_{logits}", cls, {"axis": axis, "from_logits": logits}, t.copy(), p.copy()))
    cases.append(case("cce_not_normalised", cls, {"reduction": "none"}, one_hot(g, (4, 3)), g.uniform(0.1, 3, (4, 3)).astype("float32")))
    cases.append(case("cce_soft_targets", cls, {"reduction": "none"}, probabilities(g, (4, 3)), probabilities(g, (4, 3))))
    cases.append(case("cce_soft_targets_logits", cls, {"reduction": "none", "from_logits": True}, probabilities(g, (4, 3)), normal(g, (4, 3))))
    cases.append(case("cce_int_targets", cls, {}, one_hot(g, (4, 3)).astype("int32"), probabilities(g, (4, 3))))
    p = np.array([[0, 1, 0], [1, 0, 0], [1e-8, 1 - 1e-7, 1e-8], [0, 0, 1]], "float32")
    cases.append(case("cce_extreme_probabilities", cls, {"reduction": "none"}, np.eye(3, dtype="float32")[[0, 0, 2, 2]], p))
    x = np.array([[100, -100, 0], [-100, 100, 0], [1e4, -1e4, 0], [-1e4, 1e4, 50]], "float32")
    cases.append(case("cce_extreme_logits", cls, {"reduction": "none", "from_logits": True}, np.eye(3, dtype="float32")[[0, 0, 1, 1]], x))
    for logits in (False, True):
        t, p = np.moveaxis(one_hot(g, (2, 4, 3)), -1, 1), np.moveaxis(probabilities(g, (2, 4, 3)), -1, 1)
        cases.append(case(f"cce_smoothing_axis_logits_{logits}", cls, {"axis": 1, "label_smoothing": 0.1, "from_logits": logits}, t.copy(), p.copy()))
        if logits:  # TensorFlow's gradient takes labels to add up to 1, which these do not: here as on JAX and PyTorch
            smoothed, e = t * 0.9 + 0.1 / 4, np.exp(p)
            exact = (e / e.sum(1, keepdims=True) * smoothed.sum(1, keepdims=True) - smoothed) / 8
            cases[-1]["gradient"] = array(exact.astype("float32"))


def sparse_categorical_crossentropy(cases):
    cls, g = L.SparseCategoricalCrossentropy, rng("scce")
    classes = lambda shape, n, dtype="int32": g.integers(0, n, shape).astype(dtype)
    with_weights_and_reductions(cases, "scce", cls, {}, classes((5,), 3), probabilities(g, (5, 3)))
    with_weights_and_reductions(cases, "scce_rank3", cls, {}, classes((3, 2), 4), probabilities(g, (3, 2, 4)))
    with_weights_and_reductions(cases, "scce_logits", cls, {"from_logits": True}, classes((5,), 3), normal(g, (5, 3), 3))
    t = classes((6,), 4)
    t[[1, 4]] = 2
    for ignored in (2, -1, 255):
        target = np.where(t == 2, ignored, t).astype("int32")
        with_weights_and_reductions(cases, f"scce_ignore_{ignored}", cls, {"ignore_class": ignored}, target, probabilities(g, (6, 4)))
        cases.append(case(f"scce_ignore_{ignored}_logits", cls, {"ignore_class": ignored, "from_logits": True}, target, normal(g, (6, 4), 2)))
    cases.append(case("scce_ignore_all", cls, {"ignore_class": 1}, np.ones(3, "int32"), probabilities(g, (3, 4))))
    cases.append(case("scce_ignore_rank3", cls, {"ignore_class": 0}, classes((3, 2), 4), probabilities(g, (3, 2, 4))))
    cases.append(case("scce_targets_column", cls, {"reduction": "none"}, classes((5, 1), 3), probabilities(g, (5, 3))))
    cases.append(case("scce_axis_last", cls, {"axis": 1}, classes((5,), 3), probabilities(g, (5, 3))))
    for dtype in ("uint8", "int64", "float32"):
        cases.append(case(f"scce_targets_{dtype}", cls, {}, classes((5,), 3, dtype), probabilities(g, (5, 3))))
    cases.append(case("scce_not_normalised", cls, {"reduction": "none"}, classes((4,), 3), g.uniform(0.1, 3, (4, 3)).astype("float32")))
    p = np.array([[0, 1, 0], [1, 0, 0], [1e-8, 1 - 1e-7, 1e-8], [0, 0, 1]], "float32")
    cases.append(case("scce_extreme_probabilities", cls, {"reduction": "none"}, np.array([0, 0, 2, 2], "int32"), p))
    x = np.array([[100, -100, 0], [-100, 100, 0], [1e4, -1e4, 0], [-1e4, 1e4, 50]], "float32")
    cases.append(case("scce_extreme_logits", cls, {"reduction": "none", "from_logits": True}, np.array([0, 0, 1, 1], "int32"), x))


def few(cases, name, cls, arguments, y_true, y_pred):
    """The value of each example, the default reduction, and a weight for each example, with the reduction that looks at it."""
    g = rng(name + " weights")
    weights = g.uniform(0, 2, y_pred.shape[0]).astype("float32")
    weights[1] = 0
    cases.append(case(f"{name}/none", cls, {**arguments, "reduction": "none"}, y_true, y_pred))
    cases.append(case(f"{name}/default", cls, arguments, y_true, y_pred))
    cases.append(case(f"{name}/weighted", cls, {**arguments, "reduction": "mean_with_sample_weight"}, y_true, y_pred, weights))


def regression(cases):
    numbers = {"mae": L.MeanAbsoluteError, "mape": L.MeanAbsolutePercentageError, "msle": L.MeanSquaredLogarithmicError, "cosine": L.CosineSimilarity,
               "huber": L.Huber, "log_cosh": L.LogCosh}
    for name, cls in numbers.items():
        g = rng(name)
        few(cases, name, cls, {}, normal(g, (4, 3), 2), normal(g, (4, 3), 2))
        cases.append(case(f"{name}_rank3", cls, {"reduction": "none"}, normal(g, (2, 3, 2)), normal(g, (2, 3, 2))))
        if cls is not L.CosineSimilarity:  # of numbers the cosine is 1 or -1, its gradient what rounding leaves
            cases.append(case(f"{name}_targets_rank1", cls, {}, g.integers(1, 5, (4,)).astype("int32"), normal(g, (4, 1))))
    g = rng("regression arguments")
    for delta in (0.25, 3.0):
        few(cases, f"huber_delta_{delta}", L.Huber, {"delta": delta}, normal(g, (4, 3), 2), normal(g, (4, 3), 2))
    cases.append(case("cosine_axis", L.CosineSimilarity, {"axis": 1, "reduction": "none"}, normal(g, (2, 3, 2)), normal(g, (2, 3, 2))))
    cases.append(case("cosine_zero_target", L.CosineSimilarity, {"reduction": "none"}, np.array([[0, 0], [1, 1]], "float32"), np.array([[1, 2], [3, 1]], "float32")))
    cases.append(case("mape_zero_target", L.MeanAbsolutePercentageError, {"reduction": "none"}, np.array([[0, 2], [1, -1]], "float32"), np.array([[1, 2.5], [3, 1]], "float32")))
    cases.append(case("log_cosh_large", L.LogCosh, {"reduction": "none"}, np.zeros((2, 2), "float32"), np.array([[100, -100], [30, -0.001]], "float32")))


def hinges(cases):
    g = rng("hinges")
    for name, cls in {"hinge": L.Hinge, "squared_hinge": L.SquaredHinge}.items():
        few(cases, name, cls, {}, 2 * g.integers(0, 2, (4, 3)).astype("float32") - 1, normal(g, (4, 3), 2))
        few(cases, f"{name}_binary", cls, {}, g.integers(0, 2, (4, 3)).astype("int32"), normal(g, (4, 3), 2))
    few(cases, "categorical_hinge", L.CategoricalHinge, {}, one_hot(g, (5, 4)), normal(g, (5, 4), 2))
    cases.append(case("categorical_hinge_rank3", L.CategoricalHinge, {"reduction": "none"}, one_hot(g, (2, 3, 4)), normal(g, (2, 3, 4), 2)))


def probabilistic(cases):
    g = rng("probabilistic")
    few(cases, "kld", L.KLDivergence, {}, probabilities(g, (4, 3)), probabilities(g, (4, 3)))
    cases.append(case("kld_one_hot", L.KLDivergence, {"reduction": "none"}, one_hot(g, (4, 3)), probabilities(g, (4, 3))))
    cases.append(case("kld_outside", L.KLDivergence, {"reduction": "none"}, np.array([[0, 1]], "float32"), np.array([[-0.5, 1.5]], "float32")))
    few(cases, "poisson", L.Poisson, {}, g.integers(0, 9, (4, 3)).astype("float32"), g.uniform(0.1, 8, (4, 3)).astype("float32"))
    cases.append(case("poisson_rank3", L.Poisson, {"reduction": "none"}, g.integers(0, 9, (2, 3, 2)).astype("int32"), g.uniform(0.1, 8, (2, 3, 2)).astype("float32")))
    for q in (0.5, 0.1, 0.9):
        few(cases, f"generalized_{q}", L.CategoricalGeneralizedCrossEntropy, {"q": q}, g.integers(0, 3, (5,)).astype("int32"), probabilities(g, (5, 3)))
    cases.append(case("generalized_rank3", L.CategoricalGeneralizedCrossEntropy, {"reduction": "none"}, g.integers(0, 3, (2, 4)).astype("int32"), probabilities(g, (2, 4, 3))))


def focal(cases):
    g = rng("focal")
    truth = lambda shape: g.integers(0, 2, shape).astype("float32")
    for i, arguments in enumerate(({}, {"apply_class_balancing": True}, {"gamma": 0.5, "apply_class_balancing": True, "alpha": 0.7}, {"gamma": 3.0, "label_smoothing": 0.2})):
        few(cases, f"binary_focal_{i}", L.BinaryFocalCrossentropy, arguments, truth((4, 3)), sigmoids(g, (4, 3)))
        few(cases, f"binary_focal_logits_{i}", L.BinaryFocalCrossentropy, {**arguments, "from_logits": True}, truth((4, 3)), normal(g, (4, 3), 2))
    cases.append(case("binary_focal_axis", L.BinaryFocalCrossentropy, {"axis": 1, "reduction": "none"}, truth((2, 3, 2)), sigmoids(g, (2, 3, 2))))
    for i, arguments in enumerate(({}, {"alpha": 0.6, "gamma": 0.5}, {"gamma": 3.0, "label_smoothing": 0.1})):
        few(cases, f"categorical_focal_{i}", L.CategoricalFocalCrossentropy, arguments, one_hot(g, (4, 3)), probabilities(g, (4, 3)))
        few(cases, f"categorical_focal_logits_{i}", L.CategoricalFocalCrossentropy, {**arguments, "from_logits": True}, one_hot(g, (4, 3)), normal(g, (4, 3), 2))
    cases.append(case("categorical_focal_axis", L.CategoricalFocalCrossentropy, {"axis": 1, "reduction": "none"}, truth((2, 3, 2)), g.uniform(0.1, 1, (2, 3, 2)).astype("float32")))
    g = rng("focal alphas")
    for i, arguments in enumerate(({"alpha": [0.2, 0.3, 0.5]}, {"alpha": [0.9, 0.1, 0.4], "gamma": 1.0, "label_smoothing": 0.2})):
        few(cases, f"categorical_focal_alphas_{i}", L.CategoricalFocalCrossentropy, arguments, one_hot(g, (4, 3)), probabilities(g, (4, 3)))
    cases.append(case("categorical_focal_alphas_axis", L.CategoricalFocalCrossentropy, {"axis": 1, "reduction": "none", "alpha": [0.25, 0.75]}, truth((2, 3, 2)), g.uniform(0.1, 1, (2, 3, 2)).astype("float32")))


def overlap(cases):
    g = rng("overlap")
    truth = lambda shape: g.integers(0, 2, shape).astype("float32")
    for name, cls, arguments in (("dice", L.Dice, {}), ("tversky", L.Tversky, {}), ("tversky_weights", L.Tversky, {"alpha": 0.3, "beta": 0.9})):
        for axis in (None, -1, (1, 2)):
            shape = (3, 2, 4)
            more = {**arguments, "axis": axis}
            cases.append(case(f"{name}_axis_{axis}", cls, more, truth(shape), sigmoids(g, shape)))
            if axis:
                cases.append(case(f"{name}_axis_{axis}/none", cls, {**more, "reduction": "none"}, truth(shape), sigmoids(g, shape)))
        cases.append(case(f"{name}/weighted", cls, arguments, truth((3, 2)), sigmoids(g, (3, 2)), np.array([1, 0, 2], "float32")))


def circle(cases):
    g = rng("circle")

    def embeddings(shape):
        x = normal(g, shape)
        return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype("float32")

    labels = np.array([0, 1, 0, 1, 2, 0], "int32")
    for i, arguments in enumerate(({}, {"gamma": 4.0, "margin": 0.25}, {"gamma": 8.0, "remove_diagonal": False})):
        for reduction in ("none", "sum_over_batch_size", "sum"):
            cases.append(case(f"circle_{i}/{reduction}", L.Circle, {**arguments, "reduction": reduction}, np.delete(labels, 4), embeddings((5, 3))))
    cases.append(case("circle_column", L.Circle, {"gamma": 2.0}, np.array([[0], [1], [0], [1]], "int32"), embeddings((4, 2))))
    cases.append(case("circle/weighted", L.Circle, {"gamma": 2.0}, np.array([0, 1, 0, 1], "int32"), embeddings((4, 2)), np.array([1, 2, 0.5, 3], "float32")))


def ctc(cases):
    g = rng("ctc")
    labels = np.array([[1, 2, 2], [3, 0, 0], [1, 3, 0], [2, 2, 1]], "int32")
    few(cases, "ctc", L.CTC, {}, labels, normal(g, (4, 6, 4), 2))
    cases.append(case("ctc_long", L.CTC, {"reduction": "none"}, np.array([[1, 1, 2, 1], [2, 1, 0, 0]], "int64"), normal(g, (2, 11, 3), 3)))


def masked(cases):
    """Predictions whose layer said which steps count."""
    g = rng("masked")
    mask = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]], bool)
    weights, rows = g.uniform(0, 2, (4, 3)).astype("float32"), g.uniform(0, 2, (4, 1)).astype("float32")
    for reduction in REDUCTIONS:
        cases.append(case(f"masked/mse/{reduction}", L.MeanSquaredError, {"reduction": reduction}, normal(g, (4, 3, 2)), normal(g, (4, 3, 2)), mask=mask))
        cases.append(case(f"masked/huber/{reduction}/sample_weight", L.Huber, {"reduction": reduction}, normal(g, (4, 3, 2)), normal(g, (4, 3, 2)), weights, mask))
    cases.append(case("masked/rows", L.MeanAbsoluteError, {}, normal(g, (4, 3, 2)), normal(g, (4, 3, 2)), rows, mask))
    cases.append(case("masked/ignore_class", L.SparseCategoricalCrossentropy, {"ignore_class": 1}, g.integers(0, 3, (4, 3)).astype("int32"), probabilities(g, (4, 3, 3)), weights, mask))
    cases.append(case("masked/all", L.MeanSquaredError, {}, normal(g, (4, 3, 2)), normal(g, (4, 3, 2)), mask=np.zeros((4, 3), bool)))


def after_activation():
    """A loss inside a compiled step sees where its input came from: what follows softmax or sigmoid is computed from
    the logits, so saturated outputs still learn. Recorded through `train_on_batch` on a layer whose kernel is the identity."""
    cases = []
    logits = np.array([[60, -60, 0], [-60, 60, 1], [0.5, -0.25, 2]], "float32")
    classes = np.array([1, 0, 2], "int32")
    for how in ("dense", "activation_layer", "softmax_layer", "two_softmax"):
        for name, y in (("sparse_categorical_crossentropy", classes), ("categorical_crossentropy", np.eye(3, dtype="float32")[classes])):
            x = keras.Input((3,))
            dense = keras.layers.Dense(3, activation="softmax" if how in ("dense", "two_softmax") else None, kernel_initializer="identity")
            z = dense(x)
            if how != "dense":
                z = keras.layers.Softmax()(z) if how != "activation_layer" else keras.layers.Activation("softmax")(z)
            cases.append(one_step(f"{name}/{how}", keras.Model(x, z), dense, name, logits, y))
    x = keras.Input((3,))
    dense = keras.layers.Dense(3, activation="sigmoid", kernel_initializer="identity")
    cases.append(one_step("binary_crossentropy/dense", keras.Model(x, dense(x)), dense, "binary_crossentropy", logits, np.eye(3, dtype="float32")[classes]))
    return cases


def one_step(name, model, dense, loss, x, y):
    model.compile(keras.optimizers.SGD(1.0), loss)
    before = dense.get_weights()
    predictions = model.predict(x, verbose=0)
    tested = model.evaluate(x, y, verbose=0)
    value = model.train_on_batch(x, y)
    gradient = [b - a for b, a in zip(before, dense.get_weights())]
    return {
        "name": name, "loss": loss, "x": array(x), "y": array(y), "predictions": array(predictions),
        "train_loss": array(np.float32(value)), "evaluate_loss": array(np.float32(tested)), "kernel_gradient": array(gradient[0]), "bias_gradient": array(gradient[1]),
    }


def make():
    warnings.simplefilter("ignore")
    keras.backend.clear_session()
    cases = []
    mean_squared_error(cases)
    binary_crossentropy(cases)
    categorical_crossentropy(cases)
    sparse_categorical_crossentropy(cases)
    for family in (regression, hinges, probabilistic, focal, overlap, circle, ctc, masked):
        family(cases)
    write("losses", cases, after_activation=after_activation(), epsilon=keras.config.epsilon())


if __name__ == "__main__":
    make()
