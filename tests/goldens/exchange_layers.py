"""Random layers of Keras, every argument drawn: what `exchange_with_keras.py` builds its models of.

    draw = Draw(seed)
    layer = random_layer(draw, (8, 8, 3))       # one that takes images of this shape, or None where the draw has none

A row of a table is a function that takes the draw and the shape of the input without the batch, and returns a layer; it raises `Skip` when the
shape does not suit it.
"""

import keras
import numpy as np

from exchange_draw import C, I, L, R, Draw, Skip, channels, data_format, spatial
from exchange_preprocessing import augmentation, spectrogram


def per_axis(d, rank, draw):
    """One number, or one for each axis."""
    if d.flag():
        return draw()
    return tuple(draw() for _ in range(rank)) if rank > 1 or d.flag() else draw()


def conv_arguments(d, shape, rank, causal=False, transposed=False):
    form = data_format(d)
    sizes = spatial(shape, form)
    if min(sizes) < 2 or channels(shape, form) > 24:
        raise Skip
    out = dict(kernel_size=per_axis(d, rank, lambda: d.whole(1, min(3, min(sizes)))), padding=d.one(["valid", "same"] + (["causal"] if causal else [])), data_format=form, use_bias=d.chance(0.8))
    if out["padding"] == "causal" and form == "channels_first":
        out["data_format"] = form = "channels_last"
        if spatial(shape, form)[0] < 2 or channels(shape, form) > 24:
            raise Skip
    if d.flag():
        out["strides"] = per_axis(d, rank, lambda: d.whole(1, 2))
    elif d.flag():
        out["dilation_rate"] = per_axis(d, rank, lambda: d.whole(1, 2))
    out["activation"] = d.activation()
    return out, form


def conv(rank):
    def make(d, shape):
        arguments, form = conv_arguments(d, shape, rank, causal=rank == 1)
        groups = d.one([g for g in (1, 1, 2, 3, 4) if channels(shape, form) % g == 0])
        more = d.low_rank() if groups == 1 else {}
        return getattr(L, f"Conv{rank}D")(groups * d.whole(1, 3), groups=groups, **arguments, **more, **d.weights(["kernel"], rank + 2), **d.common())
    return make


def conv_transpose(rank):
    def make(d, shape):
        arguments, form = conv_arguments(d, shape, rank)
        if max(spatial(shape, form)) > 10:
            raise Skip
        if "strides" in arguments and arguments["padding"] == "valid" and d.chance(0.3):
            strides = np.broadcast_to(arguments["strides"], rank)
            arguments["output_padding"] = int(min(strides)) - 1
        return getattr(L, f"Conv{rank}DTranspose")(d.whole(1, 4), **arguments, **d.weights(["kernel"], rank + 2), **d.common())
    return make


def one_stride(arguments):
    """Depthwise layers want strides of one size."""
    if "strides" in arguments:
        arguments["strides"] = int(np.max(arguments["strides"]))
    return arguments


def depthwise(rank):
    def make(d, shape):
        arguments, _ = conv_arguments(d, shape, rank, causal=False)
        return getattr(L, f"DepthwiseConv{rank}D")(depth_multiplier=d.whole(1, 2), **one_stride(arguments), **d.weights(["depthwise"], rank + 2), **d.common())
    return make


def separable(rank):
    def make(d, shape):
        arguments, _ = conv_arguments(d, shape, rank, causal=rank == 1)
        return getattr(L, f"SeparableConv{rank}D")(d.whole(1, 4), depth_multiplier=d.whole(1, 2), **one_stride(arguments), **d.weights(["depthwise", "pointwise"], rank + 2), **d.common())
    return make


def pooling(rank):
    def make(d, shape):
        form = data_format(d)
        if min(spatial(shape, form)) < 2:
            raise Skip
        arguments = dict(pool_size=per_axis(d, rank, lambda: d.whole(1, 2)), padding=d.one(["valid", "same"]), data_format=form)
        if d.flag():
            arguments["strides"] = per_axis(d, rank, lambda: d.whole(1, 3))
        return getattr(L, d.one(["Max", "Average"]) + f"Pooling{rank}D")(**arguments, **d.common())
    return make


def global_pooling(rank):
    def make(d, shape):
        return getattr(L, "Global" + d.one(["Max", "Average"]) + f"Pooling{rank}D")(**d.some(data_format=data_format(d), keepdims=d.flag()), **d.common())
    return make


def adaptive_pooling(rank):
    def make(d, shape):
        form = data_format(d)
        smallest = min(spatial(shape, form))
        return getattr(L, "Adaptive" + d.one(["Max", "Average"]) + f"Pooling{rank}D")(per_axis(d, rank, lambda: d.whole(1, smallest)), data_format=form, **d.common())
    return make


def pairs(d, rank, low, high):
    kind = d.g.random()
    if kind < 0.4:
        return d.whole(low, high)
    if rank == 1:
        return (d.whole(low, high), d.whole(low, high))
    if kind < 0.6:
        return tuple(d.whole(low, high) for _ in range(rank))
    return tuple((d.whole(low, high), d.whole(low, high)) for _ in range(rank))


def padding(rank):
    def make(d, shape):
        format_ = {"data_format": data_format(d)}
        if int(np.prod(shape)) > 600:
            raise Skip
        return getattr(L, f"ZeroPadding{rank}D")(pairs(d, rank, 0, 2), **format_, **d.common())
    return make


def cropping(rank):
    def make(d, shape):
        form = "channels_last" if rank == 1 else data_format(d)
        if min(spatial(shape, form)) < 4:
            raise Skip
        return getattr(L, f"Cropping{rank}D")(pairs(d, rank, 0, 1), **({} if rank == 1 else {"data_format": form}), **d.common())
    return make


def comparable(interpolation):
    """Each backend has cubic weights of its own: PyTorch with a = -0.75, JAX with a = -0.5, TensorFlow with those in 1024 steps, as hebb."""
    return "bilinear" if interpolation == "bicubic" and keras.backend.backend() != "tensorflow" else interpolation


def up_sampling(rank):
    def make(d, shape):
        if int(np.prod(shape)) > 300:
            raise Skip
        if rank == 1:
            return L.UpSampling1D(d.whole(1, 3), **d.common())
        out = dict(size=per_axis(d, rank, lambda: d.whole(1, 2)), data_format=data_format(d))
        if rank == 2:
            out["interpolation"] = comparable(d.one(["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "nearest"]))
        return getattr(L, f"UpSampling{rank}D")(**out, **d.common())
    return make


def spatial_dropout(rank):
    def make(d, shape):
        return getattr(L, f"SpatialDropout{rank}D")(d.rate(), **({} if rank == 1 else d.some(data_format=data_format(d))), **d.some(seed=d.seed()), **d.common())
    return make


# --- of any rank


def dense(d, shape):
    return L.Dense(d.whole(1, 8), activation=d.activation(0.5), use_bias=d.chance(0.8), **d.low_rank(), **d.weights(["kernel"], 2), **d.common())


def einsum_dense(d, shape):
    rank = len(shape)
    weights = d.weights(["kernel"], 2, activity=False)
    units = d.whole(1, 6)
    if rank == 2 and d.chance(0.4):  # other axes than the last
        equation, output_shape, bias_axes = d.one([
            ("abc,bu->auc", (units, shape[1]), ["u", "uc", "c", None]), ("abc,bcu->au", units, ["u", None]), ("abc,cuv->abuv", (shape[0], units, 2), ["v", "uv", "bv", None]), ("abc,bcu->abu", (shape[0], units), ["u", "bu", None]), ("abc,cu->aub", (units, shape[0]), ["u", "ub", None])])
        return L.EinsumDense(equation, output_shape=output_shape, bias_axes=d.one(bias_axes), activation=d.activation(), **weights, **d.common())
    weights |= d.low_rank()
    first = "..." if d.flag() else "".join("abcdefg"[i] for i in range(rank))
    if shape[:-1] != shape[-2::-1]:  # Keras infers shapes with the axes of an ellipsis in reverse
        first = "abcdefg"[:rank]
    equation = f"{first}k,ku->{first}u"
    output_shape = (units,) if first == "..." else (*shape[:-1], units)
    return L.EinsumDense(equation, output_shape=output_shape if d.flag() or len(output_shape) > 1 else units, bias_axes=d.one([None, "u"]), activation=d.activation(), **weights, **d.common())


def activation(d, shape):
    return L.Activation(d.activation(0.3) or "relu", **d.common())


def activation_layer(d, shape):
    rank = len(shape)
    return d.one([
        lambda: L.ReLU(**d.some(max_value=d.one([None, d.real(0.5, 6.0)]), negative_slope=d.real(0, 0.3), threshold=d.real(0, 0.3)), **d.common()),
        lambda: L.LeakyReLU(**d.some(negative_slope=d.real(0.0, 0.5)), **d.common()),
        lambda: L.PReLU(**d.some(alpha_initializer=d.bias_initializer(), alpha_regularizer=d.regularizer(), alpha_constraint=d.one([None, "non_neg"]),
                                 shared_axes=sorted(d.g.choice(np.arange(1, rank + 1), d.whole(1, rank), replace=False).tolist())), **d.common()),
        lambda: L.ELU(**d.some(alpha=d.real(0.2, 1.5)), **d.common()),
        lambda: L.Softmax(**d.some(axis=d.one([-1, d.whole(1, rank), sorted({d.whole(1, rank), rank})])), **d.common())])()


def axes_of(d, rank):
    """One axis or several, of a tensor with the batch in front."""
    if d.chance(0.6):
        return d.one([-1, d.whole(1, rank)])
    return sorted(d.g.choice(np.arange(1, rank + 1), d.whole(1, rank), replace=False).tolist())


def scaling(d):
    return dict(epsilon=d.real(0.001, 0.02), center=d.chance(0.8), scale=d.chance(0.8), beta_initializer=d.bias_initializer(), gamma_initializer=d.gamma_initializer(), beta_regularizer=d.regularizer(),
                gamma_regularizer=d.regularizer(), beta_constraint=d.constraint(1), gamma_constraint=d.constraint(1))


def batch_normalization(d, shape):
    arguments = d.some(**scaling(d), momentum=d.real(0.5, 0.99), moving_mean_initializer=d.bias_initializer(), moving_variance_initializer=d.gamma_initializer(), synchronized=False)
    if d.chance(0.1):
        arguments |= {"renorm": True, **d.some(renorm_momentum=d.real(0.5, 0.99), renorm_clipping=d.one([None, {"rmin": 0.5, "rmax": 2.0, "dmax": 3.0}]))}
    return L.BatchNormalization(axis=d.one([-1, -1, d.whole(1, len(shape))]), **arguments, **d.common())


def layer_normalization(d, shape):
    arguments = d.some(**scaling(d))
    axis = axes_of(d, len(shape))
    if int(np.prod([shape[a - 1] if a > 0 else shape[a] for a in np.atleast_1d(axis)])) == 1:
        raise Skip  # its gradient is what rounding leaves of zero, and optimizers make steps of that
    if not isinstance(axis, int):
        arguments = {k: v for k, v in arguments.items() if "constraint" not in k}
    return L.LayerNormalization(axis=axis, **arguments, **d.common())


def group_normalization(d, shape):
    axis = d.one([-1, d.whole(1, len(shape))])
    size = shape[-1] if axis == -1 else shape[axis - 1]
    return L.GroupNormalization(groups=d.one([g for g in (-1, 1, 2, 3, 4) if g < 0 or size % g == 0]), axis=axis, **d.some(**scaling(d)), **d.common())


def other_normalization(d, shape):
    return d.one([lambda: L.RMSNormalization(**d.some(axis=d.one([-1, d.whole(1, len(shape))]), epsilon=d.real(0.0001, 0.01)), **d.common()), lambda: L.UnitNormalization(**d.some(axis=axes_of(d, len(shape))), **d.common())])()


def spectral_normalization(d, shape):
    inner = dense(d, shape) if len(shape) < 3 or d.flag() else conv(len(shape) - 1)(d, shape)
    if d.rarely(0.5):
        rank = max(1, len(shape) - 1)
        inner = d.one([einsum_dense, spectral_normalization, *([conv(rank), conv_transpose(rank)] if 2 <= len(shape) <= 4 else []), *([depthwise(rank)] if len(shape) in (2, 3) else [])])(d, shape)
    if getattr(inner, "lora_rank", None):
        raise Skip  # of which Keras normalizes a sum, which is no variable
    return L.SpectralNormalization(inner, **d.some(power_iterations=d.whole(1, 3)), **d.name())


def noise(d, shape):
    rate = d.rate()
    return d.one([
        lambda: L.Dropout(rate, **d.some(seed=d.seed(), noise_shape=d.one([None, (None, *[1] * (len(shape) - 1), shape[-1])])), **d.common()), lambda: L.GaussianDropout(rate, **d.some(seed=d.seed()), **d.common()),
        lambda: L.GaussianNoise(rate, **d.some(seed=d.seed()), **d.common()), lambda: L.AlphaDropout(rate, **d.some(seed=d.seed()), **d.common())])()


def activity(d, shape):
    return L.ActivityRegularization(l1=d.real(0, 0.005), l2=d.real(0, 0.005), **d.common())


def rescaling(d, shape):
    if d.flag():
        return L.Rescaling(d.real(0.2, 1.5), offset=d.real(-0.3, 0.3), **d.common())
    return L.Rescaling([d.real(0.2, 1.5) for _ in range(shape[-1])], offset=[d.real(-0.3, 0.3) for _ in range(shape[-1])], **d.common())


def normalization(d, shape):
    size = shape[-1]
    fixed = dict(mean=d.g.normal(size=size).round(2).tolist(), variance=d.g.uniform(0.5, 2, size).round(2).tolist()) if d.flag() else dict(mean=d.real(-1, 1), variance=d.real(0.5, 2))
    if isinstance(fixed["mean"], float):
        return L.Normalization(axis=None, **fixed, **d.some(invert=d.flag()), **d.name())
    if d.flag():
        return L.Normalization(axis=-1, **fixed, **d.some(invert=d.flag()), **d.name())
    layer = L.Normalization(axis=d.one([-1, None]) if len(shape) == 1 else axes_of(d, len(shape)), **d.some(invert=d.flag()), **d.name())
    layer.adapt(d.g.normal(size=(6, *shape)).astype("float32"))
    return layer


def reshaping(d, shape):
    size = int(np.prod(shape))
    divisors = [k for k in range(1, size + 1) if size % k == 0]
    a = d.one(divisors)
    b = d.one([k for k in divisors if (size // a) % k == 0])
    return d.one([
        lambda: L.Flatten(**d.some(data_format=data_format(d)), **d.common()), lambda: L.Reshape((a, size // a), **d.common()), lambda: L.Reshape((-1, a), **d.common()),
        lambda: L.Reshape((a, b, size // a // b), **d.common()), lambda: L.Permute(tuple((d.g.permutation(len(shape)) + 1).tolist()), **d.common()), lambda: L.Identity(**d.common())])()


def masking(d, shape):
    return L.Masking(**d.some(mask_value=d.one([0.0, 1.0])), **d.common())


# --- sequences


CELLS = {"SimpleRNN": ["kernel", "recurrent"], "LSTM": ["kernel", "recurrent"], "GRU": ["kernel", "recurrent"]}


def recurrent_arguments(d, kind, units=None, cell=False):
    out = dict(units=units or d.whole(1, 5), activation=d.one(["tanh", "tanh", "relu", "softsign", "sigmoid", "elu"]), use_bias=d.chance(0.85))
    if kind != "SimpleRNN":
        out["recurrent_activation"] = d.one(["sigmoid", "sigmoid", "hard_sigmoid", "tanh"])
    weights = d.weights(["kernel", "recurrent"], 2, activity=not cell)
    if "recurrent_initializer" in weights and d.flag():
        weights["recurrent_initializer"] = d.one(["orthogonal", I.Orthogonal(gain=d.real(0.5, 1.2), seed=d.seed()), "identity", I.Identity(d.real(0.5, 1.0))])
        if kind != "SimpleRNN" and not isinstance(weights["recurrent_initializer"], str):
            weights["recurrent_initializer"] = "orthogonal"
        if weights["recurrent_initializer"] == "identity" and kind != "SimpleRNN":
            weights["recurrent_initializer"] = "orthogonal"
    out |= weights
    if kind == "LSTM":
        out |= d.some(unit_forget_bias=d.flag())
    if kind == "GRU":
        out |= d.some(reset_after=d.flag())
    out |= d.some(dropout=d.rate(), recurrent_dropout=d.rate(), seed=d.seed())
    return out


def run_arguments(d, sequences=None):
    out = d.some(go_backwards=d.flag())
    if sequences is not None or d.flag():
        out["return_sequences"] = d.flag() if sequences is None else sequences
    return out


def recurrent(d, shape, sequences=None, units=None, state=False):
    if shape[0] > 12 or shape[-1] > 24:
        raise Skip
    kind = d.one(list(CELLS))
    out = recurrent_arguments(d, kind, units) | run_arguments(d, sequences)
    if d.chance(0.2):
        out["unroll"] = d.flag()
    if kind != "SimpleRNN" and d.chance(0.2):
        out["use_cudnn"] = d.one(["auto", False])
    if d.batch and d.chance(0.7):
        out["stateful"] = True
    if state:
        out["return_state"] = True
    return getattr(L, kind)(**out, **d.common())


def cell(d, units=None):
    kind = d.one(list(CELLS))
    return getattr(L, kind + "Cell")(**recurrent_arguments(d, kind, units, cell=True), **d.name())


def rnn(d, shape):
    if shape[0] > 12 or shape[-1] > 24:
        raise Skip
    cells = [cell(d) for _ in range(d.whole(1, 3))]
    inner = cells[0] if len(cells) == 1 else cells if d.flag() else L.StackedRNNCells(cells, **d.name())
    stateful = {"stateful": True} if d.batch and d.flag() else {}
    # Not frozen: Keras trains the cells all the same (docs/architecture.md).
    return L.RNN(inner, **run_arguments(d), **stateful, **d.some(unroll=d.flag(), zero_output_for_mask=d.flag()), **d.common(freezes=False))


def bidirectional(d, shape):
    if shape[0] > 12 or shape[-1] > 24:
        raise Skip
    forward = rnn(d, shape) if d.chance(0.15) else recurrent(d, shape)
    arguments = {}
    if d.chance(0.3):
        backward = type(forward).from_config({**forward.get_config(), "name": forward.name + "_back", "go_backwards": True})
        forward = type(forward).from_config({**forward.get_config(), "go_backwards": False})
        arguments["backward_layer"] = backward
        if d.rarely(0.4):  # one of another kind
            other = recurrent(d, shape, sequences=forward.return_sequences, units=forward.units if hasattr(forward, "units") else None).get_config()
            arguments["backward_layer"] = d.one([L.SimpleRNN, L.GRU, L.LSTM]).from_config(
                {k: v for k, v in other.items() if k in ("units", "activation", "use_bias", "return_sequences", "name", "kernel_regularizer")} | {"go_backwards": not forward.go_backwards, "stateful": forward.stateful})
    elif forward.go_backwards:
        forward = type(forward).from_config({**forward.get_config(), "go_backwards": False})
    return L.Bidirectional(forward, merge_mode=d.one(["concat", "sum", "mul", "ave"]), **arguments, **d.name())


def time_distributed(d, shape):
    if len(shape) < 2 or shape[0] > 10:
        raise Skip
    exclude = (augmentation,) if d.rarely(0.3) else (time_distributed, spectral_normalization, masking, normalization, augmentation)
    inner = random_layer(d, shape[1:], exclude=exclude)
    if inner is not None and d.rarely(0.2):
        inner = in_a_row(d, inner, shape[1:])
    if inner is None:
        raise Skip
    return L.TimeDistributed(inner, **d.name())


def in_a_row(d, first, shape):
    """A Sequential model of the layer and some behind it; built with its wrapper or before."""
    layers, x = [first], keras.KerasTensor(first.compute_output_shape((None, *shape)))
    for _ in range(d.whole(1, 2)):
        layer = random_layer(d, tuple(x.shape[1:]), exclude=(time_distributed, augmentation))
        if layer is not None:
            layers.append(layer)
            x = keras.KerasTensor(layer.compute_output_shape(x.shape))
    layers = [type(layer).from_config(layer.get_config()) for layer in layers]  # without what computing shapes built
    return keras.Sequential(([keras.Input(shape)] if d.flag() else []) + layers, **d.name())


def repeat(d, shape):
    return L.RepeatVector(d.whole(1, 4), **d.common())


def conv_lstm(rank):
    def make(d, shape):  # (steps, *sizes, channels)
        form = data_format(d)
        sizes = shape[2:] if form == "channels_first" else shape[1:-1]
        if shape[0] > 5 or min(sizes) < 2 or max(shape) > 9:
            raise Skip
        arguments = dict(filters=d.whole(1, 3), kernel_size=per_axis(d, rank, lambda: d.whole(1, 2)), padding=d.one(["valid", "same"]), data_format=form, activation=d.one(["tanh", "softsign"]),
                         recurrent_activation=d.one(["sigmoid", "hard_sigmoid"]), use_bias=d.chance(0.8))
        if d.chance(0.3):
            arguments["strides"] = per_axis(d, rank, lambda: d.whole(1, 2))
        elif d.chance(0.3):
            arguments["dilation_rate"] = per_axis(d, rank, lambda: d.whole(1, 2)) if min(sizes) > 3 else 1
        arguments |= d.weights(["kernel", "recurrent"], rank + 2) | d.some(unit_forget_bias=d.flag(), dropout=d.rate(), recurrent_dropout=d.rate(), seed=d.seed())
        return getattr(L, f"ConvLSTM{rank}D")(**arguments, **run_arguments(d), **d.common(freezes=False))
    return make


def image_sizes(d, shape):
    if int(np.prod(shape)) > 300:
        raise Skip
    form = data_format(d)
    h, w = spatial(shape, form)
    if d.flag():
        return L.Resizing(d.whole(2, 7), d.whole(2, 7), data_format=form, **d.some(interpolation=comparable(d.one(["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"])), antialias=d.flag()),
                          **d.one([{}, {}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True, **d.some(fill_value=d.real(-1, 1))}]), **d.name())
    return L.CenterCrop(d.whole(1, h), d.whole(1, w), data_format=form, **d.name())


ANY = [dense, dense, einsum_dense, activation, activation_layer, activation_layer, batch_normalization, layer_normalization, group_normalization, other_normalization, spectral_normalization, noise, activity, rescaling,
       normalization, reshaping]
BY_RANK = {
    1: [dense, dense, dense, repeat, spectrogram],
    2: [conv(1), conv(1), conv_transpose(1), depthwise(1), separable(1), pooling(1), global_pooling(1), adaptive_pooling(1), padding(1), cropping(1), up_sampling(1), spatial_dropout(1), recurrent, recurrent, recurrent, rnn,
        bidirectional, bidirectional, time_distributed, masking, spectrogram],
    3: [conv(2), conv(2), conv_transpose(2), depthwise(2), separable(2), pooling(2), global_pooling(2), adaptive_pooling(2), padding(2), cropping(2), up_sampling(2), spatial_dropout(2), conv_lstm(1), time_distributed, image_sizes, augmentation, augmentation],
    4: [conv(3), conv_transpose(3), pooling(3), global_pooling(3), adaptive_pooling(3), padding(3), cropping(3), up_sampling(3), spatial_dropout(3), conv_lstm(2), conv_lstm(2), time_distributed],
    5: [conv_lstm(3), conv_lstm(3), time_distributed],
}


def random_layer(d, shape, exclude=(), tries=12):
    """A layer that takes examples of this shape; None where none was found."""
    for _ in range(tries):
        make = d.one(ANY if d.chance(0.35) else BY_RANK.get(len(shape), ANY))
        if make in exclude:
            continue
        try:
            return make(d, shape)
        except Skip:
            continue
    return None
