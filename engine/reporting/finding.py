"""What a report is made of, as plain frozen data that becomes JSON. Nothing is measured here."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["good", "look", "bad"]
VERDICTS: tuple[Verdict, ...] = ("good", "look", "bad")
SCHEMA = 1  # version of what `facts` gives
LOW, HIGH = 5.0, 95.0  # percentiles of a spread
Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """One number of each sequence (or step, or fresh start): median, 5th and 95th percentile, and
    the worst; `count` of how many."""

    median: float
    low: float
    high: float
    worst: float
    count: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured number with its unit; over several sequences its `spread`, and beside it that of
    the freshly started `twin`."""

    name: str
    value: float
    unit: str = ""
    spread: Spread | None = None
    twin: Spread | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A node that a finding speaks of: `label` names it, steps count from 1 on the global axis."""

    label: str
    segment: int
    slot: int
    step: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Line:
    """y over x, with the band of 5 … 95 % around it where there is one; `twin`: a fresh start."""

    name: str
    x: Numbers
    y: Numbers
    low: Numbers = ()
    high: Numbers = ()
    twin: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its number; `twin` is that of a fresh start, NaN where there is none."""

    name: str
    value: float
    twin: float = math.nan


@dataclass(frozen=True, slots=True)
class Chart:
    """The figure of a finding: lines over `x`, or bars. `level`: a horizontal line that matters,
    with its words; `mark`: a vertical one."""

    title: str
    x: str
    y: str
    lines: tuple[Line, ...] = ()
    bars: tuple[Bar, ...] = ()
    log: bool = False
    level: float = math.nan
    level_words: str = ""
    mark: float = math.nan
    mark_words: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a finding found: in a sentence what was measured and what it means, and what to try."""

    verdict: Verdict
    sentence: str
    advice: str = ""
    quantities: tuple[Quantity, ...] = ()
    chart: Chart | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured, before it is judged."""

    quantities: tuple[Quantity, ...]
    chart: Chart | None = None
    places: tuple[Place, ...] = ()

    def good(self, sentence: str) -> Said:
        return self.told("good", sentence, "")

    def look(self, sentence: str, advice: str) -> Said:
        return self.told("look", sentence, advice)

    def bad(self, sentence: str, advice: str) -> Said:
        return self.told("bad", sentence, advice)

    def told(self, verdict: Verdict, sentence: str, advice: str) -> Said:
        return Said(verdict, sentence, advice, self.quantities, self.chart, self.places)


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of FINDINGS with what it found."""

    id: str
    name: str
    question: str
    verdict: Verdict
    sentence: str
    advice: str
    quantities: tuple[Quantity, ...]
    chart: Chart | None
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A row of FINDINGS that could not be asked: why, and what to give so that it can."""

    id: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about one recording, in the order of FINDINGS."""

    title: str
    source: str
    network: str
    dtype: str
    steps: int
    sequences: int
    parameters: int
    loss: float | None
    loss_words: str  # what the loss is
    findings: tuple[Finding, ...]
    not_asked: tuple[NotAsked, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        return max((f.verdict for f in self.findings), key=VERDICTS.index, default="good")

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.verdict == verdict)

    def __getitem__(self, id: str) -> Finding:
        """The finding of that row; KeyError where it was not asked."""
        return {f.id: f for f in self.findings}[id]

    def facts(self) -> dict[str, Any]:
        """Everything as JSON has it: what is not finite is null."""
        return {"schema": SCHEMA, "verdict": self.verdict, **_facts(self)}


def _facts(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    if isinstance(value, tuple):
        return [_facts(each) for each in value]
    if is_dataclass(value):
        return {f.name: _facts(getattr(value, f.name)) for f in fields(value)}
    return value


def spread(values: NDArray[Any], worst: Literal["low", "high"] = "high") -> Spread | None:
    """The spread of some numbers; None of fewer than two. What is not finite is worse than any
    number."""
    each = np.asarray(values, float).reshape(-1)
    if len(each) < 2:
        return None
    if not np.isfinite(each).all():
        fine = each[np.isfinite(each)]
        median, low, high = _percentiles(fine) if fine.size else (math.nan,) * 3
        return Spread(median, low, high, math.nan, len(each))
    median, low, high = _percentiles(each)
    return Spread(median, low, high, float(each.min() if worst == "low" else each.max()), len(each))


def _percentiles(each: NDArray[Any]) -> tuple[float, float, float]:
    median, low, high = np.percentile(each, (50, LOW, HIGH)).tolist()
    return median, low, high


def numbers(values: Any) -> Numbers:
    """An array as plain numbers."""
    return tuple(float(v) for v in np.asarray(values, float).reshape(-1))
