"""Text from a clipboard as a sequence: cells of a spreadsheet, rows of numbers, or words."""

from __future__ import annotations

import re

from engine.errors import Unusable
from engine.sequences.columns import MISSING_WORDS
from engine.sequences.grid import number_in
from engine.sequences.readers import table
from engine.sequences.reading import typed
from engine.sequences.sequence import Sequence
from engine.sequences.source import Reading, Source

TITLE = "pasted"
_GAPS = re.compile(r"[\s,;]+")


def pasted(text: str) -> Sequence:
    """A table if cells stand in it (tabs, or commas with a number in every line), a series if it is
    numbers and nothing else, else typed text, a series a line. Raises `Unusable`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    lines = [line for line in text.split("\n") if line.strip()]
    mark = _parting(lines)
    if mark:
        return _table(lines, mark)
    words = [word for word in _GAPS.split(text) if word]
    if len(words) > 1 and all(number_in(word, False) is not None for word in words):
        return _table(words, ",")
    if not lines:
        raise Unusable("there is no text on the clipboard; copy a sentence or cells of a table")
    return typed(lines)


def _table(lines: list[str], mark: str) -> Sequence:
    reading = Reading(title=TITLE, source=TITLE, delimiter=mark)
    return table.read(Source(TITLE, "\n".join(lines).encode("utf-8", "replace"), reading))


def _parting(lines: list[str]) -> str:
    """What parts all lines into as many cells, two at least, all but the first with a number; ""
    if nothing does."""
    for mark in ("\t", ";", ","):
        rows = [line.split(mark) for line in lines]
        wide = len(rows[0]) if rows else 0
        if len(rows) < 2 or wide < 2 or any(len(row) != wide for row in rows):
            continue
        if all(any(_is_number(cell) for cell in row) for row in rows[1:]):
            return mark
    return ""


def _is_number(cell: str) -> bool:
    cell = cell.strip()
    return cell.casefold() not in MISSING_WORDS and number_in(cell, True) is not None
