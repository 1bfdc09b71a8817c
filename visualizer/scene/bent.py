"""Ways that bend: how an edge that is carried from step to step runs in the unrolled graph, and as
the loop that it is when all steps lie on one another; point by point, so that it turns into that.

What such a way is, at a fold; how it is found for a layout: `bending`; where steps stand: `fold`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from visualizer.scene.routes import Points
from visualizer.scene.tile import Key, Link

BOX = (32.0, 17.0)  # of a delay
RISEN = 0.3  # the fold at which loops have their height: before they come over nodes
GROWS = 0.6  # the fold from which on the step on top grows

LinkId = tuple[Key, int, bytes]


@dataclass(frozen=True, slots=True)
class Loop:
    """Where the edges of one source and lag run at fold 1; lanes in px beyond the step's edges.
    `back`: out at the left, in at the right."""

    lane: float
    run: float
    box: float  # the delay's centre, from the edge at which the loop comes out
    reach: int
    back: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """Heights that correspond in the unrolled layout and in the folded one, ascending: those of
    nodes, and two far beyond them."""

    high: Points
    low: Points

    def at(self, share: float) -> Points:
        return np.asarray(self.high + (self.low - self.high) * share)


@dataclass(frozen=True, slots=True)
class Bent:
    """A way at both ends of folding, (K, 3) each: from the source to the delay [0 … split], from
    there to the target. `open` is among the rows of the unrolled layout, `loop` of the folded."""

    open: Points
    loop: Points
    split: int
    rows: Rows

    def at(self, fold: float) -> Points:
        """Points at a fold: X and D slide evenly, Y has arrived at RISEN."""
        out = self.open + (self.loop - self.open) * fold
        rows = self.rows.at(grown(fold))
        open_ = np.interp(self.open[:, 2], self.rows.high, rows)
        loop = np.interp(self.loop[:, 2], self.rows.low, rows)
        out[:, 2] = open_ + (loop - open_) * risen(fold)
        return np.asarray(out)

    def unrolled(self, fold: float) -> Points:
        """The unrolled way among the rows of a fold."""
        out = self.open.copy()
        out[:, 2] = np.interp(out[:, 2], self.rows.high, self.rows.at(grown(fold)))
        return out

    def looped(self, fold: float) -> Points:
        """The loop among the rows of a fold, as if it were folded already."""
        out = self.loop.copy()
        out[:, 2] = np.interp(out[:, 2], self.rows.low, self.rows.at(grown(fold)))
        return out


@dataclass(frozen=True, slots=True)
class Folds:
    """All ways of a layout that bend. `margin`: what steps grow at both sides; `highest`: of the
    runs, in the folded layout."""

    ways: Mapping[LinkId, Bent]
    margin: float
    highest: float


def risen(fold: float) -> float:
    """How much of its height a loop has."""
    return _eased(fold / RISEN)


def grown(fold: float) -> float:
    """How far the step on top has grown into the room of all: late, when the others are gone."""
    return _eased((fold - GROWS) / (1.0 - GROWS))


def _eased(share: float) -> float:
    u = min(max(share, 0.0), 1.0)
    return u * u * (3.0 - 2.0 * u)


def link_id(link: Link) -> LinkId:
    return link.source, -1 if link.initial else lag_of(link), link.way.points.tobytes()


def lag_of(link: Link) -> int:
    """Steps from the source to the target; of a state that is handed over, to the next part."""
    return link.reach if isinstance(link.reach, int) else link.way.apart


def bends(link: Link) -> bool:
    """Whether a link goes to another step by a lag: at fold 1 it is a loop."""
    return lag_of(link) > 0
