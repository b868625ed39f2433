"""mixed_precision.json: models under the policies mixed_bfloat16 and mixed_float16: predictions, gradients, some steps of training."""

from golden_format import array, arrays, normal, rng, serialized, write

import keras
import numpy as np
import tensorflow as tf

L = keras.layers
STEPS = 6
POLICIES = ["mixed_bfloat16", "mixed_float16"]
# float16 has no small numbers: gradients are those of the loss times this.
SCALE = 1024.0


def head(x):
    return L.Dense(3, activation="softmax", dtype="float32", name="head")(x)


def dense():
    x = keras.Input((8,))
    h = L.Dense(6, activation="tanh")(L.Dense(16, activation="relu")(x))
    return keras.Model(x, head(h))


def dense_sequential():
    return keras.Sequential([keras.Input((8,)), L.Rescaling(0.5, offset=0.1), L.Dense(16, activation="gelu"), L.Dense(3), L.Softmax()])


def conv():
    x = keras.Input((8, 8, 2))
    h = L.ReLU()(L.BatchNormalization(momentum=0.8)(L.Conv2D(6, 3, padding="same", use_bias=False)(x)))
    h = L.DepthwiseConv2D(3)(L.MaxPooling2D(2)(h))
    h = L.GroupNormalization(2)(L.Conv2D(4, 1)(h))
    return keras.Model(x, head(L.Flatten()(h)))


def recurrent():
    x = keras.Input((6, 5))
    h = L.Bidirectional(L.LSTM(4, return_sequences=True))(x)
    h = L.TimeDistributed(L.Dense(5, activation="elu"))(h)
    return keras.Model(x, head(L.GRU(5)(h)))


def words():
    x = keras.Input((7,), dtype="int32")
    h = L.Embedding(11, 6, mask_zero=True)(x)
    return keras.Model(x, head(L.SimpleRNN(5)(L.RMSNormalization()(h))))


def attention():
    x = keras.Input((6, 8))
    h = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 4)(x, x)]))
    h = L.LayerNormalization()(h + L.Dense(8)(L.Dense(12, activation="gelu")(h)))
    return keras.Model(x, head(L.GlobalAveragePooling1D()(h)))


def operations():
    x = keras.Input((8,))
    h = L.Dense(6)(x)
    y = keras.ops.multiply(h, 1.1) + h[:, ::-1]
    return keras.Model(x, head(L.Concatenate()([y, keras.ops.cast(h, "float32")])))


def nested():
    x = keras.Input((8,))
    inner = keras.Sequential([keras.Input((8,)), L.Dense(6, activation="relu"), L.LeakyReLU()], name="inner")
    return keras.Model(x, head(L.Dense(5, activation="sigmoid", dtype="float32")(inner(x))))


def some_layers():
    """Policies of layers alone."""
    x = keras.Input((8,))
    h = L.Dense(6, activation="swish", dtype="float32")(x)
    return keras.Model(x, L.Dense(3, activation="softmax", dtype="float32")(L.PReLU()(h)))


MODELS = [dense, dense_sequential, conv, recurrent, words, attention, operations, nested, some_layers]
RATES = {conv: 0.02}  # else 0.1
OF_BFLOAT16_ALONE = [dense_sequential]  # the gradients of a softmax of float16 overflow


def give_weights(model, g):
    for w in model.weights:
        value = normal(g, w.shape, 1 / np.sqrt(max(1, np.prod(w.shape[:-1]))))
        w.assign(abs(value) + 0.5 if "variance" in w.name or "gamma" in w.name else value)


def case(build, policy):
    name = f"{build.__name__}_{policy}"
    keras.backend.clear_session()
    keras.config.set_dtype_policy(policy)
    model = build()
    g = rng("mixed precision " + build.__name__)
    give_weights(model, g)
    start = arrays(model.get_weights())
    shape = (12, *model.input_shape[1:])
    x = g.integers(0, 11, shape).astype("int32") if "int" in model.inputs[0].dtype else normal(g, shape)
    y = g.integers(0, 3, 12).astype("int32")
    loss = keras.losses.SparseCategoricalCrossentropy()
    prediction = model.predict(x, verbose=0)
    model.set_weights(model.get_weights())
    with tf.GradientTape() as tape:
        value = loss(y, model(x, training=True))
        scaled = value * SCALE
    gradients = tape.gradient(scaled, [w.value for w in model.trainable_weights])
    gradients = [tf.convert_to_tensor(v) / SCALE for v in gradients]
    model.set_weights([np.array(w["data"], "float32").reshape(w["shape"]) for w in start])
    model.compile(keras.optimizers.SGD(RATES.get(build, 0.1), momentum=0.5), loss, metrics=["accuracy"], jit_compile=False)
    history = [model.train_on_batch(x, y) for _ in range(STEPS)]
    assert prediction.dtype.name == ("float32" if build is not dense_sequential else policy[6:]), prediction.dtype
    return {
        "name": name, "policy": policy, "model": serialized(model), "optimizer": serialized(model.optimizer),
        "weight_names": [w.path for w in model.weights], "weights": start, "x": array(x), "y": array(y),
        "prediction": array(np.asarray(prediction, "float32")), "loss": float(value),
        "weight_gradients": [{"name": w.path, **array(v)} for w, v in zip(model.trainable_weights, gradients)],
        "losses": [float(h[0]) for h in history], "final_weights": arrays(model.get_weights()),
    }


def make():
    cases = [case(build, policy) for build in MODELS for policy in POLICIES[: 1 if build in OF_BFLOAT16_ALONE else 2]]
    keras.config.set_dtype_policy("float32")
    write("mixed_precision", cases, steps=STEPS, scale=SCALE)
