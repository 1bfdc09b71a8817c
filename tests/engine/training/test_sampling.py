"""Scheduled sampling: the three schedules, coins, and no gradient through a sample."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engine
from engine.experiment import Experiment
from engine.sequences import sample, typed
from engine.training.schedules import truth_probability
from engine.training.trainer import Trainer
from engine.training.training import Training

TEXT = typed(["to be or not to be that is the question " * 8], "characters")


def chance(i: int, **settings: object) -> float:
    return truth_probability(Training().changed(**settings), i)


def test_the_schedules_are_those_of_the_paper() -> None:
    linear = {"sampling": "linear", "sampling_k": 0.9, "sampling_slope": 0.01}
    assert chance(0, **linear) == 0.9
    assert chance(10, **linear) == pytest.approx(0.8)
    assert chance(1000, **linear) == 0.1  # the floor
    assert chance(3, sampling="exponential", sampling_k=0.5) == 0.125
    sigmoid = {"sampling": "inverse-sigmoid", "sampling_k": 10}
    assert chance(0, **sigmoid) == pytest.approx(10 / 11)
    assert chance(23, **sigmoid) == pytest.approx(10 / (10 + math.exp(2.3)))
    assert chance(1000, sampling="inverse-sigmoid", sampling_k=1000 / math.log(1000)) < 1
    assert chance(100_000, **sigmoid) < 1e-300
    assert chance(50_000) == 1.0


def test_half_of_the_truth_at_k_log_k() -> None:
    k = math.exp(3)  # so that k·ln k updates are a whole number of thirds
    training = Training(sampling="inverse-sigmoid", sampling_k=k)
    around = [truth_probability(training, i) for i in (math.floor(3 * k), math.ceil(3 * k))]
    assert around[0] > 0.5 > around[1]


def test_teacher_forcing_is_the_first_case() -> None:
    """A schedule that always says the truth changes no number."""

    def losses(**more: object) -> list[float]:
        training = Training(batches="stream", window=12, batch_size=4, updates=6).changed(**more)
        return [r.loss for r in Trainer(TEXT, Experiment(hidden=5), training)]

    assert losses(sampling="exponential", sampling_k=1.0) == losses()
    assert losses(sampling="exponential", sampling_k=0.5) != losses()


@pytest.mark.parametrize("batches", ["stream", "full"])
def test_what_was_sampled_is_what_the_network_said(batches: str) -> None:
    training = Training(
        batches=batches, window=12, batch_size=4, updates=3, sampling="linear", sampling_k=0.3
    )
    trainer = Trainer(TEXT, Experiment(hidden=5), training.changed(keep=3))
    losses = [r.loss for r in trainer]
    trained = trainer.trained()
    for kept in trained.history.kept:
        replay = trained.replay(kept)
        assert replay.run.recording.loss == pytest.approx(losses[kept.update], rel=1e-12)
        assert replay.coins is not None and replay.coins[0].all()
        truth = trained.batches.batch(kept.update).x.argmax(-1)
        read = replay.run.batch.x.argmax(-1)
        same = (read == truth) | ~replay.coins
        assert same.all() and 0.15 < replay.coins[1:].mean() < 0.45
        # the labels are those of what was read
        assert replay.run.batch.labels[0][3] == trained.batches.first.input_names[read[3, 0]]


def test_no_gradient_passes_through_a_sample() -> None:
    """The gradient of an update is that of a run whose inputs are what was sampled."""
    training = Training(
        batches="stream", window=12, batch_size=4, updates=1, sampling="linear", sampling_k=0.1
    )
    trainer = Trainer(TEXT, Experiment(hidden=5, learning_rate=0.0), training)
    report = trainer.step()
    trained = trainer.trained()
    run = trained.replay(trained.history.kept[0]).run
    assert max(row.error for row in engine.check_run(run)) < 1e-6
    assert report.gradient_norm == pytest.approx(run.gradient_norm, rel=1e-12)


def test_numbers_are_fed_back_too() -> None:
    training = Training(
        batches="stream", window=10, batch_size=4, updates=5, sampling="linear", sampling_k=0.2
    )
    trainer = Trainer(sample("sunspots"), None, training.changed(keep=5))
    losses = [r.loss for r in trainer]
    trained = trainer.trained()
    replay = trained.replay(trained.history.kept[4])
    assert replay.run.recording.loss == pytest.approx(losses[4], rel=1e-12)
    truth = trained.batches.batch(4).x
    assert np.array_equal((replay.run.batch.x == truth).all(-1), replay.coins)
