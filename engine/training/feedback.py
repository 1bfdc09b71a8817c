"""What a network reads of its own output: a batch in which the steps that are fed back are filled
in. It writes first, step by step, and is then run on what it has read, so no gradient passes
through a sample.

Which steps these are is said by `Batch.own`; how the truth is mixed, in `sampling`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import BAD_SETTINGS, Unusable
from engine.experiment import Experiment
from engine.sequences import Batch
from engine.sequences.wording import STOP, number
from engine.training.choosing import manner_of, taken
from engine.training.decoder import Decoder
from engine.training.generation import continued
from engine.training.sampling import Sampler, with_inputs
from engine.training.writer import Writer

Array = np.ndarray[Any, np.dtype[Any]]
Arrays = dict[str, Array]
_FORCED = re.compile(r"(\d{1,9}):(\S+)$")


def fed_back(batch: Batch, experiment: Experiment, parameters: Arrays, states: Arrays) -> Batch:
    """The batch as a network with these parameters and first states (L, B, H) reads it.

    Raises `Unusable` where outputs cannot be fed back.
    """
    if batch.turn and experiment.arrangement == "encoder-decoder":
        return _decoded(batch, experiment, parameters, states)
    if experiment.feeding == "scheduled":
        return _mixed(batch, experiment, parameters, states)
    # of what is read once the steps after it are those that read nothing
    writer = Writer(experiment.changed(reads="every"), batch, parameters)
    writer.begin(states)
    if experiment.reads == "first":
        return _apart(batch, experiment, writer)
    if batch.kind == "class":
        return _written(batch, experiment, writer)
    return _gone_on(batch, writer)


def forced_tokens(experiment: Experiment, names: tuple[str, ...]) -> dict[int, int]:
    """Indices of tokens by the step (from 0) that says them; `names` as they are shown."""
    found = {}
    for word in experiment.forced.split():
        match = _FORCED.match(word)
        if match is None or not int(match[1]) or match[2] not in names:
            raise Unusable(
                f"forced must be steps with one of the {len(names)} tokens each, like "
                f"9:{names[0]}; got {word[:30]!r}",
                exit=BAD_SETTINGS,
            )
        found[int(match[1]) - 1] = names.index(match[2])
    return found


def _written(batch: Batch, experiment: Experiment, writer: Writer) -> Batch:
    """What the network wrote: inputs, targets (the tokens taken), labels."""
    assert batch.own is not None
    given = int((~batch.own).sum())
    rng = np.random.default_rng(experiment.draws)
    if not given:  # the first token was drawn already
        rng.random()
    read = batch.x[: max(given, 1), 0].argmax(-1).tolist()
    length = batch.steps + 1 - len(read)
    late = {t - len(read) + 1: k for t, k in forced_tokens(experiment, batch.output_names).items()}
    manner = manner_of(experiment)
    said = continued(writer, batch.vocabulary, read, length, manner, rng, late)
    tokens = np.array([*read, *(token for token, *_ in said)])
    stop = len(tokens) - 1
    x = np.zeros(batch.x.shape, batch.x.dtype)
    x[np.arange(stop), 0, tokens[:-1]] = 1
    targets = np.zeros_like(batch.targets)
    targets[:stop, 0] = tokens[1:]
    weights = np.zeros_like(batch.weights)
    weights[:stop] = 1.0
    names = [batch.output_names[k] for k in tokens.tolist()]
    return replace(
        batch,
        x=x,
        stop=np.array([stop]),
        targets=targets,
        weights=weights,
        labels=(tuple(names[:stop]),),
        target_labels=(tuple(STOP if n == STOP else n for n in names[1:]),),
        own=batch.own & (np.arange(batch.steps)[:, None] < stop),
    )


def _apart(batch: Batch, experiment: Experiment, writer: Writer) -> Batch:
    """Every output drawn by itself: the targets are what was drawn, and nobody reads it."""
    if batch.kind != "class":
        raise Unusable("what is drawn is a token, and this network says numbers", exit=BAD_SETTINGS)
    rng, manner = np.random.default_rng(experiment.draws), manner_of(experiment)
    forced = forced_tokens(experiment, batch.output_names)
    masked = None if manner.stop else batch.vocabulary.index(STOP)
    targets, stop = np.array(batch.targets), batch.steps
    for t in range(batch.steps):
        p = manner.probabilities(writer.read(batch.x[t].astype(np.float64)), masked)
        drawn = int(taken(p, rng)[0])
        targets[t, 0] = forced.get(t, drawn)
        if manner.stop and batch.vocabulary[targets[t, 0]] == STOP:
            stop = t + 1
            break
    weights = np.where(np.arange(batch.steps)[:, None] < stop, batch.weights, 0.0)
    told = tuple(batch.output_names[k] for k in targets[:stop, 0].tolist())
    return replace(
        batch, targets=targets, stop=np.array([stop]), weights=weights, target_labels=(told,)
    )


def _gone_on(batch: Batch, writer: Writer) -> Batch:
    """Numbers: after the end of the series every step reads what was said a step before."""
    assert batch.own is not None
    x, labels = np.array(batch.x), list(batch.labels[0])
    for t in range(batch.steps):
        said = np.array(writer.read(x[t]))
        if t + 1 < batch.steps and batch.own[t + 1, 0]:
            x[t + 1] = said
            scale, mean = (batch.scales or (1.0,))[0], (batch.means or (0.0,))[0]
            labels[t + 1] = number(float(said[0, 0]) * scale + mean)
    return replace(batch, x=x, labels=(tuple(labels),))


def _mixed(batch: Batch, experiment: Experiment, parameters: Arrays, states: Arrays) -> Batch:
    truth: NDArray[Any] = batch.x.argmax(-1) if batch.kind == "class" else batch.x
    sampler = Sampler(experiment, batch, parameters)
    rng = np.random.default_rng(experiment.draws)
    mixed = sampler.mixed(truth, experiment.truth, rng, parameters, states)
    steps = np.arange(batch.steps)[:, None]
    inside = (steps >= batch.start) & (steps < batch.stop)
    return replace(with_inputs(batch, mixed), own=inside & ~mixed.coins)


def _decoded(batch: Batch, experiment: Experiment, parameters: Arrays, states: Arrays) -> Batch:
    """A decoder that reads what it said, or a coin's choice."""
    decoder = Decoder(experiment, batch, parameters, states)
    rng, manner = np.random.default_rng(experiment.draws), manner_of(experiment)
    x, own = np.array(batch.x, np.float64), np.zeros((batch.steps, batch.size), bool)
    inside = np.arange(batch.steps)[:, None] < batch.stop
    coins = rng.random(own.shape) < _truth(experiment)
    for t in range(batch.turn, batch.steps - 1):
        said = decoder.says(x, t)
        own[t + 1] = inside[t + 1] & ~coins[t + 1]
        if batch.kind == "class":
            said = np.eye(x.shape[2])[taken(manner.probabilities(said, None), rng)]
        x[t + 1] = np.where(own[t + 1][:, None], said, x[t + 1])
    return replace(batch, x=x, own=own, labels=_relabelled(batch, x, own))


def _truth(experiment: Experiment) -> float:
    """How probable it is that a step reads the truth."""
    return experiment.truth if experiment.feeding == "scheduled" else 0.0


def _relabelled(batch: Batch, x: Array, own: NDArray[np.bool_]) -> tuple[tuple[str, ...], ...]:
    """What is read under every step, where that are tokens."""
    if batch.kind != "class":
        return batch.labels
    names = batch.input_names
    return tuple(
        tuple(
            names[int(x[t, b].argmax())] if t < len(own) and own[t, b] else label
            for t, label in enumerate(row)
        )
        for b, row in enumerate(batch.labels)
    )
