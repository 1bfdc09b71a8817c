"""Gates that are computed together: tanh and sigmoid of neighbouring blocks of one slot.

Which they are, and where their values stand in a common array; the lines that compute them are
written by `engine.forward`.
"""

from __future__ import annotations

from itertools import pairwise

from engine.ops import OPS
from engine.structure import Group, Place, Structure
from engine.views import Key


class Gates:
    """tanh and sigmoid of neighbouring blocks of one slot: one call serves them all.

    `members`: each slot, and the part of the common slot that it reads; `hull`: what all of them
    read, None if that is all of its `width`.
    """

    def __init__(
        self, place: Place, width: int, members: list[tuple[int, tuple[int, int]]]
    ) -> None:
        self.place = place
        self.key: Key = ("gates", *place)
        self.members = members
        hull = (members[0][1][0], members[-1][1][1])
        self.hull = None if hull == (0, width) else hull


def gates_of(structure: Structure, group: Group) -> list[Gates]:
    """The gates of a loop that one call can serve."""
    by_source: dict[Place, list[tuple[int, tuple[int, int]]]] = {}
    for k in group.slots if group.loop else ():
        slot = structure.slot((group.segment, k))
        i = slot.inputs[0]
        gate = OPS[slot.op].fast and i.reach == 0 and i.part
        inside = i.segment == group.segment and i.slot in group.slots
        if gate and i.part and inside and not slot.initial:
            by_source.setdefault((i.segment, i.slot), []).append((k, i.part))
    found = []
    for source, members in by_source.items():
        members.sort(key=lambda m: m[1])
        tight = all(a[1][1] == b[1][0] for a, b in pairwise(members))
        states = any(structure.is_state((group.segment, k)) for k, _ in members)
        if len(members) > 1 and tight and not states:
            found.append(Gates(source, structure.slot(source).width, members))
    return found


def blocks_of(gates: list[Gates]) -> dict[Place, tuple[Key, int, int]]:
    """Where the values of gates that are computed together stand in their common array."""
    found: dict[Place, tuple[Key, int, int]] = {}
    for each in gates:
        low = 0
        for k, part in each.members:
            width = part[1] - part[0]
            found[each.place[0], k] = (each.key, low, low + width)
            low += width
    return found
