"""What stands for a product with one-hot rows: columns looked up, and deltas added up by token.

A row of OPS names these in its `looked_up` sources; everything else of a linear op is in `ops`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


def token_sums(rows: Array, tokens: Array, out: Array) -> None:
    """out (width, V) = the sum of the rows (T·B, width) of each token in tokens (T, B): what the
    product of the turned rows with one-hot inputs would be."""
    tokens = tokens.ravel()
    order = np.argsort(tokens, kind="stable")
    ends = np.cumsum(np.bincount(tokens, minlength=out.shape[1])).tolist()
    sums = np.zeros((out.shape[1], rows.shape[1]), rows.dtype)
    low = 0
    for total, high in zip(sums, ends, strict=True):
        if high > low:
            np.add.reduce(rows.take(order[low:high], 0), 0, None, total)
        low = high
    out[...] = sums.T


TOKEN_CALLS: dict[str, Callable[..., Any]] = {"token_sums": token_sums}
