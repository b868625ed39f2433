"""hebb's random numbers, for Keras: what a layer of hebb with a seed draws (hebb/ops/random.h), so that goldens hold for draws too.

  draws = Draws(seed)
  with draws.given_to_keras():
      ...                      # keras.random.uniform, normal, randint, shuffle, beta and gamma, as layers call them, are hebb's
"""

import contextlib

import numpy as np

import keras


def philox(counter, key):
    """Philox4x32-10 of arrays (n, 4) and (n, 2) of whole numbers."""
    c = [counter[:, i].astype(np.uint64) for i in range(4)]
    k = [key[:, i].astype(np.uint64) for i in range(2)]
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ k[0], p1 & low, (p0 >> np.uint64(32)) ^ c[3] ^ k[1], p0 & low]
        k = [(k[0] + np.uint64(0x9E3779B9)) & low, (k[1] + np.uint64(0xBB67AE85)) & low]
    return np.stack(c, axis=1)


class Draws:
    """The draws of one layer, each of which takes the next state. `order`: which states Keras's first draws take, where it asks in another order than hebb."""

    CANDIDATES = 8

    def __init__(self, seed, order=()):
        self.seed, self.order = seed, order
        self.begin()

    def begin(self):
        self.state, self.waiting = 0, list(self.order)

    def next_state(self):
        if self.waiting:
            return self.waiting.pop(0)
        self.state += 1
        return self.state

    def words(self, count):
        state = self.next_state()
        i = np.arange(count)
        block = i // 64 * 16 + i % 16
        counter = np.stack([block, 0 * block, 0 * block + state, 0 * block], axis=1)
        key = np.tile([[self.seed & 0xFFFFFFFF, self.seed >> 32]], (count, 1))
        return philox(counter, key), i // 16 % 4

    def uniform(self, shape=(), minval=0.0, maxval=1.0, dtype=None, seed=None):
        shape = tuple(int(n) for n in shape)
        words, own = self.words(int(np.prod(shape)))
        u = (words[np.arange(len(own)), own] >> np.uint64(8)) * 2.0**-24
        return keras.ops.convert_to_tensor((minval + u * (maxval - minval)).reshape(shape).astype(dtype or "float32"))

    def normal(self, shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
        shape = tuple(int(n) for n in shape)
        words, own = self.words(int(np.prod(shape)))
        u = (words >> np.uint64(8)) * 2.0**-24
        rows, pair = np.arange(len(own)), own // 2 * 2
        radius, angle = np.sqrt(-2 * np.log(1 - u[rows, pair])), 2 * np.pi * u[rows, pair + 1]
        x = radius * np.where(own == pair, np.cos(angle), np.sin(angle))
        return keras.ops.convert_to_tensor((mean + stddev * x).reshape(shape).astype(dtype or "float32"))

    def randint(self, shape, minval, maxval, dtype="int32", seed=None):
        low, high = int(minval), int(maxval)
        return keras.ops.cast(keras.ops.floor(self.uniform(shape, low, high)), dtype)

    def shuffle(self, x, axis=0, seed=None):
        u = np.asarray(self.uniform(x.shape[:1]))
        ranks = np.argsort(np.argsort(u, kind="stable"), kind="stable")
        return keras.ops.take(x, ranks, axis=0)

    def log_gamma(self, rows, count, alpha):
        """Marsaglia and Tsang's numbers from Gamma(alpha + 1), as many candidates as hebb has, by logarithms, and what makes them of alpha."""
        a = float(alpha)
        d = a + 2 / 3
        x = np.asarray(self.normal((self.CANDIDATES, rows, count)), "float64")
        u = 1 - np.asarray(self.uniform((self.CANDIDATES, rows, count)), "float64")
        v = (1 + x / np.sqrt(9 * d)) ** 3
        positive = np.maximum(v, 1e-30)
        taken = (v > 0) & (np.log(u) < x * x / 2 + d - d * v + d * np.log(positive))
        first = np.where(taken.any(axis=0), taken.argmax(axis=0), self.CANDIDATES - 1)
        chosen = np.take_along_axis(positive, first[None], axis=0)[0]
        return np.log(chosen) + np.log(1 - np.asarray(self.uniform((rows, count)), "float64")) / a

    def beta(self, shape, alpha, beta, dtype=None, seed=None):
        """alpha = beta."""
        gamma = self.log_gamma(2, int(np.prod(shape)), alpha)
        return keras.ops.convert_to_tensor((1 / (1 + np.exp(gamma[1] - gamma[0]))).reshape(shape).astype(dtype or "float32"))

    def gamma(self, shape, alpha, dtype=None, seed=None):
        """But for one factor, which shares do not have."""
        gamma = self.log_gamma(1, int(shape[0]), alpha)[0]
        return keras.ops.convert_to_tensor(np.exp(gamma - gamma.max()).astype(dtype or "float32"))

    @contextlib.contextmanager
    def given_to_keras(self):
        module = keras.src.backend.random
        names = ("uniform", "normal", "randint", "shuffle", "beta", "gamma")
        own = {name: getattr(module, name) for name in names}
        try:
            for name in names:
                setattr(module, name, getattr(self, name))
            yield self
        finally:
            for name, function in own.items():
                setattr(module, name, function)
