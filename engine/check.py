"""Proof of the deltas: the forward source alone, differentiated by complex step or differences.

Compares what backward recorded with what the forward rows of OPS imply, op by op, parameter by
parameter and node by node. Judged is the sum of all contributions, before the parameter rule and
clipping. Nothing here reads a vjp to get the number that it is compared with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.door import Run
from engine.evaluate import COMPLEX_STEP, Data, execute, forward, kept_shape
from engine.ops import OPS, PASS, Constants, Factor, Op, Rule, Vjp
from engine.recording import Recording
from engine.replay import Given, Nudge, given_of, loss_of, replay
from engine.template import Node

Array = NDArray[np.float64]

DIFFERENCE = 1e-5
TOLERANCES = {"complex step": 1e-12, "differences": 1e-6}
ROUNDED = 1e-3  # what a recording in float32 can be held to
ENTRIES = 20
STEPS = 3  # of the samples of ops that read all steps at once
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. `error` is max|a − b| / max|b|, where b is the recorded number."""

    name: str
    error: float
    method: str
    tolerance: float

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
            rows.append(_row(f"op {name}", float(np.max(errors)), op.analytic))
    return tuple(rows)


def _row(name: str, error: float, analytic: bool, dtype: Any = np.float64) -> Row:
    method = "complex step" if analytic else "differences"
    tolerance = TOLERANCES[method] if dtype == np.float64 else ROUNDED
    return Row(name, error, method, tolerance)


@np.errstate(all="ignore")  # what is not finite fails
def check_run(run: Run | Recording, seconds: float = SECONDS) -> tuple[Row, ...]:
    """A row for every op, then one for every parameter, first state and variable of the run.

    Of each parameter one seeded random direction and 20 entries are compared, in rounds, until
    `seconds` are over: what was not reached has no row, or fewer entries in it.
    """
    recording = run if isinstance(run, Recording) else run.recording
    rows = check_ops()
    if not recording.has_gradients:
        return rows
    return rows + check_arrays(recording, seconds)


def check_arrays(recording: Recording, seconds: float = SECONDS) -> tuple[Row, ...]:
    """A row for every parameter, first state, variable: the sum of all contributions is judged."""
    end = time.monotonic() + seconds
    given = given_of(recording)
    analytic = _analytic(recording)
    tables = {
        "parameter": (given.parameters, recording.true_gradients),
        "state": (given.initial, recording.initial_deltas),
    }
    if recording.network.timeless:
        tables["variable"] = _variables(recording, given)
    pairs: dict[str, list[tuple[float, float]]] = {}
    for kind, name, direction in _directions(tables):
        if time.monotonic() > end:
            break
        values, gradients = tables[kind]
        start = values[name]

        def along(s: Any, kind: str = kind, name: str = name, a: Any = (start, direction)) -> Any:
            return _loss(recording, _with(given, kind, {name: a[0] + s * a[1]}))

        recorded = float((np.asarray(gradients[name], float) * direction).sum())
        pairs.setdefault(f"{kind} {name}", []).append((slope(along, analytic), recorded))
    return tuple(
        _row(
            name,
            relative_error(*(np.array(column) for column in zip(*found, strict=True))),
            analytic,
            recording.dtype,
        )
        for name, found in pairs.items()
    )


@np.errstate(all="ignore")
def check_node(recording: Recording, node: Node, directions: int = 1) -> Row:
    """δ of one node in all sequences, along seeded random directions."""
    segment = recording.network.segments[node.segment]
    given = given_of(recording)
    analytic = _analytic(recording)
    rng = np.random.default_rng(list(node))
    delta = np.asarray(recording.delta(node.segment, node.slot)[node.t], float)
    found, recorded = [], []
    rows = recording.plan.workspace.rows
    for _ in range(directions):
        way = rng.normal(size=delta.shape)
        if segment.steps == recording.steps:
            way *= recording.inside[node.t][:, None]

        def along(s: Any, way: Array = way) -> Any:
            return _loss(recording, given, Nudge(node, s * way, lambda p: rows(("v", *p))))

        found.append(slope(along, analytic))
        recorded.append(float((delta * way).sum()))
    name = f"δ({segment.slots[node.slot].name}_{node.t + segment.offset + 1})"
    error = relative_error(np.array(found), np.array(recorded))
    return _row(name, error, analytic, recording.dtype)


def _analytic(recording: Recording) -> bool:
    """Whether every op of the network runs on complex numbers."""
    segments = recording.network.segments
    return all(OPS[slot.op].analytic for segment in segments for slot in segment.slots)


def _loss(recording: Recording, given: Given, nudge: Nudge | None = None) -> Any:
    return loss_of(given, replay(given, nudge), np.asarray(recording.loss_weights, float))


def _variables(recording: Recording, given: Given) -> tuple[dict[str, Array], dict[str, Array]]:
    """Numbers and δ of every variable of a formula, by the name of its slot."""
    places = {recording.slot(*place).name: place for place in given.inputs}
    values = {name: np.asarray(given.inputs[place]) for name, place in places.items()}
    return values, {name: recording.delta(*place) for name, place in places.items()}


def _with(given: Given, kind: str, moved: dict[str, Any]) -> Given:
    if kind == "state":
        return replace(given, initial=given.initial | moved)
    if kind == "variable":
        formula = given.network.segments[0]
        places = {(0, formula.index(name)): array for name, array in moved.items()}
        return replace(given, inputs=given.inputs | places)
    return replace(given, parameters=given.parameters | moved)


def _directions(tables: dict[str, Any]) -> Iterator[tuple[str, str, Array]]:
    """One random direction for everything first, then the entries in rounds."""
    arrays = [(kind, name, a) for kind, (v, _) in tables.items() for name, a in v.items()]
    rngs = [np.random.default_rng([len(kind), *name.encode()]) for kind, name, _ in arrays]
    entries = [
        rng.choice(a.size, min(ENTRIES, a.size), replace=False)
        for rng, (_, _, a) in zip(rngs, arrays, strict=True)
    ]
    for rng, (kind, name, array) in zip(rngs, arrays, strict=True):
        yield kind, name, rng.normal(size=array.shape)
    for turn in range(ENTRIES):
        for places, (kind, name, array) in zip(entries, arrays, strict=True):
            if turn < len(places):
                unit = np.zeros(array.size)
                unit[places[turn]] = 1.0
                yield kind, name, unit.reshape(array.shape)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Random numbers for one sample of an op; inputs (2, width), weights, dy (2, width of y).

    (STEPS, 2, width) of an op that reads all steps at once.
    """

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
    lead = (STEPS, 2) if op.whole else (2,)
    inputs = tuple(rng.normal(size=(*lead, w)) for w in widths)
    if op.positive:
        inputs = tuple(np.abs(x) + 0.5 for x in inputs)
    out = op.width(widths, constants)
    weights: tuple[Array, ...] = ()
    if op.weight_shape:
        weights = tuple(rng.normal(size=op.weight_shape(w, constants)) for w in widths)
    elif op.weight:
        weights = (rng.normal(size=(5, out)),)
    bias = rng.normal(size=len(weights[0])) if op.linear else None
    data: Data | None = None
    if "class" in op.data:
        data = (np.arange(2), rng.integers(0, widths[0] if widths else out, 2))
    elif "number" in op.data:
        data = rng.normal(size=(2, widths[0]))
    elif "numbers" in op.data:
        data = rng.normal(size=(2, sum(widths)))
    elif "keep" in op.data:
        data = np.ones((2, 1))
    elif "mask" in op.data:
        data = rng.integers(0, 2, (2, widths[0])) * 2.0
    elif "pairs" in op.data:
        data = np.triu(np.ones((STEPS, STEPS), bool), 1)[:, None].repeat(2, 1)
    lead = (1, 2) if op.single else lead
    return _Trial(inputs, weights, bias, data, constants, rng.normal(size=(*lead, out)))


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
        names["aux"] = np.empty(kept_shape(op, inputs))
        execute(op.forward, inputs, trial.constants, names)
        names["d_aux"] = np.empty_like(names["aux"])
        execute(op.prepare or "pass", inputs, trial.constants, names)
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
