"""How a graph of ONNX becomes an experiment: its recurrent node with what the ops before it make of
the inputs, and with what comes back to it from the ops behind. Those are computed at once.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.errors import Unusable
from engine.models.cotangents import Cotangents
from engine.models.given import Given
from engine.models.layers import Found
from engine.models.onnx import running
from engine.models.onnx.found import chosen, found_in, label, nothing_to_show, short, words
from engine.models.onnx.graph import Graph, Input
from engine.models.onnx.running import Trail
from engine.models.onnx.sources import sources_of
from engine.models.onnx.stack import Stack
from engine.models.onnx.streaming import Streamed
from engine.models.opening import NOISE, Opened, ended
from engine.models.weights import Array, Weights
from engine.models.wired_run import sequence_of

STEPS = 20  # along the axis that is left open, where no inputs were given


def opened_graph(
    graph: Graph,
    name: str,
    given: dict[str, Array] | None = None,
    prefix: str | None = None,
    dtype: str | None = None,
) -> Opened:
    """A graph on arrays by the names of its inputs, or on noise. The loss is the sum of its first
    output at the last step, or what arrays called cot_OUTPUT weigh."""
    dtype = dtype or own_dtype(graph)
    weights = {n: a for n, a in (given or {}).items() if n.startswith("cot_")}
    plain = {n: a for n, a in (given or {}).items() if n not in weights}
    trail = _on_noise(graph, dtype, name) if given is None else _run(graph, plain, dtype, name)
    stack = chosen(graph, trail, prefix, name)
    if stack is None:
        raise Unusable(nothing_to_show(name))
    deltas = {key.removeprefix("cot_"): array for key, array in weights.items()}
    if not deltas:
        first = next(iter(graph.outputs), "")
        if not first or first in trail.beyond:  # the recurrence is as near as one comes
            first = stack.layers[-1].node.outputs[0]
        deltas = {first: _last_step(trail.tensors[first], _steps(trail))}
    back = running.backward(trail, deltas)
    said = f"{name}: {words(stack)}"
    said += f", {len(trail.steps) - len(stack.layers)} ops around it computed at once"
    others = [short(label(s.node)) for s in trail.recurrent if s.node not in stack.nodes]
    if others:
        said += f"; other recurrent nodes, not shown: {', '.join(others)}"
    opaque = running.opaque_words(trail, graph.outputs)
    said += f"; {opaque}" if opaque else ""
    title = f"{name}{NOISE}" if given is None else name
    made = _opened(
        stack, stack.cotangents(back), dtype, title, said,
        found_in(graph, trail, stack), _weights(graph, stack, name),
    )  # fmt: skip
    doubt = f"one of {1 + len(others)} recurrent nodes is shown"
    asked = "" if prefix is not None or not others else doubt
    return replace(made, given=replace(made.given, summed=not weights, doubt=asked))


def _weights(graph: Graph, stack: Stack, name: str) -> Weights:
    """What the nodes read as W, R, B, P, in the dtypes that the file has them in."""
    held = stack.held
    sources = sources_of(graph, held.names)
    tensors = {
        each: layer.tensors[part]
        for node, layer in zip(held.nodes, stack.layers)
        for part, each in node.names.items()
    }
    arrays = {n: a.astype(sources.dtype_of(n) or a.dtype) for n, a in tensors.items()}
    dtypes = {each: array.dtype.name for each, array in arrays.items()}
    return Weights(arrays, dtypes, name, "ONNX")


def _last_step(output: Array, steps: int) -> Array:
    """1 for every number of an output at its last step; for all where no axis is time."""
    axis = next((k for k, n in enumerate(output.shape) if n == steps), None)
    if axis is None:
        return np.ones_like(output)
    found = np.zeros_like(output)
    found[(slice(None),) * axis + (-1,)] = 1
    return found


def opened_stream(graph: Graph, streamed: Streamed, name: str, sound: str) -> Opened:
    """The recurrent node of a graph that was run over a sound piece by piece."""
    stack, pieces = Stack((streamed.layer,)), len(streamed.layer.tensors["X"])
    said = (
        f"{name}: {words(stack)} over {pieces} pieces of {streamed.chunk} samples of {sound};"
        f" as one chain it equals the graph piece by piece to {streamed.apart:.0e}"
    )
    return _opened(
        stack,
        streamed.cotangents,
        str(streamed.run.experiment.dtype),
        f"{name} on {sound}",
        said,
        found_in(graph, streamed.trail, stack),
        _weights(graph, stack, name),
    )


def _opened(
    stack: Stack,
    cotangents: Cotangents,
    dtype: str,
    title: str,
    said: str,
    found: tuple[Found, ...],
    weights: Weights,
) -> Opened:
    sequence, _ = sequence_of(stack.inputs, stack.lengths, None, title)
    given = Given(
        states=stack.states,
        cotangents=cotangents,
        source=title,
        said=said,
        found=found,
        wired=stack.wired,
        summed=True,
        weights=weights,
        held=stack.held,
    )
    given = ended(given, max(map(len, sequence.stored())))
    return Opened(sequence, stack.experiment(dtype), stack.parameters, given)


def own_dtype(graph: Graph) -> str:
    """The graph's own: float64 if its inputs are."""
    return "float64" if any(each.dtype == "float64" for each in graph.inputs) else "float32"


# ---- inputs that were not given


def _run(graph: Graph, given: dict[str, Array], dtype: str, name: str) -> Trail:
    return running.forward(graph, with_defaults(graph, given), dtype, name)


def with_defaults(graph: Graph, given: dict[str, Array]) -> dict[str, Array]:
    """Inputs that are left out and whose shape is known, as zeros: a first state, say. The first
    input is what the graph is for and has no default."""
    found = dict(given)
    for each in graph.inputs[1:]:
        if each.name not in found and each.dtype and each.shape and None not in each.shape:
            found[each.name] = np.zeros([n or 0 for n in each.shape], each.dtype)
    return found


def _on_noise(graph: Graph, dtype: str, name: str) -> Trail:
    """The graph on seeded noise. Which open axis is time is found by trying: the one that gives
    the recurrent node the most steps."""
    best: Trail | None = None
    error: Unusable | None = None
    open_axes = [
        k for k, n in enumerate(graph.inputs[0].shape if graph.inputs else ()) if n is None
    ]
    for axis in open_axes or [-1]:
        given = {each.name: _noise(each, axis, n == 0) for n, each in enumerate(graph.inputs)}
        try:
            trail = running.forward(graph, given, dtype, name)
        except Unusable as caught:
            error = error or caught
            continue
        if best is None or _steps(trail) > _steps(best):
            best = trail
    if best is None:
        raise error or Unusable(f"{name} has no inputs; it cannot be run")
    return best


def _noise(each: Input, axis: int, first: bool) -> Array:
    shape = [n if n is not None else STEPS if k == axis else 1 for k, n in enumerate(each.shape)]
    if not first:
        return np.zeros(shape, each.dtype or "float32")
    rng = np.random.default_rng(0)
    if each.dtype.startswith(("int", "uint")):
        return rng.integers(0, 2, shape).astype(each.dtype)
    return rng.standard_normal(shape).astype(each.dtype or "float32")


def _steps(trail: Trail) -> int:
    lengths = [len(s.layer.tensors["X"]) for s in trail.recurrent if s.layer is not None]
    return max(lengths, default=0)
