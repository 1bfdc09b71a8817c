"""One sweep through the steps: which moments there are at each, counted without listing them.

What the moments mean and how sweeps follow each other: `timeline`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.template import Use

Kind = Literal[
    "value", "total", "zero", "seed", "contribution", "parameter", "initial", "clip", "update"
]


@dataclass(frozen=True, slots=True)
class Entry:
    """A moment that recurs: at every global step of [start, stop), or at `only` where given."""

    kind: Kind
    segment: int
    slot: int
    start: int
    stop: int
    use: Use | None = None
    parameter: str = ""
    only: tuple[int, ...] | None = None


class Sweep:
    """Entries visited step by step; `descending` from the last step. Counts by cumulative sum."""

    def __init__(self, entries: list[Entry], steps: int, descending: bool) -> None:
        self.entries = tuple(entries)
        self.steps = steps
        self.descending = descending
        self._starts = np.array([e.start for e in entries], dtype=np.int64)
        self._stops = np.array([e.stop for e in entries], dtype=np.int64)
        change = np.zeros(steps + 1, dtype=np.int64)
        for entry in entries:
            if entry.only is None:
                change[entry.start] += 1
                change[entry.stop] -= 1
            else:
                here = np.array(entry.only, dtype=np.int64)
                np.add.at(change, here, 1)
                np.add.at(change, here + 1, -1)
        counts = np.cumsum(change)[:-1]
        ordered = counts[::-1] if descending else counts
        self._until = np.cumsum(ordered)
        self.size = int(self._until[-1]) if steps else 0

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many moments there are at each step, in the order of the sweep."""
        return np.diff(self._until, prepend=0)

    def _visit(self, t: int) -> int:
        return self.steps - 1 - t if self.descending else t

    def _present(self, t: int) -> NDArray[np.bool_]:
        here = (self._starts <= t) & (t < self._stops)
        for k, entry in enumerate(self.entries):
            if entry.only is not None:
                here[k] = t in entry.only
        return here

    def position(self, n: int) -> tuple[int, int]:
        """(t, rank) of the n-th moment; beyond the end: one step past the last one visited."""
        if not self.size:
            return self._visit(0), 0
        if n >= self.size:
            return self._visit(self.steps), 0
        visit = int(np.searchsorted(self._until, n, side="right"))
        before = int(self._until[visit - 1]) if visit else 0
        t = self._visit(visit)
        return t, int(np.flatnonzero(self._present(t))[n - before])

    def exists(self, rank: int, t: int) -> bool:
        entry = self.entries[rank]
        return t in entry.only if entry.only is not None else entry.start <= t < entry.stop

    def number(self, rank: int, t: int) -> int:
        """How many moments come before entry `rank` at step t (its own number, if it exists)."""
        visit = self._visit(t)
        before = int(self._until[visit - 1]) if visit else 0
        return before + int(np.count_nonzero(self._present(t)[:rank]))

    def steps_done(self, place: tuple[int, int], rank: int) -> tuple[int, int]:
        """Global steps [low, high) at which entry `rank` has been visited, from the place of what
        comes next; -1 is what needs nothing."""
        t, here = place
        if not self.size:
            return (self.steps, self.steps) if self.descending else (0, 0)
        if self.descending:
            return t + (here <= rank), self.steps
        return 0, t + (rank < here)
