"""What was given (`Sequence`) and what a network is fed (`Batch`), as plain frozen data.

Reading files into sequences is in `engine.sequences.reading`, encoding them in
`engine.sequences.tasks`. A sequence is strings and float64 arrays and nothing else, so that a
session can hold it: `facts()` is everything but the arrays, ready for JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import Unusable
from engine.sequences.signal import Signal
from engine.sequences.window import Window

if TYPE_CHECKING:
    from engine.experiment import Experiment
    from engine.template import Network

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Strings = tuple[str, ...]
Series = NDArray[Any] | Signal

KINDS = ("text", "numbers")
ROLES = ("input", "target", "label", "time", "ignore")
TOKENS = ("words", "characters")

MAX_STEPS = 5_000_000  # of all series together, in one batch
MAX_SAMPLES = 160_000_000  # of a sequence: an hour of sound


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """What the user gave, before encoding: one series or several of different length.

    kind: `text` or `numbers`.
    texts: for text, one per series; `tokens` says how they are cut unless the experiment does.
    series: for numbers, one (T_i, C) array per series, as they were stored: finite, read-only; or a
      `Signal`, which stays in its file.
    columns, roles: names and roles of the C columns: input, target or ignore (a label column and a
      time column of a table are not numbers of the series: they become `labels` and `times`).
    labels: empty, or per series either one class name or one per step.
    times: empty, or per series the text under each step ("1749").
    title: for people; source: "typed", the name of a file, or the id of a sample.
    vocabulary: all tokens, or all classes, that there are, in their order; empty: those that occur.
    as_is: names of columns that are fed as they are where the others are standardised.
    """

    kind: str
    texts: Strings = ()
    tokens: str = "words"
    series: tuple[Series, ...] = ()
    columns: Strings = ()
    roles: Strings = ()
    labels: tuple[Strings, ...] = ()
    times: tuple[Strings, ...] = ()
    title: str = ""
    source: str = ""
    vocabulary: Strings = ()
    as_is: Strings = ()

    def __post_init__(self) -> None:
        for name in ("texts", "columns", "roles", "vocabulary", "as_is"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("labels", "times"):
            object.__setattr__(self, name, tuple(tuple(each) for each in getattr(self, name)))
        object.__setattr__(self, "series", tuple(_frozen(each) for each in self.series))
        _check(self)

    @property
    def count(self) -> int:
        """How many series there are."""
        return len(self.texts) if self.kind == "text" else len(self.series)

    @property
    def classes(self) -> Strings:
        """The different class names: numbers by size, words by the alphabet."""
        if self.vocabulary and self.labels:
            return self.vocabulary
        names = {name for series in self.labels for name in series}
        try:
            return tuple(sorted(sorted(names), key=float))
        except ValueError:
            return tuple(sorted(names))

    def lengths(self, tokens: str = "auto") -> list[int]:
        """How many steps each series has: numbers, or tokens cut as `tokens` says."""
        if self.kind == "numbers":
            return [len(each) for each in self.series]
        words = (self.tokens if tokens == "auto" else tokens) == "words"
        return [len(text.split()) if words else len(text) for text in self.texts]

    def stored(self) -> tuple[NDArray[Any], ...]:
        """The series as arrays; what stays in a file is read from it."""
        return tuple(each.stored() if isinstance(each, Signal) else each for each in self.series)

    def stored_part(self, steps: int) -> NDArray[Any]:
        """The first steps of the first series; only they are read from a file."""
        return np.asarray(self.series[0][:steps], dtype=np.float64)

    def facts(self) -> dict[str, Any]:
        """Every field but `series`, as strings and tuples of strings."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "series"}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        if self.facts() != other.facts() or len(self.series) != len(other.series):
            return False
        return all(_equal(a, b) for a, b in zip(self.series, other.series))

    def __hash__(self) -> int:
        return hash((self.kind, self.texts, self.columns, self.title, self.source))


class Wires(Protocol):
    """What reads a sequence and makes the network of its batch by itself. `untaught`: what is said
    where it is to learn and has nothing to learn from."""

    @property
    def untaught(self) -> str: ...

    def network(self, experiment: Experiment, batch: Batch) -> Network: ...

    def batch(self, sequence: Sequence, experiment: Experiment) -> Batch: ...


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What a network is fed: time first, ragged at the right, zero outside [start, stop).

    x: (T, B, I) float64, or int8 where it is tokens, one-hot.    start, stop: (B,) int64.
    kind: what the loss compares: `class`, `regression` or `none`.
    targets: class (T, B) int64 indices into `vocabulary`; regression (T, B, O) float64.
    weights: (T, B) float64, 1 where a loss counts and else 0, before the mean over sequences.
    readout: `every` step or the `last`; outputs: width of the logits or outputs s.
    vocabulary: output symbols of a class target, "■" being the stop token; () for regression.
    input_names, output_names: what the I inputs and O outputs are called.
    labels, target_labels: [b][t], the text under a step and that of its target.
    task: the row of TASKS that made it.
    means, scales (inputs) and target_means, target_scales: raw = value * scale + mean; empty where
      nothing was standardised.
    formula: the text, where the network is an expression.
    turn: the step at which writing begins, where all is read before: a sequence owns
      [start, read_stop) and [turn, stop). 0: it owns [start, stop).
    real: (B,) where the padding is part of the sequence, how long it was without; else None.
    window: which steps of a longer sequence these are; None: it is all of it.
    wired: a model of another program that is the network, where no experiment describes it.
    own: (T, B), True where x is what the network itself said a step before; None: nowhere.
    """

    x: NDArray[Any]
    start: Integers
    stop: Integers
    kind: str
    targets: NDArray[Any]
    weights: Floats
    readout: str
    outputs: int
    vocabulary: Strings = ()
    input_names: Strings = ()
    labels: tuple[Strings, ...] = ()
    target_labels: tuple[Strings, ...] = ()
    title: str = ""
    source: str = ""
    output_names: Strings = ()
    task: str = ""
    means: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()
    target_means: tuple[float, ...] = ()
    target_scales: tuple[float, ...] = ()
    formula: str = ""
    turn: int = 0
    read_stop: Integers | None = None
    real: Integers | None = None
    window: Window | None = None
    wired: Wires | None = None
    own: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        for array in (self.x, self.start, self.stop, self.targets, self.weights):
            array.setflags(write=False)

    @property
    def steps(self) -> int:
        """T, the length of the longest series."""
        return int(self.x.shape[0])

    @property
    def size(self) -> int:
        """B, how many series run side by side."""
        return int(self.x.shape[1])

    def span(self, part: str = "") -> tuple[Integers, Integers]:
        """[start, stop) of each sequence, (B,) each: of its reading, its writing, or the whole."""
        if part == "read" and self.read_stop is not None:
            return self.start, self.read_stop
        if part == "write":
            return np.maximum(self.start, self.turn), self.stop
        return self.start, self.stop


def join(sequences: tuple[Sequence, ...], title: str = "") -> Sequence:
    """Several sequences of one kind, with the same columns, as one ragged sequence."""
    if not sequences:
        raise Unusable("no sequences were given; at least one is needed: give a file")
    first = sequences[0]
    for other in sequences[1:]:
        if (other.kind, other.columns, other.roles) != (first.kind, first.columns, first.roles):
            raise Unusable(
                f"{other.source} ({_described(other)}) does not go with {first.source}"
                f" ({_described(first)}); series of one batch have the same columns"
            )
    labelled = all(each.labels for each in sequences)
    timed = all(each.times for each in sequences)
    return Sequence(
        kind=first.kind,
        texts=tuple(text for each in sequences for text in each.texts),
        tokens=first.tokens,
        series=tuple(array for each in sequences for array in each.series),
        columns=first.columns,
        roles=first.roles,
        labels=tuple(label for each in sequences for label in each.labels) if labelled else (),
        times=tuple(time for each in sequences for time in each.times) if timed else (),
        title=title or first.title,
        source=", ".join(dict.fromkeys(each.source for each in sequences)),
        vocabulary=first.vocabulary,
        as_is=first.as_is,
    )


def _described(sequence: Sequence) -> str:
    return "text" if sequence.kind == "text" else f"columns {', '.join(sequence.columns)}"


def _equal(a: Series, b: Series) -> bool:
    if isinstance(a, Signal) or isinstance(b, Signal):
        return a is b or (isinstance(a, Signal) and isinstance(b, Signal) and a == b)
    return np.array_equal(a, b)


def _frozen(array: Series) -> Series:
    """The array itself if it is read-only and whole already, else a read-only copy."""
    if isinstance(array, Signal):
        return array
    if not (
        isinstance(array, np.ndarray)
        and array.dtype.kind in "iuf"
        and array.flags.c_contiguous
        and not array.flags.writeable
    ):
        array = np.array(array, dtype=np.float64, order="C")
        array.setflags(write=False)
    return array


def check_samples(samples: int, name: str) -> None:
    """Refuse a longer sequence than can be opened."""
    if samples > MAX_SAMPLES:
        raise Unusable(
            f"{name or 'the sequence'} has {samples:,} samples; at most {MAX_SAMPLES:,} are opened:"
            " give a part of it"
        )


def check_steps(steps: int, name: str) -> None:
    """Refuse more steps at once than anybody can record, before they are made."""
    if steps > MAX_STEPS:
        raise Unusable(
            f"{name or 'the sequence'} makes {steps:,} steps, all of which are read here; at most"
            f" {MAX_STEPS:,} are: choose --readout every or last, to train --batches full"
        )


def _check(sequence: Sequence) -> None:
    """A sequence may come out of a session that somebody edited: judge every field."""
    if sequence.kind not in KINDS:
        raise Unusable(f"the kind of a sequence must be text or numbers, got {sequence.kind}")
    if sequence.tokens not in TOKENS:
        raise Unusable(f"tokens must be words or characters, got {sequence.tokens}")
    if sequence.count == 0:
        raise Unusable("the sequence has no series; at least one is needed: add one")
    if sequence.kind == "numbers":
        _check_numbers(sequence)
    elif any(not isinstance(text, str) or not text.strip() for text in sequence.texts):
        raise Unusable("the text is empty; at least two words are needed: type some")
    if sequence.labels and len(sequence.labels) != sequence.count:
        raise Unusable(
            f"there are {len(sequence.labels)} labels for {sequence.count} series;"
            " give one for each series"
        )
    if sequence.vocabulary and sequence.labels:
        unknown = {name for each in sequence.labels for name in each} - set(sequence.vocabulary)
        if unknown:
            raise Unusable(f"{min(unknown)[:40]} is none of the {len(sequence.vocabulary)} classes")


def _check_numbers(sequence: Sequence) -> None:
    width = len(sequence.columns)
    for role in sequence.roles:
        if role not in ("input", "target", "ignore"):
            raise Unusable(f"the role of a column must be input, target or ignore, got {role}")
    if len(sequence.roles) != width:
        raise Unusable(f"there are {len(sequence.roles)} roles for {width} columns; give one each")
    if "input" not in sequence.roles:
        raise Unusable("no column is an input; at least one is needed: change a role to input")
    for b, array in enumerate(sequence.series):
        if len(array.shape) != 2 or array.shape[1] != width or array.shape[0] == 0:
            raise Unusable(
                f"series {b + 1} has the shape {array.shape}; (steps, {width}) with at least one"
                " step is needed"
            )
        # samples of a signal are looked at when they are read
        if not isinstance(array, Signal) and not np.isfinite(array).all():
            raise Unusable(f"series {b + 1} holds numbers that are not finite; replace them")
    steps = [len(array) for array in sequence.series]
    check_samples(sum(steps) * width, sequence.source)
    for names, what in ((sequence.labels, "labels"), (sequence.times, "times")):
        for b, (given, length) in enumerate(zip(names, steps)):
            if len(given) != length and not (what == "labels" and len(given) == 1):
                raise Unusable(
                    f"series {b + 1} has {len(given)} {what} for {length} steps; give one each"
                )
    if sequence.times and len(sequence.times) != len(steps):
        raise Unusable(f"there are times for {len(sequence.times)} of {len(steps)} series")
