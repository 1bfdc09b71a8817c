"""Proof of the deltas: the forward source alone, differentiated by complex step or differences.

Compares what backward recorded with what the forward rows of OPS imply, op by op, parameter by
parameter and node by node. Judged is the sum of all contributions, before the parameter rule and
clipping. Nothing here reads a vjp to get the number that it is compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ops import OPS, PASS, Constants, Factor, Op, Rule, Vjp
from engine.replay import Data, execute, forward

Array = NDArray[np.float64]

COMPLEX_STEP = 1e-30
DIFFERENCE = 1e-5
TOLERANCES = {"complex step": 1e-12, "differences": 1e-6}


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. `error` is max|a − b| / max|b|, where b is the recorded number."""

    name: str
    error: float
    method: str

    @property
    def tolerance(self) -> float:
        return TOLERANCES[self.method]

    @property
    def ok(self) -> bool:
        return bool(self.error <= self.tolerance)  # NaN is not


def relative_error(found: Array, recorded: Array) -> float:
    """max|a − b| / max|b|; where b is 0 everywhere the plain max|a − b|. NaN stays NaN."""
    scale = float(np.abs(recorded).max(initial=0.0))
    return float(np.abs(found - recorded).max(initial=0.0)) / (scale or 1.0)


def check_ops() -> tuple[Row, ...]:
    """A row for every op that sends deltas: the worst of its inputs, weights and samples."""
    rows = []
    for name, op in OPS.items():
        if not op.forward:
            continue
        errors = [e for k in range(len(op.samples)) for e in _op_errors(name, op, k)]
        if errors:
            rows.append(Row(f"op {name}", float(np.max(errors)), _method(op)))
    return tuple(rows)


def _method(op: Op) -> str:
    return "complex step" if op.analytic else "differences"


@dataclass(frozen=True, slots=True)
class _Trial:
    """Random numbers for one sample of an op; inputs (2, width), weights, dy (2, width of y)."""

    inputs: tuple[Array, ...]
    weights: tuple[Array, ...]
    bias: Array | None
    data: Data | None
    constants: Constants
    dy: Array

    def value(self, name: str, inputs: list[Array], weights: list[Array]) -> Array:
        return forward(
            name,
            inputs,
            constants=self.constants,
            weights=weights,
            bias=self.bias,
            data=self.data,
        )


def _draw(name: str, op: Op, sample: int) -> _Trial:
    rng = np.random.default_rng([sample, *name.encode()])
    widths, constants = op.samples[sample]
    inputs = tuple(rng.normal(size=(2, w)) for w in widths)
    if op.positive:
        inputs = tuple(np.abs(x) + 0.5 for x in inputs)
    out = op.width(widths, constants)
    weights: tuple[Array, ...] = ()
    if op.linear:
        weights = tuple(rng.normal(size=(out, w)) for w in widths)
    elif op.weight:
        weights = (rng.normal(size=(5, out)),)
    bias = rng.normal(size=out) if op.linear else None
    data: Data | None = None
    if "class" in op.data:
        data = (np.arange(2), rng.integers(0, widths[0] if widths else out, 2))
    elif "number" in op.data:
        data = rng.normal(size=(2, widths[0]))
    elif "mask" in op.data:
        data = rng.integers(0, 2, (2, widths[0])) * 2.0
    return _Trial(inputs, weights, bias, data, constants, rng.normal(size=(2, out)))


def _op_errors(name: str, op: Op, sample: int) -> list[float]:
    trial = _draw(name, op, sample)
    y = trial.value(name, list(trial.inputs), list(trial.weights))
    errors = []
    for k in range(len(trial.inputs)):

        def of_input(x: Array, k: int = k) -> Any:
            inputs = [*trial.inputs[:k], x, *trial.inputs[k + 1 :]]
            return np.sum(trial.dy * trial.value(name, inputs, list(trial.weights)))

        sent = _send(op, op.vjps[0 if op.linear else k], trial, k, y)
        errors.append(relative_error(_slopes(of_input, trial.inputs[k], op.analytic), sent))
    for k, w in enumerate(trial.weights):

        def of_weight(w: Array, k: int = k) -> Any:
            weights = [*trial.weights[:k], w, *trial.weights[k + 1 :]]
            return np.sum(trial.dy * trial.value(name, list(trial.inputs), weights))

        gradient = _weight_gradient(op, trial, k)
        errors.append(relative_error(_slopes(of_weight, w, op.analytic), gradient))
    return errors


def _send(op: Op, vjp: Vjp, trial: _Trial, k: int, y: Array) -> Array:
    """What the row's own rule sends to input k."""
    inputs = trial.inputs[k : k + 1] if op.linear else trial.inputs
    weight = trial.weights[k] if op.linear else None
    c = np.full(trial.inputs[k].shape, np.nan)
    names = {"y": y, "dy": trial.dy, "c": c, "W": weight, "target": trial.data}
    if op.aux:
        names["aux"] = np.empty(inputs[0].shape)
        execute(op.forward, inputs, trial.constants, names)
    if isinstance(vjp, Rule):
        execute(vjp.source, inputs, trial.constants, names)
        return c
    if isinstance(vjp, Factor):
        source = vjp.source or f"copyto({{c}}, {vjp.existing})"
        execute(source, inputs, trial.constants, names)
        return np.asarray(c * trial.dy)
    assert vjp == PASS
    return trial.dy


def _weight_gradient(op: Op, trial: _Trial, k: int) -> Array:
    g = np.full(trial.weights[k].shape, np.nan)
    names = {"dy": trial.dy, "g": g, "target": trial.data}
    inputs = trial.inputs[k : k + 1]
    execute(op.weight_gradient, inputs, trial.constants, names)
    return g


def _slopes(function: Callable[[Array], Any], x: Array, analytic: bool) -> Array:
    """∂function/∂x entry by entry."""
    found = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[place] = 1.0

        def along(s: Any, unit: Array = unit) -> Any:
            return function(x + s * unit)

        found[place] = slope(along, analytic)
    return found


def slope(along: Callable[[Any], Any], analytic: bool) -> float:
    """d along(s)/ds at 0: complex step (no floor), or central differences of fourth order."""
    if analytic:
        return float(np.imag(along(1j * COMPLEX_STEP)) / COMPLEX_STEP)
    h = DIFFERENCE
    return float((along(h) - along(-h)) / (2 * h))
