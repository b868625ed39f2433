"""augmentation.json: layers that change images at random, on hebb's draws (hebb_random.py), and spectrograms: what make_layers.py says of a layer."""

import contextlib
import functools
import types

from golden_format import array, normal, rng, serialized, write
from hebb_random import Draws

import keras
import keras.src.backend.jax.image as of_jax
import make_layers
import numpy as np
import tensorflow as tf

L = keras.layers
CASES = []
MIXED = []
BOXES = []
MOVED = []
case = functools.partial(make_layers.case, into=CASES)
IMAGE, COLOUR = (2, 4, 5, 2), (2, 3, 4, 3)
FIRST, FIRST_COLOUR = (2, 2, 4, 5), (2, 3, 3, 4)
PHOTO = {"scale": 255, "positive": True}


def on_draws(layer, order=()):
    """Keras's draws are hebb's, from the first on in every call."""
    draws, own = Draws(layer.seed, order), layer.get_random_transformation

    def begin(*args, **kwargs):
        draws.begin()
        return own(*args, **kwargs)

    layer.get_random_transformation = begin
    return draws.given_to_keras()


def drawn(name, layer, shape, order=(), **how):
    with on_draws(layer, order):
        case(name, layer, shape, training=True, **how)


def tones():
    photo = {"gradients": True, **PHOTO}
    drawn("invert", L.RandomInvert(seed=1), IMAGE, **photo)
    drawn("invert_all", L.RandomInvert((1.0, 1.0), value_range=(0, 1), seed=2), IMAGE, positive=True)
    drawn("invert_some", L.RandomInvert(0.9, seed=3, data_format="channels_first"), FIRST, **photo)
    case("invert_inference", L.RandomInvert((0.2, 0.7)), IMAGE)
    for bits in (1, 3, 8):
        drawn(f"posterization_{bits}", L.RandomPosterization((bits, bits), seed=1), IMAGE, gradients=False, **PHOTO)
    drawn("posterization_drawn", L.RandomPosterization(5, seed=4), IMAGE, gradients=False, **PHOTO)
    drawn("posterization_unit", L.RandomPosterization((2, 7), (1, 0), "channels_first", seed=5), FIRST, gradients=False, positive=True)
    case("posterization_inference", L.RandomPosterization(4), IMAGE)
    case("equalization", L.Equalization(), (2, 5, 6, 3), training=True, gradients=False, **PHOTO)
    case("equalization_bins", L.Equalization(bins=16), (2, 5, 6, 2), training=True, gradients=False, **PHOTO)
    case("equalization_unit", L.Equalization((0.0, 1.0), bins=64), (2, 5, 6, 2), training=True, gradients=False, positive=True)
    case("equalization_first", L.Equalization(data_format="channels_first"), (2, 3, 6, 8), training=True, gradients=False, **PHOTO)
    case("equalization_flat", L.Equalization(), (1, 1, 1, 2), training=True, gradients=False, **PHOTO)
    case("equalization_inference", L.Equalization(), IMAGE)


def blurs():
    drawn("sharpness", L.RandomSharpness(1.0, seed=1), IMAGE, **PHOTO)
    drawn("sharpness_more", L.RandomSharpness((0.8, 0.8), value_range=(1, 0), seed=1), IMAGE, positive=True)
    drawn("sharpness_first", L.RandomSharpness((0.1, 0.3), seed=2, data_format="channels_first"), FIRST, **PHOTO)
    case("sharpness_inference", L.RandomSharpness(0.3), IMAGE)
    drawn("blur", L.RandomGaussianBlur(seed=1), IMAGE, **PHOTO)
    drawn("blur_all", L.RandomGaussianBlur((1.0, 1.0), 5, (0.7, 0.7), seed=2), IMAGE, **PHOTO)
    drawn("blur_row", L.RandomGaussianBlur((1.0, 1.0), (1, 5), 0.8, (0, 1), seed=3), IMAGE, positive=True)
    drawn("blur_not_square", L.RandomGaussianBlur((1.0, 1.0), (3, 5), (0.4, 0.9), seed=4), IMAGE, **PHOTO)
    drawn("blur_first", L.RandomGaussianBlur(0.9, data_format="channels_first", seed=5), FIRST, **PHOTO)
    case("blur_inference", L.RandomGaussianBlur(), IMAGE)


def places():
    drawn("erasing", L.RandomErasing(seed=1), (3, 6, 7, 2), **PHOTO)
    drawn("erasing_all", L.RandomErasing((1.0, 1.0), (0.3, 0.6), 7.5, seed=2), (3, 6, 7, 2), **PHOTO)
    drawn("erasing_colour", L.RandomErasing((1.0, 1.0), 0.8, [0.1, 2.0, 0.5], (0, 1), seed=3), (3, 6, 5, 3), positive=True)
    drawn("erasing_first", L.RandomErasing(0.9, (0.2, 0.5), 100, data_format="channels_first", seed=4), (3, 2, 6, 7), **PHOTO)
    case("erasing_inference", L.RandomErasing(), IMAGE)
    geometric = {"gradients": False}
    for mode in ("reflect", "wrap", "constant", "nearest"):
        drawn(f"shear_{mode}", L.RandomShear((0.2, 0.6), (0.1, 0.3), "bilinear", mode, 0.5, seed=1), IMAGE, **geometric)
        drawn(f"shear_nearest_{mode}", L.RandomShear((0.2, 0.6), (0.1, 0.3), "nearest", mode, 0.5, seed=2), IMAGE, **geometric)
    drawn("shear_one", L.RandomShear(0.5, seed=3), IMAGE, **geometric)
    drawn("shear_first", L.RandomShear(0.5, 0.4, data_format="channels_first", seed=4), FIRST, **geometric)
    case("shear_inference", L.RandomShear(0.3), IMAGE)


def warps():
    """RandomElasticTransform with the normal numbers that hebb draws, one field after the other, and JAX's map_coordinates: that of TensorFlow bends borders otherwise than SciPy, and "mirror", which the layer takes, is refused."""
    plain = {"gradients": False, **PHOTO}
    drawn("perspective", L.RandomPerspective(seed=1), (4, 6, 7, 2), **plain)
    drawn("perspective_all", L.RandomPerspective((1.0, 1.0), 0.6, fill_value=30.0, seed=2), (3, 6, 5, 2), **plain)
    drawn("perspective_nearest", L.RandomPerspective((0.7, 1.0), 0.9, "nearest", seed=3), (3, 6, 7, 2), **plain)
    drawn("perspective_first", L.RandomPerspective(0.9, 0.5, data_format="channels_first", seed=4), (3, 2, 6, 7), **plain)
    case("perspective_inference", L.RandomPerspective(), IMAGE)
    every = {"factor": (1.0, 1.0)}
    for mode in ("reflect", "wrap", "constant", "nearest", "mirror"):
        shape = (2, 21, 22, 2) if mode == "reflect" else (1, 21, 22, 1)
        elastic(f"elastic_{mode}", L.RandomElasticTransform(scale=(0.8, 0.9), fill_mode=mode, fill_value=20.0, seed=1, **every), shape, **plain)
    elastic("elastic_nearest_pixel", L.RandomElasticTransform(scale=(0.5, 0.9), interpolation="nearest", seed=2, **every), (2, 24, 6, 1), **plain)
    elastic("elastic_drawn", L.RandomElasticTransform(0.9, 0.9, seed=3), (4, 6, 7, 1), **plain)
    elastic("elastic_wide", L.RandomElasticTransform(scale=(0.3, 1.0), value_range=(50, 200), seed=4, **every), (1, 24, 45, 1), **plain)
    elastic("elastic_first", L.RandomElasticTransform((0.8, 1.0), 1.0, value_range=(0, 1), data_format="channels_first", seed=5), (1, 2, 21, 22), gradients=False, positive=True)
    case("elastic_none", L.RandomElasticTransform(scale=0.0), IMAGE, training=True, **plain)
    case("elastic_inference", L.RandomElasticTransform(), IMAGE)


def elastic(name, layer, shape, **how):
    with fields(layer):
        case(name, layer, shape, training=True, **how)


@contextlib.contextmanager
def fields(layer):
    of_tensorflow = keras.src.backend.tensorflow.image
    own, own_normal, modes = of_tensorflow.map_coordinates, tf.random.stateless_normal, of_tensorflow.AFFINE_TRANSFORM_FILL_MODES
    draws, begin = Draws(layer.seed), layer.get_random_transformation

    def begins(*args, **kwargs):
        draws.begin()
        return begin(*args, **kwargs)

    layer.get_random_transformation = begins
    try:
        of_tensorflow.AFFINE_TRANSFORM_FILL_MODES = (*modes, "mirror")
        of_tensorflow.map_coordinates = lambda x, *args, **options: tf.constant(np.asarray(of_jax.map_coordinates(np.asarray(x), [np.asarray(c) for c in args[0]], *args[1:], **options)))
        tf.random.stateless_normal = lambda shape, **options: draws.normal(shape)
        with draws.given_to_keras():
            yield
    finally:
        of_tensorflow.map_coordinates, tf.random.stateless_normal, of_tensorflow.AFFINE_TRANSFORM_FILL_MODES = own, own_normal, modes


def lists():
    """Layers that draw layers; with "channels_first" such that AutoContrast is not among them, whose channels Keras mixes up. AugMix asks Python's random module for them: it is given hebb's number, and the layer hebb's draws behind that."""
    plain = {"gradients": False, **PHOTO}
    drawn("rand_augment", L.RandAugment(seed=1), (2, 6, 7, 3), **plain)
    drawn("rand_augment_more", L.RandAugment((0, 1), 6, (0.2, 0.4), "nearest", seed=2), (2, 6, 7, 3), gradients=False, positive=True)
    drawn("rand_augment_gray", L.RandAugment(num_ops=4, factor=0.8, seed=3), (2, 6, 7, 1), **plain)
    drawn("rand_augment_none", L.RandAugment(num_ops=0, seed=3), (2, 6, 7, 1), **plain)
    drawn("rand_augment_first", L.RandAugment(num_ops=3, data_format="channels_first", seed=3), (2, 3, 6, 7), **plain)
    case("rand_augment_inference", L.RandAugment(), COLOUR)
    chains("aug_mix", L.AugMix(seed=1), (2, 6, 7, 3), **plain)
    chains("aug_mix_more", L.AugMix((0, 1), 4, 2, (0.3, 0.7), 0.4, interpolation="nearest", seed=2), (2, 6, 7, 3), gradients=False, positive=True)
    chains("aug_mix_few", L.AugMix(num_chains=2, chain_depth=4, factor=0.6, alpha=3.0, all_ops=False, seed=3), (2, 6, 7, 2), **plain)
    chains("aug_mix_first", L.AugMix(num_chains=2, chain_depth=2, data_format="channels_first", seed=5), (2, 3, 6, 7), **plain)
    case("aug_mix_inference", L.AugMix(), COLOUR)


def chains(name, layer, shape, **how):
    with choices(layer):
        case(name, layer, shape, training=True, **how)


@contextlib.contextmanager
def choices(layer):
    module = keras.src.layers.preprocessing.image_preprocessing.aug_mix
    own, begin, draws = module.py_random, layer.get_random_transformation, Draws(layer.seed)
    positions = []

    def begins(*args, **kwargs):
        draws.begin()
        positions.clear()
        return begin(*args, **kwargs)

    def choice(given):
        draws.state = 6 + 4 * len(positions)
        positions.append(int(np.asarray(draws.uniform((1,)))[0] * len(given)))
        return given[positions[-1]]

    layer.get_random_transformation = begins
    try:
        module.py_random = types.SimpleNamespace(choice=choice)
        with draws.given_to_keras():
            yield
    finally:
        module.py_random = own


def local():
    """ContrastLimitedAdaptiveHistogramEqualization, which works always, and colours."""
    C = L.ContrastLimitedAdaptiveHistogramEqualization
    plain = {"gradients": False, **PHOTO}
    case("clahe", C(), (1, 16, 24, 3), **plain)
    case("clahe_mirrored", C(tile_grid_size=(3, 4), clip_limit=1.5), (2, 10, 9, 2), **plain)
    case("clahe_unit", C((0.0, 1.0), clip_limit=0.0, tile_grid_size=(2, 2)), (2, 7, 6, 1), gradients=False, positive=True)
    case("clahe_training", C(tile_grid_size=(1, 3)), (1, 6, 6, 1), training=True, **plain)
    case("clahe_first", C(tile_grid_size=(2, 3), clip_limit=2.0, data_format="channels_first"), (2, 3, 8, 7), **plain)
    case("clahe_whole", C(tile_grid_size=(3, 4)), (2, 10, 9, 2), gradients=False, integers=True)
    drawn("degeneration", L.RandomColorDegeneration(0.6, seed=1), COLOUR, **PHOTO)
    drawn("degeneration_more", L.RandomColorDegeneration((0.4, 0.9), (1, 0), seed=2), COLOUR, positive=True)
    drawn("degeneration_first", L.RandomColorDegeneration((-0.5, 0.0), data_format="channels_first", seed=3), FIRST_COLOUR, **PHOTO)
    case("degeneration_inference", L.RandomColorDegeneration(0.3), COLOUR)
    case("max_boxes", L.MaxNumBoundingBoxes(5), IMAGE)
    case("box_format", L.RandomTranslation(0.1, 0.2, bounding_box_format="xyxy"), IMAGE)
    case("box_format_resizing", L.Resizing(5, 3, bounding_box_format="rel_xywh"), IMAGE)
    case("max_boxes_training", L.MaxNumBoundingBoxes(3, data_format="channels_first"), FIRST, training=True)


def pipelines():
    photo = {"gradients": True, **PHOTO}
    pipeline("pipeline", [L.Rescaling(0.5, 0.1), L.Dense(3, activation="tanh"), L.LayerNormalization(), L.Dense(2)], (4, 5))
    pipeline("pipeline_training", [L.RandomInvert((1.0, 1.0)), L.Rescaling(1 / 255), L.RandomGrayscale(1.0)], COLOUR, training=True, **photo)
    pipeline("pipeline_inference", [L.RandomInvert((1.0, 1.0)), L.Rescaling(1 / 255), L.RandomGrayscale(1.0)], COLOUR, **photo)


def pipeline(name, layers, shape, **how):
    layer = L.Pipeline(layers, name=name)
    layer.compute_output_shape = lambda given: tuple(layer(tf.zeros(given)).shape)  # which it has not of its own
    case(name, layer, shape, **how)
    for each, its_layer in zip(CASES[-1]["config"]["layers"], layers):
        built = each.pop("build_config")
        if its_layer.weights:  # those alone have to be built for something; for batches of any size
            each["build_config"] = {"input_shape": [None, *built["input_shape"][1:]]}


def boxes(name, layer, count):
    """Boxes and labels, as Keras takes and gives them beside images."""
    g = rng("boxes " + name)
    given = {"boxes": (9 * g.random((2, count, 4))).astype("float32"), "labels": g.integers(0, 5, (2, count)).astype("float32")}
    out = layer({"images": tf.zeros((2, 4, 4, 1)), "bounding_boxes": {k: tf.constant(v) for k, v in given.items()}})["bounding_boxes"]
    BOXES.append({
        "name": name,
        "layer": type(layer).__name__,
        "config": {**serialized(layer)["config"], "fill_value": layer.fill_value},
        "boxes": array(given["boxes"]),
        "labels": array(given["labels"]),
        "many_boxes": array(out["boxes"]),
        "many_labels": array(out["labels"]),
    })


def all_boxes():
    boxes("fewer", L.MaxNumBoundingBoxes(2, bounding_box_format="xyxy"), 5)
    boxes("more", L.MaxNumBoundingBoxes(7, fill_value=-3, bounding_box_format="xyxy"), 4)
    boxes("as_many", L.MaxNumBoundingBoxes(3, bounding_box_format="xyxy"), 3)


def mixed(name, layer, shape, classes, order=()):
    """Images and labels, as Keras takes and gives them."""
    g = rng("augmentation " + name)
    images = (255 * g.random(shape)).astype("float32")
    labels = np.eye(classes, dtype="float32")[g.integers(0, classes, shape[0])]
    with on_draws(layer, order):
        out = layer({"images": tf.constant(images), "labels": tf.constant(labels)}, training=True)
    MIXED.append({
        "name": name,
        "layer": type(layer).__name__,
        "config": serialized(layer)["config"],
        "images": array(images),
        "labels": array(labels),
        "mixed_images": array(out["images"]),
        "mixed_labels": array(out["labels"]),
    })


def moved(name, layer, size=(2, 6, 8, 3), *, training=True, draws=None, without=()):
    """Images with masks, labels, and boxes and their labels, as Keras takes and gives them."""
    g = rng("flipped " + name)
    corners = np.sort(g.random((size[0], 5, 2, 2)), axis=2).reshape(size[0], 5, 4).astype("float32")
    corners[0, 0] = [0.25, 0.5, 0.25, 0.75]  # without an area
    corners[1, 1] = [-0.5, 0.25, 0.5, 1.5]  # beyond the image
    boxes = np.array(keras.utils.bounding_boxes.convert_format(corners, "rel_xyxy", layer.bounding_box_format or "xyxy", size[1], size[2]))
    if isinstance(layer, L.Resizing):
        boxes[0, 3], boxes[1, 4] = 0, -1  # what it takes for no boxes
    given = {
        "bounding_boxes": {"boxes": tf.constant(boxes), "labels": tf.constant(g.integers(0, 5, (size[0], 5)).astype("float32"))},
        "images": tf.constant((255 * g.random(size)).astype("float32")),
        "labels": tf.constant(normal(g, (size[0], 2))),
        "segmentation_masks": tf.constant(g.integers(0, 5, (*size[:3], 1)).astype("float32")),
    }
    given = {key: part for key, part in given.items() if key not in without}
    if layer.data_format == "channels_first":
        given.update({key: tf.transpose(given[key], (0, 3, 1, 2)) for key in ("images", "segmentation_masks")})
    names = ["/".join(path) for path, _ in tree_paths(given)]
    before = [array(part.numpy()) for part in keras.tree.flatten(given)]
    with draws or (on_draws(layer) if hasattr(layer, "seed") else contextlib.nullcontext()):
        out = layer(given, training=training)
    parts = {"/".join(path): np.asarray(part) for path, part in tree_paths(out)}
    if isinstance(layer, L.MixUp):  # which puts the others' labels below one another
        parts["bounding_boxes/labels"] = np.concatenate(np.split(parts["bounding_boxes/labels"], 2), axis=1)
    if isinstance(layer, L.CutMix):  # which repeats masks for each channel of the images
        assert (parts["segmentation_masks"] == parts["segmentation_masks"][..., :1]).all()
        parts["segmentation_masks"] = parts["segmentation_masks"][..., :1]
    MOVED.append({"name": name, "layer": type(layer).__name__, "config": serialized(layer)["config"], "training": training, "names": names, "parts": before, "moved": [array(parts[key]) for key in names]})


def tree_paths(parts):
    """By the alphabet: the keys of each part, and the part."""
    for key in sorted(parts):
        if isinstance(parts[key], dict):
            yield from (((key, *path), part) for path, part in tree_paths(parts[key]))
        else:
            yield (key,), parts[key]


FORMATS = ["xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh"]


def flips():
    modes = ["horizontal", "vertical", "horizontal_and_vertical"]
    for i, form in enumerate(FORMATS):
        moved(form, L.RandomFlip(modes[i % 3], seed=i, bounding_box_format=form))


def moves():
    """Each layer with boxes in three of the formats."""
    small, boxes = (2, 6, 8, 1), "bounding_box_format"
    layers = {
        "translation": functools.partial(L.RandomTranslation, 0.4, (-0.1, 0.5), "constant"),
        "rotation": functools.partial(L.RandomRotation, 0.2),
        "zoom": functools.partial(L.RandomZoom, (-0.5, 0.3), 0.4),
        "shear": functools.partial(L.RandomShear, 0.6, 0.7),
        "crop": functools.partial(L.RandomCrop, 3, 5),
        "crop_resized": functools.partial(L.RandomCrop, 7, 4),
        "perspective": functools.partial(L.RandomPerspective, (0.5, 1.0), 0.8),
        "rand_augment": functools.partial(L.RandAugment, num_ops=4),
    }
    for i, (name, make) in enumerate(layers.items()):
        for form in FORMATS[i % 3 :: 3]:
            moved(f"{name}_{form}", make(seed=i, **{boxes: form}), small)
    sizes = {
        "center_crop": functools.partial(L.CenterCrop, 4, 5),
        "center_crop_resized": functools.partial(L.CenterCrop, 8, 3),
        "resizing": functools.partial(L.Resizing, 9, 5),
        "resizing_crop_wide": functools.partial(L.Resizing, 9, 5, crop_to_aspect_ratio=True),
        "resizing_crop_tall": functools.partial(L.Resizing, 3, 7, crop_to_aspect_ratio=True),
        "resizing_pad": functools.partial(L.Resizing, 9, 5, pad_to_aspect_ratio=True),
        "resizing_pad_more": functools.partial(L.Resizing, 3, 7, pad_to_aspect_ratio=True),
    }
    for i, (name, make) in enumerate(sizes.items()):
        for training, form in zip((True, False, True), FORMATS[i % 3 :: 3]):
            moved(f"{name}_{form}", make(**{boxes: form}), small, training=training)
    first = {boxes: "xyxy", "data_format": "channels_first"}
    moved("flip_first", L.RandomFlip(seed=1, **first))
    moved("translation_first", L.RandomTranslation(0.4, 0.3, seed=1, **first))
    moved("crop_first", L.RandomCrop(3, 5, seed=1, **first))
    moved("rand_augment_none", L.RandAugment(num_ops=0, seed=1, bounding_box_format="xyxy"))
    aug_mix = L.AugMix(seed=2, **{boxes: "xyxy"})
    moved("aug_mix", aug_mix, draws=choices(aug_mix))
    elastic_transform = L.RandomElasticTransform((0.9, 1.0), 0.9, seed=3)
    moved("elastic", elastic_transform, (2, 21, 22, 1), draws=fields(elastic_transform), without=["bounding_boxes"])
    mix_up = L.MixUp(0.4, seed=4, bounding_box_format="xyxy")
    moved("mix_up", mix_up, (3, 4, 5, 2), draws=on_draws(mix_up, (4, 1, 2, 3)), without=["segmentation_masks"])
    moved("cut_mix", L.CutMix(seed=5), (3, 6, 7, 2), without=["bounding_boxes"])


def mixing():
    # hebb draws the order of the others last.
    mix_up = {"order": (4, 1, 2, 3)}
    drawn("mix_up", L.MixUp(seed=1), IMAGE, **mix_up, **PHOTO)
    drawn("mix_up_first", L.MixUp(1.0, data_format="channels_first", seed=2), FIRST, **mix_up, **PHOTO)
    case("mix_up_inference", L.MixUp(), IMAGE)
    drawn("cut_mix", L.CutMix(seed=1), (3, 6, 7, 2), **PHOTO)
    drawn("cut_mix_first", L.CutMix((0.5, 1.0), data_format="channels_first", seed=2), (3, 2, 6, 7), **PHOTO)
    case("cut_mix_inference", L.CutMix(), IMAGE)
    mixed("mix_up", L.MixUp(0.4, seed=3), (6, 3, 4, 1), 4, **mix_up)
    mixed("mix_up_first", L.MixUp(3.0, "channels_first", seed=4), (4, 1, 3, 4), 3, **mix_up)
    mixed("cut_mix", L.CutMix((1.0, 1.0), seed=3), (6, 6, 7, 1), 4)
    mixed("cut_mix_first", L.CutMix(0.9, seed=4, data_format="channels_first"), (5, 2, 6, 7), 3)


def earlier():
    """The other layers of images: what they draw, and the other order of the axes (which Keras's RandomColorJitter and AutoContrast cannot)."""
    first = {"data_format": "channels_first"}
    geometric, colours = {"gradients": False}, {"gradients": False, **PHOTO}
    for name, more, image, colour in (("drawn", {}, IMAGE, COLOUR), ("first", first, FIRST, FIRST_COLOUR)):
        drawn(f"flip_{name}", L.RandomFlip("horizontal", seed=1, **more), image)
        drawn(f"flip_vertical_{name}", L.RandomFlip("vertical", seed=2, **more), image)
        drawn(f"flip_both_{name}", L.RandomFlip(seed=3, **more), image)
        drawn(f"translation_{name}", L.RandomTranslation(0.3, (0.1, 0.4), seed=1, **more), image, **geometric)
        drawn(f"rotation_{name}", L.RandomRotation(0.2, seed=1, **more), image, **geometric)
        drawn(f"zoom_{name}", L.RandomZoom((-0.3, 0.2), 0.4, seed=1, **more), image, **geometric)
        drawn(f"zoom_even_{name}", L.RandomZoom(0.3, seed=2, **more), image, **geometric)
        drawn(f"crop_{name}", L.RandomCrop(3, 3, seed=1, **more), image)
        drawn(f"crop_larger_{name}", L.RandomCrop(8, 4, seed=1, **more), image)
        drawn(f"contrast_{name}", L.RandomContrast(0.4, seed=1, **more), image, **colours)
        drawn(f"brightness_{name}", L.RandomBrightness(0.3, seed=1, **more), image, **colours)
        drawn(f"hue_{name}", L.RandomHue(0.6, seed=1, **more), colour, **colours)
        drawn(f"saturation_{name}", L.RandomSaturation(0.8, seed=1, **more), colour, **colours)
        drawn(f"solarization_{name}", L.Solarization(0.3, (0.2, 0.6), seed=1, **more), image, **colours)
    case("grayscale_first", L.RandomGrayscale(1.0, **first), FIRST_COLOUR, training=True, **colours)
    case("center_crop_first", L.CenterCrop(3, 4, **first), FIRST)
    case("center_crop_larger_first", L.CenterCrop(6, 4, **first), FIRST)
    case("spatial_dropout_2d_first", L.SpatialDropout2D(0.3, seed=1, **first), FIRST)
    case("spatial_dropout_3d_first", L.SpatialDropout3D(0.3, **first), (1, 2, 2, 2, 3))
    for way in ("nearest", "bilinear", "bicubic", "area"):
        case(f"resizing_{way}_first", L.Resizing(3, 9, interpolation=way, **first), FIRST, gradients=False)
    case("resizing_crop_first", L.Resizing(4, 3, crop_to_aspect_ratio=True, **first), FIRST)
    case("resizing_pad_first", L.Resizing(4, 9, pad_to_aspect_ratio=True, fill_value=0.25, **first), FIRST)


def spectrograms():
    M, S = L.MelSpectrogram, L.STFTSpectrogram
    small = {"fft_length": 32, "sequence_stride": 10, "num_mel_bins": 6, "sampling_rate": 1000}
    case("mel", M(**small), (2, 55))
    case("mel_one_sound", M(**small), (55,))
    CASES[-1]["compute_output_shape"] = None  # it has no batch axis
    case("mel_window", M(sequence_length=20, window="hamming", **small), (2, 55))
    case("mel_window_odd", M(sequence_length=21, window=[0.1 * i for i in range(21)], **small), (1, 75))
    case("mel_no_window", M(window=None, power_to_db=False, **small), (2, 64))
    case("mel_power", M(power_to_db=False, mag_exp=1.0, min_freq=50.0, max_freq=300.0, **small), (2, 55))
    case("mel_exponent", M(power_to_db=False, mag_exp=1.5, **small), (2, 55))
    case("mel_low", M(fft_length=8, sequence_stride=4, num_mel_bins=3, sampling_rate=100, min_freq=0.2, max_freq=50, power_to_db=False), (2, 41))
    case("mel_top", M(top_db=5.0, ref_power=4.0, **small), (2, 55))
    case("mel_least", M(min_power=20.0, ref_power=0.5, top_db=100.0, **small), (2, 55))
    case("mel_default", M(num_mel_bins=20), (1, 1200), gradients=False)
    short = {"frame_length": 8, "frame_step": 3}
    for mode in ("log", "magnitude", "psd", "real", "imag", "angle", "stft"):
        case(f"stft_{mode}", S(mode, **short), (2, 20, 2))
        case(f"stft_{mode}_image", S(mode, expand_dims=True, **short), (2, 20, 2))
    case("stft_first", S(data_format="channels_first", **short), (2, 2, 20), xla=True)
    case("stft_first_image", S("stft", data_format="channels_first", expand_dims=True, padding="same", **short), (2, 2, 20), xla=True)
    case("stft_same", S("psd", padding="same", frame_length=6, window="hamming", scaling="spectrum"), (2, 17, 1))
    case("stft_fft", S("real", frame_length=5, fft_length=12, periodic=True, scaling=None), (2, 17, 1))
    case("stft_window", S("imag", frame_length=4, window=[0.1, 0.5, 1.0, 0.5]), (1, 15, 3))
    case("stft_no_window", S("magnitude", frame_length=4, window=None, trainable=False), (1, 15, 1))
    kept("stft_default", S("magnitude", frame_length=16), (2, 40, 2))
    kept("stft_density", S("psd", frame_length=12, fft_length=20, window="blackman", periodic=True), (2, 40, 1))
    kept("stft_spectrum", S("real", frame_length=12, scaling="spectrum"), (2, 40, 1))


def kept(name, layer, shape):
    """With the weights that the layer begins with."""
    x = tf.constant(normal(rng("layer " + name), shape))
    layer(x)
    first = [w.numpy() for w in layer.weights]
    case(name, layer, shape)
    for w, value in zip(layer.weights, first):
        w.assign(value)
    CASES[-1].update({"weights": [{"name": w.name, **array(w)} for w in layer.weights], "output": array(layer(x)), "initial": True, "input_gradients": [], "weight_gradients": []})


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    for group in (tones, blurs, places, mixing, earlier, warps, lists, local, pipelines, all_boxes, spectrograms, flips, moves):
        group()
    write("augmentation", CASES, mixed=MIXED, boxes=BOXES, moved=MOVED)


if __name__ == "__main__":
    make()
