"""One moment: what exists after so many events, and how far the next one has come. Formulas only;
nothing is listed per node, and no picture is made here (`compose`).
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.template import Node, Use
from visualizer.scene.timeline import Event, Place, Sweep, Timeline


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

    def _offset(self, segment: int) -> int:
        return self.timeline.network.segments[segment].offset

    def _steps(self, segment: int) -> int:
        return self.timeline.network.segments[segment].steps

    def valued(self, segment: int, slot: int) -> int:
        """Values of the slot exist at its steps 0 … valued - 1."""
        line = self.timeline
        is_loss = line.network.slot(segment, slot).role == "loss"
        sweep, (t, rank) = (
            (line.losses, self.place.losses) if is_loss else (line.forward, self.place.forward)
        )
        mine = line.rank(sweep, segment, slot)
        return self._within(segment, t + (mine < rank))

    def complete(self, segment: int, slot: int) -> int:
        """The slot's δ is complete at its steps complete … steps - 1."""
        line = self.timeline
        if line.network.slot(segment, slot).role == "loss":
            return self._from(line.seeds, self.place.seeds, segment, 1)
        full = line.finish.get((segment, slot), 1 << 30)
        return self._from(line.backward, self.place.backward, segment, full)

    def arrived(self, use: Use) -> int:
        """The contribution of `use` has arrived at its source's steps arrived … steps - 1."""
        line = self.timeline
        if not line.backward.size:
            return self._steps(use.segment)
        rank = line.rank(line.backward, use.segment, use.slot, use) + 1
        return self._from(line.backward, self.place.backward, use.segment, rank)

    def accumulated(self, segment: int, slot: int, parameter: str) -> int:
        """The terms of `parameter` through this slot are in from steps accumulated … on."""
        line = self.timeline
        if not line.backward.size:
            return self._steps(segment)
        rank = line.rank(line.backward, segment, slot, None, parameter) + 1
        return self._from(line.backward, self.place.backward, segment, rank)

    def _from(self, sweep: Sweep, place: tuple[int, int], segment: int, needed: int) -> int:
        t, rank = place
        if not sweep.size:
            return self._steps(segment)
        return self._within(segment, t + (rank < needed))

    def _within(self, segment: int, t: int) -> int:
        return min(max(t - self._offset(segment), 0), self._steps(segment))

    def has_value(self, node: Node) -> bool:
        return node.t < self.valued(node.segment, node.slot)

    def has_delta(self, node: Node) -> bool:
        """Whether δ is complete there."""
        return node.t >= self.complete(node.segment, node.slot)

    def has_contribution(self, use: Use, t: int) -> bool:
        """Whether what `use` sends to its source at step `t` of the source has arrived."""
        return t >= self.arrived(use)

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
