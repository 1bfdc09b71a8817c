"""A trained decoder writes: it reads what it said, after its encoder has read all before.

All of the network is run anew for every step that is written. What decides which steps read the
truth is in `feedback`; networks that go on from one state to the next are in `writer`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.errors import BAD_SETTINGS, Unusable
from engine.experiment import Experiment
from engine.feeding import feed
from engine.sequences import Batch
from engine.sequences.wording import STOP
from engine.training.choosing import Manner, softmax, taken
from engine.training.machine import Machine

Array = np.ndarray[Any, np.dtype[Any]]
Arrays = dict[str, Array]
MOST_DECODED = 200  # steps that a decoder writes


class Decoder:
    """The network of a batch with these parameters, asked for one step after another."""

    def __init__(
        self, experiment: Experiment, batch: Batch, parameters: Arrays, states: Arrays
    ) -> None:
        steps = batch.steps - batch.turn
        if steps > MOST_DECODED:
            raise Unusable(
                f"a decoder reads its own output over at most {MOST_DECODED} steps, and this one "
                f"writes {steps:,}; give shorter targets, or a shorter length",
                exit=BAD_SETTINGS,
            )
        self.machine = Machine(experiment, batch, parameters)
        self.machine.begin()
        if states:
            self.machine.restore(self.machine.carried() | states)
        (self._said,) = self.machine.logits or self.machine.losses
        self._low = self.machine.network.segments[self._said[0]].offset

    def says(self, x: Array, t: int) -> Array:
        """What it says at step t (B, O) when x (T, B, I) is read: logits, or numbers."""
        feed(self.machine.plan, x)
        self.machine.run(backward=False)
        return np.array(self.machine.work.rows(("v", *self._said))[t - self._low], np.float64)


def decoded(
    experiment: Experiment,
    like: Batch,
    parameters: Arrays,
    source: list[int],
    length: int,
    manner: Manner,
    rng: np.random.Generator,
) -> list[tuple[int, Array, Array]]:
    """What is written after a source of tokens: each token with the probabilities (V,) that it was
    drawn from, and the network's own (V,). The stop token ends it where it may come."""
    vocabulary = like.vocabulary
    batch = _pair(like, source, length)
    decoder = Decoder(experiment, batch, parameters, {})
    x = np.array(batch.x, np.float64)
    masked = None if manner.stop else vocabulary.index(STOP)
    found: list[tuple[int, Array, Array]] = []
    for t in range(batch.turn, batch.steps):
        logits = decoder.says(x, t)
        p = manner.probabilities(logits, masked)
        token = int(taken(p, rng)[0])
        found.append((token, p[0], softmax(logits)[0]))
        if manner.stop and vocabulary[token] == STOP:
            break
        if t + 1 < batch.steps:
            x[t + 1, 0, token] = 1.0
    return found


def _pair(like: Batch, source: list[int], length: int) -> Batch:
    """A source and room for what is written after it, which begins with the stop token."""
    turn, steps = len(source), len(source) + length
    x = np.zeros((steps, 1, like.x.shape[2]))
    x[np.arange(turn), 0, source] = 1.0
    x[turn, 0, like.vocabulary.index(STOP)] = 1.0
    return replace(
        like,
        x=x,
        start=np.zeros(1, np.int64),
        stop=np.array([steps]),
        targets=np.zeros((steps, 1), np.int64),
        weights=np.ones((steps, 1)),
        labels=(),
        target_labels=(),
        turn=turn,
        read_stop=np.array([turn]),
        real=None,
    )
