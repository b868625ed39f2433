#!/usr/bin/env python3
"""Do hebb and real Keras exchange models? Random models, in both directions; not a part of the tests, since it takes a second each.

  exchange_with_keras.py --hebb build/hebb [--seeds 0:500] [--keep FOLDER] [--classes] [--counts FILE] [--second jax,tensorflow]
  exchange_with_keras.py --hebb build/hebb --again FOLDER [FOLDER ...]
  PYTHONPATH=keras-3.3.3 exchange_with_keras.py --hebb build/hebb --one-way [--seeds 0:100]       with a version unpacked there

For each seed Keras makes a model (`exchange_models.py`), trains it some steps and saves it as .keras and .h5; then

- `hebb predict` computes what Keras predicts, from both files;
- `hebb evaluate` finds Keras's loss and metrics, and `hebb train` gets Keras's weights and optimizer state within some steps, from both files;
- Keras opens what hebb trained, as .keras and as .h5, without a warning: the same configuration, the same way to train, the same weights and state,
  the same predictions; and it trains on;
- the architecture alone goes through hebb unchanged.

Where numbers differ by more than rounding, Keras computes again with weights that are changed by as much as rounding changes them: what changes
as much then is no difference. Prints a line for each difference and at last how many there were. KERAS_BACKEND chooses the backend (torch is quickest);
`--again` compares what `--keep` kept once more, on any backend; `--second` does so at once with what differs, since Keras's backends do not agree
everywhere: on PyTorch a `ConvLSTM3D` pads otherwise, `LayerNormalization` over one axis takes the last one, and the slope of `selu` at 0 is TensorFlow's alone.
With `--one-way` the Keras of the installation opens what differs as the earlier one wrote it, and says whether it was mended in Keras since.
Inputs of texts are drawn on TensorFlow alone, which has tensors of them.
"""

import argparse
import collections
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings

from exchange_running import clear_session  # first: it chooses Keras's backend

import keras

from exchange_counts import by_kind
from exchange_files import DRAWS, Exchange, Kept, of_any_backend
from exchange_layers import Skip
from exchange_models import random_case


def compare_again(folders, hebb, one_way):
    """The number of folders with differences."""
    failed = 0
    for kept in folders:
        with tempfile.TemporaryDirectory() as folder:
            of_any_backend(os.path.join(kept, "m.keras"), os.path.join(folder, "m.keras"))
            for name in ("x.npz", "m.h5") if one_way and os.path.exists(os.path.join(kept, "m.h5")) else ("x.npz",):
                shutil.copy(os.path.join(kept, name), folder)
            try:
                kept_case = Kept(folder, os.path.exists(os.path.join(kept, DRAWS)), one_way)
            except Exception as error:
                print(f"{kept}: Keras {keras.__version__} refuses it: {type(error).__name__}: {str(error)[:300]}", flush=True)
                failed += 1
                continue
            exchange = Exchange(kept_case, folder, hebb, one_way)
            exchange.step("Keras", exchange.all)
            failed += bool(exchange.found)
            for text in exchange.found or ["the same"]:
                print(f"{kept}: {text}", flush=True)
    return failed


def agreeing(backends, folder, hebb, newest=False):
    """The first of these backends on which nothing differs, if there is one; `newest`: for the Keras of the installation, which opens the files as the earlier version
    on PYTHONPATH wrote them."""
    command = [sys.executable, __file__, "--hebb", hebb, *(["--one-way"] if newest else []), "--again", folder]
    for backend in backends:
        environment = {k: v for k, v in os.environ.items() if not newest or k != "PYTHONPATH"} | {"KERAS_BACKEND": backend}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode == 0:
            return backend
        if newest and os.environ.get("EXCHANGE_DEBUG"):
            print("\n".join(line for line in done.stdout.splitlines() if line.startswith(folder)) or done.stderr[-600:])
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hebb", required=True, help="the program")
    parser.add_argument("--seeds", default="0:100", metavar="FROM:TO[,...]")
    parser.add_argument("--keep", metavar="FOLDER", help="keep the files of seeds that differ")
    parser.add_argument("--classes", action="store_true", help="say at last how often each class was in a model or in its way to train, also where something differs")
    parser.add_argument("--counts", metavar="FILE", help="write as JSON what came of the run, and in how many models without a difference each class was compared (`exchange_counts.py`)")
    parser.add_argument("--again", nargs="+", metavar="FOLDER", help="compare files that were kept, each in a folder")
    parser.add_argument("--second", metavar="BACKEND[,...]", help="compare what differs on these backends, too")
    parser.add_argument("--one-way", action="store_true", help="compare only what hebb makes of Keras's files: earlier versions of Keras do not read those of later ones")
    parser.add_argument("--minutes", type=float, default=0, help="end after so many")
    arguments = parser.parse_args()
    if arguments.again:
        sys.exit(1 if compare_again(arguments.again, arguments.hebb, arguments.one_way) else 0)
    seeds = []
    for part in arguments.seeds.split(","):
        first, last = (part.split(":") + [None])[:2]
        seeds += range(int(first), int(first) + 1 if last is None else int(last))
    failed = done = skipped = apart = mended = trained = 0
    drawn, agreed = collections.Counter(), collections.Counter()
    start = time.time()
    gc.freeze()
    gc.set_threshold(50000, 20, 100)
    for seed in seeds:
        if arguments.minutes and time.time() - start > 60 * arguments.minutes:
            seeds = seeds[: seeds.index(seed)]
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
        exchange = Exchange(case, folder, arguments.hebb, arguments.one_way)
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
        held, shown = exchange.classes()
        drawn.update(held)
        trained += exchange.compares_training
        others = arguments.second.split(",") if arguments.second else []
        other = agreeing(others, folder, arguments.hebb) if found else None
        if found and not other and arguments.one_way and agreeing([keras.backend.backend(), *others], folder, arguments.hebb, newest=True):
            mended += 1
            for text in found:
                print(f"{seed}: mended in Keras since: {text}", flush=True)
        elif other:
            apart += 1
            agreed.update(shown)
            print(f"{seed}: the same on {other}", flush=True)
        elif found:
            failed += 1
            for text in found:
                print(f"{seed}: {text}", flush=True)
            if arguments.keep:
                shutil.copytree(folder, os.path.join(arguments.keep, str(seed)), dirs_exist_ok=True)
        else:
            agreed.update(shown)
        shutil.rmtree(folder)
    if arguments.classes:
        print(", ".join(f"{kind} {name} {count}" for (kind, name), count in sorted(drawn.items(), key=str)))
    if arguments.counts:
        counts = {
            "keras": keras.__version__, "backend": keras.backend.backend(), "seeds": f"{seeds[0]}:{seeds[-1] + 1}", "models": done, "trained": trained, "with_differences": failed,
            "as_on_another_backend": apart, "not_taken": skipped, "classes": by_kind(agreed)}
        with open(arguments.counts, "w") as f:
            json.dump(counts, f, indent=0)
            f.write("\n")
    if arguments.second:
        print(f"{apart} in which Keras on {keras.backend.backend()} differs from Keras on {arguments.second}, and hebb from the one alone")
    if arguments.one_way:
        print(f"{mended} in which Keras {keras.__version__} differs from the one installed, and hebb from the earlier one alone")
    print(f"{done} models, {failed} with differences, {skipped} that Keras did not take, {(time.time() - start) / max(1, done):.2f} s each")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
