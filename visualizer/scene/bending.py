"""How the edges of a layout bend when it is folded: the loop of each, and its points unrolled and
folded side by side.

Loops run in margins that steps grow at both sides, and above their source where no node stands: out
at the right, through the delay, in at the left; a chain that runs backwards the other way round.
Units are those of layouts (`routes`): X stretches with time, D does not.
"""

from __future__ import annotations

import numpy as np

from visualizer.scene.bent import BOX, Bent, Folds, Loop, Rows, bends, lag_of, link_id
from visualizer.scene.layout import Layout
from visualizer.scene.places import PORT
from visualizer.scene.routes import Points, Way
from visualizer.scene.tile import Key, Link

LANE = (9.0, 10.0)  # from the edge of the step to the first lane, from lane to lane
BEYOND = 11.0  # from the last lane to the edge of the card
RUN = (19.0, 15.0)  # from the nodes to the first run above them, from run to run
RING = 14.0  # room that the ring at the corner of a node takes beside it
LEAST = 34.0  # height of a gap between nodes that a run may use
CORNER = 11.0
ARC, CURVE = 6, 25  # points of a rounded corner, of a curve
FAR = 1e4

Spot = tuple[float, float, int, bool]  # where a source stands, its lag, whether it runs backwards


def folds_of(high: Layout, low: Layout, backwards: frozenset[int], stretch: float) -> Folds:
    """The bent ways from one layout, unrolled, to another of the same links, folded. `backwards`:
    segments that run so; `stretch`: of time."""
    loops = _loops(low, backwards)
    margin = max((loop.lane for loop in loops.values()), default=-BEYOND) + BEYOND
    rows = _rows(high, low)
    ways = {}
    for link, there in zip(high.links, low.links):
        if not bends(link):
            continue
        loop = loops[link.source, lag_of(link)]
        before, after, edge = (
            _initial(low, there, loop, margin) if link.initial else _looped(low, there, loop)
        )
        open_ = dense(link.way, stretch)
        at = _crossing(open_, edge, stretch)
        halves = (dense(before, stretch), dense(after, stretch))
        ways[link_id(link)] = _matched(open_, at, halves, stretch, rows)
    runs = [loop.run for loop in loops.values()]
    return Folds(ways, margin, min(runs, default=0.0))


def _rows(high: Layout, low: Layout) -> Rows:
    pairs = {(a.y, b.y) for a, b in zip(high.marks, low.marks)}
    pairs |= {(a.y, b.y) for a, b in zip(high.frames, low.frames)}
    pairs |= {(a.port[1], b.port[1]) for a, b in zip(high.marks, low.marks) if a.port and b.port}
    pairs |= {(a.y, b.y) for a, b in zip(high.initials, low.initials)}
    ys = np.array(sorted(pairs))
    return Rows(
        np.concatenate([[ys[0, 0] - FAR], ys[:, 0], [ys[-1, 0] + FAR]]),
        np.concatenate([[ys[0, 1] - FAR], ys[:, 1], [ys[-1, 1] + FAR]]),
    )


def _loops(layout: Layout, backwards: frozenset[int]) -> dict[tuple[Key, int], Loop]:
    """A loop for every source and lag; those that run in one gap, each outside the one before, and
    outside those of lower gaps that they pass. Sources of other times at one place share it."""
    gaps = dict(_gaps(layout))
    by_gap: dict[float, dict[Spot, list[tuple[Key, int]]]] = {}
    for source, reach in sorted(
        {(link.source, lag_of(link)) for link in layout.links if bends(link)},
        key=lambda pair: (layout.at[pair[0]].y, pair[1]),
    ):
        mark = layout.at[source]
        low = next(low for low in gaps if low <= mark.y - mark.h / 2 + 0.5)
        spot = (round(mark.x, 1), round(mark.y, 1), reach, source[0] in backwards)
        by_gap.setdefault(low, {}).setdefault(spot, []).append((source, reach))
    loops = {}
    passed: list[tuple[float, float, int]] = []  # (top, bottom, lane) of what is there already
    for low in sorted(by_gap, reverse=True):
        several = by_gap[low]
        high = low - gaps[low]
        first = min(RUN[0], 0.42 * high)
        each = min(RUN[1], (high - first - 2.0) / max(len(several) - 1, 1))
        bottoms = [max(_bottom(layout, *key) for key in keys) for keys in several.values()]
        inner = [lane for top, bottom, lane in passed if top < max(bottoms) and bottom > low - high]
        start = max(inner, default=-1) + 1
        for n, (spot, keys) in enumerate(several.items()):
            run = low - first - each * n
            passed.append((run, bottoms[n], start + n))
            for key in keys:
                loops[key] = _loop(layout, key, run, (n, start + n), spot[-1])
    return loops


def _bottom(layout: Layout, source: Key, reach: int) -> float:
    """How far down the loop of a source comes: to itself, or to what it leads to."""
    ends = [
        n.way.points[:, 2].max()
        for n in layout.links
        if n.source == source and bends(n) and lag_of(n) == reach
    ]
    return float(max(ends, default=layout.at[source].y))


def _loop(
    layout: Layout, key: tuple[Key, int], run: float, places: tuple[int, int], back: bool
) -> Loop:
    """`places`: among those of its gap, among all lanes."""
    mark = layout.at[key[0]]
    n, lane = places
    beside = mark.x - mark.w / 2 if back else layout.pitch - mark.x - mark.w / 2
    nearest = max(LANE[0], BOX[0] + RING - beside)
    at = nearest + LANE[1] * lane
    box = BOX[0] / 2 - at + LANE[1] * n + 4.0 + (BOX[0] + 5.0) * n
    return Loop(at, run, box, key[1], back)


def _gaps(layout: Layout) -> list[tuple[float, float]]:
    """Heights at which no node stands, (below, above), from below to above; bus lines end them."""
    boxes = [(m.y - m.h / 2, m.y + m.h / 2) for m in layout.marks]
    boxes += [(b.y - b.h / 2, b.y + b.h / 2) for b in layout.frames]
    boxes += [
        (m.port[1] - PORT / 2, m.port[1] + PORT / 2) for m in layout.marks if m.port is not None
    ]
    buses = [card.bus_y for card in layout.cards if card.bus_y is not None]
    gaps, below = [], None
    for top, bottom in sorted(boxes, key=lambda b: -b[1]):
        if below is not None and below - bottom >= LEAST:
            within = [y + 6.0 for y in buses if bottom < y < below - RUN[0]]
            gaps.append((below, max([bottom + 6.0, *within])))
        below = top if below is None else min(below, top)
    assert below is not None
    gaps.append((below, below - 200.0))
    return gaps


def _looped(layout: Layout, link: Link, loop: Loop) -> tuple[Way, Way, tuple[float, float]]:
    """The loop up to the delay, and from there on; the edge of the step at which the unrolled way
    is cut, with the direction in which it goes there."""
    out, into, turn = layout.pitch, 0.0, 1.0
    if loop.back:
        out, into, turn = into, out, -1.0
    lane = turn * loop.lane
    x, d, y = _beside(layout, link, 0, turn)
    start = np.array([x + turn * loop.reach * layout.pitch, d, y])
    end = _beside(layout, link, -1, -turn)
    box = np.array([out, -turn * loop.box, loop.run])
    before = Way(False, np.array([start, (out, lane, y), (out, lane, loop.run), box]))
    after = Way(False, np.array([box, (into, -lane, loop.run), (into, -lane, end[2]), end]))
    return before, after, (into, turn)


def _beside(layout: Layout, link: Link, end: int, turn: float) -> Points:
    """Where a loop meets its node: where the unrolled way does; at the side of the node where that
    does not, and there the longer lags further from the run, so that none crosses another."""
    point = link.way.points[end]
    source = end == 0
    mark = layout.at[link.source if source else link.target]
    beside = link.way.points[1 if source else -2]
    if abs(point[2] - beside[2]) < 0.5:  # it comes from the side
        return np.asarray(point)
    same = [
        lag_of(n)
        for n in layout.links
        if bends(n)
        and not n.initial
        and (n.source if source else n.target) == (link.source if source else link.target)
    ]
    lags = sorted(set(same))
    place = lags.index(lag_of(link)) - (len(lags) - 1) / 2
    apart = min(8.0, 0.7 * mark.h / len(lags)) * (1.0 if source else -1.0)
    return np.array([point[0], turn * mark.w / 2, mark.y + apart * place])


def _initial(
    layout: Layout, link: Link, loop: Loop, margin: float
) -> tuple[Way, Way, tuple[float, float]]:
    """The same of the state before the first step: to the lane of its loop, and on with it."""
    start, end = link.way.points[0], link.way.points[-1]
    edge, turn = (layout.pitch, 1.0) if loop.back else (0.0, -1.0)
    start = start + np.array([0.0, turn * margin, 0.0])
    join = np.array([edge, turn * loop.lane, start[2]])
    before = Way(False, np.array([start, join]))
    after = Way(False, np.array([join, (edge, turn * loop.lane, end[2]), end]))
    return before, after, (edge, -turn)


def dense(way: Way, stretch: float) -> Points:
    """The points of a way with its corners rounded, its curves sampled."""
    p = way.points
    if way.curve:
        u = np.linspace(0.0, 1.0, CURVE)[:, None]
        v = 1.0 - u
        return np.asarray(v**3 * p[0] + 3 * v * v * u * p[1] + 3 * v * u * u * p[2] + u**3 * p[3])
    out = [p[0]]
    for before, corner, after in zip(p[:-2], p[1:-1], p[2:]):
        come, leave = _length(before - corner, stretch), _length(after - corner, stretch)
        reach = min(CORNER, come / 2, leave / 2)
        if reach < 0.01:
            continue
        a = corner + _towards(before - corner, reach / come, stretch)
        b = corner + _towards(after - corner, reach / leave, stretch)
        for u in np.linspace(0.0, 1.0, ARC):
            out.append((1 - u) ** 2 * a + 2 * u * (1 - u) * corner + u * u * b)
    return np.array([*out, p[-1]])


def _towards(way: Points, share: float, stretch: float) -> Points:
    """A part of a way, all of its width in D: near a corner nothing stretches."""
    return np.array([0.0, (way[0] * stretch + way[1]) * share, way[2] * share])


def _length(way: Points, stretch: float) -> float:
    return float(np.hypot(way[0] * stretch + way[1], way[2]))


def _arc(points: Points, stretch: float) -> Points:
    """Length of the way up to every point, 0 … 1."""
    step = np.diff(points, axis=0)
    lengths = np.hypot(step[:, 0] * stretch + step[:, 1], step[:, 2])
    total = np.concatenate([[0.0], np.cumsum(lengths)])
    return np.asarray(total / (total[-1] or 1.0))


def _crossing(points: Points, edge: tuple[float, float], stretch: float) -> float:
    """How far along a way the edge of the target's step is crossed."""
    x = ((points[:, 0] - edge[0]) * stretch + points[:, 1]) * edge[1]
    arc = _arc(points, stretch)
    k = int(np.argmax(x > 0.0))
    if x[k] <= 0.0 or k == 0:
        return 0.5
    share = x[k - 1] / (x[k - 1] - x[k])
    return float(np.clip(arc[k - 1] + (arc[k] - arc[k - 1]) * share, 0.02, 0.98))


def _matched(
    open_: Points, at: float, loop: tuple[Points, Points], stretch: float, rows: Rows
) -> Bent:
    """Both ends of folding with the same number of points on both sides of the delay."""
    arc = _arc(open_, stretch)
    unrolled, folded = [], []
    for low, high, half in ((0.0, at, loop[0]), (at, 1.0, loop[1])):
        inner = (arc > low) & (arc < high)
        along = _arc(half, stretch)
        grid = np.union1d((arc[inner] - low) / (high - low), along)
        unrolled.append(_sampled(open_, arc, low + grid * (high - low)))
        folded.append(_sampled(half, along, grid))
    split = len(unrolled[0]) - 1
    return Bent(_joined(unrolled), _joined(folded), split, rows)


def _joined(halves: list[Points]) -> Points:
    return np.concatenate([halves[0], halves[1][1:]])


def _sampled(points: Points, arc: Points, grid: Points) -> Points:
    return np.column_stack([np.interp(grid, arc, points[:, k]) for k in range(3)])
