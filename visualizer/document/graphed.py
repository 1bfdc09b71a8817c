"""A graph of ONNX as a snapshot: its recurrent node, on arrays, on a sound, or on noise.

Files of weights are opened in `modelled`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine import files
from engine.errors import Unusable
from engine.models.npz_file import arrays_in
from engine.models.onnx.graph import Graph, read
from engine.models.onnx.opening import opened_graph, opened_stream
from engine.models.onnx.streaming import Streamed, is_streaming, stream
from engine.models.opening import Opened
from engine.models.weights import Array
from engine.sequences import Sequence, Signal
from engine.sequences import read as read_sequence
from engine.sequences.readers.wav import rate_of

SUFFIX = ".onnx"
SOUND = ".wav"
NOISE_RATE, NOISE_SECONDS = 16_000, 2
MOST_SAMPLES = 10_000_000


def opened(
    path: Path,
    sequence: Sequence | None = None,
    inputs: Path | None = None,
    prefix: str | None = None,
    *,
    chunk: int | None = None,
    context: int | None = None,
    every: bool = False,
    dtype: str | None = None,
) -> Opened:
    """The graph on the arrays or the sound in `inputs`, on the sound that is open, or on noise; in
    its own dtype or in another."""
    graph = graph_in(path)
    if inputs is not None and inputs.suffix.lower() != SOUND:
        return opened_graph(graph, path.name, arrays_in(inputs), prefix, dtype)
    if inputs is not None or (is_streaming(graph) and prefix is None):
        samples, rate, name = _sound(sequence, inputs)
        made = stream(graph, samples, rate, path.name, chunk=chunk, context=context, every=every)
        return opened_stream(graph, made, path.name, name)
    return opened_graph(graph, path.name, None, prefix, dtype)


def graph_in(path: Path) -> Graph:
    return read(files.load(path), path.name)


def streamed(
    graph: Graph, path: Path, sound: Path, chunk: int | None, context: int | None, every: bool
) -> Streamed:
    """A graph over the sound in a file."""
    samples, rate, _ = _sound(None, sound)
    return stream(graph, samples, rate, path.name, chunk=chunk, context=context, every=every)


def _sound(sequence: Sequence | None, path: Path | None) -> tuple[Array, int, str]:
    """Samples of the first channel, their rate, and what they are called."""
    if path is not None:
        sequence = read_sequence(path)
    signal = sequence.series[0] if sequence is not None and sequence.series else None
    if not isinstance(signal, Signal):
        rng = np.random.default_rng(0)
        noise = 0.02 * rng.standard_normal(NOISE_RATE * NOISE_SECONDS)
        return noise, NOISE_RATE, "noise"
    place = Path(signal.path)
    if signal.steps > MOST_SAMPLES:
        raise Unusable(
            f"{place.name} has {signal.steps:,} samples; a model is run on at most"
            f" {MOST_SAMPLES:,}: give a shorter part of it"
        )
    return signal[: signal.steps][:, 0], rate_of(place), place.name
