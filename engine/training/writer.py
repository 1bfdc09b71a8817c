"""A trained network that goes on step by step: it reads one step and says what it expects next.

Which token is taken is decided in `generation`; scheduled sampling asks here too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.chains import chains_of
from engine.door import Array
from engine.errors import Unusable
from engine.experiment import Experiment
from engine.sequences import Batch
from engine.sequences.sequence import Integers
from engine.training.machine import Machine


class Writer:
    """`size` sequences side by side, in a plan of one step whose states are carried on."""

    def __init__(
        self, experiment: Experiment, like: Batch, parameters: dict[str, Array], size: int = 1
    ) -> None:
        refuse_what_cannot_write(experiment, like)
        self.machine = Machine(experiment.changed(truncation=0, padding="pack"),
                               _one_step(like, size), parameters)  # fmt: skip
        self.top = chains_of(self.machine.network, "h")[-1][0]
        (self.said,) = self.machine.logits or self.machine.losses

    def begin(self, states: dict[str, Array] | None = None) -> None:
        """Start anew, from these first states (L, B, H) by name, or 0."""
        self.machine.begin()
        if states:
            self.machine.restore(self.machine.carried() | states)

    def read(self, x: Array | Integers) -> Array:
        """Read tokens (B,) or numbers (B, I); what is said of the next step, (B, O): logits, or
        numbers. The array is written over at the next step."""
        machine = self.machine
        if x.dtype.kind == "i":
            machine.read_tokens(x[None])
        else:
            for place in machine.inputs:
                machine.work.rows(("v", *place))[0] = x
        machine.run(backward=False)
        machine.carry()
        return np.asarray(machine.work.rows(("v", *self.said))[0])

    def state(self) -> Array:
        """h of the highest layer after the last step, (B, H)."""
        return np.asarray(self.machine.work.rows(("v", *self.top))[0])


def refuse_what_cannot_write(experiment: Experiment, like: Batch) -> None:
    """Unusable where outputs cannot be fed back as inputs, step by step."""
    meant = experiment.meant()
    if like.task != "next":
        raise Unusable(
            "only a network that predicts what comes next can go on from its own outputs; this one "
            f"has the task {like.task or 'none'}: train one with --task next",
            exit=2,
        )
    goes_on = (
        meant.arrangement == "recurrent"
        and (meant.readout, meant.reads, meant.direction) == ("every", "every", "forward")
    )  # fmt: skip
    if not goes_on:
        raise Unusable(
            "writing goes on from a state, step by step: it needs --arrangement recurrent "
            "--direction forward with a readout at every step",
            exit=2,
        )


def _one_step(like: Batch, size: int) -> Batch:
    targets = np.zeros((1, size, *like.targets.shape[2:]), like.targets.dtype)
    return replace(
        like,
        x=np.zeros((1, size, like.x.shape[2])),
        start=np.zeros(size, np.int64),
        stop=np.ones(size, np.int64),
        targets=targets,
        weights=np.ones((1, size)),
        labels=(),
        target_labels=(),
        read_stop=None,
        real=None,
        own=None,
    )
