"""A table of cells, wherever they come from: which column is a number, a word, a time, a label.

Columns have roles: input, target, label, time, ignore. Unless said, a first column named date,
year, index or time is time, one text column is the label, and all others are inputs. Cells come
from the readers of tables and of JSON; what is done about missing values is in `columns`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import Unusable
from engine.sequences.columns import MISSING_WORDS, Table, settle
from engine.sequences.roles import by_column
from engine.sequences.sequence import Floats, Sequence, Strings
from engine.sequences.source import Source
from engine.sequences.wording import quoted

TIME_NAMES = ("date", "year", "index", "time")


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a table, as text, and the line (or whatever `unit` is) where each row begins."""

    name: str
    header: Strings  # () if there is none
    rows: tuple[Strings, ...]
    lines: tuple[int, ...]
    comma: bool = False  # decimal commas are possible
    unit: str = "line"

    @property
    def names(self) -> Strings:
        """What the columns are called; a nameless one by its number, counted from 1."""
        width = len(self.rows[0])
        given = self.header or ("",) * width
        return tuple(name or f"column {c + 1}" for c, name in enumerate(given))

    def where(self, row: int, column: int) -> str:
        return f"{self.unit} {self.lines[row]}, {_column(self.names[column])}"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its numbers (NaN: missing) or, if it holds words, its cells alone."""

    numbers: Floats | None
    cells: Strings


def sequence_of(grid: Grid, source: Source, columns: list[Column] | None = None) -> Sequence:
    """The table as a sequence; `columns` where they are known already."""
    roles = given_roles(grid, source)
    if columns is None:
        columns = [_column_of(grid, c, roles[c]) for c in range(len(roles))]
    roles = _settled_roles(grid, roles, columns)
    table = _table(grid, roles, columns, source)
    return settle(table, source.reading.missing, source.title, source.origin)


def given_roles(grid: Grid, source: Source) -> list[str]:
    """Roles as they were asked for, "" where nothing was."""
    roles = by_column(source.reading.roles, grid.names, grid.name)
    if roles[0] == "" and grid.header and _is_time(grid.header[0]) and len(roles) > 1:
        roles[0] = "time"
    return roles


def _is_time(name: str) -> bool:
    """A nameless first column is the index that pandas writes."""
    return name.casefold() in ("", *TIME_NAMES)


def _column_of(grid: Grid, c: int, role: str) -> Column:
    """The column as numbers if its role wants numbers or its cells are numbers."""
    cells = tuple(row[c] for row in grid.rows)
    if role in ("label", "time"):
        return Column(None, cells)
    numbers = _fast_numbers(cells)
    if numbers is not None:
        return Column(numbers, cells)
    slow = np.empty(len(cells))
    word = -1
    found = 0
    for t, cell in enumerate(cells):
        value = number_in(cell, grid.comma)
        if value is not None:
            slow[t] = value
            found += 1
        elif cell.casefold() in MISSING_WORDS:
            slow[t] = np.nan
        else:
            slow[t] = np.nan
            word = t if word < 0 else word
    if word >= 0 and role == "ignore":
        return Column(None, cells)
    if word >= 0 and (found or role):
        raise Unusable(
            f"{grid.name}: {grid.where(word, c)}: {quoted(cells[word])} is a word among numbers;"
            " give a number, or leave the cell empty if the value is missing"
        )
    return Column(None if word >= 0 else slow, cells)


def _fast_numbers(cells: Strings) -> Floats | None:
    """The cells as numbers if all of them plainly are, else None."""
    try:
        numbers = np.array(list(map(float, cells)), dtype=np.float64)
    except ValueError:
        return None
    # float() also takes 1_000, nan and inf, which mean something else here
    plain = bool(np.isfinite(numbers).all()) and not any("_" in cell for cell in cells)
    return numbers if plain else None


def number_in(cell: str, comma: bool) -> float | None:
    """The number in a cell (infinite ones included), None if there is none."""
    if comma and cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    if "_" in cell or cell.casefold() in MISSING_WORDS:
        return None
    try:
        value = float(cell)
    except ValueError:
        return None
    return None if np.isnan(value) else value


def is_header(row: Strings, comma: bool) -> bool:
    """Words and not one number: the first line names the columns."""
    words = any(cell.casefold() not in MISSING_WORDS for cell in row)
    return words and all(number_in(cell, comma) is None for cell in row)


def _settled_roles(grid: Grid, roles: list[str], columns: list[Column]) -> list[str]:
    """Every role settled: words are the label, a label is unique, the rest are inputs."""
    roles = list(roles)
    words = [c for c, column in enumerate(columns) if column.numbers is None and not roles[c]]
    labelled = [c for c, role in enumerate(roles) if role == "label"]
    if len(words) + len(labelled) > 1:
        names = ", ".join(grid.names[c] for c in [*labelled, *words])
        raise Unusable(
            f"{grid.name} has {len(words) + len(labelled)} text columns ({names}); one can be the"
            " label: take the others out, or give them the role ignore"
        )
    for c in words:
        roles[c] = "label"
    if roles.count("time") > 1:
        raise Unusable(f"{grid.name} has {roles.count('time')} time columns; give one that role")
    roles = [role or "input" for role in roles]
    if "input" not in roles:
        raise Unusable(
            f"{grid.name} has no input column of numbers; at least one is needed:"
            " add one, or change a role to input"
        )
    return roles


def _table(grid: Grid, roles: list[str], columns: list[Column], source: Source) -> Table:
    numeric = [c for c, column in enumerate(columns) if roles[c] in ("input", "target", "ignore")]
    numeric = [c for c in numeric if columns[c].numbers is not None]
    stacked = np.stack([_numbers(columns[c]) for c in numeric], axis=1)
    labels = _cells_with("label", roles, columns)
    times = _cells_with("time", roles, columns)
    label_column = roles.index("label") if "label" in roles else 0
    if source.reading.fold is not None:
        return _folded(grid, stacked, labels, source.reading.fold)
    if labels and len(set(labels)) == 1 and labels[0]:
        labels = labels[:1]  # one name for the whole series
    return Table(
        name=grid.name,
        series=(stacked,),
        columns=tuple(grid.names[c] for c in numeric),
        roles=tuple(roles[c] for c in numeric),
        place=lambda b, t, c: grid.where(t, numeric[c] if c >= 0 else label_column),
        labels=(labels,) if labels else (),
        times=(times,) if times else (),
    )


def _numbers(column: Column) -> Floats:
    assert column.numbers is not None
    return column.numbers


def _cells_with(role: str, roles: list[str], columns: list[Column]) -> Strings:
    if role not in roles:
        return ()
    cells = columns[roles.index(role)].cells
    if role == "time":
        return cells
    return tuple("" if cell.casefold() in MISSING_WORDS else cell for cell in cells)


def _folded(grid: Grid, stacked: Floats, labels: Strings, fold: tuple[int, int]) -> Table:
    """Each line as a series of `steps` rows of `width` numbers."""
    steps, width = fold
    if stacked.shape[1] != steps * width:
        raise Unusable(
            f"{grid.name} has {stacked.shape[1]} numbers a line; {steps} steps of {width} need"
            f" {steps * width}"
        )
    return Table(
        name=grid.name,
        series=tuple(row.reshape(steps, width) for row in stacked),
        columns=tuple(f"pixel {c + 1}" for c in range(width)),
        roles=("input",) * width,
        place=lambda b, t, c: f"{grid.unit} {grid.lines[b]}, column {max(t * width + c, 0) + 1}",
        labels=tuple((label,) for label in labels),
    )


def _column(name: str) -> str:
    return name if name.startswith("column ") else f"column {name}"
