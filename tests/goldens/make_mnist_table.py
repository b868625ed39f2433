"""mnist_table.json: the five networks of the lectures' table on every tenth training image of MNIST, by Keras, with ten seeds each.

The recipe is that of examples/lectures/mnist_table.cpp: pixels from 0 to 1 less the training images' mean of each, SGD with a learning
rate of 0.1 and Nesterov's momentum of 0.9, batches of 50, a tenth held out for validation, early stopping on its accuracy with a
patience of 5. Where the numbers of one training of the lecture lie among these says how much of them is chance; the lecture's page shows
them beside hebb's. Not part of make_goldens.py, since it takes minutes: python make_mnist_table.py FOLDER_OF_MNIST"""

import gzip
import json
import pathlib
import sys

import keras
import numpy as np

NETWORKS = {"none": [], "50": [50], "200": [200], "1000": [1000], "500-500": [500, 500]}
SEEDS = 10


def read(folder, part):
    """Images as rows of numbers from 0 to 1, and their digits, of the IDX files."""
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        x = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784).astype("float32") / 255
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        return x, np.frombuffer(file.read(), np.uint8, offset=8)


def train(units, seed, data):
    (x, y), test = data
    keras.utils.set_random_seed(seed)
    hidden = [keras.layers.Dense(each, activation="relu") for each in units]
    model = keras.Sequential([keras.Input((784,)), *hidden, keras.layers.Dense(10, activation="softmax")])
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True), loss="sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    history = model.fit(x, y, batch_size=50, epochs=100, validation_split=0.1, verbose=0,
                        callbacks=[keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=5)])
    return {"accuracy": round(float(model.evaluate(*test, batch_size=500, verbose=0)[1]), 4), "epochs": len(history.epoch)}


def main():
    folder = pathlib.Path(sys.argv[1])
    (x, y), (x_test, y_test) = read(folder, "train"), read(folder, "t10k")
    x, y = x[::10], y[::10]
    mean = x.mean(0)
    data = (x - mean, y), (x_test - mean, y_test)
    table = {}
    for name, units in NETWORKS.items():
        runs = [train(units, seed, data) for seed in range(1, SEEDS + 1)]
        accuracies = [run["accuracy"] for run in runs]
        table[name] = {"mean": round(float(np.mean(accuracies)), 4), "least": min(accuracies), "most": max(accuracies), "runs": runs}
        print(name, table[name], flush=True)
    result = {"keras": keras.__version__, "backend": keras.backend.backend(), "networks": table}
    pathlib.Path(__file__).with_name("mnist_table.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
