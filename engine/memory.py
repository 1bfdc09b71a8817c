"""Memory for the arrays of one recording, taken as one block and handed out piece by piece.

What each piece means is known to `engine.workspace`. A block of some megabytes is given large
pages by the system (numpy asks for them), so a loop that visits thirty arrays at every step finds
them with a few entries of the page table; arrays taken one by one cost a tenth more time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
LINE = 64  # bytes of a cache line


def _own(size: int) -> Array:
    return np.zeros(size, np.uint8)


def aligned(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Zeros that begin where a line of the cache does: BLAS reads a matrix that begins within one
    at two thirds of the speed."""
    return Memory([shape], dtype).zeros(shape)


class Memory:
    """Zeros, out of a block that has room for all `shapes`."""

    room: Callable[[int], Array] = staticmethod(_own)  # where the block comes from, by its bytes

    def __init__(self, shapes: list[tuple[int, ...]], dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self._block = self.room(sum(map(self._bytes, shapes)) + LINE)
        self._free = -self._block.ctypes.data % LINE

    def _bytes(self, shape: tuple[int, ...]) -> int:
        """Bytes of a piece, in whole lines."""
        return -(-math.prod(shape) * self.dtype.itemsize // LINE) * LINE

    def zeros(self, shape: tuple[int, ...]) -> Array:
        """The next piece; on its own where the block has no room for it any more."""
        size = self._bytes(shape)
        if self._free + size > len(self._block):
            return np.zeros(shape, self.dtype)
        found = self._block[self._free : self._free + math.prod(shape) * self.dtype.itemsize]
        self._free += size
        return found.view(self.dtype).reshape(shape)
