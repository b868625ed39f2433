"""What of Keras a model shows that was compared: classes by kind and name, as `exchange_counts.json` counts them.

Names alone do not tell: `Mean` is a metric and an operation, `Identity` a layer and an initializer.
"""

import collections
import json

import keras

KINDS = ("layers", "losses", "metrics", "optimizers", "schedules", "initializers", "regularizers", "constraints", "operations")


def kind_of(module):
    """Of the module that stands beside a class's name in a configuration; None where it is none of those counted."""
    module = str(module)
    if module.startswith("keras.optimizers.schedules"):
        return "schedules"
    if module.startswith("keras.src.ops."):
        return "operations"
    if module.startswith("keras.src.backend.") and ".optimizers." in module:  # a backend's own
        return "optimizers"
    kind = module.removeprefix("keras.").split(".")[0]
    return kind if kind in KINDS else None


def classes_in(config):
    """{(kind, name)} of what a configuration holds."""
    found = set()
    if isinstance(config, dict):
        name, kind = config.get("class_name"), kind_of(config.get("module"))
        if isinstance(name, str) and kind:
            found.add((kind, name))
    for value in config.values() if isinstance(config, dict) else config if isinstance(config, list) else ():
        found |= classes_in(value)
    return found


def letters(name):
    return name.replace("_", "").lower()


def class_of(thing, kind):
    """The name of a loss's or metric's class, also where it was given as a function or by the name of one."""
    function = getattr(thing, "fn", None) or getattr(thing, "_fn", None)
    if type(thing).__name__ not in ("LossFunctionWrapper", "MeanMetricWrapper"):
        return type(thing).__name__
    return next((name for name in dir(getattr(keras, kind)) if name[0].isupper() and letters(name) == letters(function.__name__)), None)


def serialized(thing):
    return json.loads(json.dumps(keras.saving.serialize_keras_object(thing), default=str))


def classes_held(model):
    """Layers, operations and what they hold."""
    return {each for each in classes_in(serialized(model)) if each[0] not in ("losses", "metrics", "optimizers", "schedules")}


def classes_evaluated(model):
    """The losses and metrics of a model that was evaluated."""
    losses = [row.loss for row in getattr(model._compile_loss, "_flat_losses", None) or [] if row is not None]
    metrics = model._compile_metrics.metrics if model._compile_metrics else []
    return {("losses", class_of(loss, "losses")) for loss in losses} | {("metrics", class_of(metric, "metrics")) for metric in metrics}


def classes_trained_by(model):
    """The optimizers and schedules of a compiled model."""
    return {each for each in classes_in(serialized(model.optimizer)) if each[0] in ("optimizers", "schedules")}


def by_kind(counter):
    """A counter of (kind, name) as {kind: {name: number}}."""
    out = collections.defaultdict(dict)
    for (kind, name), number in sorted(item for item in counter.items() if item[0][1]):
        out[kind][name] = number
    return dict(out)
