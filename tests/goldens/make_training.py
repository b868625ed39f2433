"""training.json: whole runs of `fit` without shuffling: the histories, and the weights at the end."""

import warnings

from golden_format import array, arrays, normal, number, plain, rng, serialized, write

import keras
import numpy as np

L, O = keras.layers, keras.optimizers
EPOCHS, BATCH = 3, 16  # 100 or 40 samples: the last batch of an epoch is a smaller one


def dense_data():
    g = rng("dense data")
    x, hidden = normal(g, (100, 8)), normal(g, (8, 3))
    return x, np.argmax(x @ hidden + 0.5 * normal(g, (100, 3)), axis=1).astype("int32")


def image_data():
    g = rng("image data")
    y = g.integers(0, 3, 40).astype("int32")
    x = normal(g, (40, 8, 8, 1), 0.5)
    for image, label in zip(x, y):
        image[label * 2 : label * 2 + 3, 1:6] += 1
    return x, y


def targets_data():
    g = rng("targets data")
    x, _ = dense_data()
    return (np.tanh(x @ normal(g, (8, 2), 0.5))).astype("float32")


def dense_net(**first):
    return keras.Sequential([keras.Input((8,)), L.Dense(12, activation="relu", **first), L.Dense(3, activation="softmax")])


def conv_net():
    return keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(2), L.Flatten(), L.Dense(3, activation="softmax")])


def normalised_net():
    return keras.Sequential([
        keras.Input((8, 8, 1)), L.Conv2D(4, 3, padding="same", use_bias=False), L.BatchNormalization(momentum=0.9), L.ReLU(),
        L.MaxPooling2D(2), L.Flatten(), L.Dense(3, activation="softmax")])


def two_outputs():
    x = keras.Input((8,), name="x")
    hidden = L.Dense(10, activation="tanh", name="hidden")(x)
    return keras.Model(x, [L.Dense(3, activation="softmax", name="label")(hidden), L.Dense(2, name="value")(hidden)])


def give_weights(model, name):
    g = rng("weights " + name)
    for w in model.weights:
        value = normal(g, w.shape, 1 / np.sqrt(max(1, np.prod(w.shape[:-1]))))
        w.assign(abs(value) + 0.5 if "variance" in w.name or "gamma" in w.name else value)


# A run names its network (whose starting weights and data are written once) and says how it is compiled and fitted.
NETWORKS = {
    "dense": (dense_net, dense_data),
    "conv": (conv_net, image_data),
    "normalised": (normalised_net, image_data),
    "two_outputs": (two_outputs, dense_data),
    "dense_l1": (lambda: dense_net(kernel_regularizer="l1", bias_regularizer="l2"), dense_data),
    "dense_l2": (lambda: dense_net(kernel_regularizer=keras.regularizers.L2(0.02)), dense_data),
    "dense_l1l2_bias": (lambda: dense_net(bias_regularizer=keras.regularizers.L1L2(0.01, 0.05)), dense_data),
    "dense_activity": (lambda: dense_net(activity_regularizer=keras.regularizers.L2(0.05)), dense_data),
    "dense_all_regularizers": (
        lambda: dense_net(kernel_regularizer=keras.regularizers.L1(0.01), bias_regularizer=keras.regularizers.L2(0.1), activity_regularizer=keras.regularizers.L1L2(0.01, 0.01)),
        dense_data),
    "dense_max_norm": (lambda: dense_net(kernel_constraint=keras.constraints.MaxNorm(0.6), bias_constraint="non_neg"), dense_data),
    "dense_min_max_norm": (lambda: dense_net(kernel_constraint=keras.constraints.MinMaxNorm(0.2, 0.7, rate=0.5, axis=1)), dense_data),
    "conv_unit_norm": (
        lambda: keras.Sequential([
            keras.Input((8, 8, 1)), L.Conv2D(4, 3, kernel_constraint=keras.constraints.UnitNorm(axis=[0, 1, 2]), use_bias=False),
            L.BatchNormalization(gamma_constraint="unit_norm", beta_constraint=keras.constraints.NonNeg()), L.ReLU(), L.MaxPooling2D(2), L.Flatten(), L.Dense(3, activation="softmax")]),
        image_data),
    "dense_orthogonal": (lambda: dense_net(kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.25)), dense_data),
    "dense_orthogonal_columns": (lambda: dense_net(kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.5, "columns")), dense_data),
    "binary": (lambda: keras.Sequential([keras.Input((8,)), L.Dense(6, activation="tanh"), L.Dense(1, activation="sigmoid")]), dense_data),
    "logits": (lambda: keras.Sequential([keras.Input((8,)), L.Dense(6, activation="elu"), L.Dense(3)]), dense_data),
    "regression": (lambda: keras.Sequential([keras.Input((8,)), L.Dense(6, activation="tanh"), L.Dense(2)]), dense_data),
}

OPTIMIZERS = {
    "sgd": lambda: O.SGD(), "sgd_momentum": lambda: O.SGD(0.05, momentum=0.9), "sgd_nesterov": lambda: O.SGD(0.05, momentum=0.9, nesterov=True), "rmsprop": lambda: O.RMSprop(),
    "adagrad": lambda: O.Adagrad(), "adadelta": lambda: O.Adadelta(), "adadelta_rate1": lambda: O.Adadelta(1.0), "adam": lambda: O.Adam(),
    "adam_fast": lambda: O.Adam(0.02), "adamw": lambda: O.AdamW(), "nadam": lambda: O.Nadam(),
    "adamax": lambda: O.Adamax(), "adafactor": lambda: O.Adafactor(0.05), "ftrl": lambda: O.Ftrl(0.1), "lion": lambda: O.Lion(0.002), "lamb": lambda: O.Lamb(0.01),
    "muon": lambda: O.Muon(0.02), "muon_without_a_layer": lambda: O.Muon(0.02, exclude_layers=["dense_1/k", "nothing"]),
    "loss_scale": lambda: O.LossScaleOptimizer(O.Adam(0.01), initial_scale=64.0, dynamic_growth_steps=5),
    "multi": lambda: O.MultiOptimizer(O.OptimizerMap(O.SGD(0.05, momentum=0.9), {".*kernel": O.Adam(0.01)})),
    "sgd_exponential": lambda: O.SGD(O.schedules.ExponentialDecay(0.3, 4, 0.9), momentum=0.5),
    "adam_cosine": lambda: O.Adam(O.schedules.CosineDecay(0.01, 12)),
    "sgd_ema": lambda: O.SGD(0.1, use_ema=True, ema_momentum=0.9), "adam_accumulation": lambda: O.Adam(0.01, gradient_accumulation_steps=2),
    "sgd_clipnorm": lambda: O.SGD(0.1, clipnorm=0.2), "adam_decay": lambda: O.Adam(0.01, weight_decay=0.1, global_clipnorm=0.5),
}


def run(name, network, optimizer, loss="sparse_categorical_crossentropy", metrics=("accuracy",), y=None, compile_more=None, **fit_more):
    build, data = NETWORKS[network]
    keras.backend.clear_session()
    model = build()
    give_weights(model, network)
    x, classes = data()
    y = classes if y is None else y
    optimizer = OPTIMIZERS[optimizer]() if isinstance(optimizer, str) else optimizer
    model.compile(optimizer, loss, metrics=list(metrics) if isinstance(metrics, tuple) else metrics, jit_compile=False, **(compile_more or {}))
    record = serialized(model.get_compile_config())
    history = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0, **fit_more).history
    evaluated = model.evaluate(x, y, batch_size=BATCH, verbose=0, return_dict=True, **({"sample_weight": fit_more["sample_weight"]} if "sample_weight" in fit_more else {}))
    fit = dict(batch_size=BATCH, epochs=EPOCHS, shuffle=False)
    for key, value in fit_more.items():
        fit[key] = array(value) if isinstance(value, np.ndarray) else [array(v) for v in value] if key == "validation_data" else plain({str(k): v for k, v in value.items()} if isinstance(value, dict) else value)
    targets = y if isinstance(y, (list, tuple)) else [y]
    case = {
        "name": name, "network": network, "optimizer": serialized(model.optimizer), "loss": record["loss"], "metrics": record["metrics"],
        "loss_weights": record.get("loss_weights"), "weighted_metrics": record.get("weighted_metrics"), "y": arrays(targets), "fit": fit,
        "history": {k: [float(v) for v in values] for k, values in history.items()},
        "evaluate": {k: float(v) for k, v in evaluated.items()},  # over all samples, after the last epoch
        "final_weights": arrays(model.get_weights()),
    }
    return case


def networks():
    shared = {}
    for name, (build, _) in NETWORKS.items():
        keras.backend.clear_session()
        model = build()
        give_weights(model, name)
        shared[name] = {"model": serialized(model), "weight_names": [w.path for w in model.weights], "weights": arrays(model.get_weights()), "data": "image" if "conv" in name or name == "normalised" else "dense"}
    return shared


def make():
    warnings.simplefilter("ignore")
    x, classes = dense_data()
    images, labels = image_data()
    g = rng("training weights")
    weight = g.uniform(0, 2, 100).astype("float32")
    weight[5] = 0
    values, one_hot = targets_data(), np.eye(3, dtype="float32")[classes]
    binary = (classes == 1).astype("float32")
    classes_weight = {0: 1.0, 1: 3.0, 2: 0.25}

    cases = [run(f"dense/{name}", "dense", name, validation_split=0.1) for name in OPTIMIZERS]
    cases += [run(f"conv/{name}", "conv", name, validation_split=0.1) for name in ("sgd", "sgd_nesterov", "rmsprop", "adagrad", "adadelta_rate1", "adam", "adamw", "nadam")]
    cases += [run(f"normalised/{name}", "normalised", name, validation_split=0.1) for name in ("sgd", "sgd_momentum", "sgd_nesterov")]
    cases += [
        run("plain", "dense", "adam_fast"),
        run("sample_weight", "dense", "sgd_momentum", sample_weight=weight),
        run("sample_weight/validation_split", "dense", "sgd_momentum", sample_weight=weight, validation_split=0.1),
        run("sample_weight/weighted_metrics", "dense", "sgd_momentum", sample_weight=weight, compile_more={"weighted_metrics": ["accuracy", "sparse_categorical_crossentropy"]}, metrics=None),
        run("class_weight", "dense", "sgd_momentum", class_weight=classes_weight),
        run("class_weight/validation_split", "dense", "sgd_momentum", class_weight=classes_weight, validation_split=0.1),
        run("class_weight/partial", "dense", "sgd_momentum", class_weight={1: 5.0}),
        run("class_weight/one_hot", "dense", "sgd_momentum", "categorical_crossentropy", y=one_hot, class_weight=classes_weight),
        run("class_weight/weighted_metrics", "dense", "sgd_momentum", class_weight=classes_weight, metrics=None, compile_more={"weighted_metrics": ["accuracy"]}),
        run("validation_data", "dense", "adam_fast", validation_data=(x[:21], classes[:21])),
        run("validation_data/weights", "dense", "adam_fast", validation_data=(x[:21], classes[:21], weight[:21])),
        run("categorical", "dense", "adam_fast", "categorical_crossentropy", ("accuracy", "categorical_crossentropy", "mse"), y=one_hot, validation_split=0.1),
        run("label_smoothing", "dense", "adam_fast", keras.losses.CategoricalCrossentropy(label_smoothing=0.1), y=one_hot),
        run("top_k", "dense", "adam_fast", metrics=("accuracy", keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="top2"))),
        run("binary", "binary", "adam_fast", "binary_crossentropy", ("accuracy", "mse"), y=binary.reshape(-1, 1), validation_split=0.1),
        run("binary/targets_rank1", "binary", "adam_fast", "binary_crossentropy", y=binary, validation_split=0.1),
        run("logits", "logits", "adam_fast", keras.losses.SparseCategoricalCrossentropy(from_logits=True), validation_split=0.1),
        run("logits/reduction_sum", "logits", O.SGD(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")),
        run("logits/mean_with_sample_weight", "logits", O.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean_with_sample_weight"), sample_weight=weight),
        run("regression", "regression", "adam_fast", "mse", ("mse", "mean_squared_error"), y=values, validation_split=0.1),
    ]
    cases += [run(f"{name}", name, "sgd_momentum", validation_split=0.1) for name in NETWORKS if name.startswith("dense_")]
    cases += [run("dense_all_regularizers/sample_weight", "dense_all_regularizers", "sgd_momentum", sample_weight=weight)]
    M = keras.metrics
    cases += [
        run("dense_max_norm/accumulation", "dense_max_norm", "adam_accumulation"),
        run("dense_max_norm/ema", "dense_max_norm", "sgd_ema"),
        run("conv_unit_norm", "conv_unit_norm", "sgd_momentum", validation_split=0.1),
        run("counting_metrics", "binary", "adam_fast", keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True), (
            M.AUC(num_thresholds=20), M.AUC(curve="PR", num_thresholds=20, name="pr"), M.Precision(), M.Recall(thresholds=0.25), M.TruePositives(), M.BinaryIoU(),
            M.F1Score(average="micro", threshold=0.5), M.SensitivityAtSpecificity(0.5, num_thresholds=20)),
            y=binary.reshape(-1, 1), validation_split=0.1),
        run("class_metrics", "dense", "adam_fast", keras.losses.CategoricalFocalCrossentropy(gamma=1.0), (
            M.F1Score(average="macro"), M.Precision(top_k=1, class_id=2), M.OneHotMeanIoU(num_classes=3), "kl_divergence", "categorical_hinge"),
            y=one_hot, compile_more={"weighted_metrics": [M.Recall(class_id=1), M.AUC(multi_label=True, num_labels=3, num_thresholds=10)]}, sample_weight=weight),
        run("regression_metrics", "regression", "adam_fast", keras.losses.Huber(), (M.R2Score(), "mae", "cosine_similarity", M.PearsonCorrelation(), "log_cosh_error"), y=values, validation_split=0.1),
    ]
    both = [classes, values]
    cases += [
        run("two_outputs", "two_outputs", "adam_fast", ["sparse_categorical_crossentropy", "mse"], [["accuracy"], ["mse"]], y=both, validation_split=0.1),
        run("two_outputs/loss_weights", "two_outputs", "adam_fast", ["sparse_categorical_crossentropy", "mse"], [["accuracy"], ["mse"]], y=both, compile_more={"loss_weights": [0.3, 2.0]}, validation_split=0.1),
        run("two_outputs/dictionaries", "two_outputs", "sgd_momentum", {"label": "sparse_categorical_crossentropy", "value": "mse"}, {"label": "accuracy"}, y=both, compile_more={"loss_weights": {"label": 1.0, "value": 0.5}}),
        run("two_outputs/one_loss", "two_outputs", "sgd_momentum", [None, "mse"], None, y=both),
    ]
    note = "With several outputs, Keras on TensorFlow averages each output's own loss over batches without weights (on JAX by samples); `loss` is weighted by samples."
    write("training", cases, note=note, networks=networks(), data={"dense": {"x": array(x), "y": array(classes)}, "image": {"x": array(images), "y": array(labels)}})


if __name__ == "__main__":
    make()
