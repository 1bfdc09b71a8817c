"""Read off a formula: every way from a variable to the output with the product of the local
derivatives along it, and the gradients of the variables as the parameter rule leaves them.

The ways of one variable add up to its gradient: f(x) = g(x, h(x)) has df/dx = ∂g/∂x + dh/dx ∂g/∂h.
Listed are at most MOST of them, counted are all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluate import execute
from engine.expression import plain
from engine.ops import OPS, PASS, Factor, Rule
from engine.recording import Recording
from engine.template import Use

Array = NDArray[np.floating[Any]]
MOST = 100


@dataclass(frozen=True, slots=True)
class Path:
    """One way: its slots from the variable to the output, and what it adds to the gradient.

    `factors[k]` is ∂slots[k + 1]/∂slots[k] where both are single numbers, else its norm would say
    little and there are none; `product` is as wide as the variable.
    """

    slots: tuple[int, ...]
    factors: tuple[float, ...]
    product: Array


@dataclass(frozen=True, slots=True)
class Paths:
    """The ways of one variable: those listed, how many there are, what the others add."""

    listed: tuple[Path, ...]
    count: int
    rest: Array


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a formula: its slot, its numbers, its δ, and its gradient by the rule."""

    slot: int
    name: str
    value: Array
    delta: Array
    gradient: Array


def variables_of(recording: Recording) -> tuple[Variable, ...]:
    """All variables, in the order of the text. Overwriting leaves of several contributions the
    one that came last; without zeroing the gradient of the run before is still there."""
    found = []
    for k, slot in enumerate(recording.network.segments[0].slots):
        if slot.op != "input":
            continue
        delta = recording.delta(0, k)[0, 0]
        uses = recording.network.uses(0, k)
        gradient = delta if recording.zeroing else 2.0 * delta
        if recording.rule == "overwrite" and uses:
            gradient = recording.contribution(uses[-1])[0, 0]
        value = recording.value(0, k)[0, 0]
        found.append(Variable(k, plain(slot.name), value, delta, np.asarray(gradient)))
    return tuple(found)


def paths_of(recording: Recording, slot: int) -> Paths:
    """The ways from a slot to the output."""
    count = _counts(recording)[slot]
    locals_: dict[Use, _Local] = {}
    listed = tuple(_path(recording, way, locals_) for way in _ways(recording, slot))
    delta = recording.delta(0, slot)[0, 0]
    rest = delta - sum((path.product for path in listed), np.zeros_like(delta))
    if count == len(listed):
        rest = np.zeros_like(delta)  # what is left is rounding
    return Paths(listed, count, rest)


def _counts(recording: Recording) -> list[int]:
    """How many ways lead from every slot to the output: as many as from all that read it."""
    network = recording.network
    last = len(network.segments[0].slots) - 1
    counts = [0] * last + [1]
    for k in reversed(range(last)):
        counts[k] = sum(counts[use.consumer.slot] for use in network.uses(0, k))
    return counts


def _ways(recording: Recording, slot: int) -> list[tuple[Use, ...]]:
    """The first MOST ways, readers that are computed first before later ones."""
    network = recording.network
    last = len(network.segments[0].slots) - 1
    leads = _counts(recording)
    found: list[tuple[Use, ...]] = []
    stack: list[tuple[int, tuple[Use, ...]]] = [(slot, ())]
    while stack and len(found) < MOST:
        place, so_far = stack.pop()
        if place == last:
            found.append(so_far)
            continue
        readers = sorted(network.uses(0, place), key=lambda use: (use.consumer.slot, use.position))
        for use in reversed(readers):
            if leads[use.consumer.slot]:
                stack.append((use.consumer.slot, (*so_far, use)))
    return found


@dataclass(frozen=True, slots=True)
class _Local:
    """The vjp of one use: what a delta of the consumer becomes at the source."""

    send: Callable[[Array], Array]
    factor: float | None  # where both are single numbers


def _path(recording: Recording, way: tuple[Use, ...], locals_: dict[Use, _Local]) -> Path:
    last = len(recording.network.segments[0].slots) - 1
    sent = recording.delta(0, last)[0].copy()
    factors: list[float | None] = []
    for use in reversed(way):
        if use not in locals_:
            locals_[use] = _local(recording, use)
        sent = locals_[use].send(sent)
        factors.append(locals_[use].factor)
    known = tuple(f for f in reversed(factors) if f is not None)
    slots = (*(use.slot for use in way), last)
    return Path(slots, known if len(known) == len(way) else (), sent[0])


def _local(recording: Recording, use: Use) -> _Local:
    consumer = recording.slot(0, use.consumer.slot)
    op = OPS[consumer.op]
    vjp, constants = op.vjps[use.position], dict(consumer.constants)
    inputs = [recording.value(0, i.slot)[0] for i in consumer.inputs]
    names: dict[str, Any] = {"y": recording.value(0, use.consumer.slot)[0]}
    shape = inputs[use.position].shape

    def run(source: str, **more: Array) -> Array:
        c = np.empty(shape, recording.dtype)
        execute(source, inputs, constants, names | {"c": c} | more)
        return c

    def send(delta: Array) -> Array:
        if isinstance(vjp, Rule):
            return run(vjp.source, dy=delta)
        return delta if vjp == PASS else delta * factor

    factor = np.ones(shape, recording.dtype)
    if isinstance(vjp, Factor):
        factor = run(vjp.source or f"copyto({{c}}, {vjp.existing})")
    single = consumer.width == shape[-1] == 1
    return _Local(send, float(send(np.ones((1, 1), recording.dtype))[0, 0]) if single else None)


def summary(recording: Recording) -> dict[str, Any]:
    """What `run --json` says of a formula beside what it says of every network."""
    names = [plain(slot.name) for slot in recording.network.segments[0].slots]
    variables: dict[str, Any] = {}
    listed: list[dict[str, Any]] = []
    for variable in variables_of(recording):
        ways = paths_of(recording, variable.slot)
        variables[variable.name] = {
            "value": _numbers(variable.value),
            "gradient": _numbers(variable.gradient),
            "paths": ways.count,
        }
        listed += [
            {
                "variable": variable.name,
                "nodes": [names[k] for k in path.slots],
                "factors": list(path.factors),
                "product": _numbers(path.product),
            }
            for path in ways.listed
        ]
    gradients = {name: float(np.linalg.norm(v["gradient"])) for name, v in variables.items()}
    return {"gradients": gradients, "variables": variables, "paths": listed}


def _numbers(values: Array) -> float | list[float]:
    """One number as such, several as a list."""
    found: list[float] = values.tolist()
    return found[0] if len(found) == 1 else found
