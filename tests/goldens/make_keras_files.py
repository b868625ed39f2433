"""keras/*.keras: small models saved by real Keras, each with a JSON file of what it predicts and what one more step makes of it.

The step is taken by the model that Keras loaded back from the file, so everything it depends on is in the file.
"""

import os
import warnings

from golden_format import FOLDER, array, arrays, normal, plain, rng, serialized, write

import keras
import numpy as np
import tensorflow as tf

L, O, R = keras.layers, keras.optimizers, keras.regularizers
CLASSES = 3


def classes(g, n):
    return g.integers(0, CLASSES, n).astype("int32")


def vectors(*sizes):
    return lambda g, n: [normal(g, (n, s)) for s in sizes]


def images(g, n):
    return [normal(g, (n, 8, 8, 1))]


def dense(**first):
    return keras.Sequential([keras.Input((6,)), L.Dense(7, activation="relu", **first), L.Dense(CLASSES, activation="softmax")])


def conv(rate=0.0):
    # No bias before the normalisation: its gradient would be rounding noise, which Adam turns into whole steps.
    return keras.Sequential([
        keras.Input((8, 8, 1)), L.Conv2D(3, 3, use_bias=False), L.BatchNormalization(), L.Activation("relu"), L.MaxPooling2D(2), L.Dropout(rate), L.Flatten(),
        L.Dense(CLASSES, activation="softmax")])


def call_options():
    # Dropout writes training = False though nobody passes it; what is passed holds where the model's call leaves it open.
    x = keras.Input((6,), name="x")
    y = L.BatchNormalization(name="still")(L.Dense(5, name="first")(x), training=False)
    y = L.BatchNormalization(name="moving")(y, training=True)
    return keras.Model(x, L.Dense(CLASSES, activation="softmax", name="label")(L.Dropout(0.0, name="open")(y)), name="call_options")


def functional():
    left, right = keras.Input((5,), name="left"), keras.Input((5,), name="right")
    shared = L.Dense(4, activation="tanh", name="shared")
    a, b = shared(left), shared(right)
    joined = L.Concatenate(name="joined")([a, b, L.Add(name="sum")([a, b])])
    return keras.Model([left, right], L.Dense(CLASSES, activation="softmax", name="label")(joined), name="siamese")


def nested():
    inner = keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.BatchNormalization(), L.Dense(4)], name="encoder")
    x = keras.Input((6,), name="x")
    head = keras.Sequential([keras.Input((4,)), L.Dense(CLASSES), L.Softmax()], name="head")
    return keras.Model(x, head(inner(x)), name="outer")


def all_layers():
    x = keras.Input((8, 6, 2), name="image")
    y = L.Rescaling(0.5, offset=0.1)(x)
    y = L.ZeroPadding2D(((1, 0), (0, 1)))(y)
    y = L.Conv2D(4, (3, 2), strides=(2, 1), padding="same", dilation_rate=1, groups=2, kernel_initializer="he_normal", bias_initializer=keras.initializers.Constant(0.1))(y)
    y = L.ReLU(max_value=6.0, negative_slope=0.1, threshold=0.05)(y)
    y = L.BatchNormalization(axis=1, momentum=0.8, epsilon=1e-2, center=False)(y)
    a, b = L.AveragePooling2D(2, padding="same")(y), L.MaxPooling2D((2, 2), strides=2, padding="same")(y)
    y = L.Concatenate(axis=-1)([a, b])
    flat = L.Reshape((-1,))(y)
    y = L.Concatenate()([L.GlobalAveragePooling2D()(y), L.GlobalMaxPooling2D()(y), L.Flatten()(y), L.Activation("gelu")(flat)])
    y = L.Dropout(0.0)(L.Dense(6, activation="swish", use_bias=False)(y))
    return keras.Model(x, L.Softmax()(L.Dense(CLASSES)(y)))


def spatial_layers():
    """A branch for each number of axes, with every layer that has weights."""
    sequence, image, volume = keras.Input((8, 3), name="sequence"), keras.Input((6, 6, 2), name="image"), keras.Input((4, 4, 4, 1), name="volume")
    a = L.DepthwiseConv1D(2, use_bias=False)(L.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="relu")(sequence))
    a = L.Conv1DTranspose(2, 3, strides=2)(L.SeparableConv1D(3, 3, depth_multiplier=2)(a))
    b = L.SeparableConv2D(4, 3, padding="same", activation="tanh")(L.DepthwiseConv2D(3, depth_multiplier=2)(image))
    c = L.Conv3DTranspose(2, 2, strides=2)(L.Conv3D(3, 2, strides=(1, 2, 1))(volume))
    d = L.ConvLSTM2D(2, 2)(c)  # the depth as steps
    whole = L.Concatenate()([L.GlobalAveragePooling1D()(a), L.GlobalMaxPooling2D()(b), L.GlobalMaxPooling2D()(d)])
    return keras.Model([sequence, image, volume], L.Dense(CLASSES, activation="softmax")(whole), name="spatial_layers")


def operations():
    """Arithmetic and keras.ops on symbolic tensors: nodes of operations between those of layers."""
    x = keras.Input((4, 6), name="x")
    K = keras.ops
    parts = [
        x[:, -1], x[:, :, 0], x[:, 1:3, ::-2], K.mean(x, axis=1), K.max(x, axis=(1, 2)), K.sum(K.square(x) - 1, axis=-1), K.std(x, axis=1), K.softmax(x, axis=1), K.transpose(x, (0, 2, 1)), K.where(x > 0, x, 0.1), 1 / (K.abs(x) + 2),
        K.clip(x, -1, 0.5), K.stack([x, x**2], axis=1), K.matmul(x, K.transpose(x, (0, 2, 1))), K.split(x, [2, 5], axis=-1)[1], K.one_hot(K.argmax(x, axis=-1), 6), K.squeeze(K.expand_dims(x, 1), 1), K.pad(x, ((0, 0), (1, 0), (0, 2))),
        K.repeat(x, 2, axis=1), K.tile(x, (1, 1, 2)), K.normalize(x), K.cumsum(x, axis=1), K.flip(x, axis=1), K.cast(K.logical_and(x > 0, x < 1), "float32"), K.take(x, [0, 2, -1], axis=2), K.gelu(x), K.leaky_relu(x, 0.1), K.logsumexp(x, axis=1),
        K.einsum("bij,bkj->bik", x, x), K.maximum(x, 0.2) * np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "float32"), K.swapaxes(x, 1, 2), K.any(x > 1, axis=1) * 2.0,
    ]
    y = K.concatenate([K.reshape(p, (-1, int(np.prod(p.shape[1:])))) for p in parts], axis=1)
    return keras.Model(x, L.Dense(CLASSES, activation="softmax")(y), name="operations")


def masked():
    """Keras writes masks as nodes of operations and as arguments of calls."""
    words = keras.Input((5,), dtype="int32", name="words")
    x, own = L.Embedding(7, 4, mask_zero=True)(words), L.Embedding(7, 4, mask_zero=True)(words)
    attended = L.GlobalAveragePooling1D()(L.MultiHeadAttention(1, 3)(own, own))  # which takes the mask off its inputs
    y = L.LSTM(3, return_sequences=True)(x)
    y = L.Attention()([y, y])
    y, state = L.GRU(3, return_state=True)(L.Masking(0.5)(L.Dense(4)(y)))
    z = L.SimpleRNN(3)(x, initial_state=state)
    return keras.Model(words, L.Dense(CLASSES, activation="softmax")(L.Concatenate()([attended, y, z])), name="masked")


def partly_frozen():
    return keras.Sequential([keras.Input((4, 6)), L.TimeDistributed(L.Dense(5, trainable=False)), L.Bidirectional(L.GRU(2)), L.Dense(CLASSES, activation="softmax")])


def frozen_attention():
    """Keras trains it: the layers that it makes inside do not hear that the attention is frozen."""
    x = keras.Input((4, 6), name="x")
    return keras.Model(x, L.GlobalAveragePooling1D()(L.MultiHeadAttention(2, 3, output_shape=CLASSES, trainable=False, name="attention")(x, x)), name="frozen_attention")


def distributed_models():
    """Models for each step of a sequence; the loss has the sum of what their regularizers say of all steps."""
    seen = keras.Sequential([keras.Input((6, 6, 1)), L.Conv2D(3, 3, strides=2, use_bias=False, activity_regularizer=R.L2(0.05)), L.BatchNormalization(), L.Activation("relu"), L.Flatten()], name="seen")
    x = keras.Input((12,), name="features")
    joined = keras.Model(x, L.Concatenate()([L.Dense(3, activation="tanh", activity_regularizer=R.L1(0.02))(x), L.ActivityRegularization(l2=0.03)(L.Dense(2)(x))]), name="joined")
    frames = keras.Input((3, 6, 6, 1), name="frames")
    y = L.TimeDistributed(joined, name="of_each_step")(L.TimeDistributed(seen, name="of_each_frame")(frames))
    return keras.Model(frames, L.Dense(CLASSES, activation="softmax")(L.GRU(3)(y)), name="distributed_models")


def half_inputs():
    """Inputs of 16 bits for layers of 32."""
    x, y = keras.Input((5,), dtype="float16", name="x"), keras.Input((6,), dtype="bfloat16", name="y")
    z = L.Concatenate()([L.Dense(4, activation="tanh")(x + x), L.Dense(3, activation="tanh")(L.Rescaling(0.5)(y))])
    return keras.Model([x, y], L.Dense(CLASSES, activation="softmax")(z), name="half_inputs")


def word_numbers(g, n):
    words = g.integers(1, 7, (n, 5))
    words[np.arange(5)[None] >= g.integers(1, 6, n)[:, None]] = 0
    return [words.astype("int32")]


def two_outputs():
    x = keras.Input((6,), name="x")
    hidden = L.Dense(5, activation="tanh", name="hidden")(x)
    return keras.Model(x, [L.Dense(CLASSES, activation="softmax", name="label")(hidden), L.Dense(2, name="value")(hidden)], name="two_outputs")


REVIEWS = ["A good film!", "Not a good film.", "The plot: good, the cast: bad", "bad  BAD\tbad", "", "what a film - what a cast", "an ordinary film"]


def reviews(g, n):
    return tf.constant([[REVIEWS[i]] for i in g.integers(0, len(REVIEWS), n)])


def texts():
    """Vocabularies that were learned, which files keep beside the configuration."""
    text, words, numbers = keras.Input((), dtype="string", name="text"), keras.Input((2,), dtype="string", name="words"), keras.Input((2,), dtype="int64", name="numbers")
    indices, weighted = L.TextVectorization(12, output_sequence_length=5), L.TextVectorization(output_mode="tf_idf")
    known, counted = L.StringLookup(output_mode="multi_hot"), L.IntegerLookup(output_mode="tf_idf")
    for layer in (indices, weighted):
        layer.adapt(REVIEWS)
    known.adapt([["red", "green"], ["red", "blue"]])
    counted.adapt(np.array([[1, 2], [2, 3]]))
    y = L.GlobalAveragePooling1D()(L.Embedding(12, 3)(indices(text)))
    y = L.Concatenate()([y, weighted(text), known(words), counted(numbers)])
    return keras.Model([text, words, numbers], L.Dense(CLASSES, activation="softmax")(y), name="texts")


def text_words_numbers(g, n):
    colours = tf.constant([["red", "green", "blue", "pink"][i] for i in g.integers(0, 4, 2 * n)])
    return [reviews(g, n)[:, 0], tf.reshape(colours, (n, 2)), tf.constant(g.integers(0, 5, (n, 2)))]


def texts_given():
    """A vocabulary that was given, in a model within a model; results are as long as the longest text of a batch."""
    words = keras.Sequential([
        keras.Input((1,), dtype="string"), L.TextVectorization(vocabulary=["good", "bad", "a good", "film"], ngrams=2), L.Embedding(6, 4), L.GlobalAveragePooling1D()], name="words")
    text = keras.Input((1,), dtype="string", name="text")
    return keras.Model(text, L.Dense(CLASSES, activation="softmax")(words(text)), name="texts_given")


SPARSE = dict(loss="sparse_categorical_crossentropy", metrics=["accuracy"])


def label_and_value(g, n):
    return [classes(g, n), normal(g, (n, 2))]


def one_hot(g, n):
    return np.eye(CLASSES, dtype="float32")[classes(g, n)]


def freeze_first(model):
    model.layers[0].trainable = False


# name: (model, how to compile it (None: not at all), inputs, targets, epochs of training before saving[, what to do after it])
FILES = {
    "dense_adam": (dense, lambda: dict(optimizer="adam", **SPARSE), vectors(6), classes, 2),
    "dense_untrained": (dense, lambda: dict(optimizer=O.Adam(0.01), **SPARSE), vectors(6), classes, 0),
    "dense_not_compiled": (dense, None, vectors(6), classes, 0),
    "dense_regularized": (
        lambda: dense(kernel_regularizer=R.L2(0.01), bias_regularizer=R.L1(0.02), activity_regularizer=R.L1L2(0.01, 0.03)), lambda: dict(optimizer=O.SGD(0.1, momentum=0.9), **SPARSE), vectors(6), classes, 2),
    "dense_exponential": (dense, lambda: dict(optimizer=O.SGD(O.schedules.ExponentialDecay(0.2, 3, 0.8, staircase=True), momentum=0.9, nesterov=True), **SPARSE), vectors(6), classes, 2),
    "dense_cosine": (dense, lambda: dict(optimizer=O.Adam(O.schedules.CosineDecay(0.001, 20, alpha=0.1, warmup_target=0.05, warmup_steps=3)), **SPARSE), vectors(6), classes, 2),
    "dense_piecewise": (dense, lambda: dict(optimizer=O.RMSprop(O.schedules.PiecewiseConstantDecay([2, 5], [0.1, 0.01, 0.001])), **SPARSE), vectors(6), classes, 2),
    "dense_clipped": (dense, lambda: dict(optimizer=O.Adam(0.02, weight_decay=0.05, clipnorm=0.3), **SPARSE), vectors(6), classes, 2),
    "dense_averaged": (dense, lambda: dict(optimizer=O.SGD(0.1, momentum=0.5, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3), **SPARSE), vectors(6), classes, 2),
    "dense_accumulated": (dense, lambda: dict(optimizer=O.Adam(0.02, gradient_accumulation_steps=2), **SPARSE), vectors(6), classes, 1),
    "dense_objects": (
        dense,
        lambda: dict(optimizer=O.Adagrad(0.1), loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
                     metrics=["accuracy", keras.metrics.CategoricalCrossentropy(name="crossentropy"), keras.metrics.TopKCategoricalAccuracy(k=2), "mse"]),
        vectors(6), one_hot, 2),
    **{
        f"conv_{name}": (conv, lambda make=make: dict(optimizer=make(), **SPARSE), images, classes, 2)
        for name, make in {
            "sgd": lambda: O.SGD(0.05), "sgd_momentum": lambda: O.SGD(0.05, momentum=0.9), "rmsprop": O.RMSprop, "rmsprop_full": lambda: O.RMSprop(0.002, momentum=0.9, centered=True),
            "adagrad": O.Adagrad, "adadelta": lambda: O.Adadelta(1.0), "adam": O.Adam, "adam_amsgrad": lambda: O.Adam(0.01, amsgrad=True), "adamw": lambda: O.AdamW(0.01, weight_decay=0.02), "nadam": O.Nadam,
        }.items()
    },
    "conv_dropout": (lambda: conv(0.4), lambda: dict(optimizer="nadam", **SPARSE), images, classes, 1),
    "functional": (functional, lambda: dict(optimizer=O.Adam(0.02), **SPARSE), vectors(5, 5), classes, 2),
    "call_options": (call_options, lambda: dict(optimizer=O.SGD(0.05), **SPARSE), vectors(6), classes, 2),
    "nested": (nested, lambda: dict(optimizer=O.SGD(0.05, momentum=0.9), **SPARSE), vectors(6), classes, 2),
    "all_layers": (all_layers, lambda: dict(optimizer=O.SGD(0.02), **SPARSE), lambda g, n: [normal(g, (n, 8, 6, 2))], classes, 1),
    "spatial_layers": (
        spatial_layers, lambda: dict(optimizer=O.SGD(0.02), **SPARSE), lambda g, n: [normal(g, (n, 8, 3)), normal(g, (n, 6, 6, 2)), normal(g, (n, 4, 4, 4, 1))], classes, 1),
    # SGD: TensorFlow's gradient of an Embedding has a row for each word, of which Adam squares each by itself.
    "texts": (texts, lambda: dict(optimizer=O.SGD(0.05, momentum=0.9), **SPARSE), text_words_numbers, classes, 1),
    "texts_given": (texts_given, lambda: dict(optimizer=O.SGD(0.05, momentum=0.9), **SPARSE), lambda g, n: [reviews(g, n)], classes, 1),
    "operations": (operations, lambda: dict(optimizer=O.SGD(0.05), **SPARSE), lambda g, n: [normal(g, (n, 4, 6))], classes, 1),
    "masked": (masked, lambda: dict(optimizer=O.SGD(0.05, momentum=0.5), **SPARSE), word_numbers, classes, 2),
    "partly_frozen": (partly_frozen, lambda: dict(optimizer=O.Adam(0.01), **SPARSE), lambda g, n: [normal(g, (n, 4, 6))], classes, 1),
    "distributed_models": (distributed_models, lambda: dict(optimizer=O.SGD(0.05, momentum=0.9), **SPARSE), lambda g, n: [normal(g, (n, 3, 6, 6, 1))], classes, 1),
    "half_inputs": (half_inputs, lambda: dict(optimizer=O.SGD(0.1, momentum=0.9), **SPARSE), vectors(5, 6), classes, 1),
    "frozen_attention": (frozen_attention, lambda: dict(optimizer=O.SGD(0.1, momentum=0.9), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)), lambda g, n: [normal(g, (n, 4, 6))], classes, 1),
    "frozen_later": (dense, lambda: dict(optimizer=O.Adam(0.01), **SPARSE), vectors(6), classes, 1, freeze_first),
    "two_outputs": (
        two_outputs,
        lambda: dict(optimizer=O.Adam(0.02), loss={"label": "sparse_categorical_crossentropy", "value": "mse"}, loss_weights={"label": 1.0, "value": 0.25}, metrics={"label": ["accuracy"]}),
        vectors(6), label_and_value, 2),
}


# Those whose weights are saved alone, too.
WEIGHTS = ["conv_adam", "nested", "texts"]


def named(variables):
    return [{"path": v.path, **array(v)} for v in variables]


def save(name, build, compile_arguments, make_inputs, make_targets, epochs, then=lambda model: None):
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    g = rng("file " + name)
    model = build()
    if compile_arguments:
        model.compile(**compile_arguments())
        x, y = make_inputs(g, 40), make_targets(g, 40)
        if epochs:
            model.fit(x if len(x) > 1 else x[0], y, batch_size=16, epochs=epochs, shuffle=False, verbose=0)
    then(model)
    path = os.path.join(FOLDER, "keras", name + ".keras")
    model.save(path)

    loaded = keras.saving.load_model(path)
    x, y = make_inputs(g, 5), make_targets(g, 5)
    one = x if len(x) > 1 else x[0]
    record = {
        "name": name,
        "inputs": arrays(x),
        "predictions": arrays(np.atleast_1d(p) for p in (lambda p: p if isinstance(p, list) else [p])(loaded.predict(one, verbose=0))),
        "weights": named(loaded.weights),
        "optimizer_variables": named(loaded.optimizer.variables) if compile_arguments else None,
        "count_params": loaded.count_params(),
    }
    if name in WEIGHTS:
        loaded.save_weights(os.path.join(FOLDER, "keras", name + ".weights.h5"))
    if compile_arguments and "dropout" not in name:
        record["targets"] = arrays(y if isinstance(y, list) else [y])
        record["evaluate"] = {k: float(v) for k, v in loaded.evaluate(one, y, verbose=0, return_dict=True).items()}
        loaded.reset_metrics()
        record["train_on_batch"] = {k: float(v) for k, v in loaded.train_on_batch(one, y, return_dict=True).items()}
        record["weights_after"] = named(loaded.weights)
        record["optimizer_variables_after"] = named(loaded.optimizer.variables)
    if name == "call_options":  # `training` left open, as no method of a model does; moves the moments
        record["called"] = arrays([keras.saving.load_model(path)(one).numpy()])
    write(os.path.join("keras", name), [record])  # one case
    size = os.path.getsize(path)
    assert size < 96 * 1024  # an empty group of HDF5 for each layer is most of it, f"{name}: {size} bytes"
    return size


def make():
    warnings.simplefilter("ignore")
    os.makedirs(os.path.join(FOLDER, "keras"), exist_ok=True)
    total = sum(save(name, *how) for name, how in FILES.items())
    print(f"keras/: {len(FILES)} files, {total / 1024:.0f} KiB")


if __name__ == "__main__":
    make()
