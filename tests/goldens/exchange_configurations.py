"""Whether two configurations of Keras's say the same: what `exchange_files.py` finds in files, and in models that Keras made of them."""

import keras
import numpy as np


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
    """The tensors in what a layer was called with, by the calls that made them."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return [value["config"]["keras_history"]]
        return [t for v in value.values() for t in tensors(v)]
    return [t for v in value for t in tensors(v)] if isinstance(value, list) else []


def same_tensors(a, b):
    """Whether two calls differ in nothing but the names of tensors, which stand in order or under their names."""
    others = [{k: v for k, v in call["kwargs"].items() if v not in (None, [None]) and not tensors(v)} for call in (a, b)]
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
