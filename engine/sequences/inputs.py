"""The input half of a batch: tokens one-hot, numbers standardised, names, labels under the steps.

Targets and padding of them are in `engine.sequences.tasks`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import BAD_SETTINGS, Unusable
from engine.files import MAX_ELEMENTS
from engine.sequences.sequence import Floats, Integers, Sequence, Strings
from engine.sequences.wording import STOP, plain, shown

MAX_CHARACTERS = 10_000_000


@dataclass(frozen=True, slots=True)
class Scaling:
    """Mean and standard deviation per column; raw = value * scale + mean."""

    means: tuple[float, ...]
    scales: tuple[float, ...]

    @staticmethod
    def of(series: list[Floats]) -> Scaling:
        """Over all steps of all series. A constant column keeps the scale 1 and becomes 0."""
        stacked = np.concatenate(series)
        largest = np.abs(stacked).max(axis=0)
        # 1e308 squared would overflow; a power of two changes no digit
        unit = np.where(largest > 1e-300, np.ldexp(1.0, np.frexp(largest)[1] - 1), 1.0)
        small = stacked / unit
        means = small.mean(axis=0)
        deviations = small.std(axis=0)
        constant = deviations < 1e-14
        scales = np.where(constant, np.maximum(1.0, unit), deviations * unit)
        # the mean of equal numbers is rounded, and its rounding is no signal
        centres = np.where(constant, stacked[0], means * unit)
        return Scaling(tuple(centres.tolist()), tuple(scales.tolist()))

    def apply(self, raw: Floats) -> Floats:
        # halved, since the difference of two numbers near ±1e308 would overflow
        half = raw * 0.5 - np.array(self.means) * 0.5
        scaled: Floats = half / (np.array(self.scales) * 0.5)
        return scaled


@dataclass(frozen=True, slots=True)
class Inputs:
    """What each series feeds in: indices of tokens (T_i,), or numbers (T_i, I).

    vocabulary: the tokens themselves, the stop token last where the task predicts tokens.
    """

    names: Strings
    labels: tuple[Strings, ...]
    indices: tuple[Integers, ...] = ()
    values: tuple[Floats, ...] = ()
    vocabulary: Strings = ()
    tokens: str = ""
    scaling: Scaling | None = None

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(len(each) for each in self.indices or self.values)

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


def inputs_of(sequence: Sequence, tokens: str, standardise: bool, *, stop: bool) -> Inputs:
    """The inputs of a sequence; `stop` adds the stop token to the vocabulary of a text."""
    if sequence.kind == "text":
        return _tokens(sequence, sequence.tokens if tokens == "auto" else tokens, stop)
    return _numbers(sequence, standardise)


def cut(text: str, tokens: str) -> list[str]:
    """A text as tokens: words are what white space parts, characters are themselves."""
    return text.split() if tokens == "words" else list(text)


def _tokens(sequence: Sequence, tokens: str, stop: bool) -> Inputs:
    length = sum(map(len, sequence.texts))
    if length > MAX_CHARACTERS:
        raise Unusable(
            f"the text has {length:,} characters; at most {MAX_CHARACTERS:,} are encoded:"
            " give a part of it"
        )
    series = [cut(text, tokens) for text in sequence.texts]
    known = dict.fromkeys(token for each in series for token in each)
    if sequence.vocabulary:
        check_known(known, sequence.vocabulary, sequence.title or "the text")
        known = dict.fromkeys(sequence.vocabulary)
    if stop:
        known.pop(STOP, None)  # typed, it is the stop token itself
        known[STOP] = None
    vocabulary = tuple(known)
    index = {token: k for k, token in enumerate(vocabulary)}
    names = {token: shown(token) for token in vocabulary}
    check_size(max(map(len, series)), len(series), len(vocabulary), sequence.source)
    return Inputs(
        names=tuple(names.values()),
        labels=tuple(tuple(names[token] for token in each) for each in series),
        indices=tuple(np.array([index[token] for token in each]) for each in series),
        vocabulary=vocabulary,
        tokens=tokens,
    )


def check_known(tokens: Iterable[str], vocabulary: Strings, what: str) -> None:
    """Refuse tokens that a network was not made for."""
    known = {*vocabulary, STOP}
    unknown = [token for token in dict.fromkeys(tokens) if token not in known]
    if unknown:
        listed = ", ".join(shown(token) for token in unknown[:5])
        raise Unusable(
            f"{what} has {listed}, which is not among the {len(vocabulary)} tokens that the network"
            f" knows; use {''.join(shown(token) for token in vocabulary)[:80]}",
            exit=BAD_SETTINGS,
        )


def _numbers(sequence: Sequence, standardise: bool) -> Inputs:
    chosen = [c for c, role in enumerate(sequence.roles) if role == "input"]
    raw = [array[:, chosen] for array in sequence.series]
    scaling = Scaling.of(raw) if standardise else None
    if sequence.times:
        labels = tuple(tuple(plain(time) for time in times) for times in sequence.times)
    else:
        labels = tuple(tuple(map(str, range(1, len(each) + 1))) for each in raw)
    return Inputs(
        names=tuple(plain(sequence.columns[c]) for c in chosen),
        labels=labels,
        values=tuple(raw if scaling is None else (scaling.apply(each) for each in raw)),
        scaling=scaling,
    )


def check_size(steps: int, size: int, width: int, source: str) -> None:
    """Refuse a batch that would not fit before it is made."""
    if steps * size * width > MAX_ELEMENTS:
        raise Unusable(
            f"{source or 'the sequence'} makes {steps:,} steps × {size:,} series × {width:,}"
            f" numbers; at most {MAX_ELEMENTS:,} in all are allowed: give a part of it, or choose"
            " --tokens characters"
        )
