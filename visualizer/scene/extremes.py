"""Numbers of a slot as they are seen from afar: how strong the strongest of many steps is.

A *rank* is a level of a colour map (`picture.level_of`) in the order of strength: what is not
finite first, then the furthest from zero, of two that are as far the positive one. So the strongest
of several steps is the greatest of their ranks, and no spike is lost. Ranks are kept for every
step, for every two, every four …; a column of pixels looks at four of them at most.

Which steps stand in which column of pixels is told here too (`Columns`), and only here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.picture import Bytes

Steps = NDArray[np.int64]
SLICE = 1 << 17  # numbers that are ranked in one go: about a millisecond

# levels from the weakest to the strongest
SIGNED = np.array([128, *(k for d in range(1, 128) for k in (128 - d, 128 + d)), 0], np.uint8)
ONE_SIDED = np.array([*range(1, 256), 0], np.uint8)
RANKS = {True: np.argsort(SIGNED).astype(np.uint8), False: np.argsort(ONE_SIDED).astype(np.uint8)}


def ranks_of(levels: Bytes, signed: bool = True) -> Bytes:
    """How strong levels are."""
    return RANKS[signed].take(levels)


def levels_of(ranks: Bytes, signed: bool = True) -> Bytes:
    """The levels that are so strong."""
    return (SIGNED if signed else ONE_SIDED).take(ranks)


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of pixels and what stands in each: blocks [starts, stops) of `block` steps each, of
    the `steps` of one slot. A column shows the steps that begin in it; where none does, the one
    that goes on. Edges are rounded up to whole blocks, at most half a pixel."""

    first: int  # number of the first column; before and behind these nothing is
    starts: Steps
    stops: Steps
    block: int
    steps: int

    @property
    def last(self) -> int:
        return self.first + len(self.starts)

    def cut(self, low: int, high: int) -> Columns:
        """The columns [low, high) of these."""
        part = slice(low - self.first, high - self.first)
        return replace(self, first=low, starts=self.starts[part], stops=self.stops[part])

    def inside(self, low: int, high: int) -> tuple[int, int]:
        """The columns [a, b) whose steps lie all in [low, high)."""
        ends = np.minimum(self.stops * self.block, self.steps)
        a = int(np.searchsorted(self.starts * self.block, low))
        b = int(np.searchsorted(ends, high, side="right"))
        return self.first + a, self.first + max(a, b)


def block_of(wide: float) -> int:
    """Steps that are looked at together where a step is so many pixels wide: four blocks to a
    pixel at most, two at least."""
    return 1 << max(math.floor(-math.log2(wide)) - 1, 0)


def columns_of(wide: float, begin: int, steps: int, first: int, last: int) -> Columns:
    """The columns [first, last) of a slot that has `steps` steps from the step `begin` on. Column
    0 begins with step 0; a step is `wide` pixels. A column is the same whichever others are asked
    for with it."""
    block = block_of(wide)
    edges = np.ceil((np.arange(first, last + 1) / wide - begin) / block).astype(np.int64)
    blocks = -(-steps // block)
    stops = edges[1:]
    starts = np.minimum(edges[:-1], stops - 1)
    a = int(np.searchsorted(stops, 0, side="right"))
    b = max(a, int(np.searchsorted(starts, blocks))) if steps else a
    return Columns(
        first + a, np.maximum(starts[a:b], 0), np.minimum(stops[a:b], blocks), block, steps
    )


class Extremes:
    """The ranks of one slot over the steps of one sequence. They are made a slice at a time: those
    that a column needs when it is asked for, or all ahead of it (`made`)."""

    def __init__(self, steps: int, units: int, ranks: Callable[[int, int], Bytes]) -> None:
        """`ranks` tells those of the steps [low, high), (high − low, units)."""
        self.steps, self.units = steps, units
        self._ranks = ranks
        self._slice = 1 << max(math.floor(math.log2(SLICE / max(units, 1))), 4)
        count = min(self._slice.bit_length(), max(steps, 1).bit_length() + 1)
        self._kept = [np.empty((-(-steps // (1 << k)), units), np.uint8) for k in range(count)]
        self._missing = np.ones(-(-steps // self._slice), np.bool_)

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self._missing.any()

    def __getstate__(self) -> dict[str, Any]:
        """To another process goes all of it, and not what it was made from."""
        for _ in self.made():
            pass
        return self.__dict__ | {"_ranks": None}

    def made(self) -> Iterator[None]:
        """Makes all that is missing, a slice at a time."""
        for n in np.flatnonzero(self._missing).tolist():
            self._make(n)
            yield

    def each(self, low: int, high: int) -> Bytes:
        """The ranks of the steps [low, high), (steps, units)."""
        self._need(low, high)
        return self._kept[0][low:high]

    def strongest(self, columns: Columns) -> Bytes:
        """The ranks of columns, (columns, units)."""
        if not len(columns.starts):
            return np.zeros((0, self.units), np.uint8)
        k = min(columns.block.bit_length(), len(self._kept)) - 1
        share = columns.block >> k
        starts, ends = columns.starts * share, columns.stops * share - 1
        rows = self._kept[k]
        ends = np.minimum(ends, len(rows) - 1)
        self._need(int(starts[0]) << k, (int(ends[-1]) + 1) << k)
        return _greatest(rows, starts, ends)

    def _need(self, low: int, high: int) -> None:
        first, last = low // self._slice, -(-min(high, self.steps) // self._slice)
        for n in np.flatnonzero(self._missing[first:last]).tolist():
            self._make(first + n)

    def _make(self, n: int) -> None:
        low, high = n * self._slice, min((n + 1) * self._slice, self.steps)
        rows = self._ranks(low, high)
        self._kept[0][low:high] = rows
        for kept in self._kept[1:]:
            rows = _halved(rows)
            low >>= 1
            kept[low : low + len(rows)] = rows
        self._missing[n] = False


def _halved(rows: Bytes) -> Bytes:
    """The greater of every two; the last one alone if they are odd."""
    pairs = len(rows) // 2
    halved = np.maximum(rows[0 : 2 * pairs : 2], rows[1 : 2 * pairs : 2])
    return np.concatenate([halved, rows[2 * pairs :]]) if len(rows) % 2 else halved


def gathered(ranks: Bytes, rows: int) -> Bytes:
    """Units (columns, units) as so many rows, (rows, columns): of several the strongest."""
    across = np.ascontiguousarray(ranks.T)
    if len(across) <= rows:
        return across
    starts = np.arange(rows) * len(across) // rows
    return _greatest(across, starts, np.append(starts[1:], len(across)) - 1)


def _greatest(ranks: Bytes, starts: Steps, ends: Steps) -> Bytes:
    """The greatest of the rows from each start to its end, both included. (`reduceat` would do, but
    it takes each column of such short groups by itself, which is twenty times slower.)"""
    found = ranks.take(ends, axis=0)
    for n in range(int((ends - starts).max())):
        np.maximum(found, ranks.take(np.minimum(starts + n, ends), axis=0), out=found)
    return found
