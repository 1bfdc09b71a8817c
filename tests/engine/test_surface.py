"""The surface against the engine's own recordings, and the cliff of truths.md 14."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.sequences import Batch
from engine.surface import losses, plane_of
from tests.engine.batches import batch, randomise, states

HALF = 1 / (1 + np.exp(-0.5))  # σ(½), where the state stays


def cliff(w=5.0, b=None, **settings):
    """x_t = wσ(x_{t−1}) + b is z_t; E = (σ(x50) − 0.7)² of truths.md; b: on its wall."""
    given = Batch(
        x=np.zeros((50, 1, 1)),
        start=np.zeros(1, np.int64),
        stop=np.full(1, 50),
        kind="regression",
        targets=np.full((50, 1, 1), 0.7),
        weights=np.eye(50)[:, -1:],
        readout="last",
        outputs=1,
    )
    parameters = {
        "W_hh": np.array([[w]]),
        "W_xh": np.zeros((1, 1)),
        "b": np.array([0.5 - w * HALF if b is None else b]),
        "V": np.ones((1, 1)),
        "c": np.zeros(1),
    }
    start = {"h0": np.array([[[HALF]]])}
    common = {"hidden": 1, "nonlinearity": "sigmoid", "readout": "last"}
    return engine.run(given, parameters=parameters, states=start, **common, **settings)


def test_on_the_wall_of_the_cliff():
    recording = cliff().recording
    plane = plane_of(recording.network)
    assert (plane.weight, plane.bias) == ("W_hh", "b")
    b = 0.5 - 5 * HALF
    (found,) = losses(recording, plane, np.array([5.0]), np.array([b]))
    assert found == pytest.approx(0.0060126, abs=5e-8)
    assert recording.gradients["b"][0] == pytest.approx(-661.68, abs=0.005)
    # the surface is so steep there that seven digits of b are not enough
    (rounded,) = losses(recording, plane, np.array([5.0]), np.array([round(b, 7)]))
    assert 0.003 < abs(rounded / found - 1) < 0.06


def test_the_surface_is_what_recordings_give():
    recording = cliff().recording
    plane = plane_of(recording.network)
    w, b = (a.ravel() for a in np.meshgrid(np.linspace(3, 7, 5), np.linspace(-4, -1, 4)))
    found = losses(recording, plane, w, b)
    expected = [cliff(*pair).recording.loss for pair in zip(w, b, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert found.max() / found.min() > 40


@pytest.mark.parametrize("kind", ["class", "regression"])
@pytest.mark.parametrize("readout", ["every", "last"])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "identity"])
def test_of_ragged_batches_and_other_losses(kind, readout, nonlinearity):
    rng = np.random.default_rng(1)
    given = batch(rng, sequences=3, kind=kind, readout=readout, ragged="both")
    setting = {"hidden": 1, "nonlinearity": nonlinearity, "readout": readout}
    parameters = randomise(rng, engine.run(given, **setting).recording.parameters)
    start = states(rng, 1, 3, 1, ("h0",))

    def record(changed):
        return engine.run(given, parameters=changed, states=start, **setting).recording

    recording = record(parameters)
    w, b = rng.normal(size=4), rng.normal(size=4)
    expected = [
        record(parameters | {"W_hh": np.array([[p]]), "b": np.array([q])}).loss
        for p, q in zip(w, b, strict=True)
    ]
    found = losses(recording, plane_of(recording.network), w, b)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": 2},
        {"hidden": 1, "layers": 2},
        {"hidden": 1, "cell": "lstm"},
        {"hidden": 1, "cell": "gated"},
        {"hidden": 1, "direction": "both"},
        {"hidden": 1, "arrangement": "attention"},
        {"hidden": 1, "arrangement": "padded"},
    ],
)
def test_no_other_network_has_the_two_numbers(settings):
    assert plane_of(engine.run("a b c", **settings).network) is None


def test_clipping_of_the_step_on_the_wall():
    """By norm the direction stays and the length is θ; by value every entry is cut alone."""
    free = cliff().recording.gradients
    norm = np.sqrt(sum(float(np.square(g).sum()) for g in free.values()))
    by_norm, by_value = cliff(clip="norm", clip_at=1.0), cliff(clip="value", clip_at=1.0)
    assert by_norm.clip_factor == pytest.approx(1 / norm, rel=1e-8)
    np.testing.assert_allclose(by_norm.clipped["b"], free["b"] / norm, rtol=1e-8)
    assert by_value.clipped["b"].tolist() == [-1.0] and by_value.clipped["W_hh"].tolist() == [[-1]]
    assert by_value.clipped["c"] == pytest.approx(free["c"])  # below the threshold: as it was
