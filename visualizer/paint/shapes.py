"""The geometry that both backends share: cells of strips, shafts and heads of arrows, arcs of
rings, lines of a hatch. Numbers in, numbers out; no colour, no device.

A path is a list of steps: ("M", x, y), ("L", x, y), ("Q", control, end) and ("C", control, control,
end), each point as two numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import floor, hypot
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from visualizer.palette import SIGNED
from visualizer.scene.picture import Curves, Polylines, Rings, Strips

Numbers: TypeAlias = NDArray[np.float64]
Step: TypeAlias = tuple[Any, ...]
Path: TypeAlias = list[Step]
Point: TypeAlias = tuple[float, float]
Triangle: TypeAlias = tuple[Point, Point, Point]
Arrow: TypeAlias = tuple[int, Path, Triangle | None, float]

FAR = 32_000.0  # px; what Qt draws exactly
ENDLESS = 4e6  # px; where a file of vectors ends, if what it shows is not longer than that
THIN_CELL = 4.0
TALL_CELL = 7.0
SHORT = 24  # points; longer lines are not kept
HATCH_PITCH = 5.0
HATCH_WIDTH = 0.8
SLIVER = 1.0
ZERO_LEVEL = 128
FAINT = 10  # levels from zero of a colour that is hardly one
BACK = np.linspace(0.0, 1.0, 65) ** 2  # places on the way back from the end of a curve, first near
PARTS_OF_CURVES = np.stack(  # (65, 4): how much of each of its four points is in them
    [BACK**3, 3 * BACK**2 * (1 - BACK), 3 * BACK * (1 - BACK) ** 2, (1 - BACK) ** 3], axis=1
)
GRAIN = 64  # places within a pixel that Qt's lines may begin at
NUDGE = 1e-6  # px; what lies half-way between two pixels goes the same way wherever it is computed
_FINE = np.ones(4_096, np.bool_)
_FINE.flags.writeable = False


def sound(values: ArrayLike, far: float = FAR) -> tuple[Numbers, NDArray[np.bool_]]:
    """The values (N, …) within ±`far`, what is not finite as 0; and which rows were finite."""
    array = np.asarray(values, dtype=np.float64)
    if not array.size or (array.max() <= far and array.min() >= -far):  # False if not finite
        return array, _FINE[: len(array)] if len(array) <= len(_FINE) else np.ones(len(array), bool)
    finite = np.isfinite(array)
    rows: NDArray[np.bool_] = np.logical_and.reduce(finite.reshape(len(array), -1), axis=1)
    return np.clip(np.where(finite, array, 0.0), -far, far), rows


def whole(values: Any) -> Any:
    """The nearest whole pixel. Moved by whole pixels everything lands on the same places again,
    which rounding to even would not give."""
    return np.floor(values + (0.5 + NUDGE))


def pixel(value: float) -> int:
    """The nearest whole pixel of one coordinate, as `whole`."""
    return floor(value + (0.5 + NUDGE))


def grained(value: float, scale: float) -> float:
    """A coordinate as finely as devices tell it apart, to the bit wherever it was computed: what
    ends on a whole pixel must not end a trace before it."""
    return floor(value * scale * GRAIN + (0.5 + NUDGE)) / (scale * GRAIN)


def cells_of(
    strips: Strips, snap: float | None = None, far: float = FAR
) -> tuple[Numbers, NDArray[np.intp], NDArray[np.intp]]:
    """The boxes (M, 4) of all cells, their levels (M,) and the strips that they are of (M,);
    `snap` = device pixels per unit makes every cell end on whole pixels, with the same gap
    everywhere."""
    boxes, fine = sound(strips.boxes, far)
    counts = np.where(fine, np.asarray(strips.counts, np.intp), 0)
    levels = np.asarray(strips.levels, np.intp)
    if not fine.all():
        levels = levels[np.repeat(fine, np.asarray(strips.counts, np.intp))]
    owner = np.repeat(np.arange(len(boxes)), counts)
    if not len(owner):
        return np.zeros((0, 4)), np.zeros(0, np.intp), owner
    place = np.arange(len(owner)) - (np.cumsum(counts) - counts)[owner]
    x, y, width, height = boxes.T
    gap = np.where(width >= THIN_CELL * np.maximum(counts, 1), strips.gap, 0.0)
    pitch = (width + gap) / np.maximum(counts, 1)
    left = x[owner] + place * pitch[owner]
    right = x[owner] + (place + 1) * pitch[owner]  # to the bit where the next cell begins
    top, bottom = y[owner], (y + height)[owner]
    space = gap[owner]
    if snap:
        left, right, top, bottom = (
            whole(each * snap) / snap for each in (left, right, top, bottom)
        )
        space = np.where(space > 0, np.maximum(np.rint(space * snap), 1) / snap, 0.0)
    right = right - space
    if strips.map in SIGNED:
        seen = (height[owner] >= TALL_CELL) & (pitch[owner] >= THIN_CELL)
        # of a cell as pale as zero the sign is nothing to see: only gaps that look uneven
        seen &= np.abs(levels - ZERO_LEVEL) > FAINT
        free = np.where(seen, SLIVER, 0.0)
        bottom = bottom - np.where(levels > ZERO_LEVEL, free, 0.0)
        top = top + np.where((levels > 0) & (levels < ZERO_LEVEL), free, 0.0)
    return np.stack([left, top, right - left, bottom - top], axis=1), levels, owner


def head_size(width: float) -> tuple[float, float]:
    """Length and half width of the arrowhead of a line of that width."""
    half = 0.62 * width + 1.7
    return 1.9 * half, half


def head(tip: Point, tail: Point, width: float) -> Triangle | None:
    """The triangle of an arrowhead whose tip is reached coming from `tail`."""
    x, y = tip[0] - tail[0], tip[1] - tail[1]
    size = hypot(x, y)
    if size < 1e-6:
        return None
    length, half = head_size(width)
    x, y = x / size, y / size
    base = (tip[0] - x * length, tip[1] - y * length)
    across = (-y * half, x * half)
    return (
        tip,
        (base[0] + across[0], base[1] + across[1]),
        (base[0] - across[0], base[1] - across[1]),
    )


def polyline_path(points: list[Point], radius: float, cut: float) -> Path:
    """The path through points with rounded corners, ending `cut` before the last point."""
    path: Path = [("M", *points[0])]
    for before, corner, after in zip(points[:-2], points[1:-1], points[2:]):
        if radius <= 0:
            path.append(("L", *corner))
            continue
        come, leave = _apart(corner, before), _apart(corner, after)
        reach = min(radius, come / 2, leave / 2)
        if reach < 0.01:
            path.append(("L", *corner))
            continue
        path.append(("L", *_between(corner, before, reach / come)))
        path.append(("Q", *corner, *_between(corner, after, reach / leave)))
    size = _apart(points[-2], points[-1])
    end = _between(points[-1], points[-2], min(cut, size) / size) if size else points[-1]
    path.append(("L", *end))
    return path


def _apart(a: Point, b: Point) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def curve_ends(points: Numbers, cut: Numbers) -> Numbers:
    """Cubics (N, 8) shortened at their ends by the lengths `cut` (N,), by the
    distance to the old end. Kept, since the same curves come back frame after frame."""
    return _curve_ends(points.tobytes(), cut.tobytes())


@lru_cache(maxsize=256)
def _curve_ends(points: bytes, cuts: bytes) -> Numbers:
    cubics, cut = np.frombuffer(points).reshape(-1, 4, 2), np.frombuffer(cuts)
    steps = PARTS_OF_CURVES @ (cubics - cubics[:, 3:])  # on the way back from the end
    away = np.sqrt(np.einsum("nkd,nkd->nk", steps, steps))
    place = np.maximum((away >= cut[:, None]).argmax(1), 1)
    rows = np.arange(len(cut))
    near, far = away[rows, place - 1], away[rows, place]
    share = np.clip((cut - near) / np.maximum(far - near, 1e-9), 0.0, 1.0)
    back = BACK[place - 1] + share * (BACK[place] - BACK[place - 1])
    t = np.where(cut > 0, 1.0 - back, 1.0)[:, None]
    p0, p1, p2, p3 = cubics.transpose(1, 0, 2)
    a, b, c = p0 + (p1 - p0) * t, p1 + (p2 - p1) * t, p2 + (p3 - p2) * t
    d, e = a + (b - a) * t, b + (c - b) * t
    short: Numbers = np.concatenate([p0, a, d, d + (e - d) * t], axis=1)
    short.flags.writeable = False
    return short


def arrows_of(item: Polylines | Curves, width: float, far: float = FAR) -> Iterator[Arrow]:
    """Each line of the item that is finite: its place, path, arrowhead or None, and width."""
    widths = _widths(item, width)
    if isinstance(item, Curves):
        yield from _curved(item, widths, far)
        return
    for place, raw in enumerate(item.points):
        points = np.asarray(raw, dtype=np.float64)
        make = _kept_arrow if len(points) <= SHORT else _arrow
        arrow = make(points.tobytes(), item.radius, widths[place], item.arrows == "end", far)
        if arrow is not None:
            yield place, *arrow, widths[place]


def _arrow(
    points: bytes, radius: float, width: float, ends: bool, far: float
) -> tuple[Path, Triangle | None] | None:
    """Path and head of one line through points; None where they make no line."""
    array, fine = sound(np.frombuffer(points).reshape(-1, 2), far)
    if len(array) < 2 or not fine.all():
        return None
    way: list[Point] = [(x, y) for x, y in array.tolist()]
    if not ends:
        return polyline_path(way, radius, 0.0), None
    tip = head(way[-1], way[-2], width)
    return polyline_path(way, radius, head_size(width)[0] - 0.5), tip


# The same lines come back frame after frame; nobody changes a path.
_kept_arrow = lru_cache(maxsize=8_000)(_arrow)


def _curved(item: Curves, widths: list[float], far: float) -> Iterator[Arrow]:
    points, fine = sound(np.asarray(item.points, dtype=np.float64).reshape(-1, 8), far)
    wanted = item.arrows == "end"
    cut = np.array([head_size(wide)[0] if wanted else 0.0 for wide in widths])
    rows: list[list[float]] = curve_ends(points, cut).tolist() if len(points) else []
    tips: list[list[float]] = points[:, 6:8].tolist()
    for place in np.flatnonzero(fine).tolist():
        x, y, ax, ay, bx, by, ex, ey = rows[place]
        wide = widths[place]
        tip = head((tips[place][0], tips[place][1]), (ex, ey), wide) if wanted else None
        yield place, [("M", x, y), ("C", ax, ay, bx, by, ex, ey)], tip, wide


def _widths(item: Polylines | Curves, width: float) -> list[float]:
    if item.widths is None:
        return [width] * len(item.points)
    given = np.asarray(item.widths, dtype=np.float64)
    wide: list[float] = np.clip(np.where(np.isfinite(given), given, width), 0.1, 200.0).tolist()
    return wide


def arcs_of(
    rings: Rings, far: float = FAR
) -> Iterator[tuple[float, float, float, list[tuple[float, float, bool]]]]:
    """Each finite ring: x, y, radius of its arcs' middle, and its arcs as (start, span, lit) in
    degrees clockwise from the top."""
    centres, fine = sound(rings.centres, far)
    middle = rings.radius - 2.6
    gap = np.degrees(2.0 / max(middle, 1.0))
    for place in np.flatnonzero(fine).tolist():
        count = max(int(rings.segments[place]), 1)
        lit = min(max(int(rings.filled[place]), 0), count)
        x, y = float(centres[place, 0]), float(centres[place, 1])
        if count > 8 or count == 1:
            share = 360.0 * lit / count
            yield x, y, middle, [(0.0, share, True), (share, 360.0 - share, False)]
            continue
        span = 360.0 / count
        arcs = [(k * span + gap / 2, span - gap, k < lit) for k in range(count)]
        yield x, y, middle, arcs


def hatch_lines(box: tuple[float, float, float, float], inset: float = 0.0) -> Numbers:
    """The lines (K, 4) x1 y1 x2 y2 of a hatch rising to the right, clipped to the box; they lie on
    x + y = a multiple of the pitch everywhere, so that the hatches of neighbours join."""
    x, y, width, height = box
    left, top = x + inset, y + inset
    right, bottom = x + width - inset, y + height - inset
    if right <= left or bottom <= top:
        return np.zeros((0, 4))
    first = np.floor((left + top) / HATCH_PITCH) + 1
    sums = np.arange(first, np.ceil((right + bottom) / HATCH_PITCH)) * HATCH_PITCH
    low_x = np.maximum(left, sums - bottom)
    high_x = np.minimum(right, sums - top)
    return np.stack([low_x, sums - low_x, high_x, sums - high_x], axis=1)
