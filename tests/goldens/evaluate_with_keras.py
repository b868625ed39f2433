#!/usr/bin/env python3
"""The test accuracy, by real Keras, of a classifier of digits that hebb wrote.

  evaluate_with_keras.py MODEL.keras MNIST_FOLDER [--scale F] [--limit N]

MNIST_FOLDER holds t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, plain or gzipped. The images are given as they are stored, 0 to 255,
28x28x1 float32 (hebb's built-in models start with Rescaling); --scale multiplies them, and a model whose input is (784,) gets them flat.
Prints one line: accuracy, loss and the number of right answers.
"""

import argparse
import gzip
import os
import struct

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras  # noqa: E402
import numpy as np  # noqa: E402


def read_idx(folder, name):
    path = os.path.join(folder, name)
    if os.path.exists(path):
        with open(path, "rb") as f:
            data = f.read()
    else:
        with gzip.open(path + ".gz") as f:
            data = f.read()
    zero, kind, rank = struct.unpack(">HBB", data[:4])
    assert zero == 0 and kind == 8, f"{path}: not an IDX file of unsigned bytes"
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("folder")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--limit", type=int)
    arguments = parser.parse_args()

    model = keras.saving.load_model(arguments.model)
    x = read_idx(arguments.folder, "t10k-images-idx3-ubyte")[: arguments.limit]
    y = read_idx(arguments.folder, "t10k-labels-idx1-ubyte")[: arguments.limit].astype("int64")
    x = (x.astype("float32") * np.float32(arguments.scale)).reshape((len(x),) + tuple(model.inputs[0].shape[1:]))
    p = model.predict(x, batch_size=256, verbose=0)
    right = int((p.argmax(-1) == y).sum())
    loss = float(-np.log(np.clip(p[np.arange(len(y)), y], 1e-7, 1)).mean())
    print(f"accuracy {right / len(y):.4f} loss {loss:.4f} right {right} of {len(y)}")


if __name__ == "__main__":
    main()
