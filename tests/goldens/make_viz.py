"""viz.json: saliency and Grad-CAM by TensorFlow's GradientTape on a small Keras model; areas under ROC and precision-recall, principal
components and the trustworthiness of t-SNE by scikit-learn."""

from golden_format import array, arrays, normal, plain, rng, write

import json

import keras
import numpy as np
import tensorflow as tf


def attribution(name, last_activation):
    keras.utils.set_random_seed(11)
    inputs = keras.Input((10, 9, 2))
    x = keras.layers.Conv2D(4, 3, activation="relu", name="early")(inputs)
    x = keras.layers.Conv2D(6, 3, activation="relu", name="late")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Flatten()(x)
    scores = keras.layers.Dense(5, name="scores")(x)
    model = keras.Model(inputs, keras.layers.Activation(last_activation)(scores) if last_activation else scores)
    image = normal(rng(name), (10, 9, 2))
    cases = []
    for class_index in (0, 3):
        x = tf.Variable(image[None])
        with tf.GradientTape() as tape:
            score = keras.Model(inputs, scores)(x)[0, class_index]
        saliency = np.abs(tape.gradient(score, x).numpy())[0].max(-1)
        maps = {}
        for layer in ("early", "late"):
            with tf.GradientTape() as tape:
                features, out = keras.Model(inputs, [model.get_layer(layer).output, scores])(x)
                score = out[0, class_index]
            weights = tf.reduce_mean(tape.gradient(score, features), (1, 2))
            maps[layer] = array(np.maximum((features[0] * weights[0]).numpy().sum(-1), 0))
        cases.append({"class_index": class_index, "saliency": array(saliency), "grad_cam": maps})
    return {"kind": "attribution", "name": name, "model": plain(json.loads(model.to_json())), "weights": arrays(model.get_weights()),
            "image": array(image), "asked": cases}


def areas(name, n, decimals):
    from sklearn.metrics import average_precision_score, roc_auc_score
    generator = rng(name)
    truth = generator.random(n) < 0.3
    truth[:2] = [False, True]
    scores = np.round(generator.standard_normal(n) + truth, decimals)
    return {"kind": "areas", "name": name, "truth": [bool(t) for t in truth], "scores": [float(s) for s in scores],
            "roc_area": float(roc_auc_score(truth, scores)), "average_precision": float(average_precision_score(truth, scores))}


def components(name, n, features):
    from sklearn.decomposition import PCA
    x = normal(rng(name), (n, features)) @ normal(rng(name + " mix"), (features, features))
    pca = PCA(3, svd_solver="full").fit(x.astype("float64"))
    return {"kind": "pca", "name": name, "points": array(x), "axes": [[float(v) for v in row] for row in pca.components_],
            "variances": [float(v) for v in pca.explained_variance_], "explained": [float(v) for v in pca.explained_variance_ratio_]}


def neighbours(name):
    from sklearn.datasets import load_digits
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE, trustworthiness
    x = load_digits().data[:180].astype("uint8")
    flat = x.astype("float64")
    plane = TSNE(perplexity=20, init="pca", random_state=0).fit_transform(flat)
    pca = PCA(2).fit_transform(flat)
    return {"kind": "neighbours", "name": name, "points": array(x), "perplexity": 20,
            "trustworthiness_t_sne": float(trustworthiness(flat, plane, n_neighbors=5)),
            "places": array(pca.astype("float32")),
            "trustworthiness_places": float(trustworthiness(flat, pca.astype("float32"), n_neighbors=5))}


def make():
    write("viz", [attribution("softmax at the end", "softmax"), attribution("sigmoid at the end", "sigmoid"),
                  attribution("scores at the end", None), areas("distinct scores", 60, 9), areas("ties", 80, 1),
                  areas("few", 5, 9), components("more points", 40, 7), components("more features", 6, 12), neighbours("digits")])
