"""The forward sources of OPS, run one op after the other in any number type, complex too.

This is what `engine.check` differentiates: it reads the same rows as `engine.plan` and shares none
of its generated code, its fusions or its rules for the backward direction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ops import OPS, Constants, Op
from engine.template import LAST, Input, Network, Node, Slot

Numbers = NDArray[Any]
Data = NDArray[Any] | tuple[NDArray[Any], ...]  # a tuple of indices picks an entry of each row

_NUMPY: dict[str, Any] = {
    name: getattr(np, name)
    for name in dir(np)
    if not name.startswith("_") and callable(getattr(np, name))
}


@lru_cache(maxsize=512)
def compiled(source: str, arity: int, constants: tuple[tuple[str, float], ...]) -> CodeType:
    """A source of OPS with its braces filled: inputs x0 x1 …, the rest under their own names."""
    inputs = [f"x{k}" for k in range(arity)]
    own = {name: name for name in ("y", "dy", "c", "g", "aux", "target", "W")}
    numbers = {k: repr(int(v) if float(v).is_integer() else v) for k, v in constants}
    return compile(source.format(*inputs, **own, **numbers), "<ops>", "exec")


def execute(
    source: str, inputs: Sequence[Numbers], constants: Constants, names: Mapping[str, Any]
) -> None:
    """Run one source of OPS; what it writes it writes into the arrays of `names`."""
    code = compiled(source, len(inputs), tuple(sorted(constants.items())))
    scope = {f"x{k}": x for k, x in enumerate(inputs)} | dict(names)
    with np.errstate(over="ignore", under="ignore"):
        exec(code, _NUMPY, scope)


def forward(
    name: str,
    inputs: Sequence[Numbers],
    *,
    constants: Constants | None = None,
    weights: Sequence[Numbers] = (),
    bias: Numbers | None = None,
    data: Data | None = None,
) -> Numbers:
    """Value of one op, (…, width). Complex if anything it reads is complex.

    A linear op adds one term for each of its inputs, then the bias.
    """
    op = OPS[name]
    constants = constants or {}
    widths = tuple(x.shape[-1] for x in inputs)
    if op.linear and weights:
        terms = [_once(op, (x,), {}, w.shape[0], w, None) for x, w in zip(inputs, weights)]
        total = sum(terms[1:], terms[0])
        return total if bias is None else total + bias
    weight = weights[0] if weights else None
    return _once(op, tuple(inputs), constants, op.width(widths, constants), weight, data)


def _once(
    op: Op,
    inputs: tuple[Numbers, ...],
    constants: Constants,
    width: int,
    weight: Numbers | None,
    data: Data | None,
) -> Numbers:
    parts = [*inputs, *(w for w in (weight,) if w is not None)]
    dtype = np.result_type(*parts, np.float64) if parts else np.dtype(np.float64)
    lead = inputs[0].shape[:-1] if inputs else data[-1].shape if data is not None else ()
    names: dict[str, Any] = {"y": np.empty((*lead, width), dtype), "W": weight, "target": data}
    if op.aux:
        names["aux"] = np.empty(np.broadcast_shapes(inputs[0].shape), dtype)
    inputs = tuple(x.astype(dtype, copy=False) for x in inputs)
    execute(op.forward, inputs, constants, names)
    y: Numbers = names["y"]
    return y


@dataclass(frozen=True, slots=True)
class Given:
    """All that forward reads. `start`, `stop` (B,); states by name (L, B, H).

    `inputs`: (T, B, width) by place (segment, slot); `data`: the stored arrays of slots by place,
    classes (T, B) or numbers (T, B, width).
    """

    network: Network
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    parameters: dict[str, Numbers]
    inputs: dict[tuple[int, int], Numbers]
    data: dict[tuple[int, int], Numbers] = field(default_factory=dict)
    initial: dict[str, Numbers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nudge:
    """Something added to the value of a node; (B, width)."""

    node: Node
    amount: Numbers


def replay(given: Given, nudge: Nudge | None = None) -> dict[tuple[int, int], list[Numbers]]:
    """Values of every slot, a list over the steps of arrays (B, width)."""
    values: dict[tuple[int, int], list[Numbers]] = {}
    for g, segment in enumerate(given.network.segments):
        for k in range(len(segment.slots)):
            values[g, k] = [np.empty(0)] * segment.steps
        order = range(segment.steps)[:: segment.direction]
        for t in order:
            inside = _inside(given, g, t)
            for k, slot in enumerate(segment.slots):
                y = _value(given, values, Node(g, t, k), slot)
                if nudge is not None and nudge.node == (g, t, k):
                    y = y + nudge.amount
                if inside is not None and slot.initial:
                    y = np.where(inside, y, _boundary(given, g, slot))
                values[g, k][t] = y
    return values


def _inside(given: Given, g: int, t: int) -> NDArray[np.bool_] | None:
    """(B, 1): which sequences own the step; None if all do."""
    step = t + given.network.segments[g].offset
    owned = (given.start <= step) & (step < given.stop)
    return None if owned.all() else owned[:, None]


def _boundary(given: Given, g: int, slot: Slot) -> Numbers:
    layer = given.network.segments[g].layer
    if slot.initial in given.initial:
        return np.asarray(given.initial[slot.initial][layer])
    return np.zeros((len(given.start), slot.width))


def _value(
    given: Given, values: dict[tuple[int, int], list[Numbers]], node: Node, slot: Slot
) -> Numbers:
    place = (node.segment, node.slot)
    if slot.op == "input":
        return np.asarray(given.inputs[place][node.t])
    reads = [_read(given, values, node, i) for i in slot.inputs]
    weights = []
    for weight in slot.weights:
        rows, columns = slice(*(weight.rows or (None,))), slice(*(weight.columns or (None,)))
        weights.append(given.parameters[weight.parameter][rows, columns])
    bias = None
    if slot.bias:
        bias = given.parameters[slot.bias][slice(*(slot.bias_rows or (None,)))]
    data: Data | None = given.data.get(place)
    if data is not None:
        data = np.asarray(data[node.t])
        if "class" in OPS[slot.op].data:
            data = (np.arange(len(data)), data)
    constants = dict(slot.constants)
    return forward(slot.op, reads, constants=constants, weights=weights, bias=bias, data=data)


def _read(
    given: Given, values: dict[tuple[int, int], list[Numbers]], node: Node, source: Input
) -> Numbers:
    place = (source.segment, source.slot)
    segment = given.network.segments[source.segment]
    if source.reach == LAST:
        ends = given.stop - 1 - segment.offset
        value = np.stack([values[place][t][b] for b, t in enumerate(ends)])
    else:
        assert isinstance(source.reach, int)
        t = node.t - source.reach * segment.direction
        if 0 <= t < segment.steps:
            value = values[place][t]
        else:
            value = _boundary(given, source.segment, segment.slots[source.slot])
    return value[:, slice(*source.part)] if source.part else value
