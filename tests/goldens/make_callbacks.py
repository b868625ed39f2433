"""callbacks.json: what Keras's callbacks do, and print, on made-up histories."""

import contextlib
import io
import os
import tempfile
import warnings

from golden_format import plain, write

import keras
import numpy as np

C = keras.callbacks
NAN = float("nan")

FALLING = [1.0, 0.8, 0.7, 0.65, 0.64, 0.66, 0.63, 0.64, 0.65, 0.66, 0.67, 0.6]
RISING = [0.1, 0.5, 0.6, 0.6, 0.59, 0.7, 0.7, 0.69, 0.68, 0.71, 0.7, 0.7]
FLAT = [1.0] * 8
WITH_NAN = [1.0, NAN, NAN, 0.9, NAN, 0.8, 0.85, 0.9]

EARLY_STOPPING = [
    ({}, "val_loss", FALLING), (dict(patience=2), "val_loss", FALLING), (dict(patience=3), "val_loss", FALLING), (dict(patience=4), "val_loss", FALLING), (dict(patience=100), "val_loss", FALLING),
    (dict(min_delta=0.03, patience=2), "val_loss", FALLING), (dict(min_delta=-0.03, patience=2), "val_loss", FALLING), (dict(min_delta=0.1, patience=1), "val_loss", FALLING),
    (dict(monitor="val_accuracy", patience=2), "val_accuracy", RISING), (dict(monitor="val_accuracy", patience=3), "val_accuracy", RISING),
    (dict(monitor="val_accuracy", min_delta=0.05, patience=3), "val_accuracy", RISING), (dict(monitor="accuracy", patience=1), "accuracy", RISING), (dict(monitor="loss", patience=1), "loss", FALLING),
    (dict(monitor="score", mode="max", patience=2), "score", RISING), (dict(monitor="score", mode="min", patience=2), "score", RISING), (dict(monitor="val_loss", mode="max", patience=2), "val_loss", FALLING),
    (dict(baseline=0.68, patience=2), "val_loss", FALLING), (dict(baseline=0.68, patience=4), "val_loss", FALLING), (dict(baseline=0.1, patience=3), "val_loss", FALLING), (dict(baseline=2.0, patience=2), "val_loss", FALLING),
    (dict(monitor="val_accuracy", baseline=0.65, patience=3), "val_accuracy", RISING),
    (dict(restore_best_weights=True, patience=2), "val_loss", FALLING), (dict(restore_best_weights=True, patience=100), "val_loss", FALLING), (dict(restore_best_weights=True, patience=3, baseline=0.1), "val_loss", FALLING),
    (dict(restore_best_weights=True, patience=2, min_delta=0.05), "val_loss", FALLING), (dict(restore_best_weights=True, patience=1, start_from_epoch=3), "val_loss", FALLING),
    (dict(start_from_epoch=5, patience=1), "val_loss", FALLING), (dict(start_from_epoch=5, patience=0), "val_loss", FALLING), (dict(start_from_epoch=50), "val_loss", FALLING),
    (dict(patience=0), "val_loss", FLAT), (dict(patience=1), "val_loss", FLAT), (dict(patience=2, restore_best_weights=True), "val_loss", FLAT),
    (dict(patience=2), "val_loss", WITH_NAN), (dict(patience=0), "val_loss", WITH_NAN), (dict(patience=1), "val_loss", [NAN] * 4), (dict(patience=2, restore_best_weights=True), "val_loss", WITH_NAN),
    (dict(patience=1, restore_best_weights=True), "val_loss", [NAN, 0.5, 0.6, 0.7]),
    (dict(patience=1), "other", FALLING), (dict(monitor="other", mode="auto"), "other", FALLING), (dict(monitor="val_loss", mode="wrong", patience=2), "val_loss", FALLING),
]

REDUCE = [
    ({}, "val_loss", FLAT), (dict(patience=2), "val_loss", FALLING), (dict(patience=1), "val_loss", FALLING), (dict(patience=2), "val_loss", FLAT), (dict(patience=2, factor=0.5), "val_loss", FLAT), (dict(patience=1, factor=0.5), "val_loss", FLAT),
    (dict(patience=0, factor=0.5), "val_loss", FLAT), (dict(patience=1, factor=0.5, cooldown=2), "val_loss", FLAT), (dict(patience=2, factor=0.1, cooldown=1), "val_loss", FLAT), (dict(patience=1, factor=0.2, min_lr=0.003), "val_loss", FLAT),
    (dict(patience=1, factor=0.5, min_lr=0.01), "val_loss", FLAT), (dict(patience=2, min_delta=0.1), "val_loss", FALLING), (dict(monitor="val_accuracy", patience=2, factor=0.3), "val_accuracy", RISING),
    (dict(monitor="score", mode="max", patience=2), "score", RISING), (dict(patience=1, factor=0.5), "val_loss", WITH_NAN), (dict(patience=1), "other", FALLING), (dict(patience=1, factor=0.5, cooldown=1), "val_loss", FALLING),
]


def tiny_model(learning_rate=0.01):
    keras.backend.clear_session()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(learning_rate), "mse", metrics=["accuracy"], jit_compile=False)
    model.train_on_batch(np.zeros((1, 1), "float32"), np.zeros((1, 1), "float32"))  # builds the metrics, for mode="auto"
    return model


@contextlib.contextmanager
def recorded(record):
    """Standard output and the warnings of a block."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (ValueError, KeyError) as e:
            record["error"] = str(e.args[0])
    record["printed"] = out.getvalue()
    record["warnings"] = sorted({str(w.message) for w in caught if issubclass(w.category, UserWarning)})


def early_stopping(arguments, key, values):
    model = tiny_model()
    record = {"callback": "EarlyStopping", "arguments": arguments, "metric": key, "values": values}
    with recorded(record):
        callback = C.EarlyStopping(verbose=1, **arguments)
        callback.set_model(model)
        model.stop_training = False
        callback.on_train_begin()
        for epoch, value in enumerate(values):
            model.set_weights([np.full((1, 1), epoch + 1, "float32")])  # the weights tell the epoch (from 1) they are of
            callback.on_epoch_end(epoch, {key: value})
            record["epochs_run"] = epoch + 1
            if model.stop_training:
                break
        callback.on_train_end()
        record.update(stopped=model.stop_training, stopped_epoch=callback.stopped_epoch, best=None if callback.best is None else float(callback.best), best_epoch=callback.best_epoch,
                      weights_of_epoch=int(model.get_weights()[0][0, 0]))
    return record


def reduce_on_plateau(arguments, key, values):
    model = tiny_model()
    record = {"callback": "ReduceLROnPlateau", "arguments": arguments, "metric": key, "values": values, "initial_learning_rate": 0.01, "learning_rates": []}
    with recorded(record):
        callback = C.ReduceLROnPlateau(verbose=1, **arguments)
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, value in enumerate(values):
            logs = {key: value}
            callback.on_epoch_end(epoch, logs)
            record["learning_rates"].append(float(str(np.float32(model.optimizer.learning_rate))))
        record["last_logs"] = {k: float(v) for k, v in logs.items()}
    return record


def schedulers():
    """LearningRateScheduler: the function of (epoch, rate) is written out as the rates it returns."""
    records = []
    for name, schedule in [("halving", lambda epoch, rate: rate * 0.5), ("by_epoch", lambda epoch: 0.1 / (epoch + 1)), ("constant", lambda epoch, rate: 0.003)]:
        model = tiny_model()
        record = {"callback": "LearningRateScheduler", "name": name, "initial_learning_rate": 0.01, "learning_rates": [], "logged": []}
        with recorded(record):
            callback = C.LearningRateScheduler(schedule, verbose=1)
            callback.set_model(model)
            for epoch in range(4):
                callback.on_epoch_begin(epoch)
                logs = {"loss": 1.0}
                callback.on_epoch_end(epoch, logs)
                record["learning_rates"].append(float(str(np.float32(model.optimizer.learning_rate))))
                record["logged"].append(float(logs["learning_rate"]))
        records.append(record)
    return records


CHECKPOINT = [
    (dict(filepath="m.keras"), FALLING[:4]), (dict(filepath="m.keras", save_best_only=True), FALLING), (dict(filepath="m-{epoch:02d}-{val_loss:.2f}.keras"), FALLING[:3]),
    (dict(filepath="m.weights.h5", save_weights_only=True, save_best_only=True), FALLING[:7]), (dict(filepath="m.keras", monitor="val_accuracy", save_best_only=True), RISING),
    (dict(filepath="m.keras", save_best_only=True, initial_value_threshold=0.66), FALLING), (dict(filepath="m.keras", save_best_only=True, mode="max"), FALLING), (dict(filepath="m.keras", save_best_only=True), WITH_NAN),
    (dict(filepath="m.keras", save_best_only=True, monitor="missing", mode="min"), FALLING[:2]), (dict(filepath="m.h4"), FALLING[:1]), (dict(filepath="m.keras", save_weights_only=True), FALLING[:1]),
    (dict(filepath="m-{nothing}.keras"), FALLING[:1]),
]


def model_checkpoint(arguments, values):
    model = tiny_model()
    key = "val_accuracy" if arguments.get("monitor") == "val_accuracy" else "val_loss"
    record = {"callback": "ModelCheckpoint", "arguments": arguments, "metric": key, "values": values, "saved_at_epochs": []}
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            with recorded(record):
                callback = C.ModelCheckpoint(verbose=1, **arguments)
                callback.set_model(model)
                model.stop_training = False
                callback.on_train_begin()
                for epoch, value in enumerate(values):
                    before = {f: os.stat(f).st_mtime_ns for f in os.listdir()}
                    callback.on_epoch_begin(epoch)
                    callback.on_epoch_end(epoch, {key: value})
                    if {f: os.stat(f).st_mtime_ns for f in os.listdir()} != before:
                        record["saved_at_epochs"].append(epoch + 1)
            record["files"] = sorted(os.listdir())
        finally:
            os.chdir(here)
    return record


def csv_logger():
    records = []
    logs = [[{"loss": 0.5, "accuracy": 0.25}, {"loss": 0.25, "accuracy": 1.0}], [{"val_loss": 0.1, "loss": np.float32(0.1), "accuracy": 1 / 3}, {"val_loss": 1e-9, "loss": NAN, "accuracy": 123456789.0}, {"loss": 2.0}]]
    for name, arguments, runs in [("plain", {}, [logs[0]]), ("validation", {}, [logs[1]]), ("separator", dict(separator=";"), [logs[0]]), ("overwrite", {}, [logs[0], logs[0][:1]]), ("append", dict(append=True), [logs[0], logs[0][:1]])]:
        model = tiny_model()
        record = {"callback": "CSVLogger", "name": name, "arguments": arguments, "runs": plain([[{k: float(v) for k, v in row.items()} for row in run] for run in runs])}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log.csv")
            for run in runs:
                callback = C.CSVLogger(path, **arguments)
                callback.set_model(model)
                callback.on_train_begin()
                for epoch, row in enumerate(run):
                    callback.on_epoch_end(epoch, dict(row))
                callback.on_train_end()
            with open(path, newline="") as f:
                record["file"] = f.read()
        records.append(record)
    return records


def terminate_on_nan():
    records = []
    for values, arguments in [([1.0, 0.5, NAN, 0.2], {}), ([float("inf")], {}), ([1.0, 2.0], {}), ([1.0, NAN, 2.0], dict(raise_error=True)), ([1.0, 2.0], dict(raise_error=True))]:
        model = tiny_model()
        record = {"callback": "TerminateOnNaN", "arguments": arguments, "values": values, "raised": ""}
        with recorded(record):
            callback = C.TerminateOnNaN(**arguments)
            callback.set_model(model)
            model.stop_training = False
            for batch, value in enumerate(values):
                try:
                    callback.on_train_batch_end(batch, {"loss": value})
                except RuntimeError as error:
                    record["raised"] = str(error)
                    break
                record["batches_run"] = batch + 1
                if model.stop_training:
                    break
        record["stopped"] = model.stop_training
        records.append(record)
    return records


def make():
    cases = [early_stopping(*c) for c in EARLY_STOPPING] + [reduce_on_plateau(*c) for c in REDUCE] + schedulers()
    cases += [model_checkpoint(*c) for c in CHECKPOINT] + csv_logger() + terminate_on_nan()
    write("callbacks", cases)


if __name__ == "__main__":
    make()
