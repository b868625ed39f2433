"""Random layers that prepare data: categories, sounds, and what changes images while training. A part of the tables of `exchange_layers.py`."""

import keras
import numpy as np

from exchange_draw import L, R, Skip, data_format, spatial


def value_range(d):
    return d.one([(0, 255), (0, 1), (0.0, 1.0), [-1, 1]])


def some_seed(d):
    return d.some(seed=d.seed())


def moved(d):
    """Of layers that read images at other places."""
    return d.some(fill_mode=d.one(["constant", "nearest", "wrap", "reflect"]), interpolation=d.one(["bilinear", "nearest"]), fill_value=d.real(0, 1))


def low_high(d, low, high):
    return d.one([lambda: d.real(0.05, high), lambda: (d.real(low, 0.0), d.real(0.05, high)), lambda: [d.real(low, 0.0), d.real(0.05, high)]])()


def augmentation(d, shape):
    form = d.one(["channels_last", "channels_last", "channels_first"])
    height, width = spatial(shape, form)
    channels = shape[0] if form == "channels_first" else shape[-1]
    if not d.random_models or int(np.prod(shape)) > 300:
        raise Skip
    more = {"data_format": form} | some_seed(d) | d.name()
    made = [
        lambda: L.RandomFlip(d.one(["horizontal", "vertical", "horizontal_and_vertical"]), **more), lambda: L.RandomRotation(low_high(d, -0.3, 0.3), **moved(d), **more),
        lambda: L.RandomTranslation(low_high(d, -0.3, 0.3), low_high(d, -0.3, 0.3), **moved(d), **more), lambda: L.RandomZoom(low_high(d, -0.3, 0.3), **d.some(width_factor=low_high(d, -0.3, 0.3)), **moved(d), **more),
        lambda: L.RandomShear(**d.some(x_factor=d.real(0, 0.4), y_factor=(0.0, d.real(0.1, 0.4))), **moved(d), **more), lambda: L.RandomCrop(d.whole(1, height), d.whole(1, width), **more),
        lambda: L.RandomContrast(d.one([d.real(0.1, 0.9), (0.2, 0.7)]), **d.some(value_range=value_range(d)), **more), lambda: L.RandomBrightness(low_high(d, -0.5, 0.5), **d.some(value_range=value_range(d)), **more),
        lambda: L.RandomErasing(**d.some(factor=d.real(0.1, 1.0), scale=(0.05, 0.3), fill_value=d.one([None, 0.5]), value_range=value_range(d)), **more),
        lambda: L.RandomGaussianBlur(**d.some(factor=d.real(0.1, 1.0), kernel_size=d.one([3, (3, 1)]), sigma=d.one([0.7, (0.2, 1.0)]), value_range=value_range(d)), **more), lambda: L.RandomInvert(**d.some(factor=d.real(0.1, 1.0), value_range=value_range(d)), **more),
        lambda: L.RandomPosterization(d.whole(1, 8), **d.some(value_range=value_range(d)), **more), lambda: L.RandomSharpness(d.real(0.1, 1.0), **d.some(value_range=value_range(d)), **more),
        lambda: L.Solarization(**d.some(addition_factor=d.real(0, 0.5), threshold_factor=d.real(0, 0.9), value_range=value_range(d)), **more), lambda: L.MixUp(**d.some(alpha=d.real(0.1, 0.9)), **more), lambda: L.CutMix(**d.some(factor=d.real(0.1, 1.0)), **more),
        lambda: L.AutoContrast(**d.some(value_range=value_range(d)), **more),
        lambda: L.RandomPerspective(**d.some(factor=d.real(0.1, 1.0), scale=d.real(0.1, 0.9), interpolation="nearest", fill_value=0.5), **more),
        lambda: L.RandomElasticTransform(**d.some(factor=d.real(0.1, 1.0), scale=(0.2, 0.8), fill_mode=d.one(["constant", "nearest"]), value_range=value_range(d)), **more),
        lambda: L.MaxNumBoundingBoxes(d.whole(1, 9), **d.some(bounding_box_format="xyxy"), data_format=form), lambda: L.ContrastLimitedAdaptiveHistogramEqualization((-4.0, 4.0), tile_grid_size=(d.whole(1, 3), d.whole(1, 3)), data_format=form)]
    if channels == 3:
        made += [
            lambda: L.RandomHue(d.real(0.1, 0.9), **d.some(value_range=value_range(d)), **more), lambda: L.RandomSaturation(d.real(0.1, 0.9), **more), lambda: L.RandomGrayscale(**d.some(factor=d.real(0.1, 0.9)), **more),
            lambda: L.RandomColorDegeneration(d.real(0.1, 0.9), **d.some(value_range=value_range(d)), **more), lambda: L.RandAugment(**d.some(value_range=value_range(d), num_ops=d.whole(1, 3), factor=d.real(0.1, 0.9)), **more),
            lambda: L.AugMix(**d.some(value_range=value_range(d), num_chains=d.whole(1, 3), chain_depth=d.whole(1, 3), alpha=d.real(0.2, 2.0), all_ops=False), **more),
            lambda: L.RandomColorJitter(**d.some(value_range=value_range(d), brightness_factor=d.real(0.1, 0.5), contrast_factor=d.real(0.1, 0.5), saturation_factor=d.real(0.1, 0.5), hue_factor=d.real(0.1, 0.5)), **more)]
    d.random = True
    return d.one(made)()


# --- sounds


def spectrogram(d, shape):
    """Of sounds (steps,), and of (steps, channels) with waves that can be trained."""
    if len(shape) == 1:
        size = d.one([8, 16])
        if shape[0] < 2 * size:
            raise Skip
        return L.MelSpectrogram(fft_length=size, sequence_stride=d.one([size // 2, size]), num_mel_bins=d.whole(2, 5), sampling_rate=d.one([100, 16000]), **d.some(sequence_length=size, window=d.one(["hann", "hamming"]), min_freq=d.real(0, 10), max_freq=d.one([None, 45.0]),
                                power_to_db=d.flag(), top_db=d.one([80.0, 20.0]), mag_exp=d.one([1.0, 2.0]), min_power=1e-6, ref_power=d.real(0.5, 2)), **d.common())
    length = d.one([4, 6])
    if shape[0] < length:
        raise Skip
    arguments = d.some(mode=d.one(["log", "magnitude", "psd", "real", "imag", "angle", "stft"]), frame_step=d.whole(1, 3), window=d.one(["hann", "hamming", None]), periodic=d.flag(), scaling=d.one(["density", "spectrum", None]), padding=d.one(["valid", "same"]))
    return L.STFTSpectrogram(frame_length=length, **d.some(fft_length=8), **arguments, **d.common())


# --- categories


class Crossed:
    """The first two words of each row as one category; called as a layer."""

    def __init__(self, d):
        self.layer = L.HashedCrossing(d.whole(3, 9), output_mode="one_hot", **d.name())

    def __call__(self, t):
        return self.layer((t[:, 0:1], t[:, 1:2]))


def as_numbers(lookup):
    """What a layer that looks up gives as counts is int64 in Keras, which a normalization rounds its own results to; hebb has float32 (docs/architecture.md)."""
    return [lookup, L.Rescaling(1.0)]


def category_layers(d, count, size):
    """Layers that turn whole numbers below `count`, (batch, size), into numbers: one, or one and a table of rows."""
    kind = d.one(["crossing", "hashing", "lookup", "encoding", "hashing_counts", "lookup_counts", "reversible"])
    if kind == "reversible":
        return [L.ReversibleEmbedding(count + d.whole(0, 2), d.whole(2, 5), **d.some(tie_weights=d.flag(), mask_zero=d.flag(), logit_soft_cap=d.one([None, 5.0]), embeddings_regularizer=R.L2(0.01)), **d.common())]
    if kind == "crossing":
        return [Crossed(d)]
    if kind == "encoding":
        return [L.CategoryEncoding(count + d.whole(0, 2), output_mode=d.one(["multi_hot", "count"]), **d.name())]
    mode = d.one(["multi_hot", "count"]) if kind.endswith("counts") else "int"
    if kind.startswith("hashing"):
        bins = d.whole(3, 9)
        first = L.Hashing(bins, output_mode=mode, **d.some(mask_value=0, salt=d.one([None, 133, [3, 4]])), **d.name())
        rows = bins
    else:
        words = d.g.permutation(count)[: d.whole(2, count)].tolist()
        more = d.some(num_oov_indices=d.whole(1, 2), mask_token=d.one([None, 0]), oov_token=d.one([-1, -5]))
        if more.get("mask_token") == 0:
            words = [w for w in words if w != 0]
        if mode != "int":
            mode = d.one([mode, "tf_idf"])
            more |= d.some(pad_to_max_tokens=True, max_tokens=count + 6)
            if mode == "tf_idf":
                more["idf_weights"] = [d.real(0.1, 2) for _ in words]
        first = L.IntegerLookup(vocabulary=words, output_mode=mode, **more, **d.name())
        rows = len(words) + 4
    return as_numbers(first) if mode != "int" else [first, L.Embedding(rows, d.whole(2, 5), **d.some(mask_zero=d.flag()), **d.common())]


def binned(d, size):
    """A layer that gives numbers (batch, size) a bin each."""
    boundaries = sorted({d.real(-1.5, 1.5) for _ in range(d.whole(1, 4))})
    mode = d.one(["int", "int", "multi_hot", "count"])
    if d.flag():
        layer = L.Discretization(bin_boundaries=boundaries, output_mode=mode, **d.name())
    else:
        layer = L.Discretization(num_bins=d.whole(2, 5), output_mode=mode, **d.some(epsilon=0.05), **d.name())
        layer.adapt(d.g.normal(size=(40, size)).astype("float32"))
    return [layer, L.Embedding(len(boundaries) + 6, d.whole(2, 4), **d.common())] if mode == "int" else [layer]


# --- texts


WORDS = ["red", "green", "Blue", "a", "größe", "it's", "层", "x-1", "two", "[UNK]"]


class Texts:
    """An input of words (size,) for `StringLookup`, or of sentences () for `TextVectorization`. Only TensorFlow has tensors of texts."""

    def __init__(self, d, n):
        self.are_sentences = d.flag()
        if self.are_sentences:
            self.shape = () if d.chance(0.7) else (1,)
            rows = [d.one([" ", ", ", "  ", ". "]).join(self.word(d) for _ in range(d.whole(1, 7))) for _ in range(n)]
            self.values = np.array(rows).reshape((n, *self.shape))
        else:
            self.shape = (d.whole(1, 6),)
            self.values = np.array([[self.word(d) if d.chance(0.9) else "" for _ in range(self.shape[0])] for _ in range(n)])

    def word(self, d):
        word = d.one(WORDS[:-1])
        return word.upper() if d.chance(0.1) else word

    def layers(self, d):
        words = [WORDS[i] for i in d.g.permutation(len(WORDS) - 1)[: d.whole(2, 8)]]
        # Of (batch, 1) sentences Keras expects (batch, 1, vocabulary) and computes (batch, vocabulary).
        mode = "int" if self.are_sentences and self.shape or d.flag() else d.one(["multi_hot", "count", "tf_idf"])
        more = {"output_mode": mode}
        if mode == "tf_idf":
            more["idf_weights"] = [d.real(0.1, 2) for _ in words]
        if mode != "int":
            more |= d.one([{}, {"pad_to_max_tokens": True, "max_tokens": len(words) + 5}])
        if self.are_sentences:
            if mode == "int":
                more["output_sequence_length"] = d.whole(2, 7)
            more |= d.some(standardize=d.one(["lower_and_strip_punctuation", "lower", "strip_punctuation", None]), split=d.one(["whitespace", "character"]), ngrams=d.one([None, 2, (1, 3)]))
            if more.get("split") == "character":
                words = [w for w in "aerdgt o" if w in " ".join(words)] or ["a", "e"]
                more |= {"idf_weights": [d.real(0.1, 2) for _ in words]} if mode == "tf_idf" else {}
            first = L.TextVectorization(vocabulary=words, **more, **d.name())
        else:
            more |= d.some(num_oov_indices=d.whole(1, 3), mask_token=d.one([None, ""]))
            first = L.StringLookup(vocabulary=words, **more, **d.name())
        return [first, L.Embedding(len(words) + 6, d.whole(2, 5), **d.some(mask_zero=d.flag()), **d.common())] if mode == "int" else as_numbers(first)


def texts(d, n):
    """An input of texts, sometimes, where there can be one."""
    return Texts(d, n) if keras.backend.backend() == "tensorflow" and d.chance(0.15) else None
