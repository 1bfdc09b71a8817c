"""JSON (.json) and JSON lines (.jsonl): numbers, rows of numbers, series, records or texts.

A list of numbers is a series, a list of lists of one length its steps, of different lengths one
series each; a list of lists of lists is one series each as well. A list of records, or one record
of lists, is a table (`engine.sequences.grid`); records with a `text` and no number are texts, as is
a list of strings. In .jsonl every line is an item of that list. A null is a missing value.
"""

from __future__ import annotations

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


def read(source: Source) -> Sequence:
    """The sequence in a JSON value."""
    _check_size(source)
    value = strict_json.parse(source.data, source.name)
    if isinstance(value, dict):
        value = _turned(value, source.name)
    if not isinstance(value, list) or not value:
        what = "an empty list" if value == [] else "one value"
        raise Unusable(f"{source.name} holds {what}; {FORMS}")
    return _sequence(value, tuple(range(1, len(value) + 1)), "item", source)


def read_lines(source: Source) -> Sequence:
    """The sequence whose items stand on a line each."""
    _check_size(source)
    items, lines = [], []
    for number, line in enumerate(files.text(source.data, source.name).split("\n"), start=1):
        if line.strip():
            items.append(strict_json.parse(line.encode(), source.name, line=number))
            lines.append(number)
    if not items:
        raise Unusable(f"{source.name} holds no lines; {FORMS}")
    return _sequence(items, tuple(lines), "line", source)


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


def _sequence(items: list[Any], places: tuple[int, ...], unit: str, source: Source) -> Sequence:
    kinds = {_kind(item) for item in items}
    if kinds == {"record"}:
        unit = "record" if unit == "item" else unit
        return _records(items, places, unit, source)
    if kinds == {"text"}:
        return _texts(items, places, unit, source)
    if kinds <= {"number", "null"}:
        return _numbers([[[item] for item in items]], places, unit, source)
    if kinds == {"list"}:
        return _lists(items, places, unit, source)
    odd = next(k for k, item in enumerate(items) if _kind(item) != _kind(items[0]))
    raise Unusable(
        f"{source.name}: {unit} {places[odd]} is a {_kind(items[odd])}, but {unit} {places[0]} is"
        f" a {_kind(items[0])}; {FORMS}"
    )


def _kind(item: object) -> str:
    if isinstance(item, dict):
        return "record"
    if isinstance(item, list):
        return "list"
    if isinstance(item, str):
        return "text"
    return "null" if item is None else "number"


def _texts(items: list[str], places: tuple[int, ...], unit: str, source: Source) -> Sequence:
    for item, place in zip(items, places):
        if not item.strip():
            raise Unusable(f"{source.name}: {unit} {place} is an empty text; give it two words")
    tokens = source.reading.tokens
    return Sequence(
        kind="text",
        texts=tuple(items),
        tokens="words" if tokens == "auto" else tokens,
        title=source.title,
        source=source.origin,
    )


def _records(
    items: list[dict[str, Any]], places: tuple[int, ...], unit: str, source: Source
) -> Sequence:
    """A table whose columns are the fields, in the order in which they first occur."""
    names = tuple(dict.fromkeys(name for item in items for name in item))
    if not names:
        raise Unusable(f"{source.name} has records without fields; {FORMS}")
    if len(names) * len(items) > MAX_CELLS:
        raise Unusable(f"{source.name} has more than {MAX_CELLS:,} values; give a part of it")
    plain = all(isinstance(v, str) or v is None for item in items for v in item.values())
    if plain and TEXT in names and all(item.get(TEXT) for item in items):
        return _texts([item[TEXT] for item in items], places, unit, source)
    rows = tuple(
        tuple(
            _cell(item.get(name), f"{source.name}: {unit} {place}, field {name}") for name in names
        )
        for item, place in zip(items, places)
    )
    return sequence_of(Grid(source.name, names, rows, places, unit=unit), source)


def _cell(value: object, place: str) -> str:
    """A value of a record as the cell of a table."""
    if isinstance(value, list | dict):
        raise Unusable(f"{place} is a {_kind(value)}; a number, a word or null is needed")
    if isinstance(value, bool):
        return str(int(value))
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else repr(value)


def _lists(items: list[list[Any]], places: tuple[int, ...], unit: str, source: Source) -> Sequence:
    """Steps if all are equally long, else series; lists in lists are series of steps."""
    if any(not item for item in items):
        k = next(k for k, item in enumerate(items) if not item)
        raise Unusable(f"{source.name}: {unit} {places[k]} is an empty list; give it numbers")
    inner = {_kind(each) for item in items for each in item}
    if inner == {"list"}:
        return _numbers(items, places, unit, source)
    if len({len(item) for item in items}) > 1:
        return _numbers([[[each] for each in item] for item in items], places, unit, source)
    return _numbers([items], places, unit, source)


def _numbers(
    series: list[list[list[Any]]], places: tuple[int, ...], unit: str, source: Source
) -> Sequence:
    """Series of steps of numbers; null is a missing one."""
    several = len(series) > 1

    def place(b: int, t: int, c: int) -> str:
        if several:
            return f"{unit} {places[b]}, step {t + 1}, number {c + 1}"
        return f"{unit} {places[t]}, number {c + 1}"

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
                    f"{source.name}: {where} has {len(step)} numbers, but the first step has"
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
