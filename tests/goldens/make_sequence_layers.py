"""sequence_layers.json: layers for sequences, with masks, states and several outputs: output, gradients and weights."""

from golden_format import array, arrays, normal, plain, rng, serialized, write

import keras
import numpy as np
import tensorflow as tf

L = keras.layers
CASES = []


def case(name, layer, shape, states=(), mask=None, training=False, scale=1.0, indices=0, more=(), xla=False, into=CASES):
    """Runs a layer on random inputs (`indices`: integers below it), with initial states of these shapes, further inputs
    of the shapes `more`, and a mask; the gradients are those of the sum of outputs times seed gradients.
    xla: compiled, for what TensorFlow's own kernels cannot do on a CPU."""
    g = rng("sequence layer " + name)
    first = tf.constant(g.integers(0, indices, shape).astype("int32") if indices else normal(g, shape, scale))
    others = [tf.constant(normal(g, s)) for s in more]
    initial = [tf.constant(normal(g, s)) for s in states]
    inputs = [first, *others, *initial]
    arguments = {"training": training} if layer._call_has_training_arg else {}
    if initial:
        arguments["initial_state"] = initial
    if mask is not None:
        mask = np.array(mask, bool)
        arguments["mask"] = tf.constant(mask)
    given = [first, *others] if others else first
    call = tf.function(layer, jit_compile=True) if xla else layer
    if xla:
        layer.build(shape)
    else:
        layer(given, **{k: v for k, v in arguments.items() if k != "training"})  # builds it
    for part in layer._flatten_layers():
        if getattr(part, "stateful", False):
            part.reset_state()
    for w in layer.weights:
        w.assign(normal(g, w.shape, 0.5))
    floating = [x for x in inputs if x.dtype == tf.float32]
    trainable = [w.value for w in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch(floating)
        outputs = call(given, **arguments)
        outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        seeds = [normal(g, o.shape) for o in outputs]
        total = sum(tf.reduce_sum(o * s) for o, s in zip(outputs, seeds))
    gradients = tape.gradient(total, floating + trainable, unconnected_gradients="zero")
    gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]  # an embedding's is a list of rows
    out_mask = getattr(outputs[0], "_keras_mask", None)
    if mask is not None:
        out_mask = layer.compute_mask(given, arguments["mask"])
        out_mask = out_mask[0] if isinstance(out_mask, (list, tuple)) else out_mask
    into.append({
        "name": name,
        "layer": type(layer).__name__,
        "config": serialized(layer)["config"],
        "inputs": arrays(inputs),
        "mask": None if mask is None else array(mask),
        "training": training,
        "weights": [{"name": w.name, **array(w)} for w in layer.weights],
        "outputs": arrays(outputs),
        "output_mask": None if out_mask is None else array(out_mask),
        "seed_gradients": arrays(seeds),
        "input_gradients": arrays(gradients[: len(floating)]),
        "weight_gradients": [{"name": w.name, **array(v)} for w, v in zip(layer.trainable_weights, gradients[len(floating) :])],
    })


HOLES = [[1, 1, 0, 1, 0], [0, 1, 1, 1, 1], [1, 1, 1, 0, 0]]


def recurrent():
    for cls, short, count in ((L.SimpleRNN, "simple_rnn", 1), (L.LSTM, "lstm", 2), (L.GRU, "gru", 1)):
        states = [(3, 4)] * count
        case(short, cls(4), (3, 5, 2))
        case(f"{short}_sequences", cls(4, return_sequences=True), (3, 5, 2))
        case(f"{short}_state", cls(4, return_state=True), (3, 5, 2))
        case(f"{short}_sequences_state", cls(4, return_sequences=True, return_state=True), (3, 5, 2))
        case(f"{short}_backwards", cls(4, return_sequences=True, go_backwards=True), (3, 5, 2))
        case(f"{short}_backwards_last", cls(4, go_backwards=True), (3, 5, 2), mask=HOLES)
        case(f"{short}_mask", cls(4), (3, 5, 2), mask=HOLES)
        case(f"{short}_mask_sequences_state", cls(4, return_sequences=True, return_state=True), (3, 5, 2), mask=HOLES)
        case(f"{short}_mask_states", cls(4, return_sequences=True, return_state=True), (3, 5, 2), states=states, mask=HOLES)
        zeroing = cls(4, return_sequences=True, zero_output_for_mask=True)
        case(f"{short}_mask_zero", zeroing, (3, 5, 2), mask=HOLES)
        case(f"{short}_initial", cls(4, return_sequences=True), (3, 5, 2), states=states)
        case(f"{short}_no_bias", cls(4, use_bias=False), (3, 5, 2))
        case(f"{short}_unroll", cls(4, unroll=True, return_sequences=True, return_state=True), (3, 5, 2), mask=HOLES, states=states)
        case(f"{short}_relu", cls(4, activation="relu"), (3, 3, 2))
        case(f"{short}_stateful", cls(4, stateful=True, return_state=True), (3, 5, 2))
        case(f"{short}_units_17", cls(17, return_sequences=True), (2, 3, 3), scale=0.5)
        case(f"{short}_one_step", cls(2), (1, 1, 1))
    case("lstm_hard_sigmoid", L.LSTM(3, recurrent_activation="hard_sigmoid"), (2, 3, 2))
    case("lstm_no_forget_bias", L.LSTM(3, unit_forget_bias=False), (2, 3, 2))
    case("gru_reset_before", L.GRU(4, reset_after=False, return_sequences=True), (3, 5, 2))
    case("gru_reset_before_mask", L.GRU(4, reset_after=False, return_state=True), (3, 5, 2), mask=HOLES, states=[(3, 4)])
    case("gru_reset_before_no_bias", L.GRU(4, reset_after=False, use_bias=False), (3, 5, 2))
    for cls, short in ((L.SimpleRNN, "simple_rnn"), (L.LSTM, "lstm"), (L.GRU, "gru")):
        case(f"{short}_dropout", cls(3, dropout=0.25, recurrent_dropout=0.5, seed=3, activity_regularizer="l2"), (2, 4, 2))
    case("gru_hard_sigmoid", L.GRU(3, recurrent_activation="hard_sigmoid", activation="softsign"), (2, 4, 2))
    case("gru_reset_before_unroll", L.GRU(4, reset_after=False, unroll=True), (3, 5, 2), mask=HOLES)


def cells():
    case("rnn_lstm_cell", L.RNN(L.LSTMCell(4), return_sequences=True, return_state=True), (3, 5, 2), mask=HOLES)
    case("rnn_gru_cell", L.RNN(L.GRUCell(3, reset_after=False)), (2, 4, 2))
    case("rnn_simple_cell", L.RNN(L.SimpleRNNCell(3), go_backwards=True, unroll=True), (2, 4, 2))
    stacked = L.RNN([L.SimpleRNNCell(3), L.SimpleRNNCell(2)], return_sequences=True)
    case("rnn_stacked", stacked, (3, 5, 2), mask=HOLES)
    case("rnn_stacked_gru", L.RNN([L.GRUCell(3), L.LSTMCell(2)], return_sequences=True, zero_output_for_mask=True), (3, 5, 2), mask=HOLES)
    case("rnn_lstm_cell_relu", L.RNN(L.LSTMCell(3, activation="relu", recurrent_activation="hard_sigmoid", use_bias=False), stateful=True), (2, 4, 2))
    case("rnn_lstm_cell_no_forget_bias", L.RNN(L.LSTMCell(3, unit_forget_bias=False, dropout=0.25, recurrent_dropout=0.5, seed=3)), (2, 4, 2))
    case("rnn_gru_cell_relu", L.RNN(L.GRUCell(3, activation="relu", recurrent_activation="hard_sigmoid", use_bias=False, dropout=0.25, recurrent_dropout=0.5, seed=3)), (2, 4, 2))
    case("rnn_simple_cell_relu", L.RNN(L.SimpleRNNCell(3, activation="relu", use_bias=False, dropout=0.25, recurrent_dropout=0.5, seed=3)), (2, 4, 2))


def wrappers():
    for mode in ("concat", "sum", "ave", "mul", None):
        case(f"bidirectional_{mode}", L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode=mode), (3, 5, 2), mask=HOLES)
    case("bidirectional_last", L.Bidirectional(L.GRU(3)), (2, 4, 2))
    case("bidirectional_state", L.Bidirectional(L.LSTM(3, return_state=True)), (3, 5, 2), states=[(3, 3)] * 4)
    other = L.GRU(2, return_sequences=True, go_backwards=True)
    case("bidirectional_backward_layer", L.Bidirectional(L.LSTM(3, return_sequences=True), backward_layer=other), (2, 4, 2))
    case("time_distributed", L.TimeDistributed(L.Dense(3, activation="tanh")), (2, 4, 3))
    case("time_distributed_rank4", L.TimeDistributed(L.LSTM(2)), (2, 3, 4, 2))
    case("time_distributed_stateful", L.TimeDistributed(L.GRU(2, stateful=True)), (2, 3, 4, 2))
    case("time_distributed_batch_normalization", L.TimeDistributed(L.BatchNormalization()), (3, 4, 2), training=True)
    case("time_distributed_mask", L.TimeDistributed(L.Dense(3)), (3, 5, 2), mask=HOLES)


def embedding():
    case("embedding", L.Embedding(7, 3), (2, 4), indices=7)
    case("embedding_mask_zero", L.Embedding(4, 2, mask_zero=True), (3, 5), indices=4)
    case("embedding_rank3", L.Embedding(5, 2), (2, 3, 2), indices=5)
    case("reversible_embedding", L.ReversibleEmbedding(5, 3), (2, 4), indices=5)
    case("reversible_embedding_mask_zero", L.ReversibleEmbedding(4, 2, mask_zero=True), (3, 5), indices=4)
    case("masking", L.Masking(), (2, 3, 2))
    case("masking_mask", L.Masking(1.5), (2, 3, 1))


def normalization():
    case("layer_normalization", L.LayerNormalization(), (3, 5))
    case("layer_normalization_rank3", L.LayerNormalization(epsilon=0.1), (2, 3, 4))
    case("layer_normalization_axis1", L.LayerNormalization(axis=1), (2, 3, 4))
    case("layer_normalization_axes", L.LayerNormalization(axis=[1, 2]), (2, 3, 4))
    case("layer_normalization_negative_axes", L.LayerNormalization(axis=[-2, -1]), (2, 3, 4))
    case("layer_normalization_no_scale", L.LayerNormalization(scale=False), (3, 5))
    case("layer_normalization_no_center", L.LayerNormalization(center=False), (3, 5))
    case("layer_normalization_bare", L.LayerNormalization(center=False, scale=False), (3, 5))
    case("layer_normalization_rms_scaling", L.LayerNormalization(rms_scaling=True), (3, 5))
    case("rms_normalization", L.RMSNormalization(), (3, 5))
    case("rms_normalization_epsilon", L.RMSNormalization(epsilon=0.1), (2, 3, 4))
    case("rms_normalization_axis1", L.RMSNormalization(axis=1), (2, 3, 3))
    case("rms_normalization_axes", L.RMSNormalization(axis=[1, 2]), (2, 3, 4))
    case("unit_normalization", L.UnitNormalization(), (3, 5))
    case("unit_normalization_axes", L.UnitNormalization(axis=[1, 2]), (2, 3, 4))


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    for group in (recurrent, cells, wrappers, embedding, normalization):
        group()
    write("sequence_layers", CASES)


if __name__ == "__main__":
    make()
