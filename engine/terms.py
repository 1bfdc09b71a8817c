"""What one step adds to the gradient of a parameter, from the δ of the slot and what it has read.

Here is the arithmetic alone, by the op of the slot; which slots use a parameter, and at which
steps, is known to `engine.recording`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.pictures import conv_terms, conv_weight, sum_channels
from engine.template import Slot

Array = np.ndarray[Any, np.dtype[Any]]


def term(slot: Slot, d: Array, x: Array | None) -> Array:
    """The term of one step: d (B, n), x (B, m), or None where the parameter is the bias."""
    if slot.op != "conv":
        return np.asarray(d.sum(0) if x is None else d.T @ x)
    size = dict(slot.constants)
    if x is None:
        return sum_channels(d, int(size["channels"]))
    return conv_weight(d, x, int(size["rows"]), int(size["columns"]), int(size["kernel"]))


def squares(slot: Slot, d: Array, x: Array | None) -> Array:
    """‖term‖² of every step, (T,), from d (T, B, n) and x (T, B, m) or None.

    Of a matrix without forming the terms: sum((D Dᵀ) ∘ (X Xᵀ)).
    """
    if slot.op == "conv":
        return _squares_of_kernels(slot, d, x)
    if x is None:
        return np.asarray(np.square(d.sum(1)).sum(-1), float)
    if d.shape[1] == 1:
        return np.asarray(np.square(d).sum((1, 2)) * np.square(x).sum((1, 2)), float)
    grams = np.matmul(d, d.transpose(0, 2, 1)) * np.matmul(x, x.transpose(0, 2, 1))
    return np.asarray(grams.sum((1, 2)), float)


def _squares_of_kernels(slot: Slot, d: Array, x: Array | None) -> Array:
    size = {name: int(value) for name, value in slot.constants}
    if x is None:
        sums = d.sum(1).reshape(len(d), size["channels"], -1).sum(-1)
        return np.asarray(np.square(sums).sum(-1), float)
    terms = conv_terms(d, x, size["rows"], size["columns"], size["kernel"])
    return np.asarray(np.square(terms).reshape(len(d), -1).sum(-1), float)
