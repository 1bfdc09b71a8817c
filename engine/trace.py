"""Tracing: a cell is written as one step, with arrows to values of this step and of steps before.

Nothing is computed; what comes out are the slots of `engine.template`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.ops import OPS
from engine.template import Input, Slot, Weight


@dataclass(frozen=True, slots=True)
class Ref:
    """Something that can be read while tracing: a slot, how far back, and which part of it."""

    segment: int
    name: str
    width: int
    reach: int | str = 0
    part: tuple[int, int] | None = None

    def block(self, index: int, of: int) -> Ref:
        """The `index`-th of `of` equal blocks of the last axis."""
        size = self.width // of
        return replace(self, width=size, part=(index * size, (index + 1) * size))

    def rest(self, low: int, high: int) -> Ref:
        """The part [low, high) of the last axis."""
        return replace(self, width=high - low, part=(low, high))


class Trace:
    """Collects the slots of one segment, and the shapes of the parameters that they use."""

    def __init__(self, segment: int, suffix: str = "") -> None:
        self.segment = segment
        self.suffix = suffix
        self.parameters: dict[str, tuple[int, ...]] = {}
        self._slots: list[Slot] = []
        self._reads: list[tuple[Ref, ...]] = []
        self._initial: dict[str, str] = {}

    def before(self, name: str, width: int, lag: int = 1, initial: str = "") -> Ref:
        """The slot `name` of this segment `lag` steps ago; it may be traced later."""
        if initial:
            self._initial[name] = initial
        return Ref(self.segment, name, width, lag)

    def input(self, name: str, width: int, formula: str = "") -> Ref:
        """A slot whose values are given."""
        return self._add(Slot(name, "input", (), width, "input", formula), ())

    def op(
        self,
        op: str,
        *reads: Ref,
        name: str,
        role: str = "tensor",
        formula: str = "",
        data: tuple[str, ...] = (),
        **constants: float,
    ) -> Ref:
        """A slot computed by the row `op` of OPS."""
        width = OPS[op].width(tuple(r.width for r in reads), constants)
        fixed = tuple(sorted(constants.items()))
        slot = Slot(name, op, (), width, role, formula, constants=fixed, data=data)
        return self._add(slot, reads)

    def linear(
        self,
        name: str,
        width: int,
        terms: list[tuple[str, Ref]],
        bias: str = "",
        *,
        role: str = "preactivation",
        blocks: tuple[str, ...] = (),
        formula: str = "",
        rows: tuple[int, int] | None = None,
        height: int = 0,
    ) -> Ref:
        """Σ W_k x_k + b. Terms that name the same matrix share it, each with its own columns.

        `rows` (of `height`) takes a block of the rows of matrix and bias.
        """
        used: dict[str, int] = {}
        weights = []
        for parameter, read in terms:
            low = used.get(parameter, 0)
            used[parameter] = low + read.width
            weights.append((parameter, (low, low + read.width)))
        self._shape(used, bias, height or width)
        taken = tuple(
            Weight(p + self.suffix, None if columns == (0, used[p]) else columns, rows)
            for p, columns in weights
        )
        first = bias + self.suffix if bias else ""
        slot = Slot(name, "linear", (), width, role, formula, taken, first, rows, blocks)
        return self._add(slot, tuple(r for _, r in terms))

    def _shape(self, columns: dict[str, int], bias: str, height: int) -> None:
        for parameter, width in columns.items():
            self.parameters[parameter + self.suffix] = (height, width)
        if bias:
            self.parameters[bias + self.suffix] = (height,)

    def slots(self, others: tuple[tuple[Slot, ...], ...] = ()) -> tuple[Slot, ...]:
        """The template; `others` are the slots of the segments before, which may be read."""
        tables = [{s.name: k for k, s in enumerate(t)} for t in (*others, tuple(self._slots))]
        done = []
        for slot, reads in zip(self._slots, self._reads, strict=True):
            inputs = tuple(
                Input(r.segment, tables[r.segment][r.name], r.reach, r.part) for r in reads
            )
            initial = self._initial.get(slot.name, "")
            done.append(replace(slot, inputs=inputs, initial=initial))
        return tuple(done)

    def _add(self, slot: Slot, reads: tuple[Ref, ...]) -> Ref:
        if not slot.name.isidentifier() or any(s.name == slot.name for s in self._slots):
            raise ValueError(f"a slot needs a new name that is an identifier, got {slot.name!r}")
        self._slots.append(slot)
        self._reads.append(reads)
        return Ref(self.segment, slot.name, slot.width)
