"""random/*.keras: models drawn at random (exchange_models.py), saved by real Keras, each with a JSON file of what it predicts and the numbers of three more epochs.

  make_random_models.py --choose 0:300      prints seeds whose models together have as many classes as possible

The big comparison is `exchange_with_keras.py`, in both directions and with real Keras beside; these few stay in the suite.
"""

import os
import sys
import warnings

from golden_format import FOLDER, arrays, plain, write

import keras
import numpy as np

from exchange_counts import classes_evaluated, classes_held, classes_trained_by
from exchange_models import random_case
from exchange_running import BATCH, clear_session, given, load, perturb, predict, train, wanted

# Chosen by --choose.
SEEDS = [76, 20, 123, 226, 86, 356, 99, 130, 67, 204, 25, 227]
WITH_H5 = 3  # the first few are saved in the older format, too
EPOCHS, COUNT, LARGEST_FILE, MOST_NUMBERS = 3, 12, 42000, 1000


def made(seed):
    """A model that trains the same way every time, or None."""
    clear_session()
    keras.utils.set_random_seed(seed)
    try:
        case = random_case(seed, rare=False)
    except Exception:
        return None  # Keras does not take what was drawn
    if not isinstance(case.compile, dict) or case.random or any(x.dtype.kind == "U" for x in case.inputs):
        return None
    if sum(a.size for a in [*case.inputs, *case.targets]) > MOST_NUMBERS or any(getattr(layer, "stateful", False) for layer in case.model._flatten_layers()):
        return None
    if case.compile.get("steps_per_execution", 1) != 1:
        return None  # hebb makes one step after the other, and its files say so
    case.model.compile(**case.compile, run_eagerly=True)
    return case


def history_of(model, case):
    kept = model.fit(
        given(model, case.inputs), wanted(model, case.targets), sample_weight=case.weights, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0).history
    return {k: [float(v) for v in values] for k, values in kept.items() if np.ndim(values) == 1}


def save(seed, folder, with_h5):
    """The golden of a seed; None where its numbers mean nothing or follow from rounding."""
    case = made(seed)
    if case is None:
        return None
    try:
        train(case.model, case, 1)  # so that no state is the first one
    except Exception:
        return None  # nor the way to train
    case.model.run_eagerly = False
    case.model._compile_config.config["run_eagerly"] = False
    path = os.path.join(folder, f"random_{seed}.keras")
    case.model.save(path)
    if os.path.getsize(path) > LARGEST_FILE:
        return None
    if with_h5:
        case.model.save(path.replace(".keras", ".h5"))
    model = load(path)
    predictions, weights = predict(model, case.inputs), model.count_params()
    history = history_of(model, case)
    beside = load(path)
    perturb(beside, 1)
    moved = history_of(beside, case)
    values = [v for row in history.values() for v in row]
    near = all(abs(a - b) <= 1e-5 * max(1.0, abs(a)) for k in history for a, b in zip(history[k], moved[k]))
    if not near or not all(np.isfinite(values)) or not all(np.isfinite(y).all() and np.abs(y).max() < 1e3 for y in predictions):
        return None
    return plain({
        "name": f"random_{seed}", "inputs": arrays(case.inputs), "targets": arrays(case.targets), **({} if case.weights is None else {"sample_weight": arrays([case.weights])[0]}),
        "predictions": arrays(predictions), "count_params": weights, "batch_size": BATCH, "history": history})


def classes_of(case):
    train(case.model, case, 1)
    return classes_held(case.model) | classes_evaluated(case.model) | classes_trained_by(case.model)


def choose(first, last):
    """Greedily: the model with the most classes that no other one has, again and again."""
    import tempfile

    found = {}
    for seed in range(first, last):
        case = made(seed)
        if case is not None and case.model.count_params() < 1500 and len(list(case.model._flatten_layers())) < 24:
            try:
                found[seed] = classes_of(case)
            except Exception:
                continue  # Keras on TensorFlow does not train it
    chosen, seen = [], set()
    with tempfile.TemporaryDirectory() as folder:
        while found and len(chosen) < COUNT:
            seed = max(found, key=lambda s: len(found[s] - seen))
            classes = found.pop(seed)
            if save(seed, folder, False) is not None:
                chosen.append(seed)
                seen |= classes
    print(f"SEEDS = {chosen}  # {len(seen)} classes: {', '.join(name for _, name in sorted(seen))}")


def make():
    warnings.simplefilter("ignore")
    folder = os.path.join(FOLDER, "random")
    os.makedirs(folder, exist_ok=True)
    for index, seed in enumerate(SEEDS):
        golden = save(seed, folder, index < WITH_H5)
        if golden is None:
            sys.exit(f"seed {seed} gives no golden any more: what is drawn has changed. Choose others with --choose.")
        write(os.path.join("random", f"random_{seed}"), [golden])
    total = sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder))
    print(f"random/: {len(SEEDS)} models, {total / 1024:.0f} KiB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--choose"]:
        warnings.simplefilter("ignore")
        choose(*map(int, sys.argv[2].split(":")))
    else:
        make()
