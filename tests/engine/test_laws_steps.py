"""Laws that hold for arrangements which read many steps at once (truths §4)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.check import check_run
from engine.errors import Unusable
from engine.measures import loss_table, loss_vectors
from engine.norms import step_norms
from tests.engine.batches import batch, randomise

CHOICES = ("attention", "padded", "temporal-convolution")
arrangements = st.sampled_from(CHOICES)
sizes = st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(1, 4), st.integers(1, 3))
raggeds = st.sampled_from(["no", "end", "both"])
readouts = st.sampled_from(["every", "last"])
seeds = st.integers(0, 10_000)
few = settings(max_examples=40, deadline=None, derandomize=True)


def record(arrangement, size, ragged, readout, seed, **more):
    """A run on random numbers, and what it was made from."""
    steps, sequences, hidden, layers = size
    rng = np.random.default_rng(seed)
    ragged = ragged if steps > 3 else "no"
    given = batch(rng, steps=steps, sequences=sequences, readout=readout, ragged=ragged)
    setting = {"arrangement": arrangement, "hidden": hidden, "layers": layers, "readout": readout}
    setting |= {"taps": 3, "dilation": 2, **more}
    parameters = randomise(rng, engine.run(given, **setting).recording.parameters)
    return engine.run(given, parameters=parameters, **setting), given, parameters, setting


def places(recording):
    return [
        (g, k)
        for g, segment in enumerate(recording.network.segments)
        for k in range(len(segment.slots))
    ]


@few
@given(arrangements, sizes, raggeds, readouts, seeds)
def test_contributions_and_terms_sum(arrangement, size, ragged, readout, seed):
    recording = record(arrangement, size, ragged, readout, seed)[0].recording
    for g, k in places(recording):
        if recording.network.slot(g, k).role == "loss":
            continue
        total = np.zeros_like(recording.delta(g, k))
        for use in recording.network.uses(g, k):
            total += recording.contribution(use)
        np.testing.assert_allclose(total, recording.delta(g, k), rtol=1e-13, atol=1e-15)
    for name, gradient in recording.gradients.items():
        steps = len(recording.parameter_term_norms(name))
        terms = np.sum([recording.parameter_term(name, t) for t in range(steps)], 0)
        np.testing.assert_allclose(terms, gradient, rtol=1e-12, atol=1e-14)


@few
@given(arrangements, sizes, raggeds, readouts, seeds)
def test_vectors_of_the_table_sum_to_the_delta(arrangement, size, ragged, readout, seed):
    recording = record(arrangement, size, ragged, readout, seed)[0].recording
    vectors = [loss_vectors(recording, loss, 0, 0) for loss in range(recording.steps)]
    for loss, vector in enumerate(vectors):
        assert not vector[loss + 1 :].any()
    np.testing.assert_allclose(np.sum(vectors, 0), recording.delta(0, 0), rtol=1e-12, atol=1e-14)
    table = loss_table(recording, 0, 0)
    np.testing.assert_allclose(table, [step_norms(v) for v in vectors], rtol=1e-12, atol=1e-15)


@few
@given(st.sampled_from(["attention", "temporal-convolution"]), sizes, raggeds, seeds)
def test_what_is_a_steps_own_is_its_own_row_of_the_table(arrangement, size, ragged, seed):
    recording = record(arrangement, size, ragged, "every", seed)[0].recording
    for g, k in places(recording):
        own = recording.own_deltas(g, k)
        for t in range(recording.steps):
            row = loss_vectors(recording, t, g, k)[t]
            np.testing.assert_allclose(own[t], row, rtol=1e-12, atol=1e-14)


@few
@given(arrangements, sizes, raggeds, readouts, seeds)
def test_permuting_the_batch_permutes_everything(arrangement, size, ragged, readout, seed):
    run, given_, parameters, setting = record(arrangement, size, ragged, readout, seed)
    order = np.random.default_rng(seed).permutation(size[1])
    columns = {name: getattr(given_, name)[:, order] for name in ("x", "targets", "weights")}
    ends = {name: getattr(given_, name)[order] for name in ("start", "stop")}
    turned = engine.run(
        replace(given_, **columns, **ends), parameters=parameters, **setting
    ).recording
    for place in places(run.recording):
        expected = run.recording.delta(*place)[:, order]
        np.testing.assert_allclose(turned.delta(*place), expected, rtol=1e-11, atol=1e-14)
    for name, gradient in run.recording.gradients.items():
        np.testing.assert_allclose(turned.gradients[name], gradient, rtol=1e-11, atol=1e-13)


@few
@given(arrangements, sizes, raggeds, readouts, seeds)
def test_doubling_the_loss_doubles_every_delta(arrangement, size, ragged, readout, seed):
    run, given_, parameters, setting = record(arrangement, size, ragged, readout, seed)
    double = np.full((size[0], 1), 2.0)
    twice = engine.run(given_, parameters=parameters, loss_weights=double, **setting).recording
    for place in places(run.recording):
        np.testing.assert_array_equal(twice.delta(*place), 2 * run.recording.delta(*place))


@pytest.mark.parametrize("readout", ["every", "last"])
@pytest.mark.parametrize("arrangement", ["attention", "temporal-convolution"])
def test_a_ragged_batch_is_its_sequences_run_alone(arrangement, readout):
    run, given_, parameters, setting = record(arrangement, (6, 3, 3, 2), "end", readout, 1)
    total = 0.0
    for b, stop in enumerate(given_.stop):
        rows, columns = slice(0, stop), slice(b, b + 1)
        arrays = {n: getattr(given_, n)[rows, columns] for n in ("x", "targets", "weights")}
        ends = {n: getattr(given_, n)[columns] for n in ("start", "stop")}
        alone = engine.run(replace(given_, **arrays, **ends), parameters=parameters, **setting)
        total += alone.recording.loss / 3
        for g, segment in enumerate(run.network.segments):
            if segment.steps > 1:
                for k in range(len(segment.slots)):
                    mine = alone.recording.delta(g, k)[:, 0] / 3
                    found = run.recording.delta(g, k)[rows, b]
                    np.testing.assert_allclose(found, mine, rtol=1e-12, atol=1e-14)
    assert run.recording.loss == pytest.approx(total, rel=1e-13)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("arrangement", CHOICES)
def test_single_precision_agrees_and_large_logits_stay_finite(arrangement, layers):
    setting = {"arrangement": arrangement, "layers": layers}
    double = engine.run("I think therefore I am", **setting).recording
    single = engine.run("I think therefore I am", dtype="float32", **setting).recording
    assert single.loss == pytest.approx(double.loss, rel=1e-5)
    for name, gradient in double.gradients.items():
        np.testing.assert_allclose(single.gradients[name], gradient, rtol=0, atol=1e-4)
    large = {name: 1e4 * p for name, p in double.parameters.items()}
    run = engine.run("I think therefore I am", parameters=large, **setting).recording
    assert np.isfinite(run.loss)
    assert all(np.isfinite(g).all() for g in run.gradients.values())


@pytest.mark.parametrize("readout", ["every", "last"])
@pytest.mark.parametrize("arrangement", CHOICES)
def test_check_agrees_on_ragged_batches(arrangement, readout):
    run = record(arrangement, (5, 3, 2, 2), "both", readout, 0)[0]
    rows = check_run(run)
    names = {row.name for row in rows}
    assert {f"parameter {n}" for n in run.recording.parameters} <= names
    assert {"op attention", "op flatten"} <= names
    for row in rows:
        assert (row.ok and row.method != "differences") or row.name.startswith("op "), row


def test_more_pairs_of_steps_than_can_be_held_are_refused():
    rng = np.random.default_rng(0)
    given_ = batch(rng, steps=30_000, sequences=1)
    with pytest.raises(Unusable, match="at most 4 GB are allowed"):
        engine.run(given_, arrangement="attention")


def test_padded_columns_grow_with_the_longest_sequence_and_padding_gets_no_gradient():
    rng = np.random.default_rng(0)
    given_ = replace(batch(rng, steps=6, sequences=2, ragged="no"), stop=np.array([2, 4]))
    given_ = replace(given_, x=given_.x * (np.arange(6)[:, None] < given_.stop)[..., None])
    run = engine.run(given_, arrangement="padded", hidden=3).recording
    gradient = run.gradients["W"].reshape(3, 6, 2)
    assert gradient[:, :4].all()
    assert not gradient[:, 4:].any()


def test_every_tap_of_a_convolution_starts_apart():
    run = engine.run("I think therefore I am", arrangement="temporal-convolution", taps=3, layers=2)
    for name, inputs in (("W^1", 5), ("W^2", 8)):
        taps = np.split(run.recording.parameters[name], 3, axis=1)
        assert all(tap.shape == (8, inputs) for tap in taps)
        assert not any(np.array_equal(taps[0], tap) for tap in taps[1:])
        limit = np.sqrt(6 / (8 + 3 * inputs))
        largest = np.abs(run.recording.parameters[name]).max()
        assert 0.8 * limit < largest <= limit
