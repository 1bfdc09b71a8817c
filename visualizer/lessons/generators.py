"""Sequences of numbers that lessons make by rule: GENERATORS. Same seed, same numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.errors import Unusable
from engine.sequences import Sequence


@dataclass(frozen=True, slots=True)
class Generator:
    """`make(rng, **numbers)`; `defaults` are the numbers that it takes."""

    id: str
    about: str
    defaults: dict[str, float]
    make: Callable[..., Sequence]


def noise(
    rng: np.random.Generator, steps: float, inputs: float, size: float, targets: float
) -> Sequence:
    shape = (int(steps), int(inputs))
    x = rng.standard_normal(shape) * size
    y = rng.standard_normal((int(steps), int(targets)))
    names = [f"x{i + 1}" for i in range(int(inputs))] + [f"y{i + 1}" for i in range(int(targets))]
    return _numbers((np.concatenate([x, y], 1),), tuple(names), int(inputs))


def ragged(rng: np.random.Generator, steps: float, inputs: float, filled: float) -> Sequence:
    """Four series of noise: of so many steps, half of that, a quarter and an eighth.

    `filled`: 1 fills the short ones up with zeros in front.
    """
    shapes = [max(int(steps) >> halved, 1) for halved in range(4)]
    # each has a stream of its own, so that a longer one begins as the shorter one did
    made = [own.standard_normal((n, int(inputs) + 1)) for own, n in zip(rng.spawn(4), shapes)]
    if filled:
        made = [np.pad(each, ((int(steps) - len(each), 0), (0, 0))) for each in made]
    return _numbers(tuple(made), (*(f"x{i + 1}" for i in range(int(inputs))), "y"), int(inputs))


def pulse(rng: np.random.Generator, steps: float, size: float, target: float) -> Sequence:
    rows = np.zeros((int(steps), 2))
    rows[0, 0], rows[:, 1] = size, target
    return _numbers((rows,), ("x", "y"), 1)


def count(rng: np.random.Generator, steps: float, marks: float) -> Sequence:
    rows = np.zeros((int(steps), 3))
    rows[:, 0] = 1
    rows[rng.choice(np.arange(2, int(steps)), int(marks), replace=False), 1] = 1
    for t, mark in enumerate(rows[:, 1]):
        rows[t, 2] = 1 if mark or not t else rows[t - 1, 2] + 1
    return _numbers((rows,), ("tick", "mark", "count"), 2)


def _numbers(series: tuple[np.ndarray, ...], columns: tuple[str, ...], inputs: int) -> Sequence:
    roles = ["input"] * inputs + ["target"] * (len(columns) - inputs)
    return Sequence(kind="numbers", series=series, columns=columns, roles=tuple(roles))


GENERATORS: dict[str, Generator] = {
    row.id: row
    for row in (
        Generator(
            "noise",
            "Gaussian inputs and targets",
            {"steps": 10, "inputs": 1, "size": 1.0, "targets": 1},
            noise,
        ),
        Generator(
            "ragged",
            "noise in four series, each half as long as the one before",
            {"steps": 8, "inputs": 3, "filled": 0},
            ragged,
        ),
        Generator(
            "pulse",
            "one number at the first step, nothing after it; the same target at every step",
            {"steps": 10, "size": 1.0, "target": 0.0},
            pulse,
        ),
        Generator(
            "count",
            "a tick at every step, now and then a mark; the target counts from the last mark on",
            {"steps": 12, "marks": 2},
            count,
        ),
    )
}


def generate(name: str, seed: int, numbers: dict[str, float]) -> Sequence:
    """The sequence of a row; Unusable for a row or a number that there is not."""
    if name not in GENERATORS:
        raise Unusable(f"there is no generator {name}; there are {', '.join(GENERATORS)}")
    row = GENERATORS[name]
    unknown = sorted(set(numbers) - set(row.defaults))
    if unknown:
        raise Unusable(f"{name} takes {', '.join(row.defaults)}; it was given {unknown[0]}")
    return row.make(np.random.default_rng(seed), **{**row.defaults, **numbers})
