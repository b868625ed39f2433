"""dictionary_calls.json: models that are called within models with dictionaries, nested lists and tuples, of Keras 3 and of Keras 2 (tf_keras)."""

import json

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
    write("dictionary_calls", cases, inputs=arrays(inputs), refused=json.loads(model.to_json()))
