"""A film: one run with its timeline, layouts and fixed scales, frozen. Everything that is seen is
a function of a film and a moment; frames come from here, pictures from `compose`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.door import Run
from engine.template import LAST, Network, Node, Segment, Use
from visualizer.scene import moments
from visualizer.scene.frame import Frame, frame_of
from visualizer.scene.layout import Layout, lay_out
from visualizer.scene.levels import LEGIBLE, LEVELS_OF_FORMULAS, has_numbers
from visualizer.scene.odds import speaks
from visualizer.scene.targets import overhang
from visualizer.scene.timeline import Event, Timeline

Array = NDArray[np.floating[Any]]
CLOSEST = 0.74  # of the distance of rows, for one of two graphs …
CLOSER = ("tensors", "steps")  # … at levels where no op stands between two rows


class Film:
    """A run as something to be played; `ahead`: layers that made its inputs before it began. Scales
    are those of the whole film, so that no colour changes while it plays. Nothing here is ever
    changed after it was made; caches aside."""

    def __init__(self, run: Run, ahead: tuple[str, ...] = ()) -> None:
        self._kept: dict[object, Any] = {}
        self.run, self.ahead = run, ahead
        self.recording = run.recording
        self.network: Network = run.recording.network
        self.steps: int = run.recording.steps
        self.timeless = self.network.timeless  # a formula: its one step is no step in time
        self._spans: dict[tuple[int, int], tuple[int, int]] = {}
        experiment = run.experiment
        self.timeline = Timeline(
            self.network,
            self.steps,
            ends=self._ends(),
            gradients=run.recording.has_gradients,
            zeroing=experiment.zeroing,
            clipping=experiment.clip != "off",
        )
        self.uses = {
            (g, k): self.network.uses(g, k)
            for g, segment in enumerate(self.network.segments)
            for k in range(len(segment.slots))
        }
        self.value_scale, self.value_beyond = self._value_scale()
        self.delta_scale = self._delta_scale()
        self.closest = 1.0
        self._layouts: dict[tuple[str, float], Layout] = {}
        self._norms: dict[object, Array] = {}

    def _ends(self) -> dict[int, tuple[int, ...]]:
        """The global steps at which LAST reads a segment, of all sequences."""
        read = {use.segment for use in self.network.all_uses() if use.reach == LAST}
        every = range(self.recording.batch)
        return {
            g: tuple(sorted({self.network.segments[g].offset + self.end(g, b) for b in every}))
            for g in read
        }

    # ---- time

    @property
    def events(self) -> int:
        return self.timeline.events

    @property
    def phases(self) -> tuple[tuple[int, int], ...]:
        """(start, stop) of forward, loss, backward, update, in events."""
        return self.timeline.phases

    def event(self, n: int) -> Event:
        return self.timeline.event(n)

    def frame_at(self, s: float) -> Frame:
        """The frame at the fraction s of all events, 0 … 1."""
        return self.frame_after(min(max(s, 0.0), 1.0) * self.events)

    def frame_after(self, position: float) -> Frame:
        """The frame after so many events, the next one under way by the fraction."""
        done = math.floor(position + 1e-6)
        return frame_of(self.timeline, done, max(position - done, 0.0))

    def frame_of_event(self, n: int) -> Frame:
        """The frame at which event n has just happened; n = -1 is the start."""
        return frame_of(self.timeline, n + 1)

    def event_of(self, node: Node, what: str = "value") -> int:
        """Number of the event that gives a node its value, or completes its δ; KeyError."""
        if what == "value":
            role = self.network.slot(node.segment, node.slot).role
            return self.timeline.number(
                Event("value", "loss" if role == "loss" else "forward", node)
            )
        found = []
        for use in (*self.uses[node.segment, node.slot], None):
            event = Event("contribution", "backward", node, use)
            try:
                found.append(self.timeline.number(event))
            except KeyError:
                continue
        if not found:
            raise KeyError(node)
        return max(found)

    def exists(self, use: Use, t: int) -> bool:
        """Whether any sequence makes this use of its source at step t of the source's segment."""
        sweep = self.timeline.backward[self.timeline.chain_of[use.segment]]
        if not sweep.size:
            return False
        rank = self.timeline.rank(sweep, use.segment, use.slot, use)
        return sweep.exists(rank, t + self.network.segments[use.segment].offset)

    def caption(self, n: int, symbols: str = "lecture") -> str:
        """What event n is, in symbols: "δ(h_{3}) ← s_{3}"."""
        overwrites = self.recording.rule == "overwrite"
        return moments.caption(self, n, overwrites, symbols)

    def find(self, moment: str) -> int:
        """The event that a moment names: "h3", "δ(h3)" (complete), "δ(h3)<-z4"; KeyError."""
        return moments.find(self, moment)

    # ---- space

    def layout(self, level: str, rise: float = 1.0) -> Layout:
        """The layout of a level, its rows `rise` times as far apart, made once."""
        if (level, rise) not in self._layouts:
            found = _laid_out(
                self.network.segments, level, rise, speaks(self.run), bool(self.ahead)
            )
            beyond = overhang(self.network, found, self.run.batch.target_labels, self.steps)
            self._layouts[level, rise] = replace(found, tail=max(found.tail, beyond))
        return self._layouts[level, rise]

    @property
    def base(self) -> float:
        """Width of a step at zoom 1."""
        return self.layout("ops").pitch

    @property
    def widest(self) -> int:
        """Units of the widest slot."""
        return max(slot.width for g in self.network.segments for slot in g.slots)

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that this network can be shown at."""

        def made() -> tuple[str, ...]:
            every = LEVELS_OF_FORMULAS if self.timeless else tuple(LEGIBLE)
            return tuple(k for k in every if k != "numbers" or has_numbers(self.network))

        found: tuple[str, ...] = self.kept("levels", made)
        return found

    def pitches(self) -> dict[str, float]:
        """Width of a step at every level, in units of zoom 1."""

        def made() -> dict[str, float]:
            return {level: self.layout(level).pitch for level in self.levels}

        found: dict[str, float] = self.kept("pitches", made)
        return found

    def span(self, b: int) -> tuple[int, int]:
        """[start, stop) of sequence b."""
        return int(self.recording.start[b]), int(self.recording.stop[b])

    def tile(self, segment: int, b: int) -> int:
        """Global step at which step 0 of a segment is drawn: a readout of the last step stands
        where the sequence ends."""
        here = self.network.segments[segment]
        if here.steps == 1:
            for slot in here.slots:
                for read in slot.inputs:
                    if read.reach == LAST:
                        return self.tile(read.segment, b) + self.end(read.segment, b)
        return here.offset

    def owned(self, segment: int, b: int) -> tuple[int, int]:
        """Steps [low, high) of a segment that belong to sequence b, counted in the segment."""
        if (segment, b) not in self._spans:
            self._spans[segment, b] = self.recording.span(segment, b)
        return self._spans[segment, b]

    def padding(self, b: int) -> tuple[tuple[int, int], ...]:
        """Stretches [low, high) of steps that are no part of sequence b, or are run although they
        are not (masked, or read as zeros)."""
        found: tuple[tuple[int, int], ...] = self.kept(("padding", b), lambda: self._padding(b))
        return found

    def _padding(self, b: int) -> tuple[tuple[int, int], ...]:
        inside = np.array(self.recording.inside[:, b])
        real = self.run.batch.real
        if real is not None:
            inside[int(self.recording.start[b]) + int(real[b]) :] = False
        edges = np.flatnonzero(np.diff(np.concatenate([[True], inside, [True]]).astype(np.int8)))
        return tuple((int(low), int(high)) for low, high in edges.reshape(-1, 2))

    def end(self, segment: int, b: int) -> int:
        """The step of a segment at which LAST reads it: where the sequence ends, or where it
        begins if the segment runs backwards."""
        low, high = self.owned(segment, b)
        return low if self.network.segments[segment].direction < 0 else high - 1

    # ---- scales and norms, of the whole film

    def _value_scale(self) -> tuple[float, bool]:
        tops: dict[str, float] = {}
        for g, segment in enumerate(self.network.segments):
            for k, slot in enumerate(segment.slots):
                if slot.role == "gate" or (slot.role == "loss" and not self.timeless):
                    continue
                top = largest(self.recording.value(g, k))
                tops[slot.role] = max(tops.get(slot.role, 0.0), top)
        all_ = max(tops.values(), default=0.0)
        memory = tops.get("memory", 0.0)  # has no bound: of an endless sum the colours saturate
        scale = rounded_up(max(tops.get("state", 0.0), min(memory, 1.0)) or memory or all_)
        return scale, all_ > scale * 1.0001

    def _delta_scale(self) -> float:
        if not self.recording.has_gradients:
            return 1.0
        top = 0.0
        for g, segment in enumerate(self.network.segments):
            for k, slot in enumerate(segment.slots):
                if slot.role != "loss":
                    top = max(top, largest(self.recording.delta(g, k)))
        return rounded_up(top)

    def paired(self, value_scale: float, beyond: bool, delta_scale: float) -> Film:
        """The same film as one of two: they share their colours, and the height of the window, so
        that rows may stand closer. What is kept is kept for both."""

        def made() -> Film:
            other = copy.copy(self)
            other.value_scale, other.value_beyond = value_scale, beyond
            other.delta_scale = delta_scale
            other.closest = CLOSEST
            return other

        found: Film = self.kept(("paired", value_scale, beyond, delta_scale), made)
        return found

    def least_rise(self, level: str) -> float:
        """How close its rows may stand at a level, 1 being the usual distance."""
        return self.closest if level in CLOSER else 1.0

    def kept(self, key: object, make: Callable[[], Any]) -> Any:
        """Something derived from the recording, made once for the life of the film."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def keeps(self, key: object) -> bool:
        """Whether it has been made."""
        return key in self._kept

    def kept_so_far(self) -> dict[object, Any]:
        """All of it."""
        return dict(self._kept)

    def keep(self, found: dict[object, Any]) -> None:
        """What was derived from the same recording elsewhere."""
        self._kept |= found

    def norms(self, use: Use) -> Array:
        """‖contribution‖ of a use at every step, (T, B); kept."""
        if use not in self._norms:
            rows = self.recording.contribution(use)
            self._norms[use] = np.sqrt(np.einsum("tbw,tbw->tb", rows, rows))
        return self._norms[use]

    def delta_norms(self, segment: int, slot: int) -> Array:
        """‖δ‖ of a slot at every step, (T, B); kept."""
        key = (segment, slot)
        if key not in self._norms:
            rows = self.recording.delta(segment, slot)
            self._norms[key] = np.sqrt(np.einsum("tbw,tbw->tb", rows, rows))
        return self._norms[key]

    def term_norms(self, parameter: str) -> Array:
        """Norm of the term that each step adds to a parameter's gradient, (T,); kept."""
        if parameter not in self._norms:
            found = self.recording.parameter_term_norms(parameter)
            self._norms[parameter] = np.asarray(found, float)
        return self._norms[parameter]


@lru_cache(maxsize=64)
def _laid_out(
    segments: tuple[Segment, ...], level: str, rise: float, odds: bool, ahead: bool
) -> Layout:
    """Layouts outlive their film: dragging a slider makes films, not layouts."""
    network = Network(segments)
    if network.timeless:
        from visualizer.scene.formula_layout import lay_out_formula

        return lay_out_formula(network, level, rise)
    return lay_out(network, level, rise, odds, ahead)


def largest(values: Array) -> float:
    """Largest finite magnitude; 0 of nothing."""
    if not values.size:
        return 0.0
    low, high = float(values.min()), float(values.max())
    if math.isfinite(low) and math.isfinite(high):
        return max(abs(low), abs(high))
    finite = values[np.isfinite(values)]
    return float(np.abs(finite).max()) if finite.size else 0.0


def rounded_up(value: float) -> float:
    """The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten; 1 of zero."""
    if not value > 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for step in (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0):
        if value <= step * power * 1.02:
            return float(f"{step * power:.6g}")
    return float(f"{10 * power:.6g}")
