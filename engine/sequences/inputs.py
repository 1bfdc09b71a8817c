"""The input half of a batch: tokens one-hot, numbers standardised, names, labels under the steps.

Targets and padding of them are in `engine.sequences.tasks`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import BAD_SETTINGS, Unusable
from engine.files import MAX_ELEMENTS
from engine.sequences.scaling import Scaling, scaling_of
from engine.sequences.sequence import Floats, Integers, Sequence, Strings, check_steps
from engine.sequences.window import Window
from engine.sequences.wording import STOP, plain, shown

MAX_CHARACTERS = 10_000_000


@dataclass(frozen=True, slots=True)
class Inputs:
    """What each series feeds in: indices of tokens (T_i,), or numbers (T_i, I).

    vocabulary: the tokens themselves, the stop token last where the task predicts tokens.
    raw: numbers as they were given, all columns.    low: steps before these that are left out.
    """

    names: Strings
    labels: tuple[Strings, ...]
    indices: tuple[Integers, ...] = ()
    values: tuple[Floats, ...] = ()
    vocabulary: Strings = ()
    tokens: str = ""
    scaling: Scaling | None = None
    raw: tuple[Floats, ...] = ()
    low: int = 0

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(len(each) for each in self.indices or self.values)

    def cut(self, steps: int) -> Inputs:
        """The first steps."""
        return replace(
            self,
            indices=tuple(each[:steps] for each in self.indices),
            values=tuple(each[:steps] for each in self.values),
            labels=tuple(each[:steps] for each in self.labels),
        )

    def shortened(self, steps: int) -> Inputs:
        """Without the last steps, which have nothing to predict."""
        return replace(
            self,
            values=tuple(each[:-steps] for each in self.values),
            labels=tuple(each[:-steps] for each in self.labels),
        )

    def padded(self) -> NDArray[Any]:
        """x (T, B, I), zero beyond the length of each series; ones need no more than a byte."""
        lengths = self.lengths
        shape = (max(lengths), len(lengths), len(self.names))
        x = np.zeros(shape, np.int8 if self.indices else np.float64)
        for b, indices in enumerate(self.indices):
            x[np.arange(len(indices)), b, indices] = 1
        for b, values in enumerate(self.values):
            x[: len(values), b] = values
        return x


def inputs_of(
    sequence: Sequence, tokens: str, standardise: bool, *, stop: bool, window: Window | None = None
) -> Inputs:
    """The inputs of a sequence; `stop` adds the stop token to the vocabulary of a text.

    Of a window they are its steps and the one after it, which may be a target. What is known of
    the whole (vocabulary, mean, deviation) is the same for every window.
    """
    some = slice(window.low, window.high + 1) if window else slice(0, None)
    if sequence.kind == "text":
        return _tokens(sequence, sequence.tokens if tokens == "auto" else tokens, stop, some)
    return _numbers(sequence, standardise, some)


def cut(text: str, tokens: str) -> list[str]:
    """A text as tokens: words are what white space parts, characters are themselves."""
    return text.split() if tokens == "words" else list(text)


def _tokens(sequence: Sequence, tokens: str, stop: bool, some: slice) -> Inputs:
    length = sum(map(len, sequence.texts))
    if length > MAX_CHARACTERS:
        raise Unusable(
            f"the text has {length:,} characters; at most {MAX_CHARACTERS:,} are encoded:"
            " give a part of it"
        )
    known = dict.fromkeys(occurring(sequence.texts, tokens))
    if sequence.vocabulary:
        check_known(known, sequence.vocabulary, sequence.title or "the text")
        known = dict.fromkeys(sequence.vocabulary)
    if stop:
        known.pop(STOP, None)  # typed, it is the stop token itself
        known[STOP] = None
    vocabulary = tuple(known)
    index = {token: k for k, token in enumerate(vocabulary)}
    names = {token: shown(token) for token in vocabulary}
    series = [part_of(text, tokens, some) for text in sequence.texts]
    return Inputs(
        names=tuple(names.values()),
        labels=tuple(tuple(names[token] for token in each) for each in series),
        indices=tuple(np.array([index[token] for token in each]) for each in series),
        vocabulary=vocabulary,
        tokens=tokens,
        low=some.start,
    )


@lru_cache(maxsize=4)
def occurring(texts: Strings, tokens: str) -> Strings:
    """The different tokens of all texts, in the order in which they come."""
    known: dict[str, None] = {}
    for text in texts:
        known |= dict.fromkeys(cut(text, tokens))
    return tuple(known)


def part_of(text: str, tokens: str, some: slice) -> list[str]:
    """Some of the tokens of a text, the others not looked at where they are characters."""
    return list(text[some]) if tokens == "characters" else cut(text, tokens)[some]


def check_known(tokens: Iterable[str], vocabulary: Strings, what: str) -> None:
    """Refuse tokens that a network was not made for."""
    known = {*vocabulary, STOP}
    unknown = [token for token in dict.fromkeys(tokens) if token not in known]
    if unknown:
        listed = ", ".join(map(shown, unknown[:5]))
        glue = "" if all(len(token) == 1 for token in vocabulary) else ", "
        words = glue.join(map(shown, vocabulary))
        words = words if len(words) <= 100 else f"{words[:99]}…"
        raise Unusable(
            f"{what} has {listed}, which the network does not know; its {len(vocabulary)} tokens "
            f"are {words}",
            exit=BAD_SETTINGS,
        )


def _numbers(sequence: Sequence, standardise: bool, some: slice) -> Inputs:
    chosen = [c for c, role in enumerate(sequence.roles) if role == "input"]
    check_steps(
        sum(len(range(*some.indices(len(array)))) for array in sequence.series), sequence.source
    )
    raw = tuple(np.asarray(array[some], np.float64) for array in sequence.series)
    values = tuple(array[:, chosen] for array in raw)
    scaling = scaling_of(sequence, "input") if standardise else None
    labels: tuple[Strings, ...]
    if sequence.times:
        labels = tuple(tuple(plain(time) for time in times[some]) for times in sequence.times)
    else:
        steps = (range(some.start + 1, some.start + len(each) + 1) for each in raw)
        labels = tuple(tuple(map(str, each)) for each in steps)
    return Inputs(
        names=tuple(plain(sequence.columns[c]) for c in chosen),
        labels=labels,
        values=values if scaling is None else tuple(scaling.apply(each) for each in values),
        scaling=scaling,
        raw=raw,
        low=some.start,
    )


def check_size(steps: int, size: int, width: int, source: str) -> None:
    """Refuse a batch that would not fit before it is made."""
    if steps * size * width > MAX_ELEMENTS:
        raise Unusable(
            f"{source or 'the sequence'} makes {steps:,} steps × {size:,} series × {width:,}"
            f" numbers; at most {MAX_ELEMENTS:,} in all are allowed: give a part of it, or choose"
            " --tokens characters"
        )
