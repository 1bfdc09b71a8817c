"""One sequence learnt by heart, on a copy of the parameters, within a budget that is counted in
steps and products and not in seconds, so that the same input gives the same report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.reporting.case import Case
from engine.sequences import Batch
from engine.training.machine import Machine
from engine.training.optimizers import Changes

RATE, CLIP = 0.01, 1.0  # Adam's; of the gradient norm
MOST, LEAST = 300, 25  # updates
STEPS = 30_000  # steps × updates
PRODUCTS = 2e9  # numbers multiplied, about
LEARNT = 0.02  # of the loss before: that is by heart
LONGEST = 100  # steps of a longer sequence that are learnt


@dataclass(frozen=True, slots=True)
class Learnt:
    """The mean loss of a step before the first update and after each; `constant`: that of the best
    answer that is always the same."""

    losses: tuple[float, ...]
    steps: int
    constant: float


def learn_by_heart(case: Case) -> Learnt:
    """Adam on the first sequence alone."""
    batch = one_sequence(case)
    recording, experiment = case.recording, case.run.experiment
    parameters = {n: np.array(p) for n, p in recording.parameters.items()}
    plain = experiment.changed(rule="accumulate", clip="off", zeroing=True)
    machine = Machine(plain, batch, parameters)
    machine.restore({n: a[:, :1] for n, a in recording.initial.items()})
    for g, k in machine.inputs:
        rows = machine.work.rows(("v", g, k))
        rows[...] = recording.plan.workspace.rows(("v", g, k))[: len(rows), :1]
    changes = Changes("adam", 0.0, machine.parameters)
    losses = []
    updates = _updates(case, batch.steps)
    with np.errstate(all="ignore"):
        for n in range(updates + 1):
            case.watch(n / updates)
            machine.run(backward=n < updates)
            losses.append(machine.loss()[1] / max(float(machine.counted.sum()), 1.0))
            if n == updates or not losses[-1] > LEARNT * losses[0]:  # nor where it is NaN
                break
            gradients = machine.gradients
            norm = float(np.sqrt(sum(float(np.vdot(g, g)) for g in gradients.values())))
            for gradient in gradients.values():
                np.multiply(gradient, min(1.0, CLIP / (norm + 1e-6)), out=gradient)
            changes.apply(gradients, RATE)
    return Learnt(tuple(losses), batch.steps, _constant(batch))


def one_sequence(case: Case) -> Batch:
    """The first sequence of the batch alone, or of a long one its beginning."""
    batch = case.run.batch
    free = not (batch.turn or batch.real is not None or batch.start[0] or batch.readout == "last")
    whole = free and case.run.experiment.arrangement in ("recurrent", "temporal-convolution")
    stop = min(int(batch.stop[0]), LONGEST) if whole else batch.steps
    one = slice(0, 1)
    return replace(
        batch,
        x=np.array(batch.x[:stop, one]),
        start=np.array(batch.start[one]),
        stop=np.minimum(batch.stop[one], stop),
        targets=np.array(batch.targets[:stop, one]),
        weights=np.array(batch.weights[:stop, one]),
        labels=tuple(each[:stop] for each in batch.labels[:1]),
        target_labels=tuple(each[:stop] for each in batch.target_labels[:1]),
        read_stop=None if batch.read_stop is None else batch.read_stop[one],
        real=None if batch.real is None else batch.real[one],
    )


def _updates(case: Case, steps: int) -> int:
    numbers = sum(int(p.size) for p in case.recording.parameters.values())
    afforded = min(STEPS / steps, PRODUCTS / (6.0 * numbers * steps))
    return int(min(MOST, max(LEAST, afforded)))


def _constant(batch: Batch) -> float:
    told = np.asarray(batch.targets)[batch.weights != 0]
    if batch.readout == "last" or not len(told):
        return 0.0
    if batch.kind == "class":
        share = np.unique_counts(told).counts / len(told)
        return float(-(share * np.log(share)).sum())
    return float(np.square(told - told.mean(0)).sum(-1).mean())
