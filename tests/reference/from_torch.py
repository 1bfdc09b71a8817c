"""Reads the stored PyTorch results in our names, gate order and shapes; no engine, no tape."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "torch"
NAMES = sorted(path.stem for path in FOLDER.glob("*.npz"))
OURS = {"rnn": "elman", "lstm": "lstm", "gru": "gru"}
LSTM_BLOCKS = (1, 0, 2, 3)  # ours f i g o, PyTorch's i f g o


@dataclass(frozen=True)
class Case:
    """One file. Gradients are under the parameters' names; `states`, `deltas`: h, c (L,T,B,H)."""

    cell: str
    nonlinearity: str
    layers: int
    readout: str
    loss_kind: str
    x: NDArray[np.float64]
    targets: NDArray
    stop: NDArray[np.int64]
    initial: dict[str, NDArray[np.float64]]
    parameters: dict[str, NDArray[np.float64]]
    gradients: dict[str, NDArray[np.float64]]
    initial_gradients: dict[str, NDArray[np.float64]]
    x_gradient: NDArray[np.float64]
    states: dict[str, NDArray[np.float64]]
    deltas: dict[str, NDArray[np.float64]]
    final: dict[str, NDArray[np.float64]]
    loss: float


def load(name: str) -> Case:
    """The case stored as `name`.npz."""
    with np.load(FOLDER / f"{name}.npz") as file:
        stored = {key: file[key] for key in file.files}
    words = name.split("_")
    kind, layers, readout, loss = words[0], int(words[-3]), words[-2], words[-1]
    states = [s for s in ("h", "c") if f"{s}0" in stored]
    of_state = {"h": "h", "c": "cell"}
    return Case(
        cell=OURS[kind],
        nonlinearity=words[1] if kind == "rnn" else "tanh",
        layers=layers,
        readout=readout,
        loss_kind={"ce": "cross-entropy", "se": "squared-error"}[loss],
        x=stored["x"],
        targets=stored["targets"],
        stop=stored["lengths"],
        initial={f"{s}0": stored[f"{s}0"] for s in states},
        parameters=_convert(stored, kind, layers, "", bias=_both),
        gradients=_convert(stored, kind, layers, "g_", bias=_either),
        initial_gradients={f"{s}0": stored[f"g_{s}0"] for s in states},
        x_gradient=stored["g_x"],
        states={s: stored[of_state[s]] for s in states},
        deltas={s: stored["d" + of_state[s]] for s in states},
        final={s: stored[f"{s}_n"] for s in states},
        loss=float(stored["loss"]),
    )


def _both(a, b):
    return a + b


def _either(a, b):
    """Two biases that are only ever added have one gradient."""
    np.testing.assert_allclose(a, b, rtol=1e-14, atol=1e-15)
    return a


def _convert(stored, kind, layers, prefix, bias):
    found = {"V": stored[f"{prefix}V"], "c": stored[f"{prefix}c"]}
    for layer in range(layers):
        w_x, w_h, b_x, b_h = (
            stored[f"{prefix}{n}_l{layer}"]
            for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        ours = gates(kind, w_x, w_h, b_x, b_h, summed=bias is _both)
        suffix = f"^{layer + 1}" if layers > 1 else ""
        found |= {key + suffix: array for key, array in ours.items()}
    return found


def _reorder(array):
    blocks = np.split(array, 4)
    return np.concatenate([blocks[k] for k in LSTM_BLOCKS])


def gates(kind, w_x, w_h, b_x, b_h, *, summed):
    """Our parameters of one layer; `summed`: two biases are one, else they have one gradient."""
    if kind == "gru":
        return {"W_x": w_x, "b_x": b_x, "W_h": w_h, "b_h": b_h}
    b = (_both if summed else _either)(b_x, b_h)
    if kind == "rnn":
        return {"W_hh": w_h, "W_xh": w_x, "b": b}
    return {"W": _reorder(np.concatenate([w_h, w_x], axis=1)), "b": _reorder(b)}
