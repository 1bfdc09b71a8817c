"""Sorts the records of one sequence's tape into the arrays of a batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.reference.cells import Array, Reference
from tests.reference.tape import Record, Tape

HANDED = -1  # the position of what is handed over to the first step of a later segment


def collect(
    tape: Tape,
    result: Reference,
    b: int,
    batch: int,
    rows: dict[str, int],
    offsets: dict[str, int] | None = None,
) -> None:
    """Put every record of sequence `b` in its place. `rows`: steps of each segment by name;
    `offsets`: where they begin on the global time axis, else they end where the longest does.
    """

    def put(table: dict, key: object, segment: str, t: int, array: Array) -> None:
        if key not in table:
            table[key] = np.zeros((rows[segment], batch, array.size))
        table[key][t, b] = array

    for record in tape.records:
        kind = record.name[0]
        if kind == "parameter":
            _terms(tape, record, result, rows, offsets or {})
        elif kind == "initial":
            result.initial_deltas[record.name[1]][record.name[2], b] += record.delta
        elif kind not in ("zero", "handed"):
            segment, slot, t = record.name
            put(result.values, (segment, slot), segment, t, record.value)
            put(result.deltas, (segment, slot), segment, t, record.delta)
            for position, reader, array in _arrivals(tape, record):
                key = (segment, slot, *reader[:2], position)
                whole = result.contributions.get(key)
                before = 0.0 if whole is None else whole[t, b]
                put(result.contributions, key, segment, t, before + array)
                put(result.pairs, (*key, *reader[2:]), segment, t, array)


def _arrivals(tape: Tape, record: Record) -> Iterator[tuple[int, tuple[object, ...], Array]]:
    """(position, name of the reader, what it sent) of every contribution."""
    for consumer, position, array in record.contributions:
        reader = tape.records[consumer].name
        several = tape.records[consumer].positions
        if reader[0] == "handed":
            yield HANDED, reader[1:], array
        else:
            yield several[position] if several else position, reader, array


def _terms(
    tape: Tape,
    record: Record,
    result: Reference,
    rows: dict[str, int],
    offsets: dict[str, int],
) -> None:
    name = record.name[1]
    for consumer, _, array in record.contributions:
        segment, _, t = tape.records[consumer].name
        steps = max(offsets.get(name, 0) + count for name, count in rows.items())
        if name not in result.terms:
            each = (steps,) if record.name[2:] else ()
            result.terms[name] = np.zeros((steps, *each, *array.shape))
        at = t + offsets.get(segment, steps - rows[segment])
        of_step = record.name[2:]  # a parameter of one step is one row of the whole
        if of_step:
            result.terms[name][at, of_step[0]] += array
        else:
            result.terms[name][at] += array
