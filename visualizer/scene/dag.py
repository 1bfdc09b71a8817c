"""A graph without time drawn in columns: where its nodes stand and how its edges run between them.

Columns by the longest way (inputs beside what reads them first), order in a column by repeated
means of neighbours with as few crossings as that finds, heights by least squares in that order.
An edge past whole columns goes through places of its own there, so that none runs behind a node.
Sugiyama, Tagawa and Toda 1981; Gansner et al. 1993. Nothing here knows what the nodes are.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

GAP = (52.0, 26.0)  # between columns, between nodes of one
LANE = 19.0  # between an edge that passes and what is beside it
MOST_LANES = 400  # places of passing edges; beyond, the edges of one node share theirs
WORK = 40_000  # places visited in all sweeps
STRAIGHT = {0: 1.0, 1: 2.0, 2: 8.0}  # how much an edge wants to be level, by its passing ends

Edge = tuple[int, int]


@dataclass(slots=True)
class _Place:
    """A node in its column, or where an edge passes it (`node` −1)."""

    node: int
    half: float
    before: list[int] = field(default_factory=list)  # places in the column before
    after: list[int] = field(default_factory=list)
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """`columns`: centre and width of each; of node k its column `rank[k]` and the height of its
    centre `y[k]`; `ways[e]`: (column, height) of every column that edge e passes."""

    columns: tuple[tuple[float, float], ...]
    rank: tuple[int, ...]
    y: tuple[float, ...]
    ways: tuple[tuple[tuple[int, float], ...], ...]
    height: float


def draw(sizes: Sequence[tuple[float, float]], edges: Sequence[Edge]) -> Drawing:
    """Nodes 0 … n−1 of these widths and heights; every edge leads from a lower to a higher one."""
    rank = ranks(len(sizes), edges)
    columns, places, passing = _columns(rank, sizes, edges)
    _order(columns, places)
    _level(columns, places)
    for own in sorted(passing, key=len, reverse=True):
        _straighten(own, columns, places)
    top = min(p.y - p.half for p in places)
    bottom = max(p.y + p.half for p in places)
    widths = [
        max(sizes[k][0] for k, own in enumerate(rank) if own == r) for r in range(len(columns))
    ]
    centres = [sum(widths[:r]) + w / 2 + GAP[0] * r for r, w in enumerate(widths)]
    ways = tuple(
        tuple((r, places[k].y - top) for r, k in zip(range(rank[a] + 1, rank[b]), passing[e]))
        for e, (a, b) in enumerate(edges)
    )
    y = tuple(places[k].y - top for k in range(len(sizes)))
    return Drawing(tuple(zip(centres, widths)), tuple(rank), y, ways, bottom - top)


def ranks(count: int, edges: Sequence[Edge]) -> list[int]:
    """The column of every node: behind all it reads, and no further from its readers than need be
    where more read it than it reads."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for a, b in edges:
        before[b].append(a)
        after[a].append(b)
    rank = [0] * count
    for k in range(count):
        rank[k] = 1 + max((rank[a] for a in before[k]), default=-1)
    for k in reversed(range(count)):
        if after[k] and len(after[k]) > len(before[k]):
            rank[k] = min(rank[b] for b in after[k]) - 1
    least = min(rank)
    return [r - least for r in rank]


def _columns(
    rank: list[int], sizes: Sequence[tuple[float, float]], edges: Sequence[Edge]
) -> tuple[list[list[int]], list[_Place], list[list[int]]]:
    """Places by column, all places, and the places that each edge passes."""
    columns: list[list[int]] = [[] for _ in range(max(rank) + 1)]
    places = [_Place(k, size[1] / 2) for k, size in enumerate(sizes)]
    for k, r in enumerate(rank):
        columns[r].append(k)
    shared = sum(rank[b] - rank[a] - 1 for a, b in edges) > MOST_LANES
    known: dict[tuple[int, int], int] = {}
    passing: list[list[int]] = []
    for e, (a, b) in enumerate(edges):
        last, own = a, list[int]()
        for r in range(rank[a] + 1, rank[b]):
            key = (a if shared else -1 - e, r)
            if key not in known:
                known[key] = len(places)
                columns[r].append(len(places))
                places.append(_Place(-1, 0.0))
                _join(places, last, known[key])
            last = known[key]
            own.append(last)
        _join(places, last, b)
        passing.append(own)
    return columns, places, passing


def _join(places: list[_Place], a: int, b: int) -> None:
    places[a].after.append(b)
    places[b].before.append(a)


# ---- the order in a column


def _order(columns: list[list[int]], places: list[_Place]) -> None:
    """Sort every column by the means of its neighbours' positions, to and fro; the best is kept."""
    best, fewest = [list(c) for c in columns], crossings(columns, places)
    for turn in range(max(4, min(24, WORK // len(places)))):
        forwards = turn % 2 == 0
        inner = range(1, len(columns)) if forwards else reversed(range(len(columns) - 1))
        for r in inner:
            at = {k: n for n, k in enumerate(columns[r - 1 if forwards else r + 1])}
            mean: dict[int, float] = {}
            for n, k in enumerate(columns[r]):
                near = places[k].before if forwards else places[k].after
                mean[k] = sum(at[j] for j in near) / len(near) if near else float(n)
            columns[r].sort(key=mean.__getitem__)
        if len(places) <= MOST_LANES:
            _swap(columns, places)
        found = crossings(columns, places)
        if found < fewest:
            best, fewest = [list(c) for c in columns], found
    columns[:] = best


def _swap(columns: list[list[int]], places: list[_Place]) -> None:
    """Exchange neighbours in a column where that leaves fewer crossings."""
    at = {k: n for column in columns for n, k in enumerate(column)}
    for column in columns:
        for n in range(len(column) - 1):
            a, b = column[n], column[n + 1]
            now = _pair(places, at, a, b)
            if _pair(places, at, b, a) < now:
                column[n], column[n + 1] = b, a
                at[a], at[b] = n + 1, n


def _pair(places: list[_Place], at: dict[int, int], upper: int, lower: int) -> int:
    """Crossings of the edges of two places, one above the other."""
    return sum(
        at[u] > at[v]
        for us, vs in (
            (places[upper].before, places[lower].before),
            (places[upper].after, places[lower].after),
        )
        for u in us
        for v in vs
    )


def crossings(columns: list[list[int]], places: list[_Place]) -> int:
    """How many pairs of edges cross between neighbouring columns."""
    total = 0
    for left, right in pairwise(columns):
        at = {k: n for n, k in enumerate(right)}
        seen: list[int] = []
        for k in left:
            ends = [at[n] for n in places[k].after]
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


# ---- heights


def _level(columns: list[list[int]], places: list[_Place]) -> None:
    """Heights that bring neighbours level, in the order of the columns and with room between."""
    for column in columns:
        y = 0.0
        for upper, lower in zip([None, *column], column):
            y += 0.0 if upper is None else _room(places[upper], places[lower])
            places[lower].y = y
        for k in column:
            places[k].y -= y / 2
    turns = max(6, min(24, WORK // len(places)))
    for turn in range(turns):
        both = turn >= turns // 3
        ordered = columns if turn % 2 == 0 else columns[::-1]
        for column in ordered:
            _settle(column, places, both, turn % 2 == 0)


def _room(upper: _Place, lower: _Place) -> float:
    """How far apart two neighbours in a column stand at least."""
    between = GAP[1] if upper.node >= 0 and lower.node >= 0 else LANE
    return upper.half + lower.half + between


def _settle(column: list[int], places: list[_Place], both: bool, forwards: bool) -> None:
    """Least squares of one column: blocks of places that would overlap move as one."""
    blocks: list[list[float]] = []  # [weighted sum of wishes less offsets, weight, places]
    offset, offsets = 0.0, list[float]()
    for n, k in enumerate(column):
        if n:
            offset += _room(places[column[n - 1]], places[k])
        offsets.append(offset)
        wish, weight = _wish(places, k, both, forwards)
        blocks.append([(wish - offset) * weight, weight, 1.0])
        while len(blocks) > 1 and _mean(blocks[-2]) > _mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last)]
    n = 0
    for block in blocks:
        for _ in range(int(block[2])):
            places[column[n]].y = _mean(block) + offsets[n]
            n += 1


def _mean(block: list[float]) -> float:
    return block[0] / block[1]


def _wish(places: list[_Place], k: int, both: bool, forwards: bool) -> tuple[float, float]:
    """Where a place would like to be, and how much."""
    own = places[k]
    near = [*own.before, *own.after] if both else own.before if forwards else own.after
    total, weight = own.y * 0.01, 0.01
    for n in near:
        pull = STRAIGHT[(own.node < 0) + (places[n].node < 0)]
        total += places[n].y * pull
        weight += pull
    return total / weight, weight


def _straighten(way: list[int], columns: list[list[int]], places: list[_Place]) -> None:
    """One edge past several columns level for as long as what is above and below lets it be."""
    run: list[int] = []
    low, high = -math.inf, math.inf
    for k in way:
        above, below = _free(k, columns, places)
        if run and max(low, above) > min(high, below):
            _lay(run, low, high, places)
            run, low, high = [], -math.inf, math.inf
        run.append(k)
        low, high = max(low, above), min(high, below)
    _lay(run, low, high, places)


def _free(k: int, columns: list[list[int]], places: list[_Place]) -> tuple[float, float]:
    """Between what heights a place can stand in its column."""
    column = next(c for c in columns if k in c)
    n = column.index(k)
    low, high = -math.inf, math.inf
    if n:
        low = places[column[n - 1]].y + _room(places[column[n - 1]], places[k])
    if n + 1 < len(column):
        high = places[column[n + 1]].y - _room(places[k], places[column[n + 1]])
    return min(low, places[k].y), max(high, places[k].y)


def _lay(run: list[int], low: float, high: float, places: list[_Place]) -> None:
    """All places of a run at one height: level with one of its ends if there is room for that."""
    if not run:
        return
    ends = [places[n].y for n in (*places[run[0]].before[:1], *places[run[-1]].after[:1])]
    middle = sum(places[k].y for k in run) / len(run)
    level = [y for y in ends if low <= y <= high]
    y = min(level, key=lambda end: abs(end - middle), default=min(max(middle, low), high))
    for k in run:
        places[k].y = y
