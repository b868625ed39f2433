"""Operations of `keras.ops` that random functional models hold, for `exchange_models.py`.

    y = random_operation(draw, t)         # of a tensor (batch, ...)
"""

import inspect

import keras
import numpy as np

from exchange_layers import Skip

ops = keras.ops


def bounded(t):
    """Inside (-1, 1), for what has no value elsewhere or grows fast."""
    return ops.tanh(t)


def positive(t):
    return ops.abs(t) + 0.5


# Names are those of `keras.ops`; older versions do not have all of them.
UNARY = ["abs", "absolute", "negative", "square", "tanh", "sin", "cos", "arctan", "arcsinh", "erf", "relu", "relu6", "sigmoid", "silu", "softplus", "softsign", "selu", "elu", "celu", "gelu",
         "leaky_relu", "hard_sigmoid", "hard_silu", "hard_tanh", "log_sigmoid", "squareplus", "tanh_shrink", "stop_gradient", "zeros_like", "ones_like",
         "soft_shrink", "hard_shrink", "sparse_plus", "sparse_sigmoid", "erfc", "fabs", "exp2", "trunc", "deg2rad", "rad2deg", "copy"]
OF_BOUNDED = ["exp", "expm1", "sinh", "cosh", "tan", lambda t: ops.arcsin(t * 0.9), lambda t: ops.arccos(t * 0.9), lambda t: ops.arctanh(t * 0.9)]
OF_POSITIVE = ["cbrt", "sqrt", "rsqrt", "reciprocal", "log", "log1p", "log2", "log10", lambda t: ops.arccosh(t + 0.6), lambda t: ops.power(t, 1.5), lambda t: t ** 0.5, lambda t: 1.0 / t, lambda t: 2.0 ** -t]
BINARY = ["add", "subtract", "multiply", "maximum", "minimum", "squared_difference", "arctan2", "logaddexp", "logaddexp2", "fmax", "fmin", lambda a, b: ops.hypot(a, b + 2.0), lambda a, b: ops.fmod(a, positive(b)), lambda a, b: ops.heaviside(ops.round(a), b), lambda a, b: ops.divide(a, positive(b)), lambda a, b: a / positive(b), "divide_no_nan", lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b]
COMPARED = ["greater", "greater_equal", "less", "less_equal", lambda a, b: a > b, lambda a, b: a <= b, lambda a, b: ops.logical_not(ops.greater(a, b)), lambda a, b: ops.logical_and(a > b, a > 0.1), lambda a, b: ops.logical_or(a > b, a > 0.1)]
REDUCED = ["mean", "sum", "max", "min", "amax", "amin", "prod", "var", lambda t, **k: ops.std(ops.concatenate([t, t * 0.5 + 0.3], axis=-1), **k), "logsumexp", lambda t, axis, **k: ops.norm(t + 0.1, ord=2 if isinstance(axis, int) else "fro" if len(axis) == 2 else None, axis=axis, **k)]


def chosen(d, table):
    made = d.one(table)
    return getattr(ops, made) if isinstance(made, str) else made


def unary(d, t):
    return d.one([lambda: chosen(d, UNARY)(t), lambda: chosen(d, OF_BOUNDED)(bounded(t)), lambda: chosen(d, OF_POSITIVE)(positive(t))])()


def with_number(d, t):
    a = d.real(0.3, 1.2)
    return d.one([lambda: t + a, lambda: a + t, lambda: t * a, lambda: a * t, lambda: t - a, lambda: a - t, lambda: -t, lambda: t / a, lambda: a / positive(t), lambda: t**2, lambda: ops.clip(t, -a, a), lambda: ops.maximum(t, a), lambda: ops.minimum(a, t),
                  lambda: abs(t), lambda: ops.leaky_relu(t, negative_slope=a), lambda: ops.elu(t, alpha=a), lambda: ops.celu(t, alpha=a), lambda: ops.gelu(t, approximate=d.flag()), lambda: ops.round(t * 2.0), lambda: ops.floor(t) + t, lambda: ops.ceil(t),
                  lambda: ops.sign(t) * a, lambda: ops.threshold(t, a, -a), lambda: ops.nan_to_num(t / a), lambda: ops.full_like(t, a) + t, lambda: t // a, lambda: ops.mod(t, a)])()


def of_two(d, t):
    other = d.one([lambda: t * d.real(0.3, 1.2), lambda: ops.tanh(t), lambda: ops.flip(t, axis=-1), lambda: ops.mean(t, axis=-1, keepdims=True)])()
    if d.chance(0.3):
        return ops.where(chosen(d, COMPARED)(t, other), t, other)
    if d.chance(0.15):
        return ops.cast(chosen(d, COMPARED)(t, other), "float32")
    return chosen(d, BINARY)(t, other)


def reduced(d, t):
    rank = len(t.shape)
    make = chosen(d, REDUCED)
    axis = d.one([-1, d.whole(1, rank - 1), tuple(sorted(set([d.whole(1, rank - 1), d.whole(1, rank - 1)])))])
    several = axis if isinstance(axis, tuple) else (axis % rank,)
    keepdims = True if len(several) >= rank - 1 else d.flag()
    return make(t, axis=axis, **({"keepdims": keepdims} if keepdims or d.flag() else {}))


def sliced(d, t):
    rank, n = len(t.shape), t.shape[1]
    made = [lambda: t[:, :-1] if n > 1 else t[:, :], lambda: t[:, ::2], lambda: t[:, ::-1], lambda: t[:, None], lambda: t[:, -min(2, n):], lambda: t[..., -1:], lambda: t[..., None]]
    if rank > 2:
        made += [lambda: t[:, 0], lambda: t[:, -1], lambda: t[..., 0], lambda: t[:, -1, :], lambda: t[:, 0:1, ..., -1:]]
    return d.one(made)()


def shaped(d, t):
    rank, size = len(t.shape), int(np.prod(t.shape[1:]))
    made = [lambda: ops.reshape(t, (-1, size)), lambda: ops.reshape(t, (-1, 1, size)), lambda: ops.expand_dims(t, d.one([1, -1])), lambda: ops.squeeze(ops.expand_dims(t, 1), 1), lambda: ops.concatenate([t, ops.tanh(t)], axis=d.one([-1, 1])),
            lambda: ops.stack([t, t * 0.5], axis=d.one([1, -1])), lambda: ops.flip(t, axis=d.one([1, -1])), lambda: ops.repeat(t, 2, axis=d.one([1, -1])), lambda: ops.tile(t, [1] * (rank - 1) + [2]),
            lambda: ops.pad(t, [[0, 0]] * (rank - 1) + [[d.whole(0, 2), d.whole(0, 2)]], **({"constant_values": d.real(-1, 1)} if d.flag() else {})), lambda: ops.pad(t, [[0, 0]] * (rank - 1) + [[1, 0]], mode=d.one(["reflect", "symmetric"])) if t.shape[-1] > 1 else t + 0.0,
            lambda: ops.cumsum(t, axis=d.one([1, -1])), lambda: ops.take(t, [0, -1, 0], axis=-1), lambda: ops.take(t, 0, axis=-1) if rank > 2 else ops.take(t, [0], axis=-1),
            lambda: ops.one_hot(ops.argmax(t, axis=-1), t.shape[-1]), lambda: ops.cast(ops.argmin(t, axis=-1, keepdims=True), "float32")]
    if rank > 2:
        made += [lambda: ops.swapaxes(t, 1, 2), lambda: ops.moveaxis(t, -1, 1), lambda: ops.transpose(t, (0, *reversed(range(1, rank)))), lambda: ops.matmul(t, ops.swapaxes(t, -1, -2)), lambda: t @ ops.swapaxes(t, -1, -2)]
    if rank == 3:
        made += [lambda: ops.einsum("bij,bkj->bik", t, t), lambda: ops.einsum("bij->bji", t)]
        made += [lambda: ops.tril(t, k=d.whole(-1, 1)), lambda: ops.triu(t, k=d.whole(-1, 1)), lambda: ops.max_pool(t, min(2, t.shape[1]), strides=1, data_format="channels_last"), lambda: ops.average_pool(t, min(2, t.shape[1]), strides=1, padding=d.one(["valid", "same"]), data_format="channels_last")]
    if t.shape[-1] % 2 == 0:
        made += [lambda: ops.split(t, 2, axis=-1), lambda: ops.glu(t)]
    if t.shape[-1] > 1:
        made += [lambda: ops.diff(t, axis=-1), lambda: ops.sort(t, axis=d.one([-1, 1])), lambda: ops.cast(ops.argsort(t, axis=-1), "float32"), lambda: list(ops.top_k(t, 2))[:1], lambda: ops.roll(t, d.whole(-2, 2), axis=d.one([-1, 1])), lambda: ops.take_along_axis(t, ops.argsort(t, axis=-1), axis=-1),
                 lambda: ops.average(t, axis=-1, keepdims=True) if "keepdims" in inspect.signature(ops.average).parameters else ops.mean(t, axis=-1, keepdims=True), lambda: list(ops.moments(t, axes=[len(t.shape) - 1], keepdims=True)), lambda: ops.unstack(t, axis=-1)[-1] if rank > 2 else ops.unstack(t[:, None], axis=1)[0]]
    return d.one(made)()


def normalized(d, t):
    return d.one([lambda: ops.softmax(t, axis=-1), lambda: ops.log_softmax(t), lambda: ops.softmax(t, axis=1), lambda: ops.normalize(t, axis=-1), lambda: ops.rms_normalization(t, epsilon=0.01), lambda: ops.layer_normalization(ops.concatenate([t, t * 0.5 + 0.3], axis=-1), epsilon=0.01)])()


def random_operation(d, t):
    if len(t.shape) < 2 or "float" not in str(t.dtype):
        raise Skip
    try:
        return d.one([unary, unary, with_number, with_number, of_two, reduced, sliced, sliced, shaped, shaped, normalized])(d, t)
    except AttributeError:  # not in this version of Keras
        raise Skip
