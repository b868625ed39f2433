"""constraints.json: what constraints make of weights of several shapes, along each of their axes."""

from golden_format import array, normal, plain, rng, serialized, write

import keras
import numpy as np

C = keras.constraints
CASES = [
    ("max_norm", C.MaxNorm, {"max_value": 0.7}), ("max_norm_default", C.MaxNorm, {}), ("max_norm_last", C.MaxNorm, {"max_value": 0.7, "axis": -1}),
    ("max_norm_filters", C.MaxNorm, {"max_value": 0.9, "axis": [0, 1, 2]}), ("min_max_norm", C.MinMaxNorm, {"min_value": 0.4, "max_value": 1.1, "rate": 0.6}),
    ("min_max_norm_default", C.MinMaxNorm, {}), ("min_max_norm_axis", C.MinMaxNorm, {"min_value": 0.4, "max_value": 1.1, "axis": 1}),
    ("min_max_norm_filters", C.MinMaxNorm, {"min_value": 0.2, "max_value": 0.8, "rate": 0.3, "axis": [0, 1, 2]}), ("non_neg", C.NonNeg, {}), ("unit_norm", C.UnitNorm, {}),
    ("unit_norm_last", C.UnitNorm, {"axis": -1}), ("unit_norm_filters", C.UnitNorm, {"axis": [0, 1, 2]}),
]


def case(name, cls, arguments):
    g = rng("constraint " + name)
    made = cls(**arguments)
    values = []
    for shape in [(2, 2, 3, 4)] if isinstance(arguments.get("axis"), list) else [(3, 4), (2, 3, 2), (2, 2, 3, 4)]:
        w = normal(g, shape)
        w[0] *= 0.1
        values.append({"w": array(w), "constrained": array(np.asarray(made(keras.ops.convert_to_tensor(w))))})
    return {"name": name, "class_name": cls.__name__, "arguments": plain(arguments), "serialized": serialized(made), "values": values}


def make():
    write("constraints", [case(*row) for row in CASES])
