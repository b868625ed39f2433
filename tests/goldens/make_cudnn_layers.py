"""cudnn_layers.h5 and .json: Keras 2's CuDNNLSTM and CuDNNGRU, saved by tf_keras, and what tf_keras predicts when LSTM and GRU have their weights."""

import os

from golden_format import FOLDER, array, normal, rng, write

import tf_keras as keras
from tf_keras.api._v1.keras.layers import CuDNNGRU, CuDNNLSTM

L = keras.layers


def model(lstm, gru, **reset):
    """Wrapped and not, with as many features as units and with others."""
    return keras.Sequential([
        L.InputLayer((5, 3)), lstm(4, return_sequences=True, name="wide"), lstm(4, return_sequences=True, name="square"), L.Bidirectional(gru(3, return_sequences=True, name="both", **reset), name="wrapped"),
        gru(2, name="last", **reset), L.Dense(2, name="head")])


def make():
    g = rng("cudnn layers")
    old = model(CuDNNLSTM, CuDNNGRU)  # which can be built everywhere, and computes on GPUs alone
    for w in old.weights:
        w.assign(normal(g, w.shape, 0.4))
    path = os.path.join(FOLDER, "cudnn_layers.h5")
    old.save(path)
    new = model(L.LSTM, L.GRU, reset_after=True)
    new.load_weights(path)
    x = normal(g, (4, 5, 3))
    write("cudnn_layers", [{"name": "cudnn_layers", "input": array(x), "predictions": array(new.predict(x, verbose=0))}])


if __name__ == "__main__":
    make()
