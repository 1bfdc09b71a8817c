"""The batch of a network that goes on by itself, as it is before anything is written: the prompt,
and room for what follows. It is filled in by `engine.training.feedback`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import BAD_SETTINGS, Unusable
from engine.experiment import Experiment
from engine.sequences import Batch, Sequence, encode
from engine.sequences.inputs import check_known, check_size, cut
from engine.sequences.tasks import natural_task
from engine.sequences.window import Window
from engine.sequences.wording import number

MOST_READ = 2000  # steps of a series that are read before numbers are written


def blank_of(sequence: Sequence, meant: Experiment) -> Batch:
    """The prompt and then zeros, (T, 1, I); `own` says which steps are still to be written.

    N tokens after a prompt of P are T = P + N − 1 steps: the last token is said and not read.
    Raises `Unusable` for a prompt that the network cannot read.
    """
    task = meant.task if meant.task != "auto" else natural_task(sequence).id
    if task != "next":
        raise Unusable(
            f"only a network that predicts what comes next can write; this one has the task {task}:"
            " choose --task next",
            exit=BAD_SETTINGS,
        )
    if sequence.kind == "text":
        return _text(sequence, meant)
    if meant.prompt:
        raise Unusable(
            "prompt must be empty, since this network reads numbers and goes on from the end of "
            f"its series; got {meant.prompt[:40]!r}",
            exit=BAD_SETTINGS,
        )
    return _series(sequence, meant)


def first_tokens(sequence: Sequence, tokens: str) -> list[str]:
    """The token with which each text begins."""
    kind = sequence.tokens if tokens == "auto" else tokens
    return [found[0] for text in sequence.texts if (found := cut(text[:1000], kind))]


def _text(sequence: Sequence, meant: Experiment) -> Batch:
    few = Window(0, 2, max(sequence.lengths(meant.tokens)))
    like = encode(sequence, tokens=meant.tokens, task="next", window=few)
    kind = sequence.tokens if meant.tokens == "auto" else meant.tokens
    known = like.vocabulary
    if meant.top_k > len(known):
        raise Unusable(
            f"top_k must be 0..{len(known)}, as many as there are tokens; got {meant.top_k}",
            exit=BAD_SETTINGS,
        )
    read = cut(meant.prompt, kind)
    check_known(read, known, "the prompt")
    if meant.reads == "first" and len(read) > 1:
        raise Unusable(
            f"prompt must be one token, since only the first input is read; got {len(read)}",
            exit=BAD_SETTINGS,
        )
    drawn = not read
    if drawn:
        firsts = sorted(first_tokens(sequence, meant.tokens), key=known.index)
        read = [firsts[int(np.random.default_rng(meant.draws).random() * len(firsts))]]
    steps = max(len(read) + meant.write - 1 - drawn, 1)
    check_size(steps, 1, len(known), sequence.source)
    x = np.zeros((steps, 1, len(known)), np.int8)
    names = tuple(like.input_names[known.index(token)] for token in read)
    x[np.arange(len(read)), 0, [known.index(token) for token in read]] = 1
    own = np.arange(steps)[:, None] >= (0 if drawn else len(read))
    if meant.reads == "first":
        own[:] = False
    return _filled(like, x, own, np.zeros((steps, 1), np.int64), names)


def _series(sequence: Sequence, meant: Experiment) -> Batch:
    whole = len(sequence.series[0])
    low = min(max(meant.first - 1, 0 if meant.steps else whole - MOST_READ), whole - 2)
    given = min(meant.steps or whole, whole - low)
    steps = given + meant.write - 1
    # what really came after what is read is the target, as far as it is known
    few = Window(low, min(low + max(steps, 1), whole - 1), whole - 1)
    like = encode(sequence, task="next", standardise=meant.standardise, window=few)
    told = int(like.stop[0])
    x = np.zeros((steps, 1, like.x.shape[2]))
    # what is read last may have no target: it is the last target of those before
    read = np.concatenate([like.x[:told, 0], like.targets[told - 1 : told, 0]])[:given]
    x[: len(read), 0] = read
    targets = np.zeros((steps, 1, like.outputs))
    targets[:told, 0] = like.targets[:told, 0]
    names = (*like.labels[0][: len(read)], str(low + given))[:given]
    made = _filled(like, x, np.arange(steps)[:, None] >= given, targets, names)
    weights = (np.arange(steps)[:, None] < told).astype(float)
    said = tuple(number(v) for v in _raw(like, targets[:told, 0])[:, 0].tolist())
    return replace(made, weights=weights, target_labels=((*said, *("",) * (steps - len(said))),))


def _raw(like: Batch, rows: NDArray[Any]) -> NDArray[Any]:
    """Outputs in the units of the series."""
    scales, means = (
        np.array(v) if v else d for v, d in ((like.target_scales, 1.0), (like.target_means, 0.0))
    )
    return np.asarray(rows * scales + means)


def _filled(
    like: Batch, x: NDArray[Any], own: NDArray[Any], targets: NDArray[Any], names: tuple[str, ...]
) -> Batch:
    steps = len(x)
    return replace(
        like,
        x=x,
        start=np.zeros(1, np.int64),
        stop=np.array([steps]),
        targets=targets,
        weights=np.ones((steps, 1)),
        labels=((*names, *("",) * (steps - len(names))),),
        target_labels=(("",) * steps,),
        window=None,
        own=own,
    )
