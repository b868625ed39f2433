"""One model, exchanged between hebb and real Keras by files, step by step; what differs stands in `found`.

    exchange = Exchange(case, folder, hebb)
    exchange.step("Keras", exchange.all)
"""

import json
import os
import re
import subprocess
import traceback
import zipfile

from exchange_running import BATCH, EPOCHS, Warned, batch_of, forget, given, load, perturb, predict, rounding_of, train, tree, values, version, wanted

import keras
import numpy as np

from exchange_counts import classes_evaluated, classes_held, classes_trained_by
from exchange_configurations import differences, flat_metrics, plain, stripped, without_functions

DRAWS = "draws_numbers"  # an empty file beside the model of a case that draws numbers when training


class Different(Exception):
    pass


def furthest(a, b):
    """How far two arrays are apart, as a part of the magnitude of the second; NaN where it is NaN."""
    if a.shape != b.shape:
        return float("inf")
    if a.size == 0:
        return 0.0
    a, b = a.astype("float64"), b.astype("float64")  # of booleans and bytes there is no difference
    bad = ~np.isfinite(b)
    if (bad != ~np.isfinite(a)).any():
        return float("inf")
    good = ~bad
    scale = max(1.0, float(np.abs(b[good]).max(initial=0)))
    return float(np.abs(a[good] - b[good]).max(initial=0)) / scale


class Exchange:
    """`one_way`: not back to Keras, where its version reads no files of newer ones."""

    def __init__(self, case, folder, hebb, one_way=False):
        self.case, self.folder, self.hebb, self.one_way = case, folder, hebb, one_way
        self.found = []
        self.beside = {}
        self.has_one_loss = self.finite = False
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
        if not case.as_it_is:
            self.save(model)
        self.has_h5 = os.path.exists(self.path("m.h5"))
        self.reference = load(self.path("m.keras"))
        paths = [v.path for v in self.reference.weights]
        if keras.backend.backend() == "torch" and len(set(paths)) < len(paths):
            case.random = True  # Keras keeps PyTorch's parameters by their paths: of two with one path it clears no gradient but the last one's
        self.predictions = predict(self.reference, case.inputs)
        if any(y.shape[1:] != tuple(t.shape[1:]) for y, t in zip(self.predictions, model.outputs) if None not in t.shape[1:]):
            raise ValueError("Keras computes other shapes than it says")  # where it takes the mask of attention scores for one of steps
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

    def save(self, model):
        model.save(self.path("m.keras"))
        try:
            model.save(self.path("m.h5"))
        except Exception:  # Keras cannot write it
            if os.path.exists(self.path("m.h5")):
                os.remove(self.path("m.h5"))
        with open(self.path("m.json"), "w") as f:
            f.write(model.to_json())

    def losses_differ(self, model):
        """Whether Keras's loss depends on the backend, or means nothing."""
        if any(getattr(layer, "lora_enabled", False) for layer in model._flatten_layers()):
            return True  # Keras reads low-rank matrices as zeros, which their regularizers show
        saturated = (keras.activations.softmax, keras.activations.sigmoid)
        computed = tree.flatten(self.fresh()(given(model, [x[: batch_of(model, x[None])] for x in self.case.inputs])))
        for y, t, made in zip(self.predictions, model.outputs, computed):
            history = t._keras_history.operation
            # On TensorFlow Keras takes the logits for its loss, as hebb does, elsewhere these clipped: 1e-7 at least.
            if getattr(history, "activation", None) in saturated and np.isfinite(y).all() and (y.min() < 2e-7 or y.max() > 1 - 2e-7):
                return True
            # The mask of attention scores, for losses with other axes.
            masks = [getattr(of, "_keras_mask", None) for of in (t, made)]  # on PyTorch, of what was computed alone
            if any(mask is not None and len(mask.shape) > 2 for mask in masks):
                return True
        return False

    def judge(self, what, ours, theirs, names, tolerance, again):
        """Raises where numbers differ; `again()` gives what Keras finds when it begins a rounding error beside."""
        if len(ours) != len(theirs):
            raise Different(f"{what}: {len(ours)} instead of {len(theirs)}")
        for i, (a, b) in enumerate(zip(ours, theirs)):
            if a.shape != b.shape:
                raise Different(f"{what} {names[i]}: shape {a.shape} instead of {b.shape}")
        tolerance = max(tolerance, 8 * rounding_of(self.reference))
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

    def predicted(self, path):
        batch = batch_of(self.reference, self.case.inputs)
        self.run("predict", self.path(path), "--input", self.path("in.npz"), "--output", self.path("out.npz"), "--batch-size", str(batch))
        with np.load(self.path("out.npz")) as f:
            return [f[n] for n in f.files]

    def predictions_of(self, path, trained=False):
        def computed(model):
            if trained:
                forget(model)
            return predict(model, self.case.inputs)

        def again(k):
            model = load(self.path("m.keras"))
            perturb(model, k)
            if trained:
                train(model, self.case)
            return computed(model)
        ours = self.predicted(path)
        self.judge("output", ours, computed(self.reference) if trained else self.predictions, list(range(len(ours))), 1e-4 if trained else 2e-5, again)

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
            if version(keras.__version__) in ((3, 5), (3, 6)) and name.endswith("_loss"):
                continue  # where these are weighted
            theirs = np.asarray(theirs, dtype="float64")
            if theirs.ndim:
                continue
            if name not in ours:
                raise Different(f"evaluate has no {name}: {sorted(ours)} instead of {sorted(self.evaluated)}")
            if ours[name] is None or isinstance(ours[name], str):
                if np.isfinite(theirs):
                    raise Different(f"{name}: {ours[name]} instead of {theirs}")
                continue
            tolerance = max(2e-4, 8 * rounding_of(self.reference)) * max(1.0, abs(theirs))
            if not abs(ours[name] - theirs) <= tolerance:
                model = load(self.path("m.keras"))
                perturb(model, 1)
                again = model.evaluate(given(model, self.case.inputs), wanted(model, self.case.targets), batch_size=batch, sample_weight=self.case.weights, verbose=0, return_dict=True)
                if not abs(ours[name] - theirs) <= tolerance + 20 * abs(np.asarray(again[name]) - theirs):
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
        if not self.compares_training:
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
            if "/inbound_nodes/" in where and ("/config/shape/" in where or where.endswith("/config/dtype")):
                continue  # Keras takes the queries' steps for the values', too, in the shape of attention scores, and a layer's own type for that of its results
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
            return model.compiled and type(model.optimizer) is type(self.reference.optimizer)  # Keras's Lamb is named "Adam", and read as that
        except Exception:
            return False

    def alone(self):
        """The architecture, as JSON."""
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
        if not self.one_way:
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
                if self.one_way:
                    if len(self.found) == before and self.compares_training:
                        self.step(f"predict {path} trained", lambda: self.predictions_of(out, trained=True))
                elif len(self.found) == before:
                    self.step(f"back from {path}", lambda: self.back(out, "m.keras"))
                    if path == "m.keras":
                        self.step("written", lambda: self.written_config(out))
                        self.step("to h5", lambda: self.run("convert", self.path(out), self.path("c.h5")) and None)
                        self.step("back as h5", lambda: self.back("c.h5", "m.h5"))
        elif not self.one_way:
            for out in ("c.keras", "c.h5"):
                self.step("convert " + out, lambda: self.run("convert", self.path("m.keras"), self.path(out)) and None)
                self.step("back " + out, lambda: self.back(out, "m" + out[1:]))
            self.step("written", lambda: self.written_config("c.keras"))
        return self.found

    # --- what it shows

    @property
    def compares_training(self):
        """Whether weights after training are held against each other."""
        return bool(self.case.compile) and self.finite and not self.case.random

    def classes(self):
        """{(kind, name)} of what the model and its way to train hold, and those of them whose numbers are held against each other."""
        held, model = classes_held(self.reference), self.reference
        if not self.case.compile:
            return held, held
        evaluated, trained = classes_evaluated(model), classes_trained_by(model)
        shown = held | (evaluated if self.finite and self.has_one_loss else set()) | (trained if self.compares_training else set())
        return held | evaluated | trained, shown


class Kept:
    """What was kept of a seed, as a case to compare again; `as_it_is`: with the files that are there, not with what this Keras makes of them."""

    trained = 0

    def __init__(self, folder, random, as_it_is=False):
        self.random, self.as_it_is = random, as_it_is
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
