#!/usr/bin/env python3
"""old_keras/*.h5: compiled models as Keras's own packages of 2017 to 2019 saved them, and what three more steps make of them.

  pip download --no-deps keras==2.1.6 keras==2.2.4 keras==2.3.1 -d wheels       (one at a time; each unpacked to SOURCES/VERSION)
  python make_old_keras_files.py SOURCES

No TensorFlow of that time runs today. So the optimizers, which decide what stands in `optimizer_weights`, are those of the real source
(keras/optimizers.py), on a backend of a few functions of NumPy; the file is laid out as keras/engine/saving.py does it, with the names of the
TensorFlow backend. The model, two Dense layers under the mean squared error, is computed here.
"""

import json
import os
import sys

import h5py
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "old_keras")
STEPS_BEFORE, STEPS_AFTER, EXAMPLES = 4, 3, 6

# File name: version, class, arguments. Version 2.1.6 stands for 2.0 to 2.1 (its Sequential is a bare list), 2.2.4 for 2.2.
CASES = {
    "adam_2_1": ("2.1.6", "Adam", dict(lr=0.01)),
    "adam_2_2": ("2.2.4", "Adam", dict(lr=0.01, decay=0.1, amsgrad=True)),
    "adam_2_3": ("2.3.1", "Adam", dict(learning_rate=0.01, beta_1=0.8)),
    "sgd_2_2": ("2.2.4", "SGD", dict(lr=0.1, decay=0.05, clipnorm=0.5)),
    "sgd_2_3": ("2.3.1", "SGD", dict(learning_rate=0.1, momentum=0.9, nesterov=True, clipvalue=0.3)),
    "rmsprop_2_2": ("2.2.4", "RMSprop", dict(lr=0.01, rho=0.8)),
    "rmsprop_2_3": ("2.3.1", "RMSprop", dict(learning_rate=0.01, decay=0.2)),
    "adagrad_2_2": ("2.2.4", "Adagrad", dict(lr=0.05)),
    "adadelta_2_2": ("2.2.4", "Adadelta", dict()),
    "adadelta_2_3": ("2.3.1", "Adadelta", dict(decay=0.1)),
    "adamax_2_2": ("2.2.4", "Adamax", dict(lr=0.02)),
    "nadam_2_3": ("2.3.1", "Nadam", dict(learning_rate=0.02)),
}


class Variable:
    """What a backend's tensor does in the arithmetic of optimizers."""

    __array_ufunc__ = None  # NumPy leaves operations to it

    def __init__(self, value, name, dtype="float32"):
        self.value, self.name = np.asarray(value, dtype), name

    @property
    def dtype(self):
        return self.value.dtype

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.value, dtype)

    def __neg__(self):
        return -self.value


for operation in "add radd sub rsub mul rmul truediv rtruediv".split():
    setattr(Variable, f"__{operation}__", lambda self, other, name=f"__{operation}__": getattr(self.value, name)(plain(other)))


def plain(x):
    return x.value if isinstance(x, Variable) else x


class Backend:
    """The functions of keras.backend that optimizers use. What they make of zeros in the first step is there again in the next."""

    def __init__(self):
        self.scope, self.counts, self.slots, self.next_slot = [], {}, [], 0

    def name_scope(self, name):
        backend = self

        class Scope:
            def __enter__(self):
                backend.scope.append(name)

            def __exit__(self, *_):
                backend.scope.pop()

        return Scope()

    def variable(self, value, dtype="float32", name=None):
        base = "/".join([*self.scope, name or "Variable"])
        count = self.counts[base] = self.counts.get(base, -1) + 1
        return Variable(value, (f"{base}_{count}" if count else base) + ":0", dtype)

    def zeros(self, shape, dtype="float32", name=None):
        if self.next_slot == len(self.slots):
            self.slots.append(self.variable(np.zeros(shape), dtype, name))
        self.next_slot += 1
        return self.slots[self.next_slot - 1]

    def symbolic(self, function):
        return function

    def update(self, variable, value):
        return variable, value

    def update_add(self, variable, more):
        return variable, variable.value + more

    def gradients(self, loss, params):
        return loss  # they are handed in as the loss

    def epsilon(self):
        return 1e-7

    def floatx(self):
        return "float32"

    def cast_to_floatx(self, x):
        return np.float32(x)

    def cast(self, x, dtype):
        return np.asarray(plain(x), dtype)

    def dtype(self, x):
        return "float32"

    def int_shape(self, x):
        return plain(x).shape

    def get_value(self, x):
        return plain(x)

    def __getattr__(self, name):
        function = {"pow": np.power, "sum": np.sum}.get(name) or getattr(np, name)
        return lambda *operands: function(*[plain(x) for x in operands])


def optimizer_of(sources, version, class_name, arguments):
    """An optimizer from the real source, and a function that takes a step with it."""
    backend = Backend()
    with open(os.path.join(sources, version, "keras", "optimizers.py")) as file:
        source = file.read()
    classes = source[source.index("class Optimizer(object)"):source.index("class TFOptimizer")]
    interfaces = type("interfaces", (), {"legacy_get_updates_support": staticmethod(lambda f: f)})
    made = {"K": backend, "np": np, "interfaces": interfaces, "clip_norm": lambda g, c, n: g * (c / n) if n >= c else g}
    exec(classes, made)
    optimizer = made[class_name](**arguments)

    def step(gradients, params):
        backend.next_slot, backend.scope = 0, ["training", class_name]
        for variable, value in optimizer.get_updates(gradients, params):
            variable.value = np.asarray(value, variable.dtype)
        backend.scope = []

    return optimizer, step


def layer_config(version, name, units, activation, **first):
    zeros = {"class_name": "Zeros", "config": {}}
    uniform = {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}}
    return {"class_name": "Dense", "config": {
        "name": name, "trainable": True, **first, **({"dtype": "float32"} if first or version == "2.3.1" else {}), "units": units, "activation": activation, "use_bias": True,
        "kernel_initializer": uniform, "bias_initializer": zeros, "kernel_regularizer": None, "bias_regularizer": None, "activity_regularizer": None, "kernel_constraint": None, "bias_constraint": None}}


def save(path, version, params, optimizer, compiled=True):
    layers = [layer_config(version, "dense_1", 5, "tanh", batch_input_shape=[None, 4]), layer_config(version, "dense_2", 3, "linear")]
    config = layers if version == "2.1.6" else {"name": "sequential_1", "layers": layers}
    with h5py.File(path, "w") as f:
        if compiled:
            f.attrs["keras_version"], f.attrs["backend"] = version.encode(), b"tensorflow"
            f.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": config}).encode()
        weights = f.create_group("model_weights") if compiled else f
        weights.attrs["layer_names"] = [b"dense_1", b"dense_2"]
        weights.attrs["backend"], weights.attrs["keras_version"] = b"tensorflow", version.encode()
        for i, name in enumerate(["dense_1", "dense_2"]):
            group = weights.create_group(name)
            group.attrs["weight_names"] = [p.name.encode() for p in params[2 * i:2 * i + 2]]
            for p in params[2 * i:2 * i + 2]:
                group[p.name] = p.value
        if not compiled:
            return
        f.attrs["training_config"] = json.dumps({
            "optimizer_config": {"class_name": type(optimizer).__name__, "config": optimizer.get_config()}, "loss": "mean_squared_error", "metrics": ["mae"], "sample_weight_mode": None, "loss_weights": None},
            default=float).encode()
        group, names = f.create_group("optimizer_weights"), []
        for variable in optimizer.weights:
            name = variable.name
            while name in names:
                name += "_1"
            names.append(name)
            group[name] = variable.value
        group.attrs["weight_names"] = [n.encode() for n in names]


def make(sources):
    os.makedirs(FOLDER, exist_ok=True)
    results = {}
    for number, (case, (version, class_name, arguments)) in enumerate(CASES.items()):
        g = np.random.default_rng(number)
        x, y = g.normal(size=(EXAMPLES, 4)).astype("float32"), g.normal(size=(EXAMPLES, 3)).astype("float32")
        params = [Variable(g.normal(0, 0.5, shape), name) for name, shape in
                  [("dense_1/kernel:0", (4, 5)), ("dense_1/bias:0", 5), ("dense_2/kernel:0", (5, 3)), ("dense_2/bias:0", 3)]]
        optimizer, step = optimizer_of(sources, version, class_name, arguments)

        def predict():
            hidden = np.tanh(x @ params[0].value + params[1].value)
            return hidden, hidden @ params[2].value + params[3].value

        def train():
            hidden, out = predict()
            d_out = 2 * (out - y) / out.size
            d_hidden = (d_out @ params[2].value.T) * (1 - hidden**2)
            step([Variable(g, "gradient") for g in (x.T @ d_hidden, d_hidden.sum(0), hidden.T @ d_out, d_out.sum(0))], params)
            return float(np.mean((out - y)**2))

        for _ in range(STEPS_BEFORE):
            train()
        save(os.path.join(FOLDER, case + ".h5"), version, params, optimizer)
        if case == "adam_2_2":
            save(os.path.join(FOLDER, "weights_2_2.h5"), version, params, optimizer, compiled=False)
        before = predict()[1]
        losses = [train() for _ in range(STEPS_AFTER)]
        results[case] = {"x": x, "y": y, "predictions": before, "losses": np.float32(losses), "predictions_after": predict()[1]}
    with open(os.path.join(FOLDER, "expected.json"), "w") as file:
        listed = {case: {key: {"shape": list(v.shape), "dtype": "float32", "data": [float(str(n)) for n in v.reshape(-1)]} for key, v in case_results.items()} for case, case_results in results.items()}
        file.write("{\n" + ",\n".join(f'"{case}": {json.dumps(one)}' for case, one in listed.items()) + "\n}\n")


if __name__ == "__main__":
    make(sys.argv[1])
