"""What training leaves: recipe, data, parameters, history; and any kept update run once more.

How it came about is in `trainer`, what it writes in `generation`, its file in the session.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.door import Run, run
from engine.experiment import Experiment
from engine.sequences import Sequence
from engine.sequences.generated import GENERATED
from engine.sequences.sequence import Wires
from engine.training.batches import supply
from engine.training.drawn import Batches
from engine.training.history import History, Kept
from engine.training.sampling import Sampler, coins_of, with_inputs
from engine.training.schedules import truth_probability
from engine.training.standing import Standing
from engine.training.training import Training

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """An update run once more. `coins` (T, B): where the truth was read; None: everywhere."""

    run: Run
    coins: NDArray[np.bool_] | None


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """`sequence` is what was trained on (of a generated task a few to look at, and `task` its id);
    `parameters` are those after the last update, or the best ones where training was patient;
    with a `standing` training goes on from them as if it had never stopped. `wired`: a model of
    another program that is the network, where no experiment describes it."""

    experiment: Experiment
    training: Training
    sequence: Sequence
    parameters: dict[str, Array]
    history: History
    task: str = ""
    standing: Standing | None = None
    wired: Wires | None = None

    @property
    def batches(self) -> Batches:
        """What the updates read."""
        task = GENERATED[self.task] if self.task else None
        return supply(self.sequence, task, self.experiment, self.training, self.wired)

    @property
    def remark(self) -> str:
        """What overwritten gradients did to it; "" with the rule that adds them up."""
        first = next(iter(self.history.kept), None)
        if self.experiment.rule != "overwrite" or first is None:
            return ""
        still = [n for n, p in self.parameters.items() if np.array_equal(p, first.parameters[n])]
        said = "overwritten gradients keep the term of the step that is visited last"
        if not still or first.update == self.history.count:
            return said
        names = " and ".join(", ".join(still).rsplit(", ", 1))
        return f"{said}: {names} never moved, since the state before that step is 0"

    def before(self, kept: Kept) -> Trained:
        """As it was before a kept update; of the optimiser's moments nothing is kept."""
        return replace(
            self,
            parameters=kept.parameters,
            history=self.history.before(kept.update),
            standing=Standing(states=kept.states),
        )

    def replay(self, kept: Kept) -> Replay:
        """The forward and backward run of a kept update, recorded, with what it read."""
        batch, coins = self.batches.batch(kept.update), None
        if self.training.sampling != "teacher":
            sampler = Sampler(self.experiment, batch, kept.parameters)
            truth = batch.x.argmax(-1) if batch.kind == "class" else batch.x
            share = truth_probability(self.training, kept.update)
            coins_from = coins_of(self.training.shuffle, kept.update)
            mixed = sampler.mixed(truth, share, coins_from, kept.parameters, kept.states)
            batch, coins = with_inputs(batch, mixed), mixed.coins
        made = run(batch, self.experiment, parameters=kept.parameters, states=kept.states)
        return Replay(made, coins)
