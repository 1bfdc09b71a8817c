"""What single steps add to the gradient of a parameter, through all slots that use it.

The arithmetic of one slot is in `engine.terms`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from engine import terms
from engine.template import Input, Network, Slot

Array = np.ndarray[Any, np.dtype[Any]]
Place = tuple[int, int]
Outer = tuple[tuple[slice, ...], Array, Array | None]


class Recorded(Protocol):
    """What is read of a recording."""

    network: Network
    parameters: dict[str, Array]
    rule: str
    steps: int

    def slot(self, segment: int, slot: int) -> Slot: ...
    def parameter_slots(self, name: str) -> list[Place]: ...
    def read(self, i: Input) -> Array: ...
    def raw_delta(self, place: Place) -> Array: ...


def term(recording: Recorded, name: str, t: int) -> Array:
    """The term of the global step t, as large as the parameter."""
    made = np.zeros_like(recording.parameters[name])
    for place in recording.parameter_slots(name):
        here = recording.network.segments[place[0]]
        own = t - here.offset
        if not 0 <= own < here.steps:
            continue
        for block, d, x in _outer(recording, name, place, own):
            whole = made[own] if recording.slot(*place).per_step else made
            whole[block] += terms.term(recording.slot(*place), d, x)
    return made


def term_norms(recording: Recorded, name: str) -> Array:
    """‖term of step t‖ for all global steps, (T,), without forming the terms."""
    squares = np.zeros(recording.steps)
    pieces: dict[tuple[int, int, str], list[tuple[Slot, Array, Array | None]]] = {}
    for place in recording.parameter_slots(name):
        offset = recording.network.segments[place[0]].offset
        for block, d, x in _outer(recording, name, place, slice(None)):
            same = pieces.setdefault((offset, len(d), repr(block)), [])
            same.append((recording.slot(*place), d, x))
    for (offset, steps, _), same in pieces.items():
        d = np.concatenate([p[1] for p in same], 1)
        read = [p[2] for p in same if p[2] is not None]
        x = np.concatenate(read, 1) if read else None
        squares[offset : offset + steps] += terms.squares(same[0][0], d, x)
    return np.sqrt(np.maximum(squares, 0))


def _outer(recording: Recorded, name: str, place: Place, t: Any) -> Iterator[Outer]:
    """(block of the parameter, δ, input) whose outer products are the terms at t."""
    slot = recording.slot(*place)
    d = recording.raw_delta(place)[t]
    for i, weight in zip(slot.inputs, slot.weights, strict=True):
        if weight.parameter != name:
            continue
        rows, columns = weight.rows or (0, None), weight.columns or (0, None)
        yield (slice(*rows), slice(*columns)), d, recording.read(i)[t]
    if slot.bias == name:
        yield (slice(*(slot.bias_rows or (0, None))),), d, None


def replaces(recording: Recorded, slot: int) -> bool:
    """Whether what is sent to a slot takes the place of what was there, rather than being added:
    to a variable of a formula by the rule "overwrite". It comes in the order of the uses."""
    network = recording.network
    if not network.timeless or recording.rule != "overwrite":
        return False
    return network.slot(0, slot).op == "input"
