"""A trained network writes: its outputs are fed back, token by token. `engine.generate` is here.

How one step is made is in `writer`; sampling without feeding back is in `independent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.door import Array
from engine.errors import Unusable
from engine.sequences import Batch
from engine.sequences.inputs import check_known, cut
from engine.sequences.sequence import Integers, Strings
from engine.sequences.wording import STOP
from engine.training.choosing import Manner, softmax, taken
from engine.training.decoder import decoded
from engine.training.trained import Trained
from engine.training.writer import Writer

LONGEST = 1_000_000  # tokens
MOST_READ = 20_000  # steps of a series that are read before numbers are written


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What was written. N tokens: `chosen` (N,), each drawn from a row of `probabilities` (N, V).

    `expected` (N, V) are the network's own probabilities, before temperature and top-k; `states`
    (N, H) is h of the highest layer from which each token was said. Of numbers, `numbers` (N, O)
    is what was written, in the units of the series, and the others are empty.
    """

    vocabulary: Strings
    glue: str  # between two tokens: nothing, or a space between words
    prompt: Strings
    chosen: Integers
    probabilities: Array
    expected: Array
    states: Array
    numbers: Array
    forced: tuple[int, ...] = ()  # steps at which the token was not drawn but given

    @property
    def tokens(self) -> Strings:
        return tuple(self.vocabulary[k] for k in self.chosen.tolist())

    @property
    def text(self) -> str:
        """What was written after the prompt."""
        return self.glue.join(self.tokens)

    def alternatives(self, step: int, count: int = 5) -> list[tuple[str, float]]:
        """The likeliest tokens at a step with their probabilities, the taken one among them."""
        row = self.probabilities[step]
        order = np.argsort(-row, kind="stable")[:count].tolist()
        taken = int(self.chosen[step])
        if taken not in order:
            order[-1] = taken
        return [(self.vocabulary[k], float(row[k])) for k in order]

    @property
    def surprise(self) -> Array:
        """−log of the network's own probability of each token that was taken, (N,)."""
        taken = self.expected[np.arange(len(self.chosen)), self.chosen]
        return np.asarray(-np.log(np.maximum(taken, 1e-300)))


def generate(
    trained: Trained,
    prompt: str = "",
    length: int = 200,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    seed: int = 0,
    stop: bool = False,
    forced: Mapping[int, str] | None = None,
) -> Written:
    """Let a trained network write `length` tokens after `prompt`; same seed, same text.

    Without a prompt the first token is drawn from those that its texts begin with. The stop token
    cannot come unless `stop`, and then it ends the text. `forced` puts tokens at some steps. A
    network of numbers goes on from the end of its series. Raises `Unusable`.
    """
    manner = Manner(temperature, top_k, stop)
    return write(trained, trained.batches.first, prompt, length, manner, seed, forced)


def write(
    trained: Trained,
    like: Batch,
    prompt: str,
    length: int,
    manner: Manner,
    seed: int = 0,
    forced: Mapping[int, str] | None = None,
) -> Written:
    """The same, with a batch at hand that is `like` those that were trained on."""
    if not 1 <= length <= LONGEST:
        raise Unusable(f"length must be 1..{LONGEST:,} tokens, got {length:,}", exit=2)
    if trained.experiment.meant().arrangement == "encoder-decoder":
        return _translated(trained, like, prompt, length, manner, seed)
    writer = Writer(trained.experiment, like, trained.parameters)
    if like.kind != "class":
        return _numbers(trained, writer, like, length, prompt)
    if manner.top_k > len(like.vocabulary):
        raise Unusable(
            f"top-k must be 0..{len(like.vocabulary)}, as many as there are tokens; "
            f"got {manner.top_k:,}",
            exit=2,
        )
    read = tokens_of(trained, like, prompt)
    given = {n: tokens_of(trained, like, word)[0] for n, word in (forced or {}).items()}
    return _text(trained, writer, like, read, length, manner, seed, given)


def _translated(
    trained: Trained, like: Batch, prompt: str, length: int, manner: Manner, seed: int
) -> Written:
    """What a decoder writes after the prompt, which its encoder reads."""
    source = tokens_of(trained, like, prompt) if like.kind == "class" else []
    if not source:
        raise Unusable(
            "an encoder–decoder writes after a source of tokens: give one with --prompt", exit=2
        )
    rng = np.random.default_rng(seed)
    experiment, parameters = trained.experiment, trained.parameters
    steps = decoded(experiment, like, parameters, source, length, manner, rng)
    chosen, rows, own = zip(*steps)
    return Written(
        vocabulary=like.vocabulary,
        glue=" " if tokens_kind(trained) == "words" else "",
        prompt=tuple(like.vocabulary[k] for k in source),
        chosen=np.array(chosen),
        probabilities=np.array(rows),
        expected=np.array(own),
        states=np.zeros((len(chosen), 0)),
        numbers=np.zeros((0, 0)),
    )


def tokens_of(trained: Trained, like: Batch, prompt: str) -> list[int]:
    """The prompt as indices; Unusable for a token that the network does not know."""
    tokens = cut(prompt, tokens_kind(trained))
    check_known(tokens, like.vocabulary, "the prompt")
    return [like.vocabulary.index(token) for token in tokens]


def tokens_kind(trained: Trained) -> str:
    kind = trained.experiment.tokens
    return trained.sequence.tokens if kind == "auto" else kind


def beginnings(trained: Trained, like: Batch) -> list[int]:
    """The first token of every text that was trained on."""
    firsts = (cut(text, tokens_kind(trained))[:1] for text in trained.sequence.texts)
    return [like.vocabulary.index(each[0]) for each in firsts if each]


def _text(
    trained: Trained,
    writer: Writer,
    like: Batch,
    read: list[int],
    length: int,
    manner: Manner,
    seed: int,
    forced: Mapping[int, int],
) -> Written:
    writer.begin()
    first = None if read else _first(trained, like)
    rng = np.random.default_rng(seed)
    steps = continued(writer, like.vocabulary, read, length, manner, rng, forced, first)
    chosen, rows, own, states = zip(*steps)
    return Written(
        vocabulary=like.vocabulary,
        glue=" " if tokens_kind(trained) == "words" else "",
        prompt=tuple(like.vocabulary[k] for k in read),
        chosen=np.array(chosen),
        probabilities=np.array(rows),
        expected=np.array(own),
        states=np.array(states),
        numbers=np.zeros((0, 0)),
        forced=tuple(n for n in forced if n < len(chosen)),
    )


def continued(
    writer: Writer,
    vocabulary: Strings,
    read: list[int],
    length: int,
    manner: Manner,
    rng: np.random.Generator,
    forced: Mapping[int, int],
    first: Array | None = None,
) -> list[tuple[int, Array, Array, Array]]:
    """What a writer says after `read`, token by token: each with the probabilities (V,) it was
    drawn from, the network's own (V,), and h (H,) from which it was said. `first` (1, V) are those
    of the first token where nothing was read."""
    masked = None if manner.stop else vocabulary.index(STOP)
    logits = None
    for token in read:
        logits = writer.read(np.array([token]))
    steps: list[tuple[int, Array, Array, Array]] = []
    for n in range(length):
        if logits is None:  # nothing was read: what texts begin with
            assert first is not None
            p = expected = first
        else:
            p, expected = manner.probabilities(logits, masked), softmax(logits.astype(np.float64))
        drawn = int(taken(p, rng)[0])  # a forced token uses up its number too
        token = forced.get(n, drawn)
        state = writer.state()[0].copy() if logits is not None else 0 * writer.state()[0]
        steps.append((token, p[0], expected[0], state))
        if manner.stop and vocabulary[token] == STOP:
            break
        logits = writer.read(np.array([token]))
    return steps


def _first(trained: Trained, like: Batch) -> Array:
    """(1, V): how often the texts that were trained on begin with each token."""
    found = np.bincount(beginnings(trained, like), minlength=len(like.vocabulary))
    return np.asarray(found[None] / found.sum())


def _numbers(trained: Trained, writer: Writer, like: Batch, length: int, prompt: str) -> Written:
    if prompt:
        raise Unusable(
            "this network writes numbers, and goes on from the end of its series; leave the "
            "prompt out",
            exit=2,
        )
    means, scales = (np.array(v) if v else d for v, d in
                     ((like.means, 0.0), (like.scales, 1.0)))  # fmt: skip
    inputs = [c for c, role in enumerate(trained.sequence.roles) if role == "input"]
    series = (trained.sequence.series[0][-MOST_READ:][:, inputs] - means) / scales
    writer.begin()
    said = [writer.read(row[None])[0].copy() for row in series][-1:]
    while len(said) < length:
        said.append(writer.read(said[-1][None])[0].copy())
    empty = np.zeros((0, 0))
    numbers = np.array(said, np.float64) * scales + means
    return Written((), "", (), np.zeros(0, np.int64), empty, empty, empty, numbers)
