"""keras_names.json: every class of Keras that a file or a program may name, with the arguments it takes."""

import inspect
import json
import os

from golden_format import FOLDER

import keras

KINDS = {
    "layers": keras.layers, "losses": keras.losses, "metrics": keras.metrics, "optimizers": keras.optimizers, "schedules": keras.optimizers.schedules,
    "callbacks": keras.callbacks, "initializers": keras.initializers, "regularizers": keras.regularizers, "constraints": keras.constraints,
}
# Bases to derive from and what belongs to Keras's own machinery.
NO_CLASSES_OF_MODELS = {
    "InputSpec", "Layer", "Wrapper", "Loss", "Metric", "MeanMetricWrapper", "Optimizer", "OptimizerMap", "LearningRateSchedule", "Callback", "CallbackList", "History", "ProgbarLogger",
    "OrbaxCheckpoint", "Initializer", "Regularizer", "Constraint", "Pipeline", "MaxNumBoundingBoxes",
}


def arguments(cls):
    names = [name for name, p in inspect.signature(cls.__init__).parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    return [name for name in names if name not in ("self", "name", "dtype")]


def make():
    out = {}
    for kind, module in KINDS.items():
        rows = {}
        for name in sorted(dir(module)):
            cls = getattr(module, name)
            if inspect.isclass(cls) and cls.__name__ not in NO_CLASSES_OF_MODELS:
                # Keras 2's names stand beside its own: Convolution2D, MaxPool2D. The class's own name is that of files.
                rows.setdefault(cls.__name__, arguments(cls))
        out[kind] = [{"name": name, "arguments": names} for name, names in sorted(rows.items())]
    with open(os.path.join(FOLDER, "keras_names.json"), "w") as f:
        lines = [f'"{kind}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]" for kind, rows in out.items()]
        f.write('{"keras": "%s",\n' % keras.__version__ + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    make()
