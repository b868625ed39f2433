"""training_callbacks.json: trainings of one weight with the callbacks that change them or write of them."""

import copy
import glob
import http.server
import json
import os
import tempfile
import threading
import urllib.parse

from golden_format import plain, write

import keras
import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorboard.plugins.projector import projector_config_pb2
from tensorflow.core.util import event_pb2

C = keras.callbacks

X, Y = np.array([[1.0], [2.0]], "float32"), np.array([[1.0], [3.0]], "float32")


def line(**options):
    """A model of one weight, and what `fit` is called with: a training that has the same numbers everywhere."""
    keras.backend.clear_session()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name="line")], name="tiny")
    model.compile(keras.optimizers.SGD(0.1, **options), "mse", jit_compile=False)
    return model, dict(x=X, y=Y, batch_size=1, shuffle=False, verbose=0)


def weight(model):
    return float(str(model.get_weights()[0][0, 0]))


def swap_ema_weights():
    """The losses of validations, the weight at the end of each epoch (as a callback behind sees it), and at last."""
    records = []
    for name, arguments, validates in [("validation", {}, True), ("epoch", dict(swap_on_epoch=True), True), ("without_validation", dict(swap_on_epoch=True), False)]:
        model, call = line(use_ema=True, ema_momentum=0.5)
        seen = []
        look = C.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(weight(model)))
        validation = dict(validation_data=(X, Y), validation_batch_size=1) if validates else {}
        history = model.fit(**call, **validation, epochs=3, callbacks=[C.SwapEMAWeights(**arguments), look])
        records.append({"callback": "SwapEMAWeights", "name": name, "arguments": arguments, "val_loss": [float(v) for v in history.history.get("val_loss", [])],
                        "weights_at_epoch_end": seen, "weight": weight(model)})
    return records


class CutOff(Exception):
    pass


def backup_and_restore():
    """A training that is cut off in its third epoch, and the same call again."""
    records = []
    for name, arguments in [("epoch", {}), ("kept", dict(delete_checkpoint=False)), ("double", dict(double_checkpoint=True))]:
        record = {"callback": "BackupAndRestore", "name": name, "arguments": arguments}

        def cut(epoch, logs=None):
            if epoch == 2:
                raise CutOff

        with tempfile.TemporaryDirectory() as folder:
            backup = os.path.join(folder, "backup")
            model, call = line(momentum=0.9)
            try:
                model.fit(**call, epochs=5, callbacks=[C.BackupAndRestore(backup, **arguments), C.LambdaCallback(on_epoch_begin=cut)])
            except CutOff:
                pass
            record["files"] = [f for f in sorted(os.listdir(backup)) if not f.endswith(".bkp")]
            begun = []
            model, call = line(momentum=0.9)
            model.fit(**call, epochs=5, callbacks=[C.BackupAndRestore(backup, **arguments), C.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append(epoch))])
            record.update(epochs_begun=begun, weight=weight(model), folder_stays=os.path.exists(backup))
        records.append(record)
    return records


def model_checkpoint():
    """The files that are there after two epochs of two batches, and the weight in each."""
    records = []
    for name, arguments in [("batches", dict(save_freq=3)), ("each_batch", dict(save_freq=1))]:
        with tempfile.TemporaryDirectory() as folder:
            model, call = line()
            model.fit(**call, epochs=2, callbacks=[C.ModelCheckpoint(os.path.join(folder, "m-{epoch:02d}-{batch:02d}.keras"), **arguments)])
            files = {f: weight(keras.saving.load_model(os.path.join(folder, f))) for f in sorted(os.listdir(folder))}
        records.append({"callback": "ModelCheckpoint", "name": name, "arguments": arguments, "files": files})
    return records


def tensor_board():
    """What is in the event files, but for times: file by file the tags, their plugins and steps, and numbers that do not depend on time."""
    records = []
    for name, arguments in [("default", {}), ("all", dict(histogram_freq=2, write_images=True, write_steps_per_second=True, update_freq="batch")), ("every_third", dict(update_freq=3, write_graph=False))]:
        record = {"callback": "TensorBoard", "name": name, "arguments": arguments, "events": []}
        with tempfile.TemporaryDirectory() as folder:
            model, call = line()
            model.fit(**call, epochs=3, validation_data=(X, Y), validation_batch_size=1, callbacks=[C.TensorBoard(folder, **arguments)])
            for part in ("train", "validation"):
                (path,) = glob.glob(os.path.join(folder, part, "events.out.tfevents.*.v2"))
                for bytes_of_event in tf.data.TFRecordDataset(path):
                    event = event_pb2.Event.FromString(bytes_of_event.numpy())
                    for value in event.summary.value:
                        plugin = value.metadata.plugin_data.plugin_name
                        if plugin == "graph_run_metadata_graph" or value.tag.startswith("batch_1"):
                            continue
                        one = {"file": part, "tag": value.tag, "plugin": plugin, "step": event.step}
                        numbers = tf.make_ndarray(value.tensor)
                        if plugin == "scalars" and "per_second" not in value.tag:
                            one["values"] = [float(numbers)]
                        if plugin == "histograms":
                            one["values"] = [float(v) for v in numbers.reshape(-1)]
                        record["events"].append(one)
        records.append(plain(record))
    return records


def embeddings():
    """The files for TensorBoard's projector: their names, and what stands in the configuration."""
    records = []
    for name, given in [("embeddings", dict(embeddings_freq=2, embeddings_metadata={"words": "words.txt"})), ("embeddings_of_all", dict(embeddings_freq=1, embeddings_metadata="all.txt"))]:
        keras.backend.clear_session()
        arguments = copy.deepcopy(given)  # Keras takes the names out
        words = keras.Input((2,), dtype="int32")
        joined = keras.layers.Concatenate()([keras.layers.Embedding(4, 3, name=name)(words) for name in ("words", "others")])
        model = keras.Model(words, keras.layers.Dense(1)(keras.layers.Flatten()(joined)))
        model.compile("sgd", "mse", jit_compile=False)
        with tempfile.TemporaryDirectory() as folder:
            model.fit(np.array([[0, 1], [2, 3]], "int32"), Y, epochs=3, verbose=0, callbacks=[C.TensorBoard(folder, write_graph=False, **arguments)])
            config = projector_config_pb2.ProjectorConfig()
            with open(os.path.join(folder, "projector_config.pbtxt")) as file:
                text_format.Parse(file.read(), config)
            files = sorted(name for name in os.listdir(os.path.join(folder, "train")) if not name.startswith("events."))
        records.append({"callback": "TensorBoard", "name": name, "arguments": given, "files": files, "metadata": [each.metadata_path for each in config.embeddings]})
    return records


def remote_monitor():
    """What arrives at a server at the end of each epoch."""
    arrived = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            arrived.append({"path": self.path, "type": self.headers["content-type"], "token": self.headers.get("X-Token", ""), "body": body})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    records = []
    for name, arguments in [("form", {}), ("json", dict(send_as_json=True, path="/here", headers={"X-Token": "secret"})), ("field", dict(field="the numbers"))]:
        arrived.clear()
        model, call = line()
        monitor = C.RemoteMonitor(root=f"http://127.0.0.1:{server.server_port}", **arguments)
        model.fit(**call, epochs=2, validation_data=(X, Y), validation_batch_size=1, callbacks=[monitor])
        for request in arrived:
            text = request.pop("body")
            if not arguments.get("send_as_json"):
                ((request["field"], text),) = urllib.parse.parse_qsl(text)
            request["numbers"] = json.loads(text)
        records.append(plain({"callback": "RemoteMonitor", "name": name, "arguments": arguments, "requests": list(arrived)}))
    server.shutdown()
    return records


def make():
    write("training_callbacks", swap_ema_weights() + backup_and_restore() + model_checkpoint() + tensor_board() + embeddings() + remote_monitor())


if __name__ == "__main__":
    make()
