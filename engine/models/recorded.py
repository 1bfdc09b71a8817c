"""A recorded run of the real thing: one .npz with weights, inputs, outputs and what came back.

The snippet that writes it is `resources/snippets/pytorch.txt`. It keeps what the layer was given
and what it gave as they are, padded or packed, batch first or not; they are put in order here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.errors import Unusable
from engine.models.weights import Array, Weights

GIVEN, OUT, GRAD = "given.", "out.", "grad."
WEIGHTS, WEIGHTS_GRAD = "weights.", "weights_grad."


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """`inputs` and `outputs` under the names of `run --inputs` and `--out`; `weights` alone;
    `relu`: the nonlinearity of an RNN."""

    weights: Weights
    inputs: dict[str, Array]
    outputs: dict[str, Array]
    relu: bool


def is_recorded(names: list[str]) -> bool:
    """Whether arrays under these names are a recorded run."""
    return f"{GIVEN}0" in names and any(name.startswith(WEIGHTS) for name in names)


def recorded(found: Weights) -> Recorded:
    """The arrays of a recorded run put in order; Unusable, one line, if they cannot be one."""
    parts = {
        word: {
            name.removeprefix(word): array
            for name, array in found.arrays.items()
            if name.startswith(word)
        }
        for word in (GIVEN, OUT, GRAD, WEIGHTS, WEIGHTS_GRAD)
    }
    weights = Weights(
        parts[WEIGHTS],
        {name: _dtype(found, array) for name, array in parts[WEIGHTS].items()},
        found.name,
        "recorded run",
    )
    first = bool(found.arrays.get("batch_first", np.zeros(())).any())
    given = _Call.of(_row(parts[GIVEN], found.name), first, found.name)
    out = _Call.of(_row(parts[OUT], found.name), first, found.name)
    inputs = {"x": given.sequence, **dict(zip(("h0", "c0"), given.states))}
    if given.lengths is not None:
        inputs["lengths"] = given.lengths
    outputs = {"y": out.sequence, **dict(zip(("h_n", "c_n"), out.states))}
    outputs |= {f"g_{name}": array for name, array in parts[WEIGHTS_GRAD].items()}
    if parts[GRAD]:
        rows = _row(parts[OUT], found.name)
        grads = [parts[GRAD].get(str(n)) for n in range(len(rows))]
        back = _Call.of(
            [r if r.dtype.kind != "f" else _or_zero(g, r) for r, g in zip(rows, grads)],
            first,
            found.name,
        )
        inputs |= dict(zip(("cot_y", "cot_h_n", "cot_c_n"), (back.sequence, *back.states)))
    return Recorded(weights, inputs, outputs, bool(found.arrays.get("relu", np.zeros(())).any()))


def disagreement(errors: Mapping[str, float], dtype: str) -> str:
    """What is to be said of a recorded run that does not come out as it was; "" if it does."""
    limit = {"float64": 1e-6, "float32": 1e-3}.get(dtype, 0.1)
    apart = [name for name, error in errors.items() if error > limit]
    if any(name in ("y", "h_n", "c_n") for name in apart):
        return (
            "outputs are not the recorded ones: dropout between the layers was on while it was"
            " recorded (model.eval() turns it off)"
        )
    if apart:
        return (
            "outputs agree and gradients of weights do not: the layer was called more than once in"
            " that update, of which the last call was recorded, or the loss reads the weights too"
        )
    return ""


def _dtype(found: Weights, array: Array) -> str:
    """A weight's own: numpy has no bfloat16, so the snippet says it."""
    widened = bool(found.arrays.get("bfloat16", np.zeros(())).any())
    return "bfloat16" if widened and array.dtype.kind == "f" else array.dtype.name


def _or_zero(grad: Array | None, like: Array) -> Array:
    return np.zeros_like(like) if grad is None else grad


def _row(arrays: dict[str, Array], name: str) -> list[Array]:
    """Arrays numbered from 0 on, in order."""
    if set(arrays) != {str(n) for n in range(len(arrays))}:
        raise Unusable(f"{name}: its arrays are not numbered from 0 on; record it anew")
    return [arrays[str(n)] for n in range(len(arrays))]


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """What a layer was given or gave: a sequence (T, B, ·), lengths if it was packed, states."""

    sequence: Array
    lengths: Array | None
    states: tuple[Array, ...]

    @staticmethod
    def of(row: list[Array], batch_first: bool, name: str) -> _Call:
        whole = [array for array in row if array.dtype.kind in "iu"]
        numbers = [array for array in row if array.dtype.kind == "f"]
        if len(numbers) not in (1, 2, 3) or len(whole) not in (0, 1, 3):
            raise Unusable(
                f"{name} has {len(numbers)} arrays of numbers and {len(whole)} of indices in one"
                " call of the layer; a sequence and up to two states are needed: record it anew"
            )
        first, *states = numbers
        if whole:
            sequence, lengths = _unpacked(first, whole, name)
            return _Call(sequence, lengths, tuple(states))
        if first.ndim == 2:  # one sequence without a batch
            return _Call(first[:, None], None, tuple(state[:, None] for state in states))
        if first.ndim != 3:
            raise Unusable(
                f"{name}: a sequence is {first.shape}; (steps, sequences, width) is needed"
            )
        return _Call(first.swapaxes(0, 1) if batch_first else first, None, tuple(states))


def _unpacked(data: Array, indices: list[Array], name: str) -> tuple[Array, Array]:
    """(T, B, ·) and lengths (B,) of a PackedSequence: its data, batch sizes, and the way back."""
    sizes = indices[0].astype(np.int64)
    falling = sizes.ndim == 1 and sizes.size and sizes.min() > 0 and (np.diff(sizes) <= 0).all()
    if not falling or data.ndim != 2 or sizes.sum() != len(data):
        raise Unusable(f"{name}: a packed sequence and its batch sizes do not fit; record it anew")
    steps, size = len(sizes), int(sizes[0])
    back = indices[2].astype(np.int64) if len(indices) == 3 else np.arange(size)
    if sorted(back.tolist()) != list(range(size)):
        raise Unusable(f"{name}: the order of a packed sequence is none; record it anew")
    inside = np.arange(size) < sizes[:, None]
    padded = np.zeros((steps, size, data.shape[1]), data.dtype)
    padded[inside] = data
    return padded[:, back], inside.sum(0)[back]
