"""What is remembered of a training: curves, norms per step, and the parameters of a few updates.

It stays small however long training goes on: where there are too many entries, every other one
goes. `Log` is written while training runs, `History` is what it leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
CURVE, ROWS = 2500, 512  # entries of the curves; rows of norms
FIGURES = (
    "loss",
    "mean",
    "gradient_norm",
    "clip_factor",
    "saturation",
    "rate",
    "probability",
    "seconds",
)
Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """One update, from 0. What it found before it changed anything, but the held-out loss.

    `loss` is ℒ as the experiment has it, `mean` the mean of the losses that count (of each target);
    `held_out` is such a mean, None where it was not measured. `norms` (T,): ‖δ(h_t)‖ of the lowest
    layer. `clip_factor` is what the gradient was multiplied by, 1 if by nothing (by value: the
    share of entries that were within). `probability`: that a step read the truth. `sample`: what
    the network writes after this update, if it was asked. `ended`: why this is the last one.
    """

    update: int
    loss: float
    mean: float
    gradient_norm: float
    clip_factor: float
    norms: Array
    saturation: float
    rate: float
    probability: float
    seconds: float
    held_out: float | None = None
    sample: str = ""
    ended: str = ""

    @property
    def clipped(self) -> bool:
        return self.clip_factor < 1


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The parameters that an update found, and the states it began with (name → (L, B, H))."""

    update: int
    parameters: dict[str, Array]
    states: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """`updates` (n,) and `curves` (FIGURES → (n,)); `held_updates`, `held_out` (m,);
    `norm_updates` (k,), `norms` (k, T); samples as (update, text); `kept` in their order."""

    updates: Array
    curves: dict[str, Array]
    held_updates: Array
    held_out: Array
    norm_updates: Array
    norms: Array
    samples: tuple[tuple[int, str], ...] = ()
    kept: tuple[Kept, ...] = ()
    count: int = 0  # updates that were done
    ended: str = ""  # why it ended before all were done


class Thinned(Generic[Entry]):
    """Entries of every `stride`-th update; the stride doubles when there are more than `most`."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.stride = 1
        self.entries: list[tuple[int, Entry]] = []

    def wants(self, update: int) -> bool:
        return self.most > 0 and update % self.stride == 0

    def add(self, update: int, entry: Entry) -> None:
        self.entries.append((update, entry))
        while len(self.entries) > self.most:
            self.stride *= 2
            self.entries = [e for e in self.entries if e[0] % self.stride == 0]


class Log:
    """Collects reports."""

    def __init__(self, keep: int) -> None:
        self.curve = Thinned[tuple[float, ...]](CURVE)
        self.rows = Thinned[Array](ROWS)
        self.kept = Thinned[Kept](keep)
        self.held: list[tuple[int, float]] = []
        self.samples: list[tuple[int, str]] = []
        self.count = 0
        self.ended = ""

    def add(self, report: Report) -> None:
        at = report.update
        if self.curve.wants(at):
            self.curve.add(at, tuple(float(getattr(report, name)) for name in FIGURES))
        if self.rows.wants(at):
            self.rows.add(at, report.norms.astype(np.float32))
        if report.held_out is not None:
            self.held.append((at, report.held_out))
        if report.sample:
            self.samples.append((at, report.sample))
        self.count = at + 1
        self.ended = report.ended

    def keep(self, kept: Kept) -> None:
        self.kept.add(kept.update, kept)

    def history(self) -> History:
        values = np.array([v for _, v in self.curve.entries]).reshape(-1, len(FIGURES))
        rows = [row for _, row in self.rows.entries]
        return History(
            updates=_numbers(self.curve.entries),
            curves={name: values[:, n].copy() for n, name in enumerate(FIGURES)},
            held_updates=_numbers(self.held),
            held_out=np.array([v for _, v in self.held], float),
            norm_updates=_numbers(self.rows.entries),
            norms=np.array(rows, np.float32) if rows else np.zeros((0, 0), np.float32),
            samples=tuple(self.samples),
            kept=tuple(kept for _, kept in self.kept.entries),
            count=self.count,
            ended=self.ended,
        )


def _numbers(entries: list[tuple[int, Any]]) -> Array:
    return np.array([update for update, _ in entries], np.int64)
