"""optimizers.json: five updates of two variables by every optimizer, with every option that all optimizers share."""

from golden_format import array, arrays, mend_schedule_free, normal, plain, rng, serialized, write

import keras
import numpy as np

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
    "adamw_betas": (keras.optimizers.AdamW, dict(learning_rate=0.02, beta_1=0.5, beta_2=0.9, epsilon=1e-2)),
    "nadam_betas": (keras.optimizers.Nadam, dict(learning_rate=0.02, beta_1=0.5, beta_2=0.9, epsilon=1e-2)),
    "adamax": (keras.optimizers.Adamax, dict(learning_rate=0.02)),
    "adamax_betas": (keras.optimizers.Adamax, dict(learning_rate=0.02, beta_1=0.5, beta_2=0.9, epsilon=1e-2)),
    "adafactor": (keras.optimizers.Adafactor, dict(learning_rate=0.1)),
    "adafactor_absolute": (
        keras.optimizers.Adafactor,
        dict(learning_rate=0.3, beta_2_decay=-0.5, epsilon_1=1e-6, epsilon_2=0.5, clip_threshold=0.5, relative_step=False),
    ),
    "ftrl": (keras.optimizers.Ftrl, dict(learning_rate=0.1)),
    "ftrl_strengths": (
        keras.optimizers.Ftrl,
        dict(
            learning_rate=0.1,
            learning_rate_power=-0.7,
            initial_accumulator_value=0.5,
            l1_regularization_strength=0.3,
            l2_regularization_strength=0.2,
            l2_shrinkage_regularization_strength=0.1,
            beta=0.4,
        ),
    ),
    "lion": (keras.optimizers.Lion, dict(learning_rate=0.01)),
    "lion_betas": (keras.optimizers.Lion, dict(learning_rate=0.01, beta_1=0.5, beta_2=0.6)),
    "lamb": (keras.optimizers.Lamb, dict(learning_rate=0.01)),
    "lamb_betas": (keras.optimizers.Lamb, dict(learning_rate=0.01, beta_1=0.5, beta_2=0.9, epsilon=1e-2)),
    "muon": (keras.optimizers.Muon, dict(learning_rate=0.01)),
    "muon_plain": (
        keras.optimizers.Muon,
        dict(learning_rate=0.01, adam_beta_1=0.5, adam_beta_2=0.9, adam_weight_decay=0.1, epsilon=1e-2, nesterov=False, momentum=0.5, ns_steps=2, rms_rate=None),
    ),
    "muon_others": (keras.optimizers.Muon, dict(learning_rate=0.01, muon_a=3.0, muon_b=-4.0, muon_c=1.5, adam_lr_ratio=0.1, weight_decay=None)),
    "muon_excluded": (keras.optimizers.Muon, dict(learning_rate=0.01, exclude_layers=["ker.*"])),
    "schedule_free_adamw": (keras.optimizers.ScheduleFreeAdamW, dict(learning_rate=0.01)),
    "schedule_free_adamw_warm": (
        keras.optimizers.ScheduleFreeAdamW,
        dict(learning_rate=0.02, beta_1=0.7, beta_2=0.9, epsilon=1e-2, warmup_steps=3),
    ),
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
    "loss_scale_factor": dict(loss_scale_factor=8.0),
}
CROSSED = ["sgd", "sgd_nesterov", "rmsprop", "rmsprop_centered_momentum", "adagrad", "adadelta", "adam", "adam_amsgrad", "adamw", "nadam",
           "adamax", "adafactor", "ftrl", "lion", "lamb", "muon", "schedule_free_adamw"]


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
    case = {"name": name, "class_name": getattr(cls, "__name__", ""), "arguments": arguments, "serialized": serialized(optimizer), "variables_after": []}
    case["learning_rates"] = []
    for step in steps:
        if not isinstance(optimizer, keras.optimizers.MultiOptimizer):  # which has none
            case["learning_rates"].append(float(str(keras.ops.convert_to_numpy(optimizer.learning_rate))))
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in step], variables)
        case["variables_after"].append(arrays(variables))
    case["optimizer_variables"] = [{"path": v.path, "name": v.name, **array(v)} for v in optimizer.variables]
    if arguments.get("use_ema"):
        optimizer.finalize_variable_values(variables)  # what `fit` does at its end
        case["variables_finalized"] = arrays(variables)
    return case


# Optimizers that hold others: functions, since an optimizer serves one set of variables.
WRAPPED = {
    "loss_scale": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01), initial_scale=4.0, dynamic_growth_steps=3),
    "loss_scale_accumulation": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.1, momentum=0.9, gradient_accumulation_steps=2, use_ema=True, ema_momentum=0.8), initial_scale=2.0
    ),
    # What Keras's classes keep as plain attributes is not in the wrapper's state.
    "loss_scale_nadam": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Nadam(0.01), initial_scale=4.0),
    "loss_scale_adafactor": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adafactor(0.1), initial_scale=4.0),
    "multi": lambda: keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.1, momentum=0.9), {"ker.*": keras.optimizers.Adam(0.01)})
    ),
    "multi_scaled": lambda: keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.1), {"ker.*": keras.optimizers.Adam(0.01)}), loss_scale_factor=4.0
    ),
    "multi_default_alone": lambda: keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(keras.optimizers.RMSprop(0.01))),
}


def wrapped(name, make_optimizer, start, steps):
    """As `run`; the second step of a loss scale has an infinite gradient, which must change nothing but the scale."""
    keras.backend.clear_session()
    made = serialized(make_optimizer())
    if name.startswith("loss_scale"):
        steps = [list(step) for step in steps]
        steps[1] = [steps[1][0], steps[1][1].copy()]
        steps[1][1][2] = np.inf
    case = run(name, lambda: make_optimizer(), {}, start, steps)
    case["class_name"], case["arguments"] = made["class_name"], made["config"]
    if name.startswith("loss_scale"):
        case["gradients"] = [arrays(step) for step in steps]
    return case


def make():
    mend_schedule_free()
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
    cases += [wrapped(name, make, start, steps) for name, make in WRAPPED.items()]
    keras.backend.clear_session()
    defaults = {cls.__name__: serialized(cls()) for cls, _ in BASES.values()}
    write("optimizers", cases, start=arrays(start), gradients=[arrays(s) for s in steps], defaults=defaults)


if __name__ == "__main__":
    make()
