"""Convolutional networks against stored results of PyTorch 2.13.0: loss, states, gradients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import engine
from engine.sequences import Batch

FOLDER = Path(__file__).parents[1] / "reference" / "torch" / "pictures"
NAMES = sorted(path.stem for path in FOLDER.glob("*.npz"))
LSTM_BLOCKS = (1, 0, 2, 3)  # ours f i g o, PyTorch's i f g o


def converted(stored, cell: str, layers: int, prefix: str = "") -> dict[str, np.ndarray]:
    """Parameters (or, with the prefix g_, their gradients) under our names, in our order."""
    found = {"V": stored[f"{prefix}V"], "c": stored[f"{prefix}c"]}
    for layer in range(layers):
        weight, bias = stored[f"{prefix}weight_{layer}"], stored[f"{prefix}bias_{layer}"]
        hidden = stored["h0"].shape[2]
        x, h = weight[:, :-hidden], weight[:, -hidden:]
        suffix = f"^{layer + 1}" if layers > 1 else ""
        if cell == "conv-lstm":
            whole = np.concatenate([h, x], 1)
            found[f"W{suffix}"] = np.concatenate([np.split(whole, 4)[k] for k in LSTM_BLOCKS])
            found[f"b{suffix}"] = np.concatenate([np.split(bias, 4)[k] for k in LSTM_BLOCKS])
        else:
            found |= {f"W_hh{suffix}": h, f"W_xh{suffix}": x, f"b{suffix}": bias}
    if cell == "elman":
        found |= {"U": stored[f"{prefix}kernel"], "d": stored[f"{prefix}kernel_bias"]}
    return found


def flat(array: np.ndarray, axes: int) -> np.ndarray:
    return array.reshape(*array.shape[:axes], -1)


@pytest.mark.parametrize("name", NAMES)
def test_convolutional_networks_agree_with_torch(name):
    with np.load(FOLDER / f"{name}.npz") as file:
        stored = {key: file[key] for key in file.files}
    kind, layers, told = name.rsplit("_", 2)
    cell = {"conv_rnn": "conv-rnn", "conv_lstm": "conv-lstm", "encoder_rnn": "elman"}[kind]
    lengths, count = stored["lengths"], int(layers)
    steps, sequences = stored["x"].shape[:2]
    given = Batch(
        x=flat(stored["x"], 2),
        start=np.zeros(sequences, np.int64),
        stop=lengths,
        kind="class" if told == "ce" else "regression",
        targets=stored["targets"],
        weights=(np.arange(steps)[:, None] < lengths).astype(float),
        readout="every",
        outputs=3 if told == "ce" else 16,
    )
    found = engine.run(
        given,
        cell=cell,
        hidden=2,
        layers=count,
        encoder="convolution" if cell == "elman" else "none",
        parameters=converted(stored, cell, count),
        states={n: flat(stored[n], 2) for n in ("h0", "c0") if n in stored},
    )
    recording = found.recording
    np.testing.assert_allclose(recording.loss, stored["loss"], rtol=1e-12)
    near = {"rtol": 0, "atol": 1e-11}
    for key, gradient in converted(stored, cell, count, "g_").items():
        np.testing.assert_allclose(recording.gradients[key], gradient, **near, err_msg=key)
    for key, delta in recording.initial_deltas.items():
        np.testing.assert_allclose(delta, flat(stored[f"g_{key}"], 2), **near)
    np.testing.assert_allclose(recording.delta(0, 0), flat(stored["g_x"], 2), **near)
    inside = np.arange(steps)[:, None, None] < lengths[:, None]
    for layer, place in enumerate(chain[0] for chain in found.chains("h")):
        for ours, theirs in ((recording.value, "h"), (recording.delta, "dh")):
            expected = np.where(inside, flat(stored[theirs][layer], 2), 0)
            np.testing.assert_allclose(ours(*place), expected, **near)


def test_the_stored_results_cover_cells_layers_and_losses():
    assert {name.rsplit("_", 2)[0] for name in NAMES} == {"conv_rnn", "conv_lstm", "encoder_rnn"}
    assert {name.rsplit("_", 2)[1] for name in NAMES} == {"1", "2"}
    assert {name.rsplit("_", 2)[2] for name in NAMES} == {"ce", "se"}
