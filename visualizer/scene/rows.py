"""Which segments stand on one row of the picture: the same layer in the same direction, where their
steps do not meet on the global time axis. How high a row is and what stands on it: `layout`.
"""

from __future__ import annotations

from engine.template import Network


def rows_of(network: Network, *, readout: bool = False) -> tuple[tuple[int, ...], ...]:
    """The rows from the bottom up, of all that is recurrent or below it, or of the readouts."""
    rows: list[list[int]] = []
    for g, segment in enumerate(network.segments):
        if (segment.kind == "readout") != readout:
            continue
        for row in rows:
            if all(_beside(network, g, other) for other in row):
                row.append(g)
                break
        else:
            rows.append([g])
    return tuple(tuple(row) for row in rows)


def row_numbers(network: Network) -> dict[int, int]:
    """How high each segment stands: the row of its layer, readouts above all."""
    layers, readouts = rows_of(network), rows_of(network, readout=True)
    return {g: n for n, row in enumerate((*layers, *readouts)) for g in row}


def _beside(network: Network, a: int, b: int) -> bool:
    """Whether two segments can share a row."""
    one, other = network.segments[a], network.segments[b]
    apart = one.offset + one.steps <= other.offset or other.offset + other.steps <= one.offset
    same = (one.kind, one.layer, one.direction) == (other.kind, other.layer, other.direction)
    return same and apart
