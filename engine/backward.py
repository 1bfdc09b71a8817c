"""The backward source of a plan: every delta and every contribution, loops as short as possible.

In a loop only the joints are computed: deltas with several contributions, or before a matrix. The
chains between them are one product with a factor that is ready before the loop; the deltas on the
chains follow after the loop, for all steps at once, or wait until somebody asks (`engine.demand`).
"""

from __future__ import annotations

from functools import partial

from engine.demand import Demand
from engine.factors import Factors, bundles
from engine.forward import Forward
from engine.gradients import Gradients
from engine.loops import Loop
from engine.ops import OPS, Factor, Rule
from engine.source import fill
from engine.storage import Storage
from engine.structure import Group, Path, Place, Structure, is_lagged, is_pass, lag_of
from engine.template import LAST, Use
from engine.through import Through
from engine.views import Key


class Backward:
    """Writes the backward source into the same views as `forward`."""

    def __init__(
        self, structure: Structure, forward: Forward, pad: int, *, everything: bool = True
    ) -> None:
        self.structure = structure
        self.forward = forward
        self.views = forward.views
        self.storage = Storage(structure, pad)
        self.lines: list[str] = []
        self.loops: list[Loop] = []
        self.demand = Demand(structure, self.storage, everything)
        self.factors = Factors(structure, forward)
        self.gradients = Gradients(structure, forward)
        self.through = Through(structure, forward)
        self._name_arrays()
        for group in reversed(structure.groups):
            if group.loop:
                self._loop(group)
            else:
                place = (group.segment, group.slots[0])
                self._sum(place)
                self._send(place, self.structure.inputs(place))
                self.lines += self.gradients.of(place, self.delta)

    def _name_arrays(self) -> None:
        for (g, k), uses in self.structure.uses.items():
            word = self.views.word(("v", g, k))
            self.views.base(("d", g, k), f"d_{word}")
            for use in uses:
                consumer = self.views.word(("v", use.consumer.segment, use.consumer.slot))
                self.views.base(("c", use), f"{word}_from_{consumer}")
                self.views.base(("s", use), f"new_{word}_from_{consumer}")

    # -------------------------------------------------------------- names

    def delta(self, place: Place, loop: Loop | None = None, form: str = "whole") -> str:
        name = self.views.name(("d", *place), form=form)
        return loop.step(name) if loop else name

    def arriving(
        self, use: Use, loop: Loop | None = None, form: str = "whole", of: Key | None = None
    ) -> str:
        """The contribution of a use, seen from its consumer (rows of the consumer's steps)."""
        if loop and self.demand.passes(use):
            return self.views.name(("s", use), form=form, of=of)
        name = self.views.name(("c", use), lag_of(use), form=form, of=of)
        return loop.step(name) if loop else name

    def arrived(self, use: Use, loop: Loop | None = None) -> str:
        """The same, seen from the node that receives it."""
        if loop and self.demand.passes(use):
            return self.views.name(("s", use))
        name = self.views.name(("c", use))
        return loop.step(name) if loop else name

    # -------------------------------------------------------------- δ = sum of contributions

    def _is_sum(self, place: Place) -> bool:
        uses = self.structure.uses[place]
        free = ("d", *place) not in self.storage.alias
        return bool(uses) and free and not self.structure.disjoint(place)

    def _sum(self, place: Place) -> None:
        if self._is_sum(place):
            uses = self.structure.uses[place]
            lines = self._added(place, uses, None, False) + self._masked(place, None)
            if self.demand.waits(place):
                self.demand.add(("d", *place), [("c", u) for u in uses], lines)
            else:
                self.lines += lines

    def _added(
        self, place: Place, uses: tuple[Use, ...], loop: Loop | None, begun: bool
    ) -> list[str]:
        """Lines that add contributions into the delta; `begun`: it already holds some."""
        d = self.delta(place, loop)
        whole = [self.arrived(u, loop) for u in uses if u.part is None]
        parts = [u for u in uses if u.part is not None]
        lines = []
        if not begun:
            first, whole = whole[:2], whole[2:]
            if len(first) == 2:
                lines.append(f"add({first[0]}, {first[1]}, {d})")
            else:
                lines.append(f"copyto({d}, {first[0] if first else 0})")
        lines += [f"add({d}, {c}, {d})" for c in whole]
        for use in parts:
            block = self.views.name(("d", *place), 0, use.part)
            block = loop.step(block) if loop else block
            lines.append(f"add({block}, {self.arrived(use, loop)}, {block})")
        return lines

    def _masked(self, place: Place, loop: Loop | None) -> list[str]:
        if not (self.structure.late and self.structure.is_state(place)):
            return []
        inside = self.views.name(("inside", place[0]))
        d = self.delta(place, loop)
        return [f"multiply({d}, {loop.step(inside) if loop else inside}, {d})"]

    # -------------------------------------------------------------- contributions, all at once

    def _send(self, place: Place, uses: list[Use]) -> None:
        prepared = self._prepared(place) if uses else []
        waiting = [u for u in uses if self._waits(u)]
        if len(waiting) < len(uses):
            self.lines += prepared
        elif prepared:
            self.demand.add(("e", *place), [("d", *place)], prepared)
        for use in uses:
            lines = self._sent(place, use)
            if use not in waiting:
                self.lines += self._sent(place, use, begun=True)
            if lines and (use in waiting or self.demand.starts(use)):
                self.demand.add(("c", use), [("d", *place), ("e", *place)], lines)

    def _waits(self, use: Use) -> bool:
        return self.demand.waits((use.segment, use.slot)) or self.demand.passes(use)

    def _sent(self, place: Place, use: Use, *, begun: bool = False) -> list[str]:
        """The lines of one contribution; none where it is the delta of `place` seen again.

        `begun`: if it can be the beginning of the sum that it belongs to, it is written there.
        """
        vjp = self.structure.vjp(use)
        other = self.storage.alias.get(("c", use), ((), None, 0))[0]
        if is_pass(vjp) and other == ("d", *place):
            return []
        c = self._landing(use, begun)
        if is_pass(vjp):
            lines = [f"copyto({c}, {self.delta(place)})"]
        elif isinstance(vjp, Factor):
            lines = self._sent_factor(place, vjp, c)
        else:
            assert isinstance(vjp, Rule)
            lines = self._sent_rule(place, use, vjp, begun)
        if use.reach == LAST:
            lines.append(f"{self.arrived(use)}[last_{use.segment}] = {self._landing(use)}[0]")
        return lines

    def _prepared(self, place: Place) -> list[str]:
        slot = self.structure.slot(place)
        if not OPS[slot.op].prepare:
            return []
        known = self.forward.names(place, None, slot)
        return fill(OPS[slot.op].prepare, known | {"dy": self.delta(place)})

    def _landing(
        self, use: Use, begun: bool = False, form: str = "whole", of: Key | None = None
    ) -> str:
        """Where a contribution is computed: in place, or in a row of its own for LAST."""
        if begun and self.demand.starts(use):
            return self.views.name(("d", use.segment, use.slot), form=form, of=of)
        if use.reach != LAST:
            return self.arriving(use, None, form, of)
        key: Key = ("l", use)
        self.views.once(key, f"{self.views.word(('c', use))}_row")
        return self.views.name(key, form=form)

    def _sent_factor(self, place: Place, vjp: Factor, c: str) -> list[str]:
        known = self.forward.names(place, None, self.structure.slot(place))
        d = self.delta(place)
        if vjp.existing:
            return [f"multiply({d}, {fill(vjp.existing, known)[0]}, {c})"]
        return [*fill(vjp.source, known | {"c": c}), f"multiply({c}, {d}, {c})"]

    def _sent_rule(self, place: Place, use: Use, vjp: Rule, begun: bool) -> list[str]:
        slot = self.structure.slot(place)
        if not OPS[slot.op].linear:
            known = self.forward.names(place, None, slot)
            c = self._landing(use, begun)
            return fill(vjp.source, known | {"dy": self.delta(place), "c": c})
        return self.through.at_once(place, use, vjp, partial(self._landing, use, begun))

    # -------------------------------------------------------------- a loop

    def _loop(self, group: Group) -> None:
        direction = self.structure.network.segments[group.segment].direction
        number = len(self.forward.loops) + len(self.loops)
        loop = Loop(self.views, self.structure, number, direction > 0)
        self.loops.append(loop)
        places = [(group.segment, k) for k in reversed(group.slots)]
        joints = [p for p in places if not self.structure.collapsed(group, p)]
        ahead, self.lines = self.lines, []
        passing = [u for p in joints for u in self.structure.uses[p] if self.demand.passes(u)]
        self.lines += [f"{self.arrived(u, loop)}[...] = 0" for u in passing if lag_of(u)]
        body: list[str] = []
        for place in joints:
            body += self._joint_sum(group, place, loop)
            body += self._joint_sends(group, place, loop)
        before, self.lines = self.lines, []
        for place in places:
            self._send(place, self._off_loop(group, place))
        self.lines = [*ahead, *loop.written(before, body, self.lines)]
        for place in places:
            self._hand_back(place)
            self.lines += self.gradients.of(place, self.delta)

    def _off_loop(self, group: Group, place: Place) -> list[Use]:
        """The uses by which a slot sends to what is outside the loop, or collapsed, or not kept."""
        structure = self.structure
        return [
            u
            for u in structure.inputs(place)
            if not structure.inside(group, u)
            or structure.collapsed(group, (u.segment, u.slot))
            or self.demand.passes(u)
        ]

    def _hand_back(self, place: Place) -> None:
        """What arrives at the state before the first step goes to the segment it came from."""
        use = self.structure.handed(place)
        if use is None:
            return
        row = self._landing(use)
        self.lines.append(f"{row}[...] = 0")
        for later in self.structure.uses[place]:
            if is_lagged(later):
                landed = self.views.name(("l", use), 0, later.part)
                self.lines.append(f"{landed}[0] += {self.arriving(later)}[0]")
        self.lines.append(f"{self.arrived(use)}[last_{use.segment}] = {row}[0]")

    def _joint_sum(self, group: Group, place: Place, loop: Loop) -> list[str]:
        if not self._is_sum(place):
            return []
        uses = self.structure.uses[place]
        outer = tuple(u for u in uses if not self.structure.inside(group, u))
        inner = tuple(u for u in uses if self.structure.inside(group, u))
        if len(outer) == 1 and self.demand.starts(outer[0]):
            return self._added(place, inner, loop, True) + self._masked(place, loop)
        simple = len(outer) == 1 and outer[0].part is None
        if outer and not simple:
            self.lines += self._added(place, outer, None, False)
        if outer and not inner and not simple:
            return self._masked(place, loop)
        arriving = uses if simple else inner
        begun = bool(outer) and not simple
        return self._added(place, arriving, loop, begun) + self._masked(place, loop)

    def _joint_sends(self, group: Group, place: Place, loop: Loop) -> list[str]:
        lines = []
        elementwise: list[Path] = []
        slot = self.structure.slot(place)
        for path in self.structure.paths(group, place):
            use = path.uses[-1]
            vjp = self.structure.vjp(use)
            if not isinstance(vjp, Rule):
                elementwise.append(path)
            elif OPS[slot.op].linear:
                landing = partial(self.arriving, use, loop)
                before, sent = self.through.in_loop(place, use, vjp, loop, landing)
                self.lines += before
                lines += sent
            else:
                known = self.forward.names(place, loop, slot) | {"dy": self.delta(place, loop)}
                lines += fill(vjp.source, known | {"c": self.arriving(use, loop)})
        return self._elementwise(place, elementwise, loop) + lines

    def _elementwise(self, place: Place, paths: list[Path], loop: Loop) -> list[str]:
        lines = []
        for bundle in bundles(self.structure, paths):
            if len(bundle) > 1:
                lines.append(self._blocks(place, bundle, loop))
                continue
            use = bundle[0].uses[-1]
            prepared, factor = self.factors.along(bundle[0])
            self.lines += prepared
            d = self.delta(place, loop)
            if factor:
                c = self.arriving(use, loop)
                lines.append(f"multiply({d}, {loop.step(factor)}, {c})")
            elif not self._is_alias(use, place):
                lines.append(f"copyto({self.arriving(use, loop)}, {d})")
        return lines

    def _is_alias(self, use: Use, root: Place) -> bool:
        """Whether the contribution is the root's delta seen again, through any chain of passes."""
        key: Key = ("c", use)
        while key in self.storage.alias and key != ("d", *root):
            key, part, _ = self.storage.alias[key]
            if part:
                return False
        return key == ("d", *root)

    def _blocks(self, place: Place, bundle: list[Path], loop: Loop) -> str:
        first, last = bundle[0].uses[-1], bundle[-1].uses[-1]
        assert first.part and last.part
        prepared, factor = self.factors.side_by_side(bundle)
        self.lines += prepared
        hull = (first.part[0], last.part[1])
        landing = ("d", first.segment, first.slot)
        target = self.views.name(landing, 0, hull, "blocks", blocks=len(bundle))
        d = self.views.name(("d", *place), 0, None, "blocks", blocks=1)
        return f"multiply({loop.step(d)}, {loop.step(factor)}, {loop.step(target)})"
