"""Laws that hold for every cell (truths §4), on random numbers."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.choices import CELL_CHOICES, VECTOR_CELLS
from engine.measures import loss_vectors
from tests.engine.batches import (
    batch,
    fitting,
    randomise,
    state_names,
    state_width,
    states,
)

cells = st.sampled_from(CELL_CHOICES)
sizes = st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(1, 4), st.integers(1, 2))
kinds = st.sampled_from(["class", "regression"])
readouts = st.sampled_from(["every", "last"])
raggeds = st.sampled_from(["no", "end", "both"])
seeds = st.integers(0, 10_000)
few = settings(max_examples=40, deadline=None, derandomize=True)


def record(cell, size, kind, readout, ragged, seed, **more):
    """A run on random numbers; also what it was made from."""
    steps, sequences, hidden, layers = size
    rng = np.random.default_rng(seed)
    ragged = ragged if steps > 3 else "no"
    given = batch(
        rng,
        steps=steps,
        sequences=sequences,
        kind=kind,
        readout=readout,
        ragged=ragged,
        **fitting(cell),
    )
    initial = states(rng, layers, sequences, state_width(cell, hidden), state_names(cell))
    setting = {"cell": cell, "hidden": hidden, "layers": layers, "readout": readout} | more
    parameters = randomise(rng, engine.run(given, **setting).recording.parameters)
    run = engine.run(given, parameters=parameters, states=initial, **setting)
    return run, given, parameters, initial, setting


def everything(recording):
    """Every delta of the recording, by place."""
    return {
        (g, k): recording.delta(g, k)
        for g, segment in enumerate(recording.network.segments)
        for k in range(len(segment.slots))
    }


@few
@given(cells, sizes, kinds, readouts, raggeds, seeds)
def test_contributions_sum_to_the_delta(cell, size, kind, readout, ragged, seed):
    recording = record(cell, size, kind, readout, ragged, seed)[0].recording
    for (g, k), delta in everything(recording).items():
        slot = recording.network.slot(g, k)
        total = np.zeros_like(delta)
        for use in recording.network.uses(g, k):
            total[..., slice(*use.part) if use.part else slice(None)] += recording.contribution(use)
        if slot.role == "loss":
            offset = recording.network.segments[g].offset
            total[..., 0] = recording.loss_weights[offset:]
        np.testing.assert_allclose(total, delta, rtol=1e-13, atol=1e-15)


@few
@given(cells, sizes, kinds, readouts, raggeds, seeds)
def test_terms_sum_to_the_gradient(cell, size, kind, readout, ragged, seed):
    recording = record(cell, size, kind, readout, ragged, seed)[0].recording
    for name, gradient in recording.gradients.items():
        norms = recording.parameter_term_norms(name)
        terms = [recording.parameter_term(name, t) for t in range(len(norms))]
        np.testing.assert_allclose(np.sum(terms, 0), gradient, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(norms, [np.linalg.norm(t) for t in terms], rtol=1e-7, atol=1e-9)


@few
@given(cells, sizes, kinds, readouts, raggeds, seeds)
def test_vectors_of_the_table_sum_to_the_delta(cell, size, kind, readout, ragged, seed):
    recording = record(cell, size, kind, readout, ragged, seed)[0].recording
    for g, segment in enumerate(recording.network.segments[:-1]):
        k = len(segment.slots) - 1
        vectors = [loss_vectors(recording, loss, g, k) for loss in range(recording.steps)]
        for loss, vector in enumerate(vectors):
            assert not vector[loss + 1 :].any()
        np.testing.assert_allclose(
            np.sum(vectors, 0), recording.delta(g, k), rtol=1e-12, atol=1e-14
        )


@few
@given(cells, sizes, kinds, readouts, raggeds, seeds)
def test_permuting_the_batch_permutes_everything(cell, size, kind, readout, ragged, seed):
    run, given_, parameters, initial, setting = record(cell, size, kind, readout, ragged, seed)
    order = np.random.default_rng(seed).permutation(size[1])
    turned = engine.run(
        _permuted(given_, order),
        parameters=parameters,
        states={n: s[:, order] for n, s in initial.items()},
        **setting,
    )
    np.testing.assert_allclose(turned.recording.loss, run.recording.loss, rtol=1e-13)
    theirs = everything(turned.recording)
    for place, delta in everything(run.recording).items():
        np.testing.assert_allclose(theirs[place], delta[:, order], rtol=1e-11, atol=1e-14)
    for name, gradient in run.recording.gradients.items():
        found = turned.recording.gradients[name]
        np.testing.assert_allclose(found, gradient, rtol=1e-11, atol=1e-13)


def _permuted(given_, order):
    arrays = {n: getattr(given_, n)[:, order] for n in ("x", "targets", "weights")}
    return replace(given_, start=given_.start[order], stop=given_.stop[order], **arrays)


@few
@given(cells, sizes, kinds, readouts, raggeds, seeds)
def test_doubling_the_loss_doubles_every_delta(cell, size, kind, readout, ragged, seed):
    run, given_, parameters, initial, setting = record(cell, size, kind, readout, ragged, seed)
    twice = engine.run(
        given_,
        parameters=parameters,
        states=initial,
        loss_weights=np.full((size[0], 1), 2.0),
        **setting,
    )
    assert twice.recording.loss == 2 * run.recording.loss
    theirs = everything(twice.recording)
    for place, delta in everything(run.recording).items():
        np.testing.assert_array_equal(theirs[place], 2 * delta)


@few
@given(cells, kinds, readouts, seeds)
def test_padding_is_invisible(cell, kind, readout, seed):
    size = (6, 3, 3, 2)
    run, given_, parameters, initial, setting = record(cell, size, kind, readout, "both", seed)
    t = np.arange(6)[:, None]
    inside = ((t >= given_.start) & (t < given_.stop))[..., None]
    x = np.where(inside, given_.x, (1e3, np.nan, np.inf)[seed % 3])
    other = engine.run(given_, parameters=parameters, states=initial, inputs=x, **setting)
    assert other.recording.loss == run.recording.loss
    theirs = everything(other.recording)
    for place, delta in everything(run.recording).items():
        np.testing.assert_array_equal(theirs[place], delta)
    for name, gradient in run.recording.gradients.items():
        np.testing.assert_array_equal(other.recording.gradients[name], gradient)


@few
@given(cells, sizes, kinds, readouts, raggeds, seeds)
def test_float32_agrees_with_float64(cell, size, kind, readout, ragged, seed):
    _, given_, parameters, initial, setting = record(cell, size, kind, readout, ragged, seed)
    calm = {n: p * 0.5 for n, p in parameters.items()}
    exact = engine.run(given_, parameters=calm, states=initial, **setting).recording
    small = {**setting, "dtype": "float32"}
    single = engine.run(given_, parameters=calm, states=initial, **small).recording
    assert single.delta(0, 0).dtype == np.float32
    assert single.loss == pytest.approx(exact.loss, rel=1e-4, abs=1e-5)
    for name, gradient in exact.gradients.items():
        scale = max(np.abs(gradient).max(), 1e-3)
        assert np.abs(single.gradients[name] - gradient).max() < 1e-4 * scale


@pytest.mark.parametrize("cell", CELL_CHOICES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_extreme_logits_give_no_nan_and_no_warning(cell, dtype):
    rng = np.random.default_rng(0)
    given_ = batch(rng, steps=6, sequences=2, **fitting(cell))
    setting = {"cell": cell, "hidden": 3, "dtype": dtype}
    shapes = engine.run(given_, **setting).recording.parameters
    parameters = {n: 1e4 * np.sign(p) for n, p in randomise(rng, shapes).items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        recording = engine.run(given_, parameters=parameters, **setting).recording
    assert np.isfinite(recording.loss)
    assert np.abs(recording.value(1, 0)).max() >= 1e3
    for place, delta in everything(recording).items():
        assert np.isfinite(delta).all(), place
        assert np.isfinite(recording.value(*place)).all(), place
    assert all(np.isfinite(g).all() for g in recording.gradients.values())


@pytest.mark.parametrize("cell", CELL_CHOICES)
@pytest.mark.parametrize("size", [(1, 1, 1, 1), (5000, 1, 1, 1), (5000, 2, 2, 2)])
def test_smallest_and_long(cell, size):
    recording = record(cell, size, "class", "every", "no", 1)[0].recording
    assert recording.value(0, 0).shape[0] == size[0]
    assert np.isfinite(recording.loss)
    assert all(np.isfinite(d).all() for d in everything(recording).values())


def test_a_hundred_thousand_steps_need_no_recursion():
    recording = record("elman", (100_000, 1, 1, 1), "regression", "every", "no", 1)[0].recording
    assert recording.nodes == 5 * 100_000
    assert np.isfinite(recording.delta(0, 1)).all()


@pytest.mark.parametrize("cell", VECTOR_CELLS)
def test_same_seed_same_numbers(cell):
    one = engine.run("I think therefore I am", cell=cell).recording
    two = engine.run("I think therefore I am", cell=cell).recording
    assert one.loss == two.loss
    for name, gradient in one.gradients.items():
        np.testing.assert_array_equal(two.gradients[name], gradient)


def test_float32_keeps_its_digits_over_many_steps():
    """Terms of a bias nearly cancel where one letter is frequent, and add all the more rounding."""
    letters = np.random.default_rng(0).choice(3, 40_000, p=(0.84, 0.08, 0.08))
    text = engine.typed("".join(map("abc".__getitem__, letters)), "characters")
    exact = engine.run(text, hidden=2).recording
    single = engine.run(text, hidden=2, dtype="float32").recording
    assert single.loss == pytest.approx(exact.loss, rel=1e-6)
    for name, gradient in exact.gradients.items():
        difference = np.abs(single.gradients[name] - gradient).max()
        within = 1e-6 if name in ("b", "c") else 1e-4
        assert difference < within * np.abs(gradient).max(), name
