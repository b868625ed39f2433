"""whole_set.json: what SciPy's minimisers reach on a small net, and in how many evaluations."""

from golden_format import plain, rng, write

import numpy as np
from scipy.optimize import least_squares, minimize

INPUTS, HIDDEN = 1, 2
SIZES = [(INPUTS, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,)]


def parts(w):
    out, at = [], 0
    for size in SIZES:
        count = int(np.prod(size))
        out.append(w[at : at + count].reshape(size))
        at += count
    return out


def residuals_and_jacobian(w, x, y):
    kernel, bias, out_kernel, out_bias = parts(w)
    h = np.tanh(x @ kernel + bias)
    d = (1 - h**2) * out_kernel.T
    jacobian = np.concatenate([x * d, d, h, np.ones((len(x), 1))], axis=1)
    return (h @ out_kernel + out_bias - y).ravel(), jacobian


def make():
    x = np.linspace(-2, 2, 40)[:, None]
    y = np.tanh(2 * x - 1) - 0.7 * np.tanh(1.5 * x + 1) + 0.3 + 0.1 * rng("whole set noise").normal(0, 1, x.shape)
    cases = []
    for seed in range(4):
        start = rng(f"whole set {seed}").normal(0, 1, sum(int(np.prod(s)) for s in SIZES))

        def loss(w):
            r, jacobian = residuals_and_jacobian(w, x, y)
            return np.mean(r**2), 2 / len(r) * jacobian.T @ r

        case = {"name": f"net_{seed}", "x": x.ravel(), "y": y.ravel(), "start": start}
        for key, method in (("conjugate_gradient", "CG"), ("lbfgs", "L-BFGS-B")):
            options = {"gtol": 1e-4, "maxiter": 2000}
            if method != "CG":
                options |= {"ftol": 0, "maxcor": 10}
            found = minimize(loss, start, jac=True, method=method, options=options)
            case[key] = {"loss": found.fun, "evaluations": found.nfev, "iterations": found.nit}
        found = least_squares(
            lambda w: residuals_and_jacobian(w, x, y)[0], start, lambda w: residuals_and_jacobian(w, x, y)[1],
            method="lm", gtol=1e-8, ftol=1e-10, xtol=1e-10)
        case["levenberg_marquardt"] = {"loss": np.mean(found.fun**2), "evaluations": found.nfev, "iterations": found.njev}
        cases.append(plain({k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in case.items()}))
    write("whole_set", cases)
    for case in cases:
        print({k: v for k, v in case.items() if isinstance(v, dict)})


if __name__ == "__main__":
    make()
