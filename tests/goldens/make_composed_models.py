"""composed/*.keras: small networks of the well-known kinds, saved by real Keras, each with a JSON file of what it predicts and the losses of three more epochs."""

import os
import warnings

from golden_format import FOLDER, arrays, normal, plain, rng, write

import keras
import numpy as np

L, M = keras.layers, keras.Model
SPARSE = dict(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
CLASSES, WORDS, STEPS = 3, 11, 6


def image(rows=12, channels=2):
    return keras.Input((rows, rows, channels), name="image")


def words(name="words", steps=STEPS):
    return keras.Input((steps,), dtype="int32", name=name)


def label(x):
    return L.Dense(CLASSES, activation="softmax", name="label")(x)


def conv(x, filters, size, **options):
    """Convolution, normalisation, ReLU."""
    x = L.Conv2D(filters, size, padding="same", use_bias=False, **options)(x)
    return L.ReLU()(L.BatchNormalization()(x))


def lenet():
    return keras.Sequential([
        keras.Input((16, 16, 1)), L.Conv2D(3, 5, activation="tanh", padding="same"), L.AveragePooling2D(2), L.Conv2D(4, 5, activation="tanh"), L.AveragePooling2D(2), L.Flatten(),
        L.Dense(10, activation="tanh"), L.Dense(7, activation="tanh"), L.Dense(CLASSES, activation="softmax")], name="lenet")


def vgg():
    layers = [keras.Input((8, 8, 2))]
    for filters in (3, 5):
        layers += [L.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer="he_normal"), L.Conv2D(filters, 3, padding="same", activation="relu"), L.MaxPooling2D(2, strides=2)]
    return keras.Sequential(layers + [L.Flatten(), L.Dense(8, activation="relu"), L.Dropout(0.0), L.Dense(CLASSES, activation="softmax")], name="vgg")


def resnet():
    given = image(8)
    x = conv(given, 4, 3)
    for filters, strides in ((4, 1), (6, 2)):
        y = conv(x, filters, 3, strides=strides)
        y = L.BatchNormalization()(L.Conv2D(filters, 3, padding="same", use_bias=False)(y))
        if strides > 1:
            x = L.BatchNormalization()(L.Conv2D(filters, 1, strides=strides, use_bias=False)(x))
        x = L.ReLU()(L.Add()([x, y]))
    return M(given, label(L.GlobalAveragePooling2D()(x)), name="resnet")


def inception():
    given = image(8)
    branches = [
        conv(given, 2, 1), conv(conv(given, 2, 1), 3, 3), conv(conv(given, 2, 1), 2, 5), conv(L.MaxPooling2D(3, strides=1, padding="same")(given), 2, 1), conv(conv(given, 2, (1, 3)), 2, (3, 1))]
    return M(given, label(L.GlobalAveragePooling2D()(L.Concatenate()(branches))), name="inception")


def xception():
    given = image(8)
    x = conv(given, 4, 3, strides=2)
    y = L.BatchNormalization()(L.SeparableConv2D(6, 3, padding="same", use_bias=False)(x))
    y = L.BatchNormalization()(L.SeparableConv2D(6, 3, padding="same", use_bias=False)(L.Activation("relu")(y)))
    y = L.MaxPooling2D(3, strides=2, padding="same")(y)
    x = L.Add()([y, L.BatchNormalization()(L.Conv2D(6, 1, strides=2, padding="same", use_bias=False)(x))])
    return M(given, label(L.GlobalAveragePooling2D()(L.Activation("relu")(x))), name="xception")


def mobilenet():
    given = image(8)
    x = L.ReLU(6.0)(L.BatchNormalization()(L.Conv2D(4, 3, strides=2, padding="same", use_bias=False)(L.ZeroPadding2D(((0, 1), (0, 1)))(given))))
    y = L.ReLU(6.0)(L.BatchNormalization()(L.Conv2D(8, 1, use_bias=False)(x)))  # an inverted residual: wide within
    y = L.ReLU(6.0)(L.BatchNormalization()(L.DepthwiseConv2D(3, padding="same", use_bias=False)(y)))
    x = L.Add()([x, L.BatchNormalization()(L.Conv2D(4, 1, use_bias=False)(y))])
    # Squeeze and excitation, hard swish.
    weights = L.Dense(4, activation="hard_sigmoid")(L.Dense(2, activation="relu")(L.GlobalAveragePooling2D(keepdims=True)(x)))
    x = L.Activation("hard_silu")(L.Multiply()([x, weights]))
    return M(given, label(L.Flatten()(x)), name="mobilenet")


def densenet():
    given = image(8)
    x = L.Conv2D(3, 3, padding="same", use_bias=False)(given)
    for _ in range(2):
        y = L.Conv2D(4, 1, use_bias=False)(L.Activation("relu")(L.BatchNormalization()(x)))
        y = L.Conv2D(2, 3, padding="same", use_bias=False)(L.Activation("relu")(L.BatchNormalization()(y)))
        x = L.Concatenate()([x, y])
    x = L.AveragePooling2D(2)(L.Conv2D(3, 1, use_bias=False)(L.Activation("relu")(L.BatchNormalization()(x))))
    return M(given, label(L.GlobalAveragePooling2D()(x)), name="densenet")


def u_net():
    given = image(8)
    first = conv(given, 3, 3)
    second = conv(L.MaxPooling2D(2)(first), 4, 3)
    x = conv(L.MaxPooling2D(2)(second), 5, 3)
    x = conv(L.Concatenate()([L.Conv2DTranspose(4, 2, strides=2)(x), second]), 4, 3)
    x = conv(L.Concatenate()([L.UpSampling2D(interpolation="bilinear")(x), first]), 3, 3)
    return M(given, L.Conv2D(1, 1, activation="sigmoid", name="mask")(x), name="u_net")


def text_classifier():
    given = words()
    x = L.Embedding(WORDS, 5, mask_zero=True)(given)
    x = L.LSTM(4, dropout=0.0)(L.SpatialDropout1D(0.0)(x))
    return M(given, label(L.Dense(6, activation="relu")(x)), name="text_classifier")


def text_convolutions():
    given = words()
    x = L.Embedding(WORDS, 5)(given)
    parts = [L.GlobalMaxPooling1D()(L.Conv1D(3, size, activation="relu")(x)) for size in (2, 3, 4)]
    return M(given, label(L.Concatenate()(parts)), name="text_convolutions")


def tagger():
    given = words()
    x = L.Embedding(WORDS, 4, mask_zero=True)(given)
    x = L.Bidirectional(L.GRU(3, return_sequences=True))(x)
    return M(given, L.TimeDistributed(L.Dense(CLASSES, activation="softmax"), name="tags")(x), name="tagger")


def sequence_to_sequence():
    source, target = words("source"), words("target", 4)
    seen, h, c = L.LSTM(4, return_sequences=True, return_state=True, name="encoder")(L.Embedding(WORDS, 4, mask_zero=True)(source))
    told = L.LSTM(4, return_sequences=True, name="decoder")(L.Embedding(WORDS, 4, mask_zero=True)(target), initial_state=[h, c])
    looked = L.Attention(use_scale=True, name="looks")([told, seen])
    x = L.Dense(5, activation="tanh")(L.Concatenate()([told, looked]))
    return M([source, target], L.Dense(WORDS, activation="softmax", name="next")(x), name="sequence_to_sequence")


def transformer_encoder():
    given = words()
    x = L.Embedding(WORDS, 6, name="tokens")(given)
    for block in range(2):
        x = L.LayerNormalization(epsilon=1e-6)(L.Add()([x, L.MultiHeadAttention(2, 3, name=f"attention_{block}")(x, x)]))
        x = L.LayerNormalization(epsilon=1e-6)(L.Add()([x, L.Dense(6)(L.Dense(8, activation="gelu")(x))]))
    return M(given, label(L.GlobalAveragePooling1D()(x)), name="transformer_encoder")


def transformer_decoder():
    """Looks at what came before alone, and at another sequence with masks."""
    source, target = words("source"), words("target", 4)
    seen = L.Embedding(WORDS, 4, mask_zero=True)(source)
    x = L.Embedding(WORDS, 4, mask_zero=True)(target)
    x = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 2)(x, x, use_causal_mask=True)]))
    x = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 2)(query=x, value=seen, key=seen)]))
    return M([source, target], L.Dense(WORDS, activation="softmax")(x), name="transformer_decoder")


def autoencoder():
    encoder = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(3, 3, strides=2, padding="same", activation="relu"), L.Flatten(), L.Dense(4, name="code")], name="encoder")
    decoder = keras.Sequential([keras.Input((4,)), L.Dense(4 * 4 * 2, activation="relu"), L.Reshape((4, 4, 2)), L.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid")], name="decoder")
    given = keras.Input((8, 8, 1), name="image")
    return M(given, decoder(encoder(given)), name="autoencoder")


def siamese():
    tower = keras.Sequential([keras.Input((6,)), L.Dense(5, activation="relu"), L.Dense(4), L.UnitNormalization()], name="tower")
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    likeness = L.Dot(1)([tower(left), tower(right)])
    return M([left, right], L.Dense(1, activation="sigmoid", name="same")(likeness), name="siamese")


def shared_with_wrappers():
    given, layer = keras.Input((STEPS, 4), name="steps"), L.Dense(4, activation="tanh", name="shared")
    step = keras.Sequential([keras.Input((4,)), L.Dense(3), L.LayerNormalization()], name="step")
    x = L.Concatenate()([layer(given), L.TimeDistributed(layer)(given)])
    last = L.Reshape((1, 3))(step(L.GlobalAveragePooling1D()(layer(given))))
    x = L.Concatenate(axis=1)([L.Dense(3)(x), last, L.TimeDistributed(step)(given)])
    return M(given, label(L.Flatten()(x)), name="shared_with_wrappers")


def several_inputs():
    picture, kind, numbers = image(6), keras.Input((1,), dtype="int32", name="kind"), keras.Input((4,), name="numbers")
    a = L.GlobalMaxPooling2D()(L.Conv2D(3, 3, activation="elu")(picture))
    b = L.Flatten()(L.Embedding(WORDS, 3)(kind))
    c = L.Dense(3, activation="selu", kernel_initializer="lecun_normal")(L.BatchNormalization()(numbers))
    x = L.Concatenate()([a, b, c])
    return M({"picture": picture, "kind": kind, "numbers": numbers}, [label(x), L.Dense(2, name="place")(x)], name="several_inputs")


def captions():
    picture, told = image(8), words("told", 4)
    seen = L.Dense(5, activation="tanh")(L.Flatten()(L.MaxPooling2D(2)(L.Conv2D(3, 3, activation="relu")(picture))))
    x = L.LSTM(5, return_sequences=True)(L.Embedding(WORDS, 4, mask_zero=True)(told), initial_state=[seen, seen])
    return M([picture, told], L.TimeDistributed(L.Dense(WORDS, activation="softmax"))(x), name="captions")


def classes(g, n):
    return g.integers(0, CLASSES, n).astype("int32")


def pictures(rows=8, channels=2):
    return lambda g, n: normal(g, (n, rows, rows, channels))


def sentences(steps=STEPS):
    """Words, then zeros."""
    def make(g, n):
        out = g.integers(1, WORDS, (n, steps))
        for row in out:
            row[g.integers(2, steps + 1):] = 0
        return out.astype("int32")
    return make


def vectors(*shape):
    return lambda g, n: normal(g, (n, *shape))


def tokens(steps, kinds):
    return lambda g, n: g.integers(0, kinds, (n, steps)).astype("int32")


def truths(*shape):
    return lambda g, n: g.integers(0, 2, (n, *shape)).astype("float32")


# name: (model, how it is compiled, what makes the inputs, what makes the targets). Those with an Embedding take plain descent: on TensorFlow its gradient
# is a list of rows, of which adaptive optimizers square each by itself where a word comes twice; JAX and PyTorch (and hebb) square the sum.
MODELS = {
    "lenet": (lenet, dict(optimizer=keras.optimizers.SGD(0.1), **SPARSE), [pictures(16, 1)], [classes]),
    "vgg": (vgg, dict(optimizer=keras.optimizers.SGD(0.05, momentum=0.9), **SPARSE), [pictures()], [classes]),
    "resnet": (resnet, dict(optimizer=keras.optimizers.SGD(0.05), **SPARSE), [pictures()], [classes]),
    "inception": (inception, dict(optimizer=keras.optimizers.SGD(0.05), **SPARSE), [pictures()], [classes]),
    "xception": (xception, dict(optimizer=keras.optimizers.SGD(0.05), **SPARSE), [pictures()], [classes]),
    "mobilenet": (mobilenet, dict(optimizer=keras.optimizers.SGD(0.02), **SPARSE), [pictures()], [classes]),
    "densenet": (densenet, dict(optimizer=keras.optimizers.SGD(0.05), **SPARSE), [pictures()], [classes]),
    "u_net": (u_net, dict(optimizer=keras.optimizers.SGD(0.05), loss="binary_crossentropy", metrics=[keras.metrics.BinaryIoU(name="overlap")]), [pictures()], [truths(8, 8, 1)]),
    "text_classifier": (text_classifier, dict(optimizer=keras.optimizers.SGD(0.1), **SPARSE), [sentences()], [classes]),
    "text_convolutions": (text_convolutions, dict(optimizer=keras.optimizers.SGD(0.1), **SPARSE), [sentences()], [classes]),
    "tagger": (tagger, dict(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy", weighted_metrics=["accuracy"]), [sentences()], [tokens(STEPS, CLASSES)]),
    "sequence_to_sequence": (sequence_to_sequence, dict(optimizer=keras.optimizers.SGD(0.1, clipvalue=0.1), **SPARSE), [sentences(), sentences(4)], [tokens(4, WORDS)]),
    "transformer_encoder": (transformer_encoder, dict(optimizer=keras.optimizers.SGD(0.05), **SPARSE), [sentences()], [classes]),
    "transformer_decoder": (transformer_decoder, dict(optimizer=keras.optimizers.SGD(0.05), **SPARSE), [sentences(), sentences(4)], [tokens(4, WORDS)]),
    "autoencoder": (autoencoder, dict(optimizer=keras.optimizers.SGD(0.5), loss="mse"), [pictures(8, 1)], [truths(8, 8, 1)]),
    "siamese": (siamese, dict(optimizer=keras.optimizers.SGD(0.1), loss="binary_crossentropy", metrics=["accuracy"]), [vectors(6), vectors(6)], [truths(1)]),
    "shared_with_wrappers": (shared_with_wrappers, dict(optimizer=keras.optimizers.Adam(0.05), **SPARSE), [vectors(STEPS, 4)], [classes]),
    "several_inputs": (
        several_inputs, dict(optimizer=keras.optimizers.SGD(0.02), loss=["sparse_categorical_crossentropy", keras.losses.Huber()], loss_weights=[1.0, 0.5], metrics=[["accuracy"], ["mae"]]),
        [tokens(1, WORDS), vectors(4), pictures(6)], [classes, vectors(2)]),
    "captions": (captions, dict(optimizer=keras.optimizers.SGD(0.1), **SPARSE), [pictures(), sentences(4)], [tokens(4, WORDS)]),
}
EXAMPLES, EPOCHS = 6, 3


def one_or_all(values):
    return values if len(values) > 1 else values[0]


def save(name, build, compile_arguments, make_inputs, make_targets):
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    g = rng("composed " + name)
    model = build()
    model.compile(**compile_arguments)
    x, y = [make(g, EXAMPLES) for make in make_inputs], [make(g, EXAMPLES) for make in make_targets]
    given = dict(zip(("kind", "numbers", "picture"), x)) if name == "several_inputs" else one_or_all(x)
    model.train_on_batch(given, one_or_all(y))  # so that no state is the first one
    path = os.path.join(FOLDER, "composed", name + ".keras")
    model.save(path)
    loaded = keras.saving.load_model(path)
    loaded.save(path.replace(".keras", ".h5")) if name in ("resnet", "tagger", "siamese") else None
    predicted = loaded.predict(given, verbose=0)
    history = loaded.fit(given, one_or_all(y), batch_size=2, epochs=EPOCHS, shuffle=False, verbose=0).history
    write(os.path.join("composed", name), [plain({
        "name": name, "inputs": arrays(x), "targets": arrays(y), "predictions": arrays(predicted if isinstance(predicted, list) else [predicted]), "count_params": loaded.count_params(),
        "history": {k: [float(v) for v in values] for k, values in history.items()}})])
    return os.path.getsize(path)


def make():
    warnings.simplefilter("ignore")
    os.makedirs(os.path.join(FOLDER, "composed"), exist_ok=True)
    total = sum(save(name, *how) for name, how in MODELS.items())
    print(f"composed/: {len(MODELS)} files, {total / 1024:.0f} KiB")


if __name__ == "__main__":
    make()
