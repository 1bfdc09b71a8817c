"""Tables (.csv, .tsv), with a header or without: a step a line, a column an input.

What the columns are is decided in `engine.sequences.grid`. With `fold` each line is a series of its
own (a picture, row by row). Every error names its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np

from engine import files
from engine.errors import BAD_SETTINGS, Unusable
from engine.sequences.columns import MAX_CELLS
from engine.sequences.grid import Column, Grid, is_header, sequence_of
from engine.sequences.sequence import Sequence, Strings
from engine.sequences.source import Source
from engine.sequences.wording import quoted

LONG = 4_000_000  # characters
DELIMITERS = (",", ";", "\t", "|")


def read(source: Source) -> Sequence:
    """The table as a sequence."""
    text = files.text(source.data, source.name)
    delimiter = _delimiter(text, source)
    _check_size(text, delimiter, source.name)
    found = _plain(text, delimiter, source) if len(text) > LONG else None
    if found is not None:
        return sequence_of(found[0], source, found[1])
    return sequence_of(_grid(text, delimiter, source), source)


def cells_of(source: Source) -> Grid:
    """The cells of the table, with its header if it has one."""
    text = files.text(source.data, source.name)
    delimiter = _delimiter(text, source)
    _check_size(text, delimiter, source.name)
    return _grid(text, delimiter, source)


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
    headed = reading.header if reading.header is not None else is_header(first, comma)
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
    if given if given is not None else is_header(rows[0], delimiter == ";"):
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


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
