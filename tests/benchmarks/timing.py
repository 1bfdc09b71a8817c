"""Figures of the benchmarks: what was measured, its bar, median and 95th percentile, as a table.

What is measured stands beside: `starting`, `playing`, `sliding`, `deriving`, `painting`, `peers`.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: `cpu` and `wall` are seconds, a sample for each repetition; `bar` is seconds.

    `judged` names the clock that is held against the bar: CPU time where the program computes (on
    a shared machine wall time carries other people's work), wall time where somebody waits for a
    process. Without a bar a row is only information; a note is said under it. `unit`: what the
    samples are where they are no seconds, "B" or "%".
    """

    name: str
    bar: float | None
    cpu: Sequence[float]
    wall: Sequence[float]
    judged: str = "CPU"
    note: str = ""
    unit: str = ""

    @property
    def samples(self) -> Sequence[float]:
        return self.cpu if self.judged == "CPU" else self.wall

    @property
    def median(self) -> float:
        return median(self.samples)

    @property
    def met(self) -> bool:
        return self.bar is None or self.median < self.bar


def clocked(
    prepare: Callable[[int], object], deed: Callable[[int], object], times: int, warm: int = 3
) -> tuple[list[float], list[float]]:
    """CPU and wall seconds of `deed(i)`, each after an untimed `prepare(i)`."""
    for i in range(warm):
        prepare(i)
        deed(i)
    gc.collect()
    cpu, wall = [], []
    for i in range(times):
        prepare(i)
        begun, then = time.perf_counter(), time.process_time()
        deed(i)
        cpu.append(time.process_time() - then)
        wall.append(time.perf_counter() - begun)
    return cpu, wall


def percentile(samples: Iterable[float], share: float) -> float:
    """The smallest sample that at least `share` of all do not exceed."""
    ordered = sorted(samples)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


COLUMNS = ("clock", "bar", "median", "ratio", "p95", "CPU", "wall")
HEAD = f"{'':58}" + "".join(f"{name:>10}" for name in COLUMNS) + "    n  met"


def row(f: Figure) -> str:
    """A row under `HEAD`: ratio is median : bar, less than 1 is met."""
    bar, ratio, met = "", "", ""
    if f.bar is not None:
        bar, ratio, met = spelt(f.bar, f.unit), f"{f.median / f.bar:.2f}", "yes" if f.met else "NO"
    late, both = percentile(f.samples, 0.95), (median(f.cpu), median(f.wall))
    clock = f.judged if not f.unit else ""
    known = (spelt(each, f.unit) for each in both)
    cells = (clock, bar, spelt(f.median, f.unit), ratio, spelt(late, f.unit), *known)
    line = f"{f.name:58}" + "".join(f"{cell:>10}" for cell in cells)
    note = f"\n    {f.note}" if f.note else ""
    return f"{line}{len(f.samples):5d}  {met}".rstrip() + note


def spelt(number: float, unit: str = "") -> str:
    """Seconds as milliseconds; another unit as it is."""
    if unit:
        return f"{number:.3g} {unit}"
    return f"{number * 1e3:.0f} ms" if number >= 0.1 else f"{number * 1e3:.3g} ms"
