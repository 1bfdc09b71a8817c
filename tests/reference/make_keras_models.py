"""Writes tests/reference/keras/: models as Keras saves them, and what they do (float64).

Run by hand with keras 3 on its torch backend (KERAS_BACKEND=torch), h5py and torch installed.
`keras_models.npz` holds "case/name" arrays: x, cot_y, under out/ the outputs, and gradients, those
of weights under the paths that they have in the file, in the order in which Keras lists them.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import torch

STEPS, BATCH, INPUTS, UNITS = 5, 3, 2, 3
LAYERS = keras.layers
CASES = {
    "rnn": lambda: [LAYERS.SimpleRNN(UNITS, return_sequences=True)],
    "rnn_relu": lambda: [LAYERS.SimpleRNN(UNITS, activation="relu", return_sequences=True)],
    "lstm": lambda: [LAYERS.LSTM(UNITS, return_sequences=True)],
    "lstm_plain": lambda: [LAYERS.LSTM(UNITS, use_bias=False, return_sequences=True)],
    "gru": lambda: [LAYERS.GRU(UNITS, return_sequences=True)],
    "gru_before": lambda: [LAYERS.GRU(UNITS, reset_after=False, return_sequences=True)],
    "lstm_stacked": lambda: [LAYERS.LSTM(UNITS, return_sequences=True) for _ in range(2)],
    "gru_both": lambda: [LAYERS.Bidirectional(LAYERS.GRU(UNITS, return_sequences=True))],
    "lstm_both": lambda: [LAYERS.Bidirectional(LAYERS.LSTM(UNITS, return_sequences=True))],
}


def main() -> None:
    keras.config.set_floatx("float64")
    keras.utils.set_random_seed(9)
    folder = Path(__file__).parent / "keras"
    folder.mkdir(exist_ok=True)
    kept: dict[str, np.ndarray] = {}
    for name, layers in CASES.items():
        model = keras.Sequential([LAYERS.Input((STEPS, INPUTS)), *layers()])
        for variable in model.trainable_variables:
            variable.assign(np.random.default_rng(len(kept)).standard_normal(variable.shape) / 2)
        model.save(folder / f"{name}.keras")
        x = torch.randn(BATCH, STEPS, INPUTS, dtype=torch.float64, requires_grad=True)
        y = model(x)
        cotangent = torch.randn_like(y)
        (y * cotangent).sum().backward()
        found = {"x": x.transpose(0, 1), "cot_y": cotangent.transpose(0, 1)}
        found |= {"out/y": y.transpose(0, 1), "out/g_x": x.grad.transpose(0, 1)}
        for n, variable in enumerate(model.trainable_variables):
            found[f"gradients/{n}"] = variable.value.grad
        kept |= {f"{name}/{key}": each.detach().numpy() for key, each in found.items()}
    model = keras.Sequential(
        [LAYERS.Input((None,), dtype="int32"), LAYERS.Embedding(6, INPUTS), LAYERS.LSTM(UNITS),
         LAYERS.Dense(2)]
    )  # fmt: skip
    model.save(folder / "old.h5")
    np.savez_compressed(folder / "keras_models.npz", **kept)


if __name__ == "__main__":
    main()
