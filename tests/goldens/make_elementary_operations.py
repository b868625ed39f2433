"""elementary_operations.json: the plain operations of keras.ops in functional models, beside those of operations.json and with the same inputs."""

from golden_format import arrays, normal, rng, write

from make_operations import K, case, holed, whole


def positive(x):
    return K.absolute(x) + 0.5


def number(x):
    return K.cast(x, "float32")


# By name: a function of inputs (batch, 4), (batch, 4), (batch, 5, 4) and images (batch, 6, 5, 2).
OPERATIONS = {
    "abs": lambda a, b, s, p: K.abs(a), "negative": lambda a, b, s, p: K.negative(a), "sign": lambda a, b, s, p: K.sign(a) * b, "ceil": lambda a, b, s, p: K.ceil(a * 2), "floor": lambda a, b, s, p: K.floor(a * 2) + b, "reciprocal": lambda a, b, s, p: K.reciprocal(positive(a)),
    "exp": lambda a, b, s, p: K.exp(a), "expm1": lambda a, b, s, p: K.expm1(a), "log": lambda a, b, s, p: K.log(positive(a)), "log1p": lambda a, b, s, p: K.log1p(positive(a)), "log2": lambda a, b, s, p: K.log2(positive(a)), "log10": lambda a, b, s, p: K.log10(positive(a)),
    "rsqrt": lambda a, b, s, p: K.rsqrt(positive(a)), "erf": lambda a, b, s, p: K.erf(a), "sin": lambda a, b, s, p: K.sin(a), "cos": lambda a, b, s, p: K.cos(a), "tan": lambda a, b, s, p: K.tan(K.tanh(a)), "sinh": lambda a, b, s, p: K.sinh(a), "cosh": lambda a, b, s, p: K.cosh(a), "tanh": lambda a, b, s, p: K.tanh(a),
    "arcsin": lambda a, b, s, p: K.arcsin(K.tanh(a)), "arccos": lambda a, b, s, p: K.arccos(K.tanh(a)), "arctan": lambda a, b, s, p: K.arctan(a), "arcsinh": lambda a, b, s, p: K.arcsinh(a), "arccosh": lambda a, b, s, p: K.arccosh(positive(a) + 0.6), "arctanh": lambda a, b, s, p: K.arctanh(K.tanh(a) * 0.9),
    "divide": lambda a, b, s, p: K.divide(a, positive(b)), "divide_no_nan": lambda a, b, s, p: K.divide_no_nan(a, K.relu(b)), "floor_divide": lambda a, b, s, p: K.floor_divide(a * 3, positive(b)) * a, "mod": lambda a, b, s, p: K.mod(a * 3, positive(b)), "minimum": lambda a, b, s, p: K.minimum(a, b),
    "equal": lambda a, b, s, p: number(K.equal(K.round(a), K.round(b))), "greater_equal": lambda a, b, s, p: number(K.greater_equal(a, b)), "less_equal": lambda a, b, s, p: number(K.less_equal(a, 0.25)),
    "logical_not": lambda a, b, s, p: number(K.logical_not(K.greater(a, b))), "logical_xor": lambda a, b, s, p: number(K.logical_xor(K.greater(a, 0.0), K.greater(b, 0.0))), "isfinite": lambda a, b, s, p: number(K.isfinite(a / K.relu(b))), "isnan": lambda a, b, s, p: number(K.isnan(K.relu(a) / K.relu(b))),
    "all": lambda a, b, s, p: number(K.all(K.greater(s, -1.0), axis=1)), "all_keepdims": lambda a, b, s, p: number(K.all(K.greater(s, -1.0), axis=(1, 2), keepdims=True)), "amax": lambda a, b, s, p: K.amax(s, axis=1), "amin": lambda a, b, s, p: K.amin(s, axis=(1, 2), keepdims=True), "min": lambda a, b, s, p: K.min(s, axis=-1),
    "argmin": lambda a, b, s, p: number(K.argmin(s, axis=1)), "max_initial": lambda a, b, s, p: K.max(s, axis=1, initial=0.75), "min_initial": lambda a, b, s, p: K.min(s, axis=1, initial=-0.75), "prod": lambda a, b, s, p: K.prod(s, axis=1), "var": lambda a, b, s, p: K.var(s, axis=1), "var_keepdims": lambda a, b, s, p: K.var(s, axis=(1, 2), keepdims=True),
    "broadcast_to": lambda a, b, s, p: K.broadcast_to(K.mean(a, axis=0, keepdims=True), (3, 4)), "convert_to_tensor": lambda a, b, s, p: K.convert_to_tensor(a) * b, "dot": lambda a, b, s, p: K.dot(s, K.transpose(a)), "moveaxis": lambda a, b, s, p: K.moveaxis(p, 1, -1), "ravel": lambda a, b, s, p: K.ravel(s),
    "celu": lambda a, b, s, p: K.celu(a, alpha=0.7), "elu": lambda a, b, s, p: K.elu(a, alpha=0.7), "hard_sigmoid": lambda a, b, s, p: K.hard_sigmoid(a * 2), "hard_silu": lambda a, b, s, p: K.hard_silu(a * 2), "hard_tanh": lambda a, b, s, p: K.hard_tanh(a), "log_sigmoid": lambda a, b, s, p: K.log_sigmoid(a),
    "log_softmax": lambda a, b, s, p: K.log_softmax(s, axis=1), "relu6": lambda a, b, s, p: K.relu6(a * 5), "selu": lambda a, b, s, p: K.selu(a), "silu": lambda a, b, s, p: K.silu(a), "softplus": lambda a, b, s, p: K.softplus(a), "softsign": lambda a, b, s, p: K.softsign(a), "squareplus": lambda a, b, s, p: K.squareplus(a, b=3), "tanh_shrink": lambda a, b, s, p: K.tanh_shrink(a),
    "bitwise_invert": lambda a, b, s, p: number(K.bitwise_invert(whole(a))), "bitwise_left_shift": lambda a, b, s, p: number(K.bitwise_left_shift(whole(a), K.cast(K.abs(b), "int32"))), "bitwise_right_shift": lambda a, b, s, p: number(K.bitwise_right_shift(whole(a), K.cast(K.abs(b), "int32"))),
    "conj": lambda a, b, s, p: K.conj(a) * b, "nanpercentile": lambda a, b, s, p: K.nanpercentile(K.stop_gradient(holed(s)), 25, axis=1), "size": lambda a, b, s, p: a * number(K.size(s)),
    "segment_min": lambda a, b, s, p: K.minimum(K.segment_min(s, K.cast(K.abs(a[:, 0]), "int32"), num_segments=3), 5.0), "segment_prod": lambda a, b, s, p: K.segment_prod(s, K.cast(K.abs(a[:, 0]), "int32"), num_segments=3),
}


def make():
    g = rng("operations")
    inputs = [normal(g, shape) for shape in ((3, 4), (3, 4), (3, 5, 4), (3, 6, 5, 2))]
    write("elementary_operations", [case(name, function, inputs) for name, function in OPERATIONS.items()], inputs=arrays(inputs))
