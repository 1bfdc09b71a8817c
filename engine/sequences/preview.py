"""A table looked at before it is opened: what each column holds, what it is taken for, what is
missing in it.

Reading it is in `reading`; which formats are tables is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine import files
from engine.sequences.columns import MISSING_WORDS
from engine.sequences.grid import Grid, given_roles, number_in
from engine.sequences.readers import json_text, table
from engine.sequences.roles import OF_WORDS, parts_of
from engine.sequences.sequence import ROLES, Sequence, Strings
from engine.sequences.source import Reading, Source

MOST = 500_000  # bytes that are looked at
FIRST = 4  # rows that are shown
NUMBERS, WORDS, BOTH = "numbers", "words", "numbers and words"

# suffix → the cells of a table in such a file, None if it holds something else
TABLES: dict[str, Callable[[Source], Grid | None]] = {
    ".csv": table.cells_of,
    ".tsv": table.cells_of,
    ".json": json_text.cells_of,
    ".jsonl": json_text.cells_of_lines,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One column: `role` is what it is taken for, `missing` how many of its values are not there,
    `first` its first cells. `possible`: the roles that it can have."""

    name: str
    holds: str
    role: str
    missing: int
    first: Strings
    possible: Strings


@dataclass(frozen=True, slots=True)
class Preview:
    """A table: its columns, how many rows were looked at, whether that is all of them, and whether
    the first line names the columns (None: that is no question here). `holes`: missing values of
    which the column was not looked for."""

    columns: tuple[Seen, ...]
    rows: int
    whole: bool
    headed: bool | None = None
    holes: int = 0

    @property
    def plain(self) -> bool:
        """Whether nothing has to be asked: no value is missing, and of words there is one column
        at most."""
        words = [column for column in self.columns if column.holds != NUMBERS]
        mixed = any(column.holds == BOTH for column in words)
        return not self.missing({}) and not mixed and len(words) <= 1

    def keys(self) -> Strings:
        """What `Reading.roles` knows each column by: its name, or its number if two share one."""
        names = [column.name for column in self.columns]
        if len(set(names)) == len(names):
            return tuple(names)
        return tuple(str(n) for n in range(1, len(names) + 1))

    def missing(self, roles: Mapping[str, str]) -> int:
        """How many values are missing in the columns that are used, with these roles by key."""
        used = (c for key, c in zip(self.keys(), self.columns) if roles.get(key, c.role) in USED)
        return self.holes + sum(column.missing for column in used)


USED = ("input", "target", "label")


def is_table(path: Path) -> bool:
    """Whether a file of this name may be a table."""
    return path.suffix.lower() in TABLES


def look_at(path: Path, reading: Reading) -> Preview | None:
    """The table in a file, None if it holds something else. Raises `Unusable` as reading does."""
    data = files.load(path)
    suffix = path.suffix.lower()
    whole = len(data) <= MOST
    if not whole:
        if suffix == ".json":
            return None  # half of one is none
        data = data[: data.rfind(b"\n", 0, MOST) + 1]
    source = Source(path.name, data, reading, path)
    grid = TABLES[suffix](source)
    if grid is None:
        return None
    roles = given_roles(grid, source)
    seen = [_seen(grid, c, role) for c, role in enumerate(roles)]
    headed = bool(grid.header) if suffix in (".csv", ".tsv") else None
    return Preview(tuple(_with_label(seen)), len(grid.rows), whole, headed)


def _seen(grid: Grid, c: int, role: str) -> Seen:
    numbers = words = missing = 0
    for row in grid.rows:
        if row[c].casefold() in MISSING_WORDS:
            missing += 1
        elif number_in(row[c], grid.comma) is None:
            words += 1
        else:
            numbers += 1
    holds = (BOTH if numbers else WORDS) if words else NUMBERS
    usual = "input" if holds == NUMBERS and numbers else "ignore"
    first = tuple(row[c] for row in grid.rows[:FIRST])
    possible = ROLES if holds == NUMBERS else OF_WORDS
    return Seen(grid.names[c], holds, role or usual, missing, first, possible)


def _with_label(seen: list[Seen]) -> list[Seen]:
    """Of the columns of words the one with the fewest different ones in sight is the label."""
    words = [k for k, column in enumerate(seen) if column.holds == WORDS]
    free = [k for k in words if seen[k].role == "ignore"]
    if free and not any(column.role == "label" for column in seen):
        k = min(free, key=lambda k: len(set(seen[k].first)))
        seen[k] = replace(seen[k], role="label")
    return seen


def of_sequence(sequence: Sequence) -> Preview:
    """The columns of a sequence that is open, labels and times among them."""
    part = sequence.stored_part(FIRST)
    columns = []
    for c, each in enumerate(parts_of(sequence)):
        first = each.words[0][:FIRST] if each.words else tuple(f"{v:.6g}" for v in part[:, c])
        holds = WORDS if each.words else NUMBERS
        columns.append(Seen(each.name, holds, each.role, 0, first, each.possible))
    return Preview(tuple(columns), sum(sequence.lengths()), True)
