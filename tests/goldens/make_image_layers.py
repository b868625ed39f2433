"""image_layers.json: layers that change images: what make_layers.py says of a layer."""

import functools

from golden_format import write

import keras
import make_layers

L = keras.layers
CASES = []
case = functools.partial(make_layers.case, into=CASES)


def augmentation():
    """Ranges (a, a) force the draw, (-a, a) that of a contrast; flips and the sign of a hue cannot be forced."""
    image = (2, 6, 7, 2)
    for mode in ("reflect", "wrap", "constant", "nearest"):
        how = {"fill_mode": mode, "fill_value": 0.5}
        # TensorFlow's gradient of these is no gradient: it moves back what came, as if that were an image.
        forced = {"training": True, "gradients": False}
        case(f"translation_{mode}", L.RandomTranslation((0.23, 0.23), (-0.31, -0.31), **how), image, **forced)
        case(f"translation_far_{mode}", L.RandomTranslation((-0.93, -0.93), (0.97, 0.97), **how), image, **forced)
        case(f"rotation_{mode}", L.RandomRotation((0.113, 0.113), **how), image, **forced)
        case(f"zoom_out_{mode}", L.RandomZoom((0.57, 0.57), (0.83, 0.83), **how), image, **forced)
        near = {"interpolation": "nearest", **how}
        case(f"translation_nearest_{mode}", L.RandomTranslation((0.37, 0.37), (0.21, 0.21), **near), image, **forced)
        case(f"rotation_nearest_{mode}", L.RandomRotation((-0.071, -0.071), **near), image, **forced)
    case("translation_inference", L.RandomTranslation(0.2, (0.1, 0.3), seed=3), image)
    case("rotation_inference", L.RandomRotation(0.2), image)
    case("zoom_in", L.RandomZoom((-0.41, -0.41)), image, training=True, gradients=False)
    case("zoom_in_nearest", L.RandomZoom((-0.41, -0.41), interpolation="nearest"), image, training=True, gradients=False)
    case("zoom_inference", L.RandomZoom(0.2), image)
    case("flip_inference", L.RandomFlip("horizontal", seed=1), image)
    case("crop_smaller", L.RandomCrop(8, 5, seed=1), image, training=True)
    case("crop_flat", L.RandomCrop(6, 3, seed=1), image, training=True)
    case("center_crop", L.CenterCrop(3, 4), image)
    case("center_crop_larger", L.CenterCrop(9, 4), image)
    for size in ((3, 4), (11, 9), (4, 13)):
        for way in ("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5"):
            layer = L.Resizing(*size, interpolation=way)
            case(f"resizing_{way}_{size[0]}_{size[1]}", layer, image, gradients=way in ("bilinear", "nearest"))
        for way in ("bilinear", "bicubic", "lanczos3"):
            layer = L.Resizing(*size, interpolation=way, antialias=True)
            case(f"resizing_antialias_{way}_{size[0]}_{size[1]}", layer, image, gradients=False)
    case("resizing_crop", L.Resizing(4, 3, crop_to_aspect_ratio=True), image)
    case("resizing_pad", L.Resizing(4, 9, pad_to_aspect_ratio=True, fill_value=0.25), image)
    case("resizing_pad_tall", L.Resizing(9, 4, pad_to_aspect_ratio=True), image)
    photo = {"scale": 255.0, "positive": True, "training": True, "gradients": False}
    unit = {"positive": True, "training": True, "gradients": False}
    colour = (2, 3, 4, 3)
    case("contrast", L.RandomContrast((-0.4, 0.4)), image, **photo)
    case("contrast_unit", L.RandomContrast((-0.6, 0.6), value_range=(0, 1)), image, training=True, positive=True)
    case("contrast_default", L.RandomContrast(0.4), image, scale=255, positive=True)
    case("brightness", L.RandomBrightness((-0.2, -0.2)), image, **photo)
    case("brightness_one", L.RandomBrightness((0.3, 0.3), value_range=(0, 1)), image, positive=True, training=True)
    case("brightness_default", L.RandomBrightness(0.3), image)
    case("hue", L.RandomHue((1.0, 1.0)), colour, **photo)
    case("hue_one", L.RandomHue((1.0, 1.0), value_range=(0.0, 1.0)), colour, **unit)
    case("saturation", L.RandomSaturation((0.3, 0.3)), colour, **photo)
    case("saturation_more", L.RandomSaturation((0.7, 0.7), value_range=(0, 1)), colour, **unit)
    jitter = {"brightness_factor": (0.1, 0.1), "contrast_factor": (-0.2, 0.2), "saturation_factor": (0.4, 0.4)}
    case("color_jitter", L.RandomColorJitter(hue_factor=(1.0, 1.0), **jitter), colour, **photo)
    case("color_jitter_inference", L.RandomColorJitter(brightness_factor=0.1, seed=3), colour)


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    for group in (augmentation,):
        group()
    write("image_layers", CASES)


if __name__ == "__main__":
    make()
