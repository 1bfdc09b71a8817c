"""A network run forward one op after the other, in any number type, complex too.

This is what `engine.check` differentiates: it reads the same rows as `engine.plan` and shares none
of its generated code, its fusions or its rules for the backward direction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluate import COMPLEX_STEP, Data, Numbers, forward
from engine.ops import OPS
from engine.recording import Recording
from engine.template import ALL, LAST, Input, Network, Node, Slot

Place = tuple[int, int]  # (segment, slot)


@dataclass(frozen=True, slots=True)
class Given:
    """All that forward reads. `start`, `stop` (B,); states by name (L, B, H).

    `inputs`: (T, B, width) by place (segment, slot); `data`: stored arrays by name, classes (T, B)
    or numbers (T, B, width); `inside`: (T, B) by segment, the steps that sequences own;
    `constants`: recorded values of the slots where no gradient passes.
    """

    network: Network
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    parameters: dict[str, Numbers]
    inputs: dict[Place, Numbers]
    data: dict[str, Numbers] = field(default_factory=dict)
    initial: dict[str, Numbers] = field(default_factory=dict)
    inside: tuple[NDArray[np.bool_], ...] = ()
    constants: dict[Place, Numbers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nudge:
    """Something added to the value of a node; (B, width).

    `recorded` gives the values of a slot by step, for all that comes before the node.
    """

    node: Node
    amount: Numbers
    recorded: Callable[[Place], Numbers]

    def leaves(self, network: Network, g: int, t: int) -> bool:
        """Whether step `t` of segment `g` comes before the node, so that it is as recorded."""
        own, other = network.segments[self.node.segment], network.segments[g]
        if g < self.node.segment:
            return True
        # a chain the other way brings what was added to steps that come before the node
        between = network.segments[self.node.segment : g + 1]
        same_way = all(segment.direction == own.direction for segment in between)
        earlier = own.direction * (t + other.offset - self.node.t - own.offset) < 0
        return same_way and earlier


def given_of(recording: Recording) -> Given:
    """What the forward run of a recording read."""
    network = recording.network
    return Given(
        network,
        recording.start,
        recording.stop,
        dict(recording.parameters),
        {
            (g, k): recording.value(g, k)
            for g, segment in enumerate(network.segments)
            for k, slot in enumerate(segment.slots)
            if slot.op == "input"
        },
        recording.plan.workspace.stored,
        recording.initial,
        tuple(recording.inside_of(g) for g in range(len(network.segments))),
        {
            (g, k): recording.value(g, k)
            for g, segment in enumerate(network.segments)
            for k, slot in enumerate(segment.slots)
            if "keep" in OPS[slot.op].data
        },
    )


def loss_of(given: Given, values: dict[Place, list[Numbers]], weights: Numbers) -> Any:
    """Σ weights · L; weights (T, B)."""
    total: Any = 0.0
    for g, segment in enumerate(given.network.segments):
        for k, slot in enumerate(segment.slots):
            if slot.role == "loss":
                losses = np.stack(values[g, k])[..., 0]
                end = segment.offset + segment.steps
                total = total + (weights[segment.offset : end] * losses).sum()
    return total


def replay(
    given: Given, nudge: Nudge | None = None, rounded: Callable[[Numbers], Numbers] | None = None
) -> dict[Place, list[Numbers]]:
    """Values of every slot, a list over the steps of arrays (B, width); `rounded` is done to the
    result of every op."""
    values: dict[Place, list[Numbers]] = {}
    states = _states(given.network)
    for g, segment in enumerate(given.network.segments):
        for k in range(len(segment.slots)):
            values[g, k] = [np.empty(0)] * segment.steps
        for t in range(segment.steps)[:: segment.direction]:
            if nudge is not None and nudge.leaves(given.network, g, t):
                for k in range(len(segment.slots)):
                    values[g, k][t] = nudge.recorded((g, k))[t]
                continue
            inside = _inside(given, g, t)

            def read(source: Input, node: tuple[int, int] = (g, t)) -> Numbers:
                return _read(given, values, node[1], source)

            for k, slot in enumerate(segment.slots):
                y = _value(given, Node(g, t, k), slot, read)
                y = y if rounded is None else rounded(y)
                if nudge is not None and nudge.node == (g, t, k):
                    y = y + nudge.amount
                if inside is not None and (g, k) in states:
                    y = np.where(inside, y, boundary(given, g, slot, values))
                values[g, k][t] = y
    return values


def step_jacobian(
    given: Given, recorded: Callable[[int, int], Numbers], node: Node, sequence: int
) -> Numbers:
    """∂node_t/∂node_{t−1} by complex step, (width, width), every other state held at its value.

    All columns at once: the batch is one copy of the step for each unit that is moved.
    """
    segment = given.network.segments[node.segment]
    width = segment.slots[node.slot].width
    done: dict[int, Numbers] = {}

    def read(source: Input) -> Numbers:
        place, reach = (source.segment, source.slot), source.reach
        if source.segment == node.segment and reach == 0:
            value = done[source.slot]
        else:
            assert isinstance(reach, int)
            t = node.t - reach * segment.direction
            value = _before(given, recorded, place, t, sequence)
            value = np.repeat(value[None], width, 0)
            if place == (node.segment, node.slot) and reach == 1:
                value = value + 1j * COMPLEX_STEP * np.eye(width)
        return value[..., slice(*source.part)] if source.part else value

    for k, slot in enumerate(segment.slots[: node.slot + 1]):
        if slot.op == "input":
            row = recorded(node.segment, k)[node.t, sequence]
            done[k] = np.repeat(row[None], width, 0)
        else:
            done[k] = _value(given, Node(node.segment, node.t, k), slot, read, [sequence] * width)
    return np.asarray(done[node.slot].imag.T / COMPLEX_STEP)


def _before(
    given: Given, recorded: Callable[[int, int], Numbers], place: Place, t: int, sequence: int
) -> Numbers:
    """What stands at step `t` of a slot for one sequence: recorded, or the boundary."""
    segment = given.network.segments[place[0]]
    if 0 <= t < segment.steps and given.inside[place[0]][t, sequence]:
        return np.asarray(recorded(*place)[t, sequence])
    slot = segment.slots[place[1]]
    if slot.handed:
        source = slot.handed.segment
        last = np.flatnonzero(given.inside[source][:, sequence])[-1]
        return np.asarray(recorded(source, slot.handed.slot)[last, sequence])
    return np.asarray(boundary(given, place[0], slot)[sequence])


def _states(network: Network) -> set[Place]:
    """Slots that a later step reads; outside a sequence they stand at their boundary."""
    return {
        (i.segment, i.slot)
        for segment in network.segments
        for slot in segment.slots
        for i in slot.inputs
        if i.reach not in (0, LAST, ALL)
    }


def _inside(given: Given, g: int, t: int) -> NDArray[np.bool_] | None:
    """(B, 1): which sequences own the step; None if all do."""
    owned = given.inside[g][t]
    return None if owned.all() else owned[:, None]


Values = dict[Place, list[Numbers]]


def boundary(given: Given, g: int, slot: Slot, values: Values | None = None) -> Numbers:
    """What a later step reads before the first one, (B, width)."""
    if slot.handed is not None:
        assert values is not None
        return _read(given, values, 0, slot.handed)
    if slot.initial in given.initial:
        return np.asarray(given.initial[slot.initial][given.network.row(g, slot.initial)])
    return np.zeros((len(given.start), slot.width))


def _value(
    given: Given,
    node: Node,
    slot: Slot,
    read: Callable[[Input], Numbers],
    rows: list[int] | None = None,
) -> Numbers:
    """Value of one node, (B, width); `rows` picks the sequences for the stored arrays."""
    if slot.op == "input":
        return np.asarray(given.inputs[node.segment, node.slot][node.t])
    weights = []
    for weight in slot.weights:
        block = slice(*(weight.rows or (None,))), slice(*(weight.columns or (None,)))
        weights.append(_own(given, node, slot, weight.parameter)[block])
    bias = None
    if slot.bias:
        bias = _own(given, node, slot, slot.bias)[slice(*(slot.bias_rows or (None,)))]
    data: Data | None = None
    if slot.data:
        stored = np.asarray(given.data[slot.data[0]][node.t])
        data = stored if rows is None else stored[rows]
        if "class" in OPS[slot.op].data:
            data = (np.arange(len(data)), data)
    reads = [read(i) for i in slot.inputs]
    constants = dict(slot.constants)
    if OPS[slot.op].whole:
        return _whole(slot, reads, data)
    if (node.segment, node.slot) in given.constants:
        recorded = given.constants[node.segment, node.slot][node.t]
        return np.where(np.asarray(data), reads[0], recorded if rows is None else recorded[rows])
    count = len(given.start) if rows is None else len(rows)
    return forward(
        slot.op, reads, constants=constants, weights=weights, bias=bias, data=data, rows=count
    )


def _own(given: Given, node: Node, slot: Slot, name: str) -> Numbers:
    """A parameter as one step has it."""
    whole = given.parameters[name]
    return np.asarray(whole[node.t]) if slot.per_step else whole


def _whole(slot: Slot, reads: list[Numbers], data: Data | None) -> Numbers:
    """Value of one step of an op that reads all steps at once, (B, width)."""
    steps = {i.reach == ALL: len(x) for i, x in zip(slot.inputs, reads, strict=True)}[True]
    arrays = [x if i.reach == ALL else x[None] for i, x in zip(slot.inputs, reads, strict=True)]
    hidden = None if data is None else np.asarray(data)[None, ..., :steps]
    return np.asarray(forward(slot.op, arrays, constants=dict(slot.constants), data=hidden)[0])


def _read(given: Given, values: dict[Place, list[Numbers]], t: int, source: Input) -> Numbers:
    place = (source.segment, source.slot)
    segment = given.network.segments[source.segment]
    if source.reach == ALL:
        value = np.array([y for y in values[place] if y.size])  # of its own segment up to here
    elif source.reach == LAST:
        owned = [np.flatnonzero(column) for column in given.inside[source.segment].T]
        ends = [own[-1 if segment.direction > 0 else 0] for own in owned]
        value = np.stack([values[place][end][b] for b, end in enumerate(ends)])
    else:
        assert isinstance(source.reach, int)
        earlier = t - source.reach * segment.direction
        if 0 <= earlier < segment.steps:
            value = values[place][earlier]
        else:
            value = boundary(given, source.segment, segment.slots[source.slot], values)
    return value[..., slice(*source.part)] if source.part else value
