"""How a graph of ONNX becomes an experiment: its recurrent node with what the ops before it make of
the inputs, and with what comes back to it from the ops behind. Those are computed at once.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from engine.errors import Unusable
from engine.experiment import Experiment
from engine.models.cotangents import Cotangents
from engine.models.given import Given
from engine.models.layers import Found
from engine.models.onnx import running
from engine.models.onnx.graph import Graph, Input
from engine.models.onnx.held import Held, held_by
from engine.models.onnx.recurrent import (
    OURS,
    Layer,
    cotangents_of,
    gates_of,
    parameters_of,
)
from engine.models.onnx.running import Step, Trail
from engine.models.onnx.sources import sources_of
from engine.models.onnx.streaming import Streamed
from engine.models.opening import NOISE, Opened
from engine.models.weights import Array, Weights
from engine.models.wired import Layer as WiredLayer
from engine.models.wired import Wired
from engine.models.wired_run import sequence_of

STEPS = 20  # along the axis that is left open, where no inputs were given
WITH_WEIGHTS = ("Conv", "Gemm", "MatMul", "Gather")


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
    step = chosen(trail, prefix, name)
    if step is None or step.layer is None or step.run is None:
        raise Unusable(f"{name} has no recurrent node (RNN, LSTM, GRU); what is inside it is not"
                       " shown step by step")  # fmt: skip
    deltas = {key.removeprefix("cot_"): array for key, array in weights.items()}
    if not deltas:
        first = graph.outputs[0]
        if first in trail.beyond:  # the recurrence is as near as one comes
            first = step.node.outputs[0]
        deltas = {first: _last_step(trail.tensors[first], _steps(trail))}
    back = running.backward(trail, deltas)
    own = cotangents_of(step.layer, [back.get(output) for output in step.node.outputs])
    said = f"{name}: {_words(step.layer)}"
    said += f", {len(trail.steps) - 1} ops around it computed at once"
    if len(trail.recurrent) > 1:
        places = ", ".join(each.node.place for each in trail.recurrent if each is not step)
        said += f"; other recurrent nodes, not shown: {places}"
    opaque = running.opaque_words(trail, graph.outputs)
    said += f"; {opaque}" if opaque else ""
    title = f"{name}{NOISE}" if given is None else name
    found = found_in(graph, trail, step)
    given_back = _weights(graph, step.layer, name)
    return _opened(step.layer, own, dtype, title, said, found, given_back, summed=not weights)


def _weights(graph: Graph, layer: Layer, name: str) -> Weights:
    """What the node reads as W, R, B, P, in the dtypes that the file has them in."""
    names = held_by(layer).names
    sources = sources_of(graph, tuple(names.values()))
    arrays = {
        each: layer.tensors[part].astype(sources.dtype_of(each) or layer.tensors[part].dtype)
        for part, each in names.items()
    }
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
    layer, pieces = streamed.layer, len(streamed.layer.tensors["X"])
    said = (
        f"{name}: {_words(layer)} over {pieces} pieces of {streamed.chunk} samples of {sound};"
        f" as one chain it equals the graph piece by piece to {streamed.apart:.0e}"
    )
    return _opened(
        layer,
        streamed.cotangents,
        str(streamed.run.experiment.dtype),
        f"{name} on {sound}",
        said,
        found_in(graph, streamed.trail, streamed.trail.recurrent[0]),
        _weights(graph, layer, name),
    )


def _opened(
    layer: Layer,
    cotangents: Cotangents,
    dtype: str,
    title: str,
    said: str,
    found: tuple[Found, ...],
    weights: Weights,
    *,
    summed: bool = True,
) -> Opened:
    x = layer.tensors["X"]
    lengths = layer.tensors.get("sequence_lens", np.full(x.shape[1], len(x)))
    sequence, _ = sequence_of(x, lengths, None, title)
    experiment = Experiment().changed(
        cell=OURS[layer.node.op], hidden=min(layer.manner.hidden, 4096), dtype=dtype,
        direction="both" if len(layer.ways) > 1 else "forward", reduction="sum", task="none",
        standardise=False,
    )  # fmt: skip
    wired = WiredLayer(layer.node.op, layer.manner.hidden, layer.ways, manner=layer.manner)
    named = {"h0": "initial_h", "c0": "initial_c"}
    given = Given(
        states={own: layer.tensors[n] for own, n in named.items() if n in layer.tensors},
        cotangents=cotangents,
        source=title,
        said=said,
        found=found,
        wired=Wired((wired,), inputs=x.shape[2]),
        summed=summed,
        weights=weights,
        held=Held((held_by(layer),)),
    )
    return Opened(sequence, experiment, parameters_of(layer), given)


def _words(layer: Layer) -> str:
    x = layer.tensors["X"]
    both = " both ways" if len(layer.ways) > 1 else ""
    return f"{layer.node.op}{both} {x.shape[2]} → {layer.manner.hidden} ({short(layer.node.place)})"


def short(place: str) -> str:
    """The end of a long path of names."""
    return "/".join(place.split("/")[-2:])


def own_dtype(graph: Graph) -> str:
    """The graph's own: float64 if its inputs are."""
    return "float64" if any(each.dtype == "float64" for each in graph.inputs) else "float32"


def chosen(trail: Trail, prefix: str | None, name: str) -> Step | None:
    """The recurrent node that is looked into; the first, unless one is named."""
    steps = trail.recurrent
    names = [step.node.place for step in steps]
    if prefix is None:
        return steps[0] if steps else None
    if prefix not in names:
        known = ", ".join(names) or "none"
        raise Unusable(f"{name} has no recurrent node {prefix!r}; there are {known}", exit=2)
    return steps[names.index(prefix)]


def found_in(graph: Graph, trail: Trail, step: Step) -> tuple[Found, ...]:
    """A row for every recurrent node and every op with weights around them, one for the rest."""
    rows = []
    for each in trail.recurrent:
        layer = each.layer
        assert layer is not None
        shapes = ", ".join(f"{n} {t.shape}" for n, t in layer.tensors.items() if n in "WRBP")
        sizes = f"{layer.tensors['X'].shape[2]} → {layer.manner.hidden}: {shapes}"
        order = " ".join(gates_of(layer))
        how = "gates stay in the order of the file" if order else ""
        how = how if each is step else "not shown; --prefix chooses it"
        rows.append(Found(short(each.node.place), layer.node.op, sizes, order, how))
    others = Counter(s.node.op for s in trail.steps if s.layer is None)
    made = {n for each in trail.steps if each.node.op != "Constant" for n in each.node.outputs}
    made |= {each.name for each in graph.inputs}
    for each in trail.steps:
        held = [t for n, t in zip(each.node.inputs, each.inputs) if n not in made]
        if each.node.op in WITH_WEIGHTS and any(t is not None and t.ndim > 1 for t in held):
            shapes = ", ".join(str(t.shape) for t in held if t is not None)
            rows.append(Found(short(each.node.place), each.node.op, shapes, "", "computed at once"))
            others[each.node.op] -= 1
    for node in trail.opaque:
        rows.append(Found(short(node.place), node.op, "", "", "opaque: not known here"))
    rest = ", ".join(f"{n} {op}" for op, n in others.most_common() if n and op != "Constant")
    if rest:
        rows.append(Found("(around)", "ops", rest, "", "computed at once"))
    return tuple(rows)


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
