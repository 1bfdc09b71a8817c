"""Time series of the UCR/UEA archives (.ts): a line a series, its dimensions parted by colons.

Source: the format of timeseriesclassification.com, as sktime and aeon describe it. Time stamps
(`@timeStamps true`) are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine import files
from engine.errors import Unusable
from engine.sequences.columns import MAX_CELLS, MISSING_WORDS, Table, settle
from engine.sequences.sequence import Floats, Sequence, Strings
from engine.sequences.source import Source
from engine.sequences.wording import quoted


@dataclass(frozen=True, slots=True)
class Facts:
    """What the lines before @data say."""

    classes: Strings | None  # names if there is a class in each line
    target: bool  # a number to be predicted at the end of each line


def read(source: Source) -> Sequence:
    """All series of the file as one ragged sequence, with a class each if there are classes."""
    text = files.text(source.data, source.name)
    if text.count(",") + text.count("\n") > MAX_CELLS:
        raise Unusable(f"{source.name} has more than {MAX_CELLS:,} values; give a part of it")
    lines = list(enumerate(text.split("\n"), start=1))
    begin = next((k for k, (_, line) in enumerate(lines) if _key(line) == "@data"), None)
    if begin is None:
        raise Unusable(f"{source.name} has no line @data; give a file in the UCR/UEA .ts format")
    facts = _facts(lines[:begin], source.name)
    series: list[Floats] = []
    labels: list[str] = []
    places: list[int] = []
    for number, line in _instances(lines[begin + 1 :]):
        array, label = _instance(line, facts, f"{source.name}: line {number}")
        if series and array.shape[1] != series[0].shape[1]:
            raise Unusable(
                f"{source.name}: line {number} has {_dimensions(array, facts)} dimensions, but line"
                f" {places[0]} has {_dimensions(series[0], facts)}; give every series as many"
            )
        series.append(array)
        labels.append(label)
        places.append(number)
    if not series:
        raise Unusable(f"{source.name} has no series after @data; give at least one line")
    return _sequence(source, facts, series, labels, places)


def _sequence(
    source: Source, facts: Facts, series: list[Floats], labels: list[str], places: list[int]
) -> Sequence:
    width = _dimensions(series[0], facts)
    extra = int(facts.target)

    def place(b: int, t: int, c: int) -> str:
        return f"line {places[b]}, dimension {c + 1}, value {t + 1}"

    table = Table(
        name=source.name,
        series=tuple(series),
        columns=(*(f"x{c + 1}" for c in range(width)), *("target",) * extra),
        roles=("input",) * width + ("target",) * extra,
        place=place,
        labels=() if facts.classes is None else tuple((label,) for label in labels),
    )
    return settle(table, source.reading.missing, source.title, source.origin)


def _key(line: str) -> str:
    words = line.split(maxsplit=1)
    return words[0].casefold() if words else ""


def _facts(head: list[tuple[int, str]], name: str) -> Facts:
    classes: Strings | None = None
    target = False
    for number, line in head:
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if not words[0].startswith("@"):
            raise Unusable(
                f"{name}: line {number} is {quoted(line)}; before @data only lines with @ or # are"
                " allowed"
            )
        key, said = words[0].casefold(), [word.casefold() for word in words[1:2]] == ["true"]
        if key == "@timestamps" and said:
            raise Unusable(
                f"{name}: line {number} announces time stamps; series without them are read:"
                " save it without time stamps"
            )
        if key == "@classlabel" and said:
            classes = tuple(words[2:])
        if key == "@targetlabel" and said:
            target = True
    return Facts(classes, target)


def _instances(body: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    return ((n, line.strip()) for n, line in body if line.strip() and not line.startswith("#"))


def _instance(line: str, facts: Facts, place: str) -> tuple[Floats, str]:
    """One line as (T, I) numbers (the target, if any, as one more column) and its class."""
    parts = line.split(":")
    label = ""
    if facts.classes is not None or facts.target:
        label = parts.pop().strip()
        if not parts:
            raise Unusable(f"{place} has no numbers before its label; give dimension:…:label")
    columns = [_dimension(part, k, place) for k, part in enumerate(parts)]
    for k, column in enumerate(columns):
        if len(column) != len(columns[0]):
            raise Unusable(
                f"{place}: dimension {k + 1} has {len(column)} values, but dimension 1 has"
                f" {len(columns[0])}; give every dimension of a line as many"
            )
    if facts.target:
        value = _value(label, f"{place}: the target")
        columns.append(np.full(len(columns[0]), value))
    elif facts.classes is not None and facts.classes and label not in facts.classes:
        known = ", ".join(facts.classes[:12])
        raise Unusable(f"{place}: {quoted(label)} is not one of the classes {known}; correct it")
    elif facts.classes is not None and not label:
        raise Unusable(f"{place} has no label after its last colon; give one")
    return np.stack(columns, axis=1), label


def _dimension(part: str, k: int, place: str) -> Floats:
    cells = part.split(",")
    try:
        numbers = np.array(list(map(float, cells)), dtype=np.float64)
        if "_" not in part:
            return numbers
    except ValueError:
        pass
    values = (_value(c, f"{place}, dimension {k + 1}, value {t + 1}") for t, c in enumerate(cells))
    return np.array(list(values))


def _value(cell: str, place: str) -> float:
    cell = cell.strip()
    if cell.casefold() in MISSING_WORDS:
        return float("nan")
    try:
        if "_" not in cell:
            return float(cell)
    except ValueError:
        pass
    raise Unusable(
        f"{place}: {quoted(cell)} is a word among numbers; give a number, or ? if the value is"
        " missing"
    )


def _dimensions(array: Floats, facts: Facts) -> int:
    return int(array.shape[1]) - int(facts.target)
