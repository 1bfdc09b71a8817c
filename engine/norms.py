"""‖·‖ of every step of an array, over sequences and units. What is measured of a recording with
it stands in `engine.measures`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
# sums of squares that float32 has with all its digits; a vanishing delta lies far below
FLOAT32 = (1e-28, 1e36)


def step_norms(values: NDArray[Any]) -> Array:
    """‖·‖ of every step of (T, B, width), over sequences and units: (T,) float64."""
    squares = _squares(values)
    if values.itemsize == 4:
        low, high = FLOAT32
        squares = squares.astype(np.float64)
        lost = ~((squares > low) & (squares < high))
        squares[lost] = _squares(values[lost].astype(np.float64))
    norms: Array = np.sqrt(squares)
    return norms


def _squares(values: NDArray[Any]) -> Array:
    """‖·‖² of every step. A product a sequence: no array of squares is made."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        each: Array = np.vecdot(values, values)
        # where there is nothing to add, adding is a third of the time of a short recording
        return each[:, 0] if each.shape[1] == 1 else each.sum(1, dtype=np.float64)
