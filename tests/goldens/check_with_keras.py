#!/usr/bin/env python3
"""Does real Keras take a file that hebb wrote?

  check_with_keras.py MODEL.keras [--weights W.weights.h5] [--inputs X.npy ...] [--outputs Y.npy ...] [--targets T.npy ...] [--tolerance 1e-5] [--steps N]
  check_with_keras.py --each LIST [--second jax,tensorflow] [--opened FILE]      one set of these arguments a line, a tab between two of them

Loads the file, compares Keras's predictions on the inputs with the outputs that hebb computed (one .npy for each input and output of
the model, in its order), then trains on: `train_on_batch` has to work and the optimizer's state has to have been restored.
Prints what it finds and closes with `OK`; exit status 1 and a line starting with `FAILED` otherwise. Of several, prints a line for each
as it goes, and what it found where one failed.

KERAS_BACKEND chooses the backend. None of them computes all models, and only TensorFlow takes texts: `--second` shows what failed to other
ones, one after the other; what one of them takes did not fail. `--opened` keeps by backend which models had nothing to be said against in
any of their files.
"""

import argparse
import contextlib
import io
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# Models that are run a few times are compiled far longer than they run.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")

import keras  # noqa: E402
import numpy as np  # noqa: E402

SECONDS = 150  # for a file
logging.getLogger("absl").setLevel(logging.ERROR)  # Keras says of every .h5 that its metrics are yet to be built


class Failed(Exception):
    pass


def fail(text):
    raise Failed(text)


def made_up_inputs(model, batch=8):
    g = np.random.default_rng(1)
    return [g.standard_normal((batch,) + tuple(d or 4 for d in i.shape[1:])).astype("float32") for i in model.inputs]


def made_up_targets(model, outputs):
    """Targets that the losses of the compiled model accept, output by output."""
    g = np.random.default_rng(2)
    losses = model.loss if isinstance(model.loss, (list, tuple, dict)) else [model.loss] * len(outputs)
    if isinstance(losses, dict):
        losses = [losses.get(name) for name in model.output_names]
    targets = []
    for loss, y in zip(losses, outputs):
        name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
        name = name.lower().replace("_", "")
        if name.startswith("sparse"):
            targets.append(g.integers(0, y.shape[-1], y.shape[:-1]).astype("int32"))
        elif name.startswith("categorical"):
            targets.append(np.eye(y.shape[-1], dtype="float32")[g.integers(0, y.shape[-1], y.shape[:-1])])
        elif name.startswith("binary") or name == "bce":
            targets.append(g.integers(0, 2, y.shape).astype("float32"))
        else:
            targets.append(g.standard_normal(y.shape).astype("float32"))
    return targets


def nested(model, ends, values):
    """Values as the model has its "inputs" or "outputs": one, a list, or what lists and dicts hold."""
    structure = getattr(model, f"_{ends}_struct", None)
    if structure is None:  # a Sequential
        return values[0] if len(values) == 1 else values
    return keras.tree.pack_sequence_as(structure, values)


def counter_of(optimizer):
    """What counts steps: `iterations` is this divided by gradient_accumulation_steps."""
    return getattr(optimizer, "inner_optimizer", optimizer).variables[0]


def check_training(model, inputs, targets, steps):
    optimizer = model.optimizer
    counter = counter_of(optimizer)
    before = int(counter)
    rate = "of each one's own" if hasattr(optimizer, "optimizers") else f"{float(optimizer.learning_rate):.9g}"
    print(f"optimizer: {type(optimizer).__name__}, iteration {before}, learning rate {rate}, {len(optimizer.variables)} variables")
    for variable in optimizer.variables:
        if not np.isfinite(np.asarray(variable)).all():
            fail(f"optimizer variable {variable.path} is not finite")
    weights = model.get_weights()
    x, y = nested(model, "inputs", inputs), nested(model, "outputs", targets)
    for _ in range(steps):
        logs = model.train_on_batch(x, y, return_dict=True)
    print("train_on_batch:", ", ".join(f"{k} {float(v):.6g}" for k, v in logs.items()))
    if not np.isfinite(float(logs["loss"])):
        fail("the loss is not finite")
    after = int(counter)
    if after != before + (steps if model.trainable_weights else 0):  # where nothing is trained, Keras counts no step
        fail(f"the iteration went from {before} to {after} in {steps} steps")
    if model.trainable_weights and optimizer.gradient_accumulation_steps is None and all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights())):
        fail("no weight changed")
    print(f"iteration after {steps} more: {after}")


def make_parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?")
    parser.add_argument("--inputs", nargs="+", metavar="X.npy")
    parser.add_argument("--outputs", nargs="+", metavar="Y.npy")
    parser.add_argument("--targets", nargs="+", metavar="T.npy", help="train with these; default: made up")
    parser.add_argument("--name", default="", help="of the model in FILE")
    parser.add_argument("--opened", metavar="FILE", help="write the names of the models that passed")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--expect-iteration", type=int, help="fail unless the restored optimizer stands at this iteration")
    parser.add_argument("--weights", metavar="W.weights.h5", help="these weights and this optimizer's state, loaded over zeros, have to be those of MODEL.keras")
    parser.add_argument("--not-compiled", action="store_true", help="load without optimizer, loss and metrics: Keras cannot restore them from .h5")
    parser.add_argument("--each", metavar="LIST")
    parser.add_argument("--second", metavar="BACKEND[,...]", default="", help="show what failed to Keras on these backends, too")
    return parser


def variables_of(model):
    return model.weights + (model.optimizer.variables if model.compiled else [])


def check_weights(model, path):
    variables = variables_of(model)
    before = [np.array(keras.ops.convert_to_numpy(v)) for v in variables]
    for variable in variables:
        variable.assign(np.zeros(variable.shape, variable.dtype))
    model.load_weights(path)
    for variable, expected in zip(variables, before):
        if not np.array_equal(keras.ops.convert_to_numpy(variable), expected, equal_nan="float" in str(expected.dtype)):
            fail(f"{variable.path} of {os.path.basename(path)} is not that of the model")


def check(arguments):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = keras.saving.load_model(arguments.model, compile=not arguments.not_compiled)
        if arguments.weights:
            check_weights(model, arguments.weights)
    model.run_eagerly = True  # tracing takes longer than the few steps that are run here
    skipped = [str(w.message) for w in caught if "Skipping variable loading" in str(w.message) or "weights" in str(w.message)]
    if skipped:
        fail("Keras loaded the file with warnings: " + " | ".join(skipped))
    print(f"loaded: {type(model).__name__} '{model.name}', {len(model.layers)} layers, {model.count_params()} parameters, Keras {keras.__version__}")

    inputs = [np.load(f) for f in arguments.inputs] if arguments.inputs else made_up_inputs(model)
    if any(x.dtype.kind == "S" for x in inputs):  # Keras takes texts as tensors alone, and then all inputs
        inputs = [keras.ops.convert_to_tensor(x, "string" if x.dtype.kind == "S" else None) for x in inputs]
    outputs = keras.tree.flatten(model.predict(nested(model, "inputs", inputs), verbose=0))
    if arguments.outputs:
        expected = [np.load(f) for f in arguments.outputs]
        if len(expected) != len(outputs):
            fail(f"the model has {len(outputs)} outputs, {len(expected)} files were given")
        for i, (a, b) in enumerate(zip(expected, outputs)):
            if a.shape != b.shape:
                fail(f"output {i}: shape {a.shape} in the file, {b.shape} by Keras")
            difference = float(np.max(np.abs(a - b), initial=0)) / max(1.0, float(np.max(np.abs(b), initial=0)))
            print(f"output {i}: shape {b.shape}, largest difference {difference:.3g}")
            if not difference <= arguments.tolerance:
                fail(f"output {i} differs by {difference:.3g}, more than {arguments.tolerance:g}")
    if model.compiled:
        if arguments.expect_iteration is not None and int(counter_of(model.optimizer)) != arguments.expect_iteration:
            fail(f"the optimizer stands at iteration {int(counter_of(model.optimizer))}, expected {arguments.expect_iteration}")
        targets = [np.load(f) for f in arguments.targets] if arguments.targets else made_up_targets(model, outputs)
        check_training(model, inputs, targets, arguments.steps)
    else:
        print("not compiled: nothing to train")


def too_long(*_):
    raise TimeoutError(f"it takes more than {SECONDS} seconds")


def verdict(arguments):
    """None where Keras takes the file, or why not."""
    keras.backend.clear_session()
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(SECONDS)
    try:
        check(arguments)
        return None
    except Failed as failure:
        return str(failure)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)


def keep_opened(path, names, second):
    """Each backend's list stands by itself: what one cannot compute another one may."""
    kept = {}
    if os.path.exists(path):
        with open(path) as f:
            kept = json.load(f)
    backends = kept.get("opened", {}) if kept.get("keras") == keras.__version__ else {}
    backends = {backend: opened for backend, opened in backends.items() if backend not in second}  # they will add theirs
    backends[keras.backend.backend()] = sorted(names)
    with open(path, "w") as f:
        json.dump({"keras": keras.__version__, "opened": {backend: names for backend, names in sorted(backends.items()) if names}}, f, indent=0)
        f.write("\n")


def check_each(lines, cases, second, opened):
    """Whether Keras takes all of them on this backend or on one of the second ones."""
    passed, failed, again = set(), set(), []
    for number, (line, case) in enumerate(zip(lines, cases), 1):
        start, found = time.time(), io.StringIO()
        with contextlib.redirect_stdout(found):
            failure = verdict(case)
        print(f"[{number}/{len(cases)}] {os.path.basename(case.model)}: {'FAILED' if failure else 'taken'} on {keras.backend.backend()} ({time.time() - start:.1f} s)", flush=True)
        if failure:
            print("".join(f"    {text}\n" for text in [*found.getvalue().splitlines(), failure]), end="", flush=True)
        (failed if failure else passed).add(case.name)
        if failure:
            again.append((line, case))
    if opened:
        keep_opened(opened, passed - failed - {""}, second)
    if not again or not second:
        return not again
    # All files of a model, so that one backend takes them all.
    names = {case.name for _, case in again} - {""}
    with tempfile.NamedTemporaryFile("w", suffix=".list") as rest:
        rest.writelines(line for line, case in zip(lines, cases) if case.name in names or any(line is other for other, _ in again))
        rest.flush()
        command = [sys.executable, __file__, "--each", rest.name, "--second", ",".join(second[1:])] + (["--opened", opened] if opened else [])
        return subprocess.run(command, env=os.environ | {"KERAS_BACKEND": second[0]}).returncode == 0


def main():
    parser = make_parser()
    arguments = parser.parse_args()
    if bool(arguments.model) == bool(arguments.each):
        parser.error("expected MODEL.keras or --each LIST")
    if arguments.each:
        with open(arguments.each) as f:
            lines = f.readlines()
        second = [backend for backend in arguments.second.split(",") if backend and backend != keras.backend.backend()]
        if not check_each(lines, [parser.parse_args(line.rstrip("\n").split("\t")) for line in lines], second, arguments.opened):
            sys.exit(1)
    elif failure := verdict(arguments):
        print("FAILED:", failure)
        sys.exit(1)
    print("OK")


if __name__ == "__main__":
    main()
