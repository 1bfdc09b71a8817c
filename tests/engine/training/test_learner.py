"""Training in a process of its own: it tells, waits, ends in time, and loses nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.training.learner import Learner
from engine.training.trainer import train
from engine.training.training import Training

SENTENCE = "I think therefore I am"


def until(learner: Learner, done: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)
        learner.poll()


@pytest.fixture
def learner() -> Iterator[Learner]:
    made = Learner(SENTENCE, Experiment(), Training(updates=1_000_000))
    yield made
    made.close()


def test_it_learns_what_training_here_learns() -> None:
    training = Training(updates=40)
    learner = Learner(SENTENCE, Experiment(), training)
    until(learner, lambda: not learner.running)
    assert learner.error is None and learner.trained is not None
    here = train(SENTENCE, Experiment(), training)
    for name, array in here.parameters.items():
        np.testing.assert_array_equal(learner.trained.parameters[name], array)
    np.testing.assert_array_equal(
        learner.trained.history.curves["loss"], here.history.curves["loss"]
    )
    assert learner.updates == 40


def test_it_waits_goes_on_and_stops(learner: Learner) -> None:
    until(learner, lambda: learner.updates > 5)
    learner.pause()
    until(learner, lambda: learner.fresh)
    before = learner.updates
    time.sleep(0.2)
    learner.poll()
    assert learner.paused and learner.updates == before
    learner.pause(False)
    until(learner, lambda: learner.updates > before)
    learner.stop()
    until(learner, lambda: not learner.running)
    assert learner.trained is not None and learner.trained.history.count == learner.updates
    assert len(learner.trained.history.kept) > 1


def test_a_process_that_dies_leaves_what_was_learnt(learner: Learner) -> None:
    until(learner, lambda: learner.fresh)
    os.kill(learner._process.pid or 0, signal.SIGKILL)
    until(learner, lambda: not learner.running)
    assert str(learner.error).startswith("the process that trained ended by itself")
    assert learner.trained is not None
    assert all(np.isfinite(a).all() for a in learner.trained.parameters.values())


def test_what_cannot_be_learnt_is_said() -> None:
    learner = Learner("I", Experiment(), Training())
    until(learner, lambda: not learner.running)
    assert str(learner.error).startswith("the text is one word (“I”)")
