"""The same batch seen otherwise: entered late, run over its padding, read at the first step only.

Encoding stands in `engine.sequences.tasks`; which of these is wanted, in the settings.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.sequences.sequence import Batch, Strings
from engine.sequences.wording import STOP


def as_arranged(batch: Batch, arrangement: str) -> Batch:
    """The batch as an arrangement reads it: per-layer from behind, padded with one loss at the end
    of the longest."""
    if arrangement == "per-layer":
        return entered_late(batch)
    return told_at_the_end(batch) if arrangement == "padded" else batch


def entered_late(batch: Batch) -> Batch:
    """Every sequence ends at the last step; a shorter one starts at a later one."""
    late = batch.steps - batch.stop
    x, targets, weights = (np.array(a) for a in (batch.x, batch.targets, batch.weights))
    for b, shift in enumerate(late):
        for array in (x, targets, weights):
            array[:, b] = np.roll(array[:, b], int(shift), axis=0)
    return replace(
        batch,
        x=x,
        targets=targets,
        weights=weights,
        start=late.astype(np.int64),
        stop=np.full_like(batch.stop, batch.steps),
        labels=_moved(batch.labels, late.tolist()),
        target_labels=_moved(batch.target_labels, late.tolist()),
    )


def run_out(batch: Batch, *, masked: bool) -> Batch:
    """All steps up to the longest, or from the first one, are run as if they were the sequence's.

    masked: no loss counts there, but the last one that counts; else every loss does, and a class
    target there is the stop token (or the first class).
    """
    x, targets, weights = (np.array(a) for a in (batch.x, batch.targets, batch.weights))
    outside = np.ones(weights.shape, bool)
    for b, (start, stop) in enumerate(zip(batch.start, batch.stop)):
        outside[start:stop, b] = False
        if batch.readout == "last":
            weights[-1, b], targets[-1, b] = weights[stop - 1, b], targets[stop - 1, b]
            weights[:-1, b] = 0.0
    if not masked and batch.readout != "last" and not batch.start.any():
        weights[outside] = 1.0
        if batch.kind == "class" and STOP in batch.vocabulary:
            targets[outside] = batch.vocabulary.index(STOP)
    return replace(
        batch,
        x=x,
        targets=targets,
        weights=weights,
        start=np.zeros_like(batch.start),
        stop=np.full_like(batch.stop, batch.steps),
        real=batch.stop - batch.start,
        target_labels=told_at_the_end(batch).target_labels,
    )


def told_at_the_end(batch: Batch) -> Batch:
    """The words of every sequence's last target at the last step, if there is the only loss."""
    if batch.readout != "last" or not batch.target_labels:
        return batch
    stops = batch.stop.tolist()
    labels = tuple(
        (*row[: stop - 1], *("",) * (batch.steps - stop), *row[stop - 1 : stop])
        for row, stop in zip(batch.target_labels, stops, strict=True)
    )
    return replace(batch, target_labels=labels)


def read_once(batch: Batch) -> Batch:
    """The first step is read, at all others there is no input."""
    x = np.array(batch.x)
    x[1:] = 0.0
    return replace(
        batch,
        x=x,
        labels=tuple((*each[:1], *("",) * (len(each) - 1)) for each in batch.labels),
        turn=1,
        read_stop=np.ones_like(batch.stop),
    )


def _moved(labels: tuple[Strings, ...], by: list[int]) -> tuple[Strings, ...]:
    if not labels:
        return ()
    return tuple((*("",) * shift, *each) for each, shift in zip(labels, by, strict=True))
