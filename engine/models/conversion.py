"""Numbers of PyTorch's recurrent layers as this program's parameters, and gradients the way back.

PyTorch: LSTM blocks i f g o, GRU r z n, and two biases which are added. This program's LSTM has one
W on [h; x] with blocks f i g o and one bias, its RNN one bias; its GRU is PyTorch's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.models.layers import Recurrent
from engine.models.weights import Array, Weights

CELLS = {"RNN": "elman", "GRU": "gru", "LSTM": "lstm"}
GATES = {"LSTM": ("i", "f", "g", "o"), "GRU": ("r", "z", "n"), "RNN": ()}  # in the file
OWN = {"LSTM": ("f", "i", "g", "o"), "GRU": ("r", "z", "n"), "RNN": ()}  # in this program


def suffix(layers: int, layer: int, direction: int) -> str:
    """What this program appends to the names of a layer's parameters."""
    return (f"^{layer + 1}" if layers > 1 else "") + ("^b" if direction else "")


def _turned(array: Array, kind: str, back: bool = False) -> Array:
    """The blocks of rows in this program's order, or `back` in the file's."""
    old, new = (OWN[kind], GATES[kind]) if back else (GATES[kind], OWN[kind])
    if old == new:
        return array
    blocks = np.split(array, len(old))
    return np.concatenate([blocks[old.index(name)] for name in new])


def parameters(stack: Recurrent, weights: Weights, dtype: str) -> dict[str, Array]:
    """This program's parameters of a stack, by name."""
    found: dict[str, Array] = {}
    for layer in range(stack.layers):
        for direction in range(stack.directions):
            own = {
                part: np.asarray(weights.arrays[name], dtype)
                for (at, way, part), name in stack.names.items()
                if (at, way) == (layer, direction)
            }
            mark = suffix(stack.layers, layer, direction)
            found |= {name + mark: a for name, a in _of_layer(stack, own, dtype).items()}
    return found


def _of_layer(stack: Recurrent, own: dict[str, Array], dtype: str) -> dict[str, Array]:
    rows = own["weight_hh"].shape[0]
    none = np.zeros(rows, dtype)
    biases = own.get("bias_ih", none), own.get("bias_hh", none)
    if stack.kind == "GRU":
        named = {"W_x": own["weight_ih"], "W_h": own["weight_hh"]}
        return {**named, "b_x": biases[0], "b_h": biases[1]}
    if stack.kind == "RNN":
        return {"W_hh": own["weight_hh"], "W_xh": own["weight_ih"], "b": biases[0] + biases[1]}
    both = np.concatenate([own["weight_hh"], own["weight_ih"]], 1)
    found = {"W": _turned(both, "LSTM"), "b": _turned(biases[0] + biases[1], "LSTM")}
    return found | ({"P": own["weight_hr"]} if stack.projection else {})


def as_in_file(stack: Recurrent, ours: dict[str, Array]) -> dict[str, Array]:
    """Gradients (or whatever stands under this program's names) under the names of the file. Two
    biases that are added have the same gradient."""
    found: dict[str, Array] = {}
    for (layer, direction, part), name in stack.names.items():
        mark = suffix(stack.layers, layer, direction)
        found[name] = _part(stack, part, lambda key, mark=mark: ours[key + mark])
    return found


def _part(stack: Recurrent, part: str, of: Any) -> Array:
    if part == "weight_hr":
        return np.asarray(of("P"))
    if stack.kind == "GRU":
        key = {"weight_ih": "W_x", "weight_hh": "W_h", "bias_ih": "b_x", "bias_hh": "b_h"}[part]
        return np.asarray(of(key))
    if part.startswith("bias"):
        return _turned(of("b"), stack.kind, back=True)
    if stack.kind == "RNN":
        return np.asarray(of("W_xh" if part == "weight_ih" else "W_hh"))
    both = _turned(of("W"), "LSTM", back=True)
    state = stack.projection or stack.hidden
    return both[:, state:] if part == "weight_ih" else both[:, :state]
