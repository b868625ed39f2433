"""Real Keras at work on one model, on any backend: what `exchange_with_keras.py` and the scripts that make models of random ones compare hebb with.

    model = load(path); train(model, case); y = predict(model, case.inputs)
"""

import io
import json
import logging
import os
import sys
import warnings
import zipfile

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("HEBB_TUNE", "off")
os.environ.setdefault("HEBB_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

if hasattr(keras, "tree"):
    tree = keras.tree
else:  # Keras 3.0 and 3.1
    import tree  # noqa: E402

    if not hasattr(tree, "pack_sequence_as"):
        tree.pack_sequence_as = tree.unflatten_as

BATCH, EPOCHS = 4, 2


def version(text):
    return tuple(map(int, text.split(".")[:2]))


class Warned(logging.Handler):
    """What Keras warns of, by whichever way."""

    def __init__(self):
        super().__init__()
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())

    def __enter__(self):
        self.caught = warnings.catch_warnings(record=True)
        self.list = self.caught.__enter__()
        warnings.simplefilter("always")
        self.loggers = [logging.getLogger("absl"), logging.getLogger()]
        for logger in self.loggers:
            logger.addHandler(self)
        return self

    def __exit__(self, *error):
        self.caught.__exit__(*error)
        for logger in self.loggers:
            logger.removeHandler(self)
        self.texts += [str(w.message) for w in self.list]


def add_up_rows():
    """On TensorFlow: the gradient of an `Embedding` as the sum of its rows, as everywhere else (docs/architecture.md)."""
    import tensorflow as tf

    apply = keras.Optimizer.apply

    def of_sums(self, gradients, *arguments, **named):
        return apply(self, [tf.convert_to_tensor(g) if isinstance(g, tf.IndexedSlices) else g for g in gradients], *arguments, **named)

    keras.Optimizer.apply = of_sums


def mean_activities():
    """Up to Keras 3.13: regularizers of activities divided by the number of examples, as later ones do (docs/architecture.md)."""

    def of_layer(self):
        regularizer = self.__dict__.get("_given_activity_regularizer")
        if regularizer is None or sys._getframe(1).f_code.co_name != "__call__":  # its configuration is asked for
            return regularizer
        return lambda output: regularizer(output) / output.shape[0]

    keras.Layer.activity_regularizer = property(of_layer, lambda self, value: self.__dict__.update(_given_activity_regularizer=value))


if keras.backend.backend() == "tensorflow":
    add_up_rows()
if version(keras.__version__) < (3, 14):
    mean_activities()


def one_or_all(values):
    return values[0] if len(values) == 1 else values


def is_text(x):
    return x.dtype.kind == "U"


def tensor(x):
    return keras.ops.convert_to_tensor(x.astype(object), "string") if is_text(x) else keras.ops.convert_to_tensor(x)


def is_nested(structure):
    """Not one tensor, nor a list of several."""
    return isinstance(structure, dict) or isinstance(structure, (list, tuple)) and (len(structure) == 1 or any(isinstance(part, (list, tuple, dict)) for part in structure))


def packed(model, values):
    structure = getattr(model, "_inputs_struct", None)
    return tree.pack_sequence_as(structure, values) if is_nested(structure) else one_or_all(values)


def given(model, values):
    return packed(model, [tensor(x) for x in values] if any(map(is_text, values)) else values)  # Keras does not take arrays of texts


def wanted(model, values):
    return tree.pack_sequence_as(model._outputs_struct, values) if isinstance(getattr(model, "_outputs_struct", None), dict) else one_or_all(values)


def batch_of(model, inputs):
    """How many examples go through at once: all, but where the model says how many."""
    return model.inputs[0].shape[0] or len(inputs[0])


def predict(model, inputs):
    batch, parts = batch_of(model, inputs), []
    for at in range(0, len(inputs[0]), batch):
        y = model(packed(model, [tensor(x[at : at + batch]) for x in inputs]), training=False)
        parts.append([keras.ops.convert_to_numpy(t) for t in tree.flatten(y)])
    return [np.concatenate(part) if len(part) > 1 else part[0] for part in zip(*parts)]


def train(model, case, epochs=EPOCHS):
    model.reset_metrics()
    for _ in range(epochs):
        for at in range(0, len(case.inputs[0]), BATCH):
            part = slice(at, at + BATCH)
            weight = None if case.weights is None else case.weights[part]
            model.train_on_batch(given(model, [x[part] for x in case.inputs]), wanted(model, [y[part] for y in case.targets]), sample_weight=weight)
    model.optimizer.finalize_variable_values(model.trainable_weights)


def forget(model):
    """Recurrent layers that keep their states begin anew, as those of a file do."""
    for layer in model._flatten_layers():
        for state in tree.flatten(getattr(layer, "states", None)):  # not by `reset_state`, which knows no cells inside of cells
            if hasattr(state, "assign"):
                state.assign(keras.ops.zeros_like(state))


def load(path):
    model = keras.saving.load_model(of_today(path))
    model.run_eagerly = True
    return model


def of_today(path):
    """The file, or one beside it that has the optimizer's variables in the order of Keras 3.10 and later, which does not read the earlier one."""
    if version(keras.__version__) < (3, 10) or not zipfile.is_zipfile(path):
        return path
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    optimizer = (json.loads(parts["config.json"]).get("compile_config") or {}).get("optimizer")
    if version(json.loads(parts["metadata.json"])["keras_version"]) >= (3, 10) or not optimizer:
        return path
    options = optimizer["config"]
    count = len(keras.saving.load_model(path, compile=False).trainable_variables)
    stored = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(stored, "a") as weights:
        group = weights["optimizer/vars"]
        values = [group[str(i)][()] for i in range(len(group))]
        first = 1 if isinstance(options.get("learning_rate"), dict) else 2
        if len(values) > first and options.get("use_ema") and options.get("gradient_accumulation_steps"):
            beside = values[first : first + 2 * count]
            values[first : first + 2 * count] = beside[::2] + beside[1::2]
        if len(values) > first and optimizer["class_name"] == "Nadam":
            values.append(values.pop(-1 - 2 * count))
        for i, value in enumerate(values):
            del group[str(i)]
            group[str(i)] = value
    parts["model.weights.h5"] = stored.getvalue()
    with zipfile.ZipFile(path + ".today.keras", "w") as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return path + ".today.keras"


def values(variables):
    return [np.asarray(keras.ops.convert_to_numpy(v.value)).astype("float64") for v in variables]


ROUNDING = {"float16": 2.0**-11, "bfloat16": 2.0**-8}


def rounding_of(model):
    """How coarsely the model's layers and operations round what they compute: by float32 at least."""
    types = {layer.compute_dtype for layer in model._flatten_layers()}
    for operation in getattr(model, "operations", ()):
        types |= {t.dtype for node in operation._inbound_nodes for t in node.output_tensors}
    return max([2.0**-24, *(ROUNDING.get(name, 0.0) for name in types)])


def perturb(model, seed):
    g, size = np.random.default_rng(seed), 5 * rounding_of(model)
    for v in model.weights:
        if "float" in str(v.dtype):
            a = keras.ops.convert_to_numpy(v.value).astype("float32")
            v.assign((a * (1 + size * g.normal(size=a.shape))).astype("float32"))


def clear_session():
    """Without collecting garbage, which takes as long as a small model; old versions always do."""
    try:
        keras.backend.clear_session(free_memory=False)
    except TypeError:
        keras.backend.clear_session()
