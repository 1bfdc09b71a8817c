"""What every layer of the graph's picture is made from: film, frame and sight of one view, and the
questions that several layers ask. The layers themselves are in `layers`, their order in `compose`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.template import ALL, LAST, Network, Node, Use
from visualizer.scene.bent import Folds, bends, link_id
from visualizer.scene.film import Film
from visualizer.scene.fold import top_of
from visualizer.scene.frame import Frame
from visualizer.scene.layout import Layout
from visualizer.scene.memory import Memory
from visualizer.scene.rail import Initial
from visualizer.scene.tile import Key, Link, Mark
from visualizer.scene.view import Sight, View

Array = NDArray[np.floating[Any]]
T = TypeVar("T")
AWAY = 0.3  # steps scrolled off from which on what comes before step 1 is not drawn in the rail
Steps = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Stage:
    """One picture in the making; with a `memory` one of many."""

    film: Film
    frame: Frame
    view: View
    sight: Sight
    b: int
    start: int
    stop: int
    memory: Memory | None = None

    def remembering(self, memory: Memory) -> Stage:
        """The same stage, whose layers make anew only what is not as it was."""
        view = replace(self.view, selected=None, hover=None)
        memory.open(self.film, self.b, self.sight, view)
        return replace(self, memory=memory)

    def recall(self, key: object, state: object, make: Callable[[], T]) -> T:
        """What a layer makes of one node or edge. `state`: all of the moment, the pointer and the
        selection that it depends on."""
        if self.memory is None or not self.memory.has(self.sight):
            return make()
        found: T = self.memory.recall(key, state, make)
        return found

    @property
    def layout(self) -> Layout:
        return self.sight.layout

    @property
    def network(self) -> Network:
        return self.film.network

    @property
    def scale(self) -> float:
        return self.sight.scale

    def tile(self, segment: int) -> int:
        """Step of the picture at which step 0 of a segment stands."""
        return self.film.tile(segment, self.b)

    def seen(self, segment: int) -> tuple[int, int]:
        """Visible steps [low, high) of a segment, counted in the segment."""
        tile, steps = self.tile(segment), self.network.segments[segment].steps
        low = min(max(self.sight.first - tile, 0), steps)
        return low, max(min(self.sight.last - tile, steps), low)

    def owned(self, segment: int) -> tuple[int, int]:
        """Steps [low, high) of a segment that belong to the shown sequence."""
        return self.film.owned(segment, self.b)

    def columns(self, mark: Mark, steps: Steps) -> Array:
        """Pixel x of the centre of a mark at these steps of its segment."""
        return np.asarray(self.sight.x(steps + self.tile(mark.segment), mark.x))

    def boxes(self, mark: Mark, steps: Steps) -> Array:
        """Rectangles (n, 4) of a mark at these steps."""
        scale = self.scale
        out = np.empty((len(steps), 4))
        out[:, 0] = self.columns(mark, steps) - mark.w * scale / 2
        out[:, 1] = self.sight.y(mark.y) - mark.h * scale / 2
        out[:, 2] = mark.w * scale
        out[:, 3] = mark.h * scale
        return out

    def exists(self, use: Use) -> tuple[int, int]:
        """Steps [low, high) of the source at which the shown sequence makes this use."""
        low, high = self.owned(use.segment)
        if use.reach == ALL:
            return low, high
        if use.reach == LAST:
            end = self.film.end(use.segment, self.b)
            return end, end + 1
        assert isinstance(use.reach, int)
        lag = -use.reach if self.backwards(use.segment) else use.reach
        shift = self.tile(use.consumer.segment) - self.tile(use.segment) - lag
        mine, until = self.owned(use.consumer.segment)
        low, high = max(low, mine + shift), min(high, until + shift)
        return min(low, high), high

    @property
    def top(self) -> int:
        """The step whose card lies on top, where the graph is folded."""
        return top_of(self.frame, self.view, self.film, self.b)

    def everywhere(self) -> Stage:
        """The same stage with all steps in sight."""
        return replace(self, sight=replace(self.sight, first=0, last=self.film.steps))

    def backwards(self, segment: int) -> bool:
        return self.network.segments[segment].direction < 0

    def link_steps(self, link: Link) -> tuple[int, int, int]:
        """(low, high, shift): visible source steps, and how far on the picture its target is."""
        lag = link.reach if isinstance(link.reach, int) else 0
        back = self.backwards(link.source[0])
        if link.initial:
            return -1, 0, self.owned(link.source[0])[1] - lag + 1 if back else lag
        low, high = self.exists(link.uses[0])
        if link.reach == LAST:
            return low, high, self.tile(link.target[0]) - low
        if link.reach == ALL:  # into a node through all steps, which is above each of them
            low, high = (
                max(low, self.seen(link.source[0])[0]),
                min(high, self.seen(link.source[0])[1]),
            )
            return low, max(high, low), self.tile(link.source[0])
        if back:
            shift = self.tile(link.source[0]) - lag
            low = max(low, self.sight.first - shift - lag)
            return low, max(min(high, self.sight.last - shift + 1), low), shift
        shift = lag + self.tile(link.source[0])
        low = max(low, self.sight.first - shift)
        high = min(high, self.sight.last + lag - shift + 1)
        return low, max(high, low), shift

    def points(self, link: Link, tiles: Steps) -> Array:
        """Pixels (n, K, 2) of a link whose target stands in these steps of the picture."""
        p, far = link.way.points, link.way.far
        if self.sight.folds is not None and bends(link):
            bent = self.sight.folds.ways[link_id(link)]
            p, far = bent.at(self.view.fold), bent.split + 1 if far else 0
        out = np.empty((len(tiles), len(p), 2))
        out[:, :, 0] = self.sight.x(tiles[:, None], p[None, :, 0], p[None, :, 1])
        out[:, :, 1] = self.sight.y(p[None, :, 2])
        if far:  # the source is where the chain ends, in the sequence's first step
            source = self.tile(link.source[0]) + self.exists(link.uses[0])[0]
            steps = tiles[:, None] - link.way.apart - source
            out[:, :far, 0] -= steps * self.sight.advance
        return out

    def initial_x(self, initial: Initial) -> float:
        """Pixel x of a state before the first step (after the last, in a chain that runs back)."""
        return initial_x(self.sight, initial, self.stop)

    def initial_seen(self, initial: Initial) -> bool:
        """Whether it, or the step beside it, is in sight."""
        if initial.back:
            return self.sight.first < self.stop <= self.sight.last
        x = self.initial_x(initial)
        if self.view.fold:
            return x >= self.sight.left or self.begins
        return x + initial.w / 2 * self.scale > 0.0

    @property
    def begins(self) -> bool:
        """Whether what comes before step 1 may stand in the rail: the steps begin beside it."""
        return self.view.origin[0] <= AWAY

    @property
    def folds(self) -> Folds:
        """How the edges bend that are carried to another step."""
        assert self.sight.folds is not None
        return self.sight.folds

    def selected(self, key: Key) -> int | None:
        """Step at which the selected node stands, if it is of this slot."""
        node = self.view.selected
        return node.t if node is not None and (node.segment, node.slot) == key else None

    def doing(self) -> Node | None:
        """The node that the frame is about: where an event is under way, at the end none."""
        event = self.frame.event
        return event.node if event is not None and event.kind != "initial" else None


def initial_x(sight: Sight, initial: Initial, stop: int) -> float:
    """Pixel x of a state before the first step, of a sequence that ends before step `stop`."""
    if initial.back:
        return float(sight.x(stop, 0.0, initial.x) + sight.step - sight.advance + sight.margin)
    return float(sight.x(0, 0.0, initial.x) - sight.margin)


def within(steps: Steps, span: tuple[int, int]) -> NDArray[np.bool_]:
    """Which of these steps lie in [low, high)."""
    return np.asarray((steps >= span[0]) & (steps < span[1]))


def joined(parts: list[Array], width: int) -> Array:
    """Rows of several arrays (n, width), or none."""
    return np.concatenate(parts) if parts else np.empty((0, width))


def segments_of_ring(uses: tuple[Use, ...]) -> bool:
    """Whether several whole contributions can meet: disjoint parts do not add up, they line up."""
    if len(uses) < 2:
        return False
    parts = sorted(u.part for u in uses if u.part is not None)
    if len(parts) < len(uses):
        return True
    return any(a[1] > b[0] for a, b in pairwise(parts))
