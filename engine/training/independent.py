"""Right odds, wrong words: every step drawn by itself, with the very odds of a network that feeds
back what it says.

The odds of a step are how often each token stands there in many texts that the network wrote; what
is drawn from them step by step has the same odds everywhere, and forgets what was said before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.door import Array
from engine.errors import Unusable
from engine.sequences.sequence import Integers, Strings
from engine.sequences.wording import STOP
from engine.training.choosing import Manner, taken
from engine.training.generation import beginnings, tokens_kind, tokens_of
from engine.training.trained import Trained
from engine.training.writer import Writer


@dataclass(frozen=True, slots=True, eq=False)
class Odds:
    """`together` (count, N): texts written with feedback; `apart` (count, N): step by step from
    `marginals` (N, V), which are the odds of both. After the stop token stands only it."""

    vocabulary: Strings
    glue: str
    marginals: Array
    together: Integers
    apart: Integers

    def texts(self, rows: Integers) -> list[str]:
        """Rows of tokens as texts, without what follows the stop token."""
        stop = self.vocabulary.index(STOP)
        return [
            self.glue.join(self.vocabulary[k] for k in row if k != stop) for row in rows.tolist()
        ]


def odds(
    trained: Trained,
    prompt: str = "",
    length: int = 20,
    *,
    count: int = 1000,
    temperature: float = 1.0,
    seed: int = 0,
) -> Odds:
    """Write `count` texts of `length` tokens with feedback, and as many without, at equal odds."""
    like = trained.batches.first
    if like.kind != "class":
        raise Unusable("odds are those of tokens, and this network writes numbers", exit=2)
    manner, rng = Manner(temperature, stop=True), np.random.default_rng(seed)
    size, stop = len(like.vocabulary), like.vocabulary.index(STOP)
    writer = Writer(trained.experiment, like, trained.parameters, count)
    writer.begin()
    logits = None
    for token in tokens_of(trained, like, prompt):
        logits = writer.read(np.full(count, token))
    together = np.full((count, length), stop)
    if logits is None:
        together[:, 0] = rng.choice(beginnings(trained, like), count)
        logits = writer.read(together[:, 0])
        first = 1
    else:
        first = 0
    for n in range(first, length):
        said = taken(manner.probabilities(logits, None), rng)
        ended = together[:, n - 1] == stop if n else np.zeros(count, bool)
        together[:, n] = np.where(ended, stop, said)
        logits = writer.read(together[:, n])
    marginals = np.stack([np.bincount(column, minlength=size) for column in together.T]) / count
    apart = np.stack([rng.permutation(column) for column in together.T], 1)
    glue = " " if tokens_kind(trained) == "words" else ""
    return Odds(like.vocabulary, glue, marginals, together, apart)
