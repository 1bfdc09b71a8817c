"""“Naïve RNNs almost never work”: a grid of settings on delayed recall, each trained for a while.

One piece is one setting, so that whoever watches sees them come one by one. What is drawn of it is
a plot's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from engine.experiment import Experiment
from engine.sequences.generated import GENERATED
from engine.training.trainer import Trainer
from engine.training.training import Training

TASK = "delayed-recall"
STEPS, UPDATES, HIDDEN = 40, 300, 16
LAST = 20  # updates whose mean loss is judged
SOLVED = 0.1  # of what guessing costs
RATES = (0.003, 0.01, 0.03, 0.1)
BIASES = (0.0, 3.0)
GATED = ("gated", "lstm", "gru")


@dataclass(frozen=True, slots=True)
class Piece:
    """One setting: `cell` is "" for one wide layer on the padded sequence."""

    cell: str
    clipped: bool
    bias: float
    rate: float

    @property
    def experiment(self) -> Experiment:
        """What is trained."""
        recurrent = Experiment(
            cell=self.cell or "elman",
            arrangement="recurrent" if self.cell else "padded",
            hidden=HIDDEN,
            learning_rate=self.rate,
            clip="norm" if self.clipped else "off",
            forget_bias=self.bias,
            dtype="float32",
        )
        return recurrent.changed(**GENERATED[TASK].settings)


@cache
def pieces() -> tuple[Piece, ...]:
    """All settings; those of the plain cell first, and the feed-forward net at the end."""
    cells = (("elman", (0.0,)), *((cell, BIASES) for cell in GATED), ("", (0.0,)))
    return tuple(
        Piece(cell, clipped, bias, rate)
        for cell, biases in cells
        for bias, clipped, rate in product(biases, (False, True), RATES)
    )


def tried(piece: Piece) -> float:
    """Mean loss of the last updates; infinite where something was not finite."""
    training = Training(updates=UPDATES, length=STEPS, batch_size=32, keep=0)
    trainer = Trainer(TASK, piece.experiment, training)
    losses = [report.mean for report in trainer]
    if trainer.failed:
        return float("inf")
    return float(np.mean(losses[-LAST:]))


def solves(loss: float) -> bool:
    """Whether so low a loss means that the symbol is remembered."""
    return loss < SOLVED * GENERATED[TASK].baseline(STEPS)
