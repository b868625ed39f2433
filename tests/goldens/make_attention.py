"""attention.json: layers that look at several inputs and their masks: outputs, their mask, gradients and weights."""

from golden_format import array, arrays, normal, plain, rng, serialized, write

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend import get_keras_mask, set_keras_mask

L = keras.layers
CASES = []


def booleans(g, shape):
    return (g.random(shape) < 0.6)


def case(name, layer, *shapes, names=None, masks=None, training=False, **flags):
    """Runs a layer on random inputs of these shapes: a list of them, or `names` for each. Those whose names end in
    "mask" are booleans. `masks`: for each input the mask that it carries, or None. `flags`: more arguments of the call.
    The gradients are those of the sum of outputs times seed gradients."""
    g = rng("attention " + name)
    is_mask = [bool(names) and names[i].endswith("mask") for i in range(len(shapes))]
    inputs = [tf.constant(booleans(g, s) if is_mask[i] else normal(g, s)) for i, s in enumerate(shapes)]
    carried = [None if m is None else np.array(m, bool) for m in (masks or [None] * len(inputs))]

    def call():
        given = [tf.identity(x) for x in inputs]
        for x, mask in zip(given, carried):
            if mask is not None:
                set_keras_mask(x, tf.constant(mask))
        arguments = dict(flags)
        if layer._call_has_training_arg:
            arguments["training"] = training
        if names:
            return layer(**dict(zip(names, given)), **arguments)
        return layer(given[0] if len(given) == 1 else given, **arguments)

    call()  # builds it
    for w in layer.weights:
        w.assign(abs(normal(g, w.shape, 0.5)) + 0.25 if "variance" in w.name else normal(g, w.shape, 0.5))
    weights = [{"name": w.name, **array(w)} for w in layer.weights]
    floating = [x for x, mask in zip(inputs, is_mask) if not mask]
    trainable = [w.value for w in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch(floating)
        outputs = call()
        outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        out_mask = get_keras_mask(outputs[0])
        seeds = [normal(g, o.shape) for o in outputs]
        total = sum(tf.reduce_sum(o * s) for o, s in zip(outputs, seeds))
    gradients = tape.gradient(total, floating + trainable, unconnected_gradients="zero")
    gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
    CASES.append({
        "name": name,
        "layer": serialized(layer)["class_name"],
        "config": serialized(layer)["config"],
        "build_config": plain(serialized(layer).get("build_config")),
        "inputs": arrays(inputs),
        "names": names or [],
        "masks": [None if m is None else array(m) for m in carried],
        "flags": flags,
        "training": training,
        "weights": weights,
        "weights_after": arrays(layer.weights) if training else [],
        "outputs": arrays(outputs),
        "output_mask": None if out_mask is None else array(out_mask),
        "seed_gradients": arrays(seeds),
        "input_gradients": arrays(gradients[: len(floating)]),
        "weight_gradients": [{"name": w.name, **array(v)} for w, v in zip(layer.trainable_weights, gradients[len(floating) :])],
    })


QUERY, VALUE = [[1, 1, 0], [1, 1, 1]], [[1, 1, 1, 0], [0, 1, 1, 0]]
NOTHING = [[1, 0, 1], [0, 0, 0]]
QV, QVK, QVM = ["query", "value"], ["query", "value", "key"], ["query", "value", "attention_mask"]
Q, V, K = (2, 3, 4), (2, 4, 4), (2, 4, 3)


def multi_head():
    M = L.MultiHeadAttention
    case("heads", M(2, 3), Q, V, names=QV)
    case("heads_key", M(2, 3, value_dim=2), Q, V, K, names=QVK)
    case("heads_no_bias", M(2, 2, use_bias=False), Q, Q, names=QV)
    case("heads_output_shape", M(2, 2, output_shape=5), Q, V, names=QV)
    case("heads_output_shape_two", M(1, 2, output_shape=(2, 3)), Q, V, names=QV)
    case("heads_gate", M(2, 3, value_dim=2, use_gate=True), Q, V, names=QV)
    case("heads_causal", M(2, 3), Q, V, names=QV, use_causal_mask=True)
    case("heads_mask", M(2, 3), Q, V, (2, 3, 4), names=QVM)
    case("heads_mask_causal", M(2, 3), Q, V, (2, 3, 4), names=QVM, use_causal_mask=True)
    case("heads_mask_of_heads", M(2, 3), Q, V, (2, 2, 3, 4), names=QVM)
    case("heads_carried", M(2, 3), Q, V, names=QV, masks=[QUERY, VALUE])
    case("heads_carried_nothing", M(2, 3), Q, Q, names=QV, masks=[QUERY, NOTHING])
    case("heads_carried_key", M(2, 3), Q, V, K, names=QVK, masks=[None, None, VALUE], use_causal_mask=True)
    case("heads_value_mask", M(2, 3), Q, V, (2, 4), names=["query", "value", "value_mask"])
    case("heads_query_mask", M(2, 3), Q, V, (2, 3), names=["query", "value", "query_mask"])
    case("heads_all_masks", M(1, 2), Q, V, K, (2, 4), (2, 3, 4), names=QVK + ["key_mask", "attention_mask"], masks=[QUERY, VALUE, None, None, None])
    case("heads_scores", M(2, 3), Q, V, names=QV, return_attention_scores=True)
    case("heads_scores_causal", M(2, 3), Q, V, names=QV, return_attention_scores=True, use_causal_mask=True)
    case("heads_scores_carried", M(2, 3), Q, Q, names=QV, masks=[QUERY, NOTHING], return_attention_scores=True)
    case("heads_scores_mask", M(2, 3), Q, V, (2, 3, 4), names=QVM, masks=[QUERY, None, None], return_attention_scores=True)
    case("heads_dropout", M(2, 3, dropout=0.5, seed=3), Q, Q, names=QV, masks=[QUERY, NOTHING])
    case("heads_dropout_causal", M(2, 3, dropout=0.5), Q, Q, names=QV, use_causal_mask=True)
    case("heads_sliding", M(2, 3, sliding_window=2), Q, V, names=QV)
    case("heads_sliding_causal", M(2, 3, sliding_window=2), Q, V, names=QV, use_causal_mask=True)
    case("heads_images", M(2, 3), (2, 2, 3, 4), (2, 2, 2, 4), names=QV)
    case("heads_axes", M(2, 3, attention_axes=(2,)), (2, 2, 3, 4), (2, 2, 2, 4), names=QV)
    case("heads_axes_negative", M(2, 3, attention_axes=(-2,)), (2, 2, 3, 4), (2, 2, 2, 4), names=QV, return_attention_scores=True)
    case("heads_axes_mask", M(1, 2, attention_axes=(2,)), (1, 2, 3, 4), (1, 2, 2, 4), (1, 2, 3, 2), names=QVM)
    case("heads_regularizers", M(1, 2, kernel_regularizer="l2", activity_regularizer="l1"), (1, 2, 2), (1, 2, 2), names=QV)


def group_query():
    G = L.GroupQueryAttention
    case("groups", G(3, 4, 2), Q, V, names=QV)
    case("groups_one", G(2, 3, 1), Q, V, (2, 4, 4), names=QVK, use_causal_mask=True)
    case("groups_gate", G(3, 2, 2, use_gate=True, use_bias=False), Q, V, names=QV)
    case("groups_carried", G(3, 4, 2), Q, V, names=QV, masks=[QUERY, VALUE])
    case("groups_query_mask", G(3, 2, 1), Q, V, (2, 3), names=["query", "value", "query_mask"])
    case("groups_mask", G(3, 4, 2), Q, V, (2, 3, 4), names=QVM, use_causal_mask=True)
    case("groups_scores", G(3, 4, 2), Q, V, names=QV, masks=[QUERY, VALUE], return_attention_scores=True)
    case("groups_dropout", G(3, 4, 2, dropout=0.5, seed=2), Q, Q, names=QV, masks=[None, NOTHING])
    case("groups_sliding", G(3, 4, 2, sliding_window=1), Q, V, names=QV)


def plain_attention():
    A, B = L.Attention, L.AdditiveAttention
    K4 = (2, 4, 4)
    case("attention", A(), Q, V)
    case("attention_key", A(use_scale=True), Q, (2, 4, 5), K4)
    case("attention_concat", A(score_mode="concat"), Q, V)
    case("attention_concat_scale", A(score_mode="concat", use_scale=True), Q, (2, 4, 5), K4)
    case("attention_causal", A(), Q, V, use_causal_mask=True)
    case("attention_masks", A(), Q, V, masks=[QUERY, VALUE])
    case("attention_masks_causal", A(), Q, V, masks=[QUERY, VALUE], use_causal_mask=True)
    case("attention_value_mask", A(), Q, V, masks=[None, VALUE], return_attention_scores=True)
    case("attention_dropout", A(dropout=0.4, seed=1), Q, V)
    case("additive", B(), Q, V)
    case("additive_no_scale", B(use_scale=False), Q, (2, 4, 5), K4)
    case("additive_masks", B(), Q, V, masks=[QUERY, VALUE], use_causal_mask=True, return_attention_scores=True)
    case("additive_dropout", B(dropout=0.4, seed=1), Q, V)


def einsum_dense():
    E = L.EinsumDense
    case("einsum", E("ab,bc->ac", 3, bias_axes="c"), (2, 4))
    case("einsum_sequence", E("abc,cd->abd", (None, 3), bias_axes="d", activation="relu"), (2, 3, 4))
    case("einsum_heads", E("abc,cde->abde", (None, 2, 3), bias_axes="de"), (2, 3, 4))
    case("einsum_heads_bias", E("abc,cde->abde", (None, 2, 3), bias_axes="d"), (2, 3, 4))
    case("einsum_heads_back", E("abcd,cde->abe", (None, 3)), (2, 2, 3, 4))
    case("einsum_moved", E("abc,cd->adb", (5, None), bias_axes="d"), (2, 3, 4))
    case("einsum_inner", E("abc,bd->acd", (4, 3)), (2, 3, 4))
    case("einsum_kernel_turned", E("abc,dc->abd", (3, 5), bias_axes="bd"), (2, 3, 4))
    case("einsum_shared", E("abc,bcd->abd", (3, 2), bias_axes="bd"), (2, 3, 4))
    case("einsum_shared_only", E("abc,bc->abc", (3, 4)), (2, 3, 4))
    case("einsum_summed", E("abc,d->ad", 3), (2, 3, 4))
    case("einsum_left", E("...x,xy->...y", 3, bias_axes="y"), (2, 3, 4))
    case("einsum_left_rank4", E("...bx,xy->...by", (2, 3), bias_axes="by"), (2, 3, 2, 4))
    case("einsum_right", E("ab...,bc->ac...", 5, bias_axes="c"), (2, 4, 2, 3))


SHORT, OTHER = [[1, 1, 0], [0, 1, 1]], [[1, 0, 0], [1, 1, 0]]


def merging():
    for cls in (L.Subtract, L.Multiply, L.Maximum, L.Minimum, L.Add, L.Average):
        short = cls.__name__.lower()
        case(short, cls(), (2, 3, 4), (2, 3, 4))
        case(f"{short}_broadcast", cls(), (2, 3, 4), (2, 1, 4))
        case(f"{short}_ranks", cls(), (2, 3, 4), (2, 4))
        case(f"{short}_masks", cls(), (2, 3, 2), (2, 3, 2), masks=[SHORT, OTHER])
        case(f"{short}_mask", cls(), (2, 3, 2), (2, 3, 2), masks=[None, OTHER])
    case("multiply_three", L.Multiply(), (2, 3), (2, 3), (2, 3))
    case("maximum_three_masks", L.Maximum(), (2, 3, 2), (2, 3, 2), (2, 3, 2), masks=[SHORT, OTHER, SHORT])
    case("dot", L.Dot(axes=1), (2, 3), (2, 3))
    case("dot_last", L.Dot(axes=-1), (2, 3, 4), (2, 2, 4))
    case("dot_axes", L.Dot(axes=(1, 2)), (2, 3, 4), (2, 2, 3))
    case("dot_ranks", L.Dot(axes=(2, 1)), (2, 3, 4), (2, 4))
    case("dot_normalize", L.Dot(axes=(1, 1), normalize=True), (2, 3, 4), (2, 3, 2), masks=[SHORT, OTHER])
    case("identity", L.Identity(), (2, 3, 4), masks=[SHORT])


def normalization():
    case("group_normalization", L.GroupNormalization(2), (2, 3, 4))
    case("group_normalization_images", L.GroupNormalization(3, epsilon=0.1), (2, 2, 2, 6))
    case("group_normalization_axis", L.GroupNormalization(2, axis=1), (2, 4, 3))
    case("group_normalization_axis_negative", L.GroupNormalization(2, axis=-2), (2, 4, 3))
    case("group_normalization_instance", L.GroupNormalization(-1), (2, 3, 2), masks=[SHORT])
    case("group_normalization_bare", L.GroupNormalization(1, center=False, scale=False), (2, 4))
    case("spectral_normalization", L.SpectralNormalization(L.Dense(3)), (2, 4))
    case("spectral_normalization_training", L.SpectralNormalization(L.Dense(3), power_iterations=2), (2, 4), training=True)
    case("spectral_normalization_images", L.SpectralNormalization(L.Conv2D(2, 2)), (1, 3, 3, 2), training=True)
    case("spectral_normalization_twice", L.SpectralNormalization(L.SpectralNormalization(L.Dense(3)), power_iterations=2), (2, 4), training=True)
    case("batch_normalization_mask", L.BatchNormalization(), (2, 3, 2), masks=[SHORT], training=True)
    case("batch_normalization_mask_inference", L.BatchNormalization(), (2, 3, 2), masks=[SHORT])
    case("layer_normalization_rms", L.LayerNormalization(rms_scaling=True, axis=[1, 2], epsilon=0.1), (2, 3, 4), masks=[SHORT])


def embedding():
    E = L.ReversibleEmbedding
    case("reversible_back", E(5, 4), (2, 3, 4), reverse=True)
    case("reversible_back_double", E(5, 4, reverse_dtype="float64"), (2, 4), reverse=True)
    case("reversible_back_loose", E(5, 4, tie_weights=False, logit_soft_cap=2.0), (2, 4), reverse=True)


def softmax():
    case("softmax_mask", L.Softmax(), (2, 3, 4), (2, 3, 4), names=["inputs", "mask"])
    case("softmax_mask_broadcast", L.Softmax(axis=[1, 2]), (2, 3, 4), (2, 1, 4), names=["inputs", "mask"])
    case("softmax_mask_carried", L.Softmax(), (2, 3), masks=[NOTHING])


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    for group in (multi_head, group_query, plain_attention, einsum_dense, softmax, merging, normalization, embedding):
        group()
    write("attention", CASES)


if __name__ == "__main__":
    make()
