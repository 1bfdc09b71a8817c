"""Reading first, writing afterwards: a batch in which every series is a source and a target.

A text with an arrow (two -> zwei) says both; a text without one is to be written again, numbers
are read to the middle and written from there. Other tasks are in `engine.sequences.tasks`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from engine.errors import BAD_SETTINGS, Unusable
from engine.sequences.inputs import check_size, cut, inputs_of
from engine.sequences.sequence import Batch, Floats, Integers, Sequence, Strings
from engine.sequences.wording import STOP, number, quoted, shown

ARROW = re.compile(r"[^\S\n]*(?:->|→)[^\S\n]*")


@dataclass(frozen=True, slots=True)
class _Pair:
    """One series: what is read, what is written; rows of numbers or tokens, and their labels.

    `fed`: what a decoder finds at each writing step, the start and then what it should have said.
    """

    source: list[str] | Floats
    target: list[str] | Floats
    fed: list[str] | Floats
    labels: tuple[Strings, Strings, Strings]


def encode_pairs(
    sequence: Sequence, *, tokens: str, standardise: bool, echo: bool, fed: bool
) -> Batch:
    """The batch of [source; target] on one time axis: read up to `turn`, written from there on.

    echo: a text without an arrow is its own target; else that is an error. fed: the inputs while
    writing are the target one step late (teacher forcing); else there are none, and x is 0.
    """
    if sequence.kind == "text":
        pairs = _texts(sequence, sequence.tokens if tokens == "auto" else tokens, echo)
        return _tokens(sequence, pairs, fed)
    return _numbers(sequence, standardise, fed)


def _texts(sequence: Sequence, tokens: str, echo: bool) -> list[_Pair]:
    lines = [
        line
        for text in sequence.texts
        for line in (text.split("\n") if ARROW.search(text) else [text])
        if line.strip()
    ]
    pairs = []
    for line in lines:
        sides = ARROW.split(line)
        if len(sides) > 2 or (len(sides) == 1 and not echo):
            what = "has no target" if len(sides) == 1 else "has several arrows"
            raise Unusable(
                f"{quoted(line.strip())} {what}; each line is what is read, an arrow, and what is "
                "written: two -> zwei",
                exit=BAD_SETTINGS,
            )
        source = cut(sides[0].strip(), tokens)
        target = cut(sides[-1].strip(), tokens)
        if not source or not target:
            side = "before" if not source else "after"
            raise Unusable(
                f"there is nothing {side} the arrow of {quoted(line.strip())}; write what is "
                f"{'read' if not source else 'written'} there"
            )
        late = [STOP, *target]
        named = (tuple(map(shown, source)), tuple(map(shown, late)), (*map(shown, target), STOP))
        pairs.append(_Pair(source, [*target, STOP], late, named))
    return pairs


def _tokens(sequence: Sequence, pairs: list[_Pair], fed: bool) -> Batch:
    known = dict.fromkeys(token for pair in pairs for token in (*pair.source, *pair.target))
    known.pop(STOP, None)
    known[STOP] = None
    index = {str(token): k for k, token in enumerate(known)}
    batch = _Axis(pairs, len(index), sequence.source)
    targets = np.zeros((batch.steps, len(pairs)), dtype=np.int64)
    for b, pair in enumerate(pairs):
        for t, token in enumerate(pair.source):
            batch.x[t, b, index[str(token)]] = 1.0
        for t, token in enumerate(pair.fed):
            batch.x[batch.turn + t, b, index[str(token)]] = float(fed)
        ids = [index[str(token)] for token in pair.target]
        targets[batch.turn : batch.turn + len(ids), b] = ids
    names = tuple(shown(token) for token in index)
    return batch.made(sequence, "class", targets, names, names, tuple(index), fed)


def _numbers(sequence: Sequence, standardise: bool, fed: bool) -> Batch:
    inputs = inputs_of(sequence, "auto", standardise, stop=False)
    pairs = []
    for b, values in enumerate(inputs.values):
        half = (len(values) + 1) // 2
        if half == len(values):
            raise Unusable(
                f"series {b + 1} has one step; at least two are needed, one to read and one to "
                "write: give a longer one"
            )
        labels = inputs.labels[b]
        goals = tuple(number(v) for v in inputs.raw[b][half:, 0].tolist())
        named = (labels[:half], labels[half:], goals)
        pairs.append(_Pair(values[:half], values[half:], values[half - 1 : -1], named))
    width = len(inputs.names)
    batch = _Axis(pairs, width, sequence.source)
    targets = np.zeros((batch.steps, len(pairs), width))
    for b, pair in enumerate(pairs):
        batch.x[: len(pair.source), b] = pair.source
        stop = batch.turn + len(pair.target)
        targets[batch.turn : stop, b] = pair.target
        if fed:
            batch.x[batch.turn : stop, b] = pair.fed
    scaling = inputs.scaling
    scales = (scaling.means, scaling.scales) if scaling else ((), ())
    return batch.made(sequence, "regression", targets, inputs.names, inputs.names, (), fed, *scales)


class _Axis:
    """The global time axis: the longest source, then the longest target."""

    def __init__(self, pairs: list[_Pair], width: int, source: str) -> None:
        self.pairs = pairs
        self.turn = max(len(pair.source) for pair in pairs)
        self.steps = self.turn + max(len(pair.target) for pair in pairs)
        check_size(self.steps, len(pairs), width, source)
        self.x = np.zeros((self.steps, len(pairs), width))

    def made(
        self,
        sequence: Sequence,
        kind: str,
        targets: Integers | Floats,
        inputs: Strings,
        outputs: Strings,
        vocabulary: Strings,
        fed: bool,
        means: tuple[float, ...] = (),
        scales: tuple[float, ...] = (),
    ) -> Batch:
        weights = np.zeros((self.steps, len(self.pairs)))
        for b, pair in enumerate(self.pairs):
            weights[self.turn : self.turn + len(pair.target), b] = 1.0
        return Batch(
            x=self.x,
            start=np.zeros(len(self.pairs), dtype=np.int64),
            stop=np.array([self.turn + len(pair.target) for pair in self.pairs]),
            kind=kind,
            targets=targets,
            weights=weights,
            readout="after",
            outputs=len(outputs),
            vocabulary=vocabulary,
            input_names=inputs,
            labels=tuple(self._labels(pair, fed) for pair in self.pairs),
            target_labels=tuple((*("",) * self.turn, *p.labels[2]) for p in self.pairs),
            title=sequence.title,
            source=sequence.source,
            output_names=outputs,
            task="next",
            means=means,
            scales=scales,
            target_means=means,
            target_scales=scales,
            turn=self.turn,
            read_stop=np.array([len(pair.source) for pair in self.pairs]),
        )

    def _labels(self, pair: _Pair, fed: bool) -> Strings:
        """What is read at every step; nothing behind a short source."""
        gap = ("",) * (self.turn - len(pair.source))
        return (*pair.labels[0], *gap, *(pair.labels[1] if fed else ("",) * len(pair.target)))
