"""input_scaling.json: the network of the lectures' experiment on the scale of inputs, on all of MNIST, by Keras, with three seeds.

The recipe is that of examples/lectures/input_scaling.cpp: two layers of 50 ReLU neurons, pixels as they are, divided by 255, or normalised
by a BatchNormalization layer, SGD with a learning rate of 0.1, batches of 32, three epochs. The lecture's page names these numbers beside
hebb's. Not part of make_goldens.py, since it takes minutes: python make_input_scaling.py FOLDER_OF_MNIST"""

import json
import pathlib
import sys

import keras
from make_mnist_table import read

INPUTS = {"unscaled": [], "with batch normalisation": [keras.layers.BatchNormalization], "scaled to 0 to 1": []}
SEEDS = 3


def train(inputs, seed, data):
    (x, y), test = data
    keras.utils.set_random_seed(seed)
    # The images are read as numbers from 0 to 1.
    scale = [] if inputs.startswith("scaled") else [keras.layers.Rescaling(255.0)]
    first = [make() for make in INPUTS[inputs]]
    hidden = [keras.layers.Dense(50, activation="relu") for _ in range(2)]
    model = keras.Sequential([keras.Input((784,)), *scale, *first, *hidden, keras.layers.Dense(10, activation="softmax")])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=3, verbose=0)
    return round(float(model.evaluate(*test, batch_size=500, verbose=0)[1]), 4)


def main():
    folder = pathlib.Path(sys.argv[1])
    data = read(folder, "train"), read(folder, "t10k")
    accuracies = {}
    for inputs in INPUTS:
        accuracies[inputs] = [train(inputs, seed, data) for seed in range(1, SEEDS + 1)]
        print(inputs, accuracies[inputs], flush=True)
    result = {"keras": keras.__version__, "backend": keras.backend.backend(), "accuracies": accuracies}
    pathlib.Path(__file__).with_name("input_scaling.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
