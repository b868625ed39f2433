"""policies/*.keras: models under the policies float64, bfloat16 and float16, saved by real Keras after some steps of training, each with what it predicts and how the loss goes on. policies.json: those numbers. policies/map.keras: layers under a map of policies by their paths."""

import os

from golden_format import FOLDER, array, normal, rng, write

import keras
import numpy as np

L = keras.layers
POLICIES = ["float64", "bfloat16", "float16"]


def network():
    x = keras.Input((8, 8, 2), name="x")
    h = L.BatchNormalization(momentum=0.8)(L.Conv2D(4, 3, activation="relu")(x))
    h = L.LayerNormalization()(L.Dense(8, activation="tanh")(L.Flatten()(L.MaxPooling2D(2)(h))))
    return keras.Model(x, L.Dense(3, activation="softmax", name="head")(h), name="network")


def attention():
    """A policy by a path, by a pattern, of a layer that has no path since it is made without being built, and of none."""
    policies = {"attend/query": "mixed_bfloat16", ".*/value": "mixed_float16", "body": "bfloat16", "gate": "mixed_bfloat16"}
    same = {"dtype": keras.dtype_policies.DTypePolicyMap("float32", {path: keras.DTypePolicy(name) for path, name in policies.items()})}
    x = keras.Input((8, 16), name="x")
    h = L.ReLU(name="gate", **same)(L.Dense(6, name="body", **same)(L.MultiHeadAttention(2, 5, name="attend", **same)(x, x)))
    return keras.Model(x, L.Dense(3, activation="softmax", name="head", **same)(L.Flatten()(h)), name="network")


def case(policy, network=network, shape=(8, 8, 2), default=None):
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    keras.config.set_dtype_policy(default or policy)
    try:
        model = network()
        g = rng("policies " + policy)
        x, y = normal(g, (12, *shape)), np.eye(3, dtype="float32")[g.integers(0, 3, 12)]
        model.compile(optimizer=keras.optimizers.SGD(0.05, momentum=0.5), loss="categorical_crossentropy")
        for _ in range(3):
            model.train_on_batch(x, y)
        model.save(os.path.join(FOLDER, "policies", policy + ".keras"))
        predicted = np.asarray(model.predict(x, verbose=0)).astype("float64").ravel().tolist()
        losses = [float(model.train_on_batch(x, y)) for _ in range(3)]
        return {"name": policy, "x": array(x), "y": array(y), "prediction": predicted, "losses": losses, "weights": [array(np.asarray(w.numpy()).astype("float32")) for w in keras.saving.load_model(os.path.join(FOLDER, "policies", policy + ".keras")).weights]}
    finally:
        keras.config.set_dtype_policy("float32")


def make():
    os.makedirs(os.path.join(FOLDER, "policies"), exist_ok=True)
    map_of = case("map", attention, (8, 16), "float32")
    read = keras.saving.load_model(os.path.join(FOLDER, "policies", "map.keras"))
    map_of["policies"] = {layer.name: layer.dtype_policy[layer.path].name for layer in read._flatten_layers() if layer.path and isinstance(layer.dtype_policy, keras.dtype_policies.DTypePolicyMap)}
    write("policies", [case(policy) for policy in POLICIES], map=map_of)
