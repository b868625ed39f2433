"""optimizers.json: five updates of two variables by every optimizer, with every option that all optimizers share."""

from golden_format import array, arrays, normal, plain, rng, serialized, write

import keras

STEPS = 5

# name: (class, arguments). Learning rates are large enough that each step shows in float32.
BASES = {
    "sgd": (keras.optimizers.SGD, dict(learning_rate=0.1)),
    "sgd_momentum": (keras.optimizers.SGD, dict(learning_rate=0.1, momentum=0.9)),
    "sgd_nesterov": (keras.optimizers.SGD, dict(learning_rate=0.1, momentum=0.9, nesterov=True)),
    "rmsprop": (keras.optimizers.RMSprop, dict(learning_rate=0.01)),
    "rmsprop_momentum": (keras.optimizers.RMSprop, dict(learning_rate=0.01, rho=0.8, momentum=0.9, epsilon=1e-3)),
    "rmsprop_centered": (keras.optimizers.RMSprop, dict(learning_rate=0.01, centered=True)),
    "rmsprop_centered_momentum": (keras.optimizers.RMSprop, dict(learning_rate=0.01, momentum=0.5, centered=True)),
    "adagrad": (keras.optimizers.Adagrad, dict(learning_rate=0.05)),
    "adagrad_initial": (keras.optimizers.Adagrad, dict(learning_rate=0.05, initial_accumulator_value=0.5, epsilon=1e-2)),
    "adadelta": (keras.optimizers.Adadelta, dict(learning_rate=1.0)),
    "adadelta_rho": (keras.optimizers.Adadelta, dict(learning_rate=0.5, rho=0.9, epsilon=1e-3)),
    "adam": (keras.optimizers.Adam, dict(learning_rate=0.01)),
    "adam_betas": (keras.optimizers.Adam, dict(learning_rate=0.02, beta_1=0.5, beta_2=0.9, epsilon=1e-2)),
    "adam_amsgrad": (keras.optimizers.Adam, dict(learning_rate=0.01, amsgrad=True)),
    "adamw": (keras.optimizers.AdamW, dict(learning_rate=0.01)),
    "adamw_amsgrad": (keras.optimizers.AdamW, dict(learning_rate=0.01, weight_decay=0.1, amsgrad=True)),
    "nadam": (keras.optimizers.Nadam, dict(learning_rate=0.01)),
}

# Options that belong to the base class; each is crossed with one plain and one rich form of every optimizer.
OPTIONS = {
    "weight_decay": dict(weight_decay=0.05),
    "clipnorm": dict(clipnorm=0.7),
    "clipvalue": dict(clipvalue=0.3),
    "global_clipnorm": dict(global_clipnorm=0.9),
    "use_ema": dict(use_ema=True, ema_momentum=0.8),
    "use_ema_overwrite": dict(use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2),
    "gradient_accumulation": dict(gradient_accumulation_steps=2),
}
CROSSED = ["sgd", "sgd_nesterov", "rmsprop", "rmsprop_centered_momentum", "adagrad", "adadelta", "adam", "adam_amsgrad", "adamw", "nadam"]


def gradients():
    """Mixed sizes, an element that is always zero, a step of tiny and a step of large gradients."""
    g = rng("optimizer gradients")
    steps = [[normal(g, (3, 4)), normal(g, (4,), 0.5)] for _ in range(STEPS)]
    for kernel, _ in steps:
        kernel[1, 2] = 0
    for i, scale in ((2, 1e-4), (3, 20.0)):
        steps[i] = [(a * scale).astype("float32") for a in steps[i]]
    return steps


def run(name, cls, arguments, start, steps):
    keras.backend.clear_session()  # names count from one again
    optimizer = cls(**arguments)
    variables = [keras.Variable(v, name=n) for v, n in zip(start, ("kernel", "bias"))]
    optimizer.build(variables)
    case = {"name": name, "class_name": cls.__name__, "arguments": arguments, "serialized": serialized(optimizer), "variables_after": []}
    case["learning_rates"] = []
    for step in steps:
        case["learning_rates"].append(float(str(keras.ops.convert_to_numpy(optimizer.learning_rate))))
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in step], variables)
        case["variables_after"].append(arrays(variables))
    case["optimizer_variables"] = [{"path": v.path, "name": v.name, **array(v)} for v in optimizer.variables]
    if arguments.get("use_ema"):
        optimizer.finalize_variable_values(variables)  # what `fit` does at its end
        case["variables_finalized"] = arrays(variables)
    return case


def make():
    g = rng("optimizer variables")
    start = [normal(g, (3, 4)), normal(g, (4,))]
    steps = gradients()
    todo = {name: base for name, base in BASES.items()}
    for name in CROSSED:
        cls, arguments = BASES[name]
        for option, more in OPTIONS.items():
            todo[f"{name}+{option}"] = (cls, {**arguments, **more})
    both = dict(clipnorm=0.7, weight_decay=0.05, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=4, gradient_accumulation_steps=2)
    todo["adam+everything"] = (keras.optimizers.Adam, dict(learning_rate=0.01, **both))
    schedules = keras.optimizers.schedules
    cases = [run(name, cls, arguments, start, steps) for name, (cls, arguments) in todo.items()]
    for name, cls, schedule, more in [
        ("sgd+exponential_decay", keras.optimizers.SGD, schedules.ExponentialDecay(0.1, 2, 0.5), dict(momentum=0.9)),
        ("adam+piecewise", keras.optimizers.Adam, schedules.PiecewiseConstantDecay([1, 3], [0.1, 0.01, 0.001]), {}),
        ("adamw+cosine", keras.optimizers.AdamW, schedules.CosineDecay(0.1, 4), dict(weight_decay=0.1)),
        ("sgd+exponential_decay+accumulation", keras.optimizers.SGD, schedules.ExponentialDecay(0.1, 2, 0.5), dict(gradient_accumulation_steps=2)),
    ]:
        case = run(name, cls, dict(learning_rate=schedule, **more), start, steps)
        case["arguments"] = {**more, "learning_rate": serialized(schedule)}
        cases.append(plain(case))
    keras.backend.clear_session()
    defaults = {cls.__name__: serialized(cls()) for cls, _ in BASES.values()}
    write("optimizers", cases, start=arrays(start), gradients=[arrays(s) for s in steps], defaults=defaults)


if __name__ == "__main__":
    make()
