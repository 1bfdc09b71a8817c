"""Contributions that pass through a matrix, W⊤δ: the lines for one step of a loop, and those for
all steps at once. Which of them a backward source needs, and when, is known to `engine.backward`.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.forward import Forward
from engine.loops import Loop
from engine.op import Rule
from engine.ops import OPS
from engine.source import constants_of, fill, result
from engine.structure import Place, Structure
from engine.template import Use
from engine.views import Key

# the name of the array that a contribution is written into, by its form and the matrix it is for
Landing = Callable[[str, Key | None], str]


class Through:
    """Writes products of deltas with matrices into the same views as `forward`."""

    def __init__(self, structure: Structure, forward: Forward) -> None:
        self.structure = structure
        self.forward = forward
        self.views = forward.views

    def in_loop(
        self, place: Place, use: Use, vjp: Rule, loop: Loop, landing: Landing
    ) -> tuple[list[str], list[str]]:
        """Lines before the loop, and those of a step."""
        slot, d = self.structure.slot(place), ("d", *place)
        of: Key = ("wc", *place, use.position)
        w, ahead = self._packed(place, use.position)
        if not OPS[slot.op].turned:
            w, ahead = self.forward.weight(place, use.position), []
        if of in self.forward.tiles:
            return ahead, self._tiles(of, slot.op, loop.step(self._rows(d, of)), landing)
        names = constants_of(slot) | {"dy": loop.step(self.views.name(d))}
        names["W"] = loop.step(w) if slot.per_step else w
        c = landing("whole", None)
        if self.structure.disjoint((use.segment, use.slot)):
            return ahead, [f"{c}[...] = {fill(result(vjp.source, 'c'), names)[0]}"]
        return ahead, fill(vjp.source, names | {"c": c})

    def at_once(self, place: Place, use: Use, vjp: Rule, landing: Landing) -> list[str]:
        """Lines for all steps."""
        slot, d = self.structure.slot(place), ("d", *place)
        of: Key = ("wc", *place, use.position)
        w = self.forward.weight(place, use.position)
        if slot.per_step:
            return [f"{landing('whole', None)}[...] = matmul({self.views.name(d)}, {w})"]
        if of in self.forward.tiles:
            ahead = self._packed(place, use.position)[1]
            return ahead + self._tiles(of, slot.op, self._rows(d, of), landing)
        names = constants_of(slot) | {"dy": self.views.name(d, form="2d"), "W": w}
        if self.structure.disjoint((use.segment, use.slot)):
            c = landing("whole", None)
            sent = fill(result(vjp.source, "c"), names)[0]
            return [f"{c}[...] = {sent}.reshape({c}.shape)"]
        return fill(vjp.source, names | {"c": landing("2d", None)})

    def _tiles(self, of: Key, op: str, rows: str, landing: Landing) -> list[str]:
        names = self.forward.tile_names(of, rows)
        return fill(OPS[op].tiled, names | {"result": landing("tiles", of)})

    def _rows(self, delta: Key, of: Key) -> str:
        return self.views.name(delta, form="rows", of=of)

    def _packed(self, place: Place, position: int) -> tuple[str, list[str]]:
        """The block of a matrix copied, laid out as BLAS is fastest on it in a loop, and the line
        that copies it."""
        w = self.forward.weight(place, position)
        key: Key = ("wc", *place, position)
        self.views.once(key, f"{w}_packed")
        packed = self.views.name(key)
        return packed, [f"copyto({packed}, {w})"]
