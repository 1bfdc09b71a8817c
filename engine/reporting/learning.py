"""Whether what is asked of the network can be learnt: targets, a constant answer, and one
sequence learnt by heart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.evaluate import forward
from engine.ops import OPS
from engine.reporting.case import Bools, Case, Floats
from engine.reporting.finding import Bar, Chart, Line, Quantity, Said, Seen, numbers
from engine.reporting.overfit import Learnt, learn_by_heart
from engine.reporting.words import count, percent, short
from engine.sequences import Batch

SHIFTS = (-1, 0, 1)
BETTER = 0.5  # of the loss: with other targets, that is no chance
FEW = 8  # steps with a target on either side
SAME = 0.98  # of the positions that agree
STILL = 1e-9  # outputs that vary less than this part of their size are constant
BARELY = 0.98  # of the constant predictor's loss
HALF, HARDLY = 0.5, 0.9  # of the loss, after learning by heart


# ------------------------------------------------------------------ targets


def shifted_targets(case: Case) -> Said:
    """The loss with targets one step earlier and later, and whether targets copy inputs."""
    losses = {shift: _shifted_loss(case, shift) for shift in SHIFTS}
    copies = {shift: copied(case, shift) for shift in SHIFTS}
    here = losses[0]
    best = min(SHIFTS, key=lambda s: losses[s] if np.isfinite(losses[s]) else np.inf)
    seen = _shifts(losses, copies)
    if _both(case).sum() < FEW:
        return seen.good(f"Too few steps to tell; as they are, {short(here)} a step.")
    if best and losses[best] < BETTER * here:
        way = "later" if best > 0 else "earlier"
        said = f"The outputs fit the targets one step {way} much better: {short(losses[best])} a"
        return seen.bad(f"{said} step against {short(here)}. They are shifted by one.", _MOVE[best])
    if copies[0] >= SAME:
        said = f"{percent(copies[0])} of the targets equal the input of the same step: a copy."
        return seen.bad(said, "For next-step prediction shift the targets: y[t] = x[t + 1].")
    if copies[-1] >= SAME:
        said = f"{percent(copies[-1])} of the targets equal the input one step before: the network"
        said += " has only to delay its input. For next-step prediction that is the wrong way."
        return seen.bad(said, "y[t] = x[t + 1] and not x[t − 1]; np.roll(x, 1) turns that way.")
    how = " They are the inputs of the next step, as they should be." if copies[1] >= SAME else ""
    said = f"The outputs fit the targets where they are at least as well as one step beside.{how}"
    return seen.good(said)


def _shifts(losses: dict[int, float], copies: dict[int, float]) -> Seen:
    """What was measured."""
    bars = tuple(Bar(_WHEN[s], losses[s]) for s in SHIFTS)
    quantities = (
        *(Quantity(f"loss with targets {_WHEN[s]}", losses[s]) for s in SHIFTS),
        Quantity("targets equal to the input of their step", copies[0]),
        Quantity("targets equal to the input one step before", copies[-1]),
        Quantity("targets equal to the input one step later", copies[1]),
    )
    return Seen(
        quantities, Chart("Loss a step if the targets were moved", "", "mean loss", bars=bars)
    )


_WHEN = {-1: "one step earlier", 0: "as they are", 1: "one step later"}
_MOVE = {
    1: "Train against targets[1:] with outputs[:-1]; see where the loader cuts them.",
    -1: "Train against targets[:-1] with outputs[1:]; see where the loader cuts them.",
}


def _both(case: Case) -> Bools:
    """(T, B): counted steps whose neighbours have targets too."""
    counted = case.counted
    found = counted.copy()
    found[1:] &= counted[:-1]
    found[:-1] &= counted[1:]
    found[[0, -1]] = False
    return found


def _shifted_loss(case: Case, shift: int) -> float:
    """The mean loss of a step against the target `shift` steps later, over the same steps for
    every shift."""
    recording, where = case.recording, _both(case)
    total, steps = 0.0, 0
    for g, k in recording.loss_slots:
        here = where[recording.global_steps(g)]
        t, b = np.nonzero(here)
        slot = recording.slot(g, k)
        if not len(t):
            continue
        if not shift:
            total += float(recording.value(g, k)[t, b].sum())
        else:
            data = recording.plan.workspace.stored[slot.data[0]][t + shift, b]
            read = [np.asarray(recording.read(i), float)[t, b] for i in slot.inputs]
            total += float(_loss(slot.op, read, data).sum())
        steps += len(t)
    return total / steps if steps else np.nan


def _loss(op: str, read: list[Floats], data: Any) -> Floats:
    told = (np.arange(len(data)), data) if "class" in OPS[op].data else data
    with np.errstate(all="ignore"):
        return np.asarray(forward(op, read, data=told))


def copied(case: Case, shift: int) -> float:
    """The share of steps whose target is the input `shift` steps later; NaN where they are not the
    same kind of thing."""
    batch, where = case.run.batch, _both(case)
    t, b = np.nonzero(where[: len(batch.x)])
    if not len(t) or (batch.turn and batch.turn > 0):
        return np.nan
    x = np.asarray(batch.x)[t + shift, b]
    y = np.asarray(batch.targets)[t, b]
    if batch.kind == "class":
        return _read_again(batch, t + shift, b, y)
    if y.shape[-1] > x.shape[-1]:
        return np.nan
    scale = np.asarray(batch.target_scales or (1.0,))
    raw_x, raw_y = _raw(case, x, False), _raw(case, y, True)
    near = np.abs(raw_x[:, : y.shape[-1]] - raw_y) <= 1e-6 * (np.abs(raw_y) + np.abs(scale))
    return float(near.all(-1).mean())


def _read_again(batch: Batch, t: Any, b: Any, y: Any) -> float:
    """The share of targets y (n,) whose word is what was read at the steps t of sequences b."""
    known = {word for labels in batch.labels for word in labels}
    if not known & set(batch.vocabulary):
        return np.nan
    same = [
        batch.vocabulary[target] == batch.labels[sequence][step]
        for step, sequence, target in zip(t.tolist(), b.tolist(), y.tolist())
        if step < len(batch.labels[sequence])
    ]
    return sum(same) / len(same) if same else np.nan


def _raw(case: Case, values: Floats, target: bool) -> Floats:
    """Numbers before they were standardised."""
    batch = case.run.batch
    means = batch.target_means if target else batch.means
    scales = batch.target_scales if target else batch.scales
    if not means:
        return values
    found: Floats = values * np.asarray(scales) + np.asarray(means)
    return found


# ------------------------------------------------------------------ a constant answer


def beats_constant(case: Case) -> Said:
    """The loss against the best answer that never looks at the input."""
    own, constant = _mean_loss(case), constant_loss(case)
    varies = _variation(case)
    bars = (Bar("this network", own, _twin_mean(case)), Bar("best constant answer", constant))
    chart = Chart("Mean loss of a step", "", "loss", bars=bars)
    quantities = (
        Quantity("mean loss of a step", own),
        Quantity("loss of the best constant answer", constant),
        Quantity("how much outputs vary over steps, of their size", varies),
    )
    against = f"{short(own)} a step, and the best constant answer {short(constant)}"
    seen = Seen(quantities, chart)
    if varies < STILL:
        said = f"The network gives one and the same answer at every step ({against})."
        advice = (
            "Nothing of the input arrives at the output: look at the readout weights, saturated"
            " gates, dead units."
        )
        return seen.bad(said, advice)
    if not np.isfinite(own):
        return seen.bad("The loss is not finite.", "See the first non-finite node below.")
    if case.untrained:
        return seen.good(f"It has not been trained yet: {against}.")
    if own >= BARELY * constant:
        what = "class frequencies" if case.run.batch.kind == "class" else "the mean of the targets"
        said = f"Not better than always answering {what}: {against}."
        advice = "Nothing was learnt from the input, or not yet: what else is found here says why."
        return seen.look(said, advice)
    said = f"Better than any constant answer: {against}."
    return seen.good(said)


def _mean_loss(case: Case) -> float:
    counted = case.recording.loss_weights != 0
    return float(np.asarray(case.recording.losses, float)[counted].mean())


def _twin_mean(case: Case) -> float:
    return float(np.median([_mean_loss(twin) for twin in case.fresh])) if case.fresh else np.nan


def answers(case: Case) -> int:
    """How many targets count."""
    return sum(len(_told(case, g, k)) for g, k in case.recording.loss_slots)


def constant_loss(case: Case) -> float:
    """The mean loss of answering with the class frequencies, or the mean of the targets."""
    found = [_told(case, g, k) for g, k in case.recording.loss_slots]
    told = np.concatenate(found)
    if case.run.batch.kind == "class":
        counts = np.unique_counts(told).counts / len(told)
        return float(-(counts * np.log(counts)).sum())
    return float(np.square(told - told.mean(0)).sum(-1).mean())


def _told(case: Case, g: int, k: int) -> Floats:
    """The targets that count at a loss, (n,) or (n, O)."""
    recording = case.recording
    weights = recording.loss_weights[recording.global_steps(g)]
    data = recording.plan.workspace.stored[recording.slot(g, k).data[0]]
    found: Floats = np.asarray(data)[weights != 0]
    return found


def _variation(case: Case) -> float:
    """The deviation of outputs over steps and sequences against their size."""
    found = []
    for g, k in case.outputs:
        counted = case.recording.loss_weights[case.recording.global_steps(g)] != 0
        rows = np.asarray(case.recording.value(g, k), float)[counted]
        if len(rows) > 1:
            found.append(rows)
    if not found:
        return np.inf
    rows = np.concatenate(found)
    # what is added to all logits alike changes no answer
    rows = rows - rows.mean(-1, keepdims=True) if case.run.batch.kind == "class" else rows
    size = float(np.abs(rows).max(initial=0.0))
    return float(rows.std(0).max() / size) if size else 0.0


# ------------------------------------------------------------------ learning by heart


def overfits(case: Case) -> Said:
    """A short training on a copy: can the network learn this one sequence by heart."""
    learnt = learn_by_heart(case)
    constant, start, end = learnt.constant, learnt.losses[0], min(learnt.losses)
    chart = _curve(learnt)
    quantities = (
        Quantity("updates", float(len(learnt.losses) - 1)),
        Quantity("loss before", start),
        Quantity("loss after", end),
        Quantity("loss of the best constant answer", constant),
    )
    said = (
        f"Trained on one sequence of {count(learnt.steps, 'step')} alone, its loss went from"
        f" {short(start)} to {short(end)} a step in {count(len(learnt.losses) - 1, 'update')}"
    )
    advice = (
        "A network that cannot learn one sequence by heart will not learn many: look for a wrong"
        " target, a learning rate that is far off, too few units, or a fault named here."
    )
    seen = Seen(quantities, chart)
    if not np.isfinite(end):
        return seen.bad(f"{said}: not finite.", advice)
    reference = min(max(start, 0.0), constant) if constant > 0 else start
    if end <= max(HALF * reference, 1e-9) or end <= 0.1 * max(constant, 0.0):
        return seen.good(f"{said}: it can learn it by heart.")
    if end <= HARDLY * reference:
        return seen.look(f"{said}: slowly.", advice)
    return seen.bad(f"{said}: it does not learn it.", advice)


def _curve(learnt: Learnt) -> Chart:
    line = Line("loss", numbers(np.arange(len(learnt.losses))), numbers(learnt.losses))
    return Chart(
        "One sequence learnt by heart",
        "update",
        "mean loss of a step",
        (line,),
        log=True,
        level=learnt.constant or np.nan,
        level_words="best constant answer",
    )
