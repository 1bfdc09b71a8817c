"""Scheduled sampling: a coin at each step decides whether the truth is read or the network's own
output of the step before. Bengio et al. 2015.

The coins' probability is in `schedules`. What was sampled is an input like any other: the network
writes first, step by step, and is then run on what it has read; so no gradient passes through a
sample, and the same seed gives the same inputs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.door import Array
from engine.experiment import Experiment
from engine.sequences import Batch
from engine.training.choosing import softmax, taken
from engine.training.writer import Writer

COINS = 7  # the stream of random numbers that coins and samples come from


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """What is read: tokens (T, B) or numbers (T, B, I); `coins` (T, B): True where it is the truth.

    The first step always reads the truth.
    """

    read: Array
    coins: NDArray[np.bool_]


class Sampler:
    """Mixes what a batch reads with what the network says."""

    def __init__(self, experiment: Experiment, first: Batch, parameters: dict[str, Array]) -> None:
        self.writer = Writer(experiment, first, parameters, first.size)

    def mixed(
        self,
        truth: Array,
        probability: float,
        rng: np.random.Generator,
        parameters: dict[str, Array],
        states: dict[str, Array],
    ) -> Mixed:
        """Truth (T, B) or (T, B, I), read with this probability at each step, mixed with what the
        network says that has these parameters and first states."""
        coins = rng.random(truth.shape[:2]) < probability
        coins[0] = True
        read = np.array(truth)
        if coins.all():
            return Mixed(read, coins)
        for name, array in self.writer.machine.parameters.items():
            array[...] = parameters[name]
        self.writer.begin(states)
        for t in range(len(read) - 1):
            said = self.writer.read(read[t])
            if truth.ndim == 2:
                said = taken(softmax(said.astype(np.float64)), rng)
            own = coins[t + 1] if truth.ndim == 2 else coins[t + 1][:, None]
            read[t + 1] = np.where(own, truth[t + 1], said)
        return Mixed(read, coins)


def coins_of(seed: int, update: int) -> np.random.Generator:
    """Where the coins and samples of an update come from."""
    return np.random.default_rng([seed, update, COINS])


def with_inputs(batch: Batch, mixed: Mixed) -> Batch:
    """A batch that reads what was mixed, and says so under its steps."""
    read: Any = mixed.read
    if read.ndim == 3:
        return replace(batch, x=read)
    x = np.zeros(batch.x.shape, batch.x.dtype)
    np.put_along_axis(x, read[..., None], 1, -1)
    # what lies outside a sequence is read by nobody
    x = np.where(batch.x.any(-1, keepdims=True), x, 0)
    names = batch.input_names
    labels = tuple(
        tuple(names[k] for k in column[: len(old)])
        for column, old in zip(read.T.tolist(), batch.labels)
    )
    return replace(batch, x=x, labels=labels)
