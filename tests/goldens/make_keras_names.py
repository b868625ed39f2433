"""keras_names.json: every public class of Keras that a file or a program may name, with the arguments it takes, those that it has no default for, and its other names."""

import importlib
import inspect
import json
import os

from golden_format import FOLDER

import keras

KINDS = {
    "layers": keras.layers, "losses": keras.losses, "metrics": keras.metrics, "optimizers": keras.optimizers, "schedules": keras.optimizers.schedules,
    "callbacks": keras.callbacks, "initializers": keras.initializers, "regularizers": keras.regularizers, "constraints": keras.constraints,
}


def arguments(cls):
    names = [name for name, p in inspect.signature(cls.__init__).parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    return [name for name in names if name not in ("self", "name", "dtype")]


def required(cls):
    taken = inspect.signature(cls.__init__).parameters
    return [name for name in arguments(cls) if taken[name].default is inspect.Parameter.empty]


def rows(module):
    """A row for each class, whatever number of names it has: Keras 2's stand beside its own (Convolution2D, MaxPool2D)."""
    names = {}
    for name in dir(module):
        cls = getattr(module, name)
        if inspect.isclass(cls) and not (name.islower() and hasattr(module, cls.__name__)):  # `l2` is a function's name
            names.setdefault(cls, []).append(name)
    for cls, known in names.items():
        # The name in files: the class's own, unless that is not public (GroupedQueryAttention is GroupQueryAttention everywhere).
        name = cls.__name__ if cls.__name__ in known else known[0]
        others = [other for other in known if other != name]
        yield {"name": name, "arguments": arguments(cls), **({"required": required(cls)} if required(cls) else {}), **({"aliases": others} if others else {})}


def function_of(name):
    """Of keras.ops, by the class of its operation; None where it has another name."""
    for prefix, module in (("", keras.ops), ("image.", keras.ops.image)):
        for function in dir(module):
            if function.replace("_", "") == name.lower() and inspect.isfunction(getattr(module, function)):
                return prefix + function
    return {"BatchNorm": "batch_normalization", "LayerNorm": "layer_normalization", "RMSNorm": "rms_normalization"}.get(name)


def operations():
    """A row for each operation that a functional model may hold."""
    for part in ("core", "image", "linalg", "math", "nn", "numpy"):
        module = importlib.import_module("keras.src.ops." + part)
        for name, cls in vars(module).items():
            if inspect.isclass(cls) and issubclass(cls, keras.Operation) and cls.__module__ == module.__name__ and function_of(name):
                yield {"name": name, "function": function_of(name)}


def make():
    out = {kind: sorted(rows(module), key=lambda row: row["name"]) for kind, module in KINDS.items()}
    out["operations"] = sorted(operations(), key=lambda row: row["function"])
    with open(os.path.join(FOLDER, "keras_names.json"), "w") as f:
        lines = [f'"{kind}": [\n' + ",\n".join(json.dumps(row) for row in each) + "\n]" for kind, each in out.items()]
        f.write('{"keras": "%s",\n' % keras.__version__ + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    make()
