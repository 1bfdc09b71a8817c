"""Deltas on demand: made when they are read, in any order, and then what they would have been."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.choices import CELL_CHOICES
from engine.recording import run_quietly
from tests.engine.batches import batch, fitting


def record(cell, deltas, **setting):
    given = batch(np.random.default_rng(1), ragged="end", sequences=2, **fitting(cell))
    return engine.run(given, cell=cell, hidden=3, deltas=deltas, **setting).recording


def numbers(recording):
    """Something to call for every delta and contribution, by where it stands."""
    found = {}
    for g, segment in enumerate(recording.network.segments):
        for k in range(len(segment.slots)):
            found[g, k] = lambda g=g, k=k: recording.delta(g, k)
            for use in recording.network.uses(g, k):
                found[use] = lambda use=use: recording.contribution(use)
    return found


@pytest.mark.parametrize("cell", CELL_CHOICES)
def test_the_order_of_asking_makes_no_difference(cell):
    whole = numbers(record(cell, "all", layers=2))
    for order in range(3):
        asked = numbers(record(cell, "joints", layers=2))
        names = list(asked)
        for name in (names[n] for n in np.random.default_rng(order).permutation(len(names))):
            np.testing.assert_allclose(asked[name](), whole[name](), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("cell", CELL_CHOICES)
def test_gradients_are_those_of_the_whole_recording(cell):
    whole, joints = record(cell, "all"), record(cell, "joints")
    for name, gradient in whole.gradients.items():
        np.testing.assert_allclose(joints.gradients[name], gradient, rtol=1e-12, atol=1e-15)


def test_only_what_is_asked_for_is_made():
    recording = record("lstm", "joints")
    work = recording.plan.workspace
    layer = recording.network.segments[0]
    waiting, held = set(work.waiting), set(work.arrays)
    (from_z,) = recording.network.uses(0, layer.index("x"))
    assert ("c", from_z) in waiting and ("c", from_z) not in held
    recording.delta(0, layer.index("i"))
    (of_i,) = waiting - work.waiting
    assert set(work.arrays) - held == {of_i}
    recording.delta(0, layer.index("x"))
    assert ("c", from_z) not in work.waiting


def test_everything_recorded_leaves_nothing_to_wait_for():
    recording = record("lstm", "all")
    assert not recording.plan.workspace.waiting
    assert "def later" not in recording.source
    assert "def later" in record("lstm", "joints").source


def test_a_second_backward_makes_them_anew():
    recording = record("gru", "joints")
    layer = recording.network.segments[0]
    before = np.array(recording.delta(0, layer.index("x")))
    recording.plan.workspace.rows(("d", *recording.loss_slots[0]))[...] *= 2
    run_quietly(recording.plan.backward)
    np.testing.assert_allclose(
        recording.plan.workspace.rows(("d", 0, layer.index("x")))
        * recording.inside_of(0)[..., None],
        2 * before,
    )
