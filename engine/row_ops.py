"""Sums over the rows of a delta that take several calls: those of each token, which stand for a
product with one-hot rows, and those of a float32 bias, with the digits of float64.

Rows of OPS name these in their sources; everything else of a linear op is in `ops`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

CHUNK = 64


def row_sums(rows: Array, out: Array | None = None) -> Array:
    """Σ of the rows (n, width): 64 at a time by a product, the sums of those in float64.

    Four times as fast as adding all in float64, and of 100,000 terms that nearly cancel no more
    digits are lost than the terms themselves lack.
    """
    whole = len(rows) // CHUNK * CHUNK
    sums: Array = rows[whole:].sum(0, dtype=float)
    if whole:
        ones = np.ones((1, CHUNK), rows.dtype)
        sums += np.matmul(ones, rows[:whole].reshape(-1, CHUNK, rows.shape[1])).sum((0, 1), float)
    if out is None:
        return sums
    out[...] = sums
    return out


def token_sums(rows: Array, tokens: Array, out: Array) -> None:
    """out (width, V) = the sum of the rows (T·B, width) of each token in tokens (T, B): what the
    product of the turned rows with one-hot inputs would be."""
    # numbers of one or two bytes are sorted by counting
    tokens = tokens.ravel().astype(np.min_scalar_type(out.shape[1]))
    order = np.argsort(tokens, kind="stable")
    ones = np.ones(len(order), rows.dtype)
    ends = np.cumsum(np.bincount(tokens, minlength=out.shape[1])).tolist()
    sums = np.zeros((out.shape[1], rows.shape[1]), rows.dtype)
    low = 0
    for total, high in zip(sums, ends, strict=True):
        if high > low:
            np.dot(ones[low:high], rows.take(order[low:high], 0), total)
        low = high
    out[...] = sums.T


ROW_CALLS: dict[str, Callable[..., Any]] = {"row_sums": row_sums, "token_sums": token_sums}
