"""Losses of training, held against stored ones of PyTorch: every optimiser, schedule and clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.sequences import Sequence
from engine.training.optimizers import OPTIMIZERS
from engine.training.schedules import RATES
from engine.training.trainer import Trainer
from engine.training.training import Training

STORED = Path(__file__).parents[2] / "reference" / "torch_training" / "curves.npz"
RATE = {"sgd": 0.05, "momentum": 0.01, "rmsprop": 0.01, "adagrad": 0.1, "adam": 0.02}
CLIPS = {"norm": {"clip_at": 1.0, "learning_rate": 0.1}, "value": {"clip_at": 0.2}}
CASES = [
    *OPTIMIZERS,
    "sgd step",
    "sgd exponential",
    "sgd cosine",
    "adam warm-up",
    "sgd norm",
    "adagrad value",
]


def settings_of(case: str) -> tuple[Experiment, Training]:
    optimizer, _, more = case.partition(" ")
    experiment = Experiment(cell="lstm", hidden=7, learning_rate=RATE[optimizer])
    training = Training(
        optimizer=optimizer, batches="stream", window=12, batch_size=4, updates=60, moved=False
    )
    if more in CLIPS:
        return experiment.changed(clip=more, **CLIPS[more]), training
    if more:
        training = training.changed(schedule=more, schedule_every=20)
    return experiment, training


@pytest.mark.parametrize("case", CASES)
def test_sixty_updates_are_those_of_pytorch(case: str) -> None:
    experiment, training = settings_of(case)
    with np.load(STORED) as stored:
        curve, tokens = stored[case], stored["tokens"]
        parameters = {name: stored[name] for name in ("W", "b", "V", "c")}
    # nine symbols, of which the last is the stop token that ends the text
    names = "abcdefgh■"
    text = "".join(names[k] for k in tokens)
    sequence = Sequence(kind="text", texts=(text,), tokens="characters", vocabulary=tuple(names))
    trainer = Trainer(sequence, experiment, training, parameters=parameters)
    losses = [report.loss for report in trainer]
    assert curve[-1] < curve[0] - 1
    np.testing.assert_allclose(losses, curve, rtol=1e-9)


def test_every_schedule_is_held_against_pytorch() -> None:
    assert {word for case in CASES for word in case.split()} >= {*RATES, *OPTIMIZERS} - {"constant"}
