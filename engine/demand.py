"""Deltas on demand: what backward may leave out, and the lines that make it up when asked for.

A plan for `deltas="joints"` computes the deltas where paths join, those that parameters read, and
what leads there. Every other delta or contribution is a `Piece`: lines for all steps at once that
run when somebody reads the array, after the pieces that they need. Nothing is written here that
`engine.backward` would not write in any case.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.storage import Storage
from engine.structure import Group, Place, Structure, lag_of
from engine.template import Use
from engine.views import Key

DELTAS = ("all", "joints")


@dataclass(frozen=True, slots=True)
class Piece:
    """The lines that write (a part of) the array `key`, from arrays that may be pieces too."""

    key: Key
    needs: frozenset[Key]
    lines: tuple[str, ...]


class Demand:
    """Which places and uses of a network can wait, and the pieces in an order to run them in."""

    def __init__(self, structure: Structure, storage: Storage, everything: bool) -> None:
        self.structure = structure
        self.storage = storage
        self.everything = everything
        self.pieces: list[Piece] = []
        self.needed = _needed(structure)

    def waits(self, place: Place) -> bool:
        """Whether the delta of a place is of no use to any parameter."""
        return not self.everything and place not in self.needed

    def passes(self, use: Use) -> bool:
        """Whether a contribution inside a loop is added at once and need not be kept.

        One row holds it from the moment it is sent until it is added: in the same turn of the loop,
        or in the next one if the receiver has added what it got before the sender sends again.
        """
        place, consumer = (use.segment, use.slot), use.consumer
        group = self.structure.group_of[place]
        if self.everything or ("c", use) in self.storage.alias or self.structure.handed(place):
            return False
        if not (group.loop and self.structure.inside(group, use)) or use.part:
            return False
        if len(self.structure.uses[place]) == 1:
            return False  # the delta is this contribution
        root = self._root(group, (consumer.segment, consumer.slot))
        return lag_of(use) == 0 or (lag_of(use) == 1 and root[1] <= place[1])

    def starts(self, use: Use) -> bool:
        """Whether what arrives from outside a loop is written where its delta is added up: the only
        one that does, before the loop, for all steps."""
        place = (use.segment, use.slot)
        group, uses = self.structure.group_of[place], self.structure.uses[place]
        if self.everything or not group.loop or use.part or use.reach != 0 or len(uses) == 1:
            return False
        outer = [u for u in uses if not self.structure.inside(group, u)]
        return outer == [use] and not {("c", use), ("d", *place)} & self.storage.alias.keys()

    def _root(self, group: Group, place: Place) -> Place:
        """The joint whose delta is sent through a collapsed place."""
        while self.structure.collapsed(group, place):
            consumer = self.structure.uses[place][0].consumer
            place = consumer.segment, consumer.slot
        return place

    def add(self, key: Key, needs: list[Key], lines: list[str]) -> None:
        """Note lines that write the array behind `key` and read those behind `needs`."""
        owners = frozenset(map(self.storage.owner, needs))
        self.pieces.append(Piece(self.storage.owner(key), owners, tuple(lines)))


def pieces_for(pieces: tuple[Piece, ...], waiting: set[Key], key: Key) -> list[Piece]:
    """The pieces that have to run, in this order, before the array `key` can be read."""
    wanted, found = {key}, []
    for piece in reversed(pieces):
        if piece.key in wanted and piece.key in waiting:
            found.append(piece)
            wanted |= piece.needs
    return found[::-1]


def _needed(structure: Structure) -> set[Place]:
    """Places whose delta a parameter reads, or which send it on to such a place."""
    found: set[Place] = set()
    for place, group in structure.group_of.items():
        joint = group.loop and not structure.collapsed(group, place)
        if joint or structure.slot(place).parameters:
            found.add(place)
    before = 0
    while len(found) > before:
        before = len(found)
        for own in structure.uses.values():
            for use in own:
                place, consumer = (use.segment, use.slot), use.consumer
                group = structure.group_of[place]
                sent_at_once = not (group.loop and structure.inside(group, use))
                if place in found and (sent_at_once or structure.collapsed(group, place)):
                    found.add((consumer.segment, consumer.slot))
    return found
