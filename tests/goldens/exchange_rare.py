"""What few models have, for `exchange_models.py`: steps and sizes that are not known, models of several tensors inside of others, masks given in a call, inputs of other types.

Whether one of these is drawn says `Draw.rarely`, which has numbers of its own: models without them are those of earlier drawings.
"""

import keras
import numpy as np

from exchange_draw import L, Skip, taken
from exchange_layers import axes_of

ops = keras.ops

# --- inputs


def type_of_ids(d):
    return d.one(["int8", "int16", "int64", "int64", "uint8", "uint16", "float16", "float64"])


def type_of_numbers(d):
    return d.one(["float64", "float16", "bfloat16", "int32", "int64", "uint8", "bool"])


def as_type(values, name):
    """Numbers as an input of the type gets them."""
    if name == "bool":
        return values > 0
    if "int" in name:
        return np.round(np.abs(values) * 3 if name.startswith("u") else values * 3).astype(name)
    return values.astype("float32" if name == "bfloat16" else name)


def of_unknown_steps(d, size):
    """Layers for (steps, size) of any number of steps; the last one gives one row."""
    layers = []
    for _ in range(d.whole(0, 3)):
        layers.append(d.one([
            lambda: L.Conv1D(d.whole(1, 4), d.whole(1, 3), padding=d.one(["same", "causal"]), **d.some(dilation_rate=2), activation=d.activation(), **d.common()), lambda: L.Dense(d.whole(1, 4), activation=d.activation(), **d.common()),
            lambda: L.LSTM(d.whole(1, 3), return_sequences=True, **d.some(go_backwards=d.flag()), **d.common()), lambda: L.Bidirectional(L.GRU(d.whole(1, 3), return_sequences=True), merge_mode=d.one(["concat", "sum"]), **d.name()),
            lambda: L.TimeDistributed(keras.Sequential([L.Dense(3), L.BatchNormalization(), L.Dense(2)]) if d.flag() else L.Dense(2), **d.name()), lambda: L.BatchNormalization(**d.common()), lambda: L.LayerNormalization(**d.common()),
            lambda: L.MaxPooling1D(2, padding="same"), lambda: L.UpSampling1D(2), lambda: L.ZeroPadding1D((1, 0)), lambda: L.Masking(), lambda: L.Conv1DTranspose(2, 2, strides=2), lambda: L.SeparableConv1D(2, 2, padding="same"), lambda: Reversed(d), lambda: Attended(d)])())
    return [*layers, d.one([lambda: L.GlobalAveragePooling1D(), lambda: L.GlobalMaxPooling1D(), lambda: L.LSTM(d.whole(1, 4)), lambda: L.GRU(d.whole(1, 4), **d.some(unroll=False))])()]


def of_unknown_sizes(d):
    """Layers for images of any height and width; the last one gives one row."""
    layers = []
    for _ in range(d.whole(0, 3)):
        layers.append(d.one([
            lambda: L.Conv2D(d.whole(1, 3), d.whole(1, 3), padding="same", **d.some(strides=2), activation=d.activation(), **d.common()), lambda: L.BatchNormalization(**d.common()), lambda: L.MaxPooling2D(2, padding="same"), lambda: L.UpSampling2D(2, interpolation=d.one(["nearest", "bilinear"])),
            lambda: L.Conv2DTranspose(2, 2, strides=2, padding=d.one(["valid", "same"])), lambda: L.DepthwiseConv2D(2, padding="same"), lambda: L.ZeroPadding2D(((1, 0), (0, 1))), lambda: L.SpatialDropout2D(0.0), lambda: L.Dense(2), lambda: L.PReLU(shared_axes=[1, 2])])())
    return [*layers, d.one([L.GlobalAveragePooling2D, L.GlobalMaxPooling2D])()]


class Moved:
    """Whole numbers through a layer that moves them; called as a layer."""

    def __init__(self, d):
        self.layer, self.by = d.one([lambda: L.Flatten(), lambda: L.Reshape((-1, 1)), lambda: L.Identity(), lambda: L.Concatenate(axis=-1)])(), d.real(0.2, 0.6)

    def __call__(self, t):
        return ops.cast(self.layer([t, t] if isinstance(self.layer, L.Concatenate) else t), "float32") * self.by


class Reversed:
    """Steps in reverse, or but one; called as a layer."""

    def __init__(self, d):
        self.take = d.one([lambda t: t[:, ::-1] if keras.backend.backend() != "torch" else ops.flip(t, axis=1), lambda t: ops.concatenate([t, t[:, :1]], axis=1), lambda t: t - ops.mean(t, axis=1, keepdims=True), lambda t: ops.concatenate([t[:, 1:], t[:, :1]], axis=1)])

    def __call__(self, t):
        return self.take(t)


class Attended:
    def __init__(self, d):
        self.layer, self.causal = L.MultiHeadAttention(2, 2, **d.name()), d.flag()

    def __call__(self, t):
        return L.Add()([t, self.layer(t, t, use_causal_mask=self.causal)])


# --- masks in calls


def steps_mask(d, t):
    """(batch, steps), of numbers."""
    of = ops.mean(t, axis=tuple(range(2, len(t.shape)))) if len(t.shape) > 2 else t
    return d.one([lambda: ops.greater(of, d.real(-0.5, 0.3)), lambda: ops.not_equal(of, 0.0), lambda: ops.logical_not(ops.less(of, d.real(-0.5, 0.2)))])()


def masked_call(d, pool, t):
    """A layer that is called with a mask."""
    if len(t.shape) != 3 or not 1 < t.shape[1] <= 10 or t.shape[2] > 16:
        raise Skip
    # Of one step attention has no gradient, but what rounding leaves, of which some optimizers make whole steps.
    same = [o for o in pool if len(o.shape) == 3 and 1 < o.shape[1] <= 10 and o.shape[-1] == t.shape[-1]]
    o = d.one(same)
    heads = lambda: L.MultiHeadAttention(d.whole(1, 3), d.whole(1, 4), **d.some(value_dim=d.whole(1, 4), use_bias=d.flag(), **taken(L.MultiHeadAttention, use_gate=d.flag())), **d.name())
    grouped = lambda: L.GroupQueryAttention(d.whole(1, 4), 4, 2, **d.some(use_bias=d.flag()), **d.name())
    return d.one([
        lambda: L.TimeDistributed(L.Dense(d.whole(1, 3)), **d.name())(t, mask=steps_mask(d, t)), lambda: L.Bidirectional(L.LSTM(d.whole(1, 3), return_sequences=d.flag()), **d.name())(t, mask=steps_mask(d, t)), lambda: L.BatchNormalization(**d.common())(t, mask=steps_mask(d, t)),
        lambda: L.GlobalAveragePooling1D(**d.some(keepdims=d.flag()))(t, mask=steps_mask(d, t)), lambda: L.Softmax(axis=d.one([-1, 1]))(t, mask=ops.greater(t, -0.5)), lambda: L.Attention(**d.some(use_scale=d.flag(), score_mode=d.one(["dot", "concat"])))([t, o], mask=[steps_mask(d, t), steps_mask(d, o)]),
        lambda: L.AdditiveAttention()([t, o], mask=[None, steps_mask(d, o)], use_causal_mask=d.flag()), lambda: heads()(t, o, value_mask=steps_mask(d, o), **d.some(query_mask=steps_mask(d, t), use_causal_mask=d.flag())),
        lambda: heads()(t, o, attention_mask=ops.greater(ops.einsum("bqd,bkd->bqk", t, o), -0.5)), lambda: grouped()(t, o, value_mask=steps_mask(d, o), **d.some(query_mask=steps_mask(d, t))),
        lambda: L.Concatenate(axis=d.one([1, -1]))([L.Masking()(t), t]), lambda: keras.Sequential([keras.Input(t.shape[1:]), L.Masking(), L.Dense(2), L.GRU(2, return_sequences=True)])(t), lambda: keras.Sequential([keras.Input(t.shape[1:]), L.GRU(2)])(t, mask=steps_mask(d, t))])()


# --- calls


def rare_call(d, layer):
    """`training` for layers that take it; True only where this draws nothing."""
    if isinstance(layer, (L.BatchNormalization, L.LayerNormalization, keras.Model)):
        return {"training": layer.__class__ is L.BatchNormalization and d.flag()}
    return {}


# --- models inside of others


def structured(d, inputs, outputs):
    """Lists, tuples and dicts of what a model takes and gives."""
    given = inputs[0] if len(inputs) == 1 else d.one([lambda: inputs, lambda: {f"in_{i}": t for i, t in enumerate(inputs)}, lambda: (inputs[0], [*inputs[1:]]), lambda: {"z": inputs[0], "a": [*inputs[1:]]}])()
    if len(outputs) == 1:
        return given, d.one([outputs[0], outputs[0], outputs, {"only": outputs[0]}])
    return given, d.one([outputs, {f"out_{i}": t for i, t in enumerate(reversed(outputs))}, (outputs[0], {"rest": [*outputs[1:]]})])


def freeze(d, model):
    """Some layers at any depth. Not those of which Keras trains what is inside all the same (docs/architecture.md), nor what holds others: in .h5 Keras does not find their weights again."""
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, (L.Dense, L.BatchNormalization, L.Embedding, L.Conv1D, L.Conv2D, L.LayerNormalization)) and d.chance(0.3):
            layer.trainable = False


# --- operations


def rare_operation(d, t):
    """With constants, of whole numbers and of truths."""
    size = t.shape[-1]
    row = np.linspace(-1, 1, size).astype("float32")
    table = d.g.normal(size=(size, d.whole(1, 3))).round(2).astype("float32")
    whole = ops.cast(t * 3.0, d.one(["int32", "int32", "int64"]))
    made = [
        lambda: t + row, lambda: t * row, lambda: ops.subtract(row, t), lambda: ops.maximum(t, row), lambda: ops.matmul(t, table), lambda: t @ table, lambda: ops.dot(t, table), lambda: ops.tensordot(t, table, axes=1), lambda: ops.einsum("...i,ij->...j", t, table),
        lambda: ops.cast(whole + 2, "float32"), lambda: ops.cast(whole // 2, "float32"), lambda: ops.cast(whole % 3, "float32"), lambda: whole * 0.5, lambda: whole / 2, lambda: t * ops.cast(whole, "float32"), lambda: ops.cast(ops.cast(whole, "bool"), "float32"), lambda: ops.cast(ops.abs(whole), "float32"),
        lambda: ops.where(whole > 0, t, 0.5), lambda: ops.where(ops.logical_and(t > 0, whole < 2), t, -t), lambda: ops.cast(ops.any(t > 0.5, axis=-1, keepdims=True), "float32"), lambda: ops.cast(ops.all(t > -1.0, axis=-1, keepdims=True), "float32"), lambda: ops.cast(ops.count_nonzero(whole, axis=-1), "float32")[..., None],
        lambda: ops.one_hot(ops.clip(whole, 0, 3), 4) if len(t.shape) < 4 else t, lambda: t % 0.7, lambda: ops.mod(t, -0.7), lambda: (ops.abs(t) + 0.2) ** row, lambda: ops.select([t > 1.0, t > 0.0], [t * 2.0, t], default=-1.0), lambda: ops.cast(ops.digitize(t, [-0.5, 0.0, 0.8]), "float32"), lambda: ops.cast(t, "float16") * 2.0,
        lambda: ops.average(t, axis=-1, weights=row + 1.5)[..., None], lambda: t[..., -1:] * t, lambda: t[:, None, ..., None], lambda: t[:, -1:], lambda: ops.quantile(t, 0.3, axis=-1, keepdims=True), lambda: ops.cast(ops.bitwise_and(whole, 3), "float32"), lambda: ops.cast(ops.isfinite(t), "float32") + t]
    return d.one(made)()


def rare_layer(d, t):
    """Whole numbers through layers that move them."""
    whole = ops.cast(t * 3.0, "int32")
    made = [lambda: L.Flatten()(whole), lambda: L.Concatenate()([whole, whole + 1]), lambda: L.Reshape((-1,))(whole), lambda: L.Maximum()([whole, -whole]), lambda: L.Add()([whole, ops.cast(t, "int64")]), lambda: L.Identity()(whole), lambda: L.Multiply()([t, whole]), lambda: L.Average()([whole, whole + 1])]
    moved = d.one(made)()
    return d.one([lambda: ops.cast(moved, "float32"), lambda: L.Rescaling(0.3)(moved), lambda: L.Dense(d.whole(1, 3))(moved), lambda: L.Embedding(7, 2)(ops.clip(moved, 0, 6)) if len(moved.shape) < 3 else L.UnitNormalization(axis=axes_of(d, len(moved.shape) - 1))(ops.cast(moved, "float32") + 0.1)])()
