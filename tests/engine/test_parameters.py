"""Rules of the parameters: accumulate or overwrite, zeroing, clipping, how they start."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.choices import CELL_CHOICES
from engine.experiment import Experiment
from engine.parameters import largest_singular_value, spectral_radius, square
from engine.sequences import Batch
from tests.engine.batches import batch, fitting, randomise

SENTENCE = "I think therefore I am"


def power(steps: int, w: float, x0: float, rule: str):
    """x_T = wᵀ x₀ as a linear Elman cell, ℒ with ∂ℒ/∂x_T = 1; its recording."""
    end = w**steps * x0
    given = Batch(
        x=np.zeros((steps, 1, 1)),
        start=np.zeros(1, np.int64),
        stop=np.full(1, steps),
        kind="regression",
        targets=np.full((steps, 1, 1), end - 0.5),
        weights=np.eye(steps)[:, -1:],
        readout="last",
        outputs=1,
    )
    one, nought = np.ones((1, 1)), np.zeros((1, 1))
    return engine.run(
        given,
        cell="elman",
        nonlinearity="identity",
        hidden=1,
        readout="last",
        rule=rule,
        parameters={"W_hh": w * one, "W_xh": nought, "b": np.zeros(1), "V": one, "c": np.zeros(1)},
        states={"h0": np.full((1, 1, 1), x0)},
    ).recording


@pytest.mark.parametrize(("steps", "w", "x0"), [(1, 0.9, 2.0), (5, 0.9, 2.0), (10, 1.5, -0.3)])
def test_a_power_of_one_weight(steps, w, x0):
    assert power(steps, w, x0, "accumulate").gradients["W_hh"][0, 0] == pytest.approx(
        steps * x0 * w ** (steps - 1), rel=1e-12
    )
    assert power(steps, w, x0, "overwrite").gradients["W_hh"][0, 0] == pytest.approx(
        w ** (steps - 1) * x0, rel=1e-12
    )


@pytest.mark.parametrize("sequence", [SENTENCE, "a b"])
def test_overwritten_recurrent_gradient_is_exactly_0_when_h0_is_0(sequence):
    recording = engine.run(sequence, cell="elman", rule="overwrite").recording
    assert not recording.gradients["W_hh"].any()
    assert recording.true_gradients["W_hh"].any()
    assert recording.gradients["W_xh"].any()


@pytest.mark.parametrize("cell", CELL_CHOICES)
def test_overwrite_leaves_the_term_of_the_step_visited_last(cell):
    rng = np.random.default_rng(0)
    recording = engine.run(
        batch(rng, **fitting(cell)), cell=cell, layers=2, rule="overwrite"
    ).recording
    for name, gradient in recording.gradients.items():
        np.testing.assert_array_equal(gradient, recording.parameter_term(name, 0))


@pytest.mark.parametrize("cell", CELL_CHOICES)
def test_parameters_used_once_do_not_care_for_the_rule(cell):
    rng = np.random.default_rng(0)
    one_step = batch(rng, steps=1, **fitting(cell))
    last = batch(rng, readout="last", ragged="end", **fitting(cell))
    for given, names in ((one_step, None), (last, ("V", "c"))):
        setting = {"cell": cell, "readout": given.readout}
        added = engine.run(given, rule="accumulate", **setting).recording.gradients
        replaced = engine.run(given, rule="overwrite", **setting).recording.gradients
        for name in names or added:
            np.testing.assert_allclose(replaced[name], added[name], rtol=1e-14, atol=1e-17)


def test_without_zeroing_the_gradient_before_is_still_there():
    first = engine.run(SENTENCE).recording.gradients
    twice = engine.run(SENTENCE, zeroing=False).recording
    for name, gradient in first.items():
        np.testing.assert_array_equal(twice.gradients[name], 2 * gradient)
    again = engine.run(SENTENCE, zeroing=False, previous=first).recording
    for name, gradient in first.items():
        np.testing.assert_array_equal(again.gradients[name], gradient + gradient)
        np.testing.assert_array_equal(again.true_gradients[name], gradient)
    zeroed = engine.run(SENTENCE, zeroing=True, previous=first).recording
    np.testing.assert_array_equal(zeroed.gradients["W_hh"], first["W_hh"])


def test_clipping_by_norm():
    free = engine.run(SENTENCE)
    norm = free.gradient_norm
    assert norm == pytest.approx(
        np.sqrt(sum((g**2).sum() for g in free.recording.gradients.values())), rel=1e-14
    )
    assert free.clip_factor == 1.0
    clipped = engine.run(SENTENCE, clip="norm", clip_at=norm / 2)
    assert clipped.clip_factor == pytest.approx(0.5, rel=1e-5)
    assert clipped.clip_factor == (norm / 2) / (norm + 1e-6)
    for name, gradient in free.recording.gradients.items():
        np.testing.assert_allclose(
            clipped.clipped[name], gradient * clipped.clip_factor, rtol=1e-15
        )
        np.testing.assert_array_equal(clipped.recording.gradients[name], gradient)
    assert engine.run(SENTENCE, clip="norm", clip_at=norm * 2).clip_factor == 1.0


def test_clipping_by_value():
    free = engine.run(SENTENCE).recording.gradients
    clipped = engine.run(SENTENCE, clip="value", clip_at=0.01).clipped
    for name, gradient in free.items():
        np.testing.assert_array_equal(clipped[name], np.clip(gradient, -0.01, 0.01))


def test_glorot_and_biases():
    parameters = engine.run(SENTENCE, cell="lstm", hidden=8).recording.parameters
    inputs = parameters["W"].shape[1] - 8
    recurrent, fed = parameters["W"][:, :8], parameters["W"][:, 8:]
    assert np.abs(recurrent).max() <= np.sqrt(6 / 16)
    assert 0.8 * np.sqrt(6 / 16) < np.abs(recurrent).max()
    assert 0.7 * np.sqrt(6 / (8 + inputs)) < np.abs(fed).max() <= np.sqrt(6 / (8 + inputs))
    assert not parameters["b"].any()
    assert not parameters["c"].any()


@pytest.mark.parametrize(("cell", "name", "block"), [
    ("gated", "b", slice(0, 8)),
    ("lstm", "b", slice(0, 8)),
    ("lecture-gru", "b", slice(0, 8)),
    ("gru", "b_x", slice(8, 16)),
])  # fmt: skip
def test_gate_bias_is_in_the_gate_that_remembers(cell, name, block):
    bias = engine.run(SENTENCE, cell=cell, hidden=8, forget_bias=3).recording.parameters[name]
    assert (bias[block] == 3).all()
    assert bias.sum() == 24


def recurrent_blocks(cell, **settings):
    """The square recurrent blocks of a cell, one a gate."""
    parameters = engine.run(SENTENCE, cell=cell, hidden=12, **settings).recording.parameters
    name = {"elman": "W_hh", "gru": "W_h"}.get(cell, "W")
    return np.split(parameters[name][:, :12], len(parameters[name]) // 12)


@pytest.mark.parametrize("cell", ["elman", "lstm", "lecture-gru", "gru"])
@pytest.mark.parametrize("reset", ["after", "before"])
def test_recurrent_matrices_start_as_asked(cell, reset):
    for w in recurrent_blocks(cell, reset=reset, initialisation="orthogonal"):
        np.testing.assert_allclose(w @ w.T, np.eye(12), atol=1e-14)
    for w in recurrent_blocks(cell, reset=reset, initialisation="orthogonal", gain=0.5):
        np.testing.assert_allclose(w @ w.T, 0.25 * np.eye(12), atol=1e-14)
    for w in recurrent_blocks(cell, reset=reset, initialisation="identity"):
        np.testing.assert_array_equal(w, np.eye(12))
    for w in recurrent_blocks(cell, reset=reset, initialisation="gaussian", radius=0.9):
        assert spectral_radius(w) == pytest.approx(0.9, rel=1e-12)
    for w in recurrent_blocks(cell, reset=reset, initialisation="glorot", sigma=1.3):
        assert largest_singular_value(w) == pytest.approx(1.3, rel=1e-12)


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.5])
def test_gaussian_of_scale_g(gain):
    experiment = Experiment(initialisation="gaussian", gain=gain)
    w = square(experiment, np.random.default_rng(0), 600)
    assert w.std() == pytest.approx(gain / np.sqrt(600), rel=0.01)
    assert spectral_radius(w) == pytest.approx(gain, rel=0.06)
    assert largest_singular_value(w) == pytest.approx(2 * gain, rel=0.03)


def test_seeds_differ_and_given_parameters_are_taken():
    one, two = (engine.run(SENTENCE, seed=s).recording.parameters for s in (1, 2))
    assert (one["W_hh"] != two["W_hh"]).all()
    mine = randomise(np.random.default_rng(0), one)
    taken = engine.run(SENTENCE, parameters=mine).recording.parameters
    for name, array in mine.items():
        np.testing.assert_array_equal(taken[name], array)
    with pytest.raises(engine.Unusable, match=r"^parameter W_hh is missing; it needs shape"):
        engine.run(SENTENCE, parameters={"b": mine["b"]})
    with pytest.raises(engine.Unusable, match=r"^W_hh is \(2, 2\); this network needs \(8, 8\)$"):
        engine.run(SENTENCE, parameters=mine | {"W_hh": np.zeros((2, 2))})
