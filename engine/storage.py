"""Which deltas and contributions are arrays of their own, and which are others seen again."""

from __future__ import annotations

from engine.structure import Structure, is_lagged, is_pass, lag_of
from engine.template import LAST, Use
from engine.views import Key


class Storage:
    """Where deltas and contributions live: on their own, or as another array seen again.

    `alias[key]` = (key of the other, part of it or None, lag by which it is later).
    """

    def __init__(self, structure: Structure, pad: int) -> None:
        self.structure = structure
        self.pad = pad
        self.alias: dict[Key, tuple[Key, tuple[int, int] | None, int]] = {}
        for place, uses in structure.uses.items():
            masked = structure.late and structure.is_state(place)
            if structure.disjoint(place):
                for use in uses:
                    self.alias["c", use] = (("d", *place), use.part, 0)
            elif len(uses) == 1 and uses[0].part is None and not masked:
                self.alias["d", *place] = (("c", uses[0]), None, 0)
        for uses in structure.uses.values():
            for use in uses:
                self._pass(use)

    def owner(self, key: Key) -> Key:
        """The key of the array that `key` is seen in."""
        while key in self.alias:
            key = self.alias[key][0]
        return key

    def _pass(self, use: Use) -> None:
        """The contribution through `+` is the consumer's delta itself, not a copy of it."""
        key: Key = ("c", use)
        consumer: Key = ("d", use.consumer.segment, use.consumer.slot)
        lag = lag_of(use)
        if key in self.alias or use.reach == LAST or not is_pass(self.structure.vjp(use)):
            return
        if lag == 0 or (lag == self.pad and consumer not in self.alias):
            self.alias[key] = (consumer, None, lag)


def lag_inputs(structure: Structure) -> int:
    """The longest lag in a network, at least 1."""
    lags = [lag_of(u) for uses in structure.uses.values() for u in uses if is_lagged(u)]
    return max(lags, default=1)
