"""How goldens are written: JSON that reads back to the same float32 bits, one case a line.

An array is {"shape": [...], "dtype": "float32", "data": [flat numbers, row-major]}; every number is the shortest decimal
that rounds to the same float32. NaN and the infinities are written as Python's json does: NaN, Infinity, -Infinity.
"""

import json
import logging
import os
import zlib

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np  # noqa: E402  (the environment has to stand before anything imports TensorFlow)

logging.getLogger("tensorflow").setLevel(logging.ERROR)
FOLDER = os.path.dirname(os.path.abspath(__file__))


def mend_schedule_free():
    """On TensorFlow a variable's value is the variable: ScheduleFreeAdamW, which keeps its momentum's value to use it after
    changing the momentum, then uses the changed one. Here it keeps a copy, as on JAX and as the paper has it."""
    import inspect
    import textwrap

    from keras.src.optimizers import schedule_free_adamw as module

    source = textwrap.dedent(inspect.getsource(module.ScheduleFreeAdamW.update_step))
    assert source.count("momentum.value") == 1  # mended in Keras: this can go
    made = {}
    exec(source.replace("momentum.value", "ops.copy(momentum)"), vars(module), made)
    module.ScheduleFreeAdamW.update_step = made["update_step"]


def rng(name):
    """A generator that belongs to one case: adding a case changes no other."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def normal(generator, shape, scale=1.0):
    return (scale * generator.standard_normal(shape)).astype("float32")


def number(value):
    """The float64 whose shortest decimal is also the shortest of this float32."""
    value = np.float32(value)
    if not np.isfinite(value):
        return float(value)
    decimal = float(str(value))
    assert np.float32(decimal) == value
    return decimal


def array(value):
    """An array (NumPy, TensorFlow or Keras variable) as JSON."""
    value = np.asarray(value)
    if value.dtype == np.float64:
        value = value.astype("float32")
    flat = value.reshape(-1)
    if value.dtype.kind in "OUS":
        data = [v.decode() if isinstance(v, bytes) else str(v) for v in flat]
        return {"shape": list(value.shape), "dtype": "string", "data": data}
    if value.dtype == np.float32:
        data = [number(v) for v in flat]
    else:
        data = [v.item() for v in flat]
    return {"shape": list(value.shape), "dtype": str(value.dtype), "data": data}


def arrays(values):
    return [array(v) for v in values]


def plain(value):
    """Configurations hold tuples and NumPy scalars here and there; JSON does not."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def serialized(layer_or_other):
    import keras

    return plain(keras.saving.serialize_keras_object(layer_or_other))


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def write(name, cases, **shared):
    """Writes FOLDER/name.json: the versions, what all cases share, then one case a line."""
    import keras

    path = os.path.join(FOLDER, name + ".json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    head = {"made_by": "make_goldens.py", "keras_version": keras.__version__, "backend": keras.backend.backend(), **shared}
    with open(path, "w") as f:
        f.write("{\n")
        for key, value in head.items():
            f.write(f"{json.dumps(key)}:{compact(value)},\n")
        f.write('"cases":[\n' + ",\n".join(compact(case) for case in cases) + "\n]}\n")
    print(f"{name}.json: {len(cases)} cases, {os.path.getsize(path) / 1024:.0f} KiB")
