"""schedules.json: learning rates of the schedules at many steps."""

from golden_format import number, plain, serialized, write

import keras

S = keras.optimizers.schedules
STEPS = [0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 15, 19, 20, 21, 25, 29, 30, 31, 50, 99, 100, 101, 1000, 123457]

SCHEDULES = {
    "exponential": (S.ExponentialDecay, dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.9)),
    "exponential_staircase": (S.ExponentialDecay, dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.9, staircase=True)),
    "exponential_between_steps": (S.ExponentialDecay, dict(initial_learning_rate=0.1, decay_steps=2.5, decay_rate=0.9, staircase=True)),
    "exponential_long": (S.ExponentialDecay, dict(initial_learning_rate=0.3, decay_steps=1000, decay_rate=0.96)),
    "exponential_named": (S.ExponentialDecay, dict(initial_learning_rate=0.01, decay_steps=7, decay_rate=1.1, name="growing")),
    "piecewise": (S.PiecewiseConstantDecay, dict(boundaries=[10, 20, 30], values=[0.1, 0.05, 0.01, 0.001])),
    "piecewise_between_steps": (S.PiecewiseConstantDecay, dict(boundaries=[1.5, 4, 6.9], values=[1.0, 0.5, 0.2, 0.1])),
    "piecewise_one": (S.PiecewiseConstantDecay, dict(boundaries=[4], values=[1.0, 0.5])),
    "cosine": (S.CosineDecay, dict(initial_learning_rate=0.1, decay_steps=30)),
    "cosine_alpha": (S.CosineDecay, dict(initial_learning_rate=0.1, decay_steps=30, alpha=0.2)),
    "cosine_warmup": (S.CosineDecay, dict(initial_learning_rate=0.0, decay_steps=20, warmup_target=0.1, warmup_steps=10)),
    "cosine_warmup_alpha": (S.CosineDecay, dict(initial_learning_rate=0.01, decay_steps=25, alpha=0.1, warmup_target=0.2, warmup_steps=5)),
    "cosine_warmup_target_only": (S.CosineDecay, dict(initial_learning_rate=0.05, decay_steps=25, warmup_target=0.2)),
    "cosine_warmup_steps_only": (S.CosineDecay, dict(initial_learning_rate=0.05, decay_steps=25, warmup_steps=5)),
    "polynomial": (S.PolynomialDecay, dict(initial_learning_rate=0.1, decay_steps=20, end_learning_rate=0.01)),
    "cosine_between_steps": (S.CosineDecay, dict(initial_learning_rate=0.1, decay_steps=19.5)),
    "polynomial_cycle": (S.PolynomialDecay, dict(initial_learning_rate=0.1, decay_steps=20, end_learning_rate=0.01, power=2.0, cycle=True)),
    "inverse_time": (S.InverseTimeDecay, dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5)),
    "inverse_time_staircase": (S.InverseTimeDecay, dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=1.5, staircase=True)),
    "cosine_restarts_plain": (S.CosineDecayRestarts, dict(initial_learning_rate=0.2, first_decay_steps=20)),
    "cosine_restarts_even": (S.CosineDecayRestarts, dict(initial_learning_rate=0.1, first_decay_steps=8, t_mul=1.0)),
    "cosine_restarts": (S.CosineDecayRestarts, dict(initial_learning_rate=0.1, first_decay_steps=10, t_mul=2.0, m_mul=0.5, alpha=0.1)),
}


def make():
    cases = []
    for name, (cls, arguments) in SCHEDULES.items():
        schedule = cls(**arguments)
        # The optimizer hands its int64 iteration to the schedule.
        rates = [number(keras.ops.convert_to_numpy(schedule(keras.ops.convert_to_tensor(s, dtype="int64")))) for s in STEPS]
        cases.append({"name": name, "class_name": cls.__name__, "arguments": plain(arguments), "serialized": serialized(schedule), "steps": STEPS, "learning_rates": rates})
    write("schedules", cases)


if __name__ == "__main__":
    make()
