"""The lines that make the gradients of parameters, one product over all steps each.

What uses a parameter later adds to what an earlier line has written.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.forward import Forward
from engine.ops import OPS
from engine.source import constants_of, fill, result
from engine.structure import Place, Structure
from engine.template import Slot
from engine.views import Key


class Gradients:
    """Knows which blocks of which parameters were written already."""

    def __init__(self, structure: Structure, forward: Forward) -> None:
        self.structure = structure
        self.forward = forward
        self.views = forward.views
        self.written: dict[str, list[tuple[object, object]]] = {}

    def of(self, place: Place, delta: Callable[..., str]) -> list[str]:
        """Lines for all parameters of a slot; `delta(place)` is the name of its δ."""
        slot = self.structure.slot(place)
        lines: list[str] = []
        op = OPS[slot.op]
        if op.weight and not op.linear:
            names = self.forward.names(place, None, slot)
            g = self.views.name(("gp", slot.weights[0].parameter))
            lines += fill(op.weight_gradient, names | {"dy": delta(place), "g": g})
        if not op.linear:
            return lines
        if slot.per_step:
            return self._by_step(place, delta(place))
        names = constants_of(slot) | {"dy": delta(place, form="2d")}
        by_token = ""
        for position, weight in enumerate(slot.weights):
            source = slot.inputs[position]
            g = self._gradient("gw", place, position, weight.parameter)
            own = names | {"0": self.forward.value(source, form="2d"), "g": g}
            if self.forward.looked_up(source):
                by_token, own["tokens"] = g, self.forward.tokens_of(source)
            block = (weight.rows, weight.columns)
            lines += self._weight_lines(slot, block, self._first(weight.parameter, block), own)
            self.written.setdefault(weight.parameter, []).append(block)
        if slot.bias:
            lines.append(self._bias_line(place, names, by_token))
        return lines

    def _weight_lines(
        self, slot: Slot, block: tuple[object, object], first: bool, names: dict[str, str]
    ) -> list[str]:
        """The gradient of a matrix, or of a block of it."""
        op = OPS[slot.op]
        if "tokens" in names and op.looked_up:
            assert first
            return fill(op.looked_up[2], names)
        # float64 products of tall arrays are a fifth faster with the wide one on the right
        turned = op.turned and not self.forward.fast and len(slot.blocks) > 1
        if first and (block == (None, None) or not turned):
            return fill(op.weight_gradient, names)
        source = "dot({0}.T, {dy}).T" if turned else result(op.weight_gradient, "g")
        return [f"{names['g']}[...] {'=' if first else '+='} {fill(source, names)[0]}"]

    def _bias_line(self, place: Place, names: dict[str, str], by_token: str) -> str:
        slot = self.structure.slot(place)
        op, part = OPS[slot.op], (slot.bias_rows, None)
        names["g"] = self._gradient("gb", place, 0, slot.bias)
        source = (self.forward.fast and op.fast_bias_gradient) or op.bias_gradient
        if by_token and op.looked_up:
            names["0"], source = by_token, op.looked_up[3]
        first = self._first(slot.bias, part)
        self.written.setdefault(slot.bias, []).append(part)
        if first:
            return fill(source, names)[0]
        return f"{names['g']}[...] += {fill(result(source, 'g'), names)[0]}"

    def _by_step(self, place: Place, d: str) -> list[str]:
        slot = self.structure.slot(place)
        lines = []
        for position, weight in enumerate(slot.weights):
            x = self.forward.value(slot.inputs[position])
            g = self._gradient("gw", place, position, weight.parameter)
            lines.append(f"{g}[...] = matmul({d}.transpose(0, 2, 1), {x})")
        if slot.bias:
            g = self._gradient("gb", place, 0, slot.bias)
            lines.append(f"{d}.sum(1, out={g})")
        return lines

    def _first(self, parameter: str, block: tuple[object, object]) -> bool:
        return block not in self.written.get(parameter, [])

    def _gradient(self, kind: str, place: Place, position: int, parameter: str) -> str:
        key: Key = (kind, *place, position)
        self.views.once(key, "g_" + self.views.word(("p", parameter)))
        return self.views.name(key)
