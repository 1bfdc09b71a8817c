"""Steps in blocks: however many steps a block has, the numbers are those of one block for all."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import workspace
from engine.choices import CELL_CHOICES
from tests.engine.batches import batch, fitting


def record(cell, deltas, ragged, **setting):
    rng = np.random.default_rng(2)
    given = batch(rng, steps=7, ragged=ragged, sequences=3, **fitting(cell))
    return engine.run(given, cell=cell, hidden=3, deltas=deltas, **setting).recording


def assert_same(one, other):
    for g, segment in enumerate(one.network.segments):
        for k in range(len(segment.slots)):
            np.testing.assert_allclose(one.value(g, k), other.value(g, k), rtol=1e-12)
            np.testing.assert_allclose(one.delta(g, k), other.delta(g, k), rtol=1e-11, atol=1e-15)
            for use in one.network.uses(g, k):
                sent = one.contribution(use), other.contribution(use)
                np.testing.assert_allclose(*sent, rtol=1e-11, atol=1e-15)
    for name, gradient in one.gradients.items():
        np.testing.assert_allclose(gradient, other.gradients[name], rtol=1e-11, atol=1e-15)


def sizes(recording):
    return set(recording.plan.workspace._sizes.values())


@pytest.mark.parametrize("cell", CELL_CHOICES)
@pytest.mark.parametrize(
    ("deltas", "setting"),
    [("all", {"direction": "both"}), ("joints", {"layers": 2}), ("all", {"truncation": 3})],
)
@pytest.mark.parametrize("ragged", ["no", "both"])
@pytest.mark.parametrize("most", [1, 3])
def test_blocks_of_few_steps_are_no_other_recording(
    cell, deltas, setting, ragged, most, monkeypatch
):
    whole = record(cell, deltas, ragged, **setting)
    assert min(sizes(whole)) >= 7
    monkeypatch.setattr(workspace, "BLOCK", most)
    assert_same(record(cell, deltas, ragged, **setting), whole)
    monkeypatch.setattr(workspace, "WHOLE", 0)  # views made only when the loop comes to them
    late = record(cell, deltas, ragged, **setting)
    assert sizes(late) == {most}
    assert_same(late, whole)


def test_a_factor_has_room_for_one_block(monkeypatch):
    monkeypatch.setattr(workspace, "BLOCK", 2)
    arrays = record("lstm", "joints", "no").plan.workspace.arrays
    assert {len(array) for key, array in arrays.items() if key[0] == "k"} == {2}
    assert {len(array) for key, array in arrays.items() if key[0] == "gates"} == {7}
