"""Generated tasks: what they ask, what knowing nothing costs, and who solves them."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.experiment import Experiment
from engine.sequences import sample
from engine.sequences.generated import GENERATED, Generated, as_sequence, drawn
from engine.training.trainer import Trainer, train
from engine.training.training import Training

TASKS = list(GENERATED.values())


@pytest.mark.parametrize("task", TASKS, ids=list(GENERATED))
def test_a_task_is_a_sequence_like_any_other(task: Generated) -> None:
    """What is drawn and what is encoded from the sequence are the same numbers."""
    steps = max(task.shortest, 24)
    x, targets = task.draw(np.random.default_rng(3), 5, steps)
    experiment = Experiment().changed(**task.settings)
    batch = engine.door.batch_of(as_sequence(task, x, targets), experiment)
    np.testing.assert_array_equal(batch.x, x)
    np.testing.assert_array_equal(batch.targets, targets)
    assert batch.outputs == len(task.outputs)
    assert engine.run(drawn(task.id, steps), experiment).recording.has_gradients


@pytest.mark.parametrize("task", TASKS, ids=list(GENERATED))
def test_same_seed_same_sequences_and_fresh_ones(task: Generated) -> None:
    trainer = Trainer(task.id, None, Training(length=30, batch_size=3))
    draws = [trainer.batches.draw(n).x for n in (0, 0, 1)]
    assert draws[0] is not None and draws[1] is not None and draws[2] is not None
    np.testing.assert_array_equal(draws[0], draws[1])
    assert (draws[0] != draws[2]).any()


def test_baselines_are_those_of_the_truths() -> None:
    assert GENERATED["adding"].baseline(50) == 1 / 6
    copy = GENERATED["copy-memory"].baseline
    for delay, cost in ((100, 0.17329), (500, 0.03999), (1000, 0.02039)):
        assert copy(delay + 20) == pytest.approx(cost, abs=5e-6)
    assert GENERATED["parity"].baseline(10) == math.log(2)


def test_baselines_are_what_they_say() -> None:
    rng = np.random.default_rng(0)
    _, total = GENERATED["adding"].draw(rng, 20_000, 10)
    assert np.square(total[-1] - 1).mean() == pytest.approx(1 / 6, rel=0.03)
    _, y = GENERATED["sine"].draw(rng, 2000, 60)
    assert np.square(y).mean() == pytest.approx(GENERATED["sine"].baseline(60), rel=0.03)
    _, film = GENERATED["moving-dots"].draw(rng, 50, 20)
    error = np.square(film - 1 / 64).sum(-1).mean()
    assert error == pytest.approx(GENERATED["moving-dots"].baseline(20))
    for name in ("delayed-recall", "temporal-order", "parity"):
        _, classes = GENERATED[name].draw(rng, 8000, 12)
        counts = np.bincount(classes[-1]) / classes.shape[1]
        cost = -float((counts * np.log(counts)).sum())
        assert cost == pytest.approx(GENERATED[name].baseline(12), rel=0.01)


def test_targets_say_what_was_asked() -> None:
    x, targets = GENERATED["copy-memory"].draw(np.random.default_rng(1), 4, 40)
    read = x.argmax(-1)
    np.testing.assert_array_equal(targets[-10:], read[:10])
    assert (targets[:-10] == 8).all() and (read[-10] == 9).all()
    bits, parity = GENERATED["parity"].draw(np.random.default_rng(1), 4, 9)
    np.testing.assert_array_equal(parity[-1], bits[..., 0].sum(0) % 2)
    x, order = GENERATED["temporal-order"].draw(np.random.default_rng(1), 50, 30)
    for b in range(50):
        marks = [k for k in x[:, b].argmax(-1) if k < 2]
        assert len(marks) == 2 and order[-1, b] == 2 * marks[0] + marks[1]


def test_memory_solves_the_adding_problem() -> None:
    """T = 50: the LSTM below 0.01 while the plain network stays near 1/6, under one budget."""
    left = {}
    for cell in ("lstm", "elman"):
        experiment = Experiment(
            cell=cell, hidden=24, forget_bias=2.0, learning_rate=0.01, clip="norm", dtype="float32"
        ).meant()
        training = Training(
            updates=800, length=50, schedule="cosine", held_out=0.1, measure_every=800, keep=0
        )
        left[cell] = train("adding", experiment, training).history.held_out[-1]
    assert left["lstm"] < 0.01
    assert abs(left["elman"] - 1 / 6) < 0.03


def test_the_well_known_script_learns() -> None:
    """100 plain units, windows of 25, Adagrad 0.1, entries of the gradient within ±5."""
    experiment = Experiment(hidden=100, learning_rate=0.1, clip="value", clip_at=5.0)
    training = Training(
        optimizer="adagrad", batches="stream", batch_size=1, window=25, updates=1000, keep=0
    )
    trainer = Trainer(sample("sonnet-18"), experiment, training)
    symbols = trainer.batches.first.outputs
    losses = [report.loss for report in trainer]
    assert losses[0] == pytest.approx(25 * math.log(symbols), rel=0.02)
    smooth = 25 * math.log(symbols)
    curve = []
    for loss in losses:
        smooth = 0.999 * smooth + 0.001 * loss
        curve.append(smooth)
    assert curve[999] < curve[700] < curve[400] < curve[0] and curve[999] < 0.75 * curve[0]


def test_samples_are_written_as_it_learns() -> None:
    training = Training(batches="stream", batch_size=4, window=20, updates=60, sample_every=20)
    trained = train(sample("sonnet-18"), Experiment(hidden=16), training)
    assert [update for update, _ in trained.history.samples] == [19, 39, 59]
    assert all(len(text) == 150 for _, text in trained.history.samples)
