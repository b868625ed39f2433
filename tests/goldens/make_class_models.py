"""classes/*.keras: models that together have every class of Keras that files can hold and hebb has, saved by real Keras, each with a JSON file of what it predicts
and the losses of three more epochs. What the well-known networks (make_composed_models.py) and the models of make_keras_files.py have no place for."""

import os
import warnings

from golden_format import FOLDER, arrays, mend_schedule_free, normal, plain, rng, write

import keras
import numpy as np
from keras.src.applications import convnext, inception_resnet_v2

I, K, L, M, O, S = keras.initializers, keras.losses, keras.layers, keras.metrics, keras.optimizers, keras.optimizers.schedules
R, C = keras.regularizers, keras.constraints
EXAMPLES, BATCH, EPOCHS = 6, 2, 3


def head(x, units=2, **options):
    return L.Dense(units, name="head", **options)(x)


def vectors():
    x = keras.Input((6,), name="x")
    y = L.Dense(5, kernel_initializer=I.GlorotNormal(1), bias_initializer=I.RandomNormal(0.1, 0.2, seed=2), kernel_constraint=C.MaxNorm(1.5), kernel_regularizer=R.OrthogonalRegularizer(0.02))(x)
    y = L.PReLU(alpha_initializer=I.Constant(0.2))(L.GaussianNoise(0.0)(y))
    y = L.Dense(5, kernel_initializer=I.HeUniform(3), kernel_constraint=C.UnitNorm(), bias_constraint=C.NonNeg(), bias_regularizer=R.L1(0.01))(y)
    y = L.ELU(0.7)(L.GaussianDropout(0.0)(y))
    y = L.EinsumDense("ab,bc->ac", output_shape=4, bias_axes="c", kernel_initializer=I.LecunUniform(4), kernel_constraint=C.MinMaxNorm(0.3, 1.2, rate=0.7), kernel_regularizer=R.L1L2(0.01, 0.02))(y)
    y = L.LeakyReLU(0.1)(L.AlphaDropout(0.0)(L.Identity()(y)))
    a, b = L.Dense(4, kernel_initializer=I.VarianceScaling(0.8, "fan_out", "uniform", seed=5))(y), L.Dense(4, kernel_initializer=I.TruncatedNormal(0.0, 0.3, seed=6))(y)
    joined = [L.Average()([a, b]), L.Minimum()([a, b]), L.Maximum()([a, b]), L.Multiply()([a, b]), L.Subtract()([a, b]), L.Add()([a, b]), L.ActivityRegularization(l1=0.01, l2=0.02)(a)]
    y = L.UnitNormalization()(L.RMSNormalization()(L.Dense(6, kernel_initializer=I.Identity(0.5))(L.Concatenate()(joined))))
    y = L.Dense(4, kernel_initializer=I.Orthogonal(0.8, seed=7), bias_initializer=I.RandomUniform(-0.1, 0.1, seed=8))(y)
    y = L.Dense(3, activation=L.ReLU(max_value=4.0), kernel_initializer=I.HeNormal(9), bias_initializer=I.Ones())(y)
    y = L.SpectralNormalization(L.Dense(3, kernel_initializer=I.LecunNormal(10)))(y)
    return keras.Model(x, head(y, kernel_initializer=I.GlorotUniform(11)), name="vectors")


def sequences():
    x = keras.Input((8, 4), name="x")
    y = L.UpSampling1D(2)(L.AveragePooling1D(2)(x))
    y = L.ZeroPadding1D((1, 0))(L.Cropping1D((1, 2))(y))
    y = L.MaxPooling1D(2, strides=1)(L.SpatialDropout1D(0.0)(y))
    y = L.GroupNormalization(2)(y)
    cells = L.RNN(L.StackedRNNCells([L.GRUCell(3), L.LSTMCell(3), L.SimpleRNNCell(4)]), return_sequences=True)(y)
    additive = L.AdditiveAttention()([y, cells])
    grouped = L.GroupQueryAttention(2, 4, 2)(y, cells)
    turned = L.Permute((2, 1))(L.Add()([additive, grouped]))
    few = [L.Flatten()(t) for t in (L.AdaptiveAveragePooling1D(2)(turned), L.AdaptiveMaxPooling1D(3)(turned))]
    one = L.GRU(2)(L.RepeatVector(3)(L.Concatenate()(few)))
    images = L.Reshape((3, 4, 2))(L.Dense(24)(one))
    return keras.Model(x, head(L.GlobalAveragePooling1D()(L.ConvLSTM1D(2, 2)(images))), name="sequences")


def pictures():
    x = keras.Input((8, 8, 3), name="x")
    y = L.Resizing(9, 8, interpolation="nearest")(x)
    y = L.CenterCrop(8, 7)(y)
    for layer in (
            L.RandomFlip("horizontal"), L.RandomRotation(0.1), L.RandomZoom(0.2), L.RandomTranslation(0.1, 0.2), L.RandomShear((0.1, 0.2), (0.0, 0.1)), L.RandomContrast(0.3), L.RandomBrightness(0.2, value_range=(0, 1)),
            L.RandomColorJitter(value_range=(0, 1), brightness_factor=0.1), L.RandomErasing(0.4, value_range=(0, 1)), L.RandomGaussianBlur(0.5), L.RandomGrayscale(0.5), L.RandomHue(0.2, value_range=(0, 1)), L.RandomInvert(0.5, value_range=(0, 1)),
            L.RandomPosterization(4, value_range=(0, 1)), L.RandomSaturation(0.4, value_range=(0, 1)), L.RandomSharpness(0.5, value_range=(0, 1)), L.Solarization(0.2, value_range=(0, 1)), L.AutoContrast(value_range=(0, 1)), L.MixUp(0.3), L.CutMix(0.5)):
        y = layer(y)
    y = L.Cropping2D(((1, 1), (0, 1)))(y)
    y = L.SpatialDropout2D(0.0)(L.Conv2D(3, 2, padding="same", activation="relu")(L.RandomCrop(6, 6)(y)))  # of its own size
    few = [L.Flatten()(t) for t in (L.AdaptiveAveragePooling2D((2, 3))(y), L.AdaptiveMaxPooling2D(3)(y))]
    return keras.Model(x, head(L.Concatenate()(few)), name="pictures")


def more_pictures():
    """What of Keras's preprocessing the other pictures have no place for."""
    x = keras.Input((12, 10, 3), name="x")
    y = L.Pipeline([L.Rescaling(0.5, 0.25), L.RandomColorDegeneration(0.5, value_range=(0, 1)), L.Conv2D(3, 1, activation="sigmoid"), L.RandomPerspective(0.4, 0.3), L.Conv2D(3, 1, activation="sigmoid")], name="prepare")(x)
    y = L.ContrastLimitedAdaptiveHistogramEqualization((0, 1), tile_grid_size=(3, 2), clip_limit=2.0)(x * 0.25 + 0.5) + y
    for layer in (
            L.RandomColorDegeneration(0.3, value_range=(0, 1)), L.RandomPerspective(0.5, 0.4, seed=3), L.RandomElasticTransform(0.5, 0.6, value_range=(0, 1)), L.RandAugment((0, 1), 3, 0.4),
            L.AugMix((0, 1), 2, 2, 0.2, 0.7), L.MaxNumBoundingBoxes(4)):
        y = layer(y)
    return keras.Model(x, head(L.GlobalAveragePooling2D()(L.Conv2D(4, 3, activation="tanh")(y))), name="more_pictures")


def volumes():
    x = keras.Input((4, 5, 4, 2), name="x")
    seen = L.Conv3D(3, 2, padding="same", activation="tanh")(x)  # no two values alike: of several largest TensorFlow gives each the whole gradient
    y = L.ZeroPadding3D(((0, 1), (0, 0), (1, 0)))(seen)
    y = L.Cropping3D(((1, 0), (0, 1), (0, 1)))(y)
    y = L.UpSampling3D((2, 1, 1))(L.SpatialDropout3D(0.0)(y))
    averages, largest = L.AveragePooling3D((2, 2, 2))(y), L.MaxPooling3D((2, 2, 1))(seen)
    frames = L.Reshape((2, 4, 4, 4, 3))(y)
    moved = L.ConvLSTM3D(2, (2, 1, 2))(frames)
    parts = [L.GlobalAveragePooling3D()(averages), L.GlobalMaxPooling3D()(largest), L.Flatten()(L.AdaptiveAveragePooling3D((2, 4, 2))(y)), L.Flatten()(L.AdaptiveMaxPooling3D((2, 5, 2))(seen)), L.GlobalAveragePooling3D()(moved)]
    return keras.Model(x, head(L.Concatenate()(parts)), name="volumes")


def sounds():
    x = keras.Input((48,), name="x")
    mel = L.MelSpectrogram(fft_length=16, sequence_stride=8, num_mel_bins=4, sampling_rate=800, min_freq=20.0, max_freq=380.0)(x)
    waves = L.STFTSpectrogram(mode="log", frame_length=16, frame_step=8, fft_length=16)(L.Reshape((48, 1))(x))
    return keras.Model(x, head(L.Concatenate()([L.Flatten()(mel), L.GlobalAveragePooling1D()(waves)])), name="sounds")


def categories():
    numbers, words, other = keras.Input((3,), name="numbers"), keras.Input((2,), dtype="int32", name="words"), keras.Input((1,), dtype="int32", name="other")
    normalized = L.Normalization(mean=[0.1, 0.2, -0.1], variance=[1.0, 2.0, 0.5])(numbers)
    bins = L.CategoryEncoding(4, output_mode="count")(L.Discretization([-0.5, 0.0, 0.5])(numbers))
    hashed = L.Embedding(5, 2)(L.Hashing(5)(words))
    crossed = L.HashedCrossing(6, output_mode="one_hot")((other, words[:, :1]))
    shared = L.ReversibleEmbedding(7, 3)
    back = shared(shared(words), reverse=True)
    return keras.Model([numbers, words, other], head(L.Concatenate()([normalized, bins, L.Flatten()(hashed), crossed, L.GlobalAveragePooling1D()(back)])), name="categories")


def learned_activations():
    """Layers as activations, with weights and without."""
    x = keras.Input((6, 6, 2), name="x")
    y = L.Conv2D(3, 3, activation=L.PReLU(alpha_initializer=I.Constant(0.2), shared_axes=[1, 2]))(x)
    y = L.SeparableConv2D(3, 2, activation=L.LeakyReLU(0.2))(y)
    y = L.Dense(5, activation=L.PReLU(alpha_regularizer=R.L2(0.02)))(L.Flatten()(y))
    return keras.Model(x, head(y), name="learned_activations")


def of_applications():
    """Layers that nets of keras.applications define for themselves: ConvNeXt, InceptionResNetV2."""
    x = keras.Input((4, 4, 3), name="x")
    y = L.Dense(3, activation="gelu")(L.LayerNormalization(epsilon=1e-6)(L.DepthwiseConv2D(3, padding="same")(x)))
    y = L.Add()([x, convnext.StochasticDepth(0.0)(convnext.LayerScale(0.3, 3)(y))])
    y = inception_resnet_v2.CustomScaleLayer(0.17)([y, L.Conv2D(3, 1)(y)])
    return keras.Model(x, head(L.GlobalAveragePooling2D()(y)), name="of_applications")


def mirrors():
    """Operations with options that few give."""
    x = keras.Input((5, 3), name="x")
    ops = keras.ops
    y = ops.concatenate([ops.pad(x, ((0, 0), (2, 1), (0, 1)), mode="reflect"), ops.pad(x, ((0, 0), (1, 2), (1, 0)), mode="symmetric")], axis=1)
    y = ops.where(ops.logical_or(ops.zeros_like(y, dtype="bool"), y > 0.1), y, ops.cast(ops.ones_like(y, dtype="int32"), "float32"))
    return keras.Model(x, head(L.Flatten()(y)), name="mirrors")


# Each loss on an output of its own: kind of the output, metrics.
LOSSES = {
    "binary": (K.BinaryCrossentropy(label_smoothing=0.1), [M.AUC(num_thresholds=20), M.Precision(), M.Recall(), M.BinaryAccuracy(threshold=0.4), M.BinaryCrossentropy()]),
    "binary_focal": (K.BinaryFocalCrossentropy(gamma=1.5), [M.TruePositives(), M.TrueNegatives(), M.FalsePositives(), M.FalseNegatives()]),
    "binary_dice": (K.Dice(), [M.BinaryIoU(), M.PrecisionAtRecall(0.5, num_thresholds=10), M.RecallAtPrecision(0.5, num_thresholds=10)]),
    "binary_tversky": (K.Tversky(alpha=0.3), [M.SensitivityAtSpecificity(0.5, num_thresholds=10), M.SpecificityAtSensitivity(0.5, num_thresholds=10)]),
    "one_hot": (K.CategoricalCrossentropy(label_smoothing=0.1), [M.CategoricalAccuracy(), M.F1Score(average="macro"), M.FBetaScore(average="micro", beta=2.0), M.OneHotIoU(3, [0, 2]), M.OneHotMeanIoU(3)]),
    "one_hot_focal": (K.CategoricalFocalCrossentropy(gamma=1.5), [M.TopKCategoricalAccuracy(2), M.CategoricalCrossentropy()]),
    "one_hot_hinge": (K.CategoricalHinge(), [M.CategoricalHinge()]),
    "one_hot_divergence": (K.KLDivergence(), [M.KLDivergence()]),
    "classes": (K.SparseCategoricalCrossentropy(), [M.SparseCategoricalAccuracy(), M.SparseTopKCategoricalAccuracy(2), M.SparseCategoricalCrossentropy(), M.MeanIoU(3, sparse_y_pred=False), M.IoU(3, [1], sparse_y_pred=False)]),
    "classes_noisy": (K.CategoricalGeneralizedCrossEntropy(q=0.6), []),
    "signs": (K.Hinge(), [M.Hinge()]),
    "signs_squared": (K.SquaredHinge(), [M.SquaredHinge()]),
    "numbers": (K.MeanSquaredError(), [M.MeanSquaredError(), M.RootMeanSquaredError(), M.R2Score(), M.Accuracy()]),
    "numbers_absolute": (K.MeanAbsoluteError(), [M.MeanAbsoluteError(), M.PearsonCorrelation()]),
    "numbers_huber": (K.Huber(0.7), [M.ConcordanceCorrelation()]),
    "numbers_cosine": (K.CosineSimilarity(), [M.CosineSimilarity()]),
    "numbers_cosh": (K.LogCosh(), [M.LogCoshError()]),
    "positive": (K.Poisson(), [M.Poisson()]),
    "positive_logarithmic": (K.MeanSquaredLogarithmicError(), [M.MeanSquaredLogarithmicError()]),
    "positive_percent": (K.MeanAbsolutePercentageError(), [M.MeanAbsolutePercentageError()]),
    "circle": (K.Circle(gamma=4.0), []),
}
ENDS = {"binary": (1, "sigmoid"), "one": (3, "softmax"), "classes": (3, "softmax"), "signs": (2, "tanh"), "numbers": (2, None), "positive": (2, "softplus"), "circle": (4, None)}


def losses():
    x = keras.Input((5,), name="x")
    y = L.Dense(6, activation="tanh")(x)
    outputs = [L.Dense(ENDS[name.split("_")[0]][0], ENDS[name.split("_")[0]][1], name=name)(y) for name in LOSSES]
    outputs[-1] = L.UnitNormalization(name="circle_length")(outputs[-1])
    return keras.Model(x, outputs, name="losses")


def connectionist():
    """Labels of a sequence without their places."""
    x = keras.Input((6, 3), name="x")
    return keras.Model(x, L.Dense(4, name="logits")(L.SimpleRNN(5, return_sequences=True)(x)), name="connectionist")


def targets_of(name, g, n):
    kind = name.split("_")[0]
    if kind == "binary":
        return np.resize(np.array([[1.0], [0.0], [1.0]], "float32"), (n, 1))
    if kind == "one":
        return np.eye(3, dtype="float32")[g.integers(0, 3, n)]
    if kind in ("classes", "circle"):
        return g.integers(0, 3, n).astype("int32")
    if kind == "signs":
        return g.choice([-1.0, 1.0], (n, 2)).astype("float32")
    return (g.uniform(0.2, 3.0, (n, 2)) if kind == "positive" else normal(g, (n, 2))).astype("float32")


def words(*size, kinds=6):
    return lambda g, n: g.integers(0, kinds, (n, *size)).astype("int32")


def numbers(*size):
    return lambda g, n: normal(g, (n, *size))


def tones(*size):
    return lambda g, n: g.uniform(0, 1, (n, *size)).astype("float32")


# name: (model, how it is compiled (None: not at all), what makes the inputs, what makes the targets)
TWO = [numbers(2)]
MODELS = {
    "vectors": (vectors, lambda: dict(optimizer=O.LossScaleOptimizer(O.Adamax(S.InverseTimeDecay(0.02, 2, 0.5)), initial_scale=8.0), loss="mse"), [numbers(6)], TWO),
    "sequences": (sequences, lambda: dict(optimizer=O.Lamb(S.PolynomialDecay(0.01, 6, 0.001, power=2.0)), loss="mae"), [numbers(8, 4)], TWO),
    "pictures": (pictures, None, [tones(8, 8, 3)], TWO),  # not trained: its layers draw numbers
    "more_pictures": (more_pictures, None, [tones(12, 10, 3)], TWO),
    "volumes": (volumes, lambda: dict(optimizer=O.Ftrl(S.CosineDecayRestarts(0.05, 20)), loss="log_cosh"), [numbers(4, 5, 4, 2)], TWO),
    "sounds": (sounds, lambda: dict(optimizer=O.Adafactor(0.02), loss="mse"), [numbers(48)], TWO),
    "categories": (categories, lambda: dict(optimizer=O.MultiOptimizer(O.OptimizerMap(O.SGD(0.05, momentum=0.5), {".*bias": O.Lion(0.001)})), loss="huber"), [numbers(3), words(2), words(1)], TWO),
    "mirrors": (mirrors, lambda: dict(optimizer=O.Muon(0.01), loss="mse"), [numbers(5, 3)], TWO),
    "learned_activations": (learned_activations, lambda: dict(optimizer=O.Adam(0.01, epsilon=1e-3), loss="mse"), [numbers(6, 6, 2)], TWO),
    "of_applications": (of_applications, lambda: dict(optimizer=O.AdamW(0.01), loss="mse"), [numbers(4, 4, 3)], TWO),
    "losses": (losses, lambda: dict(optimizer=O.ScheduleFreeAdamW(0.01, warmup_steps=2), loss=[loss for loss, _ in LOSSES.values()], metrics=[list(m) for _, m in LOSSES.values()]),
               [numbers(5)], [lambda g, n, name=name: targets_of(name, g, n) for name in LOSSES]),
    "connectionist": (connectionist, lambda: dict(optimizer=O.SGD(0.05), loss=K.CTC()), [numbers(6, 3)], [lambda g, n: g.integers(1, 4, (n, 2)).astype("int32")]),
}


def one_or_all(values):
    return values if len(values) > 1 else values[0]


def save(name, build, compile_arguments, make_inputs, make_targets):
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    g = rng("classes " + name)
    model = build()
    x, y = [make(g, EXAMPLES) for make in make_inputs], [make(g, EXAMPLES) for make in make_targets]
    if compile_arguments:
        model.compile(**compile_arguments())
        model.train_on_batch(one_or_all(x), one_or_all(y))  # so that no state is the first one
    path = os.path.join(FOLDER, "classes", name + ".keras")
    model.save(path)
    loaded = keras.saving.load_model(path)
    predicted = loaded.predict(one_or_all(x), verbose=0)
    history = loaded.fit(one_or_all(x), one_or_all(y), batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0).history if compile_arguments else {}
    write(os.path.join("classes", name), [plain({
        "name": name, "inputs": arrays(x), "targets": arrays(y), "predictions": arrays(predicted if isinstance(predicted, list) else [predicted]), "count_params": loaded.count_params(), "batch_size": BATCH,
        "history": {k: [float(v) for v in values] for k, values in history.items() if np.ndim(values) == 1}})])
    return os.path.getsize(path)


def make():
    warnings.simplefilter("ignore")
    mend_schedule_free()
    os.makedirs(os.path.join(FOLDER, "classes"), exist_ok=True)
    total = sum(save(name, *how) for name, how in MODELS.items())
    print(f"classes/: {len(MODELS)} files, {total / 1024:.0f} KiB")


if __name__ == "__main__":
    make()
