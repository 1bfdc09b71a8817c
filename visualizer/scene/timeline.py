"""The textbook order of everything that happens, as a formula of (segment, t, slot, use).

Here an event number becomes an event and back, by arithmetic and bisection; no list of events is
ever built, so a hundred thousand steps cost nothing. What is drawn at an event stands elsewhere
(`frame`, `compose`); the order in which the plan really computed does not matter here.

Forward: t ascending, at each step the layers bottom-up, then the readout. Loss: L_1 … L_T, then ℒ.
Backward: the gradients are zeroed, δ(ℒ) = 1 goes to every L_t, then t descends; at each step the
slots come in reverse, at each node its contributions one by one (this step's first, the later
step's last), then one event per parameter the node uses. Last, what reaches the initial states.
Update: clipping, then one event per parameter.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.template import LAST, Network, Node, Use

PHASES = ("forward", "loss", "backward", "update")
Kind = Literal[
    "value", "total", "zero", "seed", "contribution", "parameter", "initial", "clip", "update"
]


@dataclass(frozen=True, slots=True)
class Event:
    """One moment. `node` is where it happens (t is -1 at an initial state), None for the whole.

    value: the node gets its value · contribution: what `use` sends arrives (None: from ℒ) ·
    parameter: the node's term enters the gradient of `parameter` · initial: `use` reaches a state
    before the first step.
    """

    kind: Kind
    phase: str
    node: Node | None = None
    use: Use | None = None
    parameter: str = ""


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


@dataclass(frozen=True, slots=True)
class Place:
    """How far each part of the timeline is: (t, rank) of what comes next in each sweep, whether ℒ
    is there, the kinds of the opening events of backward that happened, and two counts."""

    forward: tuple[int, int]
    losses: tuple[int, int]
    total: bool
    heads: tuple[str, ...]
    seeds: tuple[int, int]
    backward: tuple[int, int]
    initial: int
    updates: int


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


class Timeline:
    """Events 0 … events-1 of a network, decoded on demand.

    `lasts` are the global steps at which a sequence of the batch ends: there the reach LAST reads.
    """

    def __init__(
        self,
        network: Network,
        steps: int,
        *,
        lasts: tuple[int, ...] = (),
        gradients: bool = True,
        zeroing: bool = True,
        clipping: bool = False,
    ) -> None:
        self.network = network
        self.steps = steps
        self._lasts = lasts or (steps - 1,)
        self.finish: dict[tuple[int, int], int] = {}  # backward rank at which a slot's δ is full
        values, losses = self._value_entries()
        self.forward = Sweep(values, steps, False)
        self.losses = Sweep(losses, steps, False)
        has_loss = bool(losses)
        backward = has_loss and gradients
        seeds = [Entry("contribution", e.segment, e.slot, e.start, e.stop) for e in losses]
        self.seeds = Sweep(seeds if backward else [], steps, True)
        self.backward = Sweep(self._backward_entries() if backward else [], steps, True)
        self.initial = self._initial_events() if backward else ()
        self._heads = self._head_events(zeroing) if backward else ()
        self.updates = self._update_events(clipping) if backward else ()
        self._blocks = self._counts()
        self._ends = tuple(int(n) for n in np.cumsum(self._blocks))
        self.events = self._ends[-1]
        self._rows = {
            id(sweep): {
                (e.segment, e.slot, e.use, e.parameter): k for k, e in enumerate(sweep.entries)
            }
            for sweep in (self.forward, self.losses, self.seeds, self.backward)
        }

    def _counts(self) -> tuple[int, ...]:
        """Events of every part, in order."""
        return (
            self.forward.size,
            self.losses.size,
            int(bool(self.losses.entries)),
            len(self._heads),
            self.seeds.size,
            self.backward.size,
            len(self.initial),
            len(self.updates),
        )

    # ---- building: which entries there are, in textbook order

    def _value_entries(self) -> tuple[list[Entry], list[Entry]]:
        values: list[Entry] = []
        losses: list[Entry] = []
        for g, segment in enumerate(self.network.segments):
            start, stop = segment.offset, segment.offset + segment.steps
            for k, slot in enumerate(segment.slots):
                into = losses if slot.role == "loss" else values
                into.append(Entry("value", g, k, start, stop))
        return values, losses

    def _backward_entries(self) -> list[Entry]:
        entries: list[Entry] = []
        for g in reversed(range(len(self.network.segments))):
            segment = self.network.segments[g]
            for k in reversed(range(len(segment.slots))):
                slot = segment.slots[k]
                if slot.role == "loss":
                    continue
                for use in self.network.uses(g, k):
                    entries.append(self._contribution(use))
                self.finish[g, k] = len(entries)
                for name in slot.parameters:
                    stop = segment.offset + segment.steps
                    entries.append(Entry("parameter", g, k, segment.offset, stop, parameter=name))
        return entries

    def _contribution(self, use: Use) -> Entry:
        offset = self.network.segments[use.segment].offset
        start, stop = self.network.steps_of_use(use)
        only = self._lasts if use.reach == LAST else None
        return Entry(
            "contribution", use.segment, use.slot, start + offset, stop + offset, use, only=only
        )

    def _initial_events(self) -> tuple[Event, ...]:
        return tuple(
            Event("initial", "backward", Node(g, -1, k), use)
            for g, segment in reversed(tuple(enumerate(self.network.segments)))
            for k in reversed(range(len(segment.slots)))
            if segment.slots[k].initial
            for use in self.network.uses(g, k)
            if isinstance(use.reach, int) and use.reach > 0
        )

    def _head_events(self, zeroing: bool) -> tuple[Event, ...]:
        zero = (Event("zero", "backward"),) if zeroing else ()
        return (*zero, Event("seed", "backward"))

    def _update_events(self, clipping: bool) -> tuple[Event, ...]:
        clip = (Event("clip", "update"),) if clipping else ()
        names = self.network.parameters
        return (*clip, *(Event("update", "update", parameter=name) for name in names))

    # ---- reading

    @property
    def phases(self) -> tuple[tuple[int, int], ...]:
        """(start, stop) of forward, loss, backward, update."""
        ends = (self._ends[0], self._ends[2], self._ends[6], self._ends[7])
        return tuple(zip((0, *ends[:-1]), ends))

    def event(self, n: int) -> Event:
        if not 0 <= n < self.events:
            raise IndexError(f"event must be 0..{self.events - 1}, got {n}")
        block = bisect_right(self._ends, n)
        inner = n - (self._ends[block - 1] if block else 0)
        if block == 2:
            return Event("total", "loss")
        if block in (3, 6, 7):
            return (self._heads, self.initial, self.updates)[(3, 6, 7).index(block)][inner]
        sweep, phase = self._sweeps()[block]
        t, rank = sweep.position(inner)
        entry = sweep.entries[rank]
        local = t - self.network.segments[entry.segment].offset
        node = Node(entry.segment, local, entry.slot)
        return Event(entry.kind, phase, node, entry.use, entry.parameter)

    def _sweeps(self) -> dict[int, tuple[Sweep, str]]:
        return {
            0: (self.forward, "forward"),
            1: (self.losses, "loss"),
            4: (self.seeds, "backward"),
            5: (self.backward, "backward"),
        }

    def number(self, event: Event) -> int:
        """The inverse of `event`; KeyError if it does not happen."""
        for block, whole in ((3, self._heads), (6, self.initial), (7, self.updates)):
            if event in whole:
                return self._first(block) + whole.index(event)
        if event.kind == "total" and self._blocks[2]:
            return self._first(2)
        if event.node is None:
            raise KeyError(event)
        t = event.node.t + self.network.segments[event.node.segment].offset
        key = (event.node.segment, event.node.slot, event.use, event.parameter)
        for block, (sweep, phase) in self._sweeps().items():
            rank = self._rows[id(sweep)].get(key)
            if rank is None or phase != event.phase or not 0 <= t < self.steps:
                continue
            if sweep.entries[rank].kind == event.kind and sweep.exists(rank, t):
                return self._first(block) + sweep.number(rank, t)
        raise KeyError(event)

    def _first(self, block: int) -> int:
        return self._ends[block - 1] if block else 0

    def rank(
        self, sweep: Sweep, segment: int, slot: int, use: Use | None = None, parameter: str = ""
    ) -> int:
        """Row of a value, a contribution or a parameter term; KeyError if there is none."""
        return self._rows[id(sweep)][(segment, slot, use, parameter)]

    def place(self, done: int) -> Place:
        """Where each part stands after `done` events."""
        inner = [min(max(done - self._first(k), 0), size) for k, size in enumerate(self._blocks)]
        return Place(
            self.forward.position(inner[0]),
            self.losses.position(inner[1]),
            bool(inner[2]),
            tuple(event.kind for event in self._heads[: inner[3]]),
            self.seeds.position(inner[4]),
            self.backward.position(inner[5]),
            inner[6],
            inner[7],
        )
