"""conv_lstm.json: ConvLSTM1D to 3D: what make_sequence_layers.py says of a layer."""

import functools

from golden_format import write

import keras
import make_sequence_layers

L = keras.layers
CASES = []
case = functools.partial(make_sequence_layers.case, into=CASES)
HOLES = [[1, 0, 1], [0, 1, 1]]


def conv_lstm():
    C = L.ConvLSTM2D
    shape, state = (2, 3, 4, 3, 2), (2, 2, 2, 3)
    case("conv_lstm_2d", C(3, (3, 2)), shape)
    case("conv_lstm_2d_sequences_state", C(3, (3, 2), return_sequences=True, return_state=True), shape)
    case("conv_lstm_2d_initial", C(3, (3, 2), return_state=True), shape, states=[state, state])
    case("conv_lstm_2d_mask", C(3, (3, 2), return_sequences=True, return_state=True), shape, mask=HOLES)
    case("conv_lstm_2d_mask_zero", C(3, (3, 2), return_sequences=True, zero_output_for_mask=True), shape, mask=HOLES)
    case("conv_lstm_2d_mask_last", C(2, 2), shape, mask=HOLES)
    case("conv_lstm_2d_same", C(2, 3, padding="same", return_sequences=True, go_backwards=True), shape)
    case("conv_lstm_2d_strides", C(2, 2, strides=(2, 1), padding="same", use_bias=False), shape)
    case("conv_lstm_2d_dilation", C(2, 2, dilation_rate=2, recurrent_activation="hard_sigmoid", activation="relu"), shape)
    case("conv_lstm_2d_unroll", C(2, 2, unroll=True, unit_forget_bias=False, return_state=True), shape)
    case("conv_lstm_2d_stateful", C(2, 2, stateful=True), shape)
    case("conv_lstm_1d", L.ConvLSTM1D(3, 2, return_sequences=True), (2, 3, 4, 2))
    case("conv_lstm_1d_same", L.ConvLSTM1D(2, 3, strides=2, padding="same"), (1, 2, 5, 3))
    case("conv_lstm_3d", L.ConvLSTM3D(2, 2), (1, 2, 3, 2, 3, 1))
    case("conv_lstm_3d_same", L.ConvLSTM3D(1, (1, 2, 3), padding="same", return_sequences=True), (1, 2, 2, 2, 3, 2))
    C, three = L.ConvLSTM1D, (2, 3, 4, 2)
    case("conv_lstm_1d_dilation", C(2, 2, dilation_rate=2, activation="relu", recurrent_activation="hard_sigmoid", unit_forget_bias=False), three)
    case("conv_lstm_1d_state", C(2, 2, use_bias=False, return_state=True, go_backwards=True), three, mask=HOLES)
    case("conv_lstm_1d_stateful", C(2, 2, stateful=True), three)
    case("conv_lstm_1d_dropout", C(2, 2, dropout=0.25, recurrent_dropout=0.5, seed=3), three)
    C, five = L.ConvLSTM3D, (1, 2, 3, 2, 3, 1)
    case("conv_lstm_3d_strides", C(2, 2, strides=(2, 1, 1), padding="same", activation="relu", recurrent_activation="hard_sigmoid", unit_forget_bias=False), five)
    case("conv_lstm_3d_state", C(2, 2, use_bias=False, return_state=True, go_backwards=True), five)
    case("conv_lstm_3d_dilation", C(1, (2, 1, 2), dilation_rate=(1, 1, 2), stateful=True), five)
    case("conv_lstm_3d_dropout", C(1, 2, dropout=0.25, recurrent_dropout=0.5, seed=3), five)
    first = {"data_format": "channels_first", "unroll": True, "padding": "same"}  # XLA takes no gradient of a loop
    case("conv_lstm_1d_first", L.ConvLSTM1D(2, 2, return_sequences=True, **first), (2, 3, 2, 4), xla=True)
    case("conv_lstm_2d_first", L.ConvLSTM2D(3, (3, 2), strides=(1, 2), **first), (2, 2, 2, 4, 3), xla=True)
    case("conv_lstm_3d_first", L.ConvLSTM3D(2, 2, return_state=True, **first), (1, 2, 1, 2, 3, 2), xla=True)
    case("conv_lstm_2d_dropout", L.ConvLSTM2D(2, 2, dropout=0.25, recurrent_dropout=0.5, seed=3), shape)


def make():
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    conv_lstm()
    write("conv_lstm", CASES)


if __name__ == "__main__":
    make()
