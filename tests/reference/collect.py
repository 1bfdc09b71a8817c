"""Sorts the records of one sequence's tape into the arrays of a batch."""

from __future__ import annotations

import numpy as np

from tests.reference.cells import Array, Reference
from tests.reference.tape import Record, Tape


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
        elif kind != "zero":
            segment, slot, t = record.name
            put(result.values, (segment, slot), segment, t, record.value)
            put(result.deltas, (segment, slot), segment, t, record.delta)
            for consumer, position, array in record.contributions:
                reader = tape.records[consumer].name
                several = tape.records[consumer].positions
                key = (segment, slot, *reader[:2], several[position] if several else position)
                whole = result.contributions.get(key)
                before = 0.0 if whole is None else whole[t, b]
                put(result.contributions, key, segment, t, before + array)
                put(result.pairs, (*key, reader[2]), segment, t, array)


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
        steps = max(rows.values())
        if name not in result.terms:
            result.terms[name] = np.zeros((steps, *array.shape))
        result.terms[name][t + offsets.get(segment, steps - rows[segment])] += array
