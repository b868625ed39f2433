"""dictionary_calls.json: models that are called within models with dictionaries, nested lists and tuples, of Keras 3 and of Keras 2 (tf_keras); layers of images that are called with dictionaries; and losses that are nested as outputs are."""

import json
import os
import tempfile
import zipfile

from golden_format import arrays, normal, rng, write

import keras
import numpy as np
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

XYXY = dict(bounding_box_format="xyxy")
L = keras.layers


def one_behind_the_other(images):
    """Parts of what one layer gives go into the next."""
    flipped = L.RandomFlip(**XYXY)(images)
    bright = L.RandomBrightness(0.2, **XYXY)({"images": flipped["images"], "labels": flipped["labels"]})
    boxes = L.MaxNumBoundingBoxes(4, **XYXY)({"bounding_boxes": flipped["bounding_boxes"], "images": bright["images"]})
    return [boxes["bounding_boxes"]["labels"], bright["labels"], boxes["images"], boxes["bounding_boxes"]["boxes"]]


# By name: the parts of a dictionary, and the layer that is called with it.
BOXES, ALL = ("images", "bounding_boxes"), ("segmentation_masks", "labels", "images", "bounding_boxes")
PARTS = {
    "fewer_boxes": (BOXES, L.MaxNumBoundingBoxes(4, **XYXY)), "more_boxes": (ALL, L.MaxNumBoundingBoxes(8, **XYXY)), "no_boxes": (("images", "labels"), L.MaxNumBoundingBoxes(4, **XYXY)),
    "flip": (ALL, L.RandomFlip(**XYXY)), "rotation": (BOXES, L.RandomRotation(0.1, **XYXY)), "elastic": (("images", "labels"), L.RandomElasticTransform(0.5)), "brightness": (ALL, L.RandomBrightness(0.2, **XYXY)),
    "erasing": (BOXES, L.RandomErasing(0.5, **XYXY)), "rand_augment": (ALL, L.RandAugment((0, 255), **XYXY)), "solarization": (ALL, L.Solarization(0.3, **XYXY)), "auto_contrast": (ALL, L.AutoContrast(**XYXY)),
    "equalization_with_masks": (("images", "segmentation_masks"), L.ContrastLimitedAdaptiveHistogramEqualization()), "mix_up": (("images", "labels"), L.MixUp()),
    "cut_mix_with_masks": (("images", "segmentation_masks"), L.CutMix()), "identity": (ALL, L.Identity()), "images_alone": (("images",), L.RandomFlip()),
    "pipeline": (ALL, L.Pipeline([L.RandomFlip(**XYXY), L.Solarization(0.3, **XYXY), L.MaxNumBoundingBoxes(3, **XYXY)])), "one_behind_the_other": (ALL, one_behind_the_other),
    "zoom": (ALL, L.RandomZoom(0.2, **XYXY)), "perspective": (ALL, L.RandomPerspective(**XYXY)), "aug_mix": (ALL, L.AugMix(**XYXY)), "mix_up_with_boxes": (("images", "bounding_boxes"), L.MixUp(**XYXY)),
}


def parts(name, keys, layer):
    """A layer of images that is called with a dictionary."""
    keras.backend.clear_session()
    shapes = {"images": (6, 6, 3), "bounding_boxes": {"boxes": (5, 4), "labels": (5,)}, "labels": (4,), "segmentation_masks": (6, 6, 1)}
    given = {key: shapes[key] for key in keys}
    tensors = keras.tree.map_shape_structure(keras.Input, given)
    flat = keras.tree.flatten(tensors)
    values = [np.floor(rng(f"{name} {i}").uniform(0, 255, (2, *x.shape[1:]))).astype("float32") for i, x in enumerate(flat)]
    model = keras.Model(flat, keras.tree.flatten(layer(tensors)))
    outputs, again = model.predict(values, verbose=0), keras.models.model_from_json(model.to_json()).predict(values, verbose=0)
    outputs, again = keras.tree.flatten(outputs), keras.tree.flatten(again)
    assert all((a == b).all() for a, b in zip(outputs, again)), name
    return {"name": "parts_" + name, "model": json.loads(model.to_json()), "inputs": arrays(values), "outputs": arrays(outputs)}


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
    "one_for_all": (lambda a, b, c: [a, [[b], c]], "mse", None),
    "metrics": (lambda a, b, c: [a, {"z": [b, c]}], ["mse", {"z": ["mae", "huber"]}], None, [["mae"], {"z": [["mse"], ["mae", "mse"]]}]),
}
LOSSES_REFUSED = {
    "two_of_one_output": (lambda a, b, c: [a, b, c], [["mse", "mae"], "mae", "huber"], None),
    "one_of_two_outputs": (lambda a, b, c: [[a], [b, c]], [["mse"], "mae"], None),
}


def losses(arrange, loss, weights, inputs, metrics=None):
    """The configuration in the file of a compiled model, and its loss."""
    keras.backend.clear_session()
    p, q = keras.Input((3,), name="p"), keras.Input((3,), name="q")
    model = keras.Model([p, q], arrange(L.Subtract(name="o1")([p, q]), L.Multiply(name="o2")([p, q]), L.Maximum(name="o3")([p, q])))
    model.compile("sgd", loss=loss, loss_weights=weights, metrics=metrics)
    targets = [normal(rng(f"target {i}"), (2, 3)) for i in range(3)]
    logs = model.evaluate(inputs, arrange(*targets), verbose=0, return_dict=True)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        with zipfile.ZipFile(path) as archive:
            return {"config": json.loads(archive.read("config.json")), "targets": arrays(keras.tree.flatten(arrange(*targets))), "logs": {key: float(value) for key, value in logs.items()}}


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
    cases += [parts(name, *case) for name, case in PARTS.items()]
    of_losses, refused = ([{"name": name, **losses(*case[:3], inputs, *case[3:])} for name, case in table.items()] for table in (LOSSES, LOSSES_REFUSED))
    write("dictionary_calls", cases, inputs=arrays(inputs), losses=of_losses, refused_losses=refused)
