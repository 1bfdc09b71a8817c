"""A detector over a sound, piece by piece: as onnxruntime runs it, and as one chain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import Unusable
from engine.models.onnx import running
from engine.models.onnx.graph import Graph, read
from engine.models.onnx.streaming import fed_back, is_streaming, stream
from engine.sequences import Signal
from engine.sequences import read as read_sequence
from engine.sequences.readers.wav import rate_of

FOLDER = Path(__file__).parents[1] / "reference" / "onnx"
WAV = FOLDER / "speech.wav"
WANTED = dict(np.load(FOLDER / "detector.npz"))


@pytest.fixture(scope="module")
def graph() -> Graph:
    return read((FOLDER / "detector.onnx").read_bytes(), "detector.onnx")


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    signal = read_sequence(WAV).series[0]
    assert isinstance(signal, Signal)
    return signal[: signal.steps][:, 0]


def test_it_gives_what_onnxruntime_gives(graph: Graph, samples: np.ndarray) -> None:
    found = stream(graph, samples, rate_of(WAV), "detector.onnx")
    assert is_streaming(graph) and fed_back(graph) == {"state": "stateN"}
    for name, wanted in WANTED.items():
        np.testing.assert_allclose(found.outputs[name], wanted, rtol=0, atol=1e-5)
    assert found.apart < 1e-5 and found.run.recording.steps == len(WANTED["output"]) == 12


@pytest.mark.parametrize("every", [False, True])
def test_its_gradients_are_those_of_the_graph(
    graph: Graph, samples: np.ndarray, every: bool
) -> None:
    """∂(Σ output)/∂h₀ against differences of the graph run piece by piece."""
    found = stream(graph, samples, 8000, "d", every=every, dtype="float64")
    delta = found.run.recording.initial_deltas["h0"][0, 0]
    state = np.zeros((2, 1, 5))

    def total(by: float) -> float:
        moved = state.copy()
        moved[0, 0, 2] += by
        rows = []
        for k in range(12):
            piece = np.zeros(288)
            low, high = max(k * 256 - 32, 0), min((k + 1) * 256, len(samples))
            begin = low - (k * 256 - 32)
            piece[begin : begin + high - low] = samples[low:high].astype(np.float32)
            given = {"input": piece[None], "state": moved, "sr": np.array(8000)}
            tensors = running.forward(graph, given, "float64", "d").tensors
            moved = tensors["stateN"]
            rows.append(float(tensors["output"].sum()))
        return sum(rows) if every else rows[-1]

    slope = (total(1e-5) - total(-1e-5)) / 2e-5
    np.testing.assert_allclose(delta[2], slope, rtol=1e-5, atol=1e-9)


def test_what_cannot_be_followed_through_a_sound(graph: Graph, samples: np.ndarray) -> None:
    with pytest.raises(Unusable) as caught:
        stream(graph, samples, 44100, "d")
    assert str(caught.value) == (
        "the sound has 44,100 samples a second; 8000 and 16000 are known: give --chunk and"
        " --context, or resample it"
    )
    with pytest.raises(Unusable) as caught:
        stream(graph, samples, 8000, "d", chunk=1)
    assert "make 2,972 pieces of 1" in str(caught.value)
