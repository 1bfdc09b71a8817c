"""One moment: what exists after so many events, and how far the next one has come. Formulas only;
nothing is listed per node, and no picture is made here (`compose`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from engine.template import Node, Use
from visualizer.scene.sweep import Sweep
from visualizer.scene.timeline import Event, Place, Timeline

Steps: TypeAlias = tuple[int, int]  # [low, high)
LOOKED_BACK = 200  # events about the whole that may follow one another: updates of parameters


@dataclass(frozen=True, slots=True)
class Frame:
    """`done` events have happened; `event` is under way by `fraction` (None at the very end)."""

    timeline: Timeline
    done: int
    fraction: float
    event: Event | None
    place: Place

    @property
    def position(self) -> float:
        """The moment on 0 … 1."""
        return (self.done + self.fraction) / max(self.timeline.events, 1)

    @property
    def phase(self) -> str:
        """Phase of the event under way, of the last event at the end."""
        if self.event is not None:
            return self.event.phase
        return self.timeline.event(self.done - 1).phase if self.done else "forward"

    @property
    def last(self) -> Event | None:
        """The event that happened last."""
        return self.timeline.event(self.done - 1) if self.done else None

    @property
    def step(self) -> int | None:
        """Global step at which something is under way, or just happened; None for the whole."""
        for event in (self.event, self.last):
            if event is not None and event.node is not None:
                return event.node.t + self._offset(event.node.segment)
        return None

    @property
    def lately(self) -> int:
        """The step of the event under way, or of the last one that was at a step."""
        return _lately(self.timeline, self.done)

    def _offset(self, segment: int) -> int:
        return self.timeline.network.segments[segment].offset

    def valued(self, segment: int, slot: int) -> Steps:
        """Values of the slot exist at its steps [low, high)."""
        line = self.timeline
        if line.network.slot(segment, slot).role == "loss":
            sweep, place = line.losses, self.place.losses
        else:
            chain = line.chain_of[segment]
            sweep, place = line.forward[chain], self.place.forward[chain]
        return self._steps(sweep, place, segment, line.rank(sweep, segment, slot))

    def complete(self, segment: int, slot: int) -> Steps:
        """The slot's δ is complete at its steps [low, high)."""
        line = self.timeline
        if line.network.slot(segment, slot).role == "loss":
            rank = line.rank(line.seeds, segment, slot) if line.seeds.entries else 0
            return self._steps(line.seeds, self.place.seeds, segment, rank)
        return self._back(segment, line.finish.get((segment, slot), 1 << 30) - 1)

    def arrived(self, use: Use) -> Steps:
        """The contribution of `use` has arrived at its source's steps [low, high)."""
        sweep = self.timeline.backward[self.timeline.chain_of[use.segment]]
        if not sweep.size:
            return self._back(use.segment, -1)
        return self._back(use.segment, self.timeline.rank(sweep, use.segment, use.slot, use))

    def accumulated(self, segment: int, slot: int, parameter: str) -> Steps:
        """The terms of `parameter` through this slot are in from steps [low, high)."""
        sweep = self.timeline.backward[self.timeline.chain_of[segment]]
        if not sweep.size:
            return self._back(segment, -1)
        return self._back(segment, self.timeline.rank(sweep, segment, slot, None, parameter))

    def gathered(self, parameter: str) -> Steps:
        """Global steps [low, high) whose whole terms are in the gradient of a parameter; an empty
        range where there are none."""
        found: dict[int, Steps] = {}
        for g, k in self.timeline.users[parameter]:
            low, high = self.accumulated(g, k, parameter)
            before = found.get(g, (low, high))
            found[g] = max(low, before[0]), min(high, before[1])
        spans = [
            (low + self._offset(g), high + self._offset(g))
            for g, (low, high) in found.items()
            if high > low
        ]
        if not spans:
            return self.timeline.steps, self.timeline.steps
        return min(low for low, _ in spans), max(high for _, high in spans)

    def _back(self, segment: int, rank: int) -> Steps:
        chain = self.timeline.chain_of[segment]
        sweep, place = self.timeline.backward[chain], self.place.backward[chain]
        return self._steps(sweep, place, segment, rank)

    def _steps(self, sweep: Sweep, place: tuple[int, int], segment: int, rank: int) -> Steps:
        """Steps of the segment at which an entry of a sweep has been visited."""
        low, high = sweep.steps_done(place, rank)
        here = self.timeline.network.segments[segment]
        first, until = (min(max(t - here.offset, 0), here.steps) for t in (low, high))
        return first, until

    def has_value(self, node: Node) -> bool:
        low, high = self.valued(node.segment, node.slot)
        return low <= node.t < high

    def has_delta(self, node: Node) -> bool:
        """Whether δ is complete there."""
        low, high = self.complete(node.segment, node.slot)
        return low <= node.t < high

    def has_contribution(self, use: Use, t: int) -> bool:
        """Whether what `use` sends to its source at step `t` of the source has arrived."""
        low, high = self.arrived(use)
        return low <= t < high

    def left_behind(self) -> Steps:
        """Global steps [low, high) that the sweep of backward under way has done; all at its end,
        none before its beginning."""
        event, steps = self.event, self.timeline.steps
        if not self.seeded:
            return 0, 0
        if event is None or event.kind == "initial" or event.phase == "update":
            return 0, steps
        if event.node is None or (event.use is None and event.kind == "contribution"):
            return 0, 0
        now = event.node.t + self._offset(event.node.segment)
        sweep = self.timeline.backward[self.timeline.chain_of[event.node.segment]]
        return (now + 1, steps) if sweep.descending else (0, now)

    @property
    def has_total(self) -> bool:
        return self.place.total

    @property
    def seeded(self) -> bool:
        return "seed" in self.place.heads

    @property
    def zeroed(self) -> bool:
        return "zero" in self.place.heads

    @property
    def filling(self) -> Node | None:
        """The node whose δ is being added up now: the next contribution goes there."""
        event = self.event
        if event is None or event.kind != "contribution" or event.use is None:
            return None
        return event.node

    def initial_arrived(self) -> tuple[Use, ...]:
        """Uses whose contributions to states before the first step have arrived."""
        events = self.timeline.initial[: self.place.initial]
        return tuple(e.use for e in events if e.use is not None)

    @property
    def clipped(self) -> bool:
        return any(e.kind == "clip" for e in self.timeline.updates[: self.place.updates])

    def updated(self) -> tuple[str, ...]:
        """Parameters that have taken their update."""
        events = self.timeline.updates[: self.place.updates]
        return tuple(e.parameter for e in events if e.kind == "update")


def frame_of(timeline: Timeline, done: int, fraction: float = 0.0) -> Frame:
    """The frame after `done` events, the next one under way by `fraction` in [0, 1)."""
    done = min(max(done, 0), timeline.events)
    event = timeline.event(done) if done < timeline.events else None
    fraction = fraction if event is not None else 0.0
    return Frame(timeline, done, fraction, event, timeline.place(done))


@lru_cache(maxsize=16)
def _lately(timeline: Timeline, done: int) -> int:
    for n in range(min(done, timeline.events - 1), max(done - LOOKED_BACK, 0) - 1, -1):
        node = timeline.event(n).node
        if node is not None:
            return max(node.t, 0) + timeline.network.segments[node.segment].offset
    return 0
