"""Random models of Keras with a way to train them, for `exchange_with_keras.py`.

    case = random_case(seed)       # .model, .inputs, .targets, .compile (None: not compiled), .random
"""

import keras
import numpy as np

from exchange_draw import L, Draw, Skip, taken
from exchange_layers import random_layer, recurrent
from exchange_operations import random_operation
from exchange_preprocessing import binned, category_layers, texts
from exchange_rare import Moved, as_type, freeze, masked_call, of_unknown_sizes, of_unknown_steps, rare_call, rare_layer, rare_operation, structured, type_of_ids, type_of_numbers
from exchange_running import tree
from exchange_training import compile_arguments, random_kind, random_targets, with_head

LARGEST = 1500  # values of an example, of any tensor


class Case:
    model = inputs = targets = compile = weights = None
    random = as_it_is = False
    batch = 4


def input_shape(d):
    rank = d.one([1, 1, 2, 2, 2, 3, 3, 4, 5])
    return {1: lambda: (d.whole(2, 8),), 2: lambda: (d.whole(3, 8), d.whole(1, 6)), 3: lambda: (d.whole(4, 8), d.whole(4, 8), d.whole(1, 4)), 4: lambda: (d.whole(2, 5), d.whole(3, 5), d.whole(3, 5), d.whole(1, 3)),
            5: lambda: (d.whole(2, 3), d.whole(2, 3), d.whole(2, 4), d.whole(2, 4), d.whole(1, 2))}[rank]()


def fits(shape):
    return all(s is not None for s in shape) and int(np.prod(shape)) <= LARGEST


class Source:
    """An input of the model and how its values are made."""

    def __init__(self, d, n):
        self.ids = None
        self.bins = self.unknown = False
        self.texts = texts(d, n)
        if self.texts:
            self.arguments, self.dtype, self.shape, self.values = d.name(), "string", self.texts.shape, self.texts.values
            return
        if d.chance(0.2):
            self.ids = d.whole(4, 12)
            self.shape = (d.whole(3, 7),)
        elif d.chance(0.06):  # sounds, and numbers that get a bin each
            self.bins = d.flag()
            self.shape = (d.whole(3, 7) if self.bins else d.whole(16, 40),)
        else:
            self.shape = input_shape(d)
        self.arguments = d.name()
        self.dtype = "int32" if self.ids and d.flag() else "float32"
        g = d.g
        if d.rarely(0.08):
            self.dtype = type_of_ids(d) if self.ids else self.dtype if self.bins else type_of_numbers(d)
        if self.ids:
            self.values = g.integers(0, self.ids, (n, *self.shape)).astype(self.dtype)
            # Padding stands behind, as everyone has it.
            lengths = g.integers(1, self.shape[0] + 1, n)
            self.values[np.arange(self.shape[0])[None] >= lengths[:, None]] = 0
        else:
            self.values = g.normal(size=(n, *self.shape)).astype("float32")
            if d.chance(0.2) and len(self.shape) == 2:  # steps that Masking hides
                lengths = g.integers(1, self.shape[0] + 1, n)
                self.values[np.arange(self.shape[0])[None] >= lengths[:, None]] = 0.0
            self.values = as_type(self.values, self.dtype)
            if not self.bins and not d.batch and len(self.shape) in (2, 3) and self.dtype == "float32" and d.rarely(0.08):
                self.unknown = True
                self.shape = (*[None] * (len(self.shape) - 1), self.shape[-1])

    def first_layers(self, d):
        """What makes numbers of the input's values."""
        if self.texts:
            return self.texts.layers(d)
        if self.unknown:
            return of_unknown_steps(d, self.shape[-1]) if len(self.shape) == 2 else of_unknown_sizes(d)
        if self.bins:
            return binned(d, self.shape[0])
        if self.ids is None and "float" not in self.dtype:  # what Keras makes of whole numbers in layers for real ones differs from layer to layer
            return [d.one([lambda: L.Rescaling(d.real(0.2, 0.6), **d.name()), lambda: Moved(d)])()]
        if self.ids is None:
            return []
        return category_layers(d, self.ids, self.shape[0]) if d.chance(0.25) else [self.embedding(d)]

    def input(self, d):
        return keras.Input(self.shape, batch_size=d.batch, dtype=self.dtype, **self.arguments)

    def embedding(self, d):
        arguments = d.low_rank() | d.some(embeddings_initializer=d.initializer(), embeddings_regularizer=d.regularizer(), embeddings_constraint=d.constraint(2), mask_zero=d.flag())
        return L.Embedding(self.ids + d.whole(0, 2), d.whole(2, 5), **arguments, **d.common())


def shape_of(t):
    return tuple(t.shape[1:])


def usable(t):
    return len(t.shape) > 1 and fits(shape_of(t))


def stack(d, shape, length, rank=None):
    """Layers that fit on one another, for examples of the shape; the last one's output is of `rank`, if one is given."""
    layers = []
    x = keras.KerasTensor((None, *shape))
    for _ in range(length):
        layer = random_layer(d, shape_of(x))
        if layer is None:
            break
        y = probe(layer, x)
        layers.append(layer)
        x = y
    return layers, x


def probe(layer, x):
    y = layer(keras.Input(batch_shape=x.shape, dtype=x.dtype))
    if not usable(y) or 0 in y.shape[1:]:
        raise Skip
    return keras.KerasTensor(y.shape, y.dtype)


def sequential(d, source):
    layers = []
    if d.chance(0.9) or source.texts:
        layers.append(source.input(d))
    layers += source.first_layers(d)
    if (source.unknown or "float" not in source.dtype) and layers and not keras.backend.is_keras_tensor(layers[0]):
        layers.insert(0, source.input(d))
    if not all(isinstance(layer, keras.Layer) for layer in layers if not keras.backend.is_keras_tensor(layer)):
        raise Skip  # of several tensors
    model = keras.Sequential(layers, **d.name())
    shape = source.shape
    if not model.built:
        model.build((d.batch, *source.shape))
    if model.layers:
        shape = shape_of(model.outputs[0])
    for _ in range(d.whole(1, 6)):
        layer = random_layer(d, shape)
        if layer is None:
            break
        # Tried on its own first: a Sequential whose last layer failed is broken.
        model.add(layer)
        if model.outputs is None:
            model.build((d.batch, *source.shape))
        if not usable(model.outputs[0]) or 0 in model.outputs[0].shape[1:]:
            raise Skip
        shape = shape_of(model.outputs[0])
    return model


def merged(d, pool, t):
    same = [o for o in pool if o.shape == t.shape]
    kind = d.g.random()
    if kind < 0.45:
        count = d.whole(1, min(3, len(same)))
        others = [d.one(same) for _ in range(count)]
        make = d.one([L.Add, L.Multiply, L.Average, L.Maximum, L.Minimum])
        return make(**d.common())([t, *others])
    if kind < 0.55:
        return L.Subtract(**d.common())([t, d.one(same)])
    if kind < 0.8:
        axis = d.one([-1, d.whole(1, len(t.shape) - 1)])
        at = axis if axis > 0 else len(t.shape) - 1
        fitting = [o for o in pool if len(o.shape) == len(t.shape) and all(a == b for i, (a, b) in enumerate(zip(o.shape, t.shape)) if i != at)]
        return L.Concatenate(axis=axis, **d.common())([t, *[d.one(fitting) for _ in range(d.whole(1, 2))]])
    fitting = [o for o in pool if 2 <= len(o.shape) <= 3 and len(t.shape) in (2, 3) and o.shape[-1] == t.shape[-1]]
    if not fitting or len(t.shape) > 3:
        raise Skip
    o = d.one(fitting)
    return L.Dot(axes=(len(t.shape) - 1, len(o.shape) - 1), normalize=d.flag(), **d.common())([t, o])


def attention(d, pool, t):
    sequences = [o for o in pool if len(o.shape) == 3 and o.shape[1] <= 10]
    if len(t.shape) != 3 or t.shape[1] > 10:
        raise Skip
    kind = d.one(["dot", "additive", "heads", "grouped"])
    if kind in ("dot", "additive"):
        same = [o for o in sequences if o.shape[-1] == t.shape[-1]]
        value = d.one(same)
        keys = [o for o in same if o.shape[1] == value.shape[1]]
        inputs = [t, value] + ([d.one(keys)] if d.chance(0.4) else [])
        dropout = d.some(dropout=d.rate())
        if kind == "additive":
            layer = L.AdditiveAttention(**d.some(use_scale=d.flag()), **dropout, **d.common())
        else:
            layer = L.Attention(**d.some(use_scale=d.flag(), score_mode=d.one(["dot", "concat"]), seed=d.seed()), **dropout, **d.common())
        call = d.some(use_causal_mask=d.flag())
        if d.chance(0.25):
            y, scores = layer(inputs, return_attention_scores=True, **call)
            return [y, scores]
        return layer(inputs, **call)
    value = d.one(sequences)
    keys = [o for o in sequences if o.shape[1] == value.shape[1]]
    # Not frozen: Keras trains the layers inside all the same (docs/architecture.md).
    weights = {k: v for k, v in d.weights(["kernel"], 3).items() if "constraint" not in k}
    if kind == "heads":
        layer = L.MultiHeadAttention(d.whole(1, 3), d.whole(1, 4), **d.some(value_dim=d.whole(1, 4), use_bias=d.flag(), output_shape=d.whole(2, 6), dropout=d.rate(), **taken(L.MultiHeadAttention, seed=d.seed())), **weights, **d.common(freezes=False))
    else:
        groups = d.whole(1, 2)
        layer = L.GroupQueryAttention(d.whole(1, 4), groups * d.whole(1, 2), groups, **d.some(use_bias=d.flag(), dropout=d.rate(), **taken(L.GroupQueryAttention, seed=d.seed(), use_gate=d.flag())), **weights, **d.common(freezes=False))
    call = d.some(use_causal_mask=d.flag())
    if d.chance(0.3):
        call["key"] = d.one(keys)
    if d.chance(0.25):
        return list(layer(t, value, return_attention_scores=True, **call))
    return layer(query=t, value=value, **call) if d.chance(0.2) else layer(t, value, **call)


def with_states(d, pool, t):
    """Recurrent layers that give their states, and others that begin with those."""
    if len(t.shape) != 3 or t.shape[1] > 10 or t.shape[2] > 16:
        raise Skip
    layer = recurrent(d, shape_of(t), state=True, units=d.whole(2, 4))
    wrapped = L.Bidirectional(layer, **d.name()) if d.chance(0.2) else layer
    y, *states = wrapped(t)
    if wrapped is layer and d.flag():
        others = [o for o in pool if len(o.shape) == 3 and o.shape[1] <= 10 and o.shape[2] <= 16]
        second = type(layer).from_config({**layer.get_config(), "name": None, "return_state": d.flag()})
        o = d.one(others)
        z = second(o, initial_state=states if len(states) > 1 or d.flag() else states[0])
        return [y, *(z if isinstance(z, (list, tuple)) else [z])]
    return [y, *states]


def nested(d, t, depth):
    if d.flag():
        inner = keras.Sequential([keras.Input(shape_of(t))], **d.name())
        layers, _ = stack(d, shape_of(t), d.whole(1, 3))
        inner = keras.Sequential([keras.Input(shape_of(t))] + [type(l).from_config(l.get_config()) for l in layers], **d.name())
        return inner(t), inner
    inner = functional(d, [Fixed(shape_of(t))], depth + 1)
    inner.trainable = not d.chance(0.1)
    y = inner(t)
    return y, inner


class Fixed(Source):
    ids, dtype, arguments, bins, unknown, texts = None, "float32", {}, False, False, None

    def __init__(self, shape):
        self.shape = shape


def nested_several(d, pool, t, depth):
    """A model of several tensors, in lists and dicts, called once or twice."""
    given = [t, *[d.one(pool) for _ in range(d.whole(0, 2))]]
    inner = functional(d, [Fixed(shape_of(o)) for o in given], depth + 1, rare=True)
    freeze(d, inner)
    made = tree.flatten(inner(tree.pack_sequence_as(inner._inputs_struct, given)))
    fitting = [[o for o in pool if o.shape == g.shape] for g in given]
    if d.flag():
        made += tree.flatten(inner(tree.pack_sequence_as(inner._inputs_struct, [d.one(same) for same in fitting]), **({"training": False} if d.chance(0.2) else {})))
    return made


def functional(d, sources, depth=0, rare=False):
    inputs, pool, shared, bodies = [], [], [], []
    for source in sources:
        t = source.input(d)
        source.name = t.name
        inputs.append(t)
        for layer in source.first_layers(d):
            t = layer(t)
        pool.append(t)
    for _ in range(d.whole(2, 9 if depth == 0 else 4)):
        t = d.one(pool[-4:] if d.chance(0.8) else pool)
        if d.rarely(0.05):
            makes = [lambda: masked_call(d, pool, t), lambda: rare_operation(d, t), lambda: rare_layer(d, t)]
            if depth < 2 and not d.batch:
                makes.append(lambda: nested_several(d, pool, t, depth))
            try:
                made = d.one(makes)()
            except Skip:
                continue
            pool += [y for y in (made if isinstance(made, (list, tuple)) else [made]) if usable(y) and 0 not in y.shape[1:]]
            continue
        kind = d.g.random()
        if kind < 0.50:
            layer = random_layer(d, shape_of(t))
            if layer is None:
                continue
            made = layer(t, **(d.call(layer) or (rare_call(d, layer) if d.rarely(0.05) else {})))
            shared.append((layer, t.shape))
        elif kind < 0.62:
            try:
                made = merged(d, pool, t)
            except Skip:
                continue
        elif kind < 0.72:
            try:
                made = attention(d, pool, t)
            except Skip:
                continue
        elif kind < 0.78:
            try:
                made = with_states(d, pool, t)
            except Skip:
                continue
        elif kind < 0.80:
            if len(t.shape) != 3 or t.shape[1] > 10 or t.shape[2] > 16:
                continue
            # A mask that the call was given.
            mask = d.one([lambda: keras.ops.any(keras.ops.not_equal(t, 0.0), axis=-1), lambda: keras.ops.greater(keras.ops.mean(t, axis=-1), -0.3), lambda: L.Masking().compute_mask(t)])()
            made = recurrent(d, shape_of(t))(t, mask=mask)
        elif kind < 0.84:
            fitting = [(layer, o) for layer, shape in shared for o in pool if o.shape == shape]
            if not fitting:
                continue
            layer, o = d.one(fitting)
            made = layer(o)
        elif kind < 0.92 and depth < 2 and not d.batch:
            made, inner = nested(d, t, depth)
            if isinstance(made, dict):
                made = list(made.values())
            shared.append((inner, t.shape))
        elif depth == 0 or d.chance(0.3):
            try:
                made = random_operation(d, t)
            except Skip:
                continue
        else:
            continue
        for y in made if isinstance(made, (list, tuple)) else [made]:
            if usable(y) and 0 not in y.shape[1:]:
                pool.append(y)
    # What nobody has read comes out, joined or each on its own.
    read = set()
    for t in pool:
        for a in tree.flatten(t._keras_history.operation._inbound_nodes[t._keras_history.node_index].input_tensors):
            read.add(id(a))
    ends = [t for t in pool if id(t) not in read] or [pool[-1]]
    ends = ends[-3:] if d.flag() else ends[-1:]
    if depth > 0:
        ends = ends[-1:] if d.chance(0.7) else ends[:2]
    if rare:
        return keras.Model(*structured(d, inputs, ends), **d.name())
    outputs = ends if len(ends) > 1 else ends[0]
    given = inputs if len(inputs) > 1 else inputs[0]
    if depth == 0 and d.chance(0.1) and all(i.name.isidentifier() for i in inputs):
        given = {i.name: i for i in inputs}
    if depth == 0 and len(ends) > 1 and d.chance(0.15):
        outputs = {f"out_{i}": t for i, t in enumerate(ends)}
    elif len(ends) == 1 and depth == 0 and d.chance(0.1):
        outputs = ends
    if given is inputs and depth == 0 and d.chance(0.2):
        given = d.one([[inputs[0], inputs[1:]], [inputs[:-1], {"last": inputs[-1]}], {"a": inputs[0], "b": inputs[1:]}, (inputs[0], (*inputs[1:],))])
    elif len(inputs) == 1 and given is inputs[0] and d.chance(0.1):
        given = inputs
    return keras.Model(given, outputs, **d.name())


# --- cases


def behind(t, y):
    """The layers in a row that made y of t."""
    made = []
    while y is not t:
        history = y._keras_history
        made.insert(0, history.operation)
        y = history.operation._inbound_nodes[history.node_index].input_tensors[0]
    return made


def random_case(seed, random_share=0.15, rare=True):
    """A model, data and how to train; None where the draw came to nothing that Keras takes."""
    d = Draw(seed, rare)
    d.random_models = d.chance(random_share)
    case = Case()
    n = 2 * Case.batch
    if d.chance(0.06):  # recurrent layers may keep their states, over several batches
        d.batch = Case.batch
        n = d.whole(1, 3) * d.batch
    count = d.one([1, 1, 1, 1, 2, 2, 3])
    sources = [Source(d, n) for _ in range(count)]
    compiled = d.chance(0.85)
    if count == 1 and d.chance(0.4):
        base = sequential(d, sources[0])
    else:
        base = functional(d, sources)
    if d.rarely(0.03):
        freeze(d, base)
    ends = base.outputs
    kinds = [random_kind(d, shape_of(t)) for t in ends]
    if compiled:
        if isinstance(base, keras.Sequential):
            y = with_head(d, ends[0], kinds[0])
            if y is not ends[0]:
                for head in behind(ends[0], y):
                    base.add(type(head).from_config(head.get_config()))
        else:
            heads = [with_head(d, t, k) for t, k in zip(ends, kinds)]
            outputs = heads if len(heads) > 1 or isinstance(base._outputs_struct, list) else heads[0]
            if isinstance(base._outputs_struct, dict):
                outputs = dict(zip(base._outputs_struct, heads))
            base = keras.Model(base._inputs_struct, outputs, name=base.name)
        if not all(usable(t) for t in base.outputs):
            raise Skip
        case.compile = compile_arguments(d, base, kinds)
        case.targets = [random_targets(d, k, shape_of(t), n) for k, t in zip(kinds, base.outputs)]
        # Of losses (batch, ..., 1) and weights (batch,) Keras multiplies every pair.
        if d.chance(0.25) and all(len(t.shape) == 2 for t in base.outputs):
            case.weights = d.g.uniform(0.2, 2.0, n).astype("float32")
    case.model = base
    case.inputs = [s.values for s in sources]
    if not isinstance(base, keras.Sequential):  # those of a dictionary stand in the order of their names
        case.inputs = [next(s.values for s in sources if s.name == t.name) for t in base.inputs]
    case.trained = d.whole(0, 3)
    case.random = d.random
    return case
