"""Networks with one fault each, planted on purpose, and a healthy one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

import engine
from engine.batching import batch_of
from engine.door import Run
from engine.experiment import Experiment
from engine.models.cotangents import Cotangents
from engine.sequences import Batch, Sequence

CYCLE = "a b c d e f g h a b c d e f g h"


def series(x: Any, targets: int = 0) -> Sequence:
    """Numbers x (B, T, C), the last `targets` columns being what is predicted."""
    wide = x.shape[-1]
    roles = ("input",) * (wide - targets) + ("target",) * targets
    return Sequence(
        kind="numbers",
        series=tuple(np.array(each, float) for each in x),
        columns=tuple(f"c{n + 1}" for n in range(wide)),
        roles=roles,
        title="planted",
        source="planted",
    )


def noise(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


def moved(run: Run, **arrays: Any) -> Run:
    """The run with some parameters changed."""
    parameters = {n: np.array(p) for n, p in run.recording.parameters.items()}
    return engine.run(run.batch, run.experiment, parameters=parameters | arrays)


@cache
def learnt() -> Run:
    """A network that says which letter comes next, and does so rightly."""
    experiment = Experiment(cell="lstm", hidden=12, forget_bias=2.0, learning_rate=0.03)
    trained = engine.train(CYCLE, experiment, updates=80)
    return engine.run(CYCLE, experiment, parameters=trained.parameters)


def with_targets(run: Run, shift: int) -> Run:
    """The targets of another step: those that belong to the step `shift` earlier."""
    batch = replace(run.batch, targets=np.roll(run.batch.targets, shift, 0))
    parameters = {n: np.array(p) for n, p in run.recording.parameters.items()}
    return engine.run(batch, run.experiment, parameters=parameters)


def copied() -> Run:
    """Targets that are the inputs of the same step."""
    run = learnt()
    names = np.array(run.batch.input_names, object)[run.batch.x.argmax(-1)]
    told = np.array([[run.batch.vocabulary.index(n) for n in row] for row in names])
    return engine.run(replace(run.batch, targets=told), run.experiment)


def delayed() -> Run:
    """Targets that are the inputs of the step before."""
    run = copied()
    batch = replace(run.batch, targets=np.roll(run.batch.targets, 1, 0))
    return engine.run(batch, run.experiment)


def regression(size: int = 6, steps: int = 12, **settings: Any) -> Run:
    """Three columns of noise in, one number out."""
    what = series(noise(size, steps, 4), targets=1)
    return engine.run(what, Experiment(**{"cell": "lstm", **settings}))


def batch_first() -> Run:
    """(B, T, I) given as (T, B, I) to a network whose loss is that of y[:, -1]."""
    experiment = Experiment(cell="lstm", hidden=5, task="none", standardise=False)
    batch = batch_of(series(noise(20, 16, 3)), experiment)
    y = np.zeros((16, 20, 5))
    y[:, -1] = noise(16, 5)
    return engine.run(batch, experiment, cotangents=Cotangents(y))


def exchanged() -> Run:
    """Smooth series whose batch is taken for time."""
    smooth = noise(12, 40, 2).cumsum(1).swapaxes(0, 1)
    return engine.run(series(smooth), Experiment(cell="gru", task="next"))


def ragged(**settings: Any) -> Run:
    return engine.run(["a b c d", "a b", "b c d a b c"], Experiment(**settings))


def zero_ends(least: int = 0) -> Run:
    """Padded with zeros, no lengths, a gradient on all steps; `least` rows in every sequence."""
    x = noise(5, 12, 3)
    x[:, 12 - least :] = 0
    x[3, 8:] = 0
    experiment = Experiment(cell="gru", hidden=4, task="none", standardise=False)
    batch: Batch = batch_of(series(x), experiment)
    return engine.run(batch, experiment, cotangents=Cotangents(noise(12, 5, 4)))


def linear(rho: float, steps: int = 40, **settings: Any) -> Run:
    """A recurrent matrix that is rho times an orthogonal one; small states, a loss at the end."""
    x = 1e-3 * noise(4, steps, 2)
    experiment = Experiment(
        **{
            "cell": "elman",
            "hidden": 6,
            "initialisation": "orthogonal",
            "gain": rho,
            "standardise": False,
            "readout": "last",
            "task": "regression",
        }
        | settings
    )
    return engine.run(series(x, targets=1), experiment)


def one_step() -> Run:
    """An outlier at one step."""
    x = noise(1, 20, 2)
    x[0, 11] = (0.5, 3000.0)
    return engine.run(series(x, targets=1), Experiment(cell="elman", standardise=False))


def one_sequence() -> Run:
    """One sequence of twelve whose targets are far too large."""
    x = noise(12, 8, 2)
    x[5, :, 1] *= 100
    return engine.run(series(x, targets=1), Experiment(cell="gru", standardise=False))
