"""How an edge runs from one place to another: the geometry of ways, nothing else.

A way is a table (K, 3) of points: X (stretches with time), D (does not), Y. Two tables of points
share X at a node's centre and differ in D at its sides, so that nodes keep their size while time
is stretched. A curve has four points (a cubic), a line any number, with rounded corners.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating[Any]]
Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A node as edges see it: centre, size, and how far right of the centre the port is."""

    x: float
    y: float
    w: float
    h: float
    port: float = 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """`curve`: four points of a cubic; else a line whose corners are rounded. `lane`: it goes round
    other layers. The first `far` points stand in the source's step, however far away that is; the
    points are those of a source `apart` steps before the target."""

    curve: bool
    points: Points
    lane: bool = False
    far: int = 0
    apart: int = 0

    def mirrored(self, width: float) -> Way:
        """The same way in a step that is drawn from right to left."""
        points = self.points * np.array([-1.0, -1.0, 1.0]) + np.array([width, 0.0, 0.0])
        return replace(self, points=points)


def _line(*points: Point) -> Way:
    return Way(False, np.array(points, dtype=np.float64))


def _curve(*points: Point) -> Way:
    return Way(True, np.array(points, dtype=np.float64))


def up(a: Anchor, b: Anchor, lane: float) -> Way:
    """From the top of a to the bottom of b; an S where they do not stand above each other."""
    start: Point = (a.x, a.port, a.y - a.h / 2)
    end: Point = (b.x, b.port, b.y + b.h / 2)
    if abs(a.x + a.port - b.x - b.port) < 5.0:
        shared: Point = (b.x, b.port, a.y - a.h / 2) if a.w > b.w else start
        final: Point = end if a.w > b.w else (a.x, a.port, b.y + b.h / 2)
        return _line(shared, final)
    middle = (start[2] + end[2]) / 2
    return _curve(start, (a.x, a.port, middle), (b.x, b.port, middle), end)


def ray(a: Anchor, b: Anchor, lane: float) -> Way:
    """From the top of a straight to the bottom of b, many steps later perhaps, in the space between
    the two rows; upright where it leaves and where it ends, `lane` right of the middle."""
    top, bottom = a.y - a.h / 2, b.y + b.h / 2
    return _line(
        (a.x, a.port, top), (a.x, a.port, top - STUB), (b.x, lane, bottom + STUB),
        (b.x, lane, bottom),
    )  # fmt: skip


def skip(a: Anchor, b: Anchor, lane: float) -> Way:
    """From the right of a into the gutter behind it, along the height `lane` past the steps
    between, and from the gutter before b into its left."""
    out = (a.x, a.w / 2 + GUTTER)
    into = (b.x, -b.w / 2 - GUTTER)
    return _line(
        (a.x, a.w / 2, a.y), (*out, a.y), (*out, lane), (*into, lane), (*into, b.y),
        (b.x, -b.w / 2, b.y),
    )  # fmt: skip


def thread(a: Anchor, b: Anchor, x: float, d: float) -> Way:
    """Up from a, past the nodes between along X and D, into the bottom of b."""
    top, bottom = a.y - a.h / 2, b.y + b.h / 2
    port = x + d - b.x
    ends: tuple[Point, ...] = ((b.x, port, bottom),)
    if d == 0.0 and abs(port) * SPREAD < b.w / 2 - 8.0:  # upright however far steps are spread
        ends = ((x, 0.0, bottom),)
    elif abs(port) >= b.w / 2 - 10.0:  # beside it
        ends = ((x, d, bottom + STUB), (b.x, 0.0, bottom + STUB), (b.x, 0.0, bottom))
    if abs(x + d - a.x) < 0.5:
        return _line((a.x, 0.0, top), *ends)
    return _line((a.x, 0.0, top), (a.x, 0.0, top - STUB), (x, d, top - STUB), *ends)


def side(a: Anchor, b: Anchor, lane: float) -> Way:
    """From the right of a to the left of b: straight on one row, else an S."""
    start: Point = (a.x, a.w / 2, a.y)
    end: Point = (b.x, -b.w / 2, b.y)
    if abs(a.y - b.y) < 0.5:
        return _line(start, end)
    x, d = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    return _curve(start, (x, d, a.y), (x, d, b.y), end)


def gutter(a: Anchor, b: Anchor, lane: float) -> Way:
    """From the right of a into the gutter between two steps, along it, into the left of b."""
    return _line((a.x, a.w / 2, a.y), (lane, 0.0, a.y), (lane, 0.0, b.y), (b.x, -b.w / 2, b.y))


def corner(a: Anchor, b: Anchor, lane: float) -> Way:
    """Up from the top of a, then sideways into the right of b."""
    return _line((a.x, a.port, a.y - a.h / 2), (a.x, a.port, b.y), (b.x, b.w / 2, b.y))


def corner_left(a: Anchor, b: Anchor, lane: float) -> Way:
    """Up from the top of a, then sideways into the left of b."""
    return _line((a.x, a.port, a.y - a.h / 2), (a.x, a.port, b.y), (b.x, -b.w / 2, b.y))


def bend(a: Anchor, b: Anchor, lane: float) -> Way:
    """From the right of a, then up into the bottom of b."""
    return _line((a.x, a.w / 2, a.y), (b.x, b.port, a.y), (b.x, b.port, b.y + b.h / 2))


def bend_down(a: Anchor, b: Anchor, lane: float) -> Way:
    """From the right of a, then down into the top of b."""
    return _line((a.x, a.w / 2, a.y), (b.x, b.port, a.y), (b.x, b.port, b.y - b.h / 2))


def detour(a: Anchor, b: Anchor, lane: float) -> Way:
    """Out at the right of a, along a lane, into the right of b: past what stands between; a
    little below the middle of b, where other edges leave."""
    y = b.y + b.h * 0.25
    return _line((a.x, a.w / 2, a.y), (lane, 0.0, a.y), (lane, 0.0, y), (b.x, b.w / 2, y))


STUB = 15.0  # clear of the ring at the corner of a node
SPREAD = 1.5  # how far steps may be spread
GUTTER = 16.0  # from a node to the line beside it
CLEAR = 18.0  # of what a lane leads past, above and below
BESIDE = 14.0  # where a lane ends, right of the middle of its node


def over(a: Anchor, b: Anchor, lane: float) -> Way:
    """Past whole layers: from the top of a to a lane at the edge of the step, up, and into the
    bottom of b."""
    out, into = a.y - a.h / 2 - CLEAR, b.y + b.h / 2 + CLEAR
    way = _line(
        (a.x, 0.0, a.y - a.h / 2), (a.x, 0.0, out), (lane, 0.0, out),
        (lane, 0.0, into), (b.x, BESIDE, into), (b.x, BESIDE, b.y + b.h / 2),
    )  # fmt: skip
    return replace(way, lane=True)


def over_side(a: Anchor, b: Anchor, lane: float) -> Way:
    """The same from the right of a."""
    into = b.y + b.h / 2 + CLEAR
    way = _line(
        (a.x, a.w / 2, a.y), (lane, 0.0, a.y),
        (lane, 0.0, into), (b.x, BESIDE, into), (b.x, BESIDE, b.y + b.h / 2),
    )  # fmt: skip
    return replace(way, lane=True)


def across(a: Anchor, b: Anchor, lane: float) -> Way:
    """Above all steps from where a chain ends at the left, to what reads its end."""
    y = a.y - a.h / 2 - CLEAR
    way = _line(
        (a.x, 0.0, a.y - a.h / 2), (a.x, 0.0, y), (b.x, -BESIDE, y), (b.x, -BESIDE, b.y + b.h / 2)
    )
    return replace(way, far=2)


WAYS: dict[str, Callable[[Anchor, Anchor, float], Way]] = {
    "up": up,
    "ray": ray,
    "skip": skip,
    "side": side,
    "gutter": gutter,
    "gutter-2": gutter,
    "corner": corner,
    "corner-left": corner_left,
    "bend": bend,
    "bend-down": bend_down,
    "detour": detour,
    "over": over,
    "over-side": over_side,
    "across": across,
}


def traced(way: Way, count: int = 24) -> list[tuple[float, float, float]]:
    """Points (X, D, Y) along a way: the corners of a line, some of a curve."""
    p = way.points
    if way.curve:
        u = np.linspace(0.0, 1.0, count)[:, None]
        v = 1.0 - u
        p = v**3 * p[0] + 3 * v * v * u * p[1] + 3 * v * u * u * p[2] + u**3 * p[3]
    return [(float(x), float(d), float(y)) for x, d, y in p]


def sampled(way: Way, count: int = 60) -> Points:
    """Points along a way, (N, 2), as far apart as steps that are not stretched."""
    xy = np.column_stack([way.points[:, 0] + way.points[:, 1], way.points[:, 2]])
    u = np.linspace(0.0, 1.0, count)[:, None]
    if not way.curve:
        return np.concatenate([a + u * (b - a) for a, b in pairwise(xy)])
    v = 1.0 - u
    curve = v**3 * xy[0] + 3 * v * v * u * xy[1] + 3 * v * u * u * xy[2] + u**3 * xy[3]
    return np.asarray(curve)
