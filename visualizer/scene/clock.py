"""One playhead for two films: both are in the same phase, at the same step of the sequence.

The clock walks through the phases in their order and through the steps of every sweep. A step lasts
as many ticks as the film with more events in it has, and the other film's events are spread over
that time; a film that has nothing to do at a step (it is longer or shorter than the other, or has
no second chain) waits. A tick is to a clock what an event is to a film, and two films of the same
network tick with their events. Formulas over arrays of steps only; frames come from the films.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualizer.scene.sweep import Sweep
from visualizer.scene.timeline import PHASES, Event, Timeline

Counts = NDArray[np.integer[Any]]
Part = Sweep | tuple[Event, ...]
NONE = np.zeros(0, np.int64)
NEAR = 1e-6  # ticks that do not count


class Clock:
    """Ticks 0 … events of two timelines together."""

    def __init__(self, first: Timeline, second: Timeline) -> None:
        ticks: list[Counts] = []
        counts: tuple[list[Counts], list[Counts]] = ([], [])
        ends = []
        for phase in PHASES:
            pairs = _pairs(first, second, phase)
            for part, other in pairs:
                both = _side_by_side(part, other)
                for found, each in zip(counts, both):
                    found.append(each)
                ticks.append(np.maximum(*both))
            ends.append(sum(int(each.sum()) for each in ticks))
        self.events = ends[-1]
        self.phases = tuple(zip((0, *ends[:-1]), ends))
        whole = np.concatenate(ticks)
        some = whole > 0
        self._ticks = _summed(whole[some])
        self._done = tuple(_summed(np.concatenate(found)[some]) for found in counts)

    def positions(self, at: float) -> tuple[float, float]:
        """How many events of either film have happened after so many ticks, with fractions."""
        first, second = (float(np.interp(at, self._ticks, done)) for done in self._done)
        return round(first, 6), round(second, 6)

    def ticks_at(self, place: int, done: float) -> float:
        """The first tick at which film 0 or 1 has come to a position."""
        mine = self._done[place]
        k = int(np.searchsorted(mine, done - NEAR))
        if k == 0 or k >= len(mine):
            return float(self._ticks[min(k, len(mine) - 1)])
        share = (done - mine[k - 1]) / (mine[k] - mine[k - 1])
        return float(self._ticks[k - 1] + share * (self._ticks[k] - self._ticks[k - 1]))

    def next_step(self, at: float, direction: int) -> int:
        """The tick at which the next step begins, or the step before."""
        if direction > 0:
            k = int(np.searchsorted(self._ticks, at + NEAR, side="right"))
            return int(self._ticks[min(k, len(self._ticks) - 1)])
        k = int(np.searchsorted(self._ticks, at - NEAR)) - 1
        return int(self._ticks[max(k, 0)])


def _summed(counts: Counts) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])


def _pairs(first: Timeline, second: Timeline, phase: str) -> list[tuple[Part | None, Part | None]]:
    """The parts of a phase in their order, those that are alike together. Of several alike the
    first ones meet, in backward the last ones: the chains that run in the same direction."""
    mine, other = (
        [(name, part) for where, name, part in line.parts if where == phase]
        for line in (first, second)
    )
    if phase == "backward":
        return _aligned(mine[::-1], other[::-1])[::-1]
    return _aligned(mine, other)


def _aligned(
    mine: list[tuple[str, Part]], other: list[tuple[str, Part]]
) -> list[tuple[Part | None, Part | None]]:
    """As many as can be of equal name side by side (the longest common subsequence)."""
    common = np.zeros((len(mine) + 1, len(other) + 1), int)
    for i in reversed(range(len(mine))):
        for j in reversed(range(len(other))):
            alike = mine[i][0] == other[j][0]
            skipped = max(common[i + 1, j], common[i, j + 1])
            common[i, j] = common[i + 1, j + 1] + 1 if alike else skipped
    i = j = 0
    found: list[tuple[Part | None, Part | None]] = []
    while i < len(mine) and j < len(other):
        if mine[i][0] == other[j][0]:
            found.append((mine[i][1], other[j][1]))
            i, j = i + 1, j + 1
        elif common[i + 1, j] >= common[i, j + 1]:
            found.append((mine[i][1], None))
            i += 1
        else:
            found.append((None, other[j][1]))
            j += 1
    found += [(part, None) for _, part in mine[i:]]
    return found + [(None, part) for _, part in other[j:]]


def _side_by_side(part: Part | None, other: Part | None) -> tuple[Counts, Counts]:
    """Events of two parts at each step that either has, as long as each other: sweeps to the right
    begin together, sweeps to the left end together."""
    one, two = _counts(part), _counts(other)
    missing = len(one) - len(two)
    down = any(isinstance(each, Sweep) and each.descending for each in (part, other))
    if missing < 0:
        return _filled(one, -missing, down), two
    return one, _filled(two, missing, down)


def _filled(counts: Counts, missing: int, ahead: bool) -> Counts:
    more = np.zeros(missing, np.int64)
    return np.concatenate([more, counts] if ahead else [counts, more])


def _counts(part: Part | None) -> Counts:
    if part is None:
        return NONE
    return part.counts if isinstance(part, Sweep) else np.array([len(part)])
