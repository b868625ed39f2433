#!/usr/bin/env python3
"""Makes the goldens of this folder with real Keras (whole_set: with SciPy): what hebb's tests hold its numbers against.

  python -m venv venv && venv/bin/pip install -r requirements.txt
  venv/bin/python make_goldens.py [GROUP ...]        (all groups: about six minutes on two cores)

Every group is a module `make_GROUP.py` that writes `GROUP.json` (keras_files: the folder `keras/`, composed_models: `composed/`, class_models: `classes/`, random_models: `random/`). Seeds belong to cases, so a new case
changes no other. How arrays stand in the files: `golden_format.py`.

Beside them stand two that make no files, but hold hebb against Keras in models drawn at random: `exchange_with_keras.py`, and
`exchange_with_old_keras.py` for Keras 2. What they find becomes a case of a group. `make_old_keras_files.py` makes `old_keras/` from the
source of old versions of Keras, `make_version_files.py` makes `versions/` with earlier ones of Keras 3.
"""

import importlib
import sys

import golden_format  # noqa: F401  (sets Keras's backend before anything imports Keras)

GROUPS = ["activations", "layers", "conv_layers", "image_layers", "layer_arguments", "spatial_layers", "preprocessing", "augmentation", "lookups", "sequence_layers", "conv_lstm", "losses", "metrics", "optimizers", "schedules", "initializers", "regularizers", "constraints", "callbacks", "training_callbacks", "training", "whole_set", "attention", "keras_names", "mixed_precision", "policies", "operations", "elementary_operations", "old_operations", "dictionary_calls",
          "keras_files", "composed_models", "class_models", "viz", "cudnn_layers", "random_models"]  # random_models last: it changes how TensorFlow adds up rows of an Embedding


def main():
    chosen = sys.argv[1:] or GROUPS
    unknown = [g for g in chosen if g not in GROUPS]
    if unknown:
        sys.exit(f"no group named {', '.join(unknown)}; there are: {', '.join(GROUPS)}")
    for group in chosen:
        importlib.import_module("make_" + group).make()


if __name__ == "__main__":
    main()
