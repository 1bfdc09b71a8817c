"""Numbers of other programs' recurrent layers as this program's parameters, and the way back.

SOURCES has a row for each program: its gate order, and how the parts of one layer and direction are
put together. This program's LSTM has one W on [h; x] with blocks f i g o and one bias, its RNN
W_hh, W_xh and one bias, its GRU W_x, W_h, b_x, b_h with blocks r z n.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.models.layers import Recurrent
from engine.models.weights import Array, Weights

CELLS = {"RNN": "elman", "GRU": "gru", "LSTM": "lstm"}
OWN = {"LSTM": ("f", "i", "g", "o"), "GRU": ("r", "z", "n"), "RNN": ()}
Parts = dict[str, Array]
Of = Callable[[str], Array]


@dataclass(frozen=True, slots=True)
class Source:
    """`gates`: the order in the file. `own(stack, parts)`: this program's parameters of one layer.
    `part(stack, name, of)`: one part of the file again, where `of` gives ours by name."""

    gates: dict[str, tuple[str, ...]]
    own: Callable[[Recurrent, Parts], Parts]
    part: Callable[[Recurrent, str, Of], Array]


def turned(array: Array, old: tuple[str, ...], new: tuple[str, ...]) -> Array:
    """Blocks of rows in another order."""
    if old == new or not old:
        return array
    blocks = np.split(array, len(old))
    return np.concatenate([blocks[old.index(name)] for name in new])


# ---- PyTorch: rows are outputs, two biases that are added

_PYTORCH = {"LSTM": ("i", "f", "g", "o"), "GRU": ("r", "z", "n"), "RNN": ()}


def _of_pytorch(stack: Recurrent, parts: Parts) -> Parts:
    hh, ih = parts["weight_hh"], parts["weight_ih"]
    none = np.zeros(hh.shape[0], hh.dtype)
    biases = parts.get("bias_ih", none), parts.get("bias_hh", none)
    if stack.kind == "GRU":
        return {"W_x": ih, "W_h": hh, "b_x": biases[0], "b_h": biases[1]}
    if stack.kind == "RNN":
        return {"W_hh": hh, "W_xh": ih, "b": biases[0] + biases[1]}
    found = _one_matrix(hh, ih, biases[0] + biases[1], _PYTORCH["LSTM"])
    return found | ({"P": parts["weight_hr"]} if stack.projection else {})


def _to_pytorch(stack: Recurrent, part: str, of: Of) -> Array:
    if part == "weight_hr":
        return of("P")
    if stack.kind == "GRU":
        key = {"weight_ih": "W_x", "weight_hh": "W_h", "bias_ih": "b_x", "bias_hh": "b_h"}[part]
        return of(key)
    if part.startswith("bias"):
        return turned(of("b"), OWN[stack.kind], _PYTORCH[stack.kind])
    if stack.kind == "RNN":
        return of("W_xh" if part == "weight_ih" else "W_hh")
    both = turned(of("W"), OWN["LSTM"], _PYTORCH["LSTM"])
    state = stack.projection or stack.hidden
    return both[:, state:] if part == "weight_ih" else both[:, :state]


def _one_matrix(hh: Array, ih: Array, bias: Array, order: tuple[str, ...]) -> Parts:
    both = np.concatenate([hh, ih], 1)
    return {"W": turned(both, order, OWN["LSTM"]), "b": turned(bias, order, OWN["LSTM"])}


# ---- Keras: columns are outputs, one bias, or with reset_after two on top of each other

_KERAS = {"LSTM": ("i", "f", "g", "o"), "GRU": ("z", "r", "n"), "RNN": ()}


def _of_keras(stack: Recurrent, parts: Parts) -> Parts:
    ih, hh = parts["kernel"].T, parts["recurrent_kernel"].T
    bias = parts.get("bias", np.zeros(ih.shape[0], ih.dtype))
    if stack.kind == "RNN":
        return {"W_hh": hh, "W_xh": ih, "b": bias}
    order = _KERAS[stack.kind]
    if stack.kind == "LSTM":
        return _one_matrix(hh, ih, bias, order)
    over = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    named = {"W_x": ih, "W_h": hh, "b_x": over[0], "b_h": over[1]}
    return {name: turned(array, order, OWN["GRU"]) for name, array in named.items()}


def _to_keras(stack: Recurrent, part: str, of: Of) -> Array:
    old, new = OWN[stack.kind], _KERAS[stack.kind]
    if part == "bias":
        if stack.kind != "GRU":
            return turned(of("b"), old, new)
        first = turned(of("b_x"), old, new)
        return np.stack([first, turned(of("b_h"), old, new)]) if stack.reset_after else first
    if stack.kind == "LSTM":
        both = turned(of("W"), old, new)
        found = both[:, stack.hidden :] if part == "kernel" else both[:, : stack.hidden]
    elif stack.kind == "GRU":
        found = turned(of("W_x" if part == "kernel" else "W_h"), old, new)
    else:
        found = of("W_xh" if part == "kernel" else "W_hh")
    return np.ascontiguousarray(found.T)


SOURCES = {
    "PyTorch": Source(_PYTORCH, _of_pytorch, _to_pytorch),
    "Keras": Source(_KERAS, _of_keras, _to_keras),
}


# ---- a whole stack


def gates_of(stack: Recurrent) -> tuple[str, ...]:
    """The gates in the order of the file, by this program's letters."""
    return SOURCES[stack.source].gates[stack.kind]


def suffix(layers: int, layer: int, direction: int) -> str:
    """What this program appends to the names of a layer's parameters."""
    return (f"^{layer + 1}" if layers > 1 else "") + ("^b" if direction else "")


def parameters(
    stack: Recurrent, weights: Weights, dtype: str, first: int = 0, of: int = 0
) -> Parts:
    """This program's parameters of a stack, by name; it is layer `first` and on of so many."""
    found: Parts = {}
    for layer in range(stack.layers):
        for direction in range(stack.directions):
            parts = {
                part: np.asarray(weights.arrays[name], dtype)
                for (at, way, part), name in stack.names.items()
                if (at, way) == (layer, direction)
            }
            mark = suffix(of or stack.layers, first + layer, direction)
            own = SOURCES[stack.source].own(stack, parts)
            found |= {name + mark: array for name, array in own.items()}
    return found


def is_second_bias(stack: Recurrent, part: str) -> bool:
    """Whether the part is only added to another that has the same gradient."""
    return stack.source == "PyTorch" and stack.kind != "GRU" and part == "bias_hh"


def folded(stack: Recurrent, ours: Parts) -> Parts:
    """Parameters with all of a bias where the file has a place for it: Keras knows one bias of a
    GRU whose reset comes before the product, this program two that are added."""
    if stack.source != "Keras" or stack.kind != "GRU" or stack.reset_after:
        return ours
    found = dict(ours)
    for name, array in ours.items():
        if name.startswith("b_h"):
            first = name.replace("b_h", "b_x", 1)
            found |= {first: ours[first] + array, name: np.zeros_like(array)}
    return found


def as_in_file(stack: Recurrent, ours: Parts, first: int = 0, of: int = 0) -> Parts:
    """Gradients (or whatever stands under this program's names) under the names of the file. Two
    biases that are added have the same gradient."""
    found: Parts = {}
    for (layer, direction, part), name in stack.names.items():
        mark = suffix(of or stack.layers, first + layer, direction)

        def ours_of(key: str, mark: str = mark) -> Array:
            return np.asarray(ours[key + mark])

        found[name] = SOURCES[stack.source].part(stack, part, ours_of)
    return found
