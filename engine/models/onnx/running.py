"""An ONNX graph run: its recurrent nodes recorded by this program's engine, the ops around them
evaluated, and deltas sent back through both.

An If whose condition follows from the inputs is evaluated and the taken branch inlined; other
control flow is refused by name. Nodes are run in the order of the file; nothing recurses but the
branches of If, which are as deep as the reader allows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.door import Run
from engine.errors import Unusable
from engine.models.cotangents import Cotangents
from engine.models.onnx.graph import Graph, Node
from engine.models.onnx.ops import ARITHMETIC, OnnxOp
from engine.models.onnx.recurrent import (
    RECURRENT,
    Layer,
    cotangents_of,
    gradients_of,
    layer_of,
    outputs_of,
    run_layer,
)
from engine.models.onnx.shape_ops import SHAPES
from engine.models.onnx.window_ops import WINDOWS
from engine.models.states import states_of
from engine.models.weights import Array

ONNX_OPS: dict[str, OnnxOp] = {**ARITHMETIC, **SHAPES, **WINDOWS}
CONTROL = ("Loop", "Scan", "SequenceMap")
_PARTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")


@dataclass(slots=True, eq=False)
class Step:
    """One node that was run: what went in and came out; of a recurrent node its layer and run."""

    node: Node
    inputs: list[Array | None]
    outputs: tuple[Array, ...]
    layer: Layer | None = None
    run: Run | None = None


@dataclass(slots=True, eq=False)
class Trail:
    """All that was run, in order, and every tensor by its name. `opaque`: ops that are not known;
    `beyond`: tensors that were not computed, with the opaque node that they wait for."""

    tensors: dict[str, Array]
    dtype: str
    steps: list[Step] = field(default_factory=list)
    opaque: list[Node] = field(default_factory=list)
    beyond: dict[str, Node] = field(default_factory=dict)

    @property
    def recurrent(self) -> list[Step]:
        return [step for step in self.steps if step.layer is not None]


def forward(graph: Graph, given: dict[str, Array], dtype: str, name: str) -> Trail:
    """Run a graph on arrays by the names of its inputs; those with a zero default may be left out.

    Floating numbers are computed in `dtype`. An op that is not known stays opaque: what waits for
    it is not computed. Unusable, one line, names the node where that leaves no recurrent one.
    """
    trail = Trail({}, dtype)
    _fill(trail, graph.constants)
    unknown = sorted(set(given) - {each.name for each in graph.inputs} - set(graph.constants))
    if unknown:
        known = ", ".join(each.name for each in graph.inputs)
        raise Unusable(f"{name} has no input {unknown[0]!r}; it has {known}: take it out")
    _fill(trail, given)
    for each in graph.inputs:
        if each.name not in trail.tensors:
            raise Unusable(
                f"{name} needs the input {each.name} of the shape {_said(each.shape)}; add it to"
                " the file of inputs"
            )
    try:
        with np.errstate(all="ignore"):
            _run_nodes(graph.nodes, trail)
            if trail.opaque and not trail.recurrent:
                raise Unusable(f"{_unknown(trail.opaque[0])}; export the model without it")
    except Unusable as error:
        raise Unusable(f"{name}: {error.message}", exit=error.exit) from None
    return trail


def _unknown(node: Node) -> str:
    return f"{node.place} is {node.op}, an op that this program does not know"


def _said(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("?" if n is None else str(n) for n in shape) + ")"


def _fill(trail: Trail, arrays: dict[str, Array]) -> None:
    for name, array in arrays.items():
        kept = array.dtype.kind == "f" and array.dtype.name != trail.dtype
        with np.errstate(over="ignore"):  # whoever reads it says that it is not finite
            trail.tensors[name] = array.astype(trail.dtype) if kept else array


def _run_nodes(nodes: Iterable[Node], trail: Trail) -> None:
    for node in nodes:
        if node.op == "If":
            _inline(node, trail)
            continue
        lost = next((name for name in node.inputs if name and name not in trail.tensors), None)
        if lost in trail.beyond or _is_unknown(node):
            _leave(node, trail, trail.beyond.get(lost or "", node))
            continue
        if lost is not None:
            raise Unusable(f"{node.place} reads {lost[:60]!r}, which nothing before it makes")
        inputs = [trail.tensors[name] if name else None for name in node.inputs]
        step = _step(node, inputs, trail.dtype)
        trail.steps.append(step)
        for name, array in zip(node.outputs, step.outputs):
            if name:
                trail.tensors[name] = array


def _is_unknown(node: Node) -> bool:
    return node.op not in ONNX_OPS and node.op not in RECURRENT and node.op not in CONTROL


def _leave(node: Node, trail: Trail, root: Node) -> None:
    """Do not run a node: it is opaque, or waits for one that is."""
    if root is node:
        trail.opaque.append(node)
    trail.beyond |= {name: root for name in node.outputs if name}


def _inline(node: Node, trail: Trail) -> None:
    """Run the branch that the condition takes, as if it stood here."""
    if node.has(0) and node.inputs[0] in trail.beyond:
        root = trail.beyond[node.inputs[0]]
        raise Unusable(f"{node.place} waits for {_unknown(root)}; export the model without it")
    condition = trail.tensors.get(node.inputs[0], np.zeros(0)) if node.has(0) else np.zeros(0)
    word = "then_branch" if condition.size and condition.reshape(-1)[0] else "else_branch"
    branch = node.attributes.get(word)
    sound = isinstance(branch, Graph) and len(branch.outputs) >= len(node.outputs)
    if not condition.size or not isinstance(branch, Graph) or not sound:
        raise Unusable(f"{node.place} has no condition or no {word}; export the model anew")
    _fill(trail, branch.constants)
    _run_nodes(branch.nodes, trail)
    same = (
        Node("Identity", node.name, (inner,), (outer,), {})
        for inner, outer in zip(branch.outputs, node.outputs)
    )
    _run_nodes(same, trail)


def _step(node: Node, inputs: list[Array | None], dtype: str) -> Step:
    if node.op in RECURRENT:
        layer = layer_of(node, inputs)
        run = run_layer(layer, Cotangents(), dtype)
        outputs = outputs_of(layer, states_of(run))
        return Step(node, inputs, outputs, layer, run)
    op = f" ({node.op})" if node.name else ""
    if node.op in CONTROL:
        raise Unusable(
            f"{node.place}{op} is control flow, which cannot be run; export the model without it"
        )
    row = ONNX_OPS[node.op]
    try:
        outputs = tuple(_as(each, dtype) for each in row.forward(inputs, node))
    except Unusable:
        raise
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, MemoryError):
        shapes = ", ".join(str(x.shape) for x in inputs if x is not None)
        raise Unusable(
            f"{node.place}{op} does not fit its inputs {shapes}; give inputs of the sizes that the"
            " model reads, or export it anew"
        ) from None
    return Step(node, inputs, outputs)


def _as(array: Array, dtype: str) -> Array:
    wrong = array.dtype.kind == "f" and array.dtype.name != dtype
    return array.astype(dtype) if wrong else array


def backward(trail: Trail, deltas: dict[str, Array]) -> dict[str, Array]:
    """∂ℒ/∂ of every tensor by name, from deltas of some. Recurrent steps are recorded again with
    what came back to them, so that `Step.run` holds their deltas."""
    found: dict[str, Array] = {name: _as(each, trail.dtype) for name, each in deltas.items()}
    with np.errstate(all="ignore"):
        for step in reversed(trail.steps):
            back = [found.get(name) if name else None for name in step.node.outputs]
            if all(delta is None for delta in back):
                continue
            for name, delta in zip(step.node.inputs, _back(step, back, trail.dtype)):
                if name and delta is not None and delta.dtype.kind == "f":
                    found[name] = found[name] + delta if name in found else delta
    return found


def _back(step: Step, deltas: list[Any], dtype: str) -> list[Array | None]:
    if step.layer is not None:
        return _back_recurrent(step, deltas, dtype)
    row = ONNX_OPS[step.node.op]
    if row.back is None or any(x is not None and x.dtype.kind != "f" for x in step.outputs[:1]):
        return []
    full = [
        np.zeros_like(y) if d is None and y.dtype.kind == "f" else d
        for d, y in zip(deltas, step.outputs)
    ]
    return list(row.back(step.inputs, step.outputs, full, step.node))


def _back_recurrent(step: Step, deltas: list[Any], dtype: str) -> list[Array | None]:
    """Record the node with its cotangents; the deltas of X, W, R, B, states and P."""
    layer = step.layer
    assert layer is not None
    run = step.run = run_layer(layer, cotangents_of(layer, deltas), dtype)
    found: dict[str, Array] = gradients_of(layer, run.recording.gradients)
    found |= states_of(run, "delta")
    for name, own in (("X", "x"), ("initial_h", "h0"), ("initial_c", "c0")):
        if own in found:
            delta = found.pop(own)
            found[name] = delta.swapaxes(0, 1) if layer.batch_first else delta
    return [found.get(name) for name in _PARTS[: len(step.node.inputs)]]


def opaque_words(trail: Trail, outputs: Iterable[str]) -> str:
    """Which ops are opaque, and which outputs wait for them; "" if none are."""
    if not trail.opaque:
        return ""
    named = ", ".join(f"{node.place} ({node.op})" for node in trail.opaque[:4])
    more = f" and {len(trail.opaque) - 4} more" if len(trail.opaque) > 4 else ""
    waiting = ", ".join(name for name in outputs if name in trail.beyond)
    said = f"opaque, since not known here: {named}{more}"
    return f"{said}; not computed behind them: {waiting}" if waiting else said
