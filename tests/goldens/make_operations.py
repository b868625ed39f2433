"""operations.json: operations of keras.ops in functional models, each in a model of its own: what it computes, and its gradients."""

import json

from golden_format import array, arrays, normal, rng, write

import keras
import numpy as np
import tensorflow as tf

K = keras.ops


def colours(p):
    """Three channels from 0 to 1 of images of two."""
    return K.sigmoid(K.concatenate([p, p[..., :1] * p[..., 1:]], axis=-1))


def F(x):
    return K.cast(x, "float32")


def whole(x):
    return K.cast(x * 1000, "int32")


def holed(x):
    """NaN in the place of numbers near zero."""
    return K.where(K.abs(x) < 0.5, float("nan"), x)


def symmetric(x):
    return x + K.transpose(x)


def positive(s):
    """Symmetric matrices with positive eigenvalues."""
    return K.matmul(K.transpose(s, (0, 2, 1)), s) + np.eye(4, dtype="float32")


def labels(x):
    """Three for each example, from 0 to 2."""
    return K.cast(K.abs(x[:, 1:]) * 4, "int32") % 3


def lengths(x):
    """One for each example, from 1 to 3."""
    return 1 + K.cast(K.abs(x[:, 0]) * 4, "int32") % 3


# By name: a function of inputs (batch, 4), (batch, 4), (batch, 5, 4) and images (batch, 6, 5, 2).
OPERATIONS = {
    "glu": lambda a, b, s, p: K.glu(a), "glu_axis": lambda a, b, s, p: K.glu(p, axis=1), "hard_shrink": lambda a, b, s, p: K.hard_shrink(a), "hard_shrink_threshold": lambda a, b, s, p: K.hard_shrink(a, threshold=0.9),
    "soft_shrink": lambda a, b, s, p: K.soft_shrink(a), "soft_shrink_threshold": lambda a, b, s, p: K.soft_shrink(a, threshold=0.2), "sparse_plus": lambda a, b, s, p: K.sparse_plus(a), "sparse_sigmoid": lambda a, b, s, p: K.sparse_sigmoid(a),
    "threshold": lambda a, b, s, p: K.threshold(a, 0.3, -2.0), "activation_glu": lambda a, b, s, p: keras.activations.glu(a), "activation_hard_shrink": lambda a, b, s, p: keras.activations.hard_shrink(a, threshold=0.7),
    "max_pool": lambda a, b, s, p: K.max_pool(p, 2), "max_pool_same": lambda a, b, s, p: K.max_pool(p, (3, 2), strides=2, padding="same"), "max_pool_steps": lambda a, b, s, p: K.max_pool(s, 2, strides=1),
    "average_pool": lambda a, b, s, p: K.average_pool(p, 2), "average_pool_same": lambda a, b, s, p: K.average_pool(p, 3, strides=(1, 2), padding="same"), "average_pool_steps": lambda a, b, s, p: K.average_pool(s, 3),
    "resize": lambda a, b, s, p: K.image.resize(p, (4, 7)), "resize_nearest": lambda a, b, s, p: K.image.resize(p, (9, 3), interpolation="nearest"),
    "layer_normalization": lambda a, b, s, p: K.layer_normalization(s), "layer_normalization_weights": lambda a, b, s, p: K.layer_normalization(s, gamma=np.array([1.0, 2.0, 0.5, -1.0], "float32"), beta=np.array([0.1, 0.2, 0.3, 0.4], "float32"), epsilon=1e-3),
    "layer_normalization_axis": lambda a, b, s, p: K.layer_normalization(s, axis=1), "rms_normalization": lambda a, b, s, p: K.rms_normalization(s), "rms_normalization_scale": lambda a, b, s, p: K.rms_normalization(s, scale=np.array([1.0, 2.0, 0.5, -1.0], "float32"), epsilon=1e-2),
    "attention": lambda a, b, s, p: K.dot_product_attention(p, p, p + 1.0), "attention_scale": lambda a, b, s, p: K.dot_product_attention(p, p, p, scale=0.3), "attention_causal": lambda a, b, s, p: K.dot_product_attention(p, p, p, is_causal=True), "attention_mask": lambda a, b, s, p: K.dot_product_attention(p, p, p, mask=K.reshape(K.max(p, axis=(2, 3)), (-1, 1, 1, 6)) > 1.0),
    "tril": lambda a, b, s, p: K.tril(s), "tril_above": lambda a, b, s, p: K.tril(s, k=1), "triu": lambda a, b, s, p: K.triu(s), "triu_below": lambda a, b, s, p: K.triu(s, k=-2),
    "roll": lambda a, b, s, p: K.roll(s, 2, axis=1), "roll_back": lambda a, b, s, p: K.roll(s, -3, axis=2), "roll_axes": lambda a, b, s, p: K.roll(s, (1, 2), axis=(1, 2)), "roll_flat": lambda a, b, s, p: K.roll(s, 7),
    "norm": lambda a, b, s, p: K.norm(a), "norm_axis": lambda a, b, s, p: K.norm(s, axis=1), "norm_one": lambda a, b, s, p: K.norm(s, ord=1, axis=-1, keepdims=True), "norm_infinite": lambda a, b, s, p: K.norm(s, ord=float("inf"), axis=2), "norm_fro": lambda a, b, s, p: K.norm(s, ord="fro", axis=(1, 2)), "norm_three": lambda a, b, s, p: K.norm(s, ord=3, axis=2),
    "take_along_axis": lambda a, b, s, p: K.take_along_axis(s, K.argmax(s, axis=1, keepdims=True), axis=1), "take_along_last": lambda a, b, s, p: K.take_along_axis(a, K.cast(K.abs(b), "int32") - 1, axis=-1),
    "arctan2": lambda a, b, s, p: K.arctan2(a, b), "cbrt": lambda a, b, s, p: K.cbrt(a), "exp2": lambda a, b, s, p: K.exp2(a), "trunc": lambda a, b, s, p: K.trunc(a * 2), "isinf": lambda a, b, s, p: K.cast(K.isinf(a), "float32"),
    "hypot": lambda a, b, s, p: K.hypot(a, b), "logaddexp": lambda a, b, s, p: K.logaddexp(a, b), "deg2rad": lambda a, b, s, p: K.deg2rad(a), "rad2deg": lambda a, b, s, p: K.rad2deg(a),
    "hstack": lambda a, b, s, p: K.hstack([a, b]), "vstack": lambda a, b, s, p: K.vstack([a, b]), "flipud": lambda a, b, s, p: K.flipud(a), "append": lambda a, b, s, p: K.append(a, b, axis=1), "outer": lambda a, b, s, p: K.outer(a, b), "tensordot": lambda a, b, s, p: K.tensordot(s, p, axes=[[1], [2]]),
    "count_nonzero": lambda a, b, s, p: K.cast(K.count_nonzero(K.cast(s, "int32"), axis=1), "float32"), "average": lambda a, b, s, p: K.average(s, axis=1), "diff": lambda a, b, s, p: K.diff(s, axis=1), "ptp": lambda a, b, s, p: K.ptp(s, axis=1),
    "unstack": lambda a, b, s, p: K.unstack(s, axis=1)[2], "fmax": lambda a, b, s, p: K.fmax(a, b), "fmin": lambda a, b, s, p: K.fmin(a, 0.25), "sort": lambda a, b, s, p: K.sort(a), "sort_axis": lambda a, b, s, p: K.sort(s, axis=1), "sort_flat": lambda a, b, s, p: K.sort(s, axis=None), "sort_whole": lambda a, b, s, p: K.cast(K.sort(K.cast(3 * s, "int32"), axis=-2), "float32"), "sort_one": lambda a, b, s, p: K.sort(a[:, :1]),
    "argsort": lambda a, b, s, p: K.cast(K.argsort(a), "float32"), "argsort_ties": lambda a, b, s, p: K.cast(K.argsort(K.round(s), axis=1), "float32"), "argsort_flat": lambda a, b, s, p: K.cast(K.argsort(p, axis=None), "float32"),
    "top_k": lambda a, b, s, p: K.top_k(s, 3)[0], "top_k_places": lambda a, b, s, p: K.cast(K.top_k(K.round(s), 2)[1], "float32"), "top_k_both": lambda a, b, s, p: K.top_k(K.reshape(p, (-1, 60)), 7)[0] * K.cast(K.top_k(K.reshape(p, (-1, 60)), 7)[1], "float32"),
    "in_top_k": lambda a, b, s, p: K.cast(K.in_top_k(K.cast(K.argmax(b, axis=1), "int32"), a, 2), "float32"),
    "norm_matrix_one": lambda a, b, s, p: K.norm(s, ord=1, axis=(1, 2)), "norm_matrix_minus_one": lambda a, b, s, p: K.norm(p, ord=-1, axis=(3, 1), keepdims=True), "norm_matrix_infinite": lambda a, b, s, p: K.norm(p, ord=float("inf"), axis=(1, 3)),
    "norm_matrix_minus_infinite": lambda a, b, s, p: K.norm(s, ord=float("-inf"), axis=(2, 1), keepdims=True),
    "rgb_to_hsv": lambda a, b, s, p: K.image.rgb_to_hsv(colours(p)), "hsv_to_rgb": lambda a, b, s, p: K.image.hsv_to_rgb(K.stop_gradient(colours(p))), "rgb_to_grayscale": lambda a, b, s, p: K.image.rgb_to_grayscale(colours(p)),
    "rgb_to_grayscale_first": lambda a, b, s, p: K.image.rgb_to_grayscale(K.transpose(colours(p), (0, 3, 1, 2)), data_format="channels_first"), "depth_to_space": lambda a, b, s, p: K.depth_to_space(K.concatenate([p, p * 2], axis=-1), 2), "space_to_depth": lambda a, b, s, p: K.space_to_depth(p[:, :, :4], 2),
    "depth_to_space_first": lambda a, b, s, p: K.depth_to_space(K.reshape(p[:, :, :4], (-1, 12, 2, 2)), 2, data_format="channels_first"), "space_to_depth_first": lambda a, b, s, p: K.space_to_depth(K.reshape(p[:, :, :4], (-1, 3, 4, 4)), 2, data_format="channels_first"),
    "erfc": lambda a, b, s, p: K.erfc(a), "fabs": lambda a, b, s, p: K.fabs(a), "sinc": lambda a, b, s, p: K.sinc(K.round(a) * 0.5), "copy": lambda a, b, s, p: K.copy(a), "full_like": lambda a, b, s, p: K.full_like(a, 2.5) * a, "heaviside": lambda a, b, s, p: K.heaviside(K.round(a), b),
    "logaddexp2": lambda a, b, s, p: K.logaddexp2(a, b), "logaddexp_infinite": lambda a, b, s, p: K.cast(K.isinf(K.logaddexp(a / K.relu(b), a / K.relu(b))), "float32"), "logaddexp2_infinite": lambda a, b, s, p: K.cast(K.isinf(K.logaddexp2(a / K.relu(b), a / K.relu(b))), "float32"), "fmod": lambda a, b, s, p: K.fmod(a * 3, b), "isposinf": lambda a, b, s, p: K.cast(K.isposinf(a / K.relu(b)), "float32"), "isneginf": lambda a, b, s, p: K.cast(K.isneginf(a / K.relu(b)), "float32"),
    "nan_to_num": lambda a, b, s, p: K.nan_to_num(K.stop_gradient(K.sqrt(a)), nan=0.3) * a, "nan_to_num_infinite": lambda a, b, s, p: K.nan_to_num(K.round(a) / K.relu(K.round(b)), nan=1.5, posinf=7.0, neginf=-3.0), "fliplr": lambda a, b, s, p: K.fliplr(a), "moments": lambda a, b, s, p: K.moments(s, axes=[1])[1],
    "erfinv": lambda a, b, s, p: K.erfinv(K.tanh(a)), "i0": lambda a, b, s, p: K.i0(3 * a), "signbit": lambda a, b, s, p: F(K.signbit(K.concatenate([a, K.round(a * 0.1)], axis=-1))), "angle": lambda a, b, s, p: K.stop_gradient(K.angle(a)), "real": lambda a, b, s, p: K.real(a), "imag": lambda a, b, s, p: K.stop_gradient(K.imag(a)), "conjugate": lambda a, b, s, p: K.conj(a), "isreal": lambda a, b, s, p: F(K.isreal(a)),
    "ldexp": lambda a, b, s, p: K.ldexp(a, K.cast(3 * b, "int32")), "saturate_cast": lambda a, b, s, p: F(K.saturate_cast(a * 300, "uint8")), "saturate_cast_int": lambda a, b, s, p: F(K.saturate_cast(a * 1e6, "int32")) * 1e-6,
    "bitwise_and": lambda a, b, s, p: F(K.bitwise_and(whole(a), whole(b))), "bitwise_or": lambda a, b, s, p: F(K.bitwise_or(whole(a), whole(b))), "bitwise_xor": lambda a, b, s, p: F(K.bitwise_xor(whole(a), whole(b))), "bitwise_not": lambda a, b, s, p: F(K.bitwise_not(whole(a))),
    "left_shift": lambda a, b, s, p: F(K.left_shift(whole(a), K.abs(whole(b)) % 5)), "right_shift": lambda a, b, s, p: F(K.right_shift(whole(a), K.abs(whole(b)) % 5)),
    "isclose": lambda a, b, s, p: F(K.isclose(a, a + K.round(b) * 1e-3, rtol=1e-4)), "allclose": lambda a, b, s, p: F(K.allclose(a, a * 1.000001)) + a, "isin": lambda a, b, s, p: F(K.isin(K.round(a), K.round(b))), "isin_not": lambda a, b, s, p: F(K.isin(K.round(s), [0.0, 1.0], invert=True)),
    "linspace": lambda a, b, s, p: K.linspace(a, b, num=5, axis=1), "linspace_open": lambda a, b, s, p: K.linspace(0.5, b, num=3, endpoint=False), "logspace": lambda a, b, s, p: K.logspace(a, b, num=4, base=2, axis=-1), "geomspace": lambda a, b, s, p: K.geomspace(K.abs(a) + 1, K.abs(b) + 0.5, num=4),
    "nansum": lambda a, b, s, p: K.nansum(holed(s), axis=1), "nanprod": lambda a, b, s, p: K.nanprod(K.stop_gradient(holed(s)), axis=1), "nanmax": lambda a, b, s, p: K.nanmax(holed(s), axis=1), "nanmin": lambda a, b, s, p: K.nanmin(holed(s), axis=(1, 2), keepdims=True), "nanmean": lambda a, b, s, p: K.nanmean(holed(s), axis=2), "nanvar": lambda a, b, s, p: K.nanvar(holed(s), axis=1), "nanstd": lambda a, b, s, p: K.nanstd(holed(s)),
    "nanargmax": lambda a, b, s, p: F(K.nanargmax(holed(a), axis=1)), "nanargmin": lambda a, b, s, p: F(K.nanargmin(holed(a), axis=1, keepdims=True)), "nancumsum": lambda a, b, s, p: K.nancumsum(holed(s), axis=1), "nancumprod": lambda a, b, s, p: K.nancumprod(holed(a), axis=-1),
    "median": lambda a, b, s, p: K.median(a), "median_axis": lambda a, b, s, p: K.median(s, axis=1), "median_axes": lambda a, b, s, p: K.median(s, axis=(1, 2), keepdims=True), "nanmedian": lambda a, b, s, p: K.nanmedian(K.stop_gradient(holed(s)), axis=1), "quantile": lambda a, b, s, p: K.quantile(a, 0.3, axis=1), "quantiles": lambda a, b, s, p: K.quantile(s, [0.1, 0.5, 0.95], axis=1),
    "percentile": lambda a, b, s, p: K.percentile(s, 70, axis=[2]), "percentile_higher": lambda a, b, s, p: K.percentile(s, 70, axis=[2], method="higher"), "nanquantile": lambda a, b, s, p: K.nanquantile(K.stop_gradient(holed(s)), 0.25, axis=1),
    "cumsum": lambda a, b, s, p: K.cumsum(s, axis=1), "cumsum_flat": lambda a, b, s, p: K.cumsum(s), "cumsum_whole": lambda a, b, s, p: F(K.cumsum(K.cast(s > 0, "int32"), axis=-2)), "cumprod": lambda a, b, s, p: K.cumprod(s, axis=1), "cumprod_flat": lambda a, b, s, p: K.cumprod(a), "cumprod_zero": lambda a, b, s, p: K.cumprod(K.relu(a + 1.0), axis=1),
    "average_weights": lambda a, b, s, p: K.average(s, axis=1, weights=K.abs(s) + 0.1), "average_weights_row": lambda a, b, s, p: K.average(a, axis=1, weights=np.array([1.0, 2.0, 3.0, 0.5], "float32")), "trapezoid": lambda a, b, s, p: K.trapezoid(s, axis=1, dx=0.5), "trapezoid_x": lambda a, b, s, p: K.trapezoid(a, x=[0.0, 0.5, 2.0, 2.5]),
    "digitize": lambda a, b, s, p: F(K.digitize(K.round(a), np.array([-1.0, 0.0, 2.0]))), "searchsorted": lambda a, b, s, p: F(K.searchsorted(np.array([-1.0, 0.0, 0.0, 2.0], "float32"), K.reshape(K.round(a), (-1,)))), "searchsorted_right": lambda a, b, s, p: F(K.searchsorted(np.array([-1.0, 0.0, 0.0, 2.0], "float32"), K.reshape(K.round(a), (-1,)), side="right")),
    "diagonal": lambda a, b, s, p: K.diagonal(s, axis1=1, axis2=2), "diagonal_offset": lambda a, b, s, p: K.diagonal(p, offset=-2, axis1=1, axis2=2), "diagonal_turned": lambda a, b, s, p: K.diagonal(p, offset=1, axis1=3, axis2=1), "trace": lambda a, b, s, p: K.trace(s, axis1=1, axis2=2), "trace_offset": lambda a, b, s, p: K.trace(p, offset=1, axis1=2, axis2=1), "diag": lambda a, b, s, p: K.diag(K.reshape(a, (-1,))), "diag_above": lambda a, b, s, p: K.diag(K.reshape(a, (-1,)), k=2), "diag_of": lambda a, b, s, p: K.diag(s[0], k=-1), "diagflat": lambda a, b, s, p: K.diagflat(a, k=-1),
    "kron": lambda a, b, s, p: K.kron(a, b), "inner": lambda a, b, s, p: K.inner(s, b), "vdot": lambda a, b, s, p: K.vdot(a, b), "cross": lambda a, b, s, p: K.cross(a[:, :3], b[:, 1:]), "cross_axes": lambda a, b, s, p: K.cross(s[:, :3], s[:, 2:], axisa=1, axisb=1, axisc=1), "cross_two": lambda a, b, s, p: K.cross(p, p[:, ::-1]), "cross_two_three": lambda a, b, s, p: K.cross(a[:, :2], b[:, :3]), "cdist": lambda a, b, s, p: K.cdist(s, s[:, :3] * 2 + 0.1), "corrcoef": lambda a, b, s, p: K.corrcoef(s[1]), "rot90": lambda a, b, s, p: K.rot90(p, axes=(1, 2)), "rot90_thrice": lambda a, b, s, p: K.rot90(p, k=-1, axes=(2, 3)), "rot90_twice": lambda a, b, s, p: K.rot90(p[:, :5], k=2, axes=(1, 2)), "einsum_three": lambda a, b, s, p: K.einsum("bi,bij,bj->bij", a, s[:, :4], b), "einsum_constant": lambda a, b, s, p: K.einsum("bij,jk->bik", s, np.arange(8, dtype="float32").reshape(4, 2)), "einsum_constants": lambda a, b, s, p: K.einsum("i,bij,j->bi", np.arange(5, dtype="float32"), s, np.ones(4, "float32")), "einsum_sum": lambda a, b, s, p: K.einsum("bi,bji,bk->jk", a, s, b), "repeat_each": lambda a, b, s, p: K.repeat(s, [1, 2, 0, 1, 3], axis=1), "attention_bias": lambda a, b, s, p: K.dot_product_attention(p, p, p * 0.5 + 1.0, bias=K.reshape(K.max(p, axis=(2, 3)), (-1, 1, 1, 6)), is_causal=True), "resize_one": lambda a, b, s, p: K.image.resize(p[0], (4, 7)), "argmax_all": lambda a, b, s, p: F(K.argmax(s, keepdims=True)), "nanargmin_all": lambda a, b, s, p: F(K.nanargmin(holed(s))), "normalize_three": lambda a, b, s, p: K.normalize(s, axis=1, order=3), "slogdet": lambda a, b, s, p: K.slogdet(positive(s))[1], "slogdet_sign": lambda a, b, s, p: K.stop_gradient(K.slogdet(s[:, :4])[0]),
    "perspective_transform": lambda a, b, s, p: K.image.perspective_transform(K.stop_gradient(p), np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 5.0], [4.0, 5.0]], "float32"), np.array([[0.5, 0.3], [4.2, -0.4], [0.1, 4.0], [3.5, 5.5]], "float32"), fill_value=0.5),
    "products_of_examples": lambda a, b, s, p: K.matmul(K.transpose(a), b), "examples_with_each_other": lambda a, b, s, p: symmetric(K.matmul(a, K.transpose(b))), "vander": lambda a, b, s, p: K.vander(K.reshape(a, (-1,)), N=4), "vander_up": lambda a, b, s, p: K.vander(K.reshape(a, (-1,)), N=3, increasing=True),
    "det": lambda a, b, s, p: K.det(K.matmul(K.transpose(s, (0, 2, 1)), s * 0.5 + 1)), "logdet": lambda a, b, s, p: K.logdet(positive(s)), "inv": lambda a, b, s, p: K.inv(K.matmul(K.transpose(s, (0, 2, 1)), s * 0.5 + 1)), "solve": lambda a, b, s, p: K.solve(positive(s) + K.expand_dims(a, 2), s[:, :4]), "solve_triangular": lambda a, b, s, p: K.solve_triangular(positive(s), s[:, :4], lower=True), "solve_triangular_upper": lambda a, b, s, p: K.solve_triangular(positive(s), s[:, :4]), "cholesky": lambda a, b, s, p: K.cholesky(positive(s)), "cholesky_upper": lambda a, b, s, p: K.cholesky(positive(s), upper=True),
    "slice": lambda a, b, s, p: K.slice(s, (0, 1, 2), (-1, 2, 2)), "slice_rest": lambda a, b, s, p: K.slice(p, (1, 2, 0, 1), (-1, 3, -1, 1)), "slice_update": lambda a, b, s, p: K.slice_update(K.stop_gradient(s), (0, 2, 1), K.stop_gradient(p[:, :2, :2, 0])), "scatter": lambda a, b, s, p: K.scatter(np.array([[1], [0], [1]]), s[1, :3], (4, 4)), "scatter_update": lambda a, b, s, p: K.scatter_update(s, np.array([[0, 1], [2, 4]]), s[1, :2] * 2), "scatter_update_add": lambda a, b, s, p: K.scatter_update(s, np.array([[0, 1, 2], [2, 4, 3], [0, 1, 2]]), s[1, :3, 0] * 2, reduction="add"),
    "segment_sum": lambda a, b, s, p: K.segment_sum(s, K.cast(K.abs(a[:, 0]), "int32"), num_segments=4), "segment_max": lambda a, b, s, p: K.maximum(K.segment_max(s, K.cast(K.abs(a[:, 0]), "int32"), num_segments=3), -5.0), "extract_sequences": lambda a, b, s, p: K.extract_sequences(K.transpose(s, (0, 2, 1)), 3, 1), "multi_hot": lambda a, b, s, p: K.multi_hot(K.cast(K.abs(a) * 2, "int32"), 5), "meshgrid": lambda a, b, s, p: K.meshgrid(K.reshape(a, (-1,)), K.reshape(s, (-1,)))[0], "meshgrid_ij": lambda a, b, s, p: K.meshgrid(K.reshape(a, (-1,)), K.reshape(b, (-1,)), indexing="ij")[1], "select": lambda a, b, s, p: K.select([a > 0.5, b > 0], [a * 2, b], -1.0), "empty_like": lambda a, b, s, p: K.empty_like(a) * 0 + b, "full": lambda a, b, s, p: K.full((2, 3), K.mean(a)), "array": lambda a, b, s, p: K.array(a), "dstack": lambda a, b, s, p: K.dstack([a, b]), "array_split": lambda a, b, s, p: K.array_split(s, 3, axis=1)[1], "hsplit": lambda a, b, s, p: K.hsplit(s, [1, 3])[1], "vsplit": lambda a, b, s, p: K.vsplit(K.reshape(s[0], (4, 5)), 2)[1], "dsplit": lambda a, b, s, p: K.dsplit(s, 2)[0],
    "fft": lambda a, b, s, p: K.concatenate(K.fft((s, s[:, ::-1])), axis=-1), "fft2": lambda a, b, s, p: K.concatenate(K.fft2((s, s[:, ::-1])), axis=-1), "ifft2": lambda a, b, s, p: K.concatenate(K.ifft2((s, s[:, ::-1])), axis=-1), "rfft": lambda a, b, s, p: K.concatenate(K.rfft(K.reshape(p, (-1, 60))), axis=-1), "rfft_length": lambda a, b, s, p: K.concatenate(K.rfft(s, fft_length=7), axis=-1), "rfft_short": lambda a, b, s, p: K.concatenate(K.rfft(K.stop_gradient(s), fft_length=3), axis=-1), "irfft": lambda a, b, s, p: K.irfft((s, s[:, ::-1])), "irfft_length": lambda a, b, s, p: K.irfft((K.stop_gradient(s), K.stop_gradient(s[:, ::-1])), fft_length=5), "stft": lambda a, b, s, p: K.concatenate(K.stft(K.reshape(p, (-1, 60)), 10, 7, 16), axis=-1), "stft_plain": lambda a, b, s, p: K.concatenate(K.stft(K.reshape(p, (-1, 60)), 8, 5, 13, window="hamming", center=False), axis=-1),
    "binary_crossentropy": lambda a, b, s, p: K.binary_crossentropy(K.sigmoid(b), K.sigmoid(a) * 0.9), "binary_crossentropy_logits": lambda a, b, s, p: K.binary_crossentropy(K.sigmoid(b), a, from_logits=True), "categorical_crossentropy": lambda a, b, s, p: K.categorical_crossentropy(K.softmax(b), K.sigmoid(a) * 0.9), "categorical_crossentropy_logits": lambda a, b, s, p: K.categorical_crossentropy(K.softmax(s, axis=1), s * 2, from_logits=True, axis=1), "sparse_categorical_crossentropy": lambda a, b, s, p: K.sparse_categorical_crossentropy(K.argmax(b, axis=1), K.sigmoid(a) * 0.9), "sparse_categorical_crossentropy_logits": lambda a, b, s, p: K.sparse_categorical_crossentropy(K.argmax(s, axis=2), s * 2, from_logits=True), "psnr": lambda a, b, s, p: K.psnr(a, b, 2.0),
    "batch_normalization": lambda a, b, s, p: K.batch_normalization(s, K.array([0.1, 0.2, 0.3, 0.4]), K.array([1.0, 2.0, 0.5, 1.5]), -1, offset=K.array([1.0, 2.0, 3.0, 4.0]), scale=K.array([0.5, 1.0, 2.0, 3.0])), "conv": lambda a, b, s, p: K.conv(p, K.reshape(K.slice(p, (0, 0, 0, 0), (1, 6, 5, 2)), (3, 2, 2, 5)), strides=(2, 1), padding="same"), "conv_dilated": lambda a, b, s, p: K.conv(s, K.reshape(K.slice(p, (0, 0, 0, 0), (1, 6, 2, 2)), (2, 4, 3)), dilation_rate=3), "depthwise_conv": lambda a, b, s, p: K.depthwise_conv(p, K.reshape(K.slice(p, (0, 0, 0, 0), (1, 6, 4, 2)), (4, 2, 2, 3)), padding="same"), "separable_conv": lambda a, b, s, p: K.separable_conv(p, K.reshape(K.slice(p, (0, 0, 0, 0), (1, 6, 4, 2)), (4, 2, 2, 3)), K.reshape(K.slice(p, (1, 0, 0, 0), (1, 6, 5, 1)), (1, 1, 6, 5))),
    "extract_patches": lambda a, b, s, p: K.image.extract_patches(p, (2, 2)), "extract_patches_strides": lambda a, b, s, p: K.image.extract_patches(p, (3, 2), strides=(2, 1), padding="same"), "extract_patches_dilated": lambda a, b, s, p: K.image.extract_patches(p, 2, strides=1, dilation_rate=2), "unfold": lambda a, b, s, p: K.unfold(K.transpose(p, (0, 3, 1, 2)), (2, 3), padding=1, stride=2), "unfold_dilated": lambda a, b, s, p: K.unfold(K.transpose(p, (0, 3, 1, 2)), 2, dilation=(2, 3)), "fold": lambda a, b, s, p: K.fold(K.unfold(K.transpose(p, (0, 3, 1, 2)), (2, 3), padding=1, stride=2), (6, 5), (2, 3), padding=1, stride=2), "adaptive_average_pool": lambda a, b, s, p: K.adaptive_average_pool(p, (4, 3)), "adaptive_max_pool": lambda a, b, s, p: K.adaptive_max_pool(p, (4, 2)), "adaptive_average_pool_steps": lambda a, b, s, p: K.adaptive_average_pool(s, (3,)), "gaussian_blur": lambda a, b, s, p: K.image.gaussian_blur(p, kernel_size=(3, 5), sigma=(0.7, 1.3)), "sobel_edges": lambda a, b, s, p: K.image.sobel_edges(p), "ssim": lambda a, b, s, p: K.image.ssim(p, p * 0.8 + 0.1, max_val=2.0, filter_size=4), "crop_images": lambda a, b, s, p: K.image.crop_images(p, top_cropping=1, left_cropping=2, target_height=3, target_width=2), "pad_images": lambda a, b, s, p: K.image.pad_images(p, top_padding=1, bottom_padding=2, right_padding=1, target_width=8), "affine_transform": lambda a, b, s, p: K.image.affine_transform(K.stop_gradient(p), np.array([1.1, 0.1, -0.5, -0.2, 0.9, 0.7, 0.0, 0.0], "float32"), fill_mode="nearest"), "affine_transform_each": lambda a, b, s, p: K.image.affine_transform(K.stop_gradient(p), K.stop_gradient(K.concatenate([1 + a[:, :1] * 0.1, b[:, :2] * 0.1, a[:, :1] * 0.1, 1 + b[:, 1:3] * 0.1, a[:, :2] * 0.01], axis=1)), interpolation="nearest"),
    "ctc_loss": lambda a, b, s, p: K.ctc_loss(1 + labels(a), s, lengths(b), 2 + lengths(b)), "ctc_loss_mask_index": lambda a, b, s, p: K.ctc_loss(labels(b), s * 2, lengths(a), 2 + lengths(a), mask_index=3),
    "istft": lambda a, b, s, p: K.istft(K.stft(K.reshape(p, (-1, 60)), 10, 5, 16), 10, 5, 16), "istft_plain": lambda a, b, s, p: K.istft((K.reshape(p[..., 0], (-1, 6, 5)), K.reshape(p[..., 1], (-1, 6, 5))), 6, 3, 8, length=19, window="hamming", center=False),
    "unravel_index": lambda a, b, s, p: F(K.unravel_index(K.cast(K.abs(K.reshape(a, (-1,))) * 20, "int32"), (5, 3, 4))[1]), "cholesky_inverse": lambda a, b, s, p: K.cholesky_inverse(K.cholesky(positive(s)[0])), "cholesky_inverse_upper": lambda a, b, s, p: K.cholesky_inverse(K.cholesky(positive(s)[1], upper=True), upper=True),
}
PLACES = np.array([[2, 1], [0, 4], [2, 1], [1, 0], [2, 1]])
ROWS = np.array([[0.5, -2.0, 0.1, 1.5], [-1.0, 3.0, -0.2, 0.3], [2.0, 0.4, -3.0, 0.2], [0.7, -0.6, 0.9, -1.1], [-0.8, 1.2, 0.6, -0.4]], "float32")
OPERATIONS |= {f"scatter_update_{how}": lambda a, b, s, p, how=how: K.scatter_update(s, PLACES, ROWS, reduction=how) for how in ("max", "min")}
OPERATIONS["scatter_update_max_whole"] = lambda a, b, s, p: F(K.scatter_update(whole(s), PLACES[:, :1], whole(ROWS[:, None, :] * np.ones((1, 5, 1), "float32")), reduction="max"))
# What TensorFlow does not compute, or not as JAX and PyTorch do, in a functional model: the operations, and others for their numbers.
OTHERWISE = {
    "scatter_update_mul": (lambda a, b, s, p: K.scatter_update(s, PLACES, ROWS, reduction="mul"), lambda a, b, s, p: s * product_of_rows()),
    "softmax_axes": (lambda a, b, s, p: K.softmax(p, axis=(1, 3)), lambda a, b, s, p: K.softmax(p, axis=(1, 3))),
    "log_softmax_axes": (lambda a, b, s, p: K.log_softmax(s, axis=(-1, 1)), lambda a, b, s, p: K.log_softmax(s, axis=(2, 1))),
    "prod_of_type": (lambda a, b, s, p: K.prod(whole(s), axis=1, dtype="float32"), lambda a, b, s, p: K.prod(F(whole(s)), axis=1)),
    "prod_of_whole": (lambda a, b, s, p: F(K.prod(s * 4, axis=-1, dtype="int32")), lambda a, b, s, p: F(K.prod(K.cast(s * 4, "int32"), axis=-1))),
}


def product_of_rows():
    factors = np.ones((3, 5, 4), "float32")
    for place, row in zip(PLACES, ROWS):
        factors[tuple(place)] *= row
    return factors


REFUSED = {"qr": lambda a, b, s, p: K.qr(s)[0], "nonzero": lambda a, b, s, p: K.nonzero(a)[0], "svd": lambda a, b, s, p: K.svd(s)[1]}


def model_of(function):
    keras.backend.clear_session()
    inputs = [keras.Input(shape, name=name) for name, shape in (("a", (4,)), ("b", (4,)), ("s", (5, 4)), ("p", (6, 5, 2)))]
    return keras.Model(inputs, function(*inputs))


def case(name, function, inputs, numbers=None):
    model = model_of(function)
    tensors = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output = numbers(*tensors) if numbers else model(tensors)
        total = tf.reduce_sum(output * tf.reshape(tf.range(tf.size(output), dtype="float32") % 7 - 2.5, tf.shape(output)))
    gradients = tape.gradient(total, tensors, unconnected_gradients="none")
    return {"name": name, "model": json.loads(model.to_json()), "output": array(output), "gradients": [None if g is None else array(g) for g in gradients]}


def make():
    g = rng("operations")
    inputs = [normal(g, shape) for shape in ((3, 4), (3, 4), (3, 5, 4), (3, 6, 5, 2))]
    refused = [{"name": name, "model": json.loads(model_of(function).to_json())} for name, function in REFUSED.items()]
    cases = [case(name, function, inputs) for name, function in OPERATIONS.items()]
    cases += [case(name, function, inputs, numbers) for name, (function, numbers) in OTHERWISE.items()]
    write("operations", cases, inputs=arrays(inputs), refused=refused)
