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
    if trained.experiment.reads == "first":
        return _alone(trained, prompt, length, count, manner, rng)
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
    glue = _glue(trained)
    return Odds(like.vocabulary, glue, marginals, together, apart)


def _glue(trained: Trained) -> str:
    return " " if tokens_kind(trained) == "words" else ""


def _alone(
    trained: Trained,
    prompt: str,
    length: int,
    count: int,
    manner: Manner,
    rng: np.random.Generator,
) -> Odds:
    """A network that reads one input has nothing fed back: its own odds are the marginals."""
    like = trained.batches.first
    read = tokens_of(trained, like, prompt) or [int(rng.choice(beginnings(trained, like)))]
    size, stop = len(like.vocabulary), like.vocabulary.index(STOP)
    writer = Writer(trained.experiment.changed(reads="every"), like, trained.parameters, 1)
    writer.begin()
    x = np.zeros((1, size))
    x[0, read[0]] = 1.0
    rows, columns = [], [] if prompt else [np.full(count, read[0])]
    while len(columns) < length:
        p = manner.probabilities(writer.read(x), None)
        rows.append(p[0])
        columns.append(taken(np.repeat(p, count, 0), rng))
        x = np.zeros((1, size))
    apart = np.stack(columns, 1)
    ended = np.cumsum(apart == stop, axis=1) > (apart == stop)
    apart = np.where(ended, stop, apart)
    together = np.zeros((0, length), np.int64)
    return Odds(like.vocabulary, _glue(trained), np.array(rows), together, apart)


def learnt_share(trained: Trained, texts: list[str]) -> tuple[float, str]:
    """The share of texts that were learnt, and what was counted: of one long text the words."""
    known = trained.sequence.texts
    if len(known) > 1:
        own = {" ".join(text.split()) for text in known}
        return float(np.mean([" ".join(text.split()) in own for text in texts])), "texts"
    own = set(known[0].split())
    words = [word for text in texts for word in text.split()[1:-1]]
    return float(np.mean([word in own for word in words])) if words else 0.0, "words"
