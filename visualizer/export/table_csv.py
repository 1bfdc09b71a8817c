"""Columns of numbers as a .csv file."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from itertools import zip_longest

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def data_of(columns: Mapping[str, Sequence[object]]) -> bytes:
    """The bytes of the file: a line of names, then a line a row. What is not finite stays empty;
    words that a spreadsheet would take for a formula get an apostrophe before them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_cell(name) for name in columns])
    for row in zip_longest(*columns.values(), fillvalue=""):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode("utf-8")


def _cell(value: object) -> str:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    text = "" if value is None else str(value)
    if isinstance(value, str) and text.startswith(FORMULAS):
        return f"'{text}"
    return text
