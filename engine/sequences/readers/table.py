"""Tables (.csv, .tsv), with a header or without: a step a line, a column an input.

Columns have roles: input, target, label, time, ignore. Unless said, a first column named date,
year, index or time is time, one text column is the label, and all others are inputs. With `fold`
each line is a series of its own (a picture, row by row). Every error names its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine import files
from engine.errors import BAD_SETTINGS, Unusable
from engine.sequences.columns import MAX_CELLS, MISSING_WORDS, Table, settle
from engine.sequences.sequence import ROLES, Floats, Sequence, Strings
from engine.sequences.source import Source
from engine.sequences.wording import quoted

TIME_NAMES = ("date", "year", "index", "time")
LONG = 4_000_000  # characters
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a table, as text, and the line on which each row begins."""

    name: str
    header: Strings  # () if there is none
    rows: tuple[Strings, ...]
    lines: tuple[int, ...]
    comma: bool  # decimal commas are possible

    @property
    def names(self) -> Strings:
        """What the columns are called; a nameless one by its number, counted from 1."""
        width = len(self.rows[0])
        given = self.header or ("",) * width
        return tuple(name or f"column {c + 1}" for c, name in enumerate(given))

    def where(self, row: int, column: int) -> str:
        return f"line {self.lines[row]}, {_column(self.names[column])}"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its numbers (NaN: missing) or, if it holds words, its cells alone."""

    numbers: Floats | None
    cells: Strings


def read(source: Source) -> Sequence:
    """The table as a sequence."""
    text = files.text(source.data, source.name)
    delimiter = _delimiter(text, source)
    _check_size(text, delimiter, source.name)
    found = _plain(text, delimiter, source) if len(text) > LONG else None
    if found is None:
        grid = _grid(text, delimiter, source)
        roles = _given_roles(grid, source)
        columns = [_column_of(grid, c, roles[c]) for c in range(len(roles))]
    else:
        grid, columns = found
        roles = _given_roles(grid, source)
    roles = _settled_roles(grid, roles, columns)
    missing = source.reading.missing
    return settle(_table(grid, roles, columns, source), missing, source.title, source.origin)


def _check_size(text: str, delimiter: str, name: str) -> None:
    if text.count(delimiter) + text.count("\n") > MAX_CELLS:
        raise Unusable(
            f"{name} has more than {MAX_CELLS:,} cells; give a part of it, or save the"
            " numbers as .npy"
        )


def _plain(text: str, delimiter: str, source: Source) -> tuple[Grid, list[Column]] | None:
    """A long table of plain numbers alone, ten times faster than with every cell as text; None for
    any other, errors included. Of times one does without the words: steps are numbered."""
    reading = source.reading
    if (
        reading.fold is not None
        or '"' in text
        or "\n\n" in text
        or "label" in reading.roles.values()
    ):
        return None
    first = tuple(cell.strip() for cell in text[: text.find("\n")].split(delimiter))
    comma = delimiter == ";"
    headed = reading.header if reading.header is not None else _is_header(first, comma)
    try:
        numbers = np.loadtxt(
            io.StringIO(text), delimiter=delimiter, skiprows=int(headed), comments=None, ndmin=2
        )
    except ValueError:
        return None
    if numbers.shape[1] != len(first) or not len(numbers) or not np.isfinite(numbers).all():
        return None
    grid = Grid(source.name, first if headed else (), (first,), (1,), comma)
    return grid, [Column(column, ()) for column in numbers.T]


def _grid(text: str, delimiter: str, source: Source) -> Grid:
    rows, lines = _even_rows(text, delimiter, source.name)
    header: Strings = ()
    given = source.reading.header
    if given if given is not None else _is_header(rows[0], delimiter == ";"):
        header, rows, lines = rows[0], rows[1:], lines[1:]
    if not rows:
        raise Unusable(f"{source.name} holds a header and no rows; give at least one line of data")
    return Grid(source.name, header, tuple(rows), tuple(lines), delimiter == ";")


def _even_rows(text: str, delimiter: str, name: str) -> tuple[list[Strings], list[int]]:
    """Rows of one width, at least one, and the line of each."""
    rows: list[Strings] = []
    lines: list[int] = []
    blank: list[int] = []
    for line, row in _rows(text, delimiter, name):
        if not row:
            blank.append(line)
            continue
        if rows and len(rows[0]) == 1:  # a blank line between numbers is a missing number
            rows += [("",)] * len(blank)
            lines += blank
        blank = []
        if rows and len(row) != len(rows[0]):
            raise Unusable(
                f"{name}: line {line} has {_cells(len(row))}, but line {lines[0]} has"
                f" {len(rows[0])}; give every line as many"
            )
        rows.append(row)
        lines.append(line)
    if not rows:
        raise Unusable(f"{name} holds no rows; give at least one line of numbers")
    return rows, lines


def _rows(text: str, delimiter: str, name: str) -> Iterator[tuple[int, Strings]]:
    """All rows, () for a blank line, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True)
    begin = 1
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            yield begin, cells if any(cells) or len(cells) > 1 else ()
            begin = reader.line_num + 1
    except csv.Error as error:
        raise Unusable(
            f"{name}: line {begin} is no row of cells ({error}); check its quotation marks"
        ) from None


def _delimiter(text: str, source: Source) -> str:
    """As asked for, a tab in a .tsv, else what parts the first line into most cells."""
    given = source.reading.delimiter
    if given is None:
        first = next((line for line in io.StringIO(text) if line.strip()), "")
        return "\t" if source.name.lower().endswith(".tsv") else max(DELIMITERS, key=first.count)
    if len(given) != 1 or given in '"\r\n ':
        raise Unusable(
            f"the delimiter must be one character, not a quote or a space; got {quoted(given)}",
            exit=BAD_SETTINGS,
        )
    return given


def _given_roles(grid: Grid, source: Source) -> list[str]:
    """Roles as they were asked for, "" where nothing was."""
    roles = [""] * len(grid.names)
    for name, role in source.reading.roles.items():
        if role not in ROLES:
            raise Unusable(
                f"the role of a column must be one of {', '.join(ROLES)}; got {quoted(role)}",
                exit=BAD_SETTINGS,
            )
        if name in grid.names:
            roles[grid.names.index(name)] = role
        elif name.isdecimal() and 1 <= int(name) <= len(roles):
            roles[int(name) - 1] = role
        else:
            some = ", ".join(grid.names[:12])
            raise Unusable(
                f"{grid.name} has no column {quoted(name)}; its columns are {some}",
                exit=BAD_SETTINGS,
            )
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
        value = _number(cell, grid.comma)
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


def _number(cell: str, comma: bool) -> float | None:
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


def _is_header(row: Strings, comma: bool) -> bool:
    """Words and not one number: the first line names the columns."""
    words = any(cell.casefold() not in MISSING_WORDS for cell in row)
    return words and all(_number(cell, comma) is None for cell in row)


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
        place=lambda b, t, c: f"line {grid.lines[b]}, column {max(t * width + c, 0) + 1}",
        labels=tuple((label,) for label in labels),
    )


def _column(name: str) -> str:
    return name if name.startswith("column ") else f"column {name}"


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
