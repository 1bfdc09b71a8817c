"""From a table with holes to a sequence: missing values, infinities, the shape of the series.

Readers say where each number stood in the file; what is done about a hole is decided here, once
for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.errors import BAD_SETTINGS, Unusable
from engine.sequences.sequence import Floats, Sequence, Strings

Bools = NDArray[np.bool_]

MAX_CELLS = 10_000_000  # of a table of text
MISSING = ("drop", "interpolate")
MISSING_WORDS = frozenset(("", "na", "n/a", "nan", "null", "none", "?"))


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers as they stood in a file: NaN where one is missing, "" for a missing label.

    `place(b, t, c)` says where in the file the number stood; c = -1 is the label.
    """

    name: str
    series: tuple[Floats, ...]
    columns: Strings
    roles: Strings
    place: Callable[[int, int, int], str]
    labels: tuple[Strings, ...] = ()
    times: tuple[Strings, ...] = ()


def check_missing(missing: str | None) -> None:
    if missing is not None and missing not in MISSING:
        raise Unusable(f"missing must be drop or interpolate, got {missing}", exit=BAD_SETTINGS)


def settle(table: Table, missing: str | None, title: str, source: str) -> Sequence:
    """The table as a sequence, holes dropped or filled as `missing` says.

    drop takes out every step with a hole; interpolate draws a straight line between the neighbours
    and repeats the outermost numbers at the ends. Without either a hole is an error.
    """
    table = _without_useless(table)
    _refuse_infinities(table)
    holes = [_holes(table, b) for b in range(len(table.series))]
    count = sum(int(each.sum()) for each in holes)
    if count and missing is None:
        raise Unusable(_first_hole(table, holes, count))
    if count:
        fill = _drop if missing == "drop" else _interpolate
        for b, each in enumerate(holes):
            if each.any():
                table = fill(table, b, each)
    return Sequence(
        kind="numbers",
        series=table.series,
        columns=table.columns,
        roles=table.roles,
        labels=table.labels,
        times=table.times,
        title=title,
        source=source,
    )


def _without_useless(table: Table) -> Table:
    """Ignored columns with holes or words in them are left out: a sequence is finite numbers."""
    keep = [
        c
        for c, role in enumerate(table.roles)
        if role != "ignore" or all(np.isfinite(array[:, c]).all() for array in table.series)
    ]
    if len(keep) == len(table.roles):
        return table
    place = table.place
    return replace(
        table,
        series=tuple(array[:, keep] for array in table.series),
        columns=tuple(table.columns[c] for c in keep),
        roles=tuple(table.roles[c] for c in keep),
        place=lambda b, t, c: place(b, t, keep[c] if c >= 0 else c),
    )


def _refuse_infinities(table: Table) -> None:
    for b, array in enumerate(table.series):
        found = np.argwhere(np.isinf(array))
        if len(found):
            t, c = (int(k) for k in found[0])
            raise Unusable(
                f"{table.name}: {table.place(b, t, c)}: the value is infinite"
                f" ({len(found):,} in all); finite numbers are allowed: replace it"
            )


def _holes(table: Table, b: int) -> Bools:
    """(T, C + 1) bool: which numbers of series b are missing; the last column is the label."""
    array = table.series[b]
    holes = np.zeros((array.shape[0], array.shape[1] + 1), dtype=np.bool_)
    holes[:, :-1] = np.isnan(array)
    if table.labels and len(table.labels[b]) == len(array):
        holes[:, -1] = [not name for name in table.labels[b]]
    return holes


def _first_hole(table: Table, holes: list[Bools], count: int) -> str:
    b = next(b for b, each in enumerate(holes) if each.any())
    t, c = (int(k) for k in np.argwhere(holes[b])[0])
    where = table.place(b, t, -1 if c == len(table.columns) else c)
    return (
        f"{table.name}: {where}: the value is missing ({count:,} in all);"
        " fill it in, or give --missing drop or --missing interpolate"
    )


def _drop(table: Table, b: int, holes: Bools) -> Table:
    keep: Bools = np.logical_not(holes.any(axis=1))
    if not keep.any():
        raise Unusable(
            f"{table.name}: every step of series {b + 1} has a missing value, so that nothing is"
            " left to keep; give --missing interpolate"
        )
    kept = np.flatnonzero(keep)

    def rest(names: tuple[Strings, ...]) -> tuple[Strings, ...]:
        if not names or len(names[b]) != len(keep):
            return names
        return (*names[:b], tuple(names[b][t] for t in kept), *names[b + 1 :])

    return replace(
        table,
        series=(*table.series[:b], table.series[b][keep], *table.series[b + 1 :]),
        labels=rest(table.labels),
        times=rest(table.times),
    )


def _interpolate(table: Table, b: int, holes: Bools) -> Table:
    array = table.series[b].copy()
    if holes[:, -1].any():
        t = int(np.argmax(holes[:, -1]))
        raise Unusable(
            f"{table.name}: {table.place(b, t, -1)}: the label is missing and labels cannot be"
            " interpolated; fill it in, or give --missing drop"
        )
    for c in np.flatnonzero(holes.any(axis=0)):
        there = np.flatnonzero(~holes[:, c])
        if not there.size:
            raise Unusable(
                f"{table.name}: {table.place(b, 0, int(c))}: not one value of the column is there;"
                " give it the role ignore, or take it out"
            )
        array[:, c] = np.interp(np.arange(len(array)), there, array[there, c])
    return replace(table, series=(*table.series[:b], array, *table.series[b + 1 :]))
