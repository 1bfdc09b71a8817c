"""What is remembered of a training: curves, norms per step, and the parameters of a few updates.

It stays small however long training goes on: where there are too many entries, every other one
goes. So those updates are kept whose number is a multiple of 1, 2, 4, 8 …, the smallest of them
that leaves no more than `Training.keep` (and no more than MOST_KEPT bytes). Where samples are
written every 50 updates it is of 1, 2, 10, 50, 100, 200 …: so there are parameters to a sample.
`Log` is written while training runs, `History` is what it leaves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np

from engine.training.training import Training

Array = np.ndarray[Any, np.dtype[Any]]
CURVE, ROWS, SAMPLES = 2500, 512, 400  # entries of the curves; rows of norms; samples
MOST_KEPT = 50_000_000  # bytes of parameters that a history keeps
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
GATE = "gate "  # before the name of one, among the curves
Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """One update, from 0. What it found before it changed anything, but the held-out loss.

    `loss` is ℒ as the experiment has it, `mean` the mean of the losses that count (of each target);
    `held_out` is such a mean, None where it was not measured. `norms` (T,): ‖δ(h_t)‖ of the lowest
    layer. `clip_factor` is what the gradient was multiplied by, 1 if by nothing (by value: the
    share of entries that were within). `probability`: that a step read the truth. `sample`: what
    the network writes after this update, if it was asked. `ended`: why this is the last one.
    `gates`: the share of each gate's values that are nearly 0 or 1; `saturation`, of all of them.
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
    gates: dict[str, float] = field(default_factory=dict)

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
    """`updates` (n,) and `curves` (FIGURES and "gate " with a name → (n,)); `held_updates`,
    `held_out` (m,); `norm_updates` (k,), `norms` (k, T); samples as (update after which it was
    written, text); `kept` in their order."""

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

    def before(self, update: int) -> History:
        """What was remembered when so many updates were done."""
        curve, held = self.updates < update, self.held_updates < update
        rows = self.norm_updates < update
        return History(
            updates=self.updates[curve],
            curves={name: values[curve] for name, values in self.curves.items()},
            held_updates=self.held_updates[held],
            held_out=self.held_out[held],
            norm_updates=self.norm_updates[rows],
            norms=self.norms[rows],
            samples=tuple(sample for sample in self.samples if sample[0] < update),
            kept=tuple(kept for kept in self.kept if kept.update < update),
            count=min(self.count, update),
        )


class Thinned(Generic[Entry]):
    """Entries of every `stride`-th update. When there are more than `most` the stride grows by the
    next prime factor of `towards`, and doubles when it has come there."""

    def __init__(self, most: int, towards: int = 1, stride: int = 1) -> None:
        self.most = most
        self.towards = towards
        self.stride = stride
        self.entries: list[tuple[int, Entry]] = []

    def take(self, entries: Iterable[tuple[int, Entry]]) -> None:
        """Go on from entries that were thinned before."""
        self.entries = list(entries)
        if len(self.entries) > 1:
            self.stride = max(self.entries[1][0] - self.entries[0][0], 1)
        self._thin()

    def wants(self, update: int) -> bool:
        return self.most > 0 and update % self.stride == 0

    def add(self, update: int, entry: Entry) -> None:
        self.entries.append((update, entry))
        self._thin()

    def _thin(self) -> None:
        while len(self.entries) > self.most:
            self.stride *= _least_factor(self.towards // self.stride)
            self.entries = [e for e in self.entries if e[0] % self.stride == 0]


class Log:
    """Collects reports. `size`: bytes of the parameters; `before`: what was remembered when
    training stopped."""

    def __init__(self, training: Training, size: int, before: History | None = None) -> None:
        every = training.sample_every
        keep = min(training.keep, MOST_KEPT // max(size, 1))
        self.curve = Thinned[dict[str, float]](CURVE)
        self.rows = Thinned[Array](ROWS)
        self.kept = Thinned[Kept](keep, every)
        self.held: list[tuple[int, float]] = []
        self.samples = Thinned[str](SAMPLES, stride=max(every, 1))  # by the updates behind them
        self.names: dict[str, None] = {}  # of curves besides FIGURES, in their order
        self.count = 0
        self.ended = ""
        if before is not None:
            self._go_on(before)

    def _go_on(self, before: History) -> None:
        rows = np.column_stack(list(before.curves.values())).tolist()
        figures = [dict(zip(before.curves, row)) for row in rows]
        self.curve.take(zip(before.updates.tolist(), figures))
        self.names |= dict.fromkeys(before.curves)
        self.rows.take(zip(before.norm_updates.tolist(), before.norms))
        self.kept.take((kept.update, kept) for kept in before.kept)
        self.held = list(zip(before.held_updates.tolist(), before.held_out.tolist()))
        self.samples.entries = [(update + 1, text) for update, text in before.samples]
        self.count = before.count

    def add(self, report: Report) -> None:
        at = report.update
        if self.curve.wants(at):
            figures = {name: float(getattr(report, name)) for name in FIGURES}
            gates = {f"{GATE}{name}": share for name, share in report.gates.items()}
            self.names |= dict.fromkeys(gates)
            self.curve.add(at, figures | gates)
        if self.rows.wants(at):
            with np.errstate(over="ignore"):  # what is beyond float32 is infinite in the plot
                self.rows.add(at, report.norms.astype(np.float32))
        if report.held_out is not None:
            self.held.append((at, report.held_out))
        if report.sample and self.samples.wants(at + 1):
            self.samples.add(at + 1, report.sample)
        self.count = at + 1
        self.ended = report.ended

    def keep(self, kept: Kept) -> None:
        self.kept.add(kept.update, kept)

    def history(self) -> History:
        entries, names = self.curve.entries, list(dict.fromkeys(FIGURES) | self.names)
        figures = np.array([[v.get(name, np.nan) for name in names] for _, v in entries], float)
        figures = figures.reshape(-1, len(names))
        kept_rows = self.rows.entries
        steps = len(kept_rows[-1][1]) if kept_rows else 0  # sequences may have become longer
        kept_rows = [(at, row) for at, row in kept_rows if len(row) == steps]
        rows = [row for _, row in kept_rows]
        return History(
            updates=_numbers(self.curve.entries),
            curves={name: figures[:, n].copy() for n, name in enumerate(names)},
            held_updates=_numbers(self.held),
            held_out=np.array([v for _, v in self.held], float),
            norm_updates=_numbers(kept_rows),
            norms=np.array(rows, np.float32) if rows else np.zeros((0, 0), np.float32),
            samples=tuple((behind - 1, text) for behind, text in self.samples.entries),
            kept=tuple(kept for _, kept in self.kept.entries),
            count=self.count,
            ended=self.ended,
        )


def _numbers(entries: list[tuple[int, Any]]) -> Array:
    return np.array([update for update, _ in entries], np.int64)


def _least_factor(number: int) -> int:
    """The least prime factor, 2 where there is none."""
    return next((n for n in range(2, number + 1) if number % n == 0), 2)
