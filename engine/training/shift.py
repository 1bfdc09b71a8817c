"""Distribution shift: how far a network is from all it saw in training, after one wrong word.

The distance of a state is the mean distance to its nearest states of training, read with the truth;
what is usual stands beside it, as the same distance of those states themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.chains import chains_of
from engine.door import Array, Run
from engine.errors import Unusable
from engine.training.choosing import manner_of
from engine.training.feedback import forced_tokens
from engine.training.generation import Written, continued, generate
from engine.training.trained import Trained
from engine.training.writer import Writer

NEAREST = 5
SEEN = 2000  # states of training that distances are taken to
OWN = 400  # of them, whose own distances say what is usual
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """One text twice: as it was written, and with a token forced at `step`; same seed.

    `distances` and `usual` (N,): of h_t when it was forced, and when it was not. `bands` (3,): the
    5, 50 and 95 % quantiles of training. `perplexity` of each text from the step after on.
    """

    step: int
    forced: Written
    plain: Written
    distances: Array
    usual: Array
    bands: Array
    perplexity: tuple[float, float]  # forced, plain


def shift(
    trained: Trained,
    prompt: str,
    length: int,
    step: int,
    token: str,
    *,
    temperature: float = 1.0,
    seed: int = 0,
) -> Shift:
    """Write `length` tokens with `token` forced at `step` (0 is the first after the prompt), and
    without. The states are h of the highest layer from which each token was said."""
    if not 0 <= step < length - 1:
        raise Unusable(f"step must be 0..{length - 2}, got {step}", exit=2)
    if not prompt:
        raise Unusable("a text to be changed begins with a prompt; give one", exit=2)
    manner = {"temperature": temperature, "seed": seed}
    plain = generate(trained, prompt, length, **manner)  # type: ignore[arg-type]
    forced = generate(trained, prompt, length, forced={step: token}, **manner)  # type: ignore[arg-type]
    usual = usual_of(trained)
    return Shift(
        step=step,
        forced=forced,
        plain=plain,
        distances=nearest(usual.seen, forced.states),
        usual=nearest(usual.seen, plain.states),
        bands=usual.bands,
        perplexity=(_perplexity(forced, step + 1), _perplexity(plain, step + 1)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """States of training (n, H), and `bands` (3,) of how far each is from those next to it."""

    seen: Array
    bands: Array


@lru_cache(maxsize=2)
def usual_of(trained: Trained) -> Usual:
    """What is usual for a trained network; the last ones are kept."""
    seen = states_seen(trained)
    rng = np.random.default_rng(trained.training.shuffle)
    some = rng.permutation(len(seen))[:OWN]
    # of a state that is itself among them the nearest is itself
    return Usual(seen, np.quantile(nearest(seen, seen[some], skip=1), QUANTILES))


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """A run that reads its own output, step by step (T,): `distances` of h_t from the states of
    training; `usual` those of the same run without a forced token, NaN where it is not written
    yet. `forced`: steps whose input was put there. `perplexity`: of the tokens after the first of
    them, with it and without; NaN where there are none."""

    distances: Array
    usual: Array
    bands: Array
    forced: tuple[int, ...]
    perplexity: tuple[float, float]


def drift_of(run: Run, trained: Trained) -> Drift:
    """How far a recording that wrote goes from what the network saw while it was trained."""
    usual = usual_of(trained)
    states = run.recording.value(*chains_of(run.network, "h")[-1][0])[:, 0]
    distances = nearest(usual.seen, states.astype(np.float64))
    names = run.batch.output_names
    forced = tuple(sorted(t + 1 for t in forced_tokens(run.experiment, names)))
    plain = np.full(len(distances), np.nan)
    own = run.batch.own
    if not forced or own is None or not own.any():
        return Drift(distances, plain, usual.bands, (), (math.nan, math.nan))
    given = max(int((~own[:, 0]).sum()), 1)
    said = _without(run, given)
    plain[given - 1 : given - 1 + len(said)] = nearest(usual.seen, np.array([s[3] for s in said]))
    after = [-math.log(max(float(s[2][s[0]]), 1e-300)) for s in said[forced[0] - given + 1 :]]
    losses = run.recording.losses[forced[0] : int(run.batch.stop[0]), 0]
    found = (_mean_perplexity(losses), _mean_perplexity(np.array(after)))
    return Drift(distances, plain, usual.bands, forced, found)


def _without(run: Run, given: int) -> list[tuple[int, Array, Array, Array]]:
    """What the network of a run writes with the same draws where nothing is put in their place."""
    batch = run.batch
    writer = Writer(run.experiment, batch, dict(run.recording.parameters))
    writer.begin()
    read = batch.x[:given, 0].argmax(-1).tolist()
    rng = np.random.default_rng(run.experiment.draws)
    if batch.own is not None and batch.own[0, 0]:
        rng.random()
    length = batch.steps + 1 - given
    manner = manner_of(run.experiment)
    return continued(writer, batch.vocabulary, read, length, manner, rng, {})


def _mean_perplexity(surprise: Array) -> float:
    return float(np.exp(surprise.mean())) if len(surprise) else math.nan


def _perplexity(written: Written, start: int) -> float:
    return float(np.exp(written.surprise[start:].mean()))


def states_seen(trained: Trained, most: int = SEEN) -> Array:
    """(n, H): h of the highest layer while the data of training is read once more, the truth at
    every step; of many, some."""
    batches = trained.batches
    first = batches.first
    writer = Writer(trained.experiment, first, trained.parameters, first.size)
    found: list[Array] = []
    for update in range(max(batches.per_pass, 1)):
        drawn = batches.draw(update)
        if drawn.begins:
            writer.begin()
        inside = np.ones(first.targets.shape[:2], bool)
        if drawn.batch is not None:
            steps = np.arange(first.steps)[:, None]
            inside = (steps >= drawn.batch.start) & (steps < drawn.batch.stop)
        read = drawn.tokens
        if read is None:
            x = drawn.x if drawn.batch is None else drawn.batch.x
            assert x is not None
            read = x.argmax(-1) if first.kind == "class" else x
        for row, own in zip(read, inside, strict=True):
            writer.read(row)
            found.append(writer.state()[own].copy())
        if sum(map(len, found)) > 4 * most:
            break
    seen = np.concatenate(found).astype(np.float64)
    if len(seen) > most:
        seen = seen[np.random.default_rng(trained.training.shuffle).permutation(len(seen))[:most]]
    return seen


def nearest(seen: Array, states: Array, skip: int = 0) -> Array:
    """The mean distance of each of `states` (N, H) to its NEAREST of `seen` (n, H), without the
    `skip` nearest."""
    squares = np.square(states).sum(1)[:, None] + np.square(seen).sum(1) - 2 * states @ seen.T
    count = min(NEAREST + skip, len(seen))
    closest = np.sort(np.partition(squares, count - 1, axis=1)[:, :count], axis=1)
    return np.asarray(np.sqrt(np.maximum(closest[:, skip:], 0.0)).mean(1))
