#!/usr/bin/env python3
"""versions/: a compiled model as each of several versions of Keras 3 saves it after some steps of training, with what it predicts and how it trains on.

  pip download --no-deps keras==3.3.3 -d wheels            (each version unpacked to SOURCES/VERSION; 3.0.5 needs dm-tree beside it)
  for v in SOURCES/*; do PYTHONPATH=$v KERAS_BACKEND=torch python make_version_files.py; done
"""

import os

from golden_format import FOLDER, arrays, normal, rng, write

import keras
import numpy as np

L = keras.layers
WITH_H5 = ("3_3", "3_12")  # 3.0 cannot write this model so
WITH_AVERAGES = ("3_8",)  # up to 3.9 they stand elsewhere in files than later, where gradients are accumulated, too
WITH_BYTES = ("3_12",)  # kernels in int8
BATCH, STEPS_BEFORE, STEPS_AFTER = 6, 2, 3


def network():
    """Each layer as small as can be: what is of interest is how its file is laid out."""
    steps, words = keras.Input((5, 4), name="steps"), keras.Input((6,), dtype="int32", name="words")
    scale = L.Normalization(axis=-1)
    scale.adapt(normal(rng("versions, adapted"), (12, 5, 4), 2.0))
    x = L.LSTM(3, return_sequences=True)(scale(L.Rescaling(0.5)(steps)))
    x = L.LayerNormalization()(x + L.MultiHeadAttention(2, 2)(x, x))
    inner = keras.Sequential([keras.Input((5, 3)), L.Dense(4, activation="relu", use_bias=False), L.BatchNormalization(momentum=0.8), L.Dense(3)], name="inner")
    x = inner(inner(x))
    x = L.GlobalAveragePooling1D()(L.SeparableConv1D(3, 3, padding="same", activation="gelu")(x)[:, 1:])
    w = L.Bidirectional(L.GRU(2))(L.Embedding(9, 3, mask_zero=True)(words))
    h = L.Dropout(0.0)(L.Concatenate()([x, w]))
    return keras.Model([steps, words], [L.Dense(3, activation="softmax", name="kind")(h), L.Dense(1, kernel_regularizer="l2", name="size")(h)])


def make():
    version = "_".join(keras.__version__.split(".")[:2])
    keras.utils.set_random_seed(7)
    model = network()
    g = rng("versions")
    words = g.integers(1, 9, (BATCH, 6)).astype("int32")
    words[np.arange(6)[None] >= g.integers(1, 7, BATCH)[:, None]] = 0
    inputs, targets = [normal(g, (BATCH, 5, 4)), words], [g.integers(0, 3, BATCH).astype("int32"), normal(g, (BATCH, 1))]
    # Nadam: the order of its variables changed from one version to another.
    model.compile(keras.optimizers.Nadam(0.01, epsilon=1e-3), loss=["sparse_categorical_crossentropy", "mse"], loss_weights=[1.0, 0.5], metrics=[["accuracy"], ["mae"]])
    save("keras_" + version, version, model, inputs, targets, STEPS_BEFORE, version in WITH_H5)
    if version in WITH_AVERAGES:
        model = keras.Sequential([keras.Input((3,)), L.Dense(4, activation="tanh"), L.Dense(2)])
        model.compile(keras.optimizers.Adam(0.1, epsilon=1e-3, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2, gradient_accumulation_steps=3), loss="mse")
        g = rng("versions, averages")
        save(f"keras_{version}_averages", version, model, [normal(g, (BATCH, 3))], [normal(g, (BATCH, 2))], 4, True)
    if version in WITH_BYTES:
        model = keras.Sequential([keras.Input((3,)), L.Dense(4, activation="tanh", bias_initializer="random_normal"), L.Dense(2, use_bias=False)])
        model.quantize("int8")
        save(f"keras_{version}_bytes", version, model, [normal(rng("versions, bytes"), (BATCH, 3))], [], 0, True)


def save(name, version, model, inputs, targets, steps_before, with_h5):
    def train():
        model.reset_metrics()
        return float(model.train_on_batch(one_or_all(inputs), one_or_all(targets), return_dict=True)["loss"])

    def predicted():
        y = model.predict(one_or_all(inputs), verbose=0)
        return arrays(y if isinstance(y, list) else [y])
    for _ in range(steps_before):
        train()
    path = os.path.join(FOLDER, "versions", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    model.save(path + ".keras")
    if with_h5:
        model.save(path + ".h5")
    case = {"name": version, "count_params": model.count_params(), "inputs": arrays(inputs), "targets": arrays(targets), "predictions": predicted()}
    case["losses"] = [train() for _ in range(STEPS_AFTER if model.compiled else 0)]
    case["predictions_after"] = predicted()
    write("versions/" + name, [case])


def one_or_all(values):
    return values if len(values) > 1 else values[0]


if __name__ == "__main__":
    make()
