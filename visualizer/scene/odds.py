"""What a network that reads its own output says at each step: the likeliest tokens with their
probabilities, the one that was taken, and which steps read it. What draws it: `layers.odds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.door import Run
from engine.sequences.wording import STOP
from engine.training.choosing import manner_of
from visualizer.scene.frame import Frame

Array = NDArray[np.floating[Any]]
Key = tuple[int, int]
FEW = 4  # tokens that have a bar of their own in the graph


@dataclass(frozen=True, slots=True)
class Said:
    """One token at one step: its name, its probability, whether it was taken."""

    name: str
    index: int
    probability: float
    taken: bool


def speaks(run: Run) -> bool:
    """Whether tokens were drawn from what the run says."""
    return run.batch.own is not None and run.batch.kind == "class" and bool(logits_of(run))


def logits_of(run: Run) -> tuple[Key, ...]:
    """Where the logits stand, in every part of time that has some."""
    return tuple(
        (g, k)
        for g, segment in enumerate(run.network.segments)
        for k, slot in enumerate(segment.slots)
        if slot.role == "logit"
    )


def odds_at(run: Run, t: int, b: int) -> Array:
    """(V,): the probabilities from which a token is taken at step t of the picture."""
    segments = run.network.segments
    for g, k in logits_of(run):
        low = segments[g].offset
        if low <= t < low + segments[g].steps:
            logits = np.array(run.recording.value(g, k)[t - low, b], np.float64)
            break
    manner, names = manner_of(run.experiment), run.batch.output_names
    stop = None if manner.stop else names.index(STOP)
    with np.errstate(all="ignore"):
        return np.asarray(manner.probabilities(logits[None], stop)[0])


def taken_at(run: Run, t: int, b: int) -> int:
    """The token that was taken at step t and is read at the next one; −1 where the truth is."""
    own, stop = run.batch.own, int(run.batch.stop[b])
    assert own is not None
    if t + 1 < stop and own[t + 1, b]:
        return int(run.batch.x[t + 1, b].argmax())
    # what is said last is read by nobody; where one input is read, all of it
    writes = run.experiment.feeding == "own" and run.experiment.arrangement == "recurrent"
    alone = writes and (t + 1 == stop or apart(run))
    return int(run.batch.targets[t, b]) if alone and t < stop else -1


def said_until(run: Run, frame: Frame) -> int:
    """The first step whose target is a token that has not been said yet; behind the last one where
    targets are the truth."""
    writes = run.experiment.feeding == "own" and run.experiment.arrangement == "recurrent"
    if not writes or not speaks(run):
        return run.recording.steps
    segments = run.network.segments
    return max(frame.valued(g, k)[1] + segments[g].offset for g, k in logits_of(run))


def apart(run: Run) -> bool:
    """Whether every output is drawn by itself, since none of them is read."""
    return run.experiment.reads == "first"


def said_at(run: Run, t: int, b: int, few: int = FEW) -> tuple[Said, ...]:
    """The likeliest tokens of step t, the one that was taken among them, the likeliest first."""
    row, taken = odds_at(run, t, b), taken_at(run, t, b)
    order = np.argsort(-np.nan_to_num(row), kind="stable")[:few].tolist()
    if taken >= 0 and taken not in order:
        order[-1] = taken
    names = run.batch.output_names
    return tuple(Said(names[k], k, float(row[k]), k == taken) for k in order)


def prompted(run: Run, b: int) -> int:
    """Steps of a sequence that read what was given before the first that reads its own output."""
    own = run.batch.own
    assert own is not None
    found = np.flatnonzero(own[:, b])
    if apart(run):
        return 1
    return int(found[0]) if len(found) else int(run.batch.stop[b])


def with_forced(forced: str, step: int, name: str | None) -> str:
    """The setting `forced` with one token more at a step (from 0), or without that of the step."""
    words = dict(word.split(":", 1) for word in forced.split() if ":" in word)
    words.pop(str(step + 1), None)
    if name is not None:
        words[str(step + 1)] = name
    return " ".join(f"{key}:{words[key]}" for key in sorted(words, key=int))
