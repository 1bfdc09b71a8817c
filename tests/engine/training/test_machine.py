"""The plan that is run for every update: looked-up tokens are one-hot inputs multiplied out."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.experiment import Experiment
from engine.row_ops import row_sums, token_sums
from engine.sequences import Sequence
from engine.training.machine import Machine, can_look_up
from engine.training.streams import Stream
from engine.training.training import Training

LETTERS = "abcdefghijklmnopqrstuvwxyz "
TEXT = "".join(np.random.default_rng(0).choice(list(LETTERS), 4000))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "settings",
    [
        {"cell": "lstm"},
        {"cell": "gru", "layers": 2},
        {"cell": "gru", "reset": "before"},
        {"cell": "elman"},
        {"cell": "gated"},
        {"cell": "lstm", "truncation": 7},
        {"decoder": "feed-forward"},
    ],
    ids=str,
)
def test_tokens_looked_up_are_the_recorded_run(settings: dict[str, object], dtype: str) -> None:
    """Loss and every gradient, over more steps than a block of the loop has."""
    experiment = Experiment(hidden=40, dtype=dtype).changed(**settings)
    sequence = Sequence(kind="text", texts=(TEXT,), tokens="characters")
    training = Training(batches="stream", window=90, batch_size=24)
    stream = Stream(sequence, experiment, training)
    run = engine.run(stream.batch(0), experiment)
    machine = Machine(experiment, stream.first, run.recording.parameters, tokens=True)
    assert machine.looks_up
    machine.load(stream.draw(0))
    machine.run()
    within = 1e-12 if dtype == "float64" else 2e-4
    assert machine.loss()[0] == pytest.approx(run.recording.loss, rel=within)
    for name, gradient in run.recording.gradients.items():
        scale = np.abs(gradient).max()
        np.testing.assert_allclose(machine.gradients[name], gradient, atol=within * scale, rtol=0)


def test_sums_of_float32_rows_have_the_digits_of_their_terms() -> None:
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((100_003, 3)).astype(np.float32)
    rows -= rows.mean(0)  # nearly nothing is left
    exact = rows.sum(0, dtype=float)
    assert np.abs(row_sums(rows) - exact).max() < 1e-7 * np.abs(rows).sum(0).max()
    out = np.full(3, np.nan, np.float32)
    assert row_sums(rows[:5], out) is out
    np.testing.assert_array_equal(out, rows[:5].sum(0, dtype=float).astype(np.float32))


def test_sums_by_token_are_the_product() -> None:
    rng = np.random.default_rng(1)
    rows, tokens = rng.standard_normal((60, 5)), rng.integers(0, 7, (12, 5)) % 6
    wide = np.full((5, 9), np.nan)
    token_sums(rows, tokens, wide[:, 2:])
    np.testing.assert_allclose(wide[:, 2:], rows.T @ np.eye(7)[tokens.ravel()], atol=1e-12)
    assert np.isnan(wide[:, :2]).all()


def test_what_somebody_needs_as_numbers_is_not_looked_up() -> None:
    sequence = Sequence(kind="text", texts=(TEXT,), tokens="characters")
    for settings in ({"rule": "overwrite"}, {"arrangement": "per-layer"}):
        experiment = Experiment().changed(**settings)
        run = engine.run(Stream(sequence, experiment, Training(window=9)).first, experiment)
        assert not can_look_up(experiment, run.network)
