"""dictionary_calls.json: models that are called within models with dictionaries, nested lists and tuples, of Keras 3 and of Keras 2 (tf_keras); and losses that are nested as outputs are."""

import json
import os
import tempfile
import zipfile

from golden_format import arrays, normal, rng, write

import keras
import tf_keras


def inner(k, arrange, names=("a", "b")):
    """A model of two inputs of one shape that gives their difference and their product: which is which shows in the numbers."""
    a, b = (k.Input((3,), name=name) for name in names)
    return k.Model(arrange(a, b), [k.layers.Subtract()([a, b]), k.layers.Multiply()([a, b])])


# By name: how the inner model has its inputs, and how it is called with two tensors.
CALLS = {
    "keys": (lambda a, b: {"a": a, "b": b}, lambda m, p, q: m({"a": p, "b": q})),
    "keys_unsorted": (lambda a, b: {"z": a, "y": b}, lambda m, p, q: m({"z": p, "y": q})),
    "keys_in_another_order": (lambda a, b: {"z": a, "y": b}, lambda m, p, q: m({"y": p, "z": q})),
    "called_twice": (lambda a, b: {"z": a, "y": b}, lambda m, p, q: m({"z": m({"z": p, "y": q})[1], "y": m({"y": p, "z": q})[0]})),
    "by_names_of_inputs": (lambda a, b: [b, a], lambda m, p, q: m({"a": p, "b": q})),
    "more_names_than_inputs": (lambda a, b: [b, a], lambda m, p, q: m({"a": p, "aa": q, "b": q})),
    "by_argument": (lambda a, b: {"z": a, "y": b}, lambda m, p, q: m(inputs={"z": p, "y": q})),
    "nested_lists": (lambda a, b: [a, [b]], lambda m, p, q: m([p, [q]])),
    "dictionary_in_list": (lambda a, b: [{"z": a, "y": b}], lambda m, p, q: m([{"z": p, "y": q}])),
    "list_in_dictionary": (lambda a, b: {"z": [a], "y": b}, lambda m, p, q: m({"z": [p], "y": q})),
    "tuple": (lambda a, b: (a, b), lambda m, p, q: m((p, q))),
}

# By name: how three outputs are nested, the losses and their weights.
LOSSES = {
    "lists": (lambda a, b, c: [a, [b, c]], ["mse", ["mae", "huber"]], None),
    "lists_weights": (lambda a, b, c: [a, [b, c]], ["mse", ["mae", "huber"]], [1.0, [2.0, 3.0]]),
    "flat_weights": (lambda a, b, c: [a, [b, c]], ["mse", ["mae", "huber"]], [1.0, 2.0, 3.0]),
    "one_has_none": (lambda a, b, c: [a, [b, c]], ["mse", [None, "mae"]], None),
    "all_inside_none": (lambda a, b, c: [a, [b, c]], ["mse", None], None),
    "tuples": (lambda a, b, c: [a, (b, c)], ["mse", ("mae", "huber")], None),
    "dictionary": (lambda a, b, c: {"z": a, "b": [b, c]}, {"z": "mse", "b": ["mae", "huber"]}, {"z": 1.0, "b": [2.0, 3.0]}),
    "dictionary_inside": (lambda a, b, c: [{"z": a, "b": b}, c], [{"z": "mse", "b": "mae"}, "huber"], None),
    "one_in_a_list": (lambda a, b, c: [a, b, c], [["mse"], "mae", "huber"], None),
}
LOSSES_REFUSED = {
    "two_of_one_output": (lambda a, b, c: [a, b, c], [["mse", "mae"], "mae", "huber"], None),
    "one_of_two_outputs": (lambda a, b, c: [[a], [b, c]], [["mse"], "mae"], None),
}


def losses(arrange, loss, weights, inputs):
    """The configuration in the file of a compiled model, and its loss."""
    keras.backend.clear_session()
    p, q = keras.Input((3,), name="p"), keras.Input((3,), name="q")
    L = keras.layers
    model = keras.Model([p, q], arrange(L.Subtract(name="o1")([p, q]), L.Multiply(name="o2")([p, q]), L.Maximum(name="o3")([p, q])))
    model.compile("sgd", loss=loss, loss_weights=weights)
    targets = [normal(rng(f"target {i}"), (2, 3)) for i in range(3)]
    total = model.evaluate(inputs, arrange(*targets), verbose=0, return_dict=True)["loss"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        with zipfile.ZipFile(path) as archive:
            return {"config": json.loads(archive.read("config.json")), "targets": arrays(keras.tree.flatten(arrange(*targets))), "loss": float(total)}


def make():
    inputs = [normal(rng("dictionary calls"), (2, 3)), normal(rng("dictionary calls, second"), (2, 3))]
    cases = []
    for k in (keras, tf_keras):
        for name, (arrange, call) in CALLS.items():
            k.backend.clear_session()
            p, q = k.Input((3,), name="p"), k.Input((3,), name="q")
            try:
                model = k.Model([p, q], call(inner(k, arrange), p, q))
                outputs, again = model(inputs), k.models.model_from_json(model.to_json())(inputs)
            except Exception as error:  # some that one of the two cannot do
                print(k.__name__, name, "left out:", str(error)[:100])
                continue
            assert all((a == b).numpy().all() for a, b in zip(outputs, again)), (k.__name__, name)
            cases.append({"name": k.__name__ + "_" + name, "model": json.loads(model.to_json()), "outputs": arrays(outputs)})
    boxes = keras.Input((8, 8, 3), name="images"), keras.Input((6, 4), name="boxes"), keras.Input((6,), name="labels")
    layer = keras.layers.MaxNumBoundingBoxes(4, bounding_box_format="xyxy")
    model = keras.Model(boxes, layer({"images": boxes[0], "bounding_boxes": {"boxes": boxes[1], "labels": boxes[2]}}))
    of_losses, refused = ([{"name": name, **losses(*case, inputs)} for name, case in table.items()] for table in (LOSSES, LOSSES_REFUSED))
    write("dictionary_calls", cases, inputs=arrays(inputs), refused=json.loads(model.to_json()), losses=of_losses, refused_losses=refused)
