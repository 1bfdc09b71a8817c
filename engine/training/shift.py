"""Distribution shift: how far a network is from all it saw in training, after one wrong word.

The distance of a state is the mean distance to its nearest states of training, read with the truth;
what is usual stands beside it, as the same distance of those states themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.door import Array
from engine.errors import Unusable
from engine.training.generation import Written, generate
from engine.training.trained import Trained
from engine.training.writer import Writer

NEAREST = 5
SEEN = 4000  # states of training that distances are taken to
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
    seen = states_seen(trained)
    # of a state that is itself among them the nearest is itself
    rng = np.random.default_rng(trained.training.shuffle)
    some = rng.permutation(len(seen))[:1000]
    own = nearest(seen, seen[some], skip=1)
    return Shift(
        step=step,
        forced=forced,
        plain=plain,
        distances=nearest(seen, forced.states),
        usual=nearest(seen, plain.states),
        bands=np.quantile(own, QUANTILES),
        perplexity=(_perplexity(forced, step + 1), _perplexity(plain, step + 1)),
    )


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
