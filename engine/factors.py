"""Factors: elementwise chains of a loop, multiplied for all steps before the loop begins."""

from __future__ import annotations

from engine.forward import Forward
from engine.ops import OPS, Factor, Vjp
from engine.source import fill
from engine.structure import Path, Place, Structure, existing, is_pass
from engine.template import Use
from engine.views import Key


class Factors:
    """Writes the lines that prepare factors, and remembers which arrays they need.

    `sizes[key]` = (place whose steps it has, width).
    """

    def __init__(self, structure: Structure, forward: Forward) -> None:
        self.structure = structure
        self.forward = forward
        self.views = forward.views
        self.sizes: dict[Key, tuple[Place, int]] = {}

    def along(self, path: Path) -> tuple[list[str], str]:
        """Lines before the loop and the view of the factor; "" if there is none to multiply by."""
        real = [u for u in path.uses if not is_pass(self.structure.vjp(u))]
        if not real:
            return [], ""
        if len(real) == 1 and existing(self.structure.vjp(real[0])):
            return [], self._existing(real[0])
        consumer = path.uses[-1].consumer
        slot = self.structure.slot((consumer.segment, consumer.slot))
        name = self.views.name(self._new(path, slot.width))
        return self._lines(path, name), name

    def side_by_side(self, bundle: list[Path]) -> tuple[list[str], str]:
        """The same for paths into neighbouring blocks, as one view (…, blocks, width)."""
        part = bundle[0].uses[-1].part
        assert part
        width = part[1] - part[0]
        key = self._new(bundle[0], width * len(bundle))
        lines = []
        for n, path in enumerate(bundle):
            name = self.views.name(key, 0, (n * width, (n + 1) * width))
            lines += self._lines(path, name)
        return lines, self.views.name(key, form="blocks", blocks=len(bundle))

    def _new(self, path: Path, width: int) -> Key:
        target = path.uses[-1]
        key: Key = ("k", len(self.sizes))
        self.sizes[key] = (path.root, width)
        self.views.base(key, f"factor_{self.views.word(('v', target.segment, target.slot))}")
        return key

    def _existing(self, use: Use) -> str:
        place = (use.consumer.segment, use.consumer.slot)
        known = self.forward.names(place, None, self.structure.slot(place))
        return fill(existing(self.structure.vjp(use)), known)[0]

    def _lines(self, path: Path, name: str) -> list[str]:
        """The product of the factors of all uses on the path, into `name`."""
        arrays = {use: self._existing(use) for use in path.uses if existing(self._vjp(use))}
        lines: list[str] = []
        for before, use in zip((None, *path.uses), path.uses, strict=False):
            vjp = self._vjp(use)
            if not isinstance(vjp, Factor) or vjp.existing:
                continue
            consumer = (use.consumer.segment, use.consumer.slot)
            known = self.forward.names(consumer, None, self.structure.slot(consumer))
            source = vjp.source
            if before in arrays and vjp.joined and self._is_product(before):
                product = (before.consumer.segment, before.consumer.slot)
                known |= {"m": self.forward.own(product), "e": arrays.pop(before)}
                source = vjp.joined
            if lines:
                lines.append(f"hold = {name}.copy()")
            begun = bool(lines)
            lines += fill(source, known | {"c": name})
            if begun:
                lines.append(f"multiply({name}, hold, {name})")
        rest = list(arrays.values())
        if not lines:
            lines.append(f"copyto({name}, {rest.pop(0) if rest else 1})")
        return lines + [f"multiply({name}, {a}, {name})" for a in rest]

    def _vjp(self, use: Use) -> Vjp:
        return self.structure.vjp(use)

    def _is_product(self, use: Use) -> bool:
        """Whether the consumer's value is the factor of this use times what the use reads."""
        slot = self.structure.slot((use.consumer.segment, use.consumer.slot))
        return OPS[slot.op].product and use.part is None


def bundles(structure: Structure, paths: list[Path]) -> list[list[Path]]:
    """Paths into neighbouring, equally wide blocks of one delta go together."""
    blocks: dict[Place, list[Path]] = {}
    alone = []
    for path in paths:
        use = path.uses[-1]
        target = (use.segment, use.slot)
        if use.part and structure.disjoint(target):
            blocks.setdefault(target, []).append(path)
        else:
            alone.append([path])
    for own in blocks.values():
        own.sort(key=lambda p: p.uses[-1].part or (0, 0))
        run: list[Path] = []
        for path in own:
            low, high = path.uses[-1].part or (0, 0)
            last = run[-1].uses[-1].part if run else None
            if last and (last[1] != low or last[1] - last[0] != high - low):
                alone.append(run)
                run = []
            run.append(path)
        alone.append(run)
    return alone
