"""A graph that reads sound piece by piece and hands its state on to itself, as a speech detector
does: run on a whole signal, its recurrent node recorded over all pieces as one chain.

A piece is `chunk` samples with `context` samples of the piece before it in front. What such graphs
are given beside it: a state that comes back as an output, and the sampling rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.door import Run
from engine.errors import BAD_SETTINGS, Unusable
from engine.models.cotangents import Cotangents
from engine.models.onnx import running
from engine.models.onnx.found import label, nothing_to_show, short
from engine.models.onnx.graph import Graph, Input
from engine.models.onnx.recurrent import Layer, cotangents_of, run_layer
from engine.models.onnx.running import Step, Trail
from engine.models.states import states_of
from engine.models.weights import Array

# samples of a piece and of its context by sampling rate, as silero-vad was trained (utils_vad.py)
PIECES = {8000: (256, 32), 16000: (512, 64)}
RATE_NAMES = ("sr", "rate", "sample_rate", "sampling_rate")
MOST_PIECES = 2_000  # a minute of sound


@dataclass(frozen=True, slots=True, eq=False)
class Streamed:
    """`outputs` of the graph by name, one row a piece; `layer`: the recurrent node, its X and first
    states those of the whole signal; `run`: it recorded over all pieces, with what came back from
    the outputs that `cotangents` weigh; `apart`: how far that is from the graph piece by piece."""

    outputs: dict[str, Array]
    layer: Layer
    run: Run
    cotangents: Cotangents
    apart: float
    trail: Trail  # of the last piece
    chunk: int
    context: int


def is_streaming(graph: Graph) -> bool:
    """Whether the graph reads samples (B, N) and hands a state on to itself."""
    first = graph.inputs[0] if graph.inputs else None
    return first is not None and len(first.shape) == 2 and bool(fed_back(graph))


def fed_back(graph: Graph) -> dict[str, str]:
    """Inputs that an output comes back to: it has their name with something behind, or before."""
    found = {}
    for each in graph.inputs[1:]:
        for name in graph.outputs:
            if len(each.shape) > 1 and (name.startswith(each.name) or name.endswith(each.name)):
                found[each.name] = name
    return found


def pieces_of(rate: int, chunk: int | None, context: int | None) -> tuple[int, int]:
    """Samples of a piece and of its context, as asked for or as the rate has them."""
    known = PIECES.get(rate)
    if chunk is None and known is None:
        raise Unusable(
            f"the sound has {rate:,} samples a second; {' and '.join(map(str, PIECES))} are known:"
            " give --chunk and --context, or resample it",
            exit=BAD_SETTINGS,
        )
    if context is None:  # of another chunk nobody knows it
        context = known[1] if known is not None and chunk is None else 0
    chunk = chunk if chunk is not None or known is None else known[0]
    assert chunk is not None
    if not 1 <= chunk <= 1_000_000 or not 0 <= context <= chunk:
        raise Unusable(
            f"--chunk must be 1..1000000 and --context 0..chunk; got {chunk} and {context}",
            exit=BAD_SETTINGS,
        )
    return chunk, context


def stream(
    graph: Graph,
    samples: Array,
    rate: int,
    name: str,
    *,
    chunk: int | None = None,
    context: int | None = None,
    every: bool = False,
    dtype: str = "float32",
) -> Streamed:
    """Run the graph on samples (N,). The loss is the sum of its first output after the last piece,
    with `every` after each. Unusable, one line, for a graph that reads no sound."""
    if not is_streaming(graph):
        needed = ", ".join(f"{each.name} {each.shape}" for each in graph.inputs)
        raise Unusable(f"{name} is no graph that reads sound piece by piece; it reads {needed}")
    chunk, context = pieces_of(rate, chunk, context)
    state = fed_back(graph)
    trails = _trails(graph, _pieces(samples, chunk, context, name), rate, state, dtype, name)
    steps = [_recurrent(trail, name) for trail in trails]
    first = graph.outputs[0]
    outputs = {n: np.concatenate([trail.tensors[n] for trail in trails]) for n in graph.outputs[:1]}
    outputs |= {name: trails[-1].tensors[name] for name in state.values()}
    rows = [
        _back(trails[k], steps[k], first, every or k == len(trails) - 1) for k in range(len(steps))
    ]
    layer = _whole(steps)
    cotangents = Cotangents(np.concatenate(rows))
    run = run_layer(layer, cotangents, dtype, name)
    y = np.concatenate([states_of(_run(step))["y"] for step in steps])
    apart = float(np.abs(states_of(run)["y"] - y).max() / (np.abs(y).max() or 1.0))
    return Streamed(outputs, layer, run, cotangents, apart, trails[-1], chunk, context)


def _pieces(samples: Array, chunk: int, context: int, name: str) -> Array:
    """(pieces, context + chunk): the last is filled up with silence."""
    count = -(-len(samples) // chunk)
    if not 1 <= count <= MOST_PIECES:
        raise Unusable(
            f"{name}: {len(samples):,} samples make {count:,} pieces of {chunk}; 1 …"
            f" {MOST_PIECES:,} are run: give a shorter part of the sound"
        )
    whole = np.zeros(context + count * chunk, np.float32)
    whole[context : context + len(samples)] = samples
    return np.stack([whole[k * chunk : (k + 1) * chunk + context] for k in range(count)])


def _trails(
    graph: Graph, pieces: Array, rate: int, state: dict[str, str], dtype: str, name: str
) -> list[Trail]:
    given = {n.name: _beside(n, rate, state, name) for n in graph.inputs[1:]}
    found = []
    for piece in pieces:
        trail = running.forward(graph, {graph.inputs[0].name: piece[None], **given}, dtype, name)
        given |= {each: trail.tensors[output] for each, output in state.items()}
        found.append(trail)
    return found


def _beside(each: Input, rate: int, state: dict[str, str], name: str) -> Array:
    """What the graph is given beside the samples before the first piece."""
    if each.name in state:
        return np.zeros([1 if n is None else n for n in each.shape], each.dtype or "float32")
    if each.name in RATE_NAMES:
        return np.array(rate, each.dtype or "int64").reshape([1] * len(each.shape))
    raise Unusable(
        f"{name} needs the input {each.name}, which no sound has; give --inputs FILE.npz"
    )


def _recurrent(trail: Trail, name: str) -> Step:
    found = trail.recurrent
    if not found:
        raise Unusable(nothing_to_show(name))
    if len(found) > 1:
        places = ", ".join(short(label(step.node)) for step in found)
        raise Unusable(
            f"{name} has the recurrent nodes {places}, and one is followed through a sound; give"
            " --inputs FILE.npz, and with --prefix which of them"
        )
    return found[0]


def _back(trail: Trail, step: Step, output: str, counts: bool) -> Array:
    """∂(sum of the output)/∂y of the recurrent node, (steps, B, D·H), within the same piece."""
    assert step.layer is not None
    run = _run(step)
    none = np.zeros_like(states_of(run)["y"])
    if not counts:
        return none
    ones = np.ones_like(trail.tensors[output])
    deltas = running.backward(trail, {output: ones})
    found = cotangents_of(step.layer, [deltas.get(name) for name in step.node.outputs])
    step.run = run  # without the loss of this piece alone
    if found.c_n is not None and found.c_n.any():
        raise Unusable(f"{step.node.place}: its memory is read behind it, which is not followed")
    y = none if found.y is None else found.y.copy()
    if found.h_n is not None:
        y[-1] += found.h_n.swapaxes(0, 1).reshape(y.shape[1:])
    return y


def _run(step: Step) -> Run:
    assert step.run is not None
    return step.run


def _whole(steps: list[Step]) -> Layer:
    """The node with the X of all pieces and the states before the first."""
    first = steps[0].layer
    assert first is not None
    x = np.concatenate([step.layer.tensors["X"] for step in steps if step.layer is not None])
    tensors = {**first.tensors, "X": x}
    tensors.pop("sequence_lens", None)
    return Layer(first.node, first.manner, first.ways, first.batch_first, tensors)
