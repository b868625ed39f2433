#!/usr/bin/env python3
"""Do hebb and real Keras exchange models? Random models, in both directions; not a part of the tests, since it takes a second each.

  exchange_with_keras.py --hebb build/hebb [--seeds 0:500] [--keep FOLDER] [--classes] [--counts FILE] [--second jax,tensorflow]
  exchange_with_keras.py --hebb build/hebb --again FOLDER [FOLDER ...]

For each seed Keras makes a model (`exchange_models.py`), trains it some steps and saves it as .keras and .h5; then

- `hebb predict` computes what Keras predicts, from both files;
- `hebb evaluate` finds Keras's loss and metrics, and `hebb train` gets Keras's weights and optimizer state within some steps, from both files;
- Keras opens what hebb trained, as .keras and as .h5, without a warning: the same configuration, the same way to train, the same weights and state,
  the same predictions; and it trains on;
- the architecture alone goes through hebb unchanged, weights alone come over, too.

Where numbers differ by more than rounding, Keras computes again with weights that are changed by as much as rounding changes them: what changes
as much then is no difference. Prints a line for each difference and at last how many there were. KERAS_BACKEND chooses the backend (torch is quickest);
`--again` compares what `--keep` kept once more, on any backend; `--second` does so at once with what differs, since Keras's backends do not agree
everywhere: on PyTorch a `ConvLSTM3D` pads otherwise, `LayerNormalization` over one axis takes the last one, and the slope of `selu` at 0 is TensorFlow's alone.
Inputs of texts are drawn on TensorFlow alone, which has tensors of them.
"""

import argparse
import collections
import gc
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import zipfile

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("HEBB_TUNE", "off")
os.environ.setdefault("HEBB_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from exchange_layers import Skip  # noqa: E402
from exchange_models import random_case  # noqa: E402

BATCH, EPOCHS = 4, 2


class Different(Exception):
    pass


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


if keras.backend.backend() == "tensorflow":
    add_up_rows()


def one_or_all(values):
    return values[0] if len(values) == 1 else values


def flat(model, result):
    """Outputs in the order of model.outputs."""
    return [np.asarray(y) for y in keras.tree.flatten(result)]


def is_text(x):
    return x.dtype.kind == "U"


def tensor(x):
    return keras.ops.convert_to_tensor(x.astype(object), "string") if is_text(x) else keras.ops.convert_to_tensor(x)


def packed(model, values):
    return keras.tree.pack_sequence_as(model._inputs_struct, values) if isinstance(getattr(model, "_inputs_struct", None), dict) else one_or_all(values)


def given(model, values):
    return packed(model, [tensor(x) for x in values] if any(map(is_text, values)) else values)  # Keras does not take arrays of texts


def wanted(model, values):
    return keras.tree.pack_sequence_as(model._outputs_struct, values) if isinstance(getattr(model, "_outputs_struct", None), dict) else one_or_all(values)


def batch_of(model, inputs):
    """How many examples go through at once: all, but where the model says how many."""
    return model.inputs[0].shape[0] or len(inputs[0])


def predict(model, inputs):
    batch, parts = batch_of(model, inputs), []
    for at in range(0, len(inputs[0]), batch):
        y = model(packed(model, [tensor(x[at : at + batch]) for x in inputs]), training=False)
        parts.append([keras.ops.convert_to_numpy(t) for t in keras.tree.flatten(y)])
    return [np.concatenate(part) if len(part) > 1 else part[0] for part in zip(*parts)]


def train(model, case, epochs=EPOCHS):
    model.reset_metrics()
    for _ in range(epochs):
        for at in range(0, len(case.inputs[0]), BATCH):
            part = slice(at, at + BATCH)
            weight = None if case.weights is None else case.weights[part]
            model.train_on_batch(given(model, [x[part] for x in case.inputs]), wanted(model, [y[part] for y in case.targets]), sample_weight=weight)
    model.optimizer.finalize_variable_values(model.trainable_weights)


def load(path):
    model = keras.saving.load_model(path)
    model.run_eagerly = True
    return model


def values(variables):
    return [np.asarray(keras.ops.convert_to_numpy(v.value)).astype("float64") for v in variables]


def furthest(a, b):
    """How far two arrays are apart, as a part of the magnitude of the second; NaN where it is NaN."""
    if a.shape != b.shape:
        return float("inf")
    if a.size == 0:
        return 0.0
    bad = ~np.isfinite(b)
    if (bad != ~np.isfinite(a)).any():
        return float("inf")
    good = ~bad
    scale = max(1.0, float(np.abs(b[good]).max(initial=0)))
    return float(np.abs(a[good] - b[good]).max(initial=0)) / scale


def perturb(model, seed, size=3e-7):
    g = np.random.default_rng(seed)
    for v in model.weights:
        if "float" in str(v.dtype):
            a = keras.ops.convert_to_numpy(v.value)
            v.assign((a * (1 + size * g.normal(size=a.shape))).astype("float32"))


class Exchange:
    def __init__(self, case, folder, hebb):
        self.case, self.folder, self.hebb = case, folder, hebb
        self.found = []
        self.beside = {}
        self.arrays = os.path.join(folder, "x.npz")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *arguments, allow=False):
        done = subprocess.run([self.hebb, *arguments], capture_output=True, text=True)
        if done.returncode != 0 and not allow:
            raise Different(f"hebb {' '.join(arguments[:1])}: status {done.returncode}: {done.stderr.strip()[-600:]}")
        return done.stdout

    def step(self, name, body):
        try:
            body()
        except Different as difference:
            self.found.append(f"{name}: {difference}")
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.found.append(f"{name}: {type(error).__name__}: {str(error)[:700]} ({os.path.basename(place.filename)}:{place.lineno})")

    # --- Keras first

    def prepare(self):
        case, model = self.case, self.case.model
        if isinstance(case.compile, dict):
            model.compile(**case.compile, run_eagerly=True)
            if case.trained:
                train(model, case, case.trained)
        case.model.run_eagerly = False
        if model.compiled:
            model._compile_config.config.pop("run_eagerly", None)
            model._compile_config.config["run_eagerly"] = False
        model.save(self.path("m.keras"))
        self.has_h5 = True
        try:
            model.save(self.path("m.h5"))
        except Exception:
            self.has_h5 = False  # Keras cannot write it
        with open(self.path("m.json"), "w") as f:
            f.write(model.to_json())
        model.save_weights(self.path("m.weights.h5"))
        self.reference = load(self.path("m.keras"))
        paths = [v.path for v in self.reference.weights]
        if keras.backend.backend() == "torch" and len(set(paths)) < len(paths):
            case.random = True  # Keras keeps PyTorch's parameters by their paths: of two with one path it clears no gradient but the last one's
        self.predictions = predict(self.reference, case.inputs)
        self.has_one_loss = not self.losses_differ(model)
        case.random = case.random or not self.has_one_loss
        self.config = self.reference.get_config()
        arrays = {f"x{i}": x for i, x in enumerate(case.inputs)}
        if case.compile:
            arrays |= {f"y{i}": y for i, y in enumerate(case.targets)}
            if case.weights is not None:
                arrays["sample_weight"] = case.weights
        np.savez(self.arrays, **arrays)
        np.savez(self.path("in.npz"), **{f"x{i}": x for i, x in enumerate(case.inputs)})

    def losses_differ(self, model):
        """Whether Keras's loss depends on the backend, or means nothing."""
        if any(getattr(layer, "lora_enabled", False) for layer in model._flatten_layers()):
            return True  # Keras reads low-rank matrices as zeros, which their regularizers show
        saturated = (keras.activations.softmax, keras.activations.sigmoid)
        for y, t in zip(self.predictions, model.outputs):
            history = t._keras_history.operation
            # On TensorFlow Keras takes the logits for its loss, as hebb does, elsewhere these clipped: 1e-7 at least.
            if getattr(history, "activation", None) in saturated and np.isfinite(y).all() and (y.min() < 2e-7 or y.max() > 1 - 2e-7):
                return True
            # The mask of attention scores, for losses with other axes.
            mask = getattr(t, "_keras_mask", None)
            if mask is not None and len(mask.shape) > 2:
                return True
        return False

    def judge(self, what, ours, theirs, names, tolerance, again):
        """Raises where numbers differ; `again()` gives what Keras finds when it begins a rounding error beside."""
        if len(ours) != len(theirs):
            raise Different(f"{what}: {len(ours)} instead of {len(theirs)}")
        for i, (a, b) in enumerate(zip(ours, theirs)):
            if a.shape != b.shape:
                raise Different(f"{what} {names[i]}: shape {a.shape} instead of {b.shape}")
        distance = [furthest(a, b) for a, b in zip(ours, theirs)]
        if all(x <= tolerance for x in distance):
            return
        noise = [0.0] * len(theirs)
        for k in range(3):
            noise = [max(n, furthest(c, b)) for n, c, b in zip(noise, again(k), theirs)]
        for i, (x, n) in enumerate(zip(distance, noise)):
            if not x <= tolerance + 20 * n and not self.is_sign_of_nothing(ours[i], theirs[i], tolerance):
                raise Different(f"{what} {names[i]}: differs by {x:.3g} (rounding: {n:.3g}) {ours[i].ravel()[:4]} {theirs[i].ravel()[:4]}")

    def is_sign_of_nothing(self, ours, theirs, tolerance):
        """Lion steps by the sign of a number: where that is zero but for rounding, by anything. A few elements."""
        optimizer = getattr(self.reference, "optimizer", None)
        beside = np.abs(ours - theirs) > tolerance * max(1.0, float(np.abs(theirs).max(initial=0)))
        return "Lion" in str(optimizer and keras.saving.serialize_keras_object(optimizer)) and beside.sum() <= max(1, 0.1 * ours.size)

    def predictions_of(self, path):
        batch = batch_of(self.reference, self.case.inputs)
        self.run("predict", self.path(path), "--input", self.path("in.npz"), "--output", self.path("out.npz"), "--batch-size", str(batch))
        with np.load(self.path("out.npz")) as f:
            ours = [f[n] for n in f.files]
        def again(k):
            model = load(self.path("m.keras"))
            perturb(model, k)
            return predict(model, self.case.inputs)
        self.judge("output", ours, self.predictions, list(range(len(ours))), 2e-5, again)

    # --- hebb trains

    def fresh(self):
        """The model as it was saved: where recurrent layers keep their states, every call changes it."""
        return load(self.path("m.keras")) if any(getattr(layer, "stateful", False) for layer in self.reference._flatten_layers()) else self.reference

    def learn(self):
        reference = self.fresh()
        self.evaluated = reference.evaluate(given(reference, self.case.inputs), wanted(reference, self.case.targets), batch_size=batch_of(reference, self.case.inputs), sample_weight=self.case.weights, verbose=0, return_dict=True)
        reference = self.reference = self.fresh()
        train(reference, self.case)
        self.state = values(reference.optimizer.variables)
        self.after = values(reference.weights)
        self.finite = all(np.isfinite(a).all() for a in self.after + self.state) and not self.overflowed()

    def overflowed(self):
        """Whether a LossScaleOptimizer left steps out, whose gradients were not finite: hebb's may be."""
        scales = [np.asarray(keras.ops.convert_to_numpy(v.value)) for v in self.reference.optimizer.variables if v.path.endswith("/dynamic_scale")]
        return any(scale < self.reference.optimizer.initial_scale for scale in scales)

    def evaluation(self, path):
        batch = batch_of(self.reference, self.case.inputs)
        ours = json.loads(self.run("evaluate", self.path(path), "--data", self.arrays, "--json", "--batch-size", str(batch)))
        for name, theirs in self.evaluated.items() if self.has_one_loss else ():
            theirs = np.asarray(theirs, dtype="float64")
            if theirs.ndim:
                continue
            if name not in ours:
                raise Different(f"evaluate has no {name}: {sorted(ours)} instead of {sorted(self.evaluated)}")
            if ours[name] is None or isinstance(ours[name], str):
                if np.isfinite(theirs):
                    raise Different(f"{name}: {ours[name]} instead of {theirs}")
                continue
            if not abs(ours[name] - theirs) <= 2e-4 * max(1.0, abs(theirs)):
                model = load(self.path("m.keras"))
                perturb(model, 1)
                again = model.evaluate(given(model, self.case.inputs), wanted(model, self.case.targets), batch_size=batch, sample_weight=self.case.weights, verbose=0, return_dict=True)
                if not abs(ours[name] - theirs) <= 2e-4 * max(1.0, abs(theirs)) + 20 * abs(np.asarray(again[name]) - theirs):
                    raise Different(f"{name}: {ours[name]} instead of {theirs}")

    def again(self, k):
        """Weights and the optimizer's state that Keras comes to from a rounding error beside."""
        if k not in self.beside:
            model = load(self.path("m.keras"))
            perturb(model, k)
            train(model, self.case)
            self.beside[k] = values(model.weights), values(model.optimizer.variables)
        return self.beside[k]

    def training(self, path, out):
        self.run("train", self.path(path), "--data", self.arrays, "--no-shuffle", "--batch-size", str(BATCH), "--epochs", str(EPOCHS), "--out", self.path(out), "--quiet")

    def compare_trained(self, model, with_state):
        reference = self.reference
        names = [v.path for v in reference.weights]
        if self.case.random or not self.finite:
            return
        self.judge("weight", values(model.weights), self.after, names, 1e-4, lambda k: self.again(k)[0])
        if with_state:
            self.judge("state", values(model.optimizer.variables), self.state, [v.path for v in reference.optimizer.variables], 1e-4, lambda k: self.again(k)[1])

    # --- Keras opens

    def opened(self, path, like):
        with Warned() as ours:
            model = load(self.path(path))
        if ours.texts:
            with Warned() as theirs:  # in .keras, too: what Keras wrote as .h5 it may not load
                for other in {like, "m.keras"}:
                    try:
                        load(self.path(other))
                    except Exception:
                        pass
            own = ("Compiled the loaded model", "No training configuration")  # what Keras says of any .h5
            new = [t for t in ours.texts if not t.startswith(own) and not any(t[:40] == o[:40] for o in theirs.texts)]
            if new:
                self.found.append(f"{path}: Keras warns: {' | '.join(new)[:500]}")
        return model

    def same_config(self, model, from_h5):
        ours, theirs = plain(model.get_config()), plain(self.config)
        for where, a, b in differences(ours, theirs):
            self.found.append(f"config{where}: {str(a)[:200]} instead of {str(b)[:200]}")
            break
        if self.case.compile:
            count = len(model.outputs)
            names = list(getattr(model, "output_names", None) or [])
            ours, theirs = plain(model.get_compile_config()), plain(self.reference.get_compile_config())
            if from_h5:  # where Keras writes functions by their names alone
                ours, theirs = without_functions(ours), without_functions(theirs)
            for where, a, b in differences(flat_metrics(ours, count, names), flat_metrics(theirs, count, names)):
                self.found.append(f"compile_config{where}: {str(a)[:200]} instead of {str(b)[:200]}")
                break

    def written_config(self, path):
        ours, theirs = [json.loads(zipfile.ZipFile(self.path(p)).read("config.json")) for p in (path, "m.keras")]
        for where, a, b in differences(stripped(ours), stripped(theirs)):
            if where.endswith(("/kwargs/mask", "/registered_name")) or "/compile_config/" in where:
                continue
            if "/inbound_nodes/" in where and "/config/shape/" in where:
                continue  # Keras takes the queries' steps for the values', too, in the shape of attention scores
            self.found.append(f"config.json{where}: {str(a)[:200]} instead of {str(b)[:200]}")
            break

    def back(self, path, like):
        model = self.opened(path, like)
        # What h5 holds of the way to train is Keras's own affair: its loss and metrics by name.
        if path.endswith(".keras"):
            self.same_config(model, path == "t_m_h5.keras")
        if self.case.compile:
            self.compare_trained(model, path.endswith(".keras"))
            if not model.compiled:
                if path.endswith(".h5") and not self.loads_compiled(like):
                    return
                raise Different(f"{path}: not compiled")
            if path != "t_m_h5.keras":
                train(model, self.case, 1)
        else:
            self.judge("output", predict(model, self.case.inputs), self.predictions, list(range(9)), 2e-5, lambda k: self.predictions)

    def loads_compiled(self, path):
        """Whether Keras trains on with what it wrote itself: in its older format it does not find all optimizers and losses."""
        try:
            model = load(self.path(path))
            train(model, self.case, 1)
            return model.compiled
        except Exception:
            return False

    def alone(self):
        """Architecture and weights."""
        self.run("convert", self.path("m.json"), self.path("j.json"))
        with open(self.path("j.json")) as f:
            made = keras.models.model_from_json(f.read())
        for where, a, b in differences(plain(made.get_config()), plain(self.config)):
            raise Different(f"json{where}: {str(a)[:200]} instead of {str(b)[:200]}")

    def all(self):
        case = self.case
        self.prepare()
        files = ["m.keras"] + (["m.h5"] if self.has_h5 else [])
        for path in files:
            self.step(f"predict {path}", lambda: self.predictions_of(path))
        self.step("json", self.alone)
        if case.compile:
            self.learn()
            if not self.finite:
                return self.found
            for path in files:
                self.step(f"evaluate {path}", lambda: self.evaluation(path))
                out = "t_" + path.replace(".", "_") + ".keras"
                before = len(self.found)
                self.step(f"train {path}", lambda: self.training(path, out))
                if len(self.found) == before:
                    self.step(f"back from {path}", lambda: self.back(out, "m.keras"))
                    if path == "m.keras":
                        self.step("written", lambda: self.written_config(out))
                        self.step("to h5", lambda: self.run("convert", self.path(out), self.path("c.h5")) and None)
                        self.step("back as h5", lambda: self.back("c.h5", "m.h5"))
        else:
            for out in ("c.keras", "c.h5"):
                self.step("convert " + out, lambda: self.run("convert", self.path("m.keras"), self.path(out)) and None)
                self.step("back " + out, lambda: self.back(out, "m" + out[1:]))
            self.step("written", lambda: self.written_config("c.keras"))
        return self.found


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return value.item()
    if callable(value) and not isinstance(value, type) and hasattr(value, "get_config"):
        return plain(keras.saving.serialize_keras_object(value))
    if hasattr(value, "get_config"):
        return plain(keras.saving.serialize_keras_object(value))
    if callable(value):
        return getattr(value, "__name__", str(value))
    return value


def flat_metrics(config, outputs, names):
    """Lists of metrics of one output, with and without a list around them, mean the same; so do lists by position and by name."""
    for key in ("metrics", "weighted_metrics"):
        value = config.get(key)
        if isinstance(value, list) and outputs > 1 and len(value) == outputs == len(names):
            value = dict(zip(names, value))
        if isinstance(value, dict) and "class_name" not in value:
            value = [value[name] for name in sorted(value)]
        config[key] = flattened(value) or None
    if isinstance(config.get("loss_weights"), list) and outputs == 1:
        config["loss_weights"] = config["loss_weights"][0]
    if isinstance(config.get("loss"), list) and outputs == 1:
        config["loss"] = config["loss"][0]
    return config


def without_functions(value):
    if isinstance(value, dict):
        return value["config"] if value.get("class_name") == "function" else {k: without_functions(v) for k, v in value.items()}
    return [without_functions(v) for v in value] if isinstance(value, list) else value


def flattened(value):
    if isinstance(value, list):
        return [m for item in value for m in flattened(item)]
    return [] if value is None else [value]


DROPPED = ("shared_object_id", "build_config")


def stripped(value):
    if isinstance(value, dict):
        return {k: stripped(v) for k, v in value.items() if k not in DROPPED}
    if isinstance(value, list):
        return [stripped(v) for v in value]
    return value


def tensors(value):
    """The tensors in what a layer was called with."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return [value]
        return [t for v in value.values() for t in tensors(v)]
    return [t for v in value for t in tensors(v)] if isinstance(value, list) else []


def same_tensors(a, b):
    """Whether two calls differ in nothing but the names of tensors, which stand in order or under their names."""
    others = [{k: v for k, v in call["kwargs"].items() if v is not None and not tensors(v)} for call in (a, b)]
    return others[0] == others[1] and tensors(a) == tensors(b)


def differences(a, b, where=""):
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys() == {"args", "kwargs"} and same_tensors(a, b):
        return
    if isinstance(a, dict) and isinstance(b, dict):
        for k in b:
            if k in DROPPED:
                continue
            if k not in a:
                if b[k] != {} and not (k == "mask" and b[k] is None):
                    yield where + "/" + k, "nothing", b[k]
            else:
                yield from differences(a[k], b[k], where + "/" + k)
        for k in a:
            if k not in b and k not in DROPPED:
                yield where + "/" + k, a[k], "nothing"
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{where}/{i}")
    elif where.endswith("/args"):
        return  # what stands in order and what stands under its name means the same
    elif isinstance(a, float) and isinstance(b, (int, float)) and not isinstance(b, bool):
        if a != b and not (a != a and b != b):
            yield where, a, b
    elif where.endswith("/module") and str(b).startswith("keras.src.backend"):
        return
    elif type(a) is not type(b) or a != b:
        if not (isinstance(a, int) and isinstance(b, float) and a == b):
            yield where, a, b


def class_names(value):
    """Of what a configuration holds: optimizers, schedules, losses, metrics; functions by their names."""
    if isinstance(value, dict):
        name = value.get("class_name")
        names = [value["config"] if name == "function" else name] if isinstance(name, str) else []
        return names + [n for v in value.values() for n in class_names(v)]
    return [n for v in value for n in class_names(v)] if isinstance(value, list) else []


DRAWS = "draws_numbers"  # an empty file beside the model of a case that draws numbers when training


class Kept:
    """What was kept of a seed, as a case to compare again."""

    trained = 0

    def __init__(self, folder, random):
        self.random = random
        self.model = load(os.path.join(folder, "m.keras"))
        with np.load(os.path.join(folder, "x.npz")) as arrays:
            self.inputs, self.targets = ([arrays[f"{kind}{i}"] for i in range(len(arrays.files)) if f"{kind}{i}" in arrays.files] for kind in "xy")
            self.weights = arrays["sample_weight"] if "sample_weight" in arrays.files else None
        self.compile = self.model.compiled


def of_any_backend(path, out):
    """A file without the modules of one backend's optimizers."""
    with zipfile.ZipFile(path) as f, zipfile.ZipFile(out, "w") as to:
        for name in f.namelist():
            part = f.read(name)
            to.writestr(name, re.sub(rb"keras\.src\.backend\.\w+\.optimizers\.\w+", b"keras.optimizers", part) if name == "config.json" else part)


def compare_again(folders, hebb):
    """The number of folders with differences."""
    failed = 0
    for kept in folders:
        with tempfile.TemporaryDirectory() as folder:
            of_any_backend(os.path.join(kept, "m.keras"), os.path.join(folder, "m.keras"))
            shutil.copy(os.path.join(kept, "x.npz"), folder)
            exchange = Exchange(Kept(folder, os.path.exists(os.path.join(kept, DRAWS))), folder, hebb)
            exchange.step("Keras", exchange.all)
            failed += bool(exchange.found)
            for text in exchange.found or ["the same"]:
                print(f"{kept}: {text}", flush=True)
    return failed


def agreeing(backends, folder, hebb):
    """The first of other backends on which nothing differs, if there is one."""
    command = [sys.executable, __file__, "--hebb", hebb, "--again", folder]
    return next((b for b in backends if subprocess.run(command, capture_output=True, env=os.environ | {"KERAS_BACKEND": b}).returncode == 0), None)


def clear_session():
    """Without collecting garbage, which takes as long as a small model; old versions always do."""
    try:
        keras.backend.clear_session(free_memory=False)
    except TypeError:
        keras.backend.clear_session()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hebb", required=True, help="the program")
    parser.add_argument("--seeds", default="0:100", metavar="FROM:TO[,...]")
    parser.add_argument("--keep", metavar="FOLDER", help="keep the files of seeds that differ")
    parser.add_argument("--classes", action="store_true", help="say at last how often each class was in a model or in its way to train")
    parser.add_argument("--counts", metavar="FILE", help="write as JSON what came of the run, and how many of the models that agree hold each class")
    parser.add_argument("--again", nargs="+", metavar="FOLDER", help="compare files that were kept, each in a folder")
    parser.add_argument("--second", metavar="BACKEND[,...]", help="compare what differs on these backends, too")
    parser.add_argument("--minutes", type=float, default=0, help="end after so many")
    arguments = parser.parse_args()
    if arguments.again:
        sys.exit(1 if compare_again(arguments.again, arguments.hebb) else 0)
    seeds = []
    for part in arguments.seeds.split(","):
        first, last = (part.split(":") + [None])[:2]
        seeds += range(int(first), int(first) + 1 if last is None else int(last))
    failed = done = skipped = apart = 0
    drawn, agreed = collections.Counter(), collections.Counter()
    start = time.time()
    gc.freeze()
    gc.set_threshold(50000, 20, 100)
    for seed in seeds:
        if arguments.minutes and time.time() - start > 60 * arguments.minutes:
            break
        clear_session()
        if done % 50 == 0:
            gc.collect()
        keras.utils.set_random_seed(seed)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                case = random_case(seed)
        except Exception as error:
            skipped += 1
            if not isinstance(error, Skip) and os.environ.get("EXCHANGE_DEBUG"):
                print(f"{seed}: not made: {type(error).__name__}: {str(error)[:300]}")
                if os.environ["EXCHANGE_DEBUG"] == "2":
                    traceback.print_exc()
            continue
        folder = tempfile.mkdtemp(prefix=f"exchange_{seed}_")
        exchange = Exchange(case, folder, arguments.hebb)
        if case.random:
            open(exchange.path(DRAWS), "w").close()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = exchange.all()
        except Exception as error:
            skipped += 1
            if os.environ.get("EXCHANGE_DEBUG"):
                print(f"{seed}: Keras: {type(error).__name__}: {str(error)[:300]}")
                if os.environ["EXCHANGE_DEBUG"] == "2":
                    traceback.print_exc()
            shutil.rmtree(folder)
            continue
        done += 1
        drawn.update(type(layer).__name__ for layer in case.model._flatten_layers())
        classes = set(class_names(plain(keras.saving.serialize_keras_object(case.model))))
        if case.compile:
            trained_by = set(class_names(keras.saving.serialize_keras_object(case.model.get_compile_config())))
            drawn.update(trained_by)
            classes |= trained_by
        other = agreeing((arguments.second or "").split(","), folder, arguments.hebb) if found and arguments.second else None
        if other:
            apart += 1
            agreed.update(classes)
            print(f"{seed}: the same on {other}", flush=True)
        elif found:
            failed += 1
            for text in found:
                print(f"{seed}: {text}", flush=True)
            if arguments.keep:
                shutil.copytree(folder, os.path.join(arguments.keep, str(seed)), dirs_exist_ok=True)
        else:
            agreed.update(classes)
        shutil.rmtree(folder)
    if arguments.classes:
        print(", ".join(f"{name} {count}" for name, count in sorted(drawn.items())))
    if arguments.counts:
        counts = {"keras": keras.__version__, "backend": keras.backend.backend(), "seeds": arguments.seeds, "models": done, "with_differences": failed, "as_on_another_backend": apart, "not_taken": skipped}
        with open(arguments.counts, "w") as f:
            json.dump(counts | {"classes": dict(sorted(agreed.items()))}, f, indent=0)
            f.write("\n")
    if arguments.second:
        print(f"{apart} in which Keras on {keras.backend.backend()} differs from Keras on {arguments.second}, and hebb from the one alone")
    print(f"{done} models, {failed} with differences, {skipped} that Keras did not take, {(time.time() - start) / max(1, done):.2f} s each")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
