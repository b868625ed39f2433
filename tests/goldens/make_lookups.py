"""lookups.json: layers that look tokens up, of integers and of texts: what they give, and what they learn."""

from golden_format import array, arrays, number, plain, serialized, write

import keras
import numpy as np
import tensorflow as tf

L = keras.layers
CASES = []
ADAPTED = []
MIXED = []  # HashedCrossing(1000003) of texts and integers


def vocabulary(layer):
    return [str(token) for token in layer.get_vocabulary()]


def case(name, layer, *inputs):
    """What a layer gives for these inputs, and the shape that Keras expects of it."""
    given = [tf.constant(x) for x in inputs]
    whole = given[0] if len(given) == 1 else given
    output = layer(whole)
    symbols = [keras.Input(x.shape[1:], dtype=x.dtype.name) for x in given]
    shape = layer.compute_output_shape(symbols[0].shape if len(symbols) == 1 else [s.shape for s in symbols])
    if isinstance(layer, L.Hashing):  # of which Keras expects no axis more for one_hot
        shape = [None, *output.shape[1:]]
    CASES.append({
        "name": name,
        "layer": type(layer).__name__,
        "config": serialized(layer)["config"],
        "inputs": arrays([x.numpy() for x in given]),
        "vocabulary": vocabulary(layer) if hasattr(layer, "get_vocabulary") else [],
        "output": array(output.numpy()),
        "shape": plain(shape),
    })


MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")


def weighted(mode, count):
    return {"idf_weights": [0.5 ** k for k in range(count)]} if mode == "tf_idf" else {}


def integers():
    N = L.IntegerLookup
    known = [5, 2**40 + 1, -3]
    x = np.array([[5, 2**40 + 1, -3, 7], [-8, 5, 0, 5]])
    for mode in MODES:
        for name, y in {"rank1": x[1], "rank2": x, "last_1": x[:, :1]}.items():
            if name == "rank1" and mode not in ("int", "one_hot"):
                continue  # one example, and no batch axis
            case(f"integer_{mode}_{name}", N(vocabulary=known, output_mode=mode, **weighted(mode, 3)), y)
        case(f"integer_{mode}_masked", N(vocabulary=known, mask_token=7, output_mode=mode, **weighted(mode, 3)), x)
        case(f"integer_{mode}_padded", N(6, vocabulary=known, output_mode=mode, pad_to_max_tokens=True, **weighted(mode, 3)), x)
    case("integer_rank3", N(vocabulary=known), x[None])
    case("integer_one_hot_rank3", N(vocabulary=known, output_mode="one_hot"), x[None])
    case("integer_no_oov", N(vocabulary=known, num_oov_indices=0), x[:1, :3])
    case("integer_oov", N(vocabulary=known, num_oov_indices=3), x)
    case("integer_oov_masked", N(vocabulary=known, num_oov_indices=2, mask_token=0), x)
    case("integer_oov_hashed", N(vocabulary=known, num_oov_indices=3, oov_method="farmhash"), x)
    case("integer_oov_salted", N(vocabulary=known, num_oov_indices=3, oov_method="farmhash", salt=5), x)
    case("integer_oov_salts", N(vocabulary=known, num_oov_indices=3, oov_method="farmhash", salt=[5, 6]), x)
    case("integer_oov_multi_hot", N(vocabulary=known, num_oov_indices=3, output_mode="multi_hot"), x)
    case("integer_invert", N(vocabulary=known, invert=True), np.array([[0, 1, 2], [3, 4, -1]]))
    case("integer_invert_masked", N(vocabulary=known, invert=True, mask_token=0, num_oov_indices=2), np.array([[0, 1, 2], [3, 4, 99]]))
    case("integer_special", N(vocabulary=[0, -1, -1, 5, 6], mask_token=0, num_oov_indices=2), np.array([[0, 5, 6, 7]]))
    case("integer_special_tf_idf", N(vocabulary=[-1, 5, 6], output_mode="tf_idf", idf_weights=[0.125, 0.5, 0.25]), np.array([[0, 5, 6, 7]]))
    case("integer_invert_oov_token", N(vocabulary=known, invert=True, oov_token=-9), np.array([[0, 1, 2], [3, 0, 1]]))
    case("integer_int32", N(vocabulary=known[:1]), np.array([[5, 6]], "int32"))


def strings():
    S = L.StringLookup
    known = ["red", "Grün", ""]
    long = "a token that is not known, and that is longer than sixty-four bytes, so that its hash goes another way"
    x = np.array([["red", "Grün", "", "grün"], ["blue", "red", long, "red"]])
    for mode in MODES:
        for name, y in {"rank1": x[1], "rank2": x, "last_1": x[:, :1]}.items():
            if name == "rank1" and mode not in ("int", "one_hot"):
                continue
            case(f"string_{mode}_{name}", S(vocabulary=known, output_mode=mode, **weighted(mode, 3)), y)
        case(f"string_{mode}_masked", S(vocabulary=known, mask_token="blue", output_mode=mode, **weighted(mode, 3)), x)
        case(f"string_{mode}_padded", S(6, vocabulary=known, output_mode=mode, pad_to_max_tokens=True, **weighted(mode, 3)), x)
    case("string_no_oov", S(vocabulary=known, num_oov_indices=0), x[:1, :3])
    case("string_oov", S(vocabulary=known, num_oov_indices=1000), x)
    case("string_oov_masked", S(vocabulary=known, num_oov_indices=7, mask_token="blue"), x)
    case("string_oov_salted", S(vocabulary=known, num_oov_indices=1000, salt=5), x)
    case("string_oov_salts", S(vocabulary=known, num_oov_indices=1000, salt=[5, 6]), x)
    case("string_oov_token", S(vocabulary=known, oov_token="?"), x)
    case("string_invert", S(vocabulary=known, invert=True, oov_token="?"), np.array([[0, 1, 2], [3, 4, -1]]))
    case("string_invert_masked", S(vocabulary=known[:2], invert=True, mask_token="", num_oov_indices=2), np.array([[0, 1, 2], [3, 4, 99]]))
    case("string_special", S(vocabulary=["", "[UNK]", "a", "b"], mask_token=""), np.array([["", "a", "b", "c"]]))


TEXTS = [
    "The cat sat on the mat; the dog didn't.",
    "",
    "  Don't  PANIC!\t(said\nthe CAT)  ",
    "ÀÉ Straße İstanbul, ΑΒΓ — “quoted” «words»",
    "no-break\u00a0space wide\u3000space next\u0085line vt\u000bff\u000ccr\rend",
    "emoji 😀😀 e\u0301 {curly} [square] ^~`|\\",
]


def vectorized():
    V = L.TextVectorization
    words = ["the", "cat", "dont", "dog", "the cat", "c", "a", "t", " ", "é", "😀", "cat sat on", "space"]
    x = np.array(TEXTS)
    case("text", V(vocabulary=words), x)
    case("text_last_1", V(vocabulary=words), x[:, None])
    case("text_lower", V(vocabulary=words, standardize="lower"), x)
    case("text_strip", V(vocabulary=words, standardize="strip_punctuation"), x)
    case("text_as_is", V(vocabulary=["the", "CAT)", "Don't", "CAT"], standardize=None), x)
    case("text_character", V(vocabulary=words, split="character"), x)
    case("text_no_split", V(vocabulary=["the cat sat on the mat the dog didnt", "b"], split=None), x[:, None])
    case("text_no_split_wide", V(vocabulary=["a", "b"], split=None, output_sequence_length=2), np.array([["A", "b", "c"], ["b", "", "a"]]))
    case("text_no_split_pads", V(vocabulary=["a", "b"], split=None, output_sequence_length=4), np.array([["A", "b", "c"], ["b", "", "a"]]))
    case("text_no_split_multi_hot", V(vocabulary=["a", "b"], split=None, output_mode="multi_hot"), np.array([["A", "b", "c"], ["b", "", "a"]]))
    case("text_no_split_one_hot", V(vocabulary=["a", "b"], split=None, output_mode="one_hot"), np.array([["A"], ["c"]]))
    case("text_ngrams", V(vocabulary=words, ngrams=2), x)
    case("text_ngrams_list", V(vocabulary=words, ngrams=(3, 1)), x)
    case("text_ngrams_no_split", V(vocabulary=["a", "a b"], ngrams=2, split=None), np.array([["a", "b", "c"]]))
    case("text_length", V(vocabulary=words, output_sequence_length=4), x)
    case("text_max_tokens", V(20, vocabulary=words, output_mode="count", pad_to_max_tokens=True), x)
    for mode in ("multi_hot", "count", "tf_idf"):
        case(f"text_{mode}", V(vocabulary=words, output_mode=mode, **weighted(mode, len(words))), x)
        case(f"text_{mode}_ngrams", V(vocabulary=words, ngrams=2, output_mode=mode, **weighted(mode, len(words))), x)


def hashed():
    long = "a text of more than sixty-four bytes, so that its hash goes another way than those of shorter ones"
    x = np.array([["red", "Grün", "", "12345678"], ["blue", "red", long, long[:40]]])
    for mode in ("int", "one_hot", "multi_hot", "count"):
        case(f"hashing_{mode}", L.Hashing(5, output_mode=mode), x)
    case("hashing_many", L.Hashing(1000003), x)
    case("hashing_salt", L.Hashing(1000003, salt=7), x)
    case("hashing_salts", L.Hashing(1000003, salt=[3, 4]), x)
    case("hashing_mask", L.Hashing(3, mask_value="red"), x)
    case("hashing_empty_mask", L.Hashing(1000003, mask_value=""), x)
    case("hashed_crossing", L.HashedCrossing(1000003), x[0], x[1])
    case("hashed_crossing_last_1", L.HashedCrossing(5, output_mode="one_hot"), x[0][:, None], x[1][:, None])
    mixed = L.HashedCrossing(1000003)
    MIXED.append({"inputs": arrays([x[0], np.arange(4)]), "output": array(mixed([tf.constant(x[0]), tf.constant(np.arange(4))]).numpy())})


def adapted(name, layer, *batches):
    """A layer that learned from batches, or from all at once."""
    config = serialized(layer)["config"]
    layer.adapt(batches[0] if len(batches) == 1 else tf.data.Dataset.from_tensor_slices(np.concatenate(batches)).batch(len(batches[0])))
    lookup = getattr(layer, "_lookup_layer", layer)
    ADAPTED.append({
        "name": name,
        "layer": type(layer).__name__,
        "before": config,
        "config": serialized(layer)["config"],
        "batches": arrays(batches),
        "vocabulary": vocabulary(layer),
        "idf_weights": [number(w) for w in lookup.idf_weights_const.numpy()] if lookup.output_mode == "tf_idf" else [],
    })


def learning():
    g = np.random.default_rng(1)
    numbers = g.integers(-3, 12, (20, 3)) * g.integers(1, 3, (20, 3))
    adapted("integer", L.IntegerLookup(), numbers)
    adapted("integer_batches", L.IntegerLookup(), numbers[:8], numbers[8:16], numbers[16:])
    adapted("integer_most", L.IntegerLookup(5, mask_token=0), numbers)
    adapted("integer_most_counted", L.IntegerLookup(5, mask_token=0, num_oov_indices=2, output_mode="count"), numbers)
    adapted("integer_flat", L.IntegerLookup(), numbers[:, 0])
    adapted("integer_tf_idf", L.IntegerLookup(output_mode="tf_idf"), numbers)
    adapted("integer_tf_idf_flat", L.IntegerLookup(output_mode="tf_idf"), numbers[:, 0])
    adapted("integer_tf_idf_padded", L.IntegerLookup(30, output_mode="tf_idf", pad_to_max_tokens=True), numbers)
    words = np.array([["red", "green", "red"], ["blue", "Zebra", "é"], ["red", "blue", ""], ["z", "[UNK]", "ß"]])
    adapted("string", L.StringLookup(), words)
    adapted("string_batches", L.StringLookup(), words[:2], words[2:])
    adapted("string_masked", L.StringLookup(mask_token=""), words)
    adapted("string_tf_idf", L.StringLookup(output_mode="tf_idf", num_oov_indices=2), words)
    adapted("string_most", L.StringLookup(4), words)
    texts = np.array(TEXTS)
    adapted("text", L.TextVectorization(), texts)
    adapted("text_last_1", L.TextVectorization(), texts[:, None])
    adapted("text_batches", L.TextVectorization(), texts[:2], texts[2:4], texts[4:])
    adapted("text_character", L.TextVectorization(split="character"), texts)
    adapted("text_ngrams", L.TextVectorization(ngrams=2), texts)
    adapted("text_no_split", L.TextVectorization(split=None), texts[:, None])
    adapted("text_most", L.TextVectorization(5), texts)
    adapted("text_tf_idf", L.TextVectorization(output_mode="tf_idf"), texts)
    adapted("text_tf_idf_most", L.TextVectorization(5, output_mode="tf_idf"), texts)
    adapted("text_tf_idf_no_split", L.TextVectorization(split=None, output_mode="tf_idf"), words)
    adapted("text_multi_hot_padded", L.TextVectorization(50, output_mode="multi_hot", pad_to_max_tokens=True), texts)


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    for group in (integers, strings, vectorized, hashed, learning):
        group()
    write("lookups", CASES, adapted=ADAPTED, mixed=MIXED)


if __name__ == "__main__":
    make()
