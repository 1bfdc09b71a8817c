"""Tracing: a cell is written as one step, with arrows to values of this step and of steps before.

Nothing is computed; what comes out are the slots of `engine.template`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.ops import OPS
from engine.template import ALL, LAST, Input, Picture, Slot, Weight


@dataclass(frozen=True, slots=True)
class Ref:
    """Something that can be read while tracing: a slot, how far back, and which part of it."""

    segment: int
    name: str
    width: int
    reach: int | str = 0
    part: tuple[int, int] | None = None
    picture: Picture | None = None

    def block(self, index: int, of: int) -> Ref:
        """The `index`-th of `of` equal blocks of the last axis."""
        size = self.width // of
        part = (index * size, (index + 1) * size)
        picture = (self.picture[0] // of, *self.picture[1:]) if self.picture else None
        return replace(self, width=size, part=part, picture=picture)

    def rest(self, low: int, high: int) -> Ref:
        """The part [low, high) of the last axis."""
        return replace(self, width=high - low, part=(low, high), picture=None)


class Trace:
    """Collects the slots of one segment, and the shapes of the parameters that they use.

    Every cell can be run in these ways without knowing it: `handed` gives states by name that are
    read before the first step; with `cut` no gradient passes where the stored array keep is 0;
    with `held` a state stays as it is where the stored array mask is 0.
    """

    def __init__(
        self,
        segment: int,
        suffix: str = "",
        *,
        handed: dict[str, Ref] | None = None,
        cut: bool = False,
        held: bool = False,
    ) -> None:
        self.segment = segment
        self.suffix = suffix
        self.handed = handed or {}
        self.cut = cut
        self.held = held
        self.parameters: dict[str, tuple[int, ...]] = {}
        self._slots: list[Slot] = []
        self._reads: list[tuple[Ref, ...]] = []
        self._initial: dict[str, str] = {}
        self.carried: dict[str, Ref] = {}

    def before(
        self,
        name: str,
        width: int,
        lag: int = 1,
        initial: str = "",
        picture: Picture | None = None,
    ) -> Ref:
        """The slot `name` of this segment `lag` steps ago; it may be traced later."""
        if not initial:
            return Ref(self.segment, name, width, lag, None, picture)
        if name not in self.carried:
            state = f"{name}_held" if self.held else name
            self._initial[state] = initial
            read = Ref(self.segment, state, width, lag, None, picture)
            if self.cut:
                formula = rf"{name}_{{t-1}}"
                read = self.op(
                    "carry",
                    read,
                    name=f"{name}_in",
                    role="carry",
                    data=(f"keep_{self.segment}",),
                    formula=formula,
                )
            self.carried[name] = read
        return self.carried[name]

    @property
    def states(self) -> tuple[Ref, ...]:
        """What a later segment goes on from: the states that are read one step later."""
        held = "_held" if self.held else ""
        return tuple(
            Ref(self.segment, n + held, slot.width, LAST, None, slot.picture)
            for n, slot in ((n, self._slot(n)) for n in self.carried)
        )

    def up(self, state: Ref) -> Ref:
        """What other layers read of a state; all held states are added where they are held."""
        if not self.held:
            return state
        for name in self.carried:
            if not any(slot.name == f"{name}_held" for slot in self._slots):
                raw = self._slot(name)
                before = Ref(self.segment, f"{name}_held", raw.width, 1, None, raw.picture)
                new = Ref(self.segment, name, raw.width, 0, None, raw.picture)
                formula = rf"m_t \odot {name}_t + (1 - m_t) \odot {name}_{{t-1}}"
                self.op(
                    "hold",
                    new,
                    before,
                    name=f"{name}_held",
                    role="held",
                    data=(f"mask_{self.segment}",),
                    formula=formula,
                )
        return replace(state, name=f"{state.name}_held") if state.name in self.carried else state

    def _slot(self, name: str) -> Slot:
        return next(slot for slot in self._slots if slot.name == name)

    def input(
        self,
        name: str,
        width: int,
        formula: str = "",
        picture: Picture | None = None,
        low: int | None = None,
    ) -> Ref:
        """A slot whose values are given: all columns of x, or `width` of them from `low` on."""
        columns = () if low is None else (("high", low + width), ("low", low))
        slot = Slot(name, "input", (), width, "input", formula, (), picture=picture)
        return self._add(replace(slot, constants=columns), ())

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
        """A slot computed by the row `op` of OPS; what keeps the width stays a picture."""
        width = OPS[op].width(tuple(r.width for r in reads), constants)
        fixed = tuple(sorted(constants.items()))
        picture = reads[0].picture if reads and reads[0].width == width else None
        slot = Slot(name, op, (), width, role, formula, constants=fixed, data=data, picture=picture)
        return self._add(slot, reads)

    def max_pool(self, read: Ref, *, name: str, formula: str) -> Ref:
        """The largest number of each square of 2×2 of a picture."""
        assert read.picture
        channels, rows, columns = read.picture
        slot = Slot(
            name,
            "max-pool",
            (),
            channels * (rows // 2) * (columns // 2),
            "tensor",
            formula,
            constants=(("columns", columns), ("rows", rows)),
            picture=(channels, rows // 2, columns // 2),
        )
        return self._add(slot, (read,))

    def conv(
        self,
        name: str,
        channels: int,
        kernel: int,
        terms: list[tuple[str, Ref]],
        bias: str = "",
        *,
        role: str = "preactivation",
        blocks: tuple[str, ...] = (),
        formula: str = "",
    ) -> Ref:
        """Σ W_k ∗ x_k + b over pictures of one size, with `channels` pictures as the result.

        Terms that name the same kernels share them, each with its own channels of the input.
        """
        pictures = [read.picture or (0, 0, 0) for _, read in terms]
        _, rows, columns = pictures[0]
        weights, used = self._weights([(p, k[0]) for (p, _), k in zip(terms, pictures)], None)
        for parameter, depth in used.items():
            self.parameters[parameter + self.suffix] = (channels, depth, kernel, kernel)
        if bias:
            self.parameters[bias + self.suffix] = (channels,)
        sizes = {"channels": channels, "columns": columns, "kernel": kernel, "rows": rows}
        slot = Slot(
            name,
            "conv",
            (),
            OPS["conv"].width(tuple(r.width for _, r in terms), dict(sizes)),
            role,
            formula,
            weights,
            bias + self.suffix if bias else "",
            blocks=blocks,
            constants=tuple(sizes.items()),
            picture=(channels, rows, columns),
        )
        return self._add(slot, tuple(r for _, r in terms))

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
        per_step: int = 0,
    ) -> Ref:
        """Σ W_k x_k + b. Terms that name the same matrix share it, each with its own columns.

        `rows` (of `height`) takes a block of the rows of matrix and bias; `per_step`: so many steps
        have weights of their own.
        """
        taken, used = self._weights([(p, r.width) for p, r in terms], rows)
        self._shape(used, bias, height or width, (per_step,) if per_step else ())
        first = bias + self.suffix if bias else ""
        slot = Slot(name, "linear", (), width, role, formula, taken, first, rows, blocks)
        reads = tuple(r for _, r in terms)
        return self._add(replace(slot, per_step=bool(per_step)), reads)

    def _weights(
        self, terms: list[tuple[str, int]], rows: tuple[int, int] | None
    ) -> tuple[tuple[Weight, ...], dict[str, int]]:
        """A weight for each (parameter, depth), and how deep every parameter is in all."""
        used: dict[str, int] = {}
        weights = []
        for parameter, depth in terms:
            low = used.get(parameter, 0)
            used[parameter] = low + depth
            weights.append((parameter, (low, low + depth)))
        taken = tuple(
            Weight(p + self.suffix, None if columns == (0, used[p]) else columns, rows)
            for p, columns in weights
        )
        return taken, used

    def _shape(
        self, columns: dict[str, int], bias: str, height: int, each: tuple[int, ...]
    ) -> None:
        for parameter, width in columns.items():
            self.parameters[parameter + self.suffix] = (*each, height, width)
        if bias:
            self.parameters[bias + self.suffix] = (*each, height)

    def slots(self, others: tuple[tuple[Slot, ...], ...] = ()) -> tuple[Slot, ...]:
        """The template; `others` are the slots of the segments before, which may be read."""
        tables = [{s.name: k for k, s in enumerate(t)} for t in (*others, tuple(self._slots))]
        done = []
        for slot, reads in zip(self._slots, self._reads, strict=True):
            inputs = tuple(
                Input(r.segment, tables[r.segment][r.name], r.reach, r.part) for r in reads
            )
            initial = self._initial.get(slot.name, "")
            given = self.handed.get(slot.name) if initial else None
            if given is None:
                done.append(replace(slot, inputs=inputs, initial=initial))
                continue
            handed = Input(given.segment, tables[given.segment][given.name], LAST)
            done.append(replace(slot, inputs=inputs, handed=handed))
        return tuple(done)

    def _add(self, slot: Slot, reads: tuple[Ref, ...]) -> Ref:
        if not slot.name.isidentifier() or any(s.name == slot.name for s in self._slots):
            raise ValueError(f"a slot needs a new name that is an identifier, got {slot.name!r}")
        if any(r.reach == ALL for r in reads) and not OPS[slot.op].whole:
            raise ValueError(f"{slot.op} cannot read all steps at once, in {slot.name!r}")
        self._slots.append(slot)
        self._reads.append(reads)
        return Ref(self.segment, slot.name, slot.width, picture=slot.picture)
