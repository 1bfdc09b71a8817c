"""Charts that several findings draw: something by step, or by the lag from a loss."""

from __future__ import annotations

import warnings

import numpy as np

from engine.reporting.case import Case, Floats
from engine.reporting.finding import HIGH, LOW, Chart, Line, numbers

MOST_POINTS = 600  # of a line; of more steps the largest of each few is kept


def by_step(
    case: Case,
    title: str,
    y: str,
    values: Floats,
    *,
    log: bool = True,
    twins: tuple[Floats, ...] = (),
) -> Chart:
    """Of values (T, B) the median over the sequences that own a step, with the band of 5 … 95 %;
    those of fresh starts beside it."""
    owned = np.where(case.inside, values, np.nan)
    lines = [banded("this network", np.arange(case.steps) + 1.0, owned)]
    if twins:
        fresh = np.concatenate([np.where(case.inside, each, np.nan) for each in twins], 1)
        lines.append(banded("fresh start", np.arange(case.steps) + 1.0, fresh, twin=True))
    return Chart(title, "step", y, tuple(lines), log=log)


def banded(name: str, x: Floats, values: Floats, *, twin: bool = False) -> Line:
    """The median of the rows of values (n, B), and their 5th and 95th percentile."""
    x, values = _thinned(x, values)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # a row of nothing but NaN is NaN
        if values.shape[1] == 1:
            return Line(name, numbers(x), numbers(values[:, 0]), twin=twin)
        rows = np.where(np.isfinite(values), values, np.nan)
        low, middle, high = np.nanpercentile(rows, (LOW, 50, HIGH), axis=1)
    return Line(name, numbers(x), numbers(middle), numbers(low), numbers(high), twin)


def _thinned(x: Floats, values: Floats) -> tuple[Floats, Floats]:
    """At most MOST_POINTS rows: of each few the one with the largest value of any sequence."""
    every = -(-len(values) // MOST_POINTS)
    if every < 2:
        return x, values
    sizes = np.nan_to_num(values, nan=-np.inf).max(1)
    starts = range(0, len(values), every)
    kept = [s + int(sizes[s : s + every].argmax()) for s in starts]
    return x[kept], values[kept]
