"""preprocessing.json: layers that prepare data: what make_layers.py says of a layer, on inputs that are given."""

import functools

from golden_format import array, arrays, normal, rng, serialized, write

import keras
import make_layers
import numpy as np
import tensorflow as tf

L = keras.layers
CASES = []
ADAPTED = []
case = functools.partial(make_layers.case, into=CASES)


def values(name, layer, *inputs, call=None):
    """A layer without gradients on these inputs; `call` takes them where they are not its list."""
    inputs = [tf.constant(x) for x in inputs]
    output = call(*inputs) if call else layer(inputs[0] if len(inputs) == 1 else inputs)
    CASES.append({
        "name": name,
        "layer": type(layer).__name__,
        "config": serialized(layer)["config"],
        "inputs": arrays(inputs),
        "weights": [],
        "training": False,
        "output": array(output),
        # null: no batch axis is left
        "compute_output_shape": list(output.shape) if output.shape[:1] == inputs[0].shape[:1] != () else None,
        "input_gradients": [],
        "weight_gradients": [],
        "weights_after": [],
    })


def normalization():
    N = L.Normalization
    case("normalization", N(), (3, 4))
    case("normalization_invert", N(invert=True), (3, 4))
    case("normalization_all", N(axis=None), (3, 4))
    case("normalization_axes", N(axis=(1, -1)), (2, 3, 4, 2))
    case("normalization_front", N(axis=1), (2, 3, 4))
    case("normalization_given", N(mean=1.5, variance=2.25), (3, 4))
    case("normalization_given_list", N(mean=[1.0, -2.0], variance=[4.0, 0.0]), (3, 2))
    case("normalization_given_front", N(axis=1, mean=[1.0, -2.0], variance=[4.0, 0.25], invert=True), (3, 2, 2))
    case("normalization_given_array", N(axis=(1, 2), mean=[[1.0], [2.0]], variance=[[4.0], [1.0]]), (2, 2, 3))
    case("normalization_given_last", N(axis=(1, 2), mean=[1.0, 2.0, 3.0], variance=[4.0, 1.0, 9.0]), (2, 2, 3))


def categories():
    rows = {
        "scalar": np.array(2),
        "rank1": np.array([0, 1, 1, 7, 2]),
        "rank2": np.array([[0, 1, 1], [3, 9, 2]]),
        "last_1": np.array([[0], [2], [3]]),
        "rank3": np.array([[[0, 1], [1, 1], [1, 2]], [[2, 3], [2, 2], [1, 1]]]),
    }
    for mode in ("multi_hot", "one_hot", "count"):
        for name, x in rows.items():
            values(f"category_encoding_{mode}_{name}", L.CategoryEncoding(4, mode), x)
    values("category_encoding_more", L.CategoryEncoding(11, "one_hot"), rows["rank1"])
    values("category_encoding_floats", L.CategoryEncoding(4), np.array([[0.0, 1.7], [2.2, 3.0]], "float32"))
    weighted = L.CategoryEncoding(4, "count")
    weights = np.array([[0.5, 1, 2], [1, 2, 3]], "float32")
    values("category_encoding_weights", weighted, rows["rank2"], weights, call=lambda x, w: weighted(x, count_weights=w))

    x = np.array([[-1.5, 0.0, 0.5], [1.0, 2.0, np.inf]], "float32")
    for mode in ("int", "one_hot", "multi_hot", "count"):
        values(f"discretization_{mode}", L.Discretization([0.0, 0.5, 2.0], output_mode=mode), x)
    values("discretization_one_hot_last_1", L.Discretization([0.0], output_mode="one_hot"), x[:, :1])

    x = np.array([[0, 1, -1, 7], [12, 12345678, -123456789012, 2**53 - 1]])
    for mode in ("int", "one_hot", "multi_hot", "count"):
        values(f"hashing_{mode}", L.Hashing(5, output_mode=mode), x)
    values("hashing_many", L.Hashing(1000003), x)
    values("hashing_salt", L.Hashing(1000003, salt=7), x)
    values("hashing_salts", L.Hashing(1000003, salt=[3, 4]), x)
    values("hashing_mask", L.Hashing(3, mask_value=12), x)
    values("hashing_one", L.Hashing(1, mask_value=12), x)
    values("hashing_int32", L.Hashing(100, dtype="int32"), x.astype("int32"))
    values("hashing_floats", L.Hashing(1000), np.array([[0.5, -1.7], [12.0, 3.9]], "float32"))
    a, b = np.array([0, 1, -5, 12345]), np.array([3, 3, 1, 0])
    values("hashed_crossing", L.HashedCrossing(1000003), a, b)
    values("hashed_crossing_three", L.HashedCrossing(1000003), a[:, None], b[:, None], a[:, None])
    values("hashed_crossing_one_hot", L.HashedCrossing(5, output_mode="one_hot"), a, b)
    values("hashed_crossing_one_hot_last_1", L.HashedCrossing(5, output_mode="one_hot"), a[:, None], b[:, None])


def tones():
    image, colour = (2, 4, 5, 2), (2, 4, 5, 3)
    photo = {"training": True, "scale": 255, "positive": True}
    unit = {"training": True, "positive": True}
    case("auto_contrast", L.AutoContrast(), image, **photo)
    case("auto_contrast_one", L.AutoContrast((0, 1)), image, positive=True)
    case("auto_contrast_flat", L.AutoContrast((1.0, -1.0)), (2, 1, 1, 2), gradients=False)
    # 255 times the upper end is drawn up to: the same number from both ends only where both are 0.
    case("solarization", L.Solarization(), image, **photo)
    case("solarization_one", L.Solarization(value_range=(1.0, 0.0)), image, **unit)
    case("solarization_inference", L.Solarization(0.3, (0.2, 0.4), seed=1), image)
    case("grayscale", L.RandomGrayscale(1.0), colour, **photo)
    case("grayscale_none", L.RandomGrayscale(0.0), colour, **photo)
    case("grayscale_gray", L.RandomGrayscale(1.0), (2, 4, 5, 1), **photo)
    case("grayscale_inference", L.RandomGrayscale(seed=3), colour)


def adapted(name, layer, *batches):
    """A layer that learned from batches: its weights, or what its configuration holds of it."""
    config = serialized(layer)["config"]
    layer.adapt(batches[0] if len(batches) == 1 else list(batches))
    ADAPTED.append({
        "name": name,
        "layer": type(layer).__name__,
        "before": config,
        "config": serialized(layer)["config"],
        "batches": arrays([tf.constant(b) for b in batches]),
        "weights": [{"name": w.name, **array(w)} for w in layer.weights],
    })


def learning():
    g = rng("preprocessing adapted")
    table = (normal(g, (30, 3)) * [1, 10, 0] + [5, 0, 2]).astype("float32")
    adapted("normalization", L.Normalization(), table)
    adapted("normalization_batches", L.Normalization(), table[:8], table[8:16], table[16:24])
    adapted("normalization_all", L.Normalization(axis=None), table)
    adapted("normalization_axes", L.Normalization(axis=(1, 2)), table.reshape(5, 6, 3))
    numbers = (normal(g, (200,)) ** 2).astype("float32")
    adapted("discretization", L.Discretization(num_bins=4), numbers)
    adapted("discretization_batches", L.Discretization(num_bins=4, epsilon=0.05), numbers[:50], numbers[50:100], numbers[100:150])
    adapted("discretization_few", L.Discretization(num_bins=3), numbers[:7])
    adapted("discretization_coarse", L.Discretization(num_bins=5, epsilon=0.3), numbers)
    adapted("discretization_one", L.Discretization(num_bins=1), numbers)


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    for group in (normalization, categories, tones, learning):
        group()
    write("preprocessing", CASES, adapted=ADAPTED)


if __name__ == "__main__":
    make()
