"""A network as data: slots, inputs with reaches, segments.

Here lives the vocabulary with which every system is written down, and nothing that computes: the
rules of the ops stand in `engine.ops`, the loops in `engine.plan`. A recurrent cell is the same
small graph at every step, so it is traced once into slots; a node is (segment, t, slot).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

TIMELESS = "expression"  # kind of a segment of one step that is no step in time
LAST = "last"  # reach: the last step that a sequence owns, read by a segment of one step
ALL = "all"  # reach: every step of the source at once (attention, steps side by side)
HANDED = -1  # position of the use that hands a state over to the first step of a later segment


Picture = tuple[int, int, int]  # channels, rows, columns of a width that is a picture


class Node(NamedTuple):
    """One slot at one step. `t` counts from 0 within the segment."""

    segment: int
    t: int
    slot: int


@dataclass(frozen=True, slots=True)
class Input:
    """What a slot reads: `reach` is a lag (0 this step, 1 the step before …), LAST or ALL."""

    segment: int
    slot: int
    reach: int | str = 0
    part: tuple[int, int] | None = None  # [start, stop) of the last axis; None: all of it


@dataclass(frozen=True, slots=True)
class Weight:
    """The matrix that a linear op puts before one of its inputs, or a block of it."""

    parameter: str
    columns: tuple[int, int] | None = None
    rows: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of the template; its op, inputs, formula and role stand here once for all steps.

    `role`: input, preactivation, gate, product, tensor, state, memory, logit, loss.
    `blocks`: names of equal blocks of the last axis (the LSTM's z: f i g o), else empty.
    `initial`: name of the state array that is read before the first step ("h0"), "" for zero.
    `handed`: the last step of another segment is read before the first step instead.
    `per_step`: every step has weights and a bias of its own, (T, out, in) and (T, out).
    """

    name: str
    op: str
    inputs: tuple[Input, ...]
    width: int
    role: str
    formula: str = ""
    weights: tuple[Weight, ...] = ()
    bias: str = ""
    bias_rows: tuple[int, int] | None = None
    blocks: tuple[str, ...] = ()
    initial: str = ""
    constants: tuple[tuple[str, float], ...] = ()
    data: tuple[str, ...] = ()  # stored arrays that the op reads and no gradient enters
    picture: Picture | None = None  # what the width is, channel after channel, if it is one
    handed: Input | None = None
    per_step: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that this slot uses, each once, in order of use."""
        names = [w.parameter for w in self.weights] + ([self.bias] if self.bias else [])
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a node by a consumer; x + x has two. Contributions belong to uses.

    The node at step t of (`segment`, `slot`) is read by the consumer at step t + `lag`
    (`lag` is negative where the consumer runs backwards), or by its only step where reach is LAST;
    at the position HANDED it is what the consumer's first step finds before itself.
    Where it is ALL, one use stands for the pairs of every step of the source with every step of the
    consumer that sees it; `Recording.pairs` tells them apart.
    """

    segment: int
    slot: int
    consumer: Node  # t is 0 here: the consumer's segment and slot
    position: int
    reach: int | str
    part: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A template, how many steps it has, where it begins on the global time axis, and which way.

    `layer` counts recurrent layers from 0; the readout has the layer of what it reads.
    `kind`: layer or readout, or TIMELESS. `part`: read or write, where one comes after the other; a
    sequence owns steps of its own in each. end: one step, for the last of every sequence.
    """

    name: str
    slots: tuple[Slot, ...]
    steps: int
    offset: int = 0
    direction: int = 1
    layer: int = 0
    kind: str = "layer"
    part: str = ""

    def index(self, name: str) -> int:
        """Position of the slot called `name`; KeyError if there is none."""
        for k, slot in enumerate(self.slots):
            if slot.name == name:
                return k
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Network:
    """Segments in an order in which they can be run, and the shapes of all parameters."""

    segments: tuple[Segment, ...]
    parameters: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _uses: dict[tuple[int, int], tuple[Use, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table: dict[tuple[int, int], list[Use]] = {}
        for use in self.all_uses():
            table.setdefault((use.segment, use.slot), []).append(use)
        order = _backwards if self.timeless else _lateness
        uses = {place: tuple(sorted(own, key=order)) for place, own in table.items()}
        object.__setattr__(self, "_uses", uses)

    @property
    def timeless(self) -> bool:
        """Whether the network is a formula: its one step is no step in time."""
        return all(segment.kind == TIMELESS for segment in self.segments)

    def slot(self, segment: int, slot: int) -> Slot:
        return self.segments[segment].slots[slot]

    def uses(self, segment: int, slot: int) -> tuple[Use, ...]:
        """All uses of a slot, consumers of the same step first, later steps last; of a formula
        in the order in which backward comes to the consumers."""
        return self._uses.get((segment, slot), ())

    def row(self, segment: int, initial: str) -> int:
        """Which row of the first state `initial` (L·D, B, H) belongs to a segment."""
        before = self.segments[:segment]
        return sum(any(slot.initial == initial for slot in s.slots) for s in before)

    def all_uses(self) -> tuple[Use, ...]:
        """Every use in the network, in the order of its consumers."""
        return tuple(
            Use(i.segment, i.slot, Node(g, 0, k), position, i.reach, i.part)
            for g, seg in enumerate(self.segments)
            for k, consumer in enumerate(seg.slots)
            for position, i in (
                *enumerate(consumer.inputs),
                *([(HANDED, consumer.handed)] if consumer.handed else []),
            )
        )

    def steps_of_use(self, use: Use) -> tuple[int, int]:
        """Steps [start, stop) of the source at which the use exists (ragged lengths aside)."""
        steps = self.segments[use.segment].steps
        if use.reach == ALL:
            return 0, steps
        if use.reach == LAST:
            return (steps - 1, steps) if self.segments[use.segment].direction > 0 else (0, 1)
        assert isinstance(use.reach, int)
        if self.segments[use.segment].direction < 0:
            return min(use.reach, steps), steps
        return 0, max(steps - use.reach, 0)


def _lateness(use: Use) -> float:
    if use.reach == ALL:
        return math.inf
    if use.position == HANDED:
        return 1
    return use.reach if isinstance(use.reach, int) else 0


def _backwards(use: Use) -> int:
    return -use.consumer.slot
