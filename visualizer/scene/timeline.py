"""The textbook order of everything that happens, as a formula of (segment, t, slot, use).

Here an event number becomes an event and back, by arithmetic and bisection; no list of events is
ever built, so a hundred thousand steps cost nothing. What is drawn at an event stands elsewhere
(`frame`, `compose`); the order in which the plan really computed does not matter here.

Forward: t ascending, at each step the layers bottom-up, then the readout. Where a chain runs
backwards, one sweep for each segment: the forward chain t ascending, the backward chain t
descending, …, then the readout. Loss: L_1 … L_T, then ℒ. Backward: the gradients are zeroed,
δ(ℒ) = 1 goes to every L_t, then the sweeps of forward in reverse, each the other way round; at each
step the slots come in reverse, at each node its contributions one by one (this step's first, the
later step's last), then one event per parameter the node uses. Last, what reaches the initial
states. Update: clipping, then one event per parameter. A formula has no ℒ, nothing to zero and no
update: its output gets its value in the phase of the loss, then δ = 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.template import LAST, Network, Node, Use
from visualizer.scene.sweep import Entry, Kind, Sweep

PHASES = ("forward", "loss", "backward", "update")


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
class Place:
    """How far each part of the timeline is: (t, rank) of what comes next in each sweep, whether ℒ
    is there, the kinds of the opening events of backward that happened, and two counts."""

    forward: tuple[tuple[int, int], ...]
    losses: tuple[int, int]
    total: bool
    heads: tuple[str, ...]
    seeds: tuple[int, int]
    backward: tuple[tuple[int, int], ...]
    initial: int
    updates: int


class Timeline:
    """Events 0 … events-1 of a network, decoded on demand.

    `ends` are the global steps at which LAST reads a segment, those of all sequences of the batch;
    left out, its last step (its first, where it runs backwards).
    """

    def __init__(
        self,
        network: Network,
        steps: int,
        *,
        ends: Mapping[int, tuple[int, ...]] | None = None,
        gradients: bool = True,
        zeroing: bool = True,
        clipping: bool = False,
    ) -> None:
        self.network = network
        self.steps = steps
        self._ends_of = ends or {}
        self.users = _users(network)
        self.finish: dict[tuple[int, int], int] = {}  # backward rank at which a slot's δ is full
        self.chains = _chains(network)
        backward = self._sweeps(gradients)
        self.initial = self._initial_events() if backward else ()
        self._heads = self._head_events(zeroing) if backward else ()
        self.updates = self._update_events(clipping) if backward else ()
        whole = self.losses.entries and not network.timeless  # a formula is its own total
        self._total = (Event("total", "loss"),) if whole else ()
        self._count()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """In another process the parts are other objects, by which their rows are known."""
        self.__dict__.update(state)
        self._count()

    def _sweeps(self, gradients: bool) -> bool:
        """Make all sweeps; whether there is a backward one."""
        network, steps = self.network, self.steps
        ways = [network.segments[chain[0]].direction < 0 for chain in self.chains]
        self.forward = tuple(
            Sweep(self._value_entries(chain, loss=False), steps, descending)
            for chain, descending in zip(self.chains, ways)
        )
        everything = tuple(range(len(network.segments)))
        losses = self._value_entries(everything, loss=True)
        self.losses = Sweep(losses, steps, False)
        backward = bool(losses) and gradients
        seeds = [Entry("contribution", e.segment, e.slot, e.start, e.stop) for e in losses]
        self.seeds = Sweep(seeds if backward else [], steps, True)
        self.backward = tuple(
            Sweep(self._backward_entries(chain) if backward else [], steps, not descending)
            for chain, descending in zip(self.chains, ways)
        )
        return backward

    def _count(self) -> None:
        """The parts in their order, where each ends, and the row of every entry in its sweep."""
        self._parts: tuple[tuple[str, Sweep | tuple[Event, ...]], ...] = (
            *(("forward", sweep) for sweep in self.forward),
            ("loss", self.losses),
            ("loss", self._total),
            ("backward", self._heads),
            ("backward", self.seeds),
            *(("backward", sweep) for sweep in reversed(self.backward)),
            ("backward", self.initial),
            ("update", self.updates),
        )
        sizes = [p.size if isinstance(p, Sweep) else len(p) for _, p in self._parts]
        self._ends = tuple(int(n) for n in np.cumsum(sizes))
        self.events = self._ends[-1]
        self.chain_of = {g: n for n, chain in enumerate(self.chains) for g in chain}
        self._rows = {
            id(part): {
                (e.segment, e.slot, e.use, e.parameter): k for k, e in enumerate(part.entries)
            }
            for _, part in self._parts
            if isinstance(part, Sweep)
        }

    # ---- building: which entries there are, in textbook order

    def _value_entries(self, chain: tuple[int, ...], *, loss: bool) -> list[Entry]:
        found: list[Entry] = []
        for g in chain:
            segment = self.network.segments[g]
            start, stop = segment.offset, segment.offset + segment.steps
            for k, slot in enumerate(segment.slots):
                if (slot.role == "loss") == loss:
                    found.append(Entry("value", g, k, start, stop))
        return found

    def _backward_entries(self, chain: tuple[int, ...]) -> list[Entry]:
        entries: list[Entry] = []
        for g in reversed(chain):
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
        only = None
        if use.reach == LAST:
            only = self._ends_of.get(use.segment, (start + offset,))
        return Entry(
            "contribution",
            use.segment,
            use.slot,
            start + offset,
            max(stop, start) + offset,
            use,
            only=only,
        )

    def _initial_events(self) -> tuple[Event, ...]:
        return tuple(
            Event("initial", "backward", Node(g, -1, k), use)
            for g, segment in reversed(tuple(enumerate(self.network.segments)))
            for k in reversed(range(len(segment.slots)))
            if segment.slots[k].initial and segment.slots[k].handed is None
            for use in self.network.uses(g, k)
            if isinstance(use.reach, int) and use.reach > 0
        )

    def _head_events(self, zeroing: bool) -> tuple[Event, ...]:
        if self.network.timeless:
            return ()
        zero = (Event("zero", "backward"),) if zeroing else ()
        return (*zero, Event("seed", "backward"))

    def _update_events(self, clipping: bool) -> tuple[Event, ...]:
        clip = (Event("clip", "update"),) if clipping else ()
        names = self.network.parameters
        return (*clip, *(Event("update", "update", parameter=name) for name in names))

    # ---- reading

    @property
    def parts(self) -> tuple[tuple[str, str, Sweep | tuple[Event, ...]], ...]:
        """(phase, name, the part) in their order; sweeps are "up" or "down" in time."""
        names = {
            id(self.losses): "losses",
            id(self.seeds): "seeds",
            id(self.initial): "initial",
            id(self._heads): "heads",
            id(self._total): "total",
            id(self.updates): "updates",
        }
        found = []
        for phase, part in self._parts:
            way = "down" if isinstance(part, Sweep) and part.descending else "up"
            found.append((phase, names.get(id(part), way), part))
        return tuple(found)

    @property
    def phases(self) -> tuple[tuple[int, int], ...]:
        """(start, stop) of forward, loss, backward, update."""
        ends = [
            max(end for (name, _), end in zip(self._parts, self._ends) if name == phase)
            for phase in PHASES
        ]
        return tuple(zip((0, *ends[:-1]), ends))

    def event(self, n: int) -> Event:
        if not 0 <= n < self.events:
            raise IndexError(f"event must be 0..{self.events - 1}, got {n}")
        block = bisect_right(self._ends, n)
        inner = n - self._first(block)
        phase, part = self._parts[block]
        if not isinstance(part, Sweep):
            return part[inner]
        t, rank = part.position(inner)
        entry = part.entries[rank]
        local = t - self.network.segments[entry.segment].offset
        node = Node(entry.segment, local, entry.slot)
        return Event(entry.kind, phase, node, entry.use, entry.parameter)

    def number(self, event: Event) -> int:
        """The inverse of `event`; KeyError if it does not happen."""
        node = event.node
        for block, (phase, part) in enumerate(self._parts):
            if not isinstance(part, Sweep):
                if event in part:
                    return self._first(block) + part.index(event)
                continue
            if phase != event.phase or node is None:
                continue
            t = node.t + self.network.segments[node.segment].offset
            key = (node.segment, node.slot, event.use, event.parameter)
            rank = self._rows[id(part)].get(key)
            if rank is None or not 0 <= t < self.steps:
                continue
            if part.entries[rank].kind == event.kind and part.exists(rank, t):
                return self._first(block) + part.number(rank, t)
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
        inner = {
            id(part): min(max(done - self._first(k), 0), self._ends[k] - self._first(k))
            for k, (_, part) in enumerate(self._parts)
        }

        def at(sweep: Sweep) -> tuple[int, int]:
            return sweep.position(inner[id(sweep)])

        return Place(
            tuple(at(sweep) for sweep in self.forward),
            at(self.losses),
            bool(self._total) and done >= self._ends[len(self.forward) + 1],
            tuple(event.kind for event in self._heads[: inner[id(self._heads)]]),
            at(self.seeds),
            tuple(at(sweep) for sweep in self.backward),
            inner[id(self.initial)],
            inner[id(self.updates)],
        )


def _users(network: Network) -> dict[str, tuple[tuple[int, int], ...]]:
    """The slots that use each parameter."""
    users: dict[str, list[tuple[int, int]]] = {}
    for g, segment in enumerate(network.segments):
        for k, slot in enumerate(segment.slots):
            for name in slot.parameters:
                users.setdefault(name, []).append((g, k))
    return {name: tuple(places) for name, places in users.items()}


def _chains(network: Network) -> tuple[tuple[int, ...], ...]:
    """Segments that are swept together: all of them, or one by one where one runs backwards."""
    everything = tuple(range(len(network.segments)))
    if all(segment.direction > 0 for segment in network.segments):
        return (everything,)
    return tuple((g,) for g in everything)
