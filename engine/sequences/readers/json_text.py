"""JSON (.json) and JSON lines (.jsonl): numbers, rows of numbers, series, records or texts.

A list of numbers is a series, a list of lists of one length its steps, of different lengths one
series each; a list of lists of lists is one series each as well. A list of records, or one record
of lists, is a table (`engine.sequences.grid`); records with a `text` and no number are texts, as is
a list of strings. In .jsonl every line is an item of that list. A null is a missing value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import files, strict_json
from engine.errors import Unusable
from engine.sequences.columns import MAX_CELLS, Table, settle
from engine.sequences.grid import Grid, sequence_of
from engine.sequences.roles import with_roles
from engine.sequences.sequence import Floats, Sequence, Strings
from engine.sequences.source import Source

FORMS = (
    "a list of numbers, of lists of numbers, of records or of texts, or one record of lists, is"
    " read: save it as one of these"
)
TEXT = "text"  # the field of a record that is one


@dataclass(frozen=True, slots=True)
class Items:
    """What the outermost list holds; where each stands, as a number of `unit`s."""

    values: list[Any]
    places: tuple[int, ...]
    unit: str


def read(source: Source) -> Sequence:
    """The sequence in a JSON value."""
    return _sequence(_items(source), source)


def read_lines(source: Source) -> Sequence:
    """The sequence whose items stand on a line each."""
    return _sequence(_items_of_lines(source), source)


def cells_of(source: Source) -> Grid | None:
    """The cells of the records; None if there are none."""
    return _cells(_items(source), source)


def cells_of_lines(source: Source) -> Grid | None:
    """The same of records on a line each."""
    return _cells(_items_of_lines(source), source)


def _items(source: Source) -> Items:
    _check_size(source)
    value = strict_json.parse(source.data, source.name)
    if isinstance(value, dict):
        value = _turned(value, source.name)
    if not isinstance(value, list) or not value:
        what = "an empty list" if value == [] else "one value"
        raise Unusable(f"{source.name} holds {what}; {FORMS}")
    unit = "record" if all(isinstance(each, dict) for each in value) else "item"
    return Items(value, tuple(range(1, len(value) + 1)), unit)


def _items_of_lines(source: Source) -> Items:
    _check_size(source)
    values, lines = [], []
    for number, line in enumerate(files.text(source.data, source.name).split("\n"), start=1):
        if line.strip():
            values.append(strict_json.parse(line.encode(), source.name, line=number))
            lines.append(number)
    if not values:
        raise Unusable(f"{source.name} holds no lines; {FORMS}")
    return Items(values, tuple(lines), "line")


def _check_size(source: Source) -> None:
    if source.data.count(b",") + source.data.count(b"\n") > MAX_CELLS:
        raise Unusable(
            f"{source.name} has more than {MAX_CELLS:,} values; give a part of it, or save the"
            " numbers as .npy"
        )


def _turned(record: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """One record of lists as a list of records."""
    lengths = {len(each) for each in record.values() if isinstance(each, list)}
    if not record or len(lengths) != 1 or any(not isinstance(v, list) for v in record.values()):
        found = "fields that are no lists" if len(lengths) < 2 else "lists of different lengths"
        raise Unusable(f"{name} is one record with {found}; {FORMS}")
    return [dict(zip(record, row)) for row in zip(*record.values())]


def _sequence(items: Items, source: Source) -> Sequence:
    values = items.values
    kinds = {_kind(value) for value in values}
    if kinds == {"record"}:
        grid = _cells(items, source)
        if grid is None:
            return _texts(Items([v[TEXT] for v in values], items.places, items.unit), source)
        return sequence_of(grid, source)
    if kinds == {"text"}:
        return _texts(items, source)
    if kinds <= {"number", "null"}:
        return _numbers([[[value] for value in values]], items, source, flat=True)
    if kinds == {"list"}:
        return _lists(items, source)
    odd = next(k for k, value in enumerate(values) if _kind(value) != _kind(values[0]))
    raise Unusable(
        f"{source.name}: {items.unit} {items.places[odd]} is a {_kind(values[odd])}, but"
        f" {items.unit} {items.places[0]} is a {_kind(values[0])}; {FORMS}"
    )


def _kind(item: object) -> str:
    if isinstance(item, dict):
        return "record"
    if isinstance(item, list):
        return "list"
    if isinstance(item, str):
        return "text"
    return "null" if item is None else "number"


def _texts(items: Items, source: Source) -> Sequence:
    for text, place in zip(items.values, items.places):
        if not text.strip():
            raise Unusable(
                f"{source.name}: {items.unit} {place} is an empty text; give it two words"
            )
    tokens = source.reading.tokens
    return Sequence(
        kind="text",
        texts=tuple(items.values),
        tokens="words" if tokens == "auto" else tokens,
        title=source.title,
        source=source.origin,
    )


def _cells(items: Items, source: Source) -> Grid | None:
    """A table whose columns are the fields of the records, in the order in which they first occur;
    None if these are no records, or records of texts."""
    values = items.values
    if any(not isinstance(value, dict) for value in values):
        return None
    names = tuple(dict.fromkeys(name for value in values for name in value))
    if not names:
        raise Unusable(f"{source.name} has records without fields; {FORMS}")
    if len(names) * len(values) > MAX_CELLS:
        raise Unusable(f"{source.name} has more than {MAX_CELLS:,} values; give a part of it")
    plain = all(isinstance(v, str) or v is None for value in values for v in value.values())
    if plain and TEXT in names and all(value.get(TEXT) for value in values):
        return None
    place = f"{source.name}: {items.unit}"
    rows = tuple(
        tuple(_cell(value.get(name), f"{place} {at}, field {name}") for name in names)
        for value, at in zip(values, items.places)
    )
    return Grid(source.name, names, rows, items.places, unit=items.unit)


def _cell(value: object, place: str) -> str:
    """A value of a record as the cell of a table."""
    if isinstance(value, list | dict):
        raise Unusable(f"{place} is a {_kind(value)}; a number, a word or null is needed")
    if isinstance(value, bool):
        return str(int(value))
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else repr(value)


def _lists(items: Items, source: Source) -> Sequence:
    """Steps if all are equally long, else series; lists in lists are series of steps."""
    values = items.values
    if any(not value for value in values):
        k = next(k for k, value in enumerate(values) if not value)
        where = f"{items.unit} {items.places[k]}"
        raise Unusable(f"{source.name}: {where} is an empty list; give it numbers")
    inner = {_kind(each) for value in values for each in value}
    if inner == {"list"}:
        return _numbers(values, items, source)
    if len({len(value) for value in values}) > 1:
        return _numbers([[[each] for each in value] for value in values], items, source)
    return _numbers([values], items, source, flat=True)


def _numbers(
    series: list[list[list[Any]]], items: Items, source: Source, flat: bool = False
) -> Sequence:
    """Series of steps of numbers; null is a missing one. `flat`: the items are the steps of one
    series, else each is a series."""

    def place(b: int, t: int, c: int) -> str:
        if flat:
            return f"{items.unit} {items.places[t]}, number {c + 1}"
        return f"{items.unit} {items.places[b]}, step {t + 1}, number {c + 1}"

    width = len(series[0][0])
    for b, steps in enumerate(series):
        for t, step in enumerate(steps):
            for c, value in enumerate(step):
                if not isinstance(value, int | float | None):
                    raise Unusable(
                        f"{source.name}: {place(b, t, c)} is a {_kind(value)}; numbers and null"
                        " are needed there"
                    )
            if len(step) != width:
                where = place(b, t, 0).rpartition(",")[0]
                raise Unusable(
                    f"{source.name}: {where} has the width {len(step)}, but the first step has"
                    f" {width}; give every step as many"
                )
    if not width:
        raise Unusable(f"{source.name} has steps without numbers; give some")
    table = Table(
        name=source.name,
        series=tuple(_array(steps) for steps in series),
        columns=_names(width),
        roles=("input",) * width,
        place=place,
    )
    found = settle(table, source.reading.missing, source.title, source.origin)
    return with_roles(found, source.reading.roles)


def _array(steps: list[list[Any]]) -> Floats:
    return np.array(steps, dtype=np.float64)  # a null becomes NaN


def _names(width: int) -> Strings:
    return tuple(f"x{c + 1}" for c in range(width))
