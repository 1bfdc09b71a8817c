"""GENERATED: tasks whose sequences are drawn, as many and as long as one likes. Same seed, same
numbers.

What is asked of them stands in their settings of an experiment; what a network that knows nothing
gets is their baseline. Sequences that were given are in `engine.sequences.reading`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import Unusable
from engine.sequences.sequence import Floats, Sequence, Strings

Targets = NDArray[Any]  # classes (T, B) int64, numbers (T, B, O)
Draw = Callable[[np.random.Generator, int, int], tuple[Floats, Targets]]
DEFAULT_SIZE = 4  # sequences where somebody only looks


@dataclass(frozen=True, slots=True)
class Generated:
    """One row. `draw(rng, sequences, steps)` gives x (T, B, I) and the targets.

    `baseline(steps)`: the loss for each target of what knows nothing but how often things are.
    """

    id: str
    title: str
    about: str
    inputs: Strings
    outputs: Strings
    kind: str  # class or regression
    draw: Draw
    baseline: Callable[[int], float]
    guess: str  # what the baseline does
    settings: dict[str, str | bool] = field(default_factory=dict)
    shortest: int = 4


def _adding(rng: np.random.Generator, count: int, steps: int) -> tuple[Floats, Targets]:
    """Hochreiter & Schmidhuber 1997, with numbers from U[0, 1]."""
    half, columns = steps // 2, np.arange(count)
    x = np.zeros((steps, count, 2))
    x[..., 0] = rng.random((steps, count))
    first, second = rng.integers(0, half, count), rng.integers(half, steps, count)
    x[first, columns, 1] = x[second, columns, 1] = 1.0
    total = (x[..., 0] * x[..., 1]).sum(0)
    return x, np.repeat(total[None, :, None], steps, 0)


SYMBOLS = 8


def _copy_memory(rng: np.random.Generator, count: int, steps: int) -> tuple[Floats, Targets]:
    """Ten symbols, a pause, a mark, and all ten again: Arjovsky et al. 2016."""
    symbols = rng.integers(0, SYMBOLS, (10, count))
    read = np.full((steps, count), SYMBOLS)
    read[:10] = symbols
    read[-10] = SYMBOLS + 1
    targets = np.full((steps, count), SYMBOLS)
    targets[-10:] = symbols
    return np.eye(SYMBOLS + 2)[read], targets


def _delayed_recall(rng: np.random.Generator, count: int, steps: int) -> tuple[Floats, Targets]:
    symbols = rng.integers(0, 4, count)
    x = np.zeros((steps, count, 5))
    x[0, np.arange(count), symbols] = 1.0
    x[1:, :, 4] = rng.uniform(-1, 1, (steps - 1, count))
    return x, np.repeat(symbols[None], steps, 0)


def _parity(rng: np.random.Generator, count: int, steps: int) -> tuple[Floats, Targets]:
    bits = rng.integers(0, 2, (steps, count))
    return bits[..., None].astype(float), np.cumsum(bits, 0) % 2


def _temporal_order(rng: np.random.Generator, count: int, steps: int) -> tuple[Floats, Targets]:
    """X or Y at two places among four letters that mean nothing; in which order came which?"""
    columns, read = np.arange(count), rng.integers(2, 6, (steps, count))
    early = rng.integers(0, steps // 3, count)
    late = rng.integers(steps // 3, max(2 * steps // 3, steps // 3 + 1), count)
    first, second = rng.integers(0, 2, (2, count))
    read[early, columns], read[late, columns] = first, second
    return np.eye(6)[read], np.repeat((2 * first + second)[None], steps, 0)


NOISE = 0.1


def _sine(rng: np.random.Generator, count: int, steps: int) -> tuple[Floats, Targets]:
    t = np.arange(steps + 1)[:, None]
    phase, period = rng.uniform(0, 2 * np.pi, count), rng.uniform(10, 30, count)
    wave = np.sin(2 * np.pi * t / period + phase) + NOISE * rng.standard_normal((steps + 1, count))
    return wave[:-1, :, None], wave[1:, :, None]


SIDE = 8


def _moving_dots(rng: np.random.Generator, count: int, steps: int) -> tuple[Floats, Targets]:
    """A dot on 8 × 8 pixels goes on by −1, 0 or 1 pixels in both directions, round the edges."""
    t = np.arange(steps + 1)[:, None]
    begin, pace = rng.integers(0, SIDE, (2, count)), rng.integers(-1, 2, (2, count))
    row, column = ((b + t * p) % SIDE for b, p in zip(begin, pace))
    film = np.eye(SIDE * SIDE)[row * SIDE + column]
    return film[:-1], film[1:]


_LETTERS = tuple("abcdefgh")
_PIXELS = tuple(f"{r + 1},{c + 1}" for r in range(SIDE) for c in range(SIDE))
_NUMBERS: dict[str, str | bool] = {"standardise": False, "task": "regression"}
_CLASSES: dict[str, str | bool] = {"standardise": False, "task": "class"}
_LAST: dict[str, str | bool] = {"readout": "last"}

GENERATED: dict[str, Generated] = {
    row.id: row
    for row in (
        Generated(
            "adding",
            "Adding problem",
            "two of many numbers are marked; at the end their sum is asked",
            ("number", "mark"),
            ("sum",),
            "regression",
            _adding,
            lambda steps: 1 / 6,
            "always says 1",
            _NUMBERS | _LAST,
        ),
        Generated(
            "copy-memory",
            "Copy memory",
            "ten symbols, a long pause, a mark; then the ten are to be said again",
            (*_LETTERS, "pause", "mark"),
            (*_LETTERS, "pause"),
            "class",
            _copy_memory,
            lambda steps: 10 * math.log(SYMBOLS) / steps,
            "guesses the ten symbols",
            _CLASSES,
            22,
        ),
        Generated(
            "delayed-recall",
            "Delayed recall",
            "one of four symbols, then noise; at the end it is asked which one it was",
            (*_LETTERS[:4], "noise"),
            _LETTERS[:4],
            "class",
            _delayed_recall,
            lambda steps: math.log(4),
            "guesses one of four",
            _CLASSES | _LAST,
        ),
        Generated(
            "parity",
            "Parity",
            "is the number of ones so far even or odd?",
            ("bit",),
            ("even", "odd"),
            "class",
            _parity,
            lambda steps: math.log(2),
            "guesses even or odd",
            _CLASSES,
        ),
        Generated(
            "temporal-order",
            "Temporal order",
            "X or Y, twice, among letters that mean nothing; at the end: in which order?",
            ("X", "Y", "a", "b", "c", "d"),
            ("XX", "XY", "YX", "YY"),
            "class",
            _temporal_order,
            lambda steps: math.log(4),
            "guesses one of four orders",
            _CLASSES | _LAST,
            6,
        ),
        Generated(
            "sine",
            "Sine and noise",
            "a sine of any period and phase, with noise; predicts the next step",
            ("y",),
            ("next y",),
            "regression",
            _sine,
            lambda steps: 0.5 + NOISE**2,
            "always says 0",
            _NUMBERS,
        ),
        Generated(
            "moving-dots",
            "Moving dots",
            "a dot moves over 8×8 pixels; predicts the next picture",
            _PIXELS,
            tuple(f"next {pixel}" for pixel in _PIXELS),
            "regression",
            _moving_dots,
            lambda steps: 1 - 1 / SIDE**2,
            "says every pixel equally often",
            _NUMBERS,
        ),
    )
}


def check_length(task: Generated, steps: int) -> None:
    if steps < task.shortest:
        raise Unusable(
            f"{task.id} needs at least {task.shortest} steps, got {steps}; give --length "
            f"{task.shortest}",
            exit=2,
        )


def as_sequence(task: Generated, x: Floats, targets: Targets) -> Sequence:
    """What was drawn as a sequence like any other, which a session can hold."""
    series = [x[:, b] for b in range(x.shape[1])]
    columns, roles, labels = task.inputs, ("input",) * len(task.inputs), tuple[Strings, ...]()
    if task.kind == "class":
        labels = tuple(tuple(task.outputs[k] for k in each) for each in targets.T.tolist())
    else:
        series = [np.concatenate([s, targets[:, b]], 1) for b, s in enumerate(series)]
        columns, roles = (*columns, *task.outputs), (*roles, *("target",) * len(task.outputs))
    return Sequence(
        kind="numbers",
        series=tuple(series),
        columns=columns,
        roles=roles,
        labels=labels,
        title=task.title,
        source=task.id,
        vocabulary=task.outputs if task.kind == "class" else (),
    )


def asked_of(sequence: Sequence) -> dict[str, str | bool]:
    """The settings of an experiment that a drawn sequence needs; none of any other."""
    task = GENERATED.get(sequence.source)
    return dict(task.settings) if task is not None and task.title == sequence.title else {}


def task_of(sequence: Sequence) -> Generated | None:
    """The task that a sequence was drawn from to be looked at; None if a number of it is another
    one now."""
    task = GENERATED.get(sequence.source) if sequence.series else None
    if task is None:
        return None
    steps, count = len(sequence.series[0]), len(sequence.series)
    return task if drawn(task.id, steps, count) == sequence else None


def drawn(name: str, steps: int = 20, count: int = DEFAULT_SIZE, seed: int = 0) -> Sequence:
    """A few sequences of the task called `name`, to look at."""
    task = GENERATED[name]
    steps = max(steps, task.shortest)
    return as_sequence(task, *task.draw(np.random.default_rng(seed), count, steps))
