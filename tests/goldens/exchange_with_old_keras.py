#!/usr/bin/env python3
"""Does hebb read what Keras 2 wrote? Models with each class of tf_keras, as .h5; not a part of the tests.

  exchange_with_old_keras.py --hebb build/hebb [--keep FOLDER] [NAME ...]

Needs tf_keras beside TensorFlow. For each model: `hebb predict` computes what tf_keras predicts, `hebb train` comes to the weights that it comes to.
For each optimizer ("optimizer NAME"): `hebb train` goes on for three epochs along the curve along which tf_keras goes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("HEBB_TUNE", "off")

import numpy as np  # noqa: E402
import tf_keras as keras  # noqa: E402

L = keras.layers
R, C = keras.regularizers, keras.constraints


def stack(shape, *layers, name=None):
    return lambda: keras.Sequential([L.InputLayer(shape), *[make() for make in layers]], name=name)


def bare(shape, *layers):
    """The input's shape stands in the first layer alone."""
    def make():
        made = [make() for make in layers]
        model = keras.Sequential(made)
        model.build((None, *shape))
        return model
    return make


def functional(shapes, body):
    def make():
        inputs = [L.Input(s) for s in shapes]
        return keras.Model(inputs if len(inputs) > 1 else inputs[0], body(*inputs))
    return make


SEQUENCE, IMAGE, VOLUME = (8, 4), (6, 6, 4), (4, 4, 4, 2)


def nested(x):
    inner = keras.Sequential([L.InputLayer((8,)), L.Dense(4, activation="relu"), L.Dense(3)])
    return L.Dense(2)(L.Add()([inner(x), inner(x)]))


def embedded(x):
    return L.Dense(2)(L.LSTM(3)(L.Embedding(9, 4, mask_zero=True)(x)))


def attended(x, y):
    return L.Dense(2)(L.Concatenate()([L.GlobalAveragePooling1D()(t) for t in (L.Attention()([x, y]), L.AdditiveAttention()([x, y]), L.MultiHeadAttention(2, 3)(x, y), L.Attention(use_scale=True)([x, y, y]))]))


def states(x):
    y, h, c = L.LSTM(3, return_sequences=True, return_state=True)(x)
    return L.Dense(2)(L.LSTM(3)(y, initial_state=[h, c]))


def operations(x):
    y = x * 2.0 + 1.0
    y = y[:, 1:, :] - 0.5
    return L.Dense(2)(L.Flatten()(-y / 2.0))


MODELS = {
    "dense": stack((8,), lambda: L.Dense(5, activation="relu", kernel_regularizer=R.l2(0.01), bias_constraint=C.NonNeg()), lambda: L.Dense(3, activation="softmax")),
    "bare": bare((8,), lambda: L.Dense(5, activation="tanh", input_shape=(8,)), lambda: L.Dense(2)),
    "conv1d": stack(SEQUENCE, lambda: L.Conv1D(3, 3, padding="causal", dilation_rate=2), lambda: L.MaxPooling1D(2), lambda: L.Conv1D(4, 2, groups=1, strides=2, activation="relu"), L.GlobalMaxPooling1D),
    "conv1d_transpose": stack(SEQUENCE, lambda: L.Conv1DTranspose(3, 3, strides=2, padding="same"), lambda: L.AveragePooling1D(2), L.GlobalAveragePooling1D),
    "conv2d": stack(IMAGE, lambda: L.Conv2D(4, 3, padding="same", groups=2), L.BatchNormalization, lambda: L.Activation("relu"), L.MaxPooling2D, lambda: L.Conv2DTranspose(3, 3, strides=2, output_padding=1), L.Flatten),
    "conv3d": stack(VOLUME, lambda: L.Conv3D(3, 2, strides=(1, 2, 1)), lambda: L.MaxPooling3D((1, 1, 2)), lambda: L.Conv3DTranspose(2, 2, strides=2), L.GlobalAveragePooling3D),
    "depthwise": stack(IMAGE, lambda: L.DepthwiseConv2D(3, depth_multiplier=2), lambda: L.SeparableConv2D(3, 2, activation="elu"), L.GlobalMaxPooling2D),
    "depthwise1d": stack(SEQUENCE, lambda: L.DepthwiseConv1D(3, depth_multiplier=2), lambda: L.SeparableConv1D(3, 2), L.Flatten),
    "shapes": stack(IMAGE, lambda: L.ZeroPadding2D(((1, 0), (2, 1))), lambda: L.Cropping2D(1), lambda: L.UpSampling2D(2, interpolation="bilinear"), lambda: L.Permute((2, 1, 3)), lambda: L.Reshape((-1, 4)), lambda: L.ZeroPadding1D(1), lambda: L.Cropping1D(1), lambda: L.UpSampling1D(2), L.Flatten),
    "shapes3d": stack(VOLUME, lambda: L.ZeroPadding3D(1), lambda: L.Cropping3D(1), lambda: L.UpSampling3D(2), lambda: L.AveragePooling3D(2), L.GlobalMaxPooling3D),
    "repeat": stack((4,), lambda: L.RepeatVector(3), L.Flatten),
    "normalizations": stack(SEQUENCE, L.LayerNormalization, lambda: L.GroupNormalization(2), lambda: L.UnitNormalization(), lambda: L.BatchNormalization(momentum=0.8, scale=False), L.Flatten),
    "layer_normalization_axes": stack(SEQUENCE, lambda: L.LayerNormalization(axis=[1, 2], center=False), L.Flatten),
    "activations": stack((8,), lambda: L.PReLU(alpha_initializer="ones"), lambda: L.LeakyReLU(0.2), lambda: L.ELU(0.7), lambda: L.ReLU(max_value=3, negative_slope=0.1, threshold=0.1), L.Softmax, lambda: L.ThresholdedReLU(0.05)),
    "noise": stack((8,), lambda: L.Dropout(0.0), lambda: L.GaussianNoise(0.0), lambda: L.GaussianDropout(0.0), lambda: L.AlphaDropout(0.0), lambda: L.ActivityRegularization(l1=0.01), lambda: L.Dense(3)),
    "spatial_dropout": stack(SEQUENCE, lambda: L.SpatialDropout1D(0.0), L.Flatten),
    "lstm": stack(SEQUENCE, lambda: L.LSTM(3, return_sequences=True), lambda: L.Bidirectional(L.LSTM(2))),
    "gru": stack(SEQUENCE, lambda: L.GRU(3, return_sequences=True, reset_after=False), lambda: L.Bidirectional(L.GRU(2), merge_mode="sum")),
    "simple_rnn": stack(SEQUENCE, lambda: L.SimpleRNN(3, return_sequences=True, go_backwards=True), lambda: L.RNN(L.SimpleRNNCell(2))),
    "rnn_stacked": stack(SEQUENCE, lambda: L.RNN([L.LSTMCell(3), L.GRUCell(2)], return_sequences=True), lambda: L.RNN(L.StackedRNNCells([L.LSTMCell(3), L.SimpleRNNCell(2)]))),
    "masking": stack(SEQUENCE, L.Masking, lambda: L.LSTM(3, return_sequences=True), lambda: L.GRU(2)),
    "time_distributed": stack((3, 6, 6, 2), lambda: L.TimeDistributed(L.Conv2D(3, 3)), lambda: L.TimeDistributed(L.Flatten()), lambda: L.GRU(2)),
    "conv_lstm2d": stack((3, 6, 6, 2), lambda: L.ConvLSTM2D(3, 2, return_sequences=True), lambda: L.ConvLSTM2D(2, 2, padding="same"), L.Flatten),
    "conv_lstm1d": stack((3, 6, 2), lambda: L.ConvLSTM1D(3, 2), L.Flatten),
    "conv_lstm3d": stack((2, 3, 3, 3, 1), lambda: L.ConvLSTM3D(2, 2), L.Flatten),
    "einsum_dense": stack(SEQUENCE, lambda: L.EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d"), L.Flatten),
    "embedding": functional([(5,)], embedded),
    "attention": functional([SEQUENCE, (5, 4)], attended),
    "nested": functional([(8,)], nested),
    "states": functional([SEQUENCE], states),
    "operations": functional([SEQUENCE], operations),
    "merging": functional([(8,), (8,)], lambda x, y: L.Concatenate()([L.Add()([x, y]), L.Subtract()([x, y]), L.Multiply()([x, y]), L.Average()([x, y]), L.Maximum()([x, y]), L.Minimum()([x, y]), L.Dot(axes=1)([x, y])])),
    "rescaling": stack(IMAGE, lambda: L.Rescaling(0.5, offset=-1.0), lambda: L.Resizing(4, 5), lambda: L.CenterCrop(3, 3), L.Flatten),
    "normalization": stack((8,), lambda: L.Normalization(mean=1.0, variance=4.0), lambda: L.Dense(2)),
    "normalization_adapted": functional([(8,)], lambda x: L.Dense(2)(adapted(L.Normalization())(x))),
    "discretization": stack((8,), lambda: L.Discretization([-1.0, 0.0, 0.5]), lambda: L.CategoryEncoding(4, output_mode="count"), lambda: L.Dense(2)),
    "two_layers_of_a_name": stack((8,), lambda: L.Dense(4, name="größe"), lambda: L.Dense(3, name="b-1")),
}
TRAINABLE = ["dense", "bare", "conv1d", "conv2d", "depthwise", "normalizations", "lstm", "gru", "simple_rnn", "nested", "states", "conv_lstm2d", "attention", "embedding", "conv3d"]
OPTIMIZERS = [lambda: "adam", lambda: keras.optimizers.SGD(0.05, momentum=0.9), lambda: keras.optimizers.RMSprop(0.01), lambda: keras.optimizers.legacy.Adam(0.01), lambda: keras.optimizers.legacy.SGD(0.05, momentum=0.9, nesterov=True), lambda: keras.optimizers.Adagrad(0.05),
              lambda: keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.9)), lambda: keras.optimizers.AdamW(0.01), lambda: keras.optimizers.legacy.RMSprop(0.01, momentum=0.5), lambda: keras.optimizers.Nadam(0.01), lambda: keras.optimizers.Adadelta(1.0),
              lambda: keras.optimizers.Adamax(0.01), lambda: keras.optimizers.Ftrl(0.05), lambda: keras.optimizers.Adam(0.01, amsgrad=True, clipnorm=0.5), lambda: keras.optimizers.Lion(0.01)]


O, G, S = keras.optimizers, keras.optimizers.legacy, keras.optimizers.schedules
SCALED = keras.mixed_precision.LossScaleOptimizer
# All of `legacy`, also as TensorFlow before 2.11 has them, and those of today with state that they keep to themselves.
EACH_OPTIMIZER = {
    "sgd": lambda: G.SGD(0.1), "sgd_decay": lambda: G.SGD(0.1, momentum=0.9, decay=0.1), "sgd_nesterov": lambda: G.SGD(0.1, momentum=0.8, nesterov=True, clipnorm=0.5), "sgd_schedule": lambda: G.SGD(S.ExponentialDecay(0.1, 3, 0.9)),
    "rmsprop": lambda: G.RMSprop(0.01), "rmsprop_decay": lambda: G.RMSprop(0.01, decay=0.2), "rmsprop_momentum": lambda: G.RMSprop(0.01, momentum=0.5), "rmsprop_centered": lambda: G.RMSprop(0.01, momentum=0.5, centered=True), "rmsprop_only_centered": lambda: G.RMSprop(0.01, centered=True),
    "adagrad": lambda: G.Adagrad(0.1), "adagrad_decay": lambda: G.Adagrad(0.1, decay=0.1, initial_accumulator_value=0.3), "adadelta": lambda: G.Adadelta(1.0), "adadelta_decay": lambda: G.Adadelta(1.0, rho=0.8, decay=0.1),
    "adam": lambda: G.Adam(0.01), "adam_decay": lambda: G.Adam(0.01, decay=0.1, clipvalue=0.1), "adam_amsgrad": lambda: G.Adam(0.01, amsgrad=True, global_clipnorm=0.5), "adamax": lambda: G.Adamax(0.02), "adamax_decay": lambda: G.Adamax(0.02, decay=0.1), "nadam": lambda: G.Nadam(0.02), "nadam_schedule": lambda: G.Nadam(0.02, schedule_decay=0.1),
    "ftrl": lambda: G.Ftrl(0.1), "ftrl_decay": lambda: G.Ftrl(0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.02, beta=0.1, decay=0.1), "scaled_adam": lambda: SCALED(G.Adam(0.01, decay=0.1)), "scaled_fixed": lambda: SCALED(G.SGD(0.1, momentum=0.9), dynamic=False, initial_scale=64),
    "scaled_today": lambda: SCALED(O.Adam(0.01)), "nadam_today": lambda: O.Nadam(0.02), "adafactor_today": lambda: O.Adafactor(0.01), "adamax_today": lambda: O.Adamax(0.02), "lion_today": lambda: O.Lion(0.001), "sgd_today": lambda: O.SGD(0.1, momentum=0.9),
}


def check_optimizer(name, hebb, folder):
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    g = np.random.default_rng(7)
    model = keras.Sequential([L.InputLayer((6,)), L.Dense(8, activation="tanh"), L.Dense(3)])
    x, y = g.normal(size=(6, 6)).astype("float32"), g.normal(size=(6, 3)).astype("float32")
    model.compile(EACH_OPTIMIZER[name](), loss="mse")
    for _ in range(4):
        model.train_on_batch(x, y)
    path, out = os.path.join(folder, "m.h5"), os.path.join(folder, "y.npy")
    model.save(path)
    np.savez(os.path.join(folder, "d.npz"), x=x, y=y)
    np.save(os.path.join(folder, "x.npy"), x)
    expected = model.fit(x, y, epochs=3, batch_size=6, shuffle=False, verbose=0).history["loss"]
    run(hebb, "train", path, "--data", os.path.join(folder, "d.npz"), "--no-shuffle", "--batch-size", "6", "--epochs", "3", "--out", os.path.join(folder, "t.keras"), "--history", os.path.join(folder, "h.json"), "--quiet")
    with open(os.path.join(folder, "h.json")) as f:
        losses = json.load(f)["loss"]
    run(hebb, "predict", os.path.join(folder, "t.keras"), "--input", os.path.join(folder, "x.npy"), "--output", out)
    difference = max(np.abs(np.subtract(losses, expected)).max(), np.abs(np.load(out) - model.predict(x, verbose=0)).max())
    # In a graph, tf_keras's Nadam multiplies its product of momenta once for each variable.
    return None if difference <= (1e-2 if name == "nadam_today" else 1e-3) else f"trains {difference} beside"


def run(hebb, *arguments):
    done = subprocess.run([hebb, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"hebb {arguments[0]}: {done.stderr.strip()[:400]}")


def adapted(layer):
    layer.adapt(np.random.default_rng(3).normal(1, 2, (9, 8)).astype("float32"))
    return layer


def one_or_all(values):
    return values[0] if len(values) == 1 else values


def check(number, name, hebb, folder):
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    g = np.random.default_rng(number)
    model = MODELS[name]()
    inputs = [g.normal(size=(6, *i.shape[1:])).astype("float32") for i in model.inputs]
    if name == "embedding":
        inputs = [np.array([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8], [1, 0, 0, 0, 0], [3, 3, 0, 0, 0], [8, 2, 2, 2, 0], [1, 1, 1, 1, 1]], "float32")]
    if name == "masking":
        inputs[0][:3, 5:] = 0
    for w in model.weights:
        if "moving" not in w.name and "seed" not in w.name and w.dtype == "float32" and name != "normalization_adapted":
            w.assign(g.normal(0, 0.4, w.shape))
    trains = name in TRAINABLE
    y = g.normal(size=(6, *model.output_shape[1:])).astype("float32")
    path = os.path.join(folder, "m.h5")
    if trains:
        model.compile(OPTIMIZERS[number % len(OPTIMIZERS)](), loss="mse", metrics=["mae"])
        model.train_on_batch(one_or_all(inputs), y)
    expected = model.predict(one_or_all(inputs), verbose=0)
    model.save(path)
    model.save_weights(os.path.join(folder, "w.h5"))
    with open(os.path.join(folder, "m.json"), "w") as f:
        f.write(model.to_json())
    np.savez(os.path.join(folder, "x.npz"), **{f"x{i}": x for i, x in enumerate(inputs)})
    np.savez(os.path.join(folder, "d.npz"), y0=y, **{f"x{i}": x for i, x in enumerate(inputs)})

    out = os.path.join(folder, "y.npy")
    run(hebb, "predict", path, "--input", os.path.join(folder, "x.npz"), "--output", out)
    difference = np.abs(np.load(out) - expected).max()
    if not difference <= 3e-5 * max(1, np.abs(expected).max()):
        return f"predicts {difference} beside"
    run(hebb, "convert", os.path.join(folder, "m.json"), os.path.join(folder, "j.json"))
    if trains:
        run(hebb, "train", path, "--data", os.path.join(folder, "d.npz"), "--no-shuffle", "--batch-size", "6", "--epochs", "2", "--out", os.path.join(folder, "t.keras"), "--quiet")
        for _ in range(2):
            model.train_on_batch(one_or_all(inputs), y)
        expected = model.predict(one_or_all(inputs), verbose=0)
        run(hebb, "predict", os.path.join(folder, "t.keras"), "--input", os.path.join(folder, "x.npz"), "--output", out)
        difference = np.abs(np.load(out) - expected).max()
        if not difference <= 1e-3 * max(1, np.abs(expected).max()):
            return f"with {type(model.optimizer).__name__} trains {difference} beside"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hebb", required=True)
    parser.add_argument("--keep")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    failed = 0
    checks = [(name, lambda folder, number=number, name=name: check(number, name, arguments.hebb, folder)) for number, name in enumerate(MODELS)]
    checks += [("optimizer " + name, lambda folder, name=name: check_optimizer(name, arguments.hebb, folder)) for name in EACH_OPTIMIZER]
    chosen = [one for one in checks if not arguments.names or one[0].split(" ")[-1] in arguments.names or (one[0].startswith("optimizer ") and "optimizer" in arguments.names)]
    for name, check_one in chosen:
        with tempfile.TemporaryDirectory() as folder:
            if arguments.keep:
                folder = os.path.join(arguments.keep, name)
                os.makedirs(folder, exist_ok=True)
            try:
                found = check_one(folder)
            except Exception as error:
                found = f"{type(error).__name__}: {str(error)[:500]}"
        if found:
            failed += 1
            print(f"{name}: {found}", flush=True)
    print(f"{len(chosen)} models, {failed} with differences")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
