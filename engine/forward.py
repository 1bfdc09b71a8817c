"""The forward source of a plan: batched lines, and one loop for each cycle of slots."""

from __future__ import annotations

import re

from engine.gates import Gates, gates_of
from engine.loops import Loop
from engine.ops import OPS
from engine.source import constants_of, fill, result
from engine.structure import Group, Place, Structure
from engine.template import ALL, LAST, Input, Slot
from engine.views import Key, Views


class Forward:
    """Writes the forward source of `structure` for float32 or for the exact formulas."""

    def __init__(
        self,
        structure: Structure,
        views: Views,
        fast: bool,
        tokens: bool = False,
        tiles: frozenset[Key] = frozenset(),
    ) -> None:
        self.structure = structure
        self.views = views
        self.fast = fast
        self.tokens = tokens
        self.tiles = tiles
        self.lines: list[str] = []
        self.loops: list[Loop] = []
        self.gates: list[Gates] = []
        self._name_arrays()
        for group in structure.groups:
            for gates in gates_of(structure, group):
                self.gates.append(gates)
                self.views.base(gates.key, f"{structure.slot(gates.place).name}_gates")
        for group in structure.groups:
            if group.loop:
                self._loop(group)
            else:
                self._whole((group.segment, group.slots[0]))

    def _name_arrays(self) -> None:
        segments = self.structure.network.segments
        layers = sum(s.kind == "layer" for s in segments)
        for g, segment in enumerate(segments):
            self.views.base(("inside", g), f"inside_{g + 1}")
            self.views.base(("outside", g), f"outside_{g + 1}")
            for k, slot in enumerate(segment.slots):
                word = (
                    f"{slot.name}{g + 1}" if layers > 1 and segment.kind == "layer" else slot.name
                )
                self.views.base(("v", g, k), word)
                self.views.base(("a", g, k), f"kept_{word}")
                self.views.base(("e", g, k), f"d_kept_{word}")
                for name in slot.data:
                    self.views.base(("t", name), name)
        for name in self.structure.network.parameters:
            self.views.base(("p", name), re.sub(r"\W", "", name))

    # -------------------------------------------------------------- names of what a slot reads

    def value(
        self, i: Input, loop: Loop | None = None, form: str = "whole", of: Key | None = None
    ) -> str:
        """The name under which an input is read, for one step inside a loop."""
        if i.reach == LAST:
            return self._gathered(i, form)
        reach = 0 if i.reach == ALL else i.reach
        assert isinstance(reach, int)
        segment = self.structure.network.segments[i.segment]
        word = ""
        if i.part and segment.slots[i.slot].blocks:
            blocks = segment.slots[i.slot].blocks
            word = blocks[i.part[0] * len(blocks) // segment.slots[i.slot].width]
        key = ("v", i.segment, i.slot)
        if i.part and form == "2d":
            whole = self.views.name(key, reach, i.part, word=word)
            return f"{whole}.reshape(-1, {whole}.shape[-1])"
        name = self.views.name(key, reach, i.part, form, word, of=of)
        return loop.step(name) if loop else name

    def own(self, place: Place, loop: Loop | None = None, form: str = "whole") -> str:
        """The name of a slot's own value."""
        return self.value(Input(*place), loop, form)

    def weight(self, place: Place, position: int) -> str:
        """The name of the block of a matrix that stands before an input."""
        slot = self.structure.slot(place)
        key: Key = ("w", *place, position)
        source = slot.inputs[position]
        weight = slot.weights[position]
        word = f"{weight.parameter}_{self.structure.slot((source.segment, source.slot)).name}"
        whole = weight.columns is None and weight.rows is None
        base = weight.parameter if whole else word
        self.views.once(key, re.sub(r"\W", "", base) + ("_w" if whole else ""))
        return self.views.name(key)

    def looked_up(self, i: Input) -> bool:
        """Whether an input is one-hot and given by its tokens alone."""
        return self.tokens and self.structure.slot((i.segment, i.slot)).op == "input"

    def tokens_of(self, i: Input) -> str:
        key: Key = ("tokens", i.segment)
        self.views.once(key, f"tokens_{i.segment + 1}")
        return self.views.name(key)

    def names(self, place: Place, loop: Loop | None, slot: Slot) -> dict[str, str]:
        """What the holes of an op's source mean for this slot."""
        known = {str(n): self.value(i, loop) for n, i in enumerate(slot.inputs)}
        known |= constants_of(slot)
        known["y"] = self.own(place, loop)
        op = OPS[slot.op]
        if op.aux:
            aux = self.views.name(("a", *place))
            known["aux"] = loop.step(aux) if loop else aux
        if op.prepare:
            known["d_aux"] = self.views.name(("e", *place))
        if slot.data:
            stored = self.views.name(("t", slot.data[0]))
            known["target"] = loop.step(stored) if loop else stored
        if op.weight and not op.linear:
            known["W"] = self.views.name(("p", slot.weights[0].parameter))
        return known

    # -------------------------------------------------------------- all steps at once

    def _whole(self, place: Place) -> None:
        slot = self.structure.slot(place)
        for position, i in enumerate(slot.inputs):
            if i.reach == LAST:
                self._gather(place, position, i)
        if slot.op == "input":
            pass
        elif OPS[slot.op].linear:
            self._terms(place, range(len(slot.inputs)))
        else:
            self.lines += fill(OPS[slot.op].forward, self.names(place, None, slot))
        if self.structure.late and self.structure.is_state(place):
            self.lines.append(self._boundary(place, None))

    def _gather(self, place: Place, position: int, i: Input) -> None:
        key: Key = ("g", i.segment, i.slot, i.part)
        name = self.structure.slot((i.segment, i.slot)).name
        if self.views.once(key, f"{name}_last"):
            source = self.views.name(("v", i.segment, i.slot), 0, i.part)
            self.lines.append(f"{self.views.name(key)}[0] = {source}[last_{i.segment}]")

    def _gathered(self, i: Input, form: str) -> str:
        return self.views.name(("g", i.segment, i.slot, i.part), form=form)

    def _handed(self, place: Place) -> list[str]:
        """The last steps of another segment are the state before the first step of this one."""
        given = self.structure.slot(place).handed
        if given is None:
            return []
        lines, self.lines = self.lines, []
        self._gather(place, 0, given)
        made, self.lines = self.lines, lines
        name = self.structure.slot(place).name
        keys: list[tuple[Key, str]] = [
            (("o", *place), f"{name}_start"),
            (("ahead", *place), f"{name}_ahead"),
        ]
        for key, word in keys:
            self.views.once(key, word)
        start, ahead = (self.views.name(key) for key, _ in keys)
        return [
            *made,
            f"copyto({start}, {self._gathered(given, 'whole')}[0])",
            f"{ahead}[...] = {start}",
        ]

    def _terms(self, place: Place, positions: range | list[int]) -> None:
        slot = self.structure.slot(place)
        if slot.per_step:
            self._terms_by_step(place, positions)
            return
        op, y = OPS[slot.op], self.own(place)
        seen = [p for p in positions if self.looked_up(slot.inputs[p])]
        for position in seen:
            assert op.looked_up and position == positions[0]
            names = {"WT": self._turned(place, position), "W": self.weight(place, position)}
            names |= {"y": self.own(place), "tokens": self.tokens_of(slot.inputs[position])}
            self.lines += fill(op.looked_up[0], names)
            if slot.bias and seen == list(positions):  # V rows instead of T·B
                self.lines.append("add({WT}, {b}, {WT})".format(b=self._bias(place, slot), **names))
            self.lines += fill(op.looked_up[1], names)
        for n, position in enumerate(positions):
            if not self.looked_up(slot.inputs[position]):
                self.lines += self._term(place, position, begun=n > 0)
        if slot.bias and (not positions or seen != list(positions)):
            bias = self._bias(place, slot)
            self.lines.append(f"add({y}, {bias}, {y})" if positions else f"{y}[...] = {bias}")

    def _term(self, place: Place, position: int, begun: bool) -> list[str]:
        """One product with a matrix for all steps; `begun`: it adds to others."""
        slot = self.structure.slot(place)
        of: Key = ("wt", *place, position)
        if of in self.tiles:
            lines = [f"copyto({self._turned(place, position)}, {self.weight(place, position)}.T)"]
            y = self.views.name(("v", *place), form="tiles", of=of)
            source, hole = OPS[slot.op].tiled, "result"
            names = self.tile_names(of, self.value(slot.inputs[position], None, "rows", of))
        else:
            lines, y = [], self.own(place, form="2d")
            source, hole, names = OPS[slot.op].forward, "y", constants_of(slot)
            x = self.value(slot.inputs[position], form="2d")
            names |= {"0": x, "W": self.weight(place, position)}
        if begun:
            return [*lines, f"add({y}, {fill(result(source, hole), names)[0]}, {y})"]
        return [*lines, *fill(source, names | {hole: y})]

    def tile_names(self, of: Key, left: str) -> dict[str, str]:
        """What two holes of a product in tiles mean; `of` is its matrix."""
        return {"left": left, "right": self.views.name(of, form="columns", of=of)}

    def _terms_by_step(self, place: Place, positions: range | list[int]) -> None:
        slot = self.structure.slot(place)
        y = self.own(place)
        for n, position in enumerate(positions):
            x = self.value(slot.inputs[position])
            product = f"matmul({x}, {self.weight(place, position)}.transpose(0, 2, 1))"
            self.lines.append(f"add({y}, {product}, {y})" if n else f"{y}[...] = {product}")
        if slot.bias:
            bias = f"{self._bias(place, slot)}[:, None]"
            self.lines.append(f"add({y}, {bias}, {y})" if positions else f"{y}[...] = {bias}")

    def _bias(self, place: Place, slot: Slot) -> str:
        key: Key = ("b", *place)
        self.views.once(key, re.sub(r"\W", "", slot.bias) + ("_part" if slot.bias_rows else ""))
        return fill(OPS[slot.op].bias, constants_of(slot) | {"b": self.views.name(key)})[0]

    def _boundary(self, place: Place, loop: Loop | None) -> str:
        slot = self.structure.slot(place)
        self.views.once(("o", *place), f"{slot.name}_start")
        start = self.views.name(("o", *place)) if slot.initial or slot.handed else "0"
        outside = self.views.name(("outside", place[0]))
        y = self.own(place, loop)
        return f"copyto({y}, {start}, where={loop.step(outside) if loop else outside})"

    # -------------------------------------------------------------- step by step

    def _loop(self, group: Group) -> None:
        loop = Loop(self.views, self.structure, len(self.loops), self._direction(group) < 0)
        self.loops.append(loop)
        before: list[str] = []
        body: list[str] = []
        for k in group.slots:
            place = (group.segment, k)
            slot = self.structure.slot(place)
            before += self._handed(place)
            gates = next((g for g in self.gates if g.place[0] == group.segment
                          and k in [m for m, _ in g.members]), None)  # fmt: skip
            if gates:
                first = min(m for m, _ in gates.members)
                body += self._all_gates(gates, loop) if first == k else []
            elif OPS[slot.op].linear:
                before += self._hoisted(place, group)
                body += self._carried(place, group, loop)
            else:
                body += fill(OPS[slot.op].forward, self.names(place, loop, slot))
            if self.structure.late and self.structure.is_state(place):
                body.append(self._boundary(place, loop))
        self.lines += loop.written(before, body, [])

    def _direction(self, group: Group) -> int:
        return self.structure.network.segments[group.segment].direction

    def _split(self, place: Place, group: Group) -> tuple[list[int], list[int]]:
        """Positions of the inputs outside the loop, and of those inside."""
        inputs = self.structure.slot(place).inputs
        inside = [
            n for n, i in enumerate(inputs) if i.segment == group.segment and i.slot in group.slots
        ]
        return [n for n in range(len(inputs)) if n not in inside], inside

    def _hoisted(self, place: Place, group: Group) -> list[str]:
        outside, inside = self._split(place, group)
        lines, self.lines = self.lines, []
        self._terms(place, outside)
        for position in inside if OPS[self.structure.slot(place).op].turned else []:
            source = self.weight(place, position)
            turned = self._turned(place, position)
            flip = ".transpose(0, 2, 1)" if self.structure.slot(place).per_step else ".T"
            self.lines.append(f"copyto({turned}, {source}{flip})")
        made, self.lines = self.lines, lines
        return made

    def _turned(self, place: Place, position: int) -> str:
        key: Key = ("wt", *place, position)
        self.views.once(key, self.weight(place, position) + "_T")
        return self.views.name(key)

    def _carried(self, place: Place, group: Group, loop: Loop) -> list[str]:
        slot = self.structure.slot(place)
        outside, inside = self._split(place, group)
        y = self.own(place, loop)
        ready = bool(outside or slot.bias)
        lines = []
        for position in inside:
            if not ready:
                lines += self._product(place, position, ("v", *place), loop)
                ready = True
                continue
            key: Key = ("m", place)
            self.views.once(key, f"new_{slot.name}")
            lines += self._product(place, position, key, loop)
            lines.append(f"add({y}, {self.views.name(key)}, {y})")
        return lines

    def _product(self, place: Place, position: int, target: Key, loop: Loop) -> list[str]:
        """One term of a linear op inside a loop, into the value or into scratch."""
        slot = self.structure.slot(place)
        op, source = OPS[slot.op], slot.inputs[position]
        step = loop.step if target[0] == "v" else str
        of: Key = ("wt", *place, position)
        if of in self.tiles:
            self._turned(place, position)
            names = self.tile_names(of, self.value(source, loop, "rows", of))
            y = step(self.views.name(target, form="tiles", of=of))
            return fill(op.tiled, names | {"result": y})
        y = step(self.views.name(target))
        names = constants_of(slot) | {"0": self.value(source, loop), "y": y}
        if op.turned:
            turned = self._turned(place, position)
            return fill(op.turned, names | {"WT": loop.step(turned) if slot.per_step else turned})
        return fill(op.forward, names | {"W": self.weight(place, position)})

    # -------------------------------------------------------------- gates together

    def _all_gates(self, gates: Gates, loop: Loop) -> list[str]:
        slots = [self.structure.slot((gates.place[0], k)) for k, _ in gates.members]
        z = loop.step(self.views.name(("v", *gates.place), 0, gates.hull))
        a = loop.step(self.views.name(gates.key))
        if all(s.op == "tanh" for s in slots):
            return [f"tanh({z}, {a})"]
        sigmoid = OPS["sigmoid"].fast if self.fast else OPS["sigmoid"].forward
        lines = fill(sigmoid, {"0": z, "y": a})
        for (k, _), slot in zip(gates.members, slots, strict=True):
            if slot.op == "tanh":
                place = (gates.place[0], k)
                lines += fill(OPS["tanh"].forward, self.names(place, loop, slot))
        return lines
