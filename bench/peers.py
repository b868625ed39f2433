#!/usr/bin/env python3
"""Times other frameworks on the workloads of bench/workload.cpp, one framework and one workload a process.

  peers.py list
  peers.py FRAMEWORK WORKLOAD [--data MNIST_FOLDER] [--steps N] [--repeat N] [--threads N] [--work FOLDER]

`list` prints the frameworks, the modules each needs and the workloads each can do. A run prints one line of JSON: the
milliseconds that training steps (or calls) take once warm, the time until the first was done (of the process, if
BENCH_STARTED in the environment says when it was started), and the peak memory in MiB. FOLDER keeps files that are made
once: the networks as ONNX files.
"""
import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import time

STARTED = float(os.environ.get("BENCH_STARTED", time.time()))

TRAINING = {"mlp-50": ((784,), 50), "mlp-200": ((784,), 50), "mlp-1000": ((784,), 50), "mlp-500x2": ((784,), 50),
            "cnn": ((28, 28, 1), 32), "resnet20": ((32, 32, 3), 128), "lstm": ((100, 64), 32),
            "transformer": ((64, 128), 32)}
INFERENCE = {"infer-mlp-1": ("mlp-500x2", 1), "infer-mlp-64": ("mlp-500x2", 64), "infer-cnn-1": ("cnn", 1),
             "infer-cnn-256": ("cnn", 256), "infer-resnet20-1": ("resnet20", 1), "infer-resnet20-64": ("resnet20", 64),
             "infer-lstm-1": ("lstm", 1)}
# What hebb does in fewer bits the peer does as before, in float32.
QUANTIZED = {f"{name}-{mode}": INFERENCE[name] for name, mode in [
    ("infer-mlp-1", "int8"), ("infer-mlp-1", "bfloat16"), ("infer-mlp-64", "int8"), ("infer-mlp-64", "bfloat16"),
    ("infer-cnn-1", "int8"), ("infer-cnn-256", "int8"), ("infer-resnet20-1", "int8"), ("infer-resnet20-64", "int8")]}
FRAMEWORKS = {  # the modules needed, the workloads
    "keras-tf": (["keras", "tensorflow"], [*TRAINING, *INFERENCE]),
    "keras-jax": (["keras", "jax"], [*TRAINING, *INFERENCE]),
    "torch": (["torch"], [*TRAINING, *INFERENCE]),
    "torch-compile": (["torch"], [*TRAINING, *INFERENCE]),
    "sklearn": (["sklearn"], [name for name in TRAINING if name.startswith("mlp")]),
    "onnxruntime": (["onnxruntime", "onnx", "torch"], [*INFERENCE, *QUANTIZED]),
}
HIDDEN = {"mlp-50": [50], "mlp-200": [200], "mlp-1000": [1000], "mlp-500x2": [500, 500]}


def examples(shape, count, folder):
    import numpy as np
    if folder and shape in ((784,), (28, 28, 1)):
        with gzip.open(os.path.join(folder, "train-images-idx3-ubyte.gz")) as file:
            x = np.frombuffer(file.read(), np.uint8, offset=16)
        with gzip.open(os.path.join(folder, "train-labels-idx1-ubyte.gz")) as file:
            y = np.frombuffer(file.read(), np.uint8, offset=8)
        x = x.reshape((60000,) + shape)[:count].astype("float32") / 255
        return x, y[:count].astype("int32")
    random = np.random.default_rng(1)
    return random.standard_normal((count,) + shape, dtype="float32"), random.integers(0, 10, count).astype("int32")


def seconds_since_start():
    return time.time() - STARTED


def timed_calls(call, repeat):
    for _ in range(5):
        call()
    times = []
    for _ in range(repeat):
        begin, calls = time.perf_counter(), 0
        while time.perf_counter() - begin < 0.4:
            call()
            calls += 1
        times.append((time.perf_counter() - begin) / calls)
    return times


def keras_model(name):
    import keras
    from keras import layers
    given = keras.Input(TRAINING[name][0])
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)
    if name == "cnn":
        x = layers.Conv2D(32, 5, activation="relu")(given)
        x = layers.Conv2D(32, 5, activation="relu")(x)
        x = layers.Flatten()(layers.Dropout(0.25)(layers.MaxPooling2D(2)(x)))
        x = layers.Dropout(0.5)(layers.Dense(128, activation="relu")(x))
        optimizer = keras.optimizers.Adadelta(1.0)
    elif name == "resnet20":
        def conv(x, filters, stride):
            return layers.BatchNormalization()(layers.Conv2D(filters, 3, stride, "same", use_bias=False)(x))
        x = layers.ReLU()(conv(given, 16, 1))
        for filters in (16, 32, 64):
            for block in range(3):
                stride = 2 if block == 0 and filters > 16 else 1
                y = conv(layers.ReLU()(conv(x, filters, stride)), filters, 1)
                if stride == 2:
                    x = layers.BatchNormalization()(layers.Conv2D(filters, 1, 2, use_bias=False)(x))
                x = layers.ReLU()(layers.Add()([x, y]))
        x = layers.GlobalAveragePooling2D()(x)
        optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
    elif name == "lstm":
        x = layers.LSTM(128)(given)
        optimizer = keras.optimizers.Adam()
    elif name == "transformer":
        x = given
        for _ in range(2):
            x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(4, 32)(x, x)]))
            hidden = layers.Dense(512, activation="gelu")(x)
            x = layers.LayerNormalization()(layers.Add()([x, layers.Dense(128)(hidden)]))
        x = layers.GlobalAveragePooling1D()(x)
        optimizer = keras.optimizers.Adam()
    else:
        x = given
        for units in HIDDEN[name]:
            x = layers.Dense(units, activation="relu")(x)
    model = keras.Model(given, layers.Dense(10, activation="softmax")(x))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def run_keras(workload, options):
    if workload in INFERENCE:
        base, batch = INFERENCE[workload]
        model = keras_model(base)
        x, _ = examples(TRAINING[base][0], batch, options.data)
        model.predict_on_batch(x)
        first = seconds_since_start()
        return first, timed_calls(lambda: model.predict_on_batch(x), options.repeat)
    shape, batch = TRAINING[workload]
    x, y = examples(shape, batch * options.steps, options.data)
    count = len(x) // batch * batch
    x, y = x[:count], y[:count]
    model = keras_model(workload)
    model.train_on_batch(x[:batch], y[:batch])
    first = seconds_since_start()
    model.fit(x, y, batch_size=batch, verbose=0)
    times = []
    for _ in range(options.repeat):
        begin = time.perf_counter()
        model.fit(x, y, batch_size=batch, verbose=0)
        times.append((time.perf_counter() - begin) / (count // batch))
    return first, times


def torch_model(name):
    import torch
    from torch import nn
    if name == "cnn":
        model = nn.Sequential(nn.Conv2d(1, 32, 5), nn.ReLU(), nn.Conv2d(32, 32, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(),
                              nn.Linear(3200, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)).to(memory_format=torch.channels_last)
        return model, torch.optim.Adadelta(model.parameters(), 1.0)
    if name == "resnet20":
        class Block(nn.Module):
            def __init__(self, channels, filters, stride):
                super().__init__()
                self.main = nn.Sequential(nn.Conv2d(channels, filters, 3, stride, 1, bias=False), nn.BatchNorm2d(filters), nn.ReLU(),
                                          nn.Conv2d(filters, filters, 3, 1, 1, bias=False), nn.BatchNorm2d(filters))
                self.side = nn.Identity()
                if stride == 2:
                    self.side = nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

            def forward(self, x):
                return torch.relu(self.main(x) + self.side(x))

        layers, channels = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
        for filters in (16, 32, 64):
            for block in range(3):
                layers.append(Block(channels, filters, 2 if block == 0 and filters > 16 else 1))
                channels = filters
        model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)).to(memory_format=torch.channels_last)
        return model, torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    if name == "lstm":
        class Last(nn.Module):
            def __init__(self):
                super().__init__()
                self.lstm, self.head = nn.LSTM(64, 128, batch_first=True), nn.Linear(128, 10)

            def forward(self, x):
                return self.head(self.lstm(x)[0][:, -1])

        model = Last()
        return model, torch.optim.Adam(model.parameters())
    if name == "transformer":
        class Encoder(nn.Module):
            def __init__(self):
                super().__init__()
                layer = nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0, activation="gelu", batch_first=True)
                self.encoder, self.head = nn.TransformerEncoder(layer, 2), nn.Linear(128, 10)

            def forward(self, x):
                return self.head(self.encoder(x).mean(1))

        model = Encoder()
        return model, torch.optim.Adam(model.parameters())
    sizes = [784] + HIDDEN[name]
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(sizes[-1], 10))
    return model, torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, nesterov=True)


def run_torch(workload, options, compiled):
    import torch
    torch.set_num_threads(options.threads)
    base, batch = (workload, TRAINING[workload][1]) if workload in TRAINING else INFERENCE[workload]
    x, y = examples(TRAINING[base][0], batch * options.steps if workload in TRAINING else batch, options.data)
    count = len(x) // batch * batch
    x, y = torch.tensor(x[:count]), torch.tensor(y[:count]).long()
    if x.ndim == 4:
        x = x.permute(0, 3, 1, 2)
    model, optimizer = torch_model(base)
    if workload in INFERENCE:
        model.eval()
        function = torch.compile(model) if compiled else model

        def call():
            with torch.inference_mode():
                return function(x)
        call()
        first = seconds_since_start()
        return first, timed_calls(call, options.repeat)
    cross_entropy = torch.nn.CrossEntropyLoss()

    def loss_of(xs, ys):
        return cross_entropy(model(xs), ys)
    function = torch.compile(loss_of) if compiled else loss_of

    def step(xs, ys):
        optimizer.zero_grad(set_to_none=True)
        loss = function(xs, ys)
        loss.backward()
        optimizer.step()
        return loss
    step(x[:batch], y[:batch])
    first = seconds_since_start()
    for _ in range(5):
        step(x[:batch], y[:batch])
    times = []
    for _ in range(options.repeat):
        order = torch.randperm(count)
        begin, total = time.perf_counter(), 0.0
        for at in range(0, count, batch):
            chosen = order[at:at + batch]
            total += step(x[chosen], y[chosen]).item()
        times.append((time.perf_counter() - begin) / (count // batch))
    return first, times


def run_sklearn(workload, options):
    import warnings
    from sklearn.neural_network import MLPClassifier
    warnings.simplefilter("ignore")  # that one epoch has not converged is known
    batch = TRAINING[workload][1]
    x, y = examples((784,), batch * options.steps, options.data)
    count = len(x) // batch * batch
    x, y = x[:count], y[:count]
    model = MLPClassifier(HIDDEN[workload], solver="sgd", alpha=0, batch_size=batch, learning_rate_init=0.1, momentum=0.9,
                          max_iter=1, warm_start=True)
    # It wants to see all classes in the first fit.
    model.fit(x[:batch], y[:batch]) if len(set(y[:batch])) == 10 else model.fit(x[:10 * batch], y[:10 * batch])
    first = seconds_since_start()
    times = []
    for _ in range(options.repeat):
        begin = time.perf_counter()
        model.fit(x, y)
        times.append((time.perf_counter() - begin) / (count // batch))
    return first, times


def export_onnx(base, path):
    """PyTorch's network as an ONNX file."""
    import torch
    import warnings
    warnings.simplefilter("ignore")
    model, _ = torch_model(base)
    model.eval()
    shape = TRAINING[base][0]
    shape = (shape[2], shape[0], shape[1]) if len(shape) == 3 else shape
    torch.onnx.export(model, (torch.zeros((1,) + shape),), path, input_names=["x"], dynamic_axes={"x": {0: "n"}}, dynamo=False)


def run_onnxruntime(workload, options):
    base, batch = {**INFERENCE, **QUANTIZED}[workload]
    path = os.path.join(options.work, base + ".onnx")
    begin = time.time()
    if not os.path.exists(path):  # by a process of its own, whose memory and time do not count
        os.makedirs(options.work, exist_ok=True)
        subprocess.run([sys.executable, os.path.abspath(__file__), "export", base, "--work", options.work], check=True, stdout=sys.stderr)
    exporting = time.time() - begin
    import numpy as np
    import onnxruntime
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    x, _ = examples(TRAINING[base][0], batch, options.data)
    if x.ndim == 4:
        x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))

    def call():
        return session.run(None, {"x": x})
    call()
    return seconds_since_start() - exporting, timed_calls(call, options.repeat)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("framework", choices=[*FRAMEWORKS, "list", "export"])
    parser.add_argument("workload", nargs="?", choices=[*TRAINING, *INFERENCE, *QUANTIZED])
    parser.add_argument("--data")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--work", default="build/peers")
    options = parser.parse_args()
    if options.framework == "list":
        print(json.dumps(FRAMEWORKS))
        return
    if not options.workload:
        parser.error("expected a workload")
    options.steps = options.steps or (400 if options.workload.startswith("mlp") else 40 if options.workload in ("cnn", "lstm", "transformer") else 10)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if options.framework == "export":
        path = os.path.join(options.work, options.workload + ".onnx")
        export_onnx(options.workload, path + ".part")
        os.replace(path + ".part", path)
        return
    if options.framework.startswith("torch"):
        first, times = run_torch(options.workload, options, options.framework == "torch-compile")
    elif options.framework == "sklearn":
        first, times = run_sklearn(options.workload, options)
    elif options.framework == "onnxruntime":
        first, times = run_onnxruntime(options.workload, options)
    else:
        os.environ["KERAS_BACKEND"] = {"keras-tf": "tensorflow", "keras-jax": "jax"}[options.framework]
        first, times = run_keras(options.workload, options)
    times = sorted(1e3 * seconds for seconds in times)
    print(json.dumps({"framework": options.framework, "workload": options.workload, "threads": options.threads,
                      "ms": times[len(times) // 2], "times_ms": times, "first_s": first,
                      "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main()
